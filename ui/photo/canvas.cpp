#include "ui/photo/canvas.h"

#include <QDragEnterEvent>
#include <QElapsedTimer>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace mgdm::ui {

namespace {
constexpr double kMaxZoom = 32, kHandle = 9;
constexpr int kRestMs = 90;

// Of a few strong colours the one that is farthest from what the photo shows: for each, how near the nearest tenth of
// the photo's pixels comes to it.
QColor standing_out(const QImage& photo) {
  const QImage small = photo.scaled(48, 48, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  QColor best;
  double farthest = -1;
  for (const QColor& colour :
       {QColor(255, 92, 92), QColor(255, 64, 220), QColor(60, 160, 255), QColor(40, 220, 120), QColor(255, 220, 40)}) {
    std::vector<double> distances;
    for (int y = 0; y < small.height(); ++y) {
      for (int x = 0; x < small.width(); ++x) {
        const QRgb p = small.pixel(x, y);
        // Red and blue count less than green for an eye.
        distances.push_back(std::hypot(0.8 * (qRed(p) - colour.red()), 1.2 * (qGreen(p) - colour.green()),
                                       0.8 * (qBlue(p) - colour.blue())));
      }
    }
    const auto tenth = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 10);
    std::nth_element(distances.begin(), tenth, distances.end());
    // The first, red, is what people expect: another must be clearly better.
    if (*tenth > farthest * (best.isValid() ? 1.25 : 1)) {
      farthest = *tenth;
      best = colour;
    }
  }
  return best;
}

QRect around(const QPointF& from, const QPointF& to, double margin) {
  return QRectF(from, to).normalized().adjusted(-margin, -margin, margin, margin).toAlignedRect();
}
}  // namespace

Canvas::Canvas(Document* document, QWidget* parent) : QWidget(parent), document_(document) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAcceptDrops(true);
  setMinimumSize(240, 200);
  setAccessibleName(tr("Photo"));
  setAccessibleDescription(tr("The photo, the mask painted on it, and the result"));
  rest_.setSingleShot(true);
  rest_.setInterval(kRestMs);
  connect(&rest_, &QTimer::timeout, this, [this] {
    resting_ = true;
    update();
  });
  connect(document_, &Document::opened, this, [this] {
    overlay_ = {};
    standing_out_ = standing_out(document_->pyramid().back());
    fit();
    updateCursor();
  });
  for (const auto signal : {&Document::photoChanged, &Document::maskChanged})
    connect(document_, signal, this, qOverload<>(&QWidget::update));
  connect(document_, &Document::areaChanged, this, qOverload<>(&QWidget::update));
}

void Canvas::setOverlay(const AreaImage& overlay) {
  overlay_ = overlay;
  update();
}

void Canvas::setLegend(const QString& low, const QString& high) {
  legend_low_ = low;
  legend_high_ = high;
  update();
}

void Canvas::setCompare(Compare compare) {
  compare_ = compare;
  if (fitted_) fit();
  update();
}

void Canvas::setMaskVisible(bool visible) {
  mask_visible_ = visible;
  update();
}

void Canvas::setPaintable(bool paintable) {
  paintable_ = paintable;
  update();
}

void Canvas::setMaskLook(const QColor& colour, double opacity) {
  mask_colour_ = colour;
  mask_opacity_ = std::clamp(opacity, 0.1, 1.0);
  update();
}

QColor Canvas::maskColour() const {
  if (mask_colour_.isValid()) return mask_colour_;
  return standing_out_.isValid() ? standing_out_ : QColor(255, 92, 92);
}

void Canvas::setTool(Tool tool) {
  tool_ = tool;
  updateCursor();
  update();
}

void Canvas::setBrushSize(int pixels) {
  pixels = std::clamp(pixels, 1, 2000);
  if (pixels == brush_) return;
  brush_ = pixels;
  update();
  Q_EMIT brushSizeChanged(brush_);
}

