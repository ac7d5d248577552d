#include "ui/shell/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QCloseEvent>
#include <QLabel>
#include <QMenu>
#include <QScreen>
#include <QSettings>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>
#include <algorithm>
#include <nlohmann/json.hpp>

#include "ui/compare/compare_page.h"
#include "ui/jobs/session_folder.h"
#include "ui/models/models_dialog.h"
#include "ui/photo/photo_page.h"
#include "ui/shell/file_dialogs.h"
#include "ui/shell/focus.h"
#include "ui/shell/help.h"
#include "ui/shell/open_files.h"
#include "ui/shell/shortcuts_dialog.h"
#include "ui/shell/tool_bars.h"
#include "ui/song/song_page.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/side_panels.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), stack_(new QStackedWidget), files_(new OpenFiles), status_(new QLabel) {
  setWindowTitle(tr("[*]MGDM Studio"));
  resize(firstSize());
  statusBar()->addWidget(status_, 1);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(12, 2, 12, 2);
  auto* central = new QWidget;
  auto* column = new QVBoxLayout(central);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(files_);
  column->addWidget(stack_, 1);
  setCentralWidget(central);
  connect(files_, &OpenFiles::wanted, this, &MainWindow::open);

  const auto folder = std::make_shared<const SessionFolder>();
  photos_ = new PhotoPage(resource_file(QStringLiteral("photos/portrait.jpg")), folder);
  songs_ = new SongPage(resource_file(QStringLiteral("songs/sample.ogg")), folder);
  addPage(photos_);
  addPage(songs_);
  compare_ = new ComparePage(resource_file(QStringLiteral("photos/sample.jpg")));
  addPage(compare_);
  connect(compare_, &ComparePage::settingsWanted, this, [this](const QString& medium, const nlohmann::json& keys) {
    for (Page* page : pages_) {
      if (page->useSettings(medium, keys)) return showPage(page);
    }
  });
  connect(files_, &OpenFiles::batchWanted, photos_, &PhotoPage::chooseBatch);
  buildActions();
  buildBars();
  loadHeldKeys(photos_->canvas());
  focus_ = new Focus(this, [this] { return currentPage()->home(); });
  widenFileDialogs(this);
  restoreGeometry(QSettings().value(QStringLiteral("geometry")).toByteArray());
  showPage(photos_);
}

MainWindow::~MainWindow() { delete focus_; }  // before what it watches

// All of the screen where that is small, most of it where it is large; the title bar has to have room, too.
QSize MainWindow::firstSize() const {
  constexpr QSize kWanted(1280, 800), kEnough(1760, 1080);
  constexpr int kTitleBar = 40;
  const QSize room = screen()->availableSize() - QSize(0, kTitleBar);
  return (room * 0.94).boundedTo(kEnough).expandedTo(kWanted).boundedTo(room);
}

// ---- building ----

void MainWindow::addPage(Page* page) {
  pages_.push_back(page);
  stack_->addWidget(page);
  if (QWidget* widget = page->statusWidget()) statusBar()->addPermanentWidget(widget);
  connect(page, &Page::status, this, [this, page](const QString& words) {
    if (page == currentPage()) status_->setText(words);
  });
  connect(page, &Page::filesDropped, this, &MainWindow::openAll);
  connect(page, &Page::wantsToOpen, this, &MainWindow::chooseFile);
  connect(page, &Page::wantsModels, this, &MainWindow::showModels);
  connect(page, &Page::wantsToCompare, this, [this](const nlohmann::json& keys) {
    showPage(compare_);
    compare_->compareThis(keys);
  });
  connect(page, &Page::opened, files_, &OpenFiles::opened);
  connect(page, &Page::refused, files_, &OpenFiles::refused);
  const auto title = [this, page] {
    if (page == currentPage()) showTitle();
  };
  connect(page, &Page::windowTitleChanged, this, title);
  connect(page, &Page::modifiedChanged, this, [page, title](bool modified) {
    page->setWindowModified(modified);
    title();
  });
}

void MainWindow::buildActions() {
  own_.add(
      "open", tr("Open…"), QKeySequence::Open, [this] { chooseFile(); }, icon(Symbol::Open));
  auto* group = new QActionGroup(this);
  for (Page* page : pages_) {
    const auto number = Qt::Key_1 + static_cast<int>(to_pages_.size());
    QAction* action = own_.add(qPrintable(page->name() + QStringLiteral("_page")), page->title(),
                               QKeySequence(Qt::CTRL | static_cast<Qt::Key>(number)), [this, page] { showPage(page); });
    action->setCheckable(true);
    group->addAction(action);
    to_pages_ << action;
  }
  own_.add("models", tr("Models…"), {}, [this] { showModels(); });
  buildPanelActions();
  own_.add("help", tr("First steps"), QKeySequence::HelpContents, [this] { helpDialog(actions_, this)->open(); });
  own_.add("about", tr("About MGDM Studio"), {}, [this] { aboutDialog(this)->open(); });
  actions_.add(own_.all(), nullptr);
  for (Page* page : pages_) actions_.add(page->pageActions(), page);
  actions_.settle();
}

