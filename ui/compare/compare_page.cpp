#include "ui/compare/compare_page.h"

#include <QAction>
#include <QButtonGroup>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files/json_text.h"
#include "core/samplers/description.h"
#include "ui/compare/axes_panel.h"
#include "ui/compare/axis_bar.h"
#include "ui/compare/blind_view.h"
#include "ui/compare/cell_grid.h"
#include "ui/compare/cell_plot.h"
#include "ui/compare/cell_table.h"
#include "ui/compare/ear_bar.h"
#include "ui/compare/large_bar.h"
#include "ui/compare/large_view.h"
#include "ui/compare/plot_bar.h"
#include "ui/compare/race_view.h"
#include "ui/compare/view_bar.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/question.h"
#include "ui/widgets/run_buttons.h"
#include "ui/widgets/side_panels.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

using nlohmann::json;

namespace {
constexpr int kCheckAfter = 400;  // ms without typing
}

QString ComparePage::resultsFolder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/compare");
}

ComparePage::ComparePage(const QString& sample, QWidget* parent)
    : Page(parent), runs_(new CompareRuns(this)), cells_(new StoreCells(this)), check_timer_(new QTimer(this)) {
  check_timer_->setSingleShot(true);
  check_timer_->setInterval(kCheckAfter);
  connect(check_timer_, &QTimer::timeout, this, &ComparePage::check);
  buildActions();
  buttons_ = new RunButtons(QStringLiteral("compare_"), tr("Ends the run; finished cells are kept, the one that is on "
                                                           "goes on from here the next time (Esc)."));
  panel_ = new AxesPanel(buttons_);
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty(sample));
  stack_->addWidget(buildMiddle());
  message_ = new MessageBar(QStringLiteral("compare_message"), stack_);
  sides_ = new SidePanels(name(), panel_, stack_, nullptr);
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->addWidget(sides_);
  connectViews();
  connectRuns();
  updateState();
}

// Children go in the order in which they were made: nobody is to hear of it who is gone already.
ComparePage::~ComparePage() {
  runs_->disconnect();
  cells_->disconnect();
}

// ---- building ----

void ComparePage::buildActions() {
  const auto view = [this](const char* id, const QString& words, Qt::Key key, View which) {
    actions_.add(id, words, key, [this, which] { showView(which); });
  };
  view("compare_grid", tr("All cells"), Qt::Key_G, Grid);
  view("compare_large", tr("One cell large"), Qt::Key_L, Large);
  view("compare_table", tr("Table of figures"), Qt::Key_T, Table);
  view("compare_plot", tr("Plot of quality against effort"), Qt::Key_Q, Plot);
  view("compare_race", tr("Race of two cells"), Qt::Key_R, Race);
  view("compare_blind", tr("Judge without names"), Qt::Key_N, Blind);
  actions_.add("compare_play", tr("Play or pause"), Qt::Key_Space, [this] {
    if (ear_->isVisible()) ear_->togglePlay();
  });
  actions_.add("compare_run", tr("Run"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] {
    if (buttons_->canRun()) start();
  });
  actions_.add("compare_pause", tr("Pause, go on"), Qt::Key_P, [this] { runs_->setPaused(!runs_->paused()); });
  actions_.add("compare_stop", tr("Stop, or back to all cells"), Qt::Key_Escape, [this] {
    if (this->view() == Large) return showView(Grid);
    runs_->stopAndKeep();
  });
  actions_.add("compare_use", tr("Use these settings"), Qt::Key_U, [this] { useSettings(); });
  actions_.add("compare_fit", tr("Whole pictures"), Qt::Key_0, [this] { grid_->fit(), large_->fit(); });
  actions_.add("compare_actual", tr("The pictures' own pixels"), QKeySequence(Qt::CTRL | Qt::Key_0),
               [this] { this->view() == Large ? large_->actualSize() : grid_->actualSize(); });
  actions_.add("compare_open_folder", tr("Open a folder of results or pictures…"), {}, [this] { chooseFolder(); });
  actions_.add("compare_save_spec", tr("Save the comparison…"), QKeySequence::Save, [this] { saveSpec(); });
  for (const auto& [id, words, ending] : {std::tuple{"compare_png", tr("Export the grid as PNG…"), "png"},
                                          std::tuple{"compare_pdf", tr("Export the grid as PDF…"), "pdf"},
                                          std::tuple{"compare_csv", tr("Export the table as CSV…"), "csv"},
                                          std::tuple{"compare_html", tr("Export all as one HTML file…"), "html"}})
    actions_.add(id, words, {}, [this, e = QString::fromLatin1(ending)] { exportAs(e); });
}

