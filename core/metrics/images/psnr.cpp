#include <ATen/ATen.h>

#include "core/metrics/image_metrics.h"

namespace mgdm {

at::Tensor psnr(const at::Tensor& a, const at::Tensor& b) {
  return (unit_range(a) - unit_range(b)).square().mean({1, 2, 3}).log10() * -10.0;
}

ImageMetric describe_psnr() {
  return {.name = "psnr", .label = "PSNR", .unit = "dB", .rank = 10, .higher_is_better = true, .measure = psnr};
}

}  // namespace mgdm
