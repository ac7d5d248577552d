#include "ui/compare/error_picture.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm::ui {

at::Tensor signal_of(const QImage& picture) {
  const QImage rgb = picture.convertToFormat(QImage::Format_RGB888);
  const at::Tensor bytes = at::from_blob(const_cast<uchar*>(rgb.constBits()), {rgb.height(), rgb.width(), 3},
                                         {static_cast<int64_t>(rgb.bytesPerLine()), 3, 1}, at::kByte);
  return (bytes.permute({2, 0, 1}).to(at::kFloat) / 127.5 - 1).contiguous();
}

ErrorPicture error_picture(ErrorMap map, const QImage& picture, const QImage& reference, const ColorScale& scale) {
  const at::NoGradGuard no_gradients;
  const at::Tensor error = error_map(map, signal_of(picture), signal_of(reference)).contiguous();
  const float* values = error.data_ptr<float>();
  return {map_image(error, scale), QVector<float>(values, values + error.numel())};
}

}  // namespace mgdm::ui
