// How the canvas is painted: the photo, results over it, what they are held against, the mask.
#include <QElapsedTimer>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "ui/photo/canvas.h"

namespace mgdm::ui {

void Canvas::paintEvent(QPaintEvent*) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Dark));
  if (document_->isEmpty()) {
    return;
  }
  if (compare_ == Compare::None) {
    drawPhoto(painter, rect(), original_);
    const bool result = overlaid() && !original_;
    if (result) drawOverlay(painter, rect());
    if (!result || !run_mask_.isNull()) drawMask(painter, rect());
  } else {
    drawCompared(painter);
  }
  drawArea(painter);
  if (drag_ == Drag::Shape) {
    painter.setRenderHint(QPainter::Antialiasing);
    QPolygonF outline;
    for (const QPointF& p : shape_) outline << toWidget(p);
    QColor inside = maskColour();
    inside.setAlpha(60);
    painter.setBrush(inside);
    for (const auto& pen : {QPen(QColor(0, 0, 0, 160), 3), QPen(Qt::white, 1.3)}) {
      painter.setPen(pen);
      if (hint_ && tool_ == Tool::Select) {
        painter.setBrush(Qt::NoBrush);
        painter.drawPolyline(outline);
      } else if ((tool_ == Tool::Rectangle || tool_ == Tool::Select) && outline.size() > 1) {
        painter.drawRect(QRectF(outline.first(), outline.last()).normalized());
      } else {
        painter.drawPolygon(outline);
      }
    }
  }
  drawBrush(painter);
  drawLegend(painter);
  frame_ms_ = static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

// What is compared: a result with the photo or with another result; without one, the photo as it is now with what was
// opened.
void Canvas::drawCompared(QPainter& painter) {
  const bool something = (overlaid() || !against_.isNull() || document_->changed()) && !original_;
  if (compare_ == Compare::SideBySide) {
    for (const bool second : {false, true}) {
      const QRectF view = half(second);
      painter.save();
      painter.setClipRect(view);
      painter.translate(view.topLeft());
      const QRectF local(QPointF(0, 0), view.size());
      drawSide(painter, local, second);
      if (!second && against_.isNull()) drawMask(painter, local);
      painter.restore();
    }
    painter.fillRect(QRectF(half(true).left() - 1, 0, 2, height()), palette().color(QPalette::Window));
  } else if (compare_ == Compare::Flip) {
    drawSide(painter, rect(), something && flipped_);
  } else {
    drawSide(painter, rect(), false);
    if (something) {
      painter.save();
      painter.setClipRect(QRectF(split_ * width(), 0, width(), height()));
      drawSide(painter, rect(), true);
      painter.restore();
      drawSplit(painter);
    }
  }
  if (compare_ != Compare::SideBySide && (!something || !run_mask_.isNull())) drawMask(painter, rect());
  if (something) drawNames(painter);
}

void Canvas::drawSide(QPainter& painter, const QRectF& clip, bool second) {
  if (original_) return drawPhoto(painter, clip, !second || compare_ != Compare::SideBySide);
  const bool before = !second && !overlaid() && against_.isNull() && document_->changed();
  drawPhoto(painter, clip, before);
  if (second) drawOverlay(painter, clip);
  if (!second && !against_.isNull()) drawAreaImage(painter, clip, against_);
}

void Canvas::drawSplit(QPainter& painter) const {
  const double x = split_ * width();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(QRectF(x - 1, 0, 2, height()), Qt::white);
  painter.setPen(QPen(QColor(0, 0, 0, 120), 1));
  painter.setBrush(Qt::white);
  painter.drawEllipse(QPointF(x, height() / 2.0), 11, 11);
  painter.setBrush(QColor(60, 64, 72));
  painter.setPen(Qt::NoPen);
  for (const int side : {-1, 1})
    painter.drawPolygon(QPolygonF{
        {x + side * 2, height() / 2.0 - 4}, {x + side * 2, height() / 2.0 + 4}, {x + side * 7, height() / 2.0}});
}

QString Canvas::sideName(bool second) const {
  if (second) return overlaid() ? (result_name_.isEmpty() ? tr("Result") : result_name_) : tr("Now");
  if (!against_.isNull()) return against_name_;
  return overlaid() || !document_->changed() ? tr("Photo") : tr("As opened");
}

// At the top, each in its own half; of what takes turns the one that is seen, where it does not move.
void Canvas::drawNames(QPainter& painter) const {
  constexpr double kMargin = 10;
  const auto draw = [&](const QString& name, double left, double right, bool at_right) {
    const double room = right - left - 2 * kMargin;
    if (room < 40) return;
    const QString words = painter.fontMetrics().elidedText(name, Qt::ElideMiddle, static_cast<int>(room - 16));
    QRectF box(0, 0, painter.fontMetrics().horizontalAdvance(words) + 16, painter.fontMetrics().height() + 6);
    box.moveTopLeft({at_right ? right - kMargin - box.width() : left + kMargin, kMargin});
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(QColor(0, 0, 0, 170));
    painter.drawRoundedRect(box, 4, 4);
    painter.setPen(Qt::white);
    painter.drawText(box, Qt::AlignCenter, words);
  };
  if (compare_ == Compare::Flip) return draw(sideName(flipped_), 0, width(), false);
  const double middle = compare_ == Compare::SideBySide ? half(true).left() : split_ * width();
  draw(sideName(false), 0, middle, false);
  draw(sideName(true), middle, width(), compare_ == Compare::Slider);
}