QWidget* ComparePage::buildEmpty(const QString& sample) {
  auto* empty = new QWidget;
  auto* column = new QVBoxLayout(empty);
  column->setSpacing(14);
  column->addStretch(1);
  auto* words =
      hint(tr("Compare settings, samplers and models side by side.\nOpen a photo or a song and choose "
              "“Compare settings…” there, or open what was compared before."));
  words->setAlignment(Qt::AlignCenter);
  column->addWidget(words);
  auto* row = new QHBoxLayout;
  row->addStretch(1);
  auto* folder = new QPushButton(icon(Symbol::Open), tr("Open a folder…"));
  folder->setObjectName(QStringLiteral("compare_choose_folder"));
  connect(folder, &QPushButton::clicked, this, &ComparePage::chooseFolder);
  row->addWidget(folder);
  if (!sample.isEmpty()) {
    auto* example = new QPushButton(tr("An example: samplers on the sample photo"));
    example->setObjectName(QStringLiteral("compare_example"));
    connect(example, &QPushButton::clicked, this, [this, sample] {
      openSpec(parse_spec({{"base",
                            {{"photo", sample.toStdString()},
                             {"task", "sr4"},
                             {"square", 128},
                             {"preset", "quick"},
                             {"prior", "photo"}}},
                           {"axes",
                            {{{"key", "sampler"}, {"values", {"mgdm", "dps", "ddrm", "diffpir"}}},
                             {{"key", "seed"}, {"values", "1..2"}}}}},
                          "/"));
    });
    row->addWidget(example);
  }
  row->addStretch(1);
  column->addLayout(row);
  column->addStretch(1);
  return empty;
}

QWidget* ComparePage::buildMiddle() {
  auto* middle = new QWidget;
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(12, 6, 12, 2);
  top->setSpacing(4);
  view_buttons_ = new QButtonGroup(this);
  for (const auto& [which, id, words] :
       {std::tuple{Grid, "compare_grid", tr("Grid")}, std::tuple{Large, "compare_large", tr("Large")},
        std::tuple{Table, "compare_table", tr("Table")}, std::tuple{Plot, "compare_plot", tr("Plot")},
        std::tuple{Race, "compare_race", tr("Race")}, std::tuple{Blind, "compare_blind", tr("Blind")}}) {
    auto* button = new QToolButton;
    button->setObjectName(QStringLiteral("show_") + QString::fromLatin1(id));
    button->setText(words);
    button->setCheckable(true);
    button->setToolTip(actions_[id]->text() + QStringLiteral(" (") +
                       actions_[id]->shortcut().toString(QKeySequence::NativeText) + QStringLiteral(")"));
    view_buttons_->addButton(button, which);
    top->addWidget(button);
  }
  view_buttons_->button(Grid)->setChecked(true);
  top->addStretch(1);
  column->addLayout(top);
  axes_ = new AxisBar;
  column->addWidget(axes_);
  views_ = new QStackedWidget;
  grid_ = new CellGrid;
  large_ = new LargeView;
  table_ = new CellTable;
  plot_ = new CellPlot;
  race_ = new RaceView;
  blind_ = new BlindView;
  grid_->setAccessibleName(tr("All cells"));  // until there are some, which have names of their own
  large_->setAccessibleName(tr("One cell large"));
  table_->setAccessibleName(tr("Table of figures"));
  plot_->setAccessibleName(tr("Plot of quality against effort"));
  const auto below = [](QWidget* bar, QWidget* view) {
    auto* both = new QWidget;
    auto* column = new QVBoxLayout(both);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar);
    column->addWidget(view, 1);
    return both;
  };
  large_bar_ = new LargeBar(large_);
  plot_bar_ = new PlotBar(plot_);
  for (QWidget* view : {static_cast<QWidget*>(grid_), below(large_bar_, large_), static_cast<QWidget*>(table_),
                        below(plot_bar_, plot_), static_cast<QWidget*>(race_), static_cast<QWidget*>(blind_)})
    views_->addWidget(view);
  column->addWidget(views_, 1);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Cells that are done"));
  progress_->setMaximumHeight(4);
  column->addWidget(progress_);
  bar_ = new ViewBar;
  column->addWidget(bar_);
  ear_ = new EarBar;
  column->addWidget(ear_);
  return middle;
}

