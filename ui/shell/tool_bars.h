// The tool bar of each page, and the menu at its end.
#pragma once
#include <QHash>
#include <QObject>

class QAction;
class QMainWindow;
class QMenu;
class QToolBar;

namespace mgdm::ui {

class ActionList;
class Page;

class ToolBars : public QObject {
  Q_OBJECT
 public:
  /// `own`: the window's actions, with one "NAME_page" for each page.
  ToolBars(QMainWindow* window, const ActionList& own);
  /// Its bar: to the other pages, open, and what the page has.
  void add(Page* page, const QList<QAction*>& to_pages);
  void show(const Page* page) const;
  QMenu* menu() const { return menu_; }
  /// Light or dark, how many threads, and the language.
  void addLook(QMenu* menu);

 Q_SIGNALS:
  void notice(const QString& words);

 private:
  void addThreads(QMenu* menu);

  QMainWindow* window_;
  const ActionList& own_;
  QMenu* menu_;
  QHash<const Page*, QToolBar*> bars_;
};

}  // namespace mgdm::ui
