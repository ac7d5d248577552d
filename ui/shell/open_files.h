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
  static void remember(const QString& path);

 Q_SIGNALS:
  void wanted(const QString& path);

 private:
  void go(int step);

  QStringList queue_;
  int at_ = 0;
  QLabel* label_;
};

}  // namespace mgdm::ui