void MainWindow::buildPanelActions() {
  const auto add = [this](const char* id, const QString& words, Qt::Key key, Symbol symbol, SidePanels::Side side) {
    own_.addSwitch(id, words, key, icon(symbol), [this, side](bool on) {
      if (SidePanels* sides = currentPage()->sides()) sides->fold(side, !on);
    });
  };
  add("left_panel", tr("Panel at the left"), Qt::Key_F7, Symbol::LeftPanel, SidePanels::Left);
  add("right_panel", tr("Panel at the right"), Qt::Key_F8, Symbol::RightPanel, SidePanels::Right);
}

// What the two switches say is the shown page's.
void MainWindow::showSides() {
  const SidePanels* sides = currentPage()->sides();
  for (const auto& [id, side] :
       {std::pair{"left_panel", SidePanels::Left}, std::pair{"right_panel", SidePanels::Right}}) {
    QAction* action = own_[id];
    const QSignalBlocker block(action);
    action->setEnabled(sides != nullptr && sides->has(side));
    action->setChecked(action->isEnabled() && !sides->folded(side));
  }
}

void MainWindow::buildBars() {
  bars_ = new ToolBars(this, own_);
  connect(bars_, &ToolBars::notice, this, [this](const QString& words) { currentPage()->showNotice(words); });
  fillMenu(bars_->menu());
  for (Page* page : pages_) bars_->add(page, to_pages_);
}

void MainWindow::fillMenu(QMenu* menu) {
  auto* recent = menu->addMenu(tr("Recent files"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { files_->fillRecent(recent); });
  menu->addSeparator();
  for (const Page* page : pages_) menu->addActions(page->menuActions());
  menu->addSeparator();
  bars_->addLook(menu);
  menu->addAction(own_["models"]);
  menu->addAction(tr("Keyboard shortcuts…"), this,
                  [this] { ShortcutsDialog(actions_, photos_->canvas(), this).exec(); });
  menu->addSeparator();
  menu->addAction(own_["help"]);
  menu->addAction(own_["about"]);
}

// ---- pages ----

Page* MainWindow::currentPage() const { return qobject_cast<Page*>(stack_->currentWidget()); }

void MainWindow::showTitle() {
  const Page* page = currentPage();
  setWindowTitle(page->windowTitle().isEmpty() ? tr("[*]MGDM Studio") : page->windowTitle());
  setWindowModified(page->isWindowModified());
}

void MainWindow::showPage(Page* page) {
  stack_->setCurrentWidget(page);
  bars_->show(page);
  actions_.show(page);
  showSides();
  for (size_t i = 0; i < pages_.size(); ++i) {
    if (pages_[i] == page) to_pages_[static_cast<qsizetype>(i)]->setChecked(true);
    if (QWidget* widget = pages_[i]->statusWidget()) widget->setVisible(pages_[i] == page);
  }
  showTitle();
  page->enter();
}

void MainWindow::open(const QString& path) {
  if (isCheckpoint(path)) return openAll({path});
  const auto found = std::find_if(pages_.begin(), pages_.end(), [&](const Page* page) { return page->canOpen(path); });
  Page* page = found != pages_.end() ? *found : pages_.front();
  showPage(page);
  page->open(path);
}

void MainWindow::openAll(const QStringList& given) {
  QStringList paths, checkpoints;
  for (const QString& path : given) (isCheckpoint(path) ? checkpoints : paths) << path;
  if (!checkpoints.isEmpty()) {
    showModels();
    models()->importFiles(checkpoints);
  }
  if (!paths.isEmpty()) files_->start(paths);
}

void MainWindow::chooseFile() {
  std::vector<Page*> pages = pages_;  // the one that is seen comes first
  std::stable_partition(pages.begin(), pages.end(), [this](const Page* page) { return page == currentPage(); });
  openAll(files_->choose(pages));
}

ModelsDialog* MainWindow::models() {
  if (models_ != nullptr) return models_;
  models_ = new ModelsDialog(this);
  const auto changed = [this] {
    for (Page* page : pages_) page->modelsChanged();
  };
  connect(models_, &ModelsDialog::modelsChanged, this, changed);
  connect(models_, &ModelsDialog::chosen, this, [this, changed](const QString& name) {
    changed();
    for (Page* page : pages_) {
      if (page->useModel(name)) return showPage(page);
    }
  });
  return models_;
}

void MainWindow::showModels() {
  models()->show();
  models()->raise();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!std::all_of(pages_.begin(), pages_.end(), [](Page* page) { return page->mayLeave(); })) {
    event->ignore();
    return;
  }
  for (Page* page : pages_) page->leave();
  QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
  event->accept();
}

}  // namespace mgdm::ui