void ComparePage::connectViews() {
  grid_->setCells(cells_);
  large_->setCells(cells_);
  table_->setCells(cells_);
  plot_->setCells(cells_);
  race_->setCells(cells_);
  large_bar_->setCells(cells_);
  blind_->setCells(cells_);
  ear_->setCells(cells_);
  connect(blind_, &BlindView::heard, this, [this](int cell) {
    ear_->setCurrent(cell);
    if (!ear_->playing()) ear_->togglePlay();
  });
  connect(ear_, &EarBar::failed, this, [this](const QString& words) { message_->showMessage(words); });
  plot_bar_->setCells(cells_);
  connect(large_bar_, &LargeBar::otherChosen, grid_, &CellGrid::setMarked);
  connect(view_buttons_, &QButtonGroup::idClicked, this, [this](int view) { showView(static_cast<View>(view)); });
  connect(panel_, &AxesPanel::edited, this, &ComparePage::checkSoon);
  connect(buttons_, &RunButtons::run, this, &ComparePage::start);
  connect(buttons_, &RunButtons::stop, runs_, &CompareRuns::stopAndKeep);
  connect(buttons_, &RunButtons::discard, runs_, &CompareRuns::discard);
  connect(buttons_, &RunButtons::pause, runs_, &CompareRuns::setPaused);
  connect(bar_, &ViewBar::changed, this, &ComparePage::applyLook);
  connect(axes_, &AxisBar::placementChanged, this, [this](const AxisPlacement& placement) {
    grid_->setPlacement(placement);
    fitColumns();
  });
  connect(grid_, &CellGrid::placementChanged, axes_, &AxisBar::setPlacement);
  connect(grid_, &CellGrid::visibleCells, runs_, &CompareRuns::setWanted);
  connect(grid_, &CellGrid::currentChanged, this, &ComparePage::setCurrent);
  connect(grid_, &CellGrid::cellSizeChanged, this, [this] { sized_ = true; });
  connect(grid_, &CellGrid::opened, this, [this](int cell) {
    setCurrent(cell);
    showView(Large);
  });
  connect(grid_, &CellGrid::markedChanged, this, [this](int cell) {
    large_->setOther(cell);
    large_bar_->setOther(cell);
    applyLook();
  });
  connect(grid_, &CellGrid::viewChanged, large_, &LargeView::setView);
  connect(large_, &LargeView::viewChanged, grid_, &CellGrid::setView);
  connect(large_, &LargeView::walkWanted, grid_, &CellGrid::walk);
  connect(large_, &LargeView::numberWanted, grid_, &CellGrid::openVisible);
  connect(large_, &LargeView::closed, this, [this] { showView(Grid); });
  connect(table_, &CellTable::picked, this, &ComparePage::setCurrent);
  connect(plot_, &CellPlot::picked, this, &ComparePage::setCurrent);
  connect(race_, &RaceView::raceWanted, this, [this](int a, int b) {
    if (runs_->busy() || !plan_) return;
    racing_ = true;
    race_->setRunning(true);
    runs_->race(cells_->comparison(), cells_->folder(), a, b);
  });
  connect(cells_, &Cells::reset, this, [this] {
    axes_->setAxes(cells_->axes());
    grid_->setPlacement(axes_->placement());
    sized_ = false;
    setCurrent(cells_->count() > 0 ? 0 : -1);
    stack_->setCurrentIndex(cells_->count() > 0 ? 1 : 0);
    fitColumns();
    showFigures();
  });
  connect(cells_, &Cells::changed, this, [this](int cell) {
    if (cells_->cell(cell).state == Cells::State::Done) showFigures();
  });
}

