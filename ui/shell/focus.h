// What Enter and Space mean where the focus is, and where the focus goes when what has it can no longer have it.
#pragma once
#include <QObject>
#include <QPointer>
#include <functional>

namespace mgdm::ui {

/// One for a window. Enter, Space and the keys that move about inside a control are the control's that has the focus,
/// even where an action has the same key; on the photo and on the lanes, which are no controls, they are the action's.
/// Enter presses a button, as Space does.
///
/// The wheel is a panel's, which it moves, until a control inside was clicked or reached by keys.
///
/// Buttons are reached by Tab, and a click leaves the focus where it was. Where what has the focus greys or goes, the
/// focus goes to `home`: the next control in the row would take the next Space for itself. Who goes by keys sees a ring
/// around what has it.
class Focus : public QObject {
  Q_OBJECT
 public:
  Focus(QWidget* window, std::function<QWidget*()> home);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void ring();

  QWidget* window_;
  QPointer<QWidget> ring_;  ///< over what it surrounds, clipped as that is
  bool by_keys_ = false;    ///< the last that was done
  std::function<QWidget*()> home_;
};

}  // namespace mgdm::ui
