#include "core/priors/linear_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

namespace {

constexpr double kKept = 0.5;    // of what was learned before
constexpr double kRidge = 1e-3;  // of the features' mean square: neighbours and channels may be alike

// [B, c, h, w] -> [B h w, 9 c + 1]: each latent's neighbourhood, zeros beyond the border, and 1.
at::Tensor neighbourhoods(const at::Tensor& z) {
  const at::Tensor rows = at::im2col(z.detach().to(at::kCPU, at::kDouble), {3, 3}, {1, 1}, {1, 1}, {1, 1})
                              .transpose(1, 2)
                              .reshape({-1, 9 * z.size(1)});
  return at::cat({rows, at::ones({rows.size(0), 1}, rows.options())}, 1);
}

}  // namespace

void LinearDecoder::learn(const at::Tensor& z, const at::Tensor& signal) {
  const at::NoGradGuard no_grad;
  const int64_t factor = signal.size(2) / z.size(2), channels = z.size(1);
  const at::Tensor x = neighbourhoods(z),
                   blocks = at::pixel_unshuffle(signal.detach().to(at::kCPU, at::kDouble).contiguous(), factor),
                   y = blocks.permute({0, 2, 3, 1}).reshape({-1, blocks.size(1)});
  const double rows = static_cast<double>(x.size(0));
  const at::Tensor moments = x.t().mm(x) / rows, products = x.t().mm(y) / rows;
  if (!moments.isfinite().all().item<bool>() || !products.isfinite().all().item<bool>()) return;
  const bool more = ready() && moments_.sizes() == moments.sizes() && products_.sizes() == products.sizes();
  moments_ = more ? kKept * moments_ + (1 - kKept) * moments : moments;
  products_ = more ? kKept * products_ + (1 - kKept) * products : products;
  const double ridge = kRidge * moments_.diagonal().mean().item<double>();
  const at::Tensor map = at::linalg_solve(moments_ + ridge * at::eye(moments_.size(0), moments_.options()), products_);
  weight_ = map.slice(0, 0, 9 * channels).t().reshape({-1, channels, 3, 3}).to(at::kFloat).contiguous();
  offset_ = map.select(0, 9 * channels).to(at::kFloat).contiguous();
  factor_ = factor;
}

at::Tensor LinearDecoder::decode(const at::Tensor& z) const {
  const at::NoGradGuard no_grad;
  const at::Tensor blocks =
      at::conv2d(z.to(at::kFloat), weight_.to(z.device()), offset_.to(z.device()), /*stride=*/1, /*padding=*/1);
  return at::pixel_shuffle(blocks.contiguous(), factor_);
}

at::Tensor LinearDecoder::forward(const at::Tensor& dz) const {
  const at::NoGradGuard no_grad;
  const at::Tensor blocks = at::conv2d(dz.to(at::kFloat), weight_.to(dz.device()), {}, /*stride=*/1, /*padding=*/1);
  return at::pixel_shuffle(blocks.contiguous(), factor_);
}

at::Tensor LinearDecoder::transposed(const at::Tensor& w) const {
  const at::NoGradGuard no_grad;
  return at::conv_transpose2d(at::pixel_unshuffle(w.to(at::kFloat).contiguous(), factor_), weight_.to(w.device()), {},
                              /*stride=*/1, /*padding=*/1);
}

}  // namespace mgdm
