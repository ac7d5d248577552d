#include "ui/compare/linked_view.h"

#include <QPainter>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace mgdm::ui {

namespace {

double fitting(const QSizeF& picture, const QRectF& box) {
  return std::min(box.width() / std::max(1.0, picture.width()), box.height() / std::max(1.0, picture.height()));
}

/// So that no part of the box is left empty where the picture could fill it.
double held_inside(double centre, double shown_share) {
  const double half = shown_share / 2;
  return half >= 0.5 ? 0.5 : std::clamp(centre, half, 1 - half);
}

QPointF inside(const QPointF& centre, const QSizeF& whole, const QRectF& box) {
  return {held_inside(centre.x(), box.width() / whole.width()), held_inside(centre.y(), box.height() / whole.height())};
}

}  // namespace

double LinkedView::scale(const QSizeF& picture, const QRectF& box) const { return fitting(picture, box) * zoom; }

QRectF LinkedView::target(const QSizeF& picture, const QRectF& box) const {
  const QSizeF whole = picture * scale(picture, box);
  const QPointF middle = inside(centre, whole, box);
  return {box.center() - QPointF(middle.x() * whole.width(), middle.y() * whole.height()), whole};
}

void LinkedView::zoomAt(const QPointF& at, double factor, const QSizeF& picture, const QRectF& box, double pixel_ratio,
                        double most) {
  const QRectF before = target(picture, box);
  const QPointF anchor((at.x() - before.x()) / before.width(), (at.y() - before.y()) / before.height());
  const double fit = fitting(picture, box), least = std::min(1.0, 1 / (fit * pixel_ratio));
  zoom = std::clamp(zoom * factor, least, std::max(1.0, most / fit));
  if (std::abs(zoom - 1) < 1e-9) zoom = 1;  // steps in and out end where they began
  const QSizeF whole = picture * (fit * zoom);
  const QPointF off = at - box.center();
  centre = inside(anchor - QPointF(off.x() / whole.width(), off.y() / whole.height()), whole, box);
}

void LinkedView::panBy(const QPointF& by, const QSizeF& picture, const QRectF& box) {
  const QSizeF whole = picture * scale(picture, box);
  centre = inside(inside(centre, whole, box) - QPointF(by.x() / whole.width(), by.y() / whole.height()), whole, box);
}

void LinkedView::toActualSize(const QSizeF& picture, const QRectF& box, double pixel_ratio) {
  zoom = 1 / (fitting(picture, box) * pixel_ratio);
}

void draw_quickly(QPainter& painter, const QImage& picture, const QRectF& target, const QRectF& box) {
  const QRectF seen = target & box;
  if (seen.isEmpty()) return;
  // Whole pixels of the picture, so that they do not swim while it moves.
  const double sx = picture.width() / target.width(), sy = picture.height() / target.height();
  const QRect source =
      QRectF((seen.x() - target.x()) * sx, (seen.y() - target.y()) * sy, seen.width() * sx, seen.height() * sy)
          .toAlignedRect()
          .adjusted(-1, -1, 1, 1)
          .intersected(picture.rect());
  // OpenCV enlarges whole pixels several times as fast as Qt draws through a transformation; and in memory that stays.
  const double ratio = painter.device()->devicePixelRatioF();
  const QRect pixels = QRectF((target.x() + source.x() / sx) * ratio, (target.y() + source.y() / sy) * ratio,
                              source.width() / sx * ratio, source.height() / sy * ratio)
                           .toRect();
  if (source.isEmpty() || pixels.isEmpty()) return;
  const QImage given = picture.depth() == 32 ? picture : picture.convertToFormat(QImage::Format_RGB32);
  const cv::Mat from(given.height(), given.width(), CV_8UC4, const_cast<uchar*>(given.constBits()),
                     static_cast<size_t>(given.bytesPerLine()));
  thread_local std::vector<QRgb> memory;
  memory.resize(std::max(memory.size(), static_cast<size_t>(pixels.width()) * static_cast<size_t>(pixels.height())));
  cv::Mat to(pixels.height(), pixels.width(), CV_8UC4, memory.data());
  cv::resize(from(cv::Rect(source.x(), source.y(), source.width(), source.height())), to, to.size(), 0, 0,
             cv::INTER_NEAREST);
  QImage drawn(to.data, to.cols, to.rows, static_cast<qsizetype>(to.step), given.format());
  drawn.setDevicePixelRatio(ratio);
  painter.save();
  painter.setClipRect(box, Qt::IntersectClip);
  painter.drawImage(QPointF(pixels.topLeft()) / ratio, drawn);
  painter.restore();
}

QImage picture_in_box(const QImage& picture, const LinkedView& view, const QSizeF& box, double pixel_ratio,
                      const QColor& around) {
  const QRectF screen(0, 0, std::round(box.width() * pixel_ratio), std::round(box.height() * pixel_ratio));
  QImage drawn(screen.size().toSize().expandedTo({1, 1}), QImage::Format_RGB32);
  drawn.fill(around);
  // The view is of the box in units; of the screen's pixels it is the same, in shares.
  const QRectF target = view.target(picture.size(), screen);
  const double scale = target.width() / picture.width();
  const QPoint corner(qRound(target.x()), qRound(target.y()));
  QPainter painter(&drawn);
  if (std::abs(scale - 1) < 1e-3) {
    painter.drawImage(corner, picture);
  } else if (scale < 1) {
    const QRect source = QRectF((screen.x() - target.x()) / scale, (screen.y() - target.y()) / scale,
                                screen.width() / scale, screen.height() / scale)
                             .toAlignedRect()
                             .intersected(picture.rect());
    if (source.isEmpty()) return drawn;
    const QSize size(std::max(1, qRound(source.width() * scale)), std::max(1, qRound(source.height() * scale)));
    painter.drawImage(corner + QPoint(qRound(source.x() * scale), qRound(source.y() * scale)),
                      picture.copy(source).scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation));
  } else if (scale / pixel_ratio >= 4) {
    draw_quickly(painter, picture, target, screen);
  } else {
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    painter.drawImage(target, picture);
  }
  painter.end();
  drawn.setDevicePixelRatio(pixel_ratio);
  return drawn;
}

}  // namespace mgdm::ui
