// Watching a run: which of its pictures is seen, the numbers of the iterate on screen, and the residual of all of them
// as a curve.
#pragma once
#include <QWidget>

class QGridLayout;
class QLabel;
class QLayout;

namespace mgdm::ui {

struct Frame;
class ResidualPlot;

/// The Gibbs inspector: step, repetition, t, tau, residual, update, evaluations.
class Inspector : public QWidget {
  Q_OBJECT
 public:
  enum class View { Denoised, Noisy, Residual };
  explicit Inspector(QWidget* parent = nullptr);
  void show(const Frame& frame);
  void clear();
  ResidualPlot* plot() const { return plot_; }
  View view() const { return view_; }

 Q_SIGNALS:
  void viewChanged();
  void intervalChanged(int interval);  ///< how often the person wants to see an iterate; 0: never

 private:
  QLayout* buildViews();
  QLabel* row(QGridLayout* grid, const QString& name, const QString& help);

  QLabel *step_, *gibbs_, *t_, *tau_, *residual_, *update_, *evaluations_, *seconds_;
  ResidualPlot* plot_;
  View view_ = View::Denoised;
};

}  // namespace mgdm::ui
