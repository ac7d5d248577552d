#include "ui/song/overview.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "ui/song/lanes.h"

namespace mgdm::ui {

Overview::Overview(TimeAxis* axis, QWidget* parent) : QWidget(parent), axis_(axis) {
  setFixedHeight(34);
  setAccessibleName(tr("Overview"));
  setToolTip(tr("All of the song: drag to move what the lanes show; a double click shows all"));
  connect(axis, &TimeAxis::viewChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::markChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::playheadMoved, this, qOverload<>(&QWidget::update));
}

void Overview::setPeaks(std::vector<Peak> peaks) {
  peaks_ = std::move(peaks);
  update();
}

void Overview::add(const std::vector<Peak>& more) {
  peaks_.insert(peaks_.end(), more.begin(), more.end());
  update();
}

double Overview::toX(double frame) const { return frame / static_cast<double>(axis_->length()) * width(); }

void Overview::paintEvent(QPaintEvent*) {
  QPainter p(this);
  p.fillRect(rect(), palette().color(QPalette::AlternateBase));
  const double middle = height() / 2.0, half = height() / 2.0 - 3;
  if (axis_->hasMark()) {
    QColor mark = palette().color(QPalette::Highlight);
    mark.setAlpha(90);
    p.fillRect(QRectF(QPointF(toX(static_cast<double>(axis_->markBegin())), 0),
                      QPointF(std::max(toX(static_cast<double>(axis_->markEnd())),
                                       toX(static_cast<double>(axis_->markBegin())) + 1),
                              height())),
               mark);
  }
  double loudest = 0.01;
  for (const Peak& peak : peaks_)
    loudest = std::max({loudest, static_cast<double>(peak.highest()), -static_cast<double>(peak.lowest())});
  const double of_pixel = static_cast<double>(axis_->length()) / kPeakFrames / std::max(1, width());
  QVector<QLineF> lines;
  for (int x = 0; x < width(); ++x) {
    const auto from = static_cast<size_t>(x * of_pixel),
               end = std::max(from + 1, static_cast<size_t>((x + 1) * of_pixel));
    if (from >= peaks_.size()) break;
    Peak peak = peaks_[from];
    for (size_t i = from + 1; i < std::min(end, peaks_.size()); ++i) peak.add(peaks_[i]);
    lines.push_back(QLineF(x + 0.5, middle - half * peak.highest() / loudest - 0.5, x + 0.5,
                           middle - half * peak.lowest() / loudest + 0.5));
  }
  p.setPen(QPen(palette().color(QPalette::PlaceholderText), 1));
  p.drawLines(lines);
  const QRectF seen(QPointF(toX(axis_->begin()), 1), QPointF(toX(axis_->begin() + axis_->span()), height() - 1));
  QColor veil = palette().color(QPalette::AlternateBase);
  veil.setAlpha(170);
  p.fillRect(QRectF(QPointF(0, 0), QPointF(seen.left(), height())), veil);
  p.fillRect(QRectF(QPointF(seen.right(), 0), QPointF(width(), height())), veil);
  p.setPen(QPen(palette().color(QPalette::Highlight), 1.5));
  p.drawRoundedRect(seen.adjusted(0.75, 0, -0.75, 0), 3, 3);
  const double at = toX(static_cast<double>(axis_->playhead()));
  p.setPen(QPen(palette().color(QPalette::Text), 1));
  p.drawLine(QPointF(at, 0), QPointF(at, height()));
}

void Overview::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const double frame = event->position().x() / width() * static_cast<double>(axis_->length());
  const bool inside = frame >= axis_->begin() && frame <= axis_->begin() + axis_->span();
  grabbed_ = inside ? frame - axis_->begin() : axis_->span() / 2;
  mouseMoveEvent(event);
}

void Overview::mouseMoveEvent(QMouseEvent* event) {
  if (!event->buttons().testFlag(Qt::LeftButton)) return;
  axis_->scrollTo(event->position().x() / width() * static_cast<double>(axis_->length()) - grabbed_);
}

void Overview::mouseDoubleClickEvent(QMouseEvent*) { axis_->showAll(); }

void Overview::wheelEvent(QWheelEvent* event) {
  axis_->zoomAt(event->position().x() / width() * static_cast<double>(axis_->length()),
                std::pow(1.0015, event->angleDelta().y()));
  event->accept();
}

}  // namespace mgdm::ui