void ComparePage::connectRuns() {
  connect(runs_, &CompareRuns::stateChanged, this, &ComparePage::updateState);
  connect(runs_, &CompareRuns::pausedChanged, this, &ComparePage::updateState);
  connect(runs_, &CompareRuns::planned, this, &ComparePage::planned);
  connect(runs_, &CompareRuns::loading, this,
          [this](const QString& model) { Q_EMIT status(tr("Loading the model %1…").arg(model)); });
  connect(runs_, &CompareRuns::begun, cells_, &StoreCells::begin);
  connect(runs_, &CompareRuns::iterate, this, [this](int cell, const LiveCell& live) {
    cells_->show(cell, live);
    race_->append(cell, live.figures);
  });
  connect(runs_, &CompareRuns::finished, cells_, &StoreCells::end);
  connect(runs_, &CompareRuns::notice, this, &ComparePage::showNotice);
  connect(runs_, &CompareRuns::failed, this, [this](const QString& words) { message_->showMessage(words); });
  connect(runs_, &CompareRuns::progress, this, [this](int done, int of, double left) {
    progress_->setRange(0, of);
    progress_->setValue(done);
    QString words = tr("%1 of %2 cells").arg(done).arg(of);
    if (left >= 0 && done < of) words += tr(", about %1 s left").arg(std::lround(left));
    Q_EMIT status(words);
  });
  const auto over = [this] {
    racing_ = false;
    race_->setRunning(false);
    cells_->stop();
  };
  connect(runs_, &CompareRuns::discarded, this, over);
  connect(runs_, &CompareRuns::ended, this, [this, over](int done, int failed, bool stopped) {
    over();
    if (!plan_) checkSoon();  // the models have changed meanwhile
    QString words = stopped ? tr("Stopped; %n cell(s) done.", nullptr, done) : tr("%n cell(s) done.", nullptr, done);
    if (failed > 0) words += QStringLiteral(" ") + tr("%n failed; each says why.", nullptr, failed);
    Q_EMIT status(words);
  });
}

// ---- as a page ----

QString ComparePage::title() const { return tr("Compare"); }
QString ComparePage::toolBarTitle() const { return tr("Compare tools"); }
QString ComparePage::fileFilter() const { return tr("Comparisons (*.json)"); }

bool ComparePage::canOpen(const QString& path) const {
  return QFileInfo(path).isDir() || QFileInfo(path).suffix().toLower() == QLatin1String("json");
}

QList<QAction*> ComparePage::menuActions() const {
  QList<QAction*> list;
  for (const char* id :
       {"compare_open_folder", "compare_save_spec", "compare_png", "compare_pdf", "compare_csv", "compare_html"})
    list << actions_[id];
  return list;
}

void ComparePage::fillToolBar(QToolBar* bar) { bar->addAction(actions_["compare_use"]); }

void ComparePage::showNotice(const QString& words) { message_->showNotice(words); }

QWidget* ComparePage::home() {
  switch (view()) {
    case Large:
      return large_;
    case Table:
      return table_;
    case Plot:
      return plot_;
    case Blind:
      return blind_;
    default:
      return grid_;
  }
}

bool ComparePage::mayLeave() {
  if (!runs_->busy()) return true;
  const int chosen = ask(this, tr("A comparison is still on. Close the program?"),
                         tr("Finished cells are kept; the next time it goes on where it was."),
                         {{"stop_and_keep", tr("Stop and close")}, {"keep_running", tr("Keep running")}});
  return chosen == 0 || !runs_->busy();
}

void ComparePage::leave() { runs_->stopAndKeep(); }

void ComparePage::modelsChanged() { checkSoon(); }

void ComparePage::enter() {
  home()->setFocus();
  Q_EMIT status({});
  if (std::exchange(entered_, true) || !panel_->empty()) return;
  // What was compared last.
  if (!QFileInfo::exists(resultsFolder() + QStringLiteral("/comparison.json"))) return;
  try {
    const Comparison last = read_comparison(resultsFolder().toStdString());
    panel_->setSpec(last.spec);
    cells_->open(last, resultsFolder(), false);
    checkSoon();
  } catch (const std::exception&) {  // of another version: it is begun anew
  }
}

void ComparePage::open(const QString& path) { openPath(path); }

void ComparePage::openPath(const QString& path) {
  if (runs_->busy()) return message_->showMessage(tr("A comparison is still on; stop it first."));
  message_->hide();
  try {
    if (QFileInfo(path).isDir()) {
      if (QFileInfo::exists(path + QStringLiteral("/comparison.json"))) return openFolder(path);
      const QString reference =
          QFileDialog::getOpenFileName(this, tr("The reference to hold the pictures against (Cancel: none)"), path);
      return openPictures(path, reference);
    }
    openSpec(read_spec(path.toStdString()));
    Q_EMIT opened(path);
  } catch (const std::exception& e) {
    message_->showMessage(one_line(e));
  }
}

