// Mel spectrograms of tracks in tiles: computed in the background, only where they are looked at and only what is new
// of them.
//
// Lives on the GUI thread; one thread of its own computes for all tracks.
#pragma once
#include <QColor>
#include <QImage>
#include <QObject>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <utility>

class QPainter;

namespace mgdm {
class PcmFile;
class Worker;
}  // namespace mgdm

namespace mgdm::ui {

class Spectrogram : public QObject {
  Q_OBJECT
 public:
  static constexpr int kColumns = 256;     ///< of a tile
  static constexpr int64_t kClosest = 64;  ///< frames of a column where one looks closest
  static constexpr size_t kTiles = 64;     ///< of a track that are held
  /// `worker` is shared by all tracks and outlives them.
  explicit Spectrogram(std::shared_ptr<Worker> worker, QObject* parent = nullptr);
  ~Spectrogram() override;

  void setTrack(std::shared_ptr<const PcmFile> track, int sample_rate);  ///< nullptr: none
  /// Silence is `background`, what is loud `colour`, and what is loudest stands out from both.
  void setColours(const QColor& background, const QColor& colour);
  bool hasTrack() const { return track_ != nullptr; }
  /// These frames are new.
  void changed(int64_t begin, int64_t end);
  /// Draws frames [begin, begin + span) into `to`, as far as they are computed; the rest is begun.
  void paint(QPainter& painter, const QRectF& to, double begin, double span);
  int64_t columnsComputed() const { return computed_; }  ///< so far, for tests

 Q_SIGNALS:
  void ready();  ///< there is more to be drawn

 private:
  using Key = std::pair<int, int64_t>;  ///< level: a column is kClosest << level frames; number of the tile
  struct Tile {
    QImage image;
    int dirty_from = 0, dirty_to = kColumns;  ///< columns that are to be computed
    bool computing = false;
    std::list<Key>::iterator used;
  };
  Tile& tile(const Key& key);
  void compute(const Key& key, Tile& tile);
  void take(const Key& key, quint64 generation, int from, const QImage& columns);
  int64_t trackLength() const;

  std::shared_ptr<Worker> worker_;
  std::shared_ptr<const PcmFile> track_;
  int sample_rate_ = 44100;
  QColor background_, colour_;
  QVector<QRgb> colours_;
  std::map<Key, Tile> tiles_;
  std::list<Key> newest_;  ///< looked at last first
  quint64 generation_ = 0;
  int64_t computed_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< read and set on the GUI thread
};

}  // namespace mgdm::ui
