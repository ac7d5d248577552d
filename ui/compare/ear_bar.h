// Cells of songs under one transport: one is heard, another takes over at the same place while it plays.
#pragma once
#include <QWidget>
#include <memory>
#include <vector>

#include "ui/compare/store_cells.h"

class QCheckBox;
class QComboBox;
class QLabel;
class QSlider;
class QToolButton;

namespace mgdm {
class PcmFile;
class Player;
class Worker;
}  // namespace mgdm

namespace mgdm::ui {

/// GUI thread; tracks are made on a thread of its own, of the cells that are done and of the current one's length.
class EarBar : public QWidget {
  Q_OBJECT
 public:
  explicit EarBar(QWidget* parent = nullptr);
  ~EarBar() override;

  void setCells(StoreCells* cells);
  void setCurrent(int cell);  ///< is heard from now on
  void togglePlay();
  bool playing() const;
  Player* player() const { return player_.get(); }
  /// The gain with which a cell is heard now, 0 where it is not.
  float gainOf(int cell) const;

 Q_SIGNALS:
  void failed(const QString& words);

 private:
  struct Track {
    int cell = -1;  ///< -1: the true stem, -2: the mix
    std::shared_ptr<const PcmFile> sound;
    double rms = 0;
  };
  struct Loaded {
    std::vector<Track> tracks;
    int rate = 0;
    QString problem;
  };
  void describe();
  void load(bool play);
  void take(const Loaded& loaded, bool play);
  void applyGains();
  void tick();

  StoreCells* cells_ = nullptr;
  std::unique_ptr<Player> player_;
  std::unique_ptr<Worker> reader_;
  std::vector<Track> tracks_;
  QToolButton* play_;
  QSlider* place_;
  QComboBox *stem_, *heard_;
  QCheckBox* matched_;
  QLabel* time_;
  int current_ = -1, rate_ = 0;
  quint64 number_ = 0;
  bool stale_ = true;  ///< what is loaded is not what is wanted
};

}  // namespace mgdm::ui
