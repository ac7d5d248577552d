#include "ui/shell/actions.h"

#include <QAction>
#include <QSignalBlocker>

#include "ui/shell/shortcuts_dialog.h"

namespace mgdm::ui {

void Actions::add(const QList<QAction*>& actions, const Page* page) {
  for (QAction* action : actions) {
    actions_ << action;
    pages_ << page;
  }
}

void Actions::settle() {
  loadShortcuts(actions_);
  for (QAction* action : actions_) {
    const auto tip = [action] {
      const QString keys = action->shortcut().toString(QKeySequence::NativeText);
      action->setToolTip(keys.isEmpty() ? action->text() : QStringLiteral("%1 (%2)").arg(action->text(), keys));
    };
    tip();
    QObject::connect(action, &QAction::changed, action, [action, tip] {
      const QSignalBlocker block(action);
      tip();
    });
  }
}

void Actions::show(const Page* page) const {
  for (qsizetype i = 0; i < actions_.size(); ++i) actions_[i]->setVisible(pages_[i] == nullptr || pages_[i] == page);
}

bool Actions::meet(qsizetype a, qsizetype b) const {
  return pages_[a] == nullptr || pages_[b] == nullptr || pages_[a] == pages_[b];
}

}  // namespace mgdm::ui