void Canvas::drawPhoto(QPainter& painter, const QRectF& clip, bool original) {
  const bool opened = original && !document_->originalPyramid().empty();
  const auto& pyramid = opened ? document_->originalPyramid() : document_->pyramid();
  // The level whose pixels are at least as fine as the screen's.
  const double pixels = zoom_ * devicePixelRatioF();
  size_t level = 0;
  while (level + 1 < pyramid.size() && pixels * static_cast<double>(2u << level) <= 1.0001) ++level;
  if (!resting_ && level + 1 < pyramid.size() && pixels * static_cast<double>(1u << level) < 0.75)
    ++level;  // half the pixels while it moves
  const QImage& image = pyramid[level];
  const QSizeF photo = document_->size();
  const double sx = image.width() / photo.width(), sy = image.height() / photo.height();
  const QRectF visible =
      QRectF((clip.topLeft() - origin_) / zoom_, clip.size() / zoom_).intersected(QRectF(QPointF(0, 0), photo));
  if (visible.isEmpty()) return;
  // Whole image pixels, so that the scaling does not depend on what is visible.
  const QRect source = QRectF(visible.x() * sx, visible.y() * sy, visible.width() * sx, visible.height() * sy)
                           .toAlignedRect()
                           .adjusted(-1, -1, 1, 1)
                           .intersected(image.rect());
  const QRectF target(origin_ + QPointF(source.x() / sx, source.y() / sy) * zoom_,
                      QSizeF(source.width() / sx, source.height() / sy) * zoom_);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, resting_ && zoom_ < 4);
  painter.drawImage(target, image, source);
}

void Canvas::drawOverlay(QPainter& painter, const QRectF& clip) {
  for (const AreaImage& image : finished_) drawAreaImage(painter, clip, image);
  if (!overlay_.isNull()) drawAreaImage(painter, clip, overlay_);
}

void Canvas::drawAreaImage(QPainter& painter, const QRectF& clip, const AreaImage& overlay) {
  const cv::Rect& r = overlay.rect;
  const QRectF whole(toWidget(QPointF(r.x, r.y)), QSizeF(r.width, r.height) * zoom_), seen = whole & clip;
  if (seen.isEmpty()) return;
  // Only what is seen is scaled, in whole pixels of the picture.
  const double sx = overlay.image.width() / whole.width(), sy = overlay.image.height() / whole.height();
  const QRect source =
      QRectF((seen.x() - whole.x()) * sx, (seen.y() - whole.y()) * sy, seen.width() * sx, seen.height() * sy)
          .toAlignedRect()
          .adjusted(-1, -1, 1, 1)
          .intersected(overlay.image.rect());
  const QRectF target(whole.x() + source.x() / sx, whole.y() + source.y() / sy, source.width() / sx,
                      source.height() / sy);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, resting_ && 1 / sx < 4);
  painter.drawImage(target, overlay.image, source);
}

void Canvas::setFinished(const std::vector<AreaImage>& finished) {
  finished_ = finished;
  update();
}

void Canvas::setRunMask(const QImage& mask) {
  run_mask_ = mask;
  update();
}

