#include "core/metrics/image_metrics.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace mgdm {

const std::vector<ImageMetric>& image_metrics() {
  static const std::vector<ImageMetric> list = [] {
    std::vector<ImageMetric> all = listed_image_metrics();
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    return all;
  }();
  return list;
}

at::Tensor unit_range(const at::Tensor& x) { return (x.clamp(-1, 1) + 1.0) * 0.5; }

}  // namespace mgdm
