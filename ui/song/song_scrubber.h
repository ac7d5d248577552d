// Goes back through the iterates of a song's run: what is chosen is seen in the lanes and heard, at the same place.
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "ui/song/peaks.h"
#include "ui/song/song_iterates.h"

class QLabel;
class QSlider;

namespace mgdm {
class PcmFile;
class Worker;
}  // namespace mgdm

namespace mgdm::ui {

class TimeAxis;

/// An iterate as tracks of the song's rate and length, mono, silent but for its window; one for each stem.
struct ScrubbedTracks {
  std::vector<std::shared_ptr<const PcmFile>> tracks;
  SongStretch stretch;
};

class SongScrubber : public QWidget {
  Q_OBJECT
 public:
  explicit SongScrubber(TimeAxis* axis, QWidget* parent = nullptr);
  ~SongScrubber() override;

  /// Those of a new run, of a song of that length and rate; nullptr: there are none. Its tracks are made in `folder`,
  /// which must exist.
  void begin(std::shared_ptr<const SongIterates> iterates, const QString& folder, int64_t length, int sample_rate);
  void refresh();  ///< there may be more of them
  void end();      ///< what is there is shown as it is
  bool scrubbing() const { return scrubbing_; }

 Q_SIGNALS:
  void shown(const mgdm::ui::ScrubbedTracks& tracks);  ///< to be seen and heard instead of the stems
  void ended();

 private:
  void choose(int index);
  void make(const SongIterate& iterate);

  TimeAxis* axis_;
  std::shared_ptr<const SongIterates> iterates_;
  std::vector<SongIterate> here_;  ///< of the window that the slider goes through
  QString folder_;
  int64_t length_ = 0;
  int rate_ = 44100;
  bool scrubbing_ = false;
  quint64 newest_ = 0;  ///< number of the choice that is wanted
  struct Tracks;
  std::shared_ptr<Tracks> tracks_;  ///< the worker's
  QSlider* slider_;
  QLabel* label_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace mgdm::ui