void Canvas::setHardness(double hardness) {
  hardness_ = std::clamp(hardness, 0.0, 1.0);
  update();
}

QPointF Canvas::toPhoto(const QPointF& widget) const {
  // The right half of a side-by-side view shows the same part of the photo.
  const bool second = compare_ == Compare::SideBySide && widget.x() >= half(true).left();
  return (widget - origin_ - QPointF(second ? half(true).left() : 0, 0)) / zoom_;
}
QPointF Canvas::toWidget(const QPointF& photo) const { return photo * zoom_ + origin_; }

QRectF Canvas::half(bool second) const {
  if (compare_ != Compare::SideBySide) return rect();
  const double middle = std::floor(width() / 2.0);
  return second ? QRectF(middle, 0, width() - middle, height()) : QRectF(0, 0, middle, height());
}

void Canvas::fit() {
  if (document_->isEmpty()) return;
  constexpr double kMargin = 24;
  const QSizeF view = half(false).size(), photo = document_->size();
  zoom_ = std::min({std::max(1.0, view.width() - 2 * kMargin) / photo.width(),
                    std::max(1.0, view.height() - 2 * kMargin) / photo.height(), kMaxZoom});
  origin_ = QPointF((view.width() - photo.width() * zoom_) / 2, (view.height() - photo.height() * zoom_) / 2);
  fitted_ = true;
  update();
  Q_EMIT zoomChanged(zoom_ * devicePixelRatioF());
}

void Canvas::actualSize() { zoomAt(half(false).center(), 1.0 / (zoom_ * devicePixelRatioF())); }
void Canvas::zoomBy(double factor) { zoomAt(half(false).center(), factor); }

void Canvas::showOriginal(bool on) {
  original_ = on;
  update();
}

void Canvas::zoomAt(const QPointF& widget, double factor) {
  if (document_->isEmpty()) return;
  const double left = compare_ == Compare::SideBySide && widget.x() >= half(true).left() ? half(true).left() : 0;
  const QPointF anchor = toPhoto(widget);
  const double whole =
      std::min(1.0 / devicePixelRatioF(), 200.0 / std::max(document_->size().width(), document_->size().height()));
  zoom_ = std::clamp(zoom_ * factor, std::min(whole, zoom_), kMaxZoom);
  origin_ = widget - QPointF(left, 0) - anchor * zoom_;
  fitted_ = false;
  moving();
  Q_EMIT zoomChanged(zoom_ * devicePixelRatioF());
}

void Canvas::moving() {
  resting_ = false;
  rest_.start();
  update();
}

// ---- drawing ----

