#include "ui/song/lanes.h"

#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>
#include <utility>

#include "core/media/pcm_file.h"
#include "ui/song/beat_lines.h"
#include "ui/song/spectrogram.h"

namespace mgdm::ui {

namespace {

constexpr double kClosest = 0.02;  // seconds in view

void scroll_or_zoom(TimeAxis* axis, QWheelEvent* event, int width) {
  const QPoint turned = event->angleDelta();
  if (event->modifiers().testFlag(Qt::ShiftModifier)) {  // which some systems turn into a sideways one
    axis->zoomHeight(std::pow(1.0015, turned.x() != 0 ? turned.x() : turned.y()));
  } else if (event->modifiers().testFlag(Qt::ControlModifier)) {
    axis->zoomAt(axis->toFrame(event->position().x(), width), std::pow(1.0015, turned.y()));
  } else {
    const int steps = turned.x() != 0 ? turned.x() : turned.y();
    axis->scrollTo(axis->begin() - axis->span() * steps / 1200.0);
  }
  event->accept();
}

}  // namespace

QString timeText(double seconds) {
  const int minutes = static_cast<int>(seconds) / 60;
  return QStringLiteral("%1:%2").arg(minutes).arg(seconds - 60 * minutes, 4, 'f', 1, QLatin1Char('0'));
}

// ---- axis ----

TimeAxis::TimeAxis(QObject* parent) : QObject(parent) {}

void TimeAxis::setSong(int64_t length, int sample_rate) {
  length_ = std::max<int64_t>(1, length);
  rate_ = sample_rate;
  playhead_ = mark_begin_ = mark_end_ = 0;
  showAll();
  Q_EMIT markChanged();
}

void TimeAxis::setLength(int64_t length) {
  const bool all = span_ >= static_cast<double>(length_);
  length_ = std::max<int64_t>(1, length);
  if (all) return showAll();
  span_ = std::min(span_, static_cast<double>(length_));
  scrollTo(begin_);
}

void TimeAxis::showAll() {
  begin_ = 0;
  span_ = static_cast<double>(length_);
  Q_EMIT viewChanged();
}

void TimeAxis::zoomAt(double frame, double factor) {
  const double share = (frame - begin_) / span_;
  span_ = std::clamp(span_ / factor, std::min<double>(static_cast<double>(length_), kClosest * rate_),
                     static_cast<double>(length_));
  scrollTo(frame - share * span_);
}

void TimeAxis::scrollTo(double begin) {
  begin_ = std::clamp(begin, 0.0, std::max(0.0, static_cast<double>(length_) - span_));
  Q_EMIT viewChanged();
}

void TimeAxis::zoomHeight(double factor) {
  height_ = std::clamp(height_ * factor, 1.0, 32.0);
  Q_EMIT viewChanged();
}

void TimeAxis::showSpectrogram(bool on) {
  spectrogram_ = on;
  Q_EMIT viewChanged();
}

void TimeAxis::setPlayhead(int64_t frame, bool follow) {
  if (frame == playhead_) return;
  const int64_t before = playhead_;
  playhead_ = frame;
  const auto at = static_cast<double>(frame);
  if (follow && (at < begin_ || at > begin_ + span_)) scrollTo(at - 0.05 * span_);
  Q_EMIT playheadMoved(before, frame);
}

void TimeAxis::setMark(int64_t begin, int64_t end) {
  mark_begin_ = std::clamp<int64_t>(std::min(begin, end), 0, length_);
  mark_end_ = std::clamp<int64_t>(std::max(begin, end), 0, length_);
  Q_EMIT markChanged();
}

void TimeAxis::dragMark(int64_t begin, int64_t end) {
  const int64_t a = snap(begin), b = snap(end);
  a == b ? setMark(begin, end) : setMark(a, b);  // less than a beat is marked as it is
}

void TimeAxis::setBeats(std::shared_ptr<const BeatGrid> beats) {
  beats_ = std::move(beats);
  Q_EMIT viewChanged();
}

int64_t TimeAxis::snap(int64_t frame) const { return snapping_ && beats_ ? snapped(*beats_, frame) : frame; }

// ---- ruler ----

TimeRuler::TimeRuler(TimeAxis* axis, QWidget* parent) : QWidget(parent), axis_(axis) {
  setFixedHeight(26);
  setAccessibleName(tr("Time"));
  connect(axis, &TimeAxis::viewChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::markChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::playheadMoved, this, qOverload<>(&QWidget::update));
}

void TimeRuler::paintEvent(QPaintEvent*) {
  QPainter p(this);
  p.setRenderHint(QPainter::Antialiasing);
  p.fillRect(rect(), palette().color(QPalette::AlternateBase));
  const double rate = axis_->sampleRate(), seconds = axis_->span() / rate;
  double step = 0.01;  // 1, 2, 5, 10, ... apart by at least 70 pixels
  constexpr double kSteps[] = {0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600};
  for (const double s : kSteps) {
    step = s;
    if (s / seconds * width() >= 70) break;
  }
  if (axis_->hasMark()) {
    QColor mark = palette().color(QPalette::Highlight);
    mark.setAlpha(90);
    p.fillRect(QRectF(QPointF(axis_->toX(static_cast<double>(axis_->markBegin()), width()), 0),
                      QPointF(axis_->toX(static_cast<double>(axis_->markEnd()), width()), height())),
               mark);
  }
  paint_beats(p, *axis_, QRect(0, height() - 6, width(), 6), palette());
  const double first = std::ceil(axis_->begin() / rate / step) * step;
  for (int i = 0; first + i * step <= (axis_->begin() + axis_->span()) / rate + 1e-9; ++i) {
    const double at = first + i * step, x = axis_->toX(at * rate, width());
    p.setPen(palette().color(QPalette::Mid));
    p.drawLine(QPointF(x, height() - 7), QPointF(x, height()));
    p.setPen(palette().color(QPalette::PlaceholderText));
    const int minutes = static_cast<int>(at + 1e-6) / 60;
    const int decimals = step < 0.1 ? 2 : step < 1 ? 1 : 0;
    p.drawText(QRectF(x + 4, 0, 80, height() - 4), Qt::AlignVCenter | Qt::AlignLeft,
               QStringLiteral("%1:%2").arg(minutes).arg(at - 60 * minutes, decimals > 0 ? 3 + decimals : 2, 'f',
                                                        decimals, QLatin1Char('0')));
  }
  p.setPen(QPen(palette().color(QPalette::Mid), 1));
  p.drawLine(0, height() - 1, width(), height() - 1);
  const double x = axis_->toX(static_cast<double>(axis_->playhead()), width());
  p.setPen(Qt::NoPen);
  p.setBrush(palette().color(QPalette::Text));
  p.drawPolygon(QPolygonF{{x - 5, height() - 9.0}, {x + 5, height() - 9.0}, {x, height() - 1.0}});
}

void TimeRuler::mousePressEvent(QMouseEvent* event) {
  Q_EMIT axis_->seek(
      std::clamp<int64_t>(std::llround(axis_->toFrame(event->position().x(), width())), 0, axis_->length()));
}
void TimeRuler::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons().testFlag(Qt::LeftButton)) mousePressEvent(event);
}
void TimeRuler::wheelEvent(QWheelEvent* event) { scroll_or_zoom(axis_, event, width()); }

