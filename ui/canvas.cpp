#include "ui/canvas.h"

#include <QDragEnterEvent>
#include <QMimeData>
#include <QMouseEvent>
#include <QPainter>
#include <QUndoCommand>
#include <QUndoStack>
#include <algorithm>
#include <cmath>

namespace mgdm::ui {

namespace {
constexpr QColor kMaskColour(255, 92, 92, 128);
constexpr double kMinZoom = 0.05, kMaxZoom = 32;
}  // namespace

class MaskCommand : public QUndoCommand {
 public:
  MaskCommand(Canvas* canvas, QImage before, QImage after, const QString& text)
      : QUndoCommand(text), canvas_(canvas), before_(std::move(before)), after_(std::move(after)) {}
  void undo() override { apply(before_); }
  void redo() override { apply(after_); }

 private:
  void apply(const QImage& mask) {
    canvas_->mask_ = mask;
    canvas_->refreshOverlay(mask.rect());
    canvas_->update();
    Q_EMIT canvas_->maskChanged();
  }
  Canvas* canvas_;
  QImage before_, after_;  // shared with each other's neighbours: Qt copies on write
};

Canvas::Canvas(QUndoStack* undo, QWidget* parent) : QWidget(parent), undo_(undo) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAcceptDrops(true);
  setMinimumSize(240, 240);
  setAccessibleName(tr("Photo"));
  setAccessibleDescription(tr("The photo, the mask painted on it, and the result"));
}

void Canvas::setPhoto(const QImage& photo) {
  photo_ = photo.convertToFormat(QImage::Format_RGB32);
  result_ = QImage();
  mask_ = QImage(photo.size(), QImage::Format_Grayscale8);
  mask_.fill(0);
  undo_->clear();
  refreshOverlay(mask_.rect());
  fit();
  updateCursor();
  Q_EMIT maskChanged();
}

void Canvas::setResult(const QImage& result) {
  result_ = result;
  update();
}

bool Canvas::maskEmpty() const {
  for (int y = 0; y < mask_.height(); ++y) {
    const uchar* line = mask_.constScanLine(y);
    if (std::any_of(line, line + mask_.width(), [](uchar v) { return v != 0; })) return false;
  }
  return true;
}

void Canvas::changeMask(const QImage& mask, const QString& text) {
  undo_->push(new MaskCommand(this, mask_, mask.convertToFormat(QImage::Format_Grayscale8), text));
}

void Canvas::setMaskVisible(bool visible) {
  mask_visible_ = visible;
  update();
}

void Canvas::setPaintable(bool paintable) {
  paintable_ = paintable;
  update();
}

void Canvas::setTool(Tool tool) {
  tool_ = tool;
  update();
}

void Canvas::setBrushSize(int pixels) {
  pixels = std::clamp(pixels, 1, 400);
  if (pixels == brush_) return;
  brush_ = pixels;
  update();
  Q_EMIT brushSizeChanged(brush_);
}

QPointF Canvas::toPhoto(const QPointF& widget) const { return (widget - origin_) / zoom_; }
QPointF Canvas::toWidget(const QPointF& photo) const { return photo * zoom_ + origin_; }

void Canvas::fit() {
  if (photo_.isNull()) return;
  constexpr double kMargin = 24;
  const double w = std::max(1.0, width() - 2 * kMargin), h = std::max(1.0, height() - 2 * kMargin);
  zoom_ = std::clamp(std::min(w / photo_.width(), h / photo_.height()), kMinZoom, kMaxZoom);
  origin_ = QPointF((width() - photo_.width() * zoom_) / 2, (height() - photo_.height() * zoom_) / 2);
  fitted_ = true;
  update();
  Q_EMIT zoomChanged(zoom_);
}

void Canvas::actualSize() {
  const QPointF centre(width() / 2.0, height() / 2.0);
  zoomAt(centre, 1.0 / zoom_);
}

void Canvas::zoomAt(const QPointF& widget, double factor) {
  if (photo_.isNull()) return;
  const QPointF anchor = toPhoto(widget);
  zoom_ = std::clamp(zoom_ * factor, kMinZoom, kMaxZoom);
  origin_ = widget - anchor * zoom_;
  fitted_ = false;
  update();
  Q_EMIT zoomChanged(zoom_);
}

void Canvas::refreshOverlay(const QRect& area) {
  if (overlay_.size() != mask_.size()) {
    overlay_ = QImage(mask_.size(), QImage::Format_ARGB32_Premultiplied);
    overlay_.fill(Qt::transparent);
  }
  const QRgb painted = qPremultiply(kMaskColour.rgba());
  const QRect r = area.intersected(mask_.rect());
  for (int y = r.top(); y <= r.bottom(); ++y) {
    const uchar* from = mask_.constScanLine(y);
    auto* to = reinterpret_cast<QRgb*>(overlay_.scanLine(y));
    for (int x = r.left(); x <= r.right(); ++x) to[x] = from[x] != 0 ? painted : 0;
  }
}

