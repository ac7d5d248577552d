// Named curves that grow while they are watched.
#pragma once
#include <QWidget>
#include <optional>
#include <string>
#include <vector>

#include "ui/widgets/axes.h"

namespace mgdm::ui {

/// One figure of several runs against the evaluations that they have taken: the curves of a race. A residual's axis is
/// logarithmic, with a line at one sigma. The mouse shows all curves' values at one place; arrow keys move that place.
/// GUI thread.
class CurvePlot : public QWidget {
  Q_OBJECT
 public:
  /// `figure`: what goes upwards, by its name in core/compare/figures.h ("residual", "psnr").
  explicit CurvePlot(const std::string& figure, QWidget* parent = nullptr);
  /// No points, these curves. The n-th looks as the n-th series of every plot.
  void setCurves(const QStringList& names);
  /// Evaluations ascend within a curve; what is not finite is passed over.
  void append(int curve, double evaluations, double value);
  /// Of the longest run, so that the axis need not change while they go on; 0: not known.
  void setExpected(double evaluations);
  int points(int curve) const { return static_cast<int>(curves_.at(static_cast<size_t>(curve)).points.size()); }
  /// What stands beside the mouse or the keys' place, line by line; empty without one.
  QStringList callout() const;
  QPointF pointAt(int curve, int point) const;  ///< in this widget

  QSize sizeHint() const override { return {420, 200}; }
  QSize minimumSizeHint() const override { return {200, 120}; }

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  struct Curve {
    QString name;
    std::vector<QPointF> points;  ///< (evaluations, value)
  };
  Axes axes() const;
  QStringList legendNames() const;
  Legend legend() const;
  void point(std::optional<double> evaluations);
  void drawCurves(QPainter& painter, const Axes& axes) const;

  std::string figure_;
  std::vector<Curve> curves_;
  double expected_ = 0;
  std::optional<double> at_;  ///< evaluations that are pointed at
};

}  // namespace mgdm::ui
