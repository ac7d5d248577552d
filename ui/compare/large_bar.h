// How one or two cells are seen large: the line above that view.
#pragma once
#include <QWidget>

class QButtonGroup;
class QComboBox;
class QSpinBox;

namespace mgdm::ui {

class Cells;
class LargeView;

/// Single, slider, side by side, flip; the other cell; the pace of flipping.
class LargeBar : public QWidget {
  Q_OBJECT
 public:
  LargeBar(LargeView* view, QWidget* parent = nullptr);
  void setCells(Cells* cells);
  void setOther(int cell);  ///< -1: the reference

 Q_SIGNALS:
  void otherChosen(int cell);

 private:
  void fill();

  Cells* cells_ = nullptr;
  LargeView* view_;
  QButtonGroup* modes_;
  QComboBox* other_;
  QSpinBox* pace_;
};

}  // namespace mgdm::ui
