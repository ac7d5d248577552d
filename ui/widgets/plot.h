// The residual of a run as a curve.
#pragma once
#include <QWidget>
#include <vector>

namespace mgdm::ui {

/// Root mean square residual over the steps, logarithmic, with a line at one sigma: where a sample that
/// explains the observation ends. Click or drag to go to a step.
class ResidualPlot : public QWidget {
  Q_OBJECT
 public:
  explicit ResidualPlot(QWidget* parent = nullptr);
  void clear();
  /// `steps`: of the whole run, for the axis.
  void append(double residual, int steps);  ///< NaN: not known
  void replaceLast(double residual);
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

}  // namespace mgdm::ui
