// An error map of two pictures as a picture. Any thread: what is measured is a worker's work, not the window's.
#pragma once
#include <QImage>
#include <QVector>

#include "ui/widgets/color_scale.h"

namespace mgdm::ui {

struct ErrorPicture {
  QImage image;           ///< through the colour scale
  QVector<float> values;  ///< of its pixels, row by row
};

/// A picture's colours as float [3, H, W] in [-1, 1].
at::Tensor signal_of(const QImage& picture);
/// `picture` against `reference`, of one size. Throws SettingError where they are not.
ErrorPicture error_picture(ErrorMap map, const QImage& picture, const QImage& reference, const ColorScale& scale);

}  // namespace mgdm::ui
