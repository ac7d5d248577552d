// How files come in: by the dialog, from the list of recent ones, several at once as a queue.
#pragma once
#include <QStringList>
#include <QWidget>
#include <vector>

class QLabel;
class QMenu;

namespace mgdm::ui {

class Page;

/// The row that goes through the queue; hidden unless there are several.
class OpenFiles : public QWidget {
  Q_OBJECT
 public:
  explicit OpenFiles(QWidget* parent = nullptr);
  /// The first is opened, the others wait.
  void start(const QStringList& paths);
  /// The dialog; `pages` in the order in which their files are offered.
  QStringList choose(const std::vector<Page*>& pages);
  void fillRecent(QMenu* menu);
  /// That is what is open now (empty: no file): of the queue, or its end.
  void opened(const QString& path);
  /// The person would rather keep what is open: the queue stands there again.
  void refused(const QString& path);

 Q_SIGNALS:
  void wanted(const QString& path);
  void batchWanted(const QStringList& paths);

 private:
  void go(int step);
  void describe();
  static void remember(const QString& path);

  QStringList queue_;
  int at_ = 0, open_ = -1;  ///< the one asked for last, and the one that is open; -1: none of them
  QLabel* label_;
};

}  // namespace mgdm::ui
