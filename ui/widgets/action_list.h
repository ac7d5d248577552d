// The actions of one page or of the window itself: made in one place, found by their ids.
#pragma once
#include <QIcon>
#include <QKeySequence>
#include <QList>
#include <functional>
#include <initializer_list>

class QAction;
class QWidget;

namespace mgdm::ui {

class ActionList {
 public:
  /// `owner` has the actions and answers to their keys.
  explicit ActionList(QWidget* owner) : owner_(owner) {}

  /// The id is its object name, and its name in the settings where a person changed its key.
  QAction* add(const char* id, const QString& words, const QKeySequence& keys, std::function<void()> slot,
               const QIcon& icon = {});
  /// One that is on or off, and tells which.
  QAction* addSwitch(const char* id, const QString& words, const QKeySequence& keys, const QIcon& icon,
                     std::function<void(bool)> slot);
  /// Ids are those of `add`: any other is a mistake in the program.
  QAction* operator[](const char* id) const;
  void enable(std::initializer_list<const char*> ids, bool on) const;
  const QList<QAction*>& all() const { return actions_; }

 private:
  QWidget* owner_;
  QList<QAction*> actions_;
};

}  // namespace mgdm::ui
