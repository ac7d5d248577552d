#include "core/metrics/error_maps.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <sstream>

#include "core/errors.h"

namespace mgdm {

const std::vector<ErrorMapDescription>& error_maps() {
  static const std::vector<ErrorMapDescription> list{
      {.map = ErrorMap::Signed,
       .name = "signed",
       .label = "Signed error",
       .help = "Brighter or darker than the reference, mean over the colours.",
       .unit = "of the range",
       .low = -1,
       .high = 1,
       .peak = 0.25},
      {.map = ErrorMap::Absolute,
       .name = "absolute",
       .label = "Absolute error",
       .help = "How far from the reference, mean over the colours.",
       .unit = "of the range",
       .peak = 0.25},
      {.map = ErrorMap::Squared,
       .name = "squared",
       .label = "Squared error",
       .help = "What PSNR averages: large errors stand out.",
       .unit = "of the range squared",
       .peak = 0.05},
      {.map = ErrorMap::Ssim,
       .name = "ssim",
       .label = "SSIM map",
       .help = "1 - local structural similarity: where structure is lost; its mean is 1 - SSIM.",
       .unit = "1 - SSIM",
       .high = 2},
      {.map = ErrorMap::Gmsd,
       .name = "gmsd",
       .label = "GMSD map",
       .help = "1 - gradient magnitude similarity, at half the size: edges that are lost or invented.",
       .unit = "1 - GMS",
       .peak = 0.5},
  };
  return list;
}

const ErrorMapDescription& description_of(ErrorMap map) {
  return *std::find_if(error_maps().begin(), error_maps().end(), [map](const auto& d) { return d.map == map; });
}

at::Tensor error_map(ErrorMap map, const at::Tensor& image, const at::Tensor& reference) {
  if (image.dim() != 3 || image.sizes() != reference.sizes()) {
    std::ostringstream words;
    words << "an error map needs two images of one size [colours, height, width], not " << image.sizes() << " and "
          << reference.sizes();
    throw SettingError(words.str());
  }
  const at::Tensor a = image.to(at::kFloat).unsqueeze(0), b = reference.to(image.device(), at::kFloat).unsqueeze(0);
  const auto difference = [&] { return unit_range(a) - unit_range(b); };
  const auto values = [&]() -> at::Tensor {
    switch (map) {
      case ErrorMap::Signed:
        return difference();
      case ErrorMap::Absolute:
        return difference().abs();
      case ErrorMap::Squared:
        return difference().square();
      case ErrorMap::Ssim:
        return 1 - ssim_map(a, b);
      case ErrorMap::Gmsd:
        return 1 - gradient_similarity_map(a, b);
    }
    return difference();
  };
  return values()[0].mean(0).to(at::kFloat);
}

}  // namespace mgdm
