#include "ui/compare/plot_bar.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QToolButton>
#include <algorithm>

#include "ui/compare/cell_plot.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

PlotBar::PlotBar(CellPlot* plot, QWidget* parent) : QWidget(parent), plot_(plot) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 4, 12, 4);
  row->setSpacing(8);
  auto* quality = new QLabel(tr("Quality"));
  row->addWidget(quality);
  quality_ = new QComboBox;
  quality->setBuddy(quality_);
  quality_->setObjectName(QStringLiteral("plot_quality"));
  quality_->setAccessibleName(tr("Quality, upwards"));
  row->addWidget(quality_);
  auto* against = new QLabel(tr("against"));
  row->addWidget(against);
  effort_ = new QComboBox;
  against->setBuddy(effort_);
  effort_->setObjectName(QStringLiteral("plot_effort"));
  effort_->setAccessibleName(tr("Effort, to the right"));
  for (const char* name : {"evaluations", "seconds", "peak_memory"})
    effort_->addItem(spoken(figure_of(name).label), QString::fromLatin1(name));
  row->addWidget(effort_);
  auto* factors = new QCheckBox(tr("by factors"));
  factors->setObjectName(QStringLiteral("plot_log"));
  factors->setToolTip(tr("Equal distances are equal factors (a logarithmic scale)."));
  factors->setChecked(plot->logarithmic());
  row->addWidget(factors);
  auto* over = new QToolButton;
  over->setObjectName(QStringLiteral("plot_over"));
  over->setText(tr("Put together"));
  over->setToolTip(tr("Axes whose cells become one dot with bars of one standard deviation."));
  over_ = new QMenu(over);
  over->setMenu(over_);
  over->setPopupMode(QToolButton::InstantPopup);
  row->addWidget(over);
  row->addStretch(1);
  connect(quality_, &QComboBox::activated, this, &PlotBar::apply);
  connect(effort_, &QComboBox::activated, this, &PlotBar::apply);
  connect(factors, &QCheckBox::toggled, plot, &CellPlot::setLogarithmic);
}

void PlotBar::setCells(Cells* cells) {
  cells_ = cells;
  connect(cells, &Cells::reset, this, &PlotBar::fill);
  connect(cells, &Cells::changed, this, [this](int cell) {
    if (cells_->cell(cell).state == Cells::State::Done && quality_->count() == 0) fill();
  });
  fill();
}

void PlotBar::fill() {
  std::vector<Figures> all;
  for (int k = 0; k < cells_->count(); ++k) all.push_back(cells_->cell(k).figures);
  const QString chosen = quality_->currentData().toString();
  quality_->clear();
  for (const std::string& name : ordered_figures(all)) {
    if (figure_of(name).of_quality) quality_->addItem(spoken(figure_of(name).label), text(name));
  }
  quality_->setCurrentIndex(std::max(0, quality_->findData(chosen)));
  over_->clear();
  for (const Cells::AxisWords& axis : cells_->axes()) {
    QAction* action = over_->addAction(axis.name);
    action->setCheckable(true);
    connect(action, &QAction::toggled, this, &PlotBar::apply);
  }
  apply();
}

void PlotBar::apply() {
  if (quality_->count() > 0) plot_->setQuality(quality_->currentData().toString().toStdString());
  plot_->setEffort(effort_->currentData().toString().toStdString());
  QStringList over;
  for (const QAction* action : over_->actions()) {
    if (action->isChecked()) over << action->text();
  }
  plot_->setOver(over);
}

}  // namespace mgdm::ui
