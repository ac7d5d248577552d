// Every action of the window with its key and where it applies: always, or on one page.
#pragma once
#include <QList>
#include <utility>

class QAction;

namespace mgdm::ui {

class Page;

class Actions {
 public:
  /// With their own words and keys. `page`: nullptr, where they apply on every page.
  void add(const QList<QAction*>& actions, const Page* page);
  /// Once all are there: gives them the keys that a person chose in earlier sessions, and tooltips that say the keys.
  void settle();
  /// Those of other pages do not answer to their keys.
  void show(const Page* page) const;

  const QList<QAction*>& all() const { return actions_; }
  /// Whether there is a page on which both apply, so that they need different keys.
  bool meet(qsizetype a, qsizetype b) const;

 private:
  QList<QAction*> actions_;
  QList<const Page*> pages_;  ///< of each
};

}  // namespace mgdm::ui
