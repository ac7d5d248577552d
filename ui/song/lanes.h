// The lanes of a song: one waveform under the other on one time axis.
//
// The axis is shared: zooming, scrolling, seeking and marking a part in one lane does it in all. The wheel scrolls,
// Ctrl + wheel zooms at the pointer, a click seeks, a drag marks a part.
#pragma once
#include <QColor>
#include <QObject>
#include <QWidget>
#include <memory>
#include <vector>

#include "core/media/beat_grid.h"
#include "ui/song/peaks.h"

class QPainter;

namespace mgdm {
class PcmFile;
class Worker;
}  // namespace mgdm

namespace mgdm::ui {

class Spectrogram;

/// What part of the song is seen, where it plays, and which part is marked. Frames of the song.
class TimeAxis : public QObject {
  Q_OBJECT
 public:
  explicit TimeAxis(QObject* parent = nullptr);
  void setSong(int64_t length, int sample_rate);
  void setLength(int64_t length);  ///< of the same song, of which more is known
  int64_t length() const { return length_; }
  int sampleRate() const { return rate_; }
  double begin() const { return begin_; }  ///< at the left edge
  double span() const { return span_; }    ///< from the left edge to the right
  double toX(double frame, int width) const { return (frame - begin_) / span_ * width; }
  double toFrame(double x, int width) const { return begin_ + x / width * span_; }
  void zoomAt(double frame, double factor);  ///< factor > 1: closer
  void scrollTo(double begin);
  void showAll();
  /// How much taller than they are waveforms are drawn, 1 to 32.
  double height() const { return height_; }
  void zoomHeight(double factor);
  bool spectrogram() const { return spectrogram_; }  ///< instead of waveforms
  void showSpectrogram(bool on);

  int64_t playhead() const { return playhead_; }
  /// `follow`: scrolls when it leaves the seen part.
  void setPlayhead(int64_t frame, bool follow);
  bool hasMark() const { return mark_end_ > mark_begin_; }
  int64_t markBegin() const { return mark_begin_; }
  int64_t markEnd() const { return mark_end_; }
  void setMark(int64_t begin, int64_t end);  ///< empty: none
  /// As a person drags it: on the beats, where that is wished.
  void dragMark(int64_t begin, int64_t end);
  void setBeats(std::shared_ptr<const BeatGrid> beats);  ///< nullptr: none are known
  const BeatGrid* beats() const { return beats_.get(); }
  void setSnapping(bool on) { snapping_ = on; }
  int64_t snap(int64_t frame) const;  ///< to the nearest beat, where that is wished

 Q_SIGNALS:
  void viewChanged();
  void playheadMoved(int64_t before, int64_t now);
  void markChanged();
  void seek(int64_t frame);  ///< the person asks for it

 private:
  int64_t length_ = 1, playhead_ = 0, mark_begin_ = 0, mark_end_ = 0;
  int rate_ = 44100;
  double begin_ = 0, span_ = 1, height_ = 1;
  bool spectrogram_ = false;
  std::shared_ptr<const BeatGrid> beats_;
  bool snapping_ = false;
};

/// "1:02.3"
QString timeText(double seconds);

/// The scale above the lanes.
class TimeRuler : public QWidget {
  Q_OBJECT
 public:
  explicit TimeRuler(TimeAxis* axis, QWidget* parent = nullptr);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;

 private:
  TimeAxis* axis_;
};

/// Where the samples of a stem lie apart (core/runs/sample_spread.h): a value for each `frames` frames from `begin` on,
/// NaN where nothing is known.
struct StemSpread {
  std::vector<float> values;
  double begin = 0, frames = 1;
};

/// One track: its waveform, of each channel where there is room, or its spectrogram; and where its samples lie apart.
class Lane : public QWidget {
  Q_OBJECT
 public:
  Lane(TimeAxis* axis, const QColor& colour, QWidget* parent = nullptr);
  /// What spectrograms are made of; `worker` makes them.
  void setTrack(std::shared_ptr<const PcmFile> track, int sample_rate, const std::shared_ptr<Worker>& worker);
  void setSpread(StemSpread spread);
  /// Drawn in the place of the peaks from frame `begin` on, as not finished; empty: nothing is.
  void setOverlay(int64_t begin, std::vector<Peak> peaks);
  /// All of the song; empty: nothing is known yet.
  void setPeaks(std::vector<Peak> peaks);
  /// New ones from frame `begin`, a multiple of kPeakFrames. From `forming` on, drawn as not finished.
  void update(int64_t begin, const std::vector<Peak>& peaks, int64_t forming);
  void setForming(int64_t frame);
  /// As it is heard: the waveform's height and brightness follow.
  void setHeard(double gain, bool audible);
  const std::vector<Peak>& peaks() const { return peaks_; }
  bool audible() const { return audible_; }
  using QWidget::update;

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;

 private:
  // lane_painting.cpp
  enum class Channel { Both, Left, Right };
  void paintWave(QPainter& p, Channel channel, const QRectF& to, const QRect& dirty) const;
  void paintTrack(QPainter& p, const QRect& dirty);
  void paintSpread(QPainter& p, const QRect& dirty) const;
  QRect spreadStrip() const;  ///< empty: nothing is known
  QString spreadWords(int x) const;

  TimeAxis* axis_;
  QColor colour_;
  Spectrogram* spectrogram_ = nullptr;
  bool stereo_ = false;
  StemSpread spread_;
  std::vector<Peak> overlay_;
  int64_t overlay_begin_ = 0;  ///< in stretches of kPeakFrames
  std::vector<Peak> peaks_;
  int64_t forming_ = -1;
  double gain_ = 1;
  bool audible_ = true;
  QPointF pressed_;
  bool dragging_ = false;
};

}  // namespace mgdm::ui