// ---- lane ----

Lane::Lane(TimeAxis* axis, const QColor& colour, QWidget* parent) : QWidget(parent), axis_(axis), colour_(colour) {
  setMinimumHeight(52);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  setFocusPolicy(Qt::ClickFocus);
  connect(axis, &TimeAxis::viewChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::markChanged, this, qOverload<>(&QWidget::update));
  connect(axis, &TimeAxis::playheadMoved, this, [this](int64_t before, int64_t now) {
    for (const int64_t frame : {before, now})
      update(QRectF(axis_->toX(static_cast<double>(frame), width()) - 2, 0, 5, height()).toAlignedRect());
  });
}

void Lane::setPeaks(std::vector<Peak> peaks) {
  peaks_ = std::move(peaks);
  forming_ = -1;
  update();
}

void Lane::update(int64_t begin, const std::vector<Peak>& peaks, int64_t forming) {
  const auto from = static_cast<size_t>(begin / kPeakFrames);
  if (peaks_.size() < from + peaks.size()) peaks_.resize(from + peaks.size());
  std::copy(peaks.begin(), peaks.end(), peaks_.begin() + static_cast<ptrdiff_t>(from));
  forming_ = forming;
  if (spectrogram_ != nullptr) spectrogram_->changed(begin, begin + static_cast<int64_t>(peaks.size()) * kPeakFrames);
  update();
}

