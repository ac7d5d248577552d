// Watching a run: which of its pictures is seen, the numbers of the iterate on screen, and the residual of all of them
// as a curve.
#pragma once
#include <QWidget>
#include <utility>
#include <vector>

class QGridLayout;
class QLabel;
class QLayout;
class QTimer;

namespace mgdm::ui {

struct Frame;
class ResidualPlot;

/// Step and time for everybody; repetition, t, tau, residual, update and evaluations for who asks. A screen reader is
/// told each number with its name, at most once a second.
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
  void say();

  QLabel *step_, *gibbs_, *t_, *tau_, *residual_, *update_, *evaluations_, *seconds_;
  std::vector<std::pair<QString, QLabel*>> readings_;  ///< with their names
  QTimer* pause_;                                      ///< between two that are told
  ResidualPlot* plot_;
  View view_ = View::Denoised;
};

}  // namespace mgdm::ui
