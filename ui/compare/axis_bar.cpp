#include "ui/compare/axis_bar.h"

#include <QAbstractButton>
#include <QApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QTabBar>
#include <utility>

namespace mgdm::ui {

namespace {

QString name_of(AxisPlacement::Zone zone) {
  return zone == AxisPlacement::Zone::Rows      ? AxisBar::tr("Rows")
         : zone == AxisPlacement::Zone::Columns ? AxisBar::tr("Columns")
                                                : AxisBar::tr("Tabs");
}

}  // namespace

/// The name of an axis, with a grip.
class AxisChip : public QAbstractButton {
 public:
  AxisChip(AxisBar* bar, int axis, const QString& name) : QAbstractButton(bar), bar_(bar), axis_(axis) {
    setText(name);
    setCursor(Qt::OpenHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    connect(this, &QAbstractButton::clicked, this, [this] { bar_->fillMenu(axis_); });
  }
  QSize sizeHint() const override {
    return {std::min(200, fontMetrics().horizontalAdvance(text()) + 34), fontMetrics().height() + 10};
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette& p = palette();
    const bool focused = hasFocus();
    painter.setPen(QPen(p.color(focused ? QPalette::Highlight : QPalette::Mid), focused ? 2 : 1));
    painter.setBrush(p.color(underMouse() ? QPalette::Midlight : QPalette::Button));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 5, 5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(p.color(QPalette::PlaceholderText));
    for (int row = -1; row <= 1; ++row) {
      for (int column = 0; column < 2; ++column)
        painter.drawEllipse(QPointF(10 + 4.5 * column, height() / 2.0 + 4.5 * row), 1.2, 1.2);
    }
    painter.setPen(p.color(QPalette::ButtonText));
    painter.drawText(rect().adjusted(22, 0, -8, 0), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(text(), Qt::ElideRight, width() - 30));
  }
  void mousePressEvent(QMouseEvent* event) override {
    pressed_ = event->pos();
    dragging_ = false;
    QAbstractButton::mousePressEvent(event);
  }
  void mouseMoveEvent(QMouseEvent* event) override {
    if (!(event->buttons() & Qt::LeftButton)) return;
    if (!dragging_ && (event->pos() - pressed_).manhattanLength() < QApplication::startDragDistance()) return;
    dragging_ = true;
    setDown(false);  // no click any more
    setCursor(Qt::ClosedHandCursor);
    bar_->dragged(axis_, event->globalPosition().toPoint());
  }
  void mouseReleaseEvent(QMouseEvent* event) override {
    setCursor(Qt::OpenHandCursor);
    if (std::exchange(dragging_, false)) {
      bar_->dropped(axis_, event->globalPosition().toPoint());
    } else {
      QAbstractButton::mouseReleaseEvent(event);
    }
  }
  void keyPressEvent(QKeyEvent* event) override {
    const bool left = event->key() == Qt::Key_Left, right = event->key() == Qt::Key_Right;
    if (event->key() == Qt::Key_Escape && dragging_) {
      dragging_ = false;
      bar_->dragEnded();
    } else if ((event->modifiers() & Qt::ControlModifier) && (left || right)) {
      const int zone = static_cast<int>(bar_->placement().zone(axis_)) + (right ? 1 : -1);
      if (zone >= 0 && zone <= 2) bar_->moveAxis(axis_, static_cast<AxisPlacement::Zone>(zone));
    } else if (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter) {
      click();
    } else {
      QAbstractButton::keyPressEvent(event);
    }
  }

 private:
  AxisBar* bar_;
  int axis_;
  QPoint pressed_;
  bool dragging_ = false;
};

/// Where chips lie; lights up where one would be dropped.
class AxisBar::Zone : public QWidget {
 public:
  Zone(AxisBar* bar, AxisPlacement::Zone place) : QWidget(bar), place_(place) {
    setAccessibleName(name_of(place));
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(10, 4, 6, 4);
    line->setSpacing(8);
    auto* caption = new QLabel(name_of(place), this);
    caption->setObjectName(QStringLiteral("hint"));
    caption->setAlignment(Qt::AlignTop);
    line->addWidget(caption, 0, Qt::AlignTop);
    content_ = new QVBoxLayout;
    content_->setSpacing(2);
    line->addLayout(content_, 1);
  }
  AxisPlacement::Zone place() const { return place_; }
  QVBoxLayout* content() const { return content_; }
  void setTarget(bool on) {
    if (std::exchange(target_, on) != on) update();
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QPalette& p = palette();
    painter.setBrush(p.color(QPalette::AlternateBase));
    painter.setPen(QPen(p.color(target_ ? QPalette::Highlight : QPalette::Mid), target_ ? 2 : 1,
                        target_ || content_->count() > 1 ? Qt::SolidLine : Qt::DashLine));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 6, 6);
  }

