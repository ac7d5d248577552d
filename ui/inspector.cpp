#include "ui/inspector.h"

#include <QGridLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

#include "ui/run_controller.h"

namespace mgdm::ui {

ResidualPlot::ResidualPlot(QWidget* parent) : QWidget(parent) {
  setMinimumHeight(110);
  setAccessibleName(tr("Residual"));
  setToolTip(
      tr("How far the estimate is from the observation, in units of its noise (sigma). A sample that explains it ends "
         "at the line.\nClick to go to a step."));
  setCursor(Qt::PointingHandCursor);
}

void ResidualPlot::clear() {
  values_.clear();
  current_ = -1;
  update();
}

void ResidualPlot::append(double residual, int steps) {
  values_.push_back(residual);
  steps_ = std::max({1, steps, static_cast<int>(values_.size())});
  update();
}

void ResidualPlot::thin(const std::vector<size_t>& keep) {
  std::vector<double> fewer;
  for (const size_t i : keep) fewer.push_back(values_[i]);
  values_ = std::move(fewer);
  update();
}

void ResidualPlot::setCurrent(int index) {
  current_ = index;
  update();
}

QRectF ResidualPlot::plot() const { return QRectF(rect()).adjusted(34, 8, -8, -18); }
double ResidualPlot::x(double index) const {
  return plot().left() + plot().width() * (steps_ > 1 ? index / (steps_ - 1) : 0.5);
}
double ResidualPlot::y(double residual) const {
  constexpr double kLow = -0.52, kHigh = 2.05;  // 0.3 to 112 sigma
  const double v = std::clamp(std::log10(std::max(residual, 1e-9)), kLow, kHigh);
  return plot().bottom() - plot().height() * (v - kLow) / (kHigh - kLow);
}

void ResidualPlot::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QRectF area = plot();
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette().color(QPalette::Base));
  painter.drawRoundedRect(rect(), 4, 4);
  QFont font = painter.font();
  font.setPointSizeF(font.pointSizeF() * 0.85);
  painter.setFont(font);
  const QColor words = palette().color(QPalette::PlaceholderText);
  for (const auto& [value, label] :
       {std::pair{1.0, tr("1 σ")}, std::pair{10.0, tr("10 σ")}, std::pair{100.0, tr("100 σ")}}) {
    painter.setPen(QPen(value == 1.0 ? QColor(88, 180, 120) : palette().color(QPalette::Mid), 1,
                        value == 1.0 ? Qt::SolidLine : Qt::DotLine));
    painter.drawLine(QPointF(area.left(), y(value)), QPointF(area.right(), y(value)));
    painter.setPen(words);
    painter.drawText(QRectF(0, y(value) - 8, 30, 16), Qt::AlignRight | Qt::AlignVCenter, label);
  }
  painter.setPen(words);
  painter.drawText(QRectF(area.left(), area.bottom() + 2, area.width(), 14), Qt::AlignCenter,
                   values_.empty() ? tr("residual, shown while it runs") : tr("residual over the steps"));
  if (values_.empty()) return;
  QPolygonF line;
  for (size_t i = 0; i < values_.size(); ++i) line << QPointF(x(static_cast<double>(i)), y(values_[i]));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette().color(QPalette::Link), 1.8));
  painter.drawPolyline(line);
  if (current_ >= 0 && current_ < line.size()) {
    painter.setPen(QPen(palette().color(QPalette::Text), 1));
    painter.drawLine(QPointF(line[current_].x(), area.top()), QPointF(line[current_].x(), area.bottom()));
    painter.setBrush(palette().color(QPalette::Link));
    painter.drawEllipse(line[current_], 3.5, 3.5);
  }
}

void ResidualPlot::mousePressEvent(QMouseEvent* event) {
  if (values_.empty()) return;
  const double share = (event->position().x() - plot().left()) / std::max(1.0, plot().width());
  Q_EMIT picked(
      std::clamp(static_cast<int>(std::lround(share * (steps_ - 1))), 0, static_cast<int>(values_.size()) - 1));
}

void ResidualPlot::mouseMoveEvent(QMouseEvent* event) {
  if (event->buttons() & Qt::LeftButton) mousePressEvent(event);
}

Inspector::Inspector(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(10);
  plot_ = new ResidualPlot;
  column->addWidget(plot_);
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(12);
  grid->setVerticalSpacing(5);
  grid->setColumnStretch(1, 1);
  step_ = row(grid, tr("Step"), tr("Outer noise level, of all (n)."));
  gibbs_ = row(grid, tr("Repetition"), tr("Gibbs repetition within the step (R)."));
  t_ = row(grid, tr("Noise level t"), tr("Time index of x_t, 999 = pure noise."));
  tau_ = row(grid, tr("Earlier time τ"),
             tr("The time drawn at random at which the likelihood is met (Gibbs: x_tau given x_0 and x_t)."));
  residual_ = row(grid, tr("Residual"), tr("Root mean square of (y - H(x_0)) / sigma_y."));
  update_ = row(grid, tr("Variational step"),
                tr("How far the variational update moved x_tau, in standard deviations of its prior bridge."));
  evaluations_ = row(grid, tr("Evaluations"), tr("Network passes so far, forward and backward."));
  seconds_ = row(grid, tr("Time"), tr("Seconds since the run began."));
  column->addLayout(grid);
  clear();
}

QLabel* Inspector::row(QGridLayout* grid, const QString& name, const QString& help) {
  auto* label = new QLabel(name);
  label->setObjectName(QStringLiteral("hint"));
  auto* value = new QLabel;
  value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  for (QLabel* each : {label, value}) each->setToolTip(help);
  value->setAccessibleName(name);
  const int at = grid->rowCount();
  grid->addWidget(label, at, 0);
  grid->addWidget(value, at, 1);
  return value;
}

void Inspector::show(const Frame& f) {
  step_->setText(tr("%1 of %2").arg(f.step).arg(f.steps));
  gibbs_->setText(f.gibbs > 0 ? QString::number(f.gibbs) : QStringLiteral("–"));
  t_->setText(QString::number(f.t));
  tau_->setText(f.tau > 0 ? QString::number(f.tau) : QStringLiteral("–"));
  residual_->setText(tr("%1 σ").arg(f.residual, 0, 'f', 2));
  update_->setText(f.update > 0 ? QString::number(f.update, 'f', 2) : QStringLiteral("–"));
  evaluations_->setText(QString::number(f.evaluations));
  seconds_->setText(tr("%1 s").arg(f.seconds, 0, 'f', 1));
}

void Inspector::clear() {
  plot_->clear();
  for (QLabel* value : {step_, gibbs_, t_, tau_, residual_, update_, evaluations_, seconds_})
    value->setText(QStringLiteral("–"));
}

}  // namespace mgdm::ui