void ComparePage::chooseFolder() {
  const QString folder = QFileDialog::getExistingDirectory(this, tr("A folder of results or of pictures"));
  if (!folder.isEmpty()) openPath(folder);
}

// ---- what is compared ----

void ComparePage::compareThis(const json& keys) {
  json axes = json::array();
  const std::string sampler = keys.value("sampler", "mgdm");
  json presets = json::array();
  for (const auto& [name, values] : find_sampler(sampler).presets) {
    if (name == "quick" || name == "balanced") presets.push_back(name);
  }
  if (presets.size() > 1) axes.push_back({{"key", "preset"}, {"values", presets}});
  axes.push_back({{"key", "seed"}, {"values", "1..2"}});
  try {
    openSpec(parse_spec({{"base", keys}, {"axes", axes}}, "/"));
  } catch (const std::exception& e) {
    message_->showMessage(one_line(e));
  }
}

void ComparePage::openSpec(const CompareSpec& spec) {
  if (runs_->busy()) return message_->showMessage(tr("A comparison is still on; stop it first."));
  folder_.clear();
  panel_->setSpec(spec);
  check();
}

void ComparePage::openFolder(const QString& folder) {
  Comparison comparison = read_comparison(folder.toStdString());
  folder_ = folder;
  panel_->setSpec(comparison.spec);
  plan_.reset();
  cells_->open(std::move(comparison), folder, true);
  checkSoon();
  Q_EMIT status(tr("Results in %1; new ones are shown as they come.").arg(folder));
}

void ComparePage::openPictures(const QString& folder, const QString& reference) {
  json pictures = json::array();
  const QStringList patterns{QStringLiteral("*.png"),  QStringLiteral("*.jpg"), QStringLiteral("*.jpeg"),
                             QStringLiteral("*.webp"), QStringLiteral("*.tif"), QStringLiteral("*.tiff")};
  for (const QFileInfo& file : QDir(folder).entryInfoList(patterns, QDir::Files, QDir::Name)) {
    if (file.absoluteFilePath() != QFileInfo(reference).absoluteFilePath())
      pictures.push_back(
          {{"label", file.fileName().toStdString()}, {"picture", file.absoluteFilePath().toStdString()}});
  }
  if (pictures.empty()) throw MediaError(folder.toStdString() + ": holds neither results nor pictures");
  json base = json::object();
  if (!reference.isEmpty()) base["reference"] = reference.toStdString();
  openSpec(parse_spec({{"medium", "picture"}, {"base", base}, {"axes", {{{"name", "picture"}, {"values", pictures}}}}},
                      "/"));
  start_when_planned_ = true;  // nothing is computed but their figures
}

void ComparePage::checkSoon() {
  buttons_->setRun(false, tr("Run"), tr("The cells are being counted."));
  plan_.reset();
  check_timer_->start();
}

void ComparePage::check() {
  if (panel_->empty() || runs_->busy()) return updateState();
  try {
    runs_->check(panel_->spec());
  } catch (const std::exception& e) {
    plan_.reset();
    panel_->tellError(one_line(e));
    updateState();
    buttons_->setRun(false, tr("Run"), one_line(e));
  }
}

void ComparePage::planned(const ComparePlan& plan) {
  plan_ = plan;
  panel_->tell(plan);
  if (plan.error.isEmpty()) {
    // An opened folder that knows more cells than its inputs here can tell is left as it is.
    const bool readable = plan.bad_count < static_cast<int>(plan.comparison.cells.size()) || folder_.isEmpty();
    const QString folder = folder_.isEmpty() ? resultsFolder() : folder_;
    std::vector<std::string> before, now;
    for (const mgdm::Cell& cell : cells_->comparison().cells) before.push_back(cell.key + cell.label);
    for (const mgdm::Cell& cell : plan.comparison.cells) now.push_back(cell.key + cell.label);
    if (readable && (before != now || cells_->folder() != folder))
      cells_->open(plan.comparison, folder, !folder_.isEmpty());
  }
  updateState();
  if (std::exchange(start_when_planned_, false)) start();
}

void ComparePage::start() {
  if (!plan_ || !plan_->error.isEmpty() || runs_->busy()) return;
  message_->hide();
  progress_->setRange(0, 0);
  runs_->run(cells_->comparison(), cells_->folder(), cells_->folder() == resultsFolder());
}