void Canvas::paintEvent(QPaintEvent*) {
  QElapsedTimer clock;
  clock.start();
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Dark));
  if (document_->isEmpty()) {
    return;
  }
  // What is compared: a result with the photo; without one, the photo as it is now with what was opened.
  const bool overlaid = !overlay_.isNull() || !finished_.empty(), changed = document_->changed();
  const bool result = (overlaid || (compare_ != Compare::None && changed)) && !original_;
  const bool before = original_ || (!overlaid && changed);  // of the side without the result
  if (compare_ == Compare::SideBySide) {
    for (const bool second : {false, true}) {
      const QRectF view = half(second);
      painter.save();
      painter.setClipRect(view);
      painter.translate(view.topLeft());
      const QRectF local(QPointF(0, 0), view.size());
      drawPhoto(painter, local, !second && before);
      if (second && result) drawOverlay(painter, local);
      if (!second) drawMask(painter, local);
      painter.restore();
    }
    painter.fillRect(QRectF(half(true).left() - 1, 0, 2, height()), palette().color(QPalette::Window));
  } else {
    drawPhoto(painter, rect(), original_ || (compare_ == Compare::Slider && before));
    if (result) {
      painter.save();
      if (compare_ == Compare::Slider) {
        painter.setClipRect(QRectF(split_ * width(), 0, width(), height()));
        if (before) drawPhoto(painter, rect(), false);
      }
      drawOverlay(painter, rect());
      painter.restore();
    }
    if (!result || !run_mask_.isNull()) drawMask(painter, rect());
    if (compare_ == Compare::Slider && result) {
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

void Canvas::resizeEvent(QResizeEvent*) {
  if (fitted_) fit();
}

// ---- mouse ----

void Canvas::updateCursor() {
  setCursor(document_->isEmpty()           ? Qt::ArrowCursor
            : space_ || drag_ == Drag::Pan ? Qt::OpenHandCursor
            : tool_ == Tool::Area          ? Qt::SizeAllCursor
                                           : Qt::CrossCursor);
}

void Canvas::mousePressEvent(QMouseEvent* event) {
  if (document_->isEmpty()) return;
  const QPointF at = event->position(), photo = toPhoto(at);
  drag_start_ = at;
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && space_)) {
    drag_ = Drag::Pan;
    drag_start_ = at - origin_;
  } else if (event->button() == Qt::LeftButton && compare_ == Compare::Slider &&
             (!overlay_.isNull() || document_->changed()) && std::abs(at.x() - split_ * width()) < 14) {
    drag_ = Drag::Split;
  } else if (event->button() == Qt::LeftButton && tool_ == Tool::Area) {
    const QRectF frame = areaOnWidget();
    const cv::Rect& r = document_->area().rect;
    const QPoint corners[] = {{r.x, r.y}, {r.br().x, r.y}, {r.br().x, r.br().y}, {r.x, r.br().y}};
    drag_ = Drag::AreaMove;
    for (int i = 0; i < 4; ++i) {
      if ((toWidget(corners[i]) - at).manhattanLength() >= 2 * kHandle) continue;
      drag_ = Drag::AreaResize;
      area_anchor_ = corners[(i + 2) % 4];
    }
    if (drag_ == Drag::AreaMove && document_->detail() == 0 && (document_->areaIsWholePhoto() || !frame.contains(at))) {
      drag_ = Drag::AreaResize;  // a new one from here
      area_anchor_ = photo.toPoint();
    } else {
      last_ = frame.contains(at) || drag_ == Drag::AreaResize
                  ? photo - QPointF(r.x + r.width / 2.0, r.y + r.height / 2.0)
                  : QPointF(0, 0);
      dragArea(photo);
    }
  } else if (event->button() == Qt::LeftButton && masking()) {
    if (!overlay_.isNull() && compare_ == Compare::None) setOverlay({});  // painting goes on the photo
    erase_ = tool_ == Tool::Eraser || (event->modifiers() & held_.erase);
    if (tool_ == Tool::Fill) {
      fillAt(photo);
    } else if (tool_ == Tool::Rectangle || tool_ == Tool::Lasso || tool_ == Tool::Select) {
      drag_ = Drag::Shape;
      hint_ = tool_ == Tool::Select && (event->modifiers() & (Qt::ShiftModifier | held_.erase)) != 0;
      shape_ = {photo, photo};
    } else {
      drag_ = Drag::Paint;
      document_->beginMaskEdit();
      last_ = photo;
      stroke(photo, photo);
    }
  }
  updateCursor();
}

void Canvas::mouseMoveEvent(QMouseEvent* event) {
  pointer_ = event->position();
  const QPointF photo = toPhoto(pointer_);
  switch (drag_) {
    case Drag::Pan:
      origin_ = pointer_ - drag_start_;
      fitted_ = false;
      moving();
      break;
    case Drag::Paint:
      stroke(last_, photo);
      last_ = photo;
      break;
    case Drag::Shape:
      if (tool_ == Tool::Rectangle || (tool_ == Tool::Select && !hint_)) {
        shape_.last() = photo;
      } else {
        shape_ << photo;
      }
      break;
    case Drag::AreaMove:
    case Drag::AreaResize:
      dragArea(photo);
      break;
    case Drag::Split:
      split_ = std::clamp(pointer_.x() / width(), 0.0, 1.0);
      break;
    case Drag::None:
      break;
  }
  update();
}

