// The song and its stems one under the other, each with its lane, loudness, mute and solo.
#pragma once
#include <QStringList>
#include <QWidget>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "core/media/mixdown.h"
#include "ui/song/peaks.h"

class QHBoxLayout;
class QSlider;
class QToolButton;
class QVBoxLayout;

namespace mgdm {
class Player;
class Worker;
}  // namespace mgdm

namespace mgdm::ui {

class Lane;
class TimeAxis;

class StemRows : public QWidget {
  Q_OBJECT
 public:
  static constexpr int kHeaderWidth = 176;
  explicit StemRows(TimeAxis* axis, QWidget* parent = nullptr);

  void setSong(const std::vector<Peak>& peaks);       ///< without stems
  void growSong(const SongStretch& more);             ///< of a song that is still being read
  void completeSong(const std::vector<Peak>& peaks);  ///< all of it is; what is set here stays
  void setStems(const QStringList& names);
  /// What the lanes' spectrograms are made of: the song, then its stems.
  void setTracks(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate);
  void setSpread(const SongSpread& spread);
  /// Drawn in the place of what the stems have there; without peaks: nothing.
  void setOverlay(const SongStretch& stretch);
  void take(const SongStretch& stretch);
  void setForming(int64_t frame);  ///< from there on the stems are not finished
  bool hasStems() const { return rows_.size() > 1; }
  /// What is heard of the song and of each stem. `original`: the song instead of its stems.
  std::vector<ChannelGains> gains(bool original) const;
  void applyTo(Player& player, bool original) const;
  QStringList notMuted() const;
  /// The stems, without the repaired song.
  QStringList stems() const;
  /// What is heard of the stems, by their names, also while the song itself is.
  std::vector<std::pair<QString, ChannelGains>> heard() const;
  static QString shownName(const QString& track);   ///< "Bass"
  static QString spokenName(const QString& track);  ///< "bass", within a sentence; empty for the song
  /// Mute, solo and loudness of each track by its name, and back; tracks that are not there are left out.
  nlohmann::json session() const;
  void restore(const nlohmann::json& session);
  void unmuteAll();
  void endSolo();

 Q_SIGNALS:
  void changed();  ///< what is to be heard

 private:
  /// A lane with its buttons. The first is the song itself.
  struct Row {
    QString name;  ///< of the track; empty for the song
    QWidget* widget = nullptr;
    Lane* lane = nullptr;
    QToolButton *mute = nullptr, *solo = nullptr;
    QSlider *gain = nullptr, *place = nullptr;
  };
  Row makeRow(const QString& name);
  void scaleTo(const std::vector<Peak>& peaks);
  void addButtons(Row& row, const QString& shown, QHBoxLayout* top);
  void addSliders(Row& row, const QString& shown, QVBoxLayout* column);

  TimeAxis* axis_;
  QVBoxLayout* column_;
  std::vector<Row> rows_;
  std::vector<Peak> song_;
  std::shared_ptr<Worker> worker_;  ///< makes spectrograms
  double scale_ = 1;                ///< sample value that fills half a lane
};

}  // namespace mgdm::ui
