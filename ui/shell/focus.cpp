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
#include <QPainter>
#include <QScrollArea>
#include <QScrollBar>
#include <QSet>
#include <QTabBar>
#include <QToolButton>

#include "ui/page.h"

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

bool is_scrolled(const QWidget* widget) {
  if (is_one_of<QScrollBar>(widget)) return false;
  for (const QWidget* at = widget->parentWidget(); at != nullptr; at = at->parentWidget()) {
    if (is_one_of<QScrollArea>(at)) return true;
  }
  return false;
}

/// In a colour of the style sheet that stands out from a filled button as from the window.
class Ring : public QWidget {
 public:
  Ring() {
    setObjectName(QStringLiteral("focus_ring"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    setFocusPolicy(Qt::NoFocus);
  }

 protected:
  void paintEvent(QPaintEvent*) override {
    constexpr double kWidth = 2;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(palette().color(QPalette::WindowText), kWidth));
    painter.drawRoundedRect(QRectF(rect()).adjusted(kWidth / 2, kWidth / 2, -kWidth / 2, -kWidth / 2), 5, 5);
  }
};

}  // namespace

Focus::Focus(QWidget* window, std::function<QWidget*()> home)
    : QObject(window), window_(window), home_(std::move(home)) {
  qApp->installEventFilter(this);
  connect(qApp, &QApplication::focusChanged, this, [this](const QWidget* old, const QWidget* now) {
    ring();
    if (old == nullptr || old->window() != window_ || (now != nullptr && now->window() != window_)) return;
    if (old->isEnabled() && old->isVisible()) return;
    QWidget* home = home_();
    if (home != nullptr && home != now && home->isVisible()) home->setFocus();
  });
}

void Focus::ring() {
  QWidget* at = window_->focusWidget();
  if (ring_ != nullptr) ring_->hide();
  if (!by_keys_ || at == nullptr || at->parentWidget() == nullptr || !at->isVisible()) return;
  if (qobject_cast<Page*>(at) != nullptr) return;  // all of the page is nothing in particular
  if (ring_ == nullptr) ring_ = new Ring;
  ring_->setParent(at->parentWidget());
  ring_->setGeometry(at->geometry());
  ring_->show();
  ring_->raise();
}

bool Focus::eventFilter(QObject* watched, QEvent* event) {
  const QEvent::Type type = event->type();
  static const QSet<int> known{
      QEvent::ShortcutOverride, QEvent::KeyPress, QEvent::Show, QEvent::MouseButtonPress, QEvent::Wheel,
      QEvent::Resize,           QEvent::Move};
  if (!known.contains(type)) return false;
  auto* widget = qobject_cast<QWidget*>(watched);
  if (widget == nullptr || widget->window() != window_) return false;
  switch (type) {
    case QEvent::Show:
      if (is_one_of<QAbstractButton>(widget))
        widget->setFocusPolicy(static_cast<Qt::FocusPolicy>(widget->focusPolicy() & Qt::TabFocus));
      if (widget->focusPolicy() == Qt::WheelFocus) widget->setFocusPolicy(Qt::StrongFocus);
      if (is_one_of<QScrollArea>(widget)) widget->setFocusPolicy(Qt::NoFocus);  // what is in it has it
      return false;
    case QEvent::Resize:
    case QEvent::Move:
      if (widget == window_->focusWidget()) ring();
      return false;
    case QEvent::Wheel:
      if (widget->hasFocus() || !is_one_of<QAbstractSpinBox, QComboBox, QAbstractSlider>(widget) ||
          !is_scrolled(widget))
        return false;
      event->ignore();
      return true;
    case QEvent::MouseButtonPress:
      by_keys_ = false;
      ring();
      return false;
    case QEvent::KeyPress:
      by_keys_ = true;  // a ring that is there already is the right one
      break;
    default:
      break;
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
