#include <ATen/ATen.h>

#include "core/metrics/error_maps.h"

namespace mgdm {

at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b, SsimBorder border) {
  const at::Tensor x = unit_range(a), y = unit_range(b);
  const int64_t channels = x.size(1);
  const at::Tensor k = at::arange(11, at::kDouble) - 5.0;
  at::Tensor line = at::exp(k.square() / (-2.0 * 1.5 * 1.5));
  line = line / line.sum();
  const at::Tensor window =
      at::outer(line, line).to(x.device(), x.scalar_type()).expand({channels, 1, 11, 11}).contiguous();
  const auto smooth = [&](const at::Tensor& v) {
    const int64_t padding = border == SsimBorder::ZeroPadded ? 5 : 0;
    return at::conv2d(v, window, at::Tensor(), at::IntArrayRef{1, 1}, at::IntArrayRef{padding, padding},
                      at::IntArrayRef{1, 1}, channels);
  };
  const at::Tensor mx = smooth(x), my = smooth(y);
  const at::Tensor vx = smooth(x * x) - mx * mx, vy = smooth(y * y) - my * my, cov = smooth(x * y) - mx * my;
  constexpr double c1 = 1e-4, c2 = 9e-4;
  return (2 * mx * my + c1) * (2 * cov + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
}

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimBorder border) {
  return ssim_map(a, b, border).mean({1, 2, 3});
}

ImageMetric describe_ssim() {
  return {.name = "ssim",
          .label = "SSIM",
          .rank = 20,
          .higher_is_better = true,
          .measure = [](const at::Tensor& a, const at::Tensor& b) { return ssim(a, b); }};
}

}  // namespace mgdm
