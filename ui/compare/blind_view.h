// Two cells without their names: which one is better? Pictures side by side, songs by turns at the same place.
#pragma once
#include <QWidget>
#include <array>

#include "ui/compare/blind_tally.h"
#include "ui/compare/linked_view.h"
#include "ui/compare/store_cells.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace mgdm::ui {

class BlindView : public QWidget {
  Q_OBJECT
 public:
  explicit BlindView(QWidget* parent = nullptr);
  void setCells(StoreCells* cells);
  /// Begins anew, along the chosen axis.
  void begin(uint64_t seed);
  /// The cells that are shown, -1: none.
  int first() const { return shown_[0]; }
  int second() const { return shown_[1]; }
  const BlindTally& tally() const { return tally_; }
  void judge(BlindTally::Choice choice);
  bool revealed() const { return revealed_; }
  void reveal();

 Q_SIGNALS:
  void heard(int cell);  ///< this one is to be played

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  class Pane;
  void fill();
  void next();
  void show();

  StoreCells* cells_ = nullptr;
  BlindTally tally_;
  std::array<int, 2> shown_{-1, -1};
  std::array<Pane*, 2> panes_{};
  std::array<QPushButton*, 2> listen_{};
  QComboBox* axis_;
  QPushButton *better_first_, *neither_, *better_second_, *reveal_, *again_;
  QLabel *count_, *scores_;
  LinkedView view_;
  uint64_t places_ = 0;
  bool revealed_ = false;
};

}  // namespace mgdm::ui
