#include "ui/compare/large_bar.h"

#include <QAction>
#include <QButtonGroup>
#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <algorithm>

#include "ui/compare/cell_plot.h"
#include "ui/compare/large_view.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QHBoxLayout* line(QWidget* of) {
  auto* row = new QHBoxLayout(of);
  row->setContentsMargins(12, 4, 12, 4);
  row->setSpacing(8);
  return row;
}

}  // namespace

LargeBar::LargeBar(LargeView* view, QWidget* parent) : QWidget(parent), view_(view) {
  QHBoxLayout* row = line(this);
  modes_ = new QButtonGroup(this);
  for (const auto& [mode, id, words, help] :
       {std::tuple{LargeView::Mode::Single, "single", tr("Alone"), tr("One cell")},
        std::tuple{LargeView::Mode::Slider, "slider", tr("Slider"), tr("Two cells with a slider between them")},
        std::tuple{LargeView::Mode::SideBySide, "side", tr("Side by side"), tr("Two cells side by side")},
        std::tuple{LargeView::Mode::Flip, "flip", tr("Flip"), tr("Two cells by turns, at a steady pace (F)")}}) {
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("large_") + QString::fromLatin1(id));
    button->setText(words);
    button->setToolTip(help);
    button->setCheckable(true);
    modes_->addButton(button, static_cast<int>(mode));
    row->addWidget(button);
  }
  modes_->button(static_cast<int>(view->mode()))->setChecked(true);
  connect(modes_, &QButtonGroup::idClicked, this, [this](int mode) {
    view_->setMode(static_cast<LargeView::Mode>(mode));
    view_->setFocus();
  });
  auto* with = new QLabel(tr("with"));
  row->addWidget(with);
  other_ = new NarrowComboBox;
  with->setBuddy(other_);  // on Linux a drop-down's name for a screen reader is its label's
  other_->setObjectName(QStringLiteral("large_other"));
  other_->setAccessibleName(tr("The other cell (B)"));
  other_->setToolTip(tr("The other cell (B); in the grid B or Ctrl + click marks it."));
  row->addWidget(other_, 1);
  connect(other_, &QComboBox::activated, this, [this](int index) { Q_EMIT otherChosen(index - 1); });
  auto* pace = new QLabel(tr("Pace"));
  row->addWidget(pace);
  pace_ = new QSpinBox;
  pace->setBuddy(pace_);
  pace_->setObjectName(QStringLiteral("large_pace"));
  pace_->setAccessibleName(tr("Milliseconds between two flips"));
  pace_->setRange(100, 5000);
  pace_->setSingleStep(100);
  pace_->setSuffix(tr(" ms"));
  pace_->setValue(view->flipInterval());
  row->addWidget(pace_);
  connect(pace_, &QSpinBox::valueChanged, view, &LargeView::setFlipInterval);
  connect(view, &LargeView::modeChanged, this,
          [this](LargeView::Mode mode) { modes_->button(static_cast<int>(mode))->setChecked(true); });
}

void LargeBar::setCells(Cells* cells) {
  cells_ = cells;
  connect(cells, &Cells::reset, this, &LargeBar::fill);
  fill();
}

void LargeBar::fill() {
  const QSignalBlocker block(other_);
  other_->clear();
  other_->addItem(tr("the reference"));
  for (int k = 0; k < cells_->count(); ++k) other_->addItem(cells_->cell(k).label);
}

void LargeBar::setOther(int cell) {
  const QSignalBlocker block(other_);
  other_->setCurrentIndex(cell + 1);
}

PlotBar::PlotBar(CellPlot* plot, QWidget* parent) : QWidget(parent), plot_(plot) {
  QHBoxLayout* row = line(this);
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
