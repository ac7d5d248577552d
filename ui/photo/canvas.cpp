#include "ui/photo/canvas.h"

#include <QDragEnterEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
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
  flip_.setInterval(kFlipMs);
  connect(&flip_, &QTimer::timeout, this, [this] {
    flipped_ = !flipped_;
    update();
  });
  connect(document_, &Document::opened, this, [this] {
    overlay_ = {};
    against_ = {};
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

void Canvas::setAgainst(const AreaImage& picture, const QString& name) {
  against_ = picture;
  against_name_ = name;
  update();
}

void Canvas::setResultName(const QString& name) {
  result_name_ = name;
  update();
}

void Canvas::setLegend(const QString& low, const QString& high) {
  legend_low_ = low;
  legend_high_ = high;
  update();
}

void Canvas::setCompare(Compare compare) {
  compare_ = compare;
  flipped_ = true;  // what is seen now, then the other
  if (compare == Compare::Flip) {
    flip_.start();
  } else {
    flip_.stop();
  }
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
             (!overlay_.isNull() || !against_.isNull() || document_->changed()) &&
             std::abs(at.x() - split_ * width()) < 14) {
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