// ---- what is shown ----

ComparePage::View ComparePage::view() const { return static_cast<View>(views_->currentIndex()); }

void ComparePage::showView(View view) {
  views_->setCurrentIndex(view);
  view_buttons_->button(view)->setChecked(true);
  axes_->setVisible(view == Grid || view == Large);
  bar_->setVisible(view == Grid || view == Large);
  if (view == Race && current_ >= 0 && !racing_) race_->choose(current_, grid_->marked());
  home()->setFocus();
}

void ComparePage::setCurrent(int cell) {
  current_ = cell;
  grid_->setCurrent(cell);
  large_->setCell(cell);
  table_->setCurrent(cell);
  plot_->setCurrent(cell);
  ear_->setCurrent(cell);
  updateState();
}

void ComparePage::applyLook() {
  const int against = bar_->againstMarked() ? grid_->marked() : -1;
  cells_->setErrorMap(bar_->errorMap(), 0, against);
  grid_->setShown(bar_->shown());
  grid_->setIterate(bar_->iterate());
  grid_->setFigure(bar_->figure());
  large_->setShown(bar_->shown());
  large_->setErrorMap(bar_->errorMap());
  large_->setAgainst(bar_->againstMarked() ? LargeView::Against::Other : LargeView::Against::Reference);
  large_->setIterate(bar_->iterate());
  large_->setFigure(bar_->figure());
}

// As large as lets all columns be seen, within reason.
void ComparePage::fitColumns() {
  constexpr int kMargins = 110, kGap = 12, kSmallest = 76, kLargest = 320;
  const int axis = grid_->placement().columns;
  const int columns =
      axis >= 0 && axis < cells_->axes().size() ? static_cast<int>(cells_->axes()[axis].values.size()) : 1;
  if (sized_ || columns < 1 || stack_->width() < 2 * kMargins) return;
  const QSignalBlocker block(grid_);
  grid_->setCellSize(std::clamp((stack_->width() - kMargins) / columns - kGap, kSmallest, kLargest));
}

void ComparePage::resizeEvent(QResizeEvent* event) {
  Page::resizeEvent(event);
  fitColumns();
}

void ComparePage::showFigures() {
  std::vector<Figures> all;
  bool iterates = false;
  for (int k = 0; k < cells_->count(); ++k) {
    all.push_back(cells_->cell(k).figures);
    iterates = iterates || cells_->cell(k).iterates > 0;
  }
  bar_->setFigures(ordered_figures(all));
  bar_->setHasIterates(iterates);
  bar_->setPictures(cells_->spec().medium == "photo" || cells_->spec().medium == "picture");
  ear_->setVisible(cells_->spec().medium == "song");
  applyLook();
}

void ComparePage::updateState() {
  const bool busy = runs_->busy();
  const bool planned = plan_ && plan_->error.isEmpty();
  const bool bad = planned && plan_->bad_count > 0;
  panel_->setRunning(busy);
  if (busy) {
    buttons_->setRun(false, tr("Run"), {});
  } else if (runs_->state() == JobController::State::Loading) {
    buttons_->setRun(false, tr("Run"), tr("The cells are being counted."));
  } else {
    buttons_->setRun(planned && !bad, tr("Run"),
                     bad       ? tr("Some cells cannot be run: take them out, or leave out what cannot be.")
                     : planned ? tr("Runs all cells that are not done yet (Ctrl+Return).")
                               : tr("There is nothing to run yet."));
  }
  buttons_->setEnds(busy && runs_->state() != JobController::State::Stopping, busy);
  buttons_->setPause(busy, runs_->paused());
  progress_->setVisible(busy);
  const bool some = cells_->count() > 0;
  actions_.enable({"compare_use"},
                  current_ >= 0 && (cells_->spec().medium == "photo" || cells_->spec().medium == "song"));
  actions_.enable({"compare_save_spec"}, !panel_->empty());
  actions_.enable({"compare_png", "compare_pdf", "compare_csv", "compare_html"}, some && !busy);
}

void ComparePage::useSettings() {
  if (current_ < 0) return;
  Q_EMIT settingsWanted(text(cells_->spec().medium), cells_->comparison().cells[static_cast<size_t>(current_)].keys);
}

}  // namespace mgdm::ui
