#include <ATen/ATen.h>

#include <cmath>

#include "core/metrics/error_maps.h"

namespace mgdm {

at::Tensor gradient_similarity_map(const at::Tensor& a, const at::Tensor& b) {
  const int64_t channels = a.size(1), h = a.size(2), w = a.size(3);
  // Means of 2 x 2 pixels, then Prewitt's filters; outside the picture is 0. Half a side is rounded to even.
  const auto half = [](int64_t n) { return static_cast<int64_t>(std::nearbyint(static_cast<double>(n) / 2)); };
  const at::Tensor across = at::tensor({1.0, 0.0, -1.0}, at::kDouble).repeat({3, 1}) / 3.0;
  const auto gradient = [&](const at::Tensor& x) {
    const at::Tensor grey_levels = ((x.to(at::kFloat).clamp(-1, 1) + 1.0) * 127.5).round().to(at::kDouble);
    const at::Tensor small = at::avg_pool2d(at::constant_pad_nd(grey_levels, {0, w % 2, 0, h % 2}), {2, 2})
                                 .slice(2, 0, half(h))
                                 .slice(3, 0, half(w));
    const auto filtered = [&](const at::Tensor& kernel) {
      return at::conv2d(small, kernel.to(x.device()).expand({channels, 1, 3, 3}).contiguous(), at::Tensor(),
                        at::IntArrayRef{1, 1}, at::IntArrayRef{1, 1}, at::IntArrayRef{1, 1}, channels);
    };
    return (filtered(across).square() + filtered(across.t()).square()).sqrt();
  };
  constexpr double kStable = 170;  // T of the paper, for 8-bit values
  const at::Tensor ga = gradient(a), gb = gradient(b);
  return (2 * ga * gb + kStable) / (ga.square() + gb.square() + kStable);
}

at::Tensor gmsd(const at::Tensor& a, const at::Tensor& b) {
  return gradient_similarity_map(a, b).flatten(2).std(2, false).mean(1);
}

ImageMetric describe_gmsd() { return {.name = "gmsd", .label = "GMSD", .rank = 30, .measure = gmsd}; }

}  // namespace mgdm
