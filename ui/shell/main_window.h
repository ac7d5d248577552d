// The studio's window: its pages, of which one is seen, with the bars and the menu around it.
#pragma once
#include <QMainWindow>
#include <vector>

#include "ui/shell/actions.h"
#include "ui/widgets/action_list.h"

class QLabel;
class QMenu;
class QStackedWidget;

namespace mgdm::ui {

class Focus;
class ModelsDialog;
class OpenFiles;
class PhotoPage;
class SongPage;
class ComparePage;
class ToolBars;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  explicit MainWindow(QWidget* parent = nullptr);
  ~MainWindow() override;

  /// On the page that knows such files by their names; unknown ones are a photo's.
  void open(const QString& path);
  /// Several files wait in a queue, the first is opened; models are imported.
  void openAll(const QStringList& paths);
  void showPage(Page* page);
  /// The window of the models, made when it is first asked for.
  ModelsDialog* models();

  PhotoPage* photoPage() const { return photos_; }
  SongPage* songPage() const { return songs_; }
  ComparePage* comparePage() const { return compare_; }
  const Actions& allActions() const { return actions_; }

 protected:
  void closeEvent(QCloseEvent* event) override;

 private:
  void addPage(Page* page);
  void buildActions();
  void buildPanelActions();
  void buildBars();
  void fillMenu(QMenu* menu);
  Page* currentPage() const;
  void showTitle();
  void chooseFile();
  void showModels();
  void showSides();
  QSize firstSize() const;

  PhotoPage* photos_;
  SongPage* songs_;
  ComparePage* compare_;
  std::vector<Page*> pages_;
  QStackedWidget* stack_;
  OpenFiles* files_;
  QLabel* status_;
  ActionList own_{this};
  QList<QAction*> to_pages_;  ///< one for each of `pages_`
  Actions actions_;
  ToolBars* bars_;
  ModelsDialog* models_ = nullptr;
  Focus* focus_;
};

}  // namespace mgdm::ui