void Lane::setTrack(std::shared_ptr<const PcmFile> track, int sample_rate, const std::shared_ptr<Worker>& worker) {
  stereo_ = track != nullptr && track->channels() == 2;
  if (spectrogram_ == nullptr) {
    spectrogram_ = new Spectrogram(worker, this);
    connect(spectrogram_, &Spectrogram::ready, this, qOverload<>(&QWidget::update));
  }
  spectrogram_->setTrack(std::move(track), sample_rate);
}

void Lane::setSpread(StemSpread spread) {
  spread_ = std::move(spread);
  update();
}

void Lane::setOverlay(int64_t begin, std::vector<Peak> peaks) {
  overlay_begin_ = begin / kPeakFrames;
  overlay_ = std::move(peaks);
  if (spectrogram_ != nullptr && !overlay_.empty())
    spectrogram_->changed(begin, begin + static_cast<int64_t>(overlay_.size()) * kPeakFrames);
  update();
}

void Lane::setForming(int64_t frame) {
  forming_ = frame;
  update();
}

void Lane::setHeard(double gain, bool audible) {
  gain_ = gain;
  audible_ = audible;
  update();
}

void Lane::paintEvent(QPaintEvent* event) {
  QPainter p(this);
  p.fillRect(event->rect(), palette().color(QPalette::Dark));
  if (axis_->hasMark()) {
    QColor mark = palette().color(QPalette::Highlight);
    mark.setAlpha(46);
    p.fillRect(QRectF(QPointF(axis_->toX(static_cast<double>(axis_->markBegin()), width()), 0),
                      QPointF(axis_->toX(static_cast<double>(axis_->markEnd()), width()), height())),
               mark);
  }
  paintTrack(p, event->rect());
  paint_beats(p, *axis_, rect(), palette());
  paintSpread(p, event->rect());
  const double at = axis_->toX(static_cast<double>(axis_->playhead()), width());
  p.setPen(QPen(palette().color(QPalette::Text), 1));
  p.drawLine(QPointF(at, 0), QPointF(at, height()));
}

void Lane::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  pressed_ = event->position();
  dragging_ = false;
}

void Lane::mouseMoveEvent(QMouseEvent* event) {
  if (!event->buttons().testFlag(Qt::LeftButton)) return;
  if (!dragging_ && std::abs(event->position().x() - pressed_.x()) < 5) return;
  dragging_ = true;
  axis_->dragMark(std::llround(axis_->toFrame(pressed_.x(), width())),
                  std::llround(axis_->toFrame(event->position().x(), width())));
}

void Lane::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  if (!dragging_) {
    const auto frame =
        std::clamp<int64_t>(std::llround(axis_->toFrame(event->position().x(), width())), 0, axis_->length());
    if (axis_->hasMark() && (frame < axis_->markBegin() || frame > axis_->markEnd())) axis_->setMark(0, 0);
    Q_EMIT axis_->seek(frame);
  }
  dragging_ = false;
}

void Lane::wheelEvent(QWheelEvent* event) { scroll_or_zoom(axis_, event, width()); }

}  // namespace mgdm::ui