void Canvas::mouseReleaseEvent(QMouseEvent*) {
  const Drag drag = std::exchange(drag_, Drag::None);
  if (drag == Drag::Paint) document_->endMaskEdit(erase_ ? tr("erasing") : tr("brush stroke"));
  if (drag == Drag::Shape) finishShape();
  updateCursor();
  update();
}

void Canvas::stroke(const QPointF& from, const QPointF& to) {
  const bool brush = !erase_;
  document_->paintMask(around(from, to, brush_ / 2.0 + 2), [&](QPainter& painter) {
    if (hardness_ >= 1) {
      painter.setPen(QPen(brush ? Qt::white : Qt::black, brush_, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      if (from == to) {
        painter.drawPoint(from);
      } else {
        painter.drawLine(from, to);
      }
      return;
    }
    // Stamps that never undo each other: the lighter (or darker) value stays.
    painter.setCompositionMode(brush ? QPainter::CompositionMode_Lighten : QPainter::CompositionMode_Darken);
    painter.setPen(Qt::NoPen);
    const double length = std::hypot(to.x() - from.x(), to.y() - from.y()), step = std::max(1.0, brush_ / 8.0);
    for (double d = 0; d <= length; d += step) {
      const QPointF at = length > 0 ? from + (to - from) * (d / length) : from;
      QRadialGradient gradient(at, brush_ / 2.0);
      const QColor full = brush ? Qt::white : Qt::black, none = brush ? Qt::black : Qt::white;
      gradient.setColorAt(0, full);
      gradient.setColorAt(std::min(0.99, hardness_), full);
      gradient.setColorAt(1, none);
      painter.setBrush(gradient);
      painter.drawEllipse(at, brush_ / 2.0, brush_ / 2.0);
    }
  });
}

void Canvas::finishShape() {
  if (shape_.size() < 2) return;
  const QRectF bounds = shape_.boundingRect();
  if (tool_ == Tool::Select) {
    constexpr double kClick = 6;  // pixels of the screen: less is no rectangle
    if (hint_) {
      Q_EMIT objectStroke(shape_, brush_ / 4.0, !erase_);
    } else if (std::max(bounds.width(), bounds.height()) * zoom_ < kClick) {
      Q_EMIT objectWanted(QRect(shape_.first().toPoint(), QSize(0, 0)));
    } else {
      Q_EMIT objectWanted(bounds.toAlignedRect());
    }
    return;
  }
  if (bounds.width() < 1 && bounds.height() < 1) return;
  document_->beginMaskEdit();
  document_->paintMask(bounds.toAlignedRect().adjusted(-1, -1, 1, 1), [&](QPainter& painter) {
    painter.setPen(Qt::NoPen);
    painter.setBrush(erase_ ? Qt::black : Qt::white);
    if (tool_ == Tool::Rectangle) {
      painter.drawRect(bounds);
    } else {
      painter.drawPolygon(shape_, Qt::WindingFill);
    }
  });
  document_->endMaskEdit(tool_ == Tool::Rectangle ? tr("rectangle") : tr("lasso"));
}

// Fills the unpainted region around the pointer that paint (or the photo's border) encloses.
void Canvas::fillAt(const QPointF& photo) {
  const QImage& mask = document_->mask();
  const QPoint at(static_cast<int>(std::floor(photo.x())), static_cast<int>(std::floor(photo.y())));
  if (!mask.rect().contains(at)) return;
  QImage filled = mask.copy();
  cv::Mat pixels(filled.height(), filled.width(), CV_8UC1, filled.bits(), static_cast<size_t>(filled.bytesPerLine()));
  cv::floodFill(pixels, cv::Point(at.x(), at.y()), cv::Scalar(pixels.at<uchar>(at.y(), at.x()) != 0 ? 0 : 255));
  document_->replaceMask(filled, tr("filling"));
}

// At the photo's own pixels the area has any shape: a corner goes where it is dragged to. Scaled, it is square.
void Canvas::dragArea(const QPointF& photo) {
  constexpr int kSmallest = 16;
  const cv::Rect& r = document_->area().rect;
  const cv::Size size(document_->size().width(), document_->size().height());
  const cv::Point2d centre(r.x + r.width / 2.0, r.y + r.height / 2.0);
  if (drag_ == Drag::AreaMove) {
    if (document_->areaIsWholePhoto()) return;
    const auto begin = [](double middle, int length, int photo_length) {
      return std::clamp(static_cast<int>(std::lround(middle - length / 2.0)), 0, photo_length - length);
    };
    document_->setArea(document_->areaOf({begin(photo.x() - last_.x(), r.width, size.width),
                                          begin(photo.y() - last_.y(), r.height, size.height), r.width, r.height}));
  } else if (document_->detail() > 0) {
    const double side =
        std::max<double>(kSmallest, 2 * std::max(std::abs(photo.x() - centre.x), std::abs(photo.y() - centre.y)));
    const int pixels = std::min({static_cast<int>(std::lround(side)), size.width, size.height});
    const auto begin = [pixels](double middle, int length) {
      return std::clamp(static_cast<int>(std::lround(middle - pixels / 2.0)), 0, length - pixels);
    };
    document_->setArea(document_->areaOf({begin(centre.x, size.width), begin(centre.y, size.height), pixels, pixels}));
  } else {
    const int x = std::clamp(static_cast<int>(std::lround(photo.x())), 0, size.width),
              y = std::clamp(static_cast<int>(std::lround(photo.y())), 0, size.height);
    const auto between = [](int a, int b, int length) {  // at least the smallest, inside
      int low = std::min(a, b), high = std::max(a, b);
      high = std::max(high, std::min(length, low + kSmallest));
      low = std::min(low, std::max(0, high - kSmallest));
      return std::pair{low, high};
    };
    const auto [left, right] = between(area_anchor_.x(), x, size.width);
    const auto [top, bottom] = between(area_anchor_.y(), y, size.height);
    document_->setArea(document_->areaOf({left, top, right - left, bottom - top}));
  }
}

void Canvas::wheelEvent(QWheelEvent* event) {
  const double notches = event->angleDelta().y() / 120.0;
  if (event->modifiers() & held_.brush_size) {
    setBrushSize(
        std::max(1, static_cast<int>(std::lround(brush_ * std::pow(1.15, notches) + (notches > 0 ? 0.5 : -0.5)))));
  } else {
    zoomAt(event->position(), std::pow(1.25, notches));
  }
  event->accept();
}

// ---- keys that are held; all others are actions of the window ----

void Canvas::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Space) {
    space_ = true;
    updateCursor();
    update();
  } else if (event->key() == held_.original || event->key() == Qt::Key_Backslash) {
    showOriginal(true);
  } else {
    QWidget::keyPressEvent(event);
  }
}

void Canvas::keyReleaseEvent(QKeyEvent* event) {
  if (event->isAutoRepeat()) return;
  if (event->key() == Qt::Key_Space) {
    space_ = false;
    updateCursor();
    update();
  } else if (event->key() == held_.original || event->key() == Qt::Key_Backslash) {
    showOriginal(false);
  } else {
    QWidget::keyReleaseEvent(event);
  }
}

// A key that is let go elsewhere is let go.
void Canvas::focusOutEvent(QFocusEvent*) {
  space_ = false;
  updateCursor();
  showOriginal(false);
}

void Canvas::leaveEvent(QEvent*) {
  pointer_ = QPointF(-1, -1);
  update();
}

void Canvas::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void Canvas::dropEvent(QDropEvent* event) {
  QStringList files;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) files << url.toLocalFile();
  }
  if (files.isEmpty()) return;
  event->acceptProposedAction();
  Q_EMIT filesDropped(files);
}

}  // namespace mgdm::ui
