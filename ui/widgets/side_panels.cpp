#include "ui/widgets/side_panels.h"

#include <QSettings>
#include <algorithm>

namespace mgdm::ui {

namespace {
constexpr int kNarrowest[] = {300, 264}, kWidest = 520;
constexpr double kShare = 0.2;  ///< of the page's width, where no one dragged
}  // namespace

SidePanels::SidePanels(const QString& name, QWidget* left, QWidget* middle, QWidget* right, QWidget* parent,
                       std::optional<Side> folded)
    : QSplitter(Qt::Horizontal, parent), name_(name), left_(left), right_(right) {
  setChildrenCollapsible(false);
  setHandleWidth(5);
  for (QWidget* widget : {left, middle, right}) {
    if (widget == nullptr) continue;
    addWidget(widget);
    setStretchFactor(count() - 1, widget == middle ? 1 : 0);
  }
  for (const Side side : {Left, Right}) {
    if (panel(side) == nullptr) continue;
    panel(side)->setMinimumWidth(kNarrowest[side]);
    panel(side)->setMaximumWidth(kWidest);
    panel(side)->setHidden(
        QSettings().value(key(side == Left ? "left_folded" : "right_folded"), folded == side).toBool());
  }
  const QByteArray widths = QSettings().value(key("widths")).toByteArray();
  dragged_ = !widths.isEmpty() && restoreState(widths);
  setHandleWidth(5);  // is part of the state
  connect(this, &QSplitter::splitterMoved, this, [this] {
    dragged_ = true;
    QSettings().setValue(key("widths"), saveState());
  });
}

QWidget* SidePanels::panel(Side side) const { return side == Left ? left_ : right_; }

QString SidePanels::key(const char* what) const { return name_ + '/' + QLatin1String(what); }

bool SidePanels::folded(Side side) const { return panel(side) == nullptr || panel(side)->isHidden(); }

void SidePanels::fold(Side side, bool on) {
  if (panel(side) == nullptr) return;
  panel(side)->setHidden(on);
  QSettings().setValue(key(side == Left ? "left_folded" : "right_folded"), on);
  spread();
}

void SidePanels::resizeEvent(QResizeEvent* event) {
  spread();
  QSplitter::resizeEvent(event);
}

void SidePanels::spread() {
  if (dragged_ || width() <= 0) return;
  const int share = static_cast<int>(width() * kShare);
  QList<int> sizes;
  int taken = 0;
  for (int i = 0; i < count(); ++i) {
    const bool side = widget(i) == left_ || widget(i) == right_;
    const int narrowest = kNarrowest[widget(i) == left_ ? Left : Right];
    sizes << (side && !widget(i)->isHidden() ? std::clamp(share, narrowest, kWidest) : 0);
    taken += sizes.last();
  }
  sizes[indexOf(left_) + 1] = std::max(1, width() - taken - handleWidth() * (count() - 1));
  setSizes(sizes);
}

}  // namespace mgdm::ui
