// Where an image differs from its reference: the metrics of images (core/metrics/image_metrics.h) before they are
// averaged. Images are in [-1, 1] (clamped first) and compared on [0, 1], as by the metrics. Any thread; the result is
// on the image's device. Throws SettingError where the shapes differ.
//
// Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity, IEEE TIP
// 2004, equation 13. Xue, Zhang, Mou, Bovik: Gradient magnitude similarity deviation: a highly efficient perceptual
// image quality index, IEEE TIP 2014, equation 4.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/metrics/image_metrics.h"

namespace mgdm {

enum class ErrorMap {
  Signed,    ///< image - reference, mean over the colours; in [-1, 1], its mean is the bias
  Absolute,  ///< |image - reference|, mean over the colours; in [0, 1], its mean is the mean absolute error
  Squared,   ///< (image - reference)^2, mean over the colours; in [0, 1], PSNR is -10 log10 of its mean
  Ssim,      ///< 1 - local SSIM, mean over the colours; in [0, 2], its mean is 1 - SSIM
  Gmsd       ///< 1 - gradient magnitude similarity, mean over the colours; in [0, 1); of a grey image its deviation is
             ///< GMSD (of a colour image GMSD is the mean of the colours' own deviations)
};

struct ErrorMapDescription {
  ErrorMap map;
  std::string name;   ///< as in files
  std::string label;  ///< for people
  std::string help;   ///< in one sentence
  std::string unit = {};
  double low = 0, high = 1;  ///< the values that can occur; low < 0: zero is in the middle
  /// What a colour scale shows at first, 0 (or -peak) to peak: errors that people look at fill it.
  double peak = 1;
};

/// In the order in which people see them.
const std::vector<ErrorMapDescription>& error_maps();
const ErrorMapDescription& description_of(ErrorMap map);

/// `image` and `reference` [3, H, W] (or [1, H, W]) -> float [H, W]; Gmsd: half the size, sides rounded as in `gmsd`.
at::Tensor error_map(ErrorMap map, const at::Tensor& image, const at::Tensor& reference);

/// Local SSIM, whose mean over pixels and colours `ssim` is. [B, C, H, W] in the images' type; with the cropped border
/// 10 fewer pixels a side.
at::Tensor ssim_map(const at::Tensor& a, const at::Tensor& b, SsimBorder border = SsimBorder::ZeroPadded);
/// Gradient magnitude similarity, in (0, 1], of which `gmsd` is the deviation over the pixels. [B, C, H / 2, W / 2],
/// float64.
at::Tensor gradient_similarity_map(const at::Tensor& a, const at::Tensor& b);

}  // namespace mgdm
