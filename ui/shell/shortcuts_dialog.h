// Lets a person change every key: one line for each action and for the keys held with the mouse, kept in
// the settings.
#pragma once
#include <QDialog>
#include <QList>

class QAction;

namespace mgdm::ui {

class Actions;
class Canvas;

class ShortcutsDialog : public QDialog {
  Q_OBJECT
 public:
  /// Actions are named by `objectName`; their default keys are in the property "defaultKeys".
  ShortcutsDialog(const Actions& actions, Canvas* canvas, QWidget* parent = nullptr);
};

/// Applies what was chosen in earlier sessions. Call once when all actions exist.
void loadShortcuts(const QList<QAction*>& actions);
void loadHeldKeys(Canvas* canvas);

}  // namespace mgdm::ui