void Canvas::stroke(const QPointF& from, const QPointF& to) {
  QPainter painter(&mask_);
  painter.setPen(QPen(QColor(tool_ == Tool::Brush ? Qt::white : Qt::black), brush_, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  if (from == to) {
    painter.drawPoint(from);
  } else {
    painter.drawLine(from, to);
  }
  painter.end();
  const QRectF touched = QRectF(from, to).normalized().adjusted(-brush_, -brush_, brush_, brush_);
  refreshOverlay(touched.toAlignedRect());
  update();
}

void Canvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), palette().color(QPalette::Dark));
  if (photo_.isNull()) {
    painter.setPen(palette().color(QPalette::Text));
    QFont font = painter.font();
    font.setPointSizeF(font.pointSizeF() * 1.3);
    painter.setFont(font);
    painter.drawText(rect(), Qt::AlignCenter, tr("Drop a photo here, or press Ctrl+O to open one."));
    return;
  }
  const QRectF target(origin_, QSizeF(photo_.size()) * zoom_);
  painter.setRenderHint(QPainter::SmoothPixmapTransform, zoom_ < 4);
  painter.drawImage(target, original_ ? photo_ : shown());
  if (mask_visible_ && !original_ && result_.isNull()) {
    painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
    painter.drawImage(target, overlay_);
  }
  if (underMouse() && !panning_ && !space_ && target.contains(pointer_) && mask_visible_ && paintable_) {
    const double radius = brush_ * zoom_ / 2;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(QColor(0, 0, 0, 160), 3));
    painter.drawEllipse(pointer_, radius, radius);
    painter.setPen(QPen(tool_ == Tool::Brush ? Qt::white : QColor(140, 200, 255), 1.5));
    painter.drawEllipse(pointer_, radius, radius);
  }
}

void Canvas::resizeEvent(QResizeEvent*) {
  if (fitted_) fit();
}

void Canvas::updateCursor() { setCursor(space_ || panning_ ? Qt::OpenHandCursor : (photo_.isNull() ? Qt::ArrowCursor : Qt::CrossCursor)); }

void Canvas::mousePressEvent(QMouseEvent* event) {
  if (photo_.isNull()) return;
  if (event->button() == Qt::MiddleButton || (event->button() == Qt::LeftButton && space_)) {
    panning_ = true;
    pan_start_ = event->position() - origin_;
  } else if (event->button() == Qt::LeftButton && mask_visible_ && paintable_) {
    painting_ = true;
    result_ = QImage();  // painting goes on the photo
    before_stroke_ = mask_;
    last_ = toPhoto(event->position());
    stroke(last_, last_);
  }
  updateCursor();
}

void Canvas::mouseMoveEvent(QMouseEvent* event) {
  pointer_ = event->position();
  if (panning_) {
    origin_ = event->position() - pan_start_;
    fitted_ = false;
  } else if (painting_) {
    const QPointF here = toPhoto(event->position());
    stroke(last_, here);
    last_ = here;
  }
  update();
}

void Canvas::mouseReleaseEvent(QMouseEvent*) {
  panning_ = false;
  if (painting_) {
    painting_ = false;
    const QImage after = mask_;
    mask_ = before_stroke_;
    undo_->push(new MaskCommand(this, before_stroke_, after, tool_ == Tool::Brush ? tr("brush stroke") : tr("erasing")));
    before_stroke_ = QImage();
  }
  updateCursor();
}

void Canvas::wheelEvent(QWheelEvent* event) {
  const double notches = event->angleDelta().y() / 120.0;
  if (event->modifiers() & Qt::ControlModifier) {
    setBrushSize(std::max(1, static_cast<int>(std::lround(brush_ * std::pow(1.15, notches) + (notches > 0 ? 0.5 : -0.5)))));
  } else {
    zoomAt(event->position(), std::pow(1.25, notches));
  }
  event->accept();
}

void Canvas::keyPressEvent(QKeyEvent* event) {
  const int step = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  switch (event->key()) {
    case Qt::Key_Space: space_ = true; updateCursor(); update(); break;
    case Qt::Key_BracketLeft: case Qt::Key_BraceLeft: setBrushSize(brush_ - step); break;
    case Qt::Key_BracketRight: case Qt::Key_BraceRight: setBrushSize(brush_ + step); break;
    case Qt::Key_1: actualSize(); break;
    case Qt::Key_0: fit(); break;
    case Qt::Key_Backslash: original_ = true; update(); break;
    default: QWidget::keyPressEvent(event);
  }
}

void Canvas::keyReleaseEvent(QKeyEvent* event) {
  if (event->isAutoRepeat()) return;
  switch (event->key()) {
    case Qt::Key_Space: space_ = false; updateCursor(); update(); break;
    case Qt::Key_Backslash: original_ = false; update(); break;
    default: QWidget::keyReleaseEvent(event);
  }
}

bool Canvas::event(QEvent* event) {
  // Tab would move the focus; held down it shows the original instead.
  if (event->type() == QEvent::KeyPress || event->type() == QEvent::KeyRelease) {
    const auto* key = static_cast<QKeyEvent*>(event);
    if (key->key() == Qt::Key_Tab && key->modifiers() == Qt::NoModifier && !photo_.isNull()) {
      if (!key->isAutoRepeat()) {
        original_ = event->type() == QEvent::KeyPress;
        update();
      }
      return true;
    }
  }
  return QWidget::event(event);
}

void Canvas::leaveEvent(QEvent*) {
  pointer_ = QPointF(-1, -1);
  update();
}

void Canvas::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void Canvas::dropEvent(QDropEvent* event) {
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) {
      event->acceptProposedAction();
      Q_EMIT fileDropped(url.toLocalFile());
      return;
    }
  }
}

}  // namespace mgdm::ui
