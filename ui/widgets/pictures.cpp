#include "ui/widgets/pictures.h"

#include <ATen/ATen.h>

#include <QPainter>
#include <opencv2/imgproc.hpp>

#include "core/media/image_file.h"

namespace mgdm::ui {

QImage rgb_image(const at::Tensor& pixels) {
  const at::Tensor hwc = pixels.permute({1, 2, 0}).contiguous();
  return QImage(static_cast<const uchar*>(hwc.data_ptr()), static_cast<int>(hwc.size(1)), static_cast<int>(hwc.size(0)),
                static_cast<int>(hwc.size(1) * 3), QImage::Format_RGB888)
      .copy();
}

qint64 Frame::bytes() const {
  qint64 sum = noisy.sizeInBytes() + residual_map.sizeInBytes();
  for (const QImage& image : samples) sum += image.sizeInBytes();
  return sum;
}

QImage signal_image(const at::Tensor& signal, const at::Tensor& hole) {
  const at::Tensor pixels = to_pixels(signal.to(at::kCPU));
  if (!hole.defined()) return rgb_image(pixels).convertToFormat(QImage::Format_RGB32);
  const at::Tensor alpha = hole.to(at::kByte).mul(255).unsqueeze(0);
  const at::Tensor hwc = at::cat({pixels, alpha}).permute({1, 2, 0}).contiguous();
  return QImage(static_cast<const uchar*>(hwc.data_ptr()), static_cast<int>(hwc.size(1)), static_cast<int>(hwc.size(0)),
                static_cast<int>(hwc.size(1) * 4), QImage::Format_RGBA8888)
      .convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

QImage heat_image(const at::Tensor& values, double peak) {
  const at::Tensor level = values.mul(255 / std::max(peak, 1e-12)).clamp(0, 255).round().to(at::kByte).contiguous();
  const cv::Mat grey(static_cast<int>(level.size(0)), static_cast<int>(level.size(1)), CV_8UC1, level.data_ptr());
  cv::Mat colour;
  cv::applyColorMap(grey, colour, cv::COLORMAP_INFERNO);
  return QImage(colour.data, colour.cols, colour.rows, static_cast<qsizetype>(colour.step), QImage::Format_BGR888)
      .convertToFormat(QImage::Format_RGB32);
}

Sample make_sample(const at::Tensor& signal, const at::Tensor& hole) {
  Sample sample;
  sample.image = signal_image(signal, hole);
  const at::Tensor levels =
      signal.to(at::kCPU, at::kFloat).add(1).mul(0.5 * 65535).clamp(0, 65535).permute({1, 2, 0}).contiguous();
  cv::Mat(static_cast<int>(levels.size(0)), static_cast<int>(levels.size(1)), CV_32FC3, levels.data_ptr())
      .convertTo(sample.deep, CV_16U);
  return sample;
}

QImage weighted_image(const cv::Mat& deep, const cv::Mat& weight) {
  QImage image(deep.cols, deep.rows, QImage::Format_ARGB32_Premultiplied);
  for (int y = 0; y < deep.rows; ++y) {
    const auto* from = deep.ptr<ushort>(y);
    const auto* share = weight.ptr<ushort>(y);
    auto* to = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < deep.cols; ++x, from += 3)
      to[x] = qPremultiply(qRgba(from[0] / 257, from[1] / 257, from[2] / 257, share[x] / 257));
  }
  return image;
}

QImage over(const QImage& image, const QImage& under) {
  if (!image.hasAlphaChannel() || under.isNull()) return image.convertToFormat(QImage::Format_RGB32);
  QImage whole =
      (under.size() == image.size() ? under : under.scaled(image.size())).convertToFormat(QImage::Format_RGB32);
  QPainter painter(&whole);
  painter.drawImage(0, 0, image);
  return whole;
}

Sample sample_of(const QImage& image, const QImage& under) {
  Sample sample;
  sample.image = image;
  const QImage whole = over(image, under).convertToFormat(QImage::Format_RGB888);
  cv::Mat(whole.height(), whole.width(), CV_8UC3, const_cast<uchar*>(whole.constBits()),
          static_cast<size_t>(whole.bytesPerLine()))
      .convertTo(sample.deep, CV_16U, 257);
  return sample;
}

cv::Mat mask_view(const QImage& mask) {
  return cv::Mat(mask.height(), mask.width(), CV_8UC1, const_cast<uchar*>(mask.constBits()),
                 static_cast<size_t>(mask.bytesPerLine()));
}

QImage shallow_image(const cv::Mat& deep) {
  cv::Mat small;
  deep.convertTo(small, CV_8U, 1.0 / 257);
  return QImage(small.data, small.cols, small.rows, static_cast<qsizetype>(small.step), QImage::Format_RGB888).copy();
}

QImage thumbnail(const cv::Mat& deep, const QSize& bound) {
  const QSize size = QSize(deep.cols, deep.rows).scaled(bound, Qt::KeepAspectRatio).expandedTo({1, 1});
  constexpr int kOver = 4;  // pixels looked at for one that is shown, in each direction
  cv::Mat few = deep, small;
  if (deep.cols > kOver * size.width()) {
    cv::resize(deep, few, {kOver * size.width(), kOver * size.height()}, 0, 0, cv::INTER_NEAREST);
  }
  cv::resize(few, small, {size.width(), size.height()}, 0, 0, cv::INTER_AREA);
  return shallow_image(small);
}

}  // namespace mgdm::ui
