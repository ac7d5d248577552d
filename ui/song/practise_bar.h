// Practising with a song: tempo and key, beats, loops; what is set is given to the player and kept with the song.
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "ui/song/practise_keeping.h"
#include "ui/song/song_runs.h"

class QTimer;

namespace mgdm {
class Player;
}

namespace mgdm::ui {

class ActionList;
class BeatFinder;
class BeatRow;
class LoopRow;
class Saver;
class TempoRow;
class TimeAxis;

/// Player, axis and saver outlive it.
class PractiseBar : public QWidget {
  Q_OBJECT
 public:
  PractiseBar(Player* player, TimeAxis* axis, Saver* saver, QWidget* parent = nullptr);
  /// The keys that practising has on the page.
  void addActions(ActionList& actions);

  /// What was kept with this song. It may still be being read.
  void setSong(const OpenedSong& song);
  /// All of it is read: its beats are found, if they are not known.
  void songRead();
  /// Beats are found again in the drums once they are finished over all of the song.
  void setStems(const SongTracks& stems);
  void stemsFinished(int64_t begin, int64_t end);
  void save();  ///< now, if something is not kept yet

 Q_SIGNALS:
  void loopWanted();                            ///< the marked part is to be repeated
  void handed(const mgdm::Practice& practice);  ///< what is heard from now on
  void trained(double tempo, int pass);         ///< what the speed trainer has come to; passes from 0

 private:
  void changed();
  void hand();  ///< to player and axis
  void takeBeats(const BeatGrid& grid);

  Player* player_;
  TimeAxis* axis_;
  Saver* saver_;
  QTimer *timer_, *clock_;
  BeatFinder* finder_;
  TempoRow* tempo_;
  BeatRow* beats_;
  LoopRow* loop_;
  OpenedSong song_;
  std::shared_ptr<const PcmFile> drums_;
  bool in_drums_ = false;  ///< where the beats are being found
  QString file_;           ///< where this song's settings are kept; empty: nowhere
  KeptPractice kept_;
};

}  // namespace mgdm::ui