void Canvas::drawMask(QPainter& painter, const QRectF& clip) {
  if (!mask_visible_ || original_ || (document_->maskEmpty() && !document_->editingMask())) return;
  const QImage& mask = document_->mask();
  const QRectF seen = QRectF(toWidget({0, 0}), QSizeF(mask.size()) * zoom_).intersected(clip);
  if (seen.isEmpty()) return;
  const QRect r = seen.toAlignedRect();
  // One mask pixel for each screen pixel: the cost is the view's, not the photo's.
  const double ratio = zoom_ > 1 ? 1 : devicePixelRatioF();
  QImage tint((QSizeF(r.size()) * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
  const QColor colour = maskColour();
  QRgb colours[256];
  for (int v = 0; v < 256; ++v)
    colours[v] = qPremultiply(qRgba(colour.red(), colour.green(), colour.blue(), qRound(v * mask_opacity_)));
  std::vector<int> columns(static_cast<size_t>(tint.width()));
  for (int x = 0; x < tint.width(); ++x) {
    columns[static_cast<size_t>(x)] = std::clamp(
        static_cast<int>(std::floor((r.x() + (x + 0.5) / ratio - origin_.x()) / zoom_)), 0, mask.width() - 1);
  }
  for (int y = 0; y < tint.height(); ++y) {
    const int row = std::clamp(static_cast<int>(std::floor((r.y() + (y + 0.5) / ratio - origin_.y()) / zoom_)), 0,
                               mask.height() - 1);
    const uchar* from = mask.constScanLine(row);
    const uchar* known = run_mask_.size() == mask.size() && !overlay_.isNull() ? run_mask_.constScanLine(row) : nullptr;
    auto* to = reinterpret_cast<QRgb*>(tint.scanLine(y));
    for (int x = 0; x < tint.width(); ++x) {
      const int column = columns[static_cast<size_t>(x)];
      to[x] = known != nullptr && known[column] >= from[column] ? 0 : colours[from[column]];
    }
  }
  painter.drawImage(QRectF(r), tint);
}

QRectF Canvas::areaOnWidget() const {
  const cv::Rect& r = document_->area().rect;
  return QRectF(toWidget(QPointF(r.x, r.y)), QSizeF(r.width, r.height) * zoom_);
}

void Canvas::drawArea(QPainter& painter) {
  if (original_ || (document_->areaIsWholePhoto() && tool_ != Tool::Area)) return;
  const QRectF frame = areaOnWidget();
  painter.setRenderHint(QPainter::Antialiasing, false);
  QPainterPath outside;
  outside.addRect(QRectF(toWidget({0, 0}), QSizeF(document_->size()) * zoom_));
  QPainterPath inside;
  inside.addRect(frame);
  painter.fillPath(outside.subtracted(inside), QColor(0, 0, 0, tool_ == Tool::Area ? 110 : 60));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(QColor(0, 0, 0, 150), 3));
  painter.drawRect(frame);
  painter.setPen(QPen(Qt::white, 1, tool_ == Tool::Area ? Qt::SolidLine : Qt::DashLine));
  painter.drawRect(frame);
  if (tool_ != Tool::Area) return;
  painter.setPen(QPen(QColor(0, 0, 0, 150), 1));
  painter.setBrush(Qt::white);
  for (const QPointF& corner : {frame.topLeft(), frame.topRight(), frame.bottomLeft(), frame.bottomRight()})
    painter.drawRect(QRectF(corner.x() - 4, corner.y() - 4, 8, 8));
  const WorkingArea& a = document_->area();
  const QString words =
      document_->detail() == 0
          ? tr("%1 × %2 photo pixels").arg(a.rect.width).arg(a.rect.height)
          : tr("%1 × %2 photo pixels, seen as %3 × %4").arg(a.rect.width).arg(a.rect.height).arg(a.width).arg(a.height);
  const QRectF box = QRectF(painter.fontMetrics().boundingRect(words)).adjusted(-6, -3, 6, 3);
  const QPointF at(frame.left(), std::max(4.0, frame.top() - box.height() - 6));
  painter.setPen(Qt::NoPen);
  painter.setBrush(QColor(0, 0, 0, 170));
  painter.drawRoundedRect(QRectF(at, box.size()), 3, 3);
  painter.setPen(Qt::white);
  painter.drawText(QRectF(at, box.size()), Qt::AlignCenter, words);
}

void Canvas::drawBrush(QPainter& painter) {
  if (!underMouse() || pointer_.x() < 0 || drag_ == Drag::Pan || drag_ == Drag::Split || space_ || !masking() ||
      (tool_ != Tool::Brush && tool_ != Tool::Eraser))
    return;
  const double radius = brush_ * zoom_ / 2;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(QColor(0, 0, 0, 160), 3));
  painter.drawEllipse(pointer_, radius, radius);
  painter.setPen(QPen(tool_ == Tool::Brush ? Qt::white : QColor(140, 200, 255), 1.5));
  painter.drawEllipse(pointer_, radius, radius);
  if (hardness_ < 1) {
    painter.setPen(QPen(QColor(255, 255, 255, 140), 1, Qt::DotLine));
    painter.drawEllipse(pointer_, radius * hardness_, radius * hardness_);
  }
}

void Canvas::drawLegend(QPainter& painter) {
  if (legend_high_.isEmpty() || overlay_.isNull() || original_) return;
  const QRectF bar(16, height() - 34, 160, 10);
  const double words = std::max(painter.fontMetrics().horizontalAdvance(legend_low_),
                                painter.fontMetrics().horizontalAdvance(legend_high_));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(Qt::NoPen);
  painter.setBrush(QColor(0, 0, 0, 170));
  painter.drawRoundedRect(bar.adjusted(-8, -8, 8 + std::max(0.0, words - 150), 24), 4, 4);
  cv::Mat ramp(1, 256, CV_8UC1), coloured;
  for (int i = 0; i < 256; ++i) ramp.at<uchar>(i) = static_cast<uchar>(i);
  cv::applyColorMap(ramp, coloured, cv::COLORMAP_INFERNO);
  const QImage image(coloured.data, 256, 1, static_cast<qsizetype>(coloured.step), QImage::Format_BGR888);
  painter.drawImage(bar, image);
  painter.setPen(Qt::white);
  painter.drawText(QRectF(bar.left(), bar.bottom() + 3, bar.width(), 16), Qt::AlignLeft | Qt::AlignVCenter,
                   legend_low_);
  painter.drawText(QRectF(bar.left(), bar.bottom() + 3, bar.width(), 16), Qt::AlignRight | Qt::AlignVCenter,
                   legend_high_);
}

}  // namespace mgdm::ui
