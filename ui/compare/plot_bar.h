// What quality is plotted against, and which cells are put together: the line above the plot.
#pragma once
#include <QWidget>

class QComboBox;
class QMenu;

namespace mgdm::ui {

class Cells;
class CellPlot;

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
  QMenu* over_;
};

}  // namespace mgdm::ui