 private:
  AxisPlacement::Zone place_;
  QVBoxLayout* content_;
  bool target_ = false;
};

AxisBar::AxisBar(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  auto* line = new QHBoxLayout(this);
  line->setContentsMargins(8, 6, 8, 6);
  line->setSpacing(8);
  for (const auto place : {AxisPlacement::Zone::Rows, AxisPlacement::Zone::Columns, AxisPlacement::Zone::Tabs}) {
    zones_ << new Zone(this, place);
    zones_.last()->setMinimumSize(110, fontMetrics().height() + 20);
    line->addWidget(zones_.last(), place == AxisPlacement::Zone::Tabs ? 1 : 0);
  }
}

AxisBar::~AxisBar() = default;

void AxisBar::setAxes(const QVector<Cells::AxisWords>& axes) {
  axes_ = axes;
  placement_ = default_placement(axes_);
  for (AxisChip* chip : std::as_const(chips_)) delete chip;
  chips_.clear();
  for (int axis = 0; axis < axes_.size(); ++axis) chips_ << new AxisChip(this, axis, axes_[axis].name);
  fill();
}

void AxisBar::setPlacement(const AxisPlacement& placement) {
  const AxisPlacement fitted = placement.fitted(axes_);
  if (fitted == placement_) return;
  placement_ = fitted;
  fill();
}

void AxisBar::moveAxis(int axis, AxisPlacement::Zone zone) {
  AxisPlacement moved = placement_;
  moved.move(axis, zone);
  if (moved == placement_) return;
  placement_ = moved;
  const bool focused = chips_.at(axis)->hasFocus();
  fill();
  if (focused) chips_.at(axis)->setFocus();
  Q_EMIT placementChanged(placement_);
}

QWidget* AxisBar::chip(int axis) const { return chips_.value(axis); }
QTabBar* AxisBar::tabs(int axis) const { return tabs_.value(axis); }
QWidget* AxisBar::zone(AxisPlacement::Zone zone) const { return zones_.at(static_cast<int>(zone)); }

void AxisBar::fill() {
  for (Zone* zone : std::as_const(zones_)) {
    while (QLayoutItem* item = zone->content()->takeAt(0)) {
      if (QLayout* line = item->layout()) {
        while (QLayoutItem* inner = line->takeAt(0)) delete inner;
      }
      delete item;
    }
  }
  // Deferred: one of them may be in its own signal.
  for (QTabBar* bar : std::as_const(tabs_)) {
    if (bar == nullptr) continue;
    bar->disconnect(this);
    bar->hide();
    bar->deleteLater();
  }
  tabs_.fill(nullptr, axes_.size());
  for (int axis = 0; axis < axes_.size(); ++axis) {
    AxisChip* chip = chips_.at(axis);
    Zone* zone = zones_.at(static_cast<int>(placement_.zone(axis)));
    chip->setParent(zone);
    chip->setAccessibleName(tr("%1, in %2", "an axis and its place").arg(axes_[axis].name, name_of(zone->place())));
    chip->setToolTip(tr("Drag “%1” to the rows, columns or tabs; a click opens a menu").arg(axes_[axis].name));
    chip->show();
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(chip);
    if (zone->place() == AxisPlacement::Zone::Tabs) {
      auto* bar = new QTabBar(zone);
      bar->setDrawBase(false);
      bar->setExpanding(false);
      bar->setUsesScrollButtons(true);
      bar->setElideMode(Qt::ElideRight);
      bar->setAccessibleName(axes_[axis].name);
      for (const QString& value : axes_[axis].values) bar->addTab(value);
      bar->setCurrentIndex(placement_.values[axis]);
      connect(bar, &QTabBar::currentChanged, this, [this, axis](int value) {
        placement_.values[axis] = value;
        Q_EMIT placementChanged(placement_);
      });
      bar->show();
      line->addWidget(bar, 1);
      tabs_[axis] = bar;
    } else {
      line->addStretch();
    }
    zone->content()->addLayout(line);
  }
  for (Zone* zone : std::as_const(zones_)) {
    zone->content()->addStretch();
    zone->update();
  }
  updateGeometry();
}

void AxisBar::fillMenu(int axis) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  for (const auto zone : {AxisPlacement::Zone::Rows, AxisPlacement::Zone::Columns, AxisPlacement::Zone::Tabs}) {
    QAction* action = menu->addAction(zone == AxisPlacement::Zone::Rows      ? tr("Show as rows")
                                      : zone == AxisPlacement::Zone::Columns ? tr("Show as columns")
                                                                             : tr("Show as tabs"),
                                      this, [this, axis, zone] { moveAxis(axis, zone); });
    action->setCheckable(true);
    action->setChecked(placement_.zone(axis) == zone);
  }
  const QWidget* chip = chips_.at(axis);
  menu->popup(chip->mapToGlobal(QPoint(0, chip->height() + 2)));
}

// ---- dragging ----

AxisBar::Zone* AxisBar::zoneAt(const QPoint& global) const {
  for (Zone* zone : zones_) {
    // A drop a little beside it is meant for it.
    if (zone->rect().adjusted(-4, -12, 4, 12).contains(zone->mapFromGlobal(global))) return zone;
  }
  return nullptr;
}

void AxisBar::dragged(int axis, const QPoint& global) {
  if (ghost_ == nullptr) {
    ghost_ = new QLabel(window());
    ghost_->setPixmap(chips_.at(axis)->grab());
    ghost_->setAttribute(Qt::WA_TransparentForMouseEvents);
    ghost_->adjustSize();
    ghost_->show();
    ghost_->raise();
  }
  ghost_->move(window()->mapFromGlobal(global) - QPoint(ghost_->width() / 2, ghost_->height() / 2));
  Zone* under = zoneAt(global);
  for (Zone* zone : std::as_const(zones_)) zone->setTarget(zone == under);
}

void AxisBar::dropped(int axis, const QPoint& global) {
  const Zone* under = zoneAt(global);
  dragEnded();
  if (under != nullptr) moveAxis(axis, under->place());
}

void AxisBar::dragEnded() {
  delete std::exchange(ghost_, nullptr);
  for (Zone* zone : std::as_const(zones_)) zone->setTarget(false);
}

}  // namespace mgdm::ui
