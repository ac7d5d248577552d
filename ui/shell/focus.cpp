#include "ui/shell/focus.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QApplication>
#include <QComboBox>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QTabBar>
#include <QToolButton>

namespace mgdm::ui {

namespace {

template <typename... Kinds>
bool is_one_of(const QWidget* widget) {
  return ((qobject_cast<const Kinds*>(widget) != nullptr) || ...);
}

bool is_control(const QWidget* widget) {
  return is_one_of<QAbstractButton, QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QComboBox, QLabel, QLineEdit,
                   QTabBar>(widget);
}

bool moves_inside(const QWidget* widget) { return is_control(widget) && !is_one_of<QAbstractButton, QLabel>(widget); }

bool is_controls(const QKeyEvent& key, const QWidget* widget) {
  if ((key.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != Qt::NoModifier) return false;
  switch (key.key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      return is_control(widget);
    case Qt::Key_Home:
    case Qt::Key_End:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
      return moves_inside(widget);
    default:
      return false;
  }
}

bool press(QAbstractButton* button) {
  if (auto* tool = qobject_cast<QToolButton*>(button); tool != nullptr && tool->menu() != nullptr) {
    tool->showMenu();
  } else {
    button->click();
  }
  return true;
}

}  // namespace

Focus::Focus(QWidget* window, std::function<QWidget*()> home)
    : QObject(window), window_(window), home_(std::move(home)) {
  qApp->installEventFilter(this);
  connect(qApp, &QApplication::focusChanged, this, [this](const QWidget* old, const QWidget* now) {
    if (old == nullptr || old->window() != window_ || (now != nullptr && now->window() != window_)) return;
    if (old->isEnabled() && old->isVisible()) return;
    QWidget* home = home_();
    if (home != nullptr && home != now && home->isVisible()) home->setFocus();
  });
}

bool Focus::eventFilter(QObject* watched, QEvent* event) {
  const QEvent::Type type = event->type();
  if (type != QEvent::ShortcutOverride && type != QEvent::KeyPress && type != QEvent::Polish) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget == nullptr || widget->window() != window_) return false;
  if (type == QEvent::Polish) {
    if (is_one_of<QAbstractButton>(widget))
      widget->setFocusPolicy(static_cast<Qt::FocusPolicy>(widget->focusPolicy() & Qt::TabFocus));
    return false;
  }
  const auto* key = static_cast<const QKeyEvent*>(event);
  if (!is_controls(*key, widget)) return false;
  if (type == QEvent::ShortcutOverride) {
    event->accept();
    return true;
  }
  auto* button = qobject_cast<QAbstractButton*>(widget);
  if (button == nullptr || key->isAutoRepeat() || (key->key() != Qt::Key_Return && key->key() != Qt::Key_Enter))
    return false;
  return press(button);
}

}  // namespace mgdm::ui
