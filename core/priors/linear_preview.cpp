#include "core/priors/linear_preview.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

namespace {

constexpr double kKept = 0.5;    // of what was learned before
constexpr double kRidge = 1e-4;  // of the features' mean square: the channels may be alike

// [B, c, h, w] -> [B h w, c + 1], the last one 1
at::Tensor features_of(const at::Tensor& z) {
  const at::Tensor rows = z.detach().permute({0, 2, 3, 1}).reshape({-1, z.size(1)}).to(at::kCPU, at::kDouble);
  return at::cat({rows, at::ones({rows.size(0), 1}, rows.options())}, 1);
}

}  // namespace

void LinearPreview::learn(const at::Tensor& z, const at::Tensor& signal) {
  const at::NoGradGuard no_grad;
  const int64_t factor = signal.size(2) / z.size(2);
  const at::Tensor x = features_of(z), small = at::avg_pool2d(signal.detach().to(at::kFloat), {factor, factor}),
                   y = small.permute({0, 2, 3, 1}).reshape({-1, signal.size(1)}).to(at::kCPU, at::kDouble);
  const double rows = static_cast<double>(x.size(0));
  const at::Tensor moments = x.t().mm(x) / rows, products = x.t().mm(y) / rows;
  if (!moments.isfinite().all().item<bool>() || !products.isfinite().all().item<bool>()) return;
  const bool more = ready() && moments_.sizes() == moments.sizes() && products_.sizes() == products.sizes();
  moments_ = more ? kKept * moments_ + (1 - kKept) * moments : moments;
  products_ = more ? kKept * products_ + (1 - kKept) * products : products;
  factor_ = factor;
}

at::Tensor LinearPreview::operator()(const at::Tensor& z) const {
  const at::NoGradGuard no_grad;
  const double ridge = kRidge * moments_.diagonal().mean().item<double>();
  const at::Tensor map = at::linalg_solve(moments_ + ridge * at::eye(moments_.size(0), moments_.options()), products_);
  const at::Tensor small = features_of(z).mm(map).to(at::kFloat).view({z.size(0), z.size(2), z.size(3), -1});
  return at::upsample_bilinear2d(small.permute({0, 3, 1, 2}).contiguous(), {z.size(2) * factor_, z.size(3) * factor_},
                                 /*align_corners=*/false)
      .clamp(-1, 1)
      .to(z.device());
}

}  // namespace mgdm
