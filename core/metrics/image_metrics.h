// Full-reference image metrics. Images are [B, 3, H, W] in [-1, 1] (clamped first); one value each. A metric is one
// file in core/metrics/images, which the build lists (core/registry.cmake).
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace mgdm {

struct ImageMetric {
  std::string name;   ///< in run.json
  std::string label;  ///< for people
  std::string unit = {};
  int rank = 500;  ///< place in the list
  bool higher_is_better = false;
  std::function<at::Tensor(const at::Tensor& images, const at::Tensor& reference)> measure;  ///< -> [B]
};

/// In the order in which people see them.
const std::vector<ImageMetric>& image_metrics();
/// What the build has listed, in the order of the files' names.
std::vector<ImageMetric> listed_image_metrics();

/// 10 log10(1 / mean((a - b)^2)) on the range [0, 1], in dB. [B].
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// How SSIM treats the image border.
enum class SsimBorder {
  ZeroPadded,  ///< as the paper's code: zero padding, all pixels averaged
  Cropped      ///< as scikit-image: only windows that lie inside the image
};
/// Structural similarity (Wang et al. 2004) on [0, 1]: 11x11 Gaussian window of deviation 1.5, biased
/// variances, C1 = 1e-4, C2 = 9e-4, mean over pixels and channels. [B].
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimBorder border = SsimBorder::ZeroPadded);

/// Gradient magnitude similarity deviation (Xue et al. 2014) of the images as 8-bit values, mean over the channels: 0
/// is identical, smaller is better. [B], float64.
at::Tensor gmsd(const at::Tensor& a, const at::Tensor& b);

/// [-1, 1] (clamped) -> [0, 1].
at::Tensor unit_range(const at::Tensor& x);

}  // namespace mgdm
