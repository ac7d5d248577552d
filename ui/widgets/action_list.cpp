#include "ui/widgets/action_list.h"

#include <QAction>
#include <QWidget>

namespace mgdm::ui {

QAction* ActionList::add(const char* id, const QString& words, const QKeySequence& keys, std::function<void()> slot,
                         const QIcon& icon) {
  auto* action = new QAction(words, owner_);
  action->setObjectName(QString::fromLatin1(id));
  action->setShortcut(keys);
  action->setIcon(icon);
  QObject::connect(action, &QAction::triggered, owner_, std::move(slot));
  owner_->addAction(action);
  actions_ << action;
  return action;
}

QAction* ActionList::addSwitch(const char* id, const QString& words, const QKeySequence& keys, const QIcon& icon,
                               std::function<void(bool)> slot) {
  QAction* action = add(
      id, words, keys, [] {}, icon);
  action->setCheckable(true);
  QObject::connect(action, &QAction::toggled, owner_, std::move(slot));
  return action;
}

QAction* ActionList::operator[](const char* id) const {
  for (QAction* action : actions_) {
    if (action->objectName() == QLatin1String(id)) return action;
  }
  qFatal("no action %s", id);
}

void ActionList::enable(std::initializer_list<const char*> ids, bool on) const {
  for (const char* id : ids) (*this)[id]->setEnabled(on);
}

}  // namespace mgdm::ui
