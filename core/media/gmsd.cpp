#include "core/media/gmsd.h"

#include <ATen/ATen.h>

#include <opencv2/core.hpp>
#include <opencv2/quality/qualitygmsd.hpp>

#include "core/media/image_file.h"

namespace mgdm {

at::Tensor gmsd(const at::Tensor& a, const at::Tensor& b) {
  at::Tensor result = at::empty({a.size(0)}, at::kDouble);
  for (int64_t i = 0; i < a.size(0); ++i) {
    const auto mat = [](const at::Tensor& image) {
      const at::Tensor hwc = to_pixels(image).cpu().permute({1, 2, 0}).contiguous();
      return cv::Mat(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)), CV_8UC3, hwc.data_ptr()).clone();
    };
    const cv::Scalar score = cv::quality::QualityGMSD::compute(mat(a[i]), mat(b[i]), cv::noArray());
    result[i] = (score[0] + score[1] + score[2]) / 3.0;
  }
  return result;
}

}  // namespace mgdm
