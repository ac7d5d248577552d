// Watching a run: the numbers of the iterate on screen, and the residual of all of them as a curve.
#pragma once
#include <QWidget>
#include <vector>

class QGridLayout;
class QLabel;

namespace mgdm::ui {

struct Frame;

/// Root mean square residual over the steps, logarithmic, with a line at one sigma: where a sample that
/// explains the observation ends. Click or drag to go to a step.
class ResidualPlot : public QWidget {
  Q_OBJECT
 public:
  explicit ResidualPlot(QWidget* parent = nullptr);
  void clear();
  /// `steps`: of the whole run, for the axis.
  void append(double residual, int steps);
  void thin(const std::vector<size_t>& keep);
  void setCurrent(int index);
  QSize sizeHint() const override { return {260, 130}; }

 Q_SIGNALS:
  void picked(int index);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  QRectF plot() const;
  double x(double index) const;
  double y(double residual) const;
  std::vector<double> values_;
  int steps_ = 1, current_ = -1;
};

/// The Gibbs inspector: step, repetition, t, tau, residual, update, evaluations.
class Inspector : public QWidget {
  Q_OBJECT
 public:
  explicit Inspector(QWidget* parent = nullptr);
  void show(const Frame& frame);
  void clear();
  ResidualPlot* plot() const { return plot_; }

 private:
  QLabel* row(QGridLayout* grid, const QString& name, const QString& help);
  QLabel *step_, *gibbs_, *t_, *tau_, *residual_, *update_, *evaluations_, *seconds_;
  ResidualPlot* plot_;
};

}  // namespace mgdm::ui
