// Two cells that advance side by side, evaluation for evaluation, with the curves of their residual and quality.
#pragma once
#include <QWidget>
#include <array>

#include "ui/compare/store_cells.h"

class QComboBox;
class QLabel;
class QPushButton;

namespace mgdm::ui {

class CurvePlot;
class LargeView;

class RaceView : public QWidget {
  Q_OBJECT
 public:
  explicit RaceView(QWidget* parent = nullptr);
  void setCells(StoreCells* cells);
  /// `b` -1: the cell that differs from `a` in the first axis that it can.
  void choose(int a, int b);
  int first() const;
  int second() const;
  void setRunning(bool running);
  /// A figure of a cell that is on.
  void append(int cell, const Figures& figures);
  LargeView* pictures() const { return pictures_; }
  CurvePlot* residuals() const { return residuals_; }
  CurvePlot* qualities() const { return qualities_; }

 Q_SIGNALS:
  void raceWanted(int a, int b);

 private:
  void fill();
  int rival(int cell) const;
  void show();
  void showCurve(int side);

  StoreCells* cells_ = nullptr;
  std::array<QComboBox*, 2> choice_{};
  QPushButton* start_;
  QLabel* hint_;
  LargeView* pictures_;
  CurvePlot *residuals_, *qualities_;
  bool running_ = false;
};

}  // namespace mgdm::ui
