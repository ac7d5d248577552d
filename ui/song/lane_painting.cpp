// What a lane shows of its track.
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/song/lanes.h"
#include "ui/song/spectrogram.h"
#include "ui/widgets/color_scale.h"

namespace mgdm::ui {

namespace {
constexpr int kStripHeight = 7;     ///< pixels
constexpr double kRoomForTwo = 64;  ///< pixels, for two channels
}  // namespace

void Lane::paintWave(QPainter& p, Channel channel, const QRectF& to, const QRect& dirty) const {
  const double middle = to.center().y(), half = to.height() / 2 - 2;
  p.setPen(palette().color(QPalette::Mid));
  p.drawLine(QPointF(0, middle), QPointF(width(), middle));
  QColor loud = audible_ ? colour_ : palette().color(QPalette::Disabled, QPalette::Text), forming = loud;
  forming.setAlpha(110);
  const double factor = gain_ * axis_->height();
  const auto y = [&](float v) { return middle - half * std::clamp(v * factor, -1.0, 1.0); };
  const auto first = std::max(0, dirty.left()), last = std::min(width() - 1, dirty.right());
  const auto count = static_cast<int64_t>(peaks_.size());
  QVector<QLineF> lines, pale;
  for (int x = first; x <= last; ++x) {
    const double from = axis_->toFrame(x, width()) / kPeakFrames,
                 end = std::max(from + 1, axis_->toFrame(x + 1, width()) / kPeakFrames);
    const auto begin = static_cast<int64_t>(from);
    if (begin < 0 || begin >= count) continue;
    const bool laid_over = begin >= overlay_begin_ && begin < overlay_begin_ + static_cast<int64_t>(overlay_.size());
    const auto seen = [&](int64_t i) {
      const int64_t over = i - overlay_begin_;
      return over >= 0 && over < static_cast<int64_t>(overlay_.size()) ? overlay_[static_cast<size_t>(over)]
                                                                       : peaks_[static_cast<size_t>(i)];
    };
    Peak peak = seen(begin);
    for (int64_t i = begin + 1; i < std::min(static_cast<int64_t>(end), count); ++i) peak.add(seen(i));
    const float low = channel == Channel::Both   ? peak.lowest()
                      : channel == Channel::Left ? peak.low
                                                 : peak.right_low,
                high = channel == Channel::Both   ? peak.highest()
                       : channel == Channel::Left ? peak.high
                                                  : peak.right_high;
    if (low == 0 && high == 0) continue;
    const bool done = !laid_over && (forming_ < 0 || from * kPeakFrames < static_cast<double>(forming_));
    (done ? lines : pale).push_back(QLineF(x + 0.5, y(high) - 0.5, x + 0.5, y(low) + 0.5));
  }
  p.setPen(QPen(loud, 1));
  p.drawLines(lines);
  p.setPen(QPen(forming, 1));
  p.drawLines(pale);
}

void Lane::paintTrack(QPainter& p, const QRect& dirty) {
  QRectF room(0, 1, width(), height() - 2);
  if (const QRect strip = spreadStrip(); !strip.isEmpty()) room.setBottom(strip.top() - 1);
  if (axis_->spectrogram() && spectrogram_ != nullptr && spectrogram_->hasTrack()) {
    p.save();
    p.setClipRect(dirty);
    spectrogram_->setColours(palette().color(QPalette::Dark), colour_);
    if (!audible_) p.setOpacity(0.35);
    spectrogram_->paint(p, room, axis_->begin(), axis_->span());
    p.restore();
  } else if (stereo_ && room.height() >= kRoomForTwo) {
    const double half = room.height() / 2;
    paintWave(p, Channel::Left, QRectF(0, room.top(), width(), half), dirty);
    paintWave(p, Channel::Right, QRectF(0, room.top() + half, width(), half), dirty);
  } else {
    paintWave(p, Channel::Both, room, dirty);
  }
}

QRect Lane::spreadStrip() const {
  const bool known = std::any_of(spread_.values.begin(), spread_.values.end(), [](float v) { return !std::isnan(v); });
  return known ? QRect(0, height() - kStripHeight, width(), kStripHeight) : QRect();
}

void Lane::paintSpread(QPainter& p, const QRect& dirty) const {
  const QRect strip = spreadStrip();
  if (strip.isEmpty()) return;
  const ColorScale scale{ColorScale::Kind::Sequential, 1, {}, {}, false};
  const auto count = static_cast<int64_t>(spread_.values.size());
  for (int x = std::max(0, dirty.left()); x <= std::min(width() - 1, dirty.right()); ++x) {
    const auto index = [&](double pixel) { return (axis_->toFrame(pixel, width()) - spread_.begin) / spread_.frames; };
    const auto from = static_cast<int64_t>(std::floor(index(x))),
               end = std::max(from + 1, static_cast<int64_t>(std::floor(index(x + 1))));
    double sum = 0;
    int known = 0;
    for (int64_t i = std::max<int64_t>(0, from); i < std::min(end, count); ++i) {
      const float value = spread_.values[static_cast<size_t>(i)];
      if (std::isnan(value)) continue;
      sum += value;
      ++known;
    }
    if (known > 0) p.fillRect(QRect(x, strip.top(), 1, strip.height()), QColor::fromRgb(scale.colour(sum / known)));
  }
}

QString Lane::spreadWords(int x) const {
  const double index = (axis_->toFrame(x, width()) - spread_.begin) / spread_.frames;
  if (index < 0 || index >= static_cast<double>(spread_.values.size())) return {};
  const float value = spread_.values[static_cast<size_t>(index)];
  if (std::isnan(value)) return {};
  return tr("The samples differ by %1 % here: dark is sure, bright is a guess.").arg(std::lround(100 * value));
}

bool Lane::event(QEvent* event) {
  if (event->type() != QEvent::ToolTip) return QWidget::event(event);
  const auto* help = static_cast<QHelpEvent*>(event);
  const QString words = spreadStrip().contains(help->pos()) ? spreadWords(help->pos().x()) : QString();
  if (words.isEmpty()) {
    QToolTip::hideText();
  } else {
    QToolTip::showText(help->globalPos(), words, this);
  }
  return true;
}

}  // namespace mgdm::ui
