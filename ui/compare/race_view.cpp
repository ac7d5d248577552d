#include "ui/compare/race_view.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>

#include "ui/compare/curve_plot.h"
#include "ui/compare/large_view.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

RaceView::RaceView(QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 8, 12, 8);
  column->setSpacing(8);
  auto* row = new QHBoxLayout;
  for (size_t side = 0; side < 2; ++side) {
    choice_[side] = new NarrowComboBox;
    choice_[side]->setObjectName(side == 0 ? QStringLiteral("race_first") : QStringLiteral("race_second"));
    choice_[side]->setAccessibleName(side == 0 ? tr("First cell of the race") : tr("Second cell of the race"));
    // On Linux a drop-down's name for a screen reader is its label's.
    auto* label = new QLabel(side == 0 ? tr("Race") : tr("against"));
    label->setBuddy(choice_[side]);
    row->addWidget(label);
    row->addWidget(choice_[side], 1);
    connect(choice_[side], &QComboBox::activated, this, &RaceView::show);
  }
  start_ = new QPushButton(tr("Race"));
  start_->setObjectName(QStringLiteral("race_start"));
  start_->setToolTip(tr("Both are run anew, by turns, so that at each moment they have taken as many evaluations."));
  row->addWidget(start_);
  connect(start_, &QPushButton::clicked, this, [this] {
    if (first() >= 0 && second() >= 0 && first() != second()) Q_EMIT raceWanted(first(), second());
  });
  column->addLayout(row);
  hint_ = hint();
  column->addWidget(hint_);
  pictures_ = new LargeView;
  pictures_->setMode(LargeView::Mode::SideBySide);
  column->addWidget(pictures_, 3);
  auto* curves = new QHBoxLayout;
  residuals_ = new CurvePlot("residual");
  qualities_ = new CurvePlot("psnr");
  curves->addWidget(residuals_, 1);
  curves->addWidget(qualities_, 1);
  column->addLayout(curves, 2);
}

void RaceView::setCells(StoreCells* cells) {
  cells_ = cells;
  pictures_->setCells(cells);
  connect(cells, &Cells::reset, this, &RaceView::fill);
  connect(cells, &Cells::changed, this, [this](int cell) {
    if (!running_ && (cell == first() || cell == second())) show();
  });
  fill();
}

void RaceView::fill() {
  for (size_t side = 0; side < 2; ++side) {
    const QSignalBlocker block(choice_[side]);
    choice_[side]->clear();
    for (int k = 0; k < cells_->count(); ++k) choice_[side]->addItem(cells_->cell(k).label);
  }
  choose(cells_->count() > 0 ? 0 : -1, -1);
}

// The next cell that differs in one axis alone, in an early one rather than in its seed.
int RaceView::rival(int cell) const {
  for (int axis = 0; axis < cells_->axes().size(); ++axis) {
    QVector<int> at = cells_->cell(cell).at;
    const int count = static_cast<int>(cells_->axes()[axis].values.size());
    for (int k = 1; k < count; ++k) {
      at[axis] = (cells_->cell(cell).at[axis] + k) % count;
      if (const int other = cells_->find(at); other >= 0) return other;
    }
  }
  return -1;
}

void RaceView::choose(int a, int b) {
  if (a >= 0 && (b < 0 || b == a)) b = rival(a);
  for (const auto& [side, cell] : {std::pair{0, a}, std::pair{1, b}}) {
    const QSignalBlocker block(choice_[static_cast<size_t>(side)]);
    if (cell >= 0) choice_[static_cast<size_t>(side)]->setCurrentIndex(cell);
  }
  show();
}

int RaceView::first() const { return choice_[0]->currentIndex(); }
int RaceView::second() const { return choice_[1]->currentIndex(); }

void RaceView::show() {
  const bool two = first() >= 0 && second() >= 0 && first() != second();
  start_->setEnabled(two && !running_);
  hint_->setText(two ? tr("The same seed, the same observation; each point is as many evaluations of the network.")
                     : tr("Choose two different cells."));
  if (first() < 0) return;
  pictures_->setCell(first());
  pictures_->setOther(second());
  const QStringList names{cells_->cell(first()).label, cells_->cell(std::max(0, second())).label};
  residuals_->setCurves(names);
  qualities_->setCurves(names);
  if (running_) return;
  showCurve(0);
  showCurve(1);
}

// Of a cell that is done, what it kept.
void RaceView::showCurve(int side) {
  const int cell = side == 0 ? first() : second();
  if (cell < 0) return;
  const nlohmann::json curve = cells_->curve(cell);
  if (!curve.is_array()) return;
  for (const nlohmann::json& point : curve) {
    const double at = point.value("evaluations", 0.0);
    if (point.contains("residual")) residuals_->append(side, at, point["residual"].get<double>());
    if (point.contains("psnr")) qualities_->append(side, at, point["psnr"].get<double>());
  }
}

void RaceView::append(int cell, const Figures& figures) {
  if (!running_) return;
  for (const int side : {0, 1}) {
    if (cell != (side == 0 ? first() : second())) continue;
    const auto at = figures.find("evaluations"), residual = figures.find("residual"), psnr = figures.find("psnr");
    if (at == figures.end()) continue;
    if (residual != figures.end()) residuals_->append(side, at->second, residual->second);
    if (psnr != figures.end()) qualities_->append(side, at->second, psnr->second);
  }
}

void RaceView::setRunning(bool running) {
  running_ = running;
  for (QComboBox* choice : choice_) choice->setEnabled(!running);
  show();
}

}  // namespace mgdm::ui
