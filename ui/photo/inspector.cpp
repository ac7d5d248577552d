#include "ui/photo/inspector.h"

#include <QButtonGroup>
#include <QFormLayout>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QSpinBox>
#include <QTimer>
#include <QVBoxLayout>
#include <cmath>

#include "ui/widgets/pictures.h"
#include "ui/widgets/plot.h"

namespace mgdm::ui {

Inspector::Inspector(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  column->addLayout(buildViews());
  const auto table = [](QWidget* parent) {
    auto* grid = new QGridLayout(parent);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(5);
    grid->setColumnStretch(1, 1);
    return grid;
  };
  auto* plain = new QWidget;
  auto* grid = table(plain);
  step_ = row(grid, tr("Step"), tr("Outer noise level, of all (n)."));
  seconds_ = row(grid, tr("Time"), tr("Seconds since the run began."));
  column->addWidget(plain);
  auto* more = new QPushButton(tr("Curve and numbers of the method"));
  more->setObjectName(QStringLiteral("inspector_more"));
  more->setCheckable(true);
  column->addWidget(more);
  auto* method = new QWidget;
  auto* inside = new QVBoxLayout(method);
  inside->setContentsMargins(0, 0, 0, 0);
  inside->setSpacing(10);
  plot_ = new ResidualPlot;
  inside->addWidget(plot_);
  auto* numbers = new QWidget;
  inside->addWidget(numbers);
  grid = table(numbers);
  gibbs_ = row(grid, tr("Repetition"), tr("Gibbs repetition within the step (R)."));
  t_ = row(grid, tr("Noise level t"), tr("Time index of x_t, 999 = pure noise."));
  tau_ = row(grid, tr("Earlier time τ"),
             tr("The time drawn at random at which the likelihood is met (Gibbs: x_tau given x_0 and x_t)."));
  residual_ = row(grid, tr("Residual"), tr("Root mean square of (y - H(x_0)) / sigma_y."));
  update_ = row(grid, tr("Variational step"),
                tr("How far the variational update moved x_tau, in standard deviations of its prior bridge."));
  evaluations_ = row(grid, tr("Evaluations"), tr("Network passes so far, forward and backward."));
  auto* form = new QFormLayout;
  auto* preview = new QSpinBox;
  preview->setObjectName(QStringLiteral("preview"));
  preview->setRange(0, 50);
  preview->setAccessibleName(tr("Show every"));
  preview->setValue(1);
  preview->setSpecialValueText(tr("never"));
  preview->setToolTip(tr("Show every N-th iterate; 0 shows none."));
  connect(preview, &QSpinBox::valueChanged, this, &Inspector::intervalChanged);
  form->addRow(tr("Show every"), preview);
  inside->addLayout(form);
  column->addWidget(method);
  column->addStretch(1);
  method->hide();
  connect(more, &QPushButton::toggled, method, &QWidget::setVisible);
  connect(more, &QPushButton::toggled, this,
          [](bool on) { QSettings().setValue(QStringLiteral("inspector_more"), on); });
  more->setChecked(QSettings().value(QStringLiteral("inspector_more")).toBool());
  pause_ = new QTimer(this);
  pause_->setSingleShot(true);
  pause_->setInterval(1000);
  connect(pause_, &QTimer::timeout, this, &Inspector::say);
  clear();
}

QLayout* Inspector::buildViews() {
  auto* views = new QButtonGroup(this);
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  const std::pair<QString, QString> names[] = {
      {tr("Result"), tr("What the result looks like by now: the clean estimate x₀.")},
      {tr("With noise"), tr("The current state xₜ of the chain, noise included.")},
      {tr("Misfit"), tr("Where the result does not yet explain the photo: |y - H(x₀)| in units of its noise.")}};
  for (int i = 0; i < 3; ++i) {
    auto* button = new QPushButton(names[i].first);
    button->setToolTip(names[i].second);
    button->setCheckable(true);
    button->setChecked(i == 0);
    button->setStyleSheet(QStringLiteral("padding: 5px 4px"));
    views->addButton(button, i);
    row->addWidget(button, 1);
  }
  connect(views, &QButtonGroup::idClicked, this, [this](int id) {
    view_ = static_cast<View>(id);
    Q_EMIT viewChanged();
  });
  return row;
}

QLabel* Inspector::row(QGridLayout* grid, const QString& name, const QString& help) {
  auto* label = new QLabel(name);
  label->setObjectName(QStringLiteral("hint"));
  auto* value = new QLabel;
  value->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
  for (QLabel* each : {label, value}) each->setToolTip(help);
  readings_.emplace_back(name, value);
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
  residual_->setText(std::isfinite(f.residual) ? tr("%1 σ").arg(f.residual, 0, 'f', 2) : QStringLiteral("–"));
  update_->setText(f.update > 0 ? QString::number(f.update, 'f', 2) : QStringLiteral("–"));
  evaluations_->setText(QString::number(f.evaluations));
  seconds_->setText(tr("%1 s").arg(f.seconds, 0, 'f', 1));
  if (!pause_->isActive()) pause_->start();
}

// A changed name is what is told of a label.
void Inspector::say() {
  for (const auto& [name, value] : readings_) value->setAccessibleName(tr("%1: %2").arg(name, value->text()));
}

void Inspector::clear() {
  plot_->clear();
  for (QLabel* value : {step_, gibbs_, t_, tau_, residual_, update_, evaluations_, seconds_})
    value->setText(QStringLiteral("–"));
  say();
}

}  // namespace mgdm::ui
