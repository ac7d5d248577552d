// How one or two cells are seen large, and what quality is plotted against: the lines above those views.
#pragma once
#include <QWidget>

class QButtonGroup;
class QComboBox;
class QSpinBox;

namespace mgdm::ui {

class Cells;
class CellPlot;
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

/// Quality, effort, scale, which axes are put together.
class PlotBar : public QWidget {
  Q_OBJECT
 public:
  PlotBar(CellPlot* plot, QWidget* parent = nullptr);
  void setCells(Cells* cells);

 private:
  void fill();
  void apply();

  Cells* cells_ = nullptr;
  CellPlot* plot_;
  QComboBox *quality_, *effort_;
  class QMenu* over_;
};

}  // namespace mgdm::ui
