#include "ui/compare/large_bar.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>

#include "ui/compare/large_view.h"
#include "ui/widgets/panel.h"

namespace mgdm::ui {

LargeBar::LargeBar(LargeView* view, QWidget* parent) : QWidget(parent), view_(view) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 4, 12, 4);
  row->setSpacing(8);
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

}  // namespace mgdm::ui
