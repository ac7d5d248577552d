#include "ui/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QButtonGroup>
#include <QClipboard>
#include <QCloseEvent>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QListWidget>
#include <QMenu>
#include <QMessageBox>
#include <QPainter>
#include <QPainterPath>
#include <QProgressBar>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QSettings>
#include <QSlider>
#include <QSpinBox>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTabWidget>
#include <QThreadPool>
#include <QTimer>
#include <QToolBar>
#include <QToolButton>
#include <QUndoStack>
#include <QVBoxLayout>
#include <opencv2/imgproc.hpp>

#include "core/files/json_text.h"
#include "core/media/photo_file.h"
#include "core/operators/tasks.h"
#include "core/runs/photo_job.h"
#include "core/runs/trajectory.h"
#include "core/samplers/description.h"
#include "ui/history.h"
#include "ui/inspector.h"
#include "ui/look.h"
#include "ui/models_dialog.h"
#include "ui/panel.h"
#include "ui/settings_form.h"
#include "ui/shortcuts_dialog.h"
#include "ui/song_page.h"
#include "ui/translation.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr qint64 kFrameCap = 256ll << 20;
constexpr int kRecent = 10, kThumbnailWidth = 70, kThumbnailHeight = 54;

QString data_folder() { return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation); }
QString session_file() { return data_folder() + QStringLiteral("/session.json"); }
QString session_run() { return data_folder() + QStringLiteral("/session_run.safetensors"); }
QString session_layers() { return data_folder() + QStringLiteral("/session_layers"); }
QString session_mask() { return data_folder() + QStringLiteral("/session_mask.png"); }

/// |a - b| times four, for seeing small differences.
QImage difference_image(const QImage& a, const QImage& b) {
  const QImage x = a.convertToFormat(QImage::Format_ARGB32),
               y = b.scaled(a.size()).convertToFormat(QImage::Format_RGB32);
  QImage out(a.size(), QImage::Format_RGB32);
  for (int row = 0; row < out.height(); ++row) {
    const auto* p = reinterpret_cast<const QRgb*>(x.constScanLine(row));
    const auto* q = reinterpret_cast<const QRgb*>(y.constScanLine(row));
    auto* to = reinterpret_cast<QRgb*>(out.scanLine(row));
    for (int c = 0; c < out.width(); ++c) {
      const auto channel = [](int u, int v) { return std::min(255, 4 * std::abs(u - v)); };
      to[c] = qAlpha(p[c]) == 0 ? qRgb(0, 0, 0)
                                : qRgb(channel(qRed(p[c]), qRed(q[c])), channel(qGreen(p[c]), qGreen(q[c])),
                                       channel(qBlue(p[c]), qBlue(q[c])));
    }
  }
  return out;
}

QIcon strip_icon(const QImage& image, const QImage& under, bool star) {
  QImage whole = image;
  if (image.hasAlphaChannel() && !under.isNull()) {
    whole = under.scaled(image.size()).convertToFormat(QImage::Format_RGB32);
    QPainter painter(&whole);
    painter.drawImage(0, 0, image);
  }
  QPixmap pixmap = QPixmap::fromImage(
      whole.scaled(kThumbnailWidth * 2, kThumbnailHeight * 2, Qt::KeepAspectRatio, Qt::SmoothTransformation));
  if (star) {
    QPainter painter(&pixmap);
    icon(Symbol::StarFull).paint(&painter, QRect(4, 4, 36, 36));
  }
  QIcon result;
  for (const auto mode : {QIcon::Normal, QIcon::Selected, QIcon::Disabled}) result.addPixmap(pixmap, mode);  // no tint
  return result;
}

}  // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent),
      undo_(new QUndoStack(this)),
      document_(new Document(undo_, this)),
      canvas_(new Canvas(document_)),
      controller_(new RunController(document_, this)),
      history_(new History(data_folder() + QStringLiteral("/history"), this)) {
  setWindowTitle(tr("[*]MGDM Studio"));
  resize(1280, 800);
  undo_->setUndoLimit(200);
  songs_ = new SongPage(resource_file(QStringLiteral("songs/sample.ogg")));
  buildActions();
  buildToolBar();

  auto* central = new QWidget;
  auto* row = new QHBoxLayout(central);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(buildLeft());
  row->addWidget(buildMiddle(), 1);
  row->addWidget(buildRight());
  pages_ = new QStackedWidget;
  pages_->addWidget(central);
  pages_->addWidget(songs_);
  setCentralWidget(pages_);

  status_ = new QLabel(tr("Open a photo to begin."));
  zoom_ = new QLabel;
  statusBar()->addWidget(status_, 1);
  statusBar()->addPermanentWidget(zoom_);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(12, 2, 12, 2);

  session_timer_ = new QTimer(this);
  session_timer_->setSingleShot(true);
  session_timer_->setInterval(1000);
  connect(session_timer_, &QTimer::timeout, this, &MainWindow::saveSession);
  const auto remember = [this] {
    if (!restoring_) session_timer_->start();
  };

  connect(canvas_, &Canvas::filesDropped, this, &MainWindow::openAll);
  connect(songs_, &SongPage::filesDropped, this, &MainWindow::openAll);
  connect(songs_, &SongPage::wantsToOpen, this, &MainWindow::chooseFile);
  connect(songs_, &SongPage::status, this, [this](const QString& words) {
    if (pages_->currentWidget() == songs_) status_->setText(words);
  });
  connect(songs_, &SongPage::opened, this, [](const QString& path) {
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    recent.removeAll(path);
    recent.prepend(path);
    settings.setValue(QStringLiteral("recent"), recent.mid(0, kRecent));
  });
  connect(canvas_, &Canvas::zoomChanged, this,
          [this](double zoom) { zoom_->setText(tr("%1 %").arg(zoom * 100, 0, 'f', zoom < 0.095 ? 1 : 0)); });
  connect(document_, &Document::maskChanged, this, [this, remember] {
    if (document_->editingMask()) return;
    if (controller_->busy()) mask_changed_in_run_ = true;
    if (controller_->state() == RunController::State::Ready && outcome_.samples.empty()) describePhoto();
    updateState();
    remember();
  });
  connect(document_, &Document::areaChanged, this, [this, remember] {
    const QSignalBlocker block(detail_);
    detail_->setCurrentIndex(detail_->findData(std::min(document_->area().width, document_->area().height)));
    updateState();
    remember();
  });
  connect(document_, &Document::layersChanged, this, [this, remember] {
    fillLayers();
    remember();
  });
  connect(undo_, &QUndoStack::indexChanged, this, &MainWindow::updateState);
  connect(document_, &Document::photoChanged, this, [this] { setWindowModified(document_->unsaved()); });
  connect(controller_, &RunController::stateChanged, this, &MainWindow::updateState);
  connect(controller_, &RunController::photoOpened, this, &MainWindow::photoOpened);
  connect(controller_, &RunController::estimated, this, [this](const Estimate& estimate) {
    estimate_ = estimate;
    estimate_known_ = true;
    useEstimate();
  });
  connect(controller_, &RunController::iterate, this, &MainWindow::addFrame);
  connect(controller_, &RunController::finished, this, &MainWindow::showOutcome);
  connect(controller_, &RunController::failed, this, &MainWindow::showMessage);
  connect(controller_, &RunController::loadingModel, this,
          [this](const QString& name) { status_->setText(tr("Loading the model %1…").arg(name)); });
  connect(controller_, &RunController::notice, this, [this](const QString& words) { showNotice(words); });
  connect(controller_, &RunController::discarded, this, [this] {
    canvas_->setOverlay({});
    canvas_->setLegend({}, {});
    frames_.clear();
    inspector_->clear();
    timeline_row_->hide();
    if (outcome_.samples.empty()) {
      strip_row_->hide();
    } else {
      fillStrip();
    }
    status_->setText(tr("Run discarded."));
  });
  connect(controller_, &RunController::thumbnail, this, [this](const QString& name, const QImage& image) {
    if (const int at = task_->findData(name); at >= 0) task_->setItemIcon(at, QIcon(QPixmap::fromImage(image)));
    thumbnails_[name] = image;
  });
  connect(history_, &History::changed, this, &MainWindow::fillHistory);
  connect(history_, &History::failed, this, &MainWindow::showMessage);

  showSongs(false);
  controller_->setStateFile(session_run());
  loadHeldKeys(canvas_);
  fillModels();
  chooseSampler();
  chooseWay(Way::Fill);
  fillHistory();
  fillLayers();
  updateState();
  const QSettings settings;
  restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
  canvas_->setFocus();
  controller_->makeThumbnails(resource_file(QStringLiteral("photos/sample.jpg")));
}

MainWindow::~MainWindow() = default;

// ---- building ----

QAction* MainWindow::action(const char* name, const QString& words, const QKeySequence& keys,
                            std::function<void()> slot) {
  auto* a = new QAction(words, this);
  a->setObjectName(QString::fromLatin1(name));
  a->setShortcut(keys);
  connect(a, &QAction::triggered, this, std::move(slot));
  addAction(a);
  actions_ << a;
  return a;
}

void MainWindow::buildActions() {
  action("open", tr("Open…"), QKeySequence::Open, [this] { chooseFile(); })->setIcon(icon(Symbol::Open));
  auto* pages = new QActionGroup(this);
  const auto page = [&](const char* name, const QString& words, Qt::Key key, bool songs) {
    auto* a = action(name, words, QKeySequence(Qt::CTRL | key), [this, songs] { showSongs(songs); });
    a->setCheckable(true);
    pages->addAction(a);
  };
  page("photos_page", tr("Photos"), Qt::Key_1, false);
  page("songs_page", tr("Songs"), Qt::Key_2, true);
  action("paste", tr("Paste"), QKeySequence::Paste, [this] {
    if (mayLeavePhoto()) controller_->openImage(QApplication::clipboard()->image());
  })->setIcon(icon(Symbol::Paste));
  action("save", tr("Save the photo…"), QKeySequence::Save, [this] { chooseSaveFile(); })->setIcon(icon(Symbol::Save));
  action("undo", tr("Undo"), QKeySequence::Undo, [this] { undo_->undo(); })->setIcon(icon(Symbol::Undo));
  action("redo", tr("Redo"), QKeySequence::Redo, [this] { undo_->redo(); })->setIcon(icon(Symbol::Redo));
  auto* tools = new QActionGroup(this);
  const auto tool = [&](const char* name, const QString& words, Qt::Key key, Symbol symbol, Canvas::Tool which) {
    auto* a = action(name, words, key, [this, which] { canvas_->setTool(which); });
    a->setIcon(icon(symbol));
    a->setCheckable(true);
    tools->addAction(a);
    return a;
  };
  tool("brush", tr("Brush"), Qt::Key_B, Symbol::Brush, Canvas::Tool::Brush)->setChecked(true);
  tool("eraser", tr("Eraser"), Qt::Key_E, Symbol::Eraser, Canvas::Tool::Eraser);
  tool("rectangle", tr("Rectangle (Alt erases)"), Qt::Key_R, Symbol::Rectangle, Canvas::Tool::Rectangle);
  tool("lasso", tr("Lasso (Alt erases)"), Qt::Key_L, Symbol::Lasso, Canvas::Tool::Lasso);
  tool("fill", tr("Fill an enclosed region"), Qt::Key_G, Symbol::Fill, Canvas::Tool::Fill);
  tool("area", tr("Working area: the part that the model sees"), Qt::Key_W, Symbol::Area, Canvas::Tool::Area);
  action("invert", tr("Invert the mask"), QKeySequence(Qt::CTRL | Qt::Key_I), [this] {
    QImage mask = document_->mask().copy();
    mask.invertPixels();
    document_->replaceMask(mask, tr("inverting the mask"));
  })->setIcon(icon(Symbol::Invert));
  action("clear", tr("Clear the mask"), QKeySequence(Qt::CTRL | Qt::Key_Backspace), [this] {
    QImage mask(document_->size(), QImage::Format_Grayscale8);
    mask.fill(0);
    document_->replaceMask(mask, tr("clearing the mask"));
  })->setIcon(icon(Symbol::Clear));
  action("import_mask", tr("Import a mask…"), {}, [this] {
    importMaskFrom(QFileDialog::getOpenFileName(
        this, tr("Import a mask"), QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString(),
        tr("Pictures (*.png *.jpg *.tif *.webp *.bmp)")));
  });
  action("export_mask", tr("Export the mask…"), {}, [this] {
    exportMaskTo(
        QFileDialog::getSaveFileName(this, tr("Export the mask"), QStringLiteral("mask.png"), tr("Pictures (*.png)")));
  });
  action("smaller_brush", tr("Smaller brush"), Qt::Key_BracketLeft,
         [this] { canvas_->setBrushSize(canvas_->brushSize() - 1); });
  action("larger_brush", tr("Larger brush"), Qt::Key_BracketRight,
         [this] { canvas_->setBrushSize(canvas_->brushSize() + 1); });
  action("much_smaller_brush", tr("Much smaller brush"), QKeySequence(Qt::SHIFT | Qt::Key_BracketLeft),
         [this] { canvas_->setBrushSize(canvas_->brushSize() - 10); });
  action("much_larger_brush", tr("Much larger brush"), QKeySequence(Qt::SHIFT | Qt::Key_BracketRight),
         [this] { canvas_->setBrushSize(canvas_->brushSize() + 10); });
  action("actual_size", tr("Zoom to 100 %"), Qt::Key_1, [this] { canvas_->actualSize(); });
  action("fit", tr("Fit into the window"), Qt::Key_0, [this] { canvas_->fit(); })->setIcon(icon(Symbol::Fit));
  action("zoom_in", tr("Zoom in"), Qt::Key_Plus, [this] { canvas_->zoomBy(1.25); });
  action("zoom_out", tr("Zoom out"), Qt::Key_Minus, [this] { canvas_->zoomBy(0.8); });
  const auto compare = [&](const char* name, const QString& words, Qt::Key key, Symbol symbol, Canvas::Compare which) {
    auto* a = action(name, words, key, [] {});
    a->setIcon(icon(symbol));
    a->setCheckable(true);
    connect(a, &QAction::toggled, this, [this, which](bool on) {
      canvas_->setCompare(on ? which : Canvas::Compare::None);
      for (QAction* other : actions_) {
        if (other != sender() && (other->objectName() == "slider" || other->objectName() == "side_by_side") && on) {
          const QSignalBlocker block(other);
          other->setChecked(false);
        }
      }
    });
  };
  compare("slider", tr("Before and after, with a slider"), Qt::Key_C, Symbol::Slider, Canvas::Compare::Slider);
  compare("side_by_side", tr("Before and after, side by side"), Qt::Key_V, Symbol::SideBySide,
          Canvas::Compare::SideBySide);
  action("run", tr("Run"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] {
    if (run_->isEnabled()) startRun();
  });
  action("stop", tr("Stop and keep"), Qt::Key_Escape, [this] { controller_->stopAndKeep(); });
  action("accept", tr("Put the sample into the photo"), Qt::Key_Return, [this] {
    acceptSample();
  })->setIcon(icon(Symbol::Accept));
  action("favourite", tr("Favourite"), Qt::Key_F, [this] { favourite_->click(); })->setIcon(icon(Symbol::Star));
  action("previous_iterate", tr("Previous iterate"), Qt::Key_Comma,
         [this] { timeline_->setValue(timeline_->value() - 1); });
  action("next_iterate", tr("Next iterate"), Qt::Key_Period, [this] { timeline_->setValue(timeline_->value() + 1); });
  action("branch", tr("Branch from the shown iterate"), QKeySequence(Qt::CTRL | Qt::Key_B), [this] {
    branchHere();
  })->setIcon(icon(Symbol::Branch));
  action("export_run", tr("Export as run file…"), {}, [this] {
    exportRunTo(QFileDialog::getSaveFileName(this, tr("Export as run file"), QStringLiteral("run.json"),
                                             tr("Run files (*.json)")));
  });
  action("models", tr("Models…"), {}, [this] {
    models()->show();
    models()->raise();
  });
  actions_ << songs_->pageActions();
  loadShortcuts(actions_);
  for (QAction* a : actions_) {
    const auto tip = [a] {
      a->setToolTip(a->shortcut().isEmpty()
                        ? a->text()
                        : QStringLiteral("%1 (%2)").arg(a->text(), a->shortcut().toString(QKeySequence::NativeText)));
    };
    tip();
    connect(a, &QAction::changed, a, [a, tip] {
      const QSignalBlocker block(a);
      tip();
    });
  }
}

void MainWindow::buildToolBar() {
  auto* menu = new QMenu(this);
  fillMenu(menu);
  const auto make_bar = [&](const QString& words, const char* name) {
    auto* bar = addToolBar(words);
    bar->setObjectName(QString::fromLatin1(name));
    bar->setMovable(false);
    bar->setIconSize(QSize(22, 22));
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    for (const char* page : {"photos_page", "songs_page"})
      bar->addAction(findChild<QAction*>(QString::fromLatin1(page)));
    bar->addSeparator();
    return bar;
  };
  const auto close_bar = [&](QToolBar* bar) {
    auto* space = new QWidget;
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    auto* button = new QToolButton;
    button->setIcon(icon(Symbol::Menu));
    button->setToolTip(tr("More"));
    button->setAccessibleName(tr("More"));
    button->setMenu(menu);
    button->setPopupMode(QToolButton::InstantPopup);
    bar->addWidget(button);
  };
  song_bar_ = make_bar(tr("Song tools"), "song_tools");
  song_bar_->addAction(findChild<QAction*>("open"));
  song_bar_->addAction(songs_->findChild<QAction*>("song_export"));
  close_bar(song_bar_);
  auto* bar = photo_bar_ = make_bar(tr("Tools"), "tools");
  const auto add = [&](const char* name) { bar->addAction(findChild<QAction*>(QString::fromLatin1(name))); };
  const auto spin = [&](int low, int high, int value, const QString& suffix, const QString& name, const QString& help) {
    auto* box = new QSpinBox;
    box->setRange(low, high);
    box->setValue(value);
    box->setSuffix(suffix);
    box->setAccessibleName(name);
    box->setToolTip(help);
    auto* holder = new QWidget;  // keeps its distance from the icons
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(4, 0, 2, 0);
    row->addWidget(box);
    bar->addWidget(holder);
    return box;
  };
  for (const char* name : {"open", "paste", "save"}) add(name);
  bar->addSeparator();
  add("undo");
  add("redo");
  bar->addSeparator();
  for (const char* name : {"brush", "eraser", "rectangle", "lasso", "fill"}) add(name);
  brush_size_ = spin(1, 2000, canvas_->brushSize(), tr(" px"), tr("Brush size"),
                     tr("Brush size in photo pixels ([ and ], Shift for steps of 10, Ctrl + wheel)"));
  connect(brush_size_, &QSpinBox::valueChanged, canvas_, &Canvas::setBrushSize);
  connect(canvas_, &Canvas::brushSizeChanged, brush_size_, &QSpinBox::setValue);
  hardness_ = spin(0, 100, 100, tr(" % hard"), tr("Brush hardness"),
                   tr("100 %: a sharp edge; less: paint fades towards the edge, and the result is blended in there"));
  connect(hardness_, &QSpinBox::valueChanged, this, [this](int percent) { canvas_->setHardness(percent / 100.0); });
  add("invert");
  add("clear");
  bar->addSeparator();
  add("area");
  add("fit");
  bar->addSeparator();
  add("slider");
  add("side_by_side");
  close_bar(bar);
}

void MainWindow::fillMenu(QMenu* menu) {
  auto* recent = menu->addMenu(tr("Recent files"));
  connect(recent, &QMenu::aboutToShow, this, [this, recent] { fillRecent(recent); });
  menu->addSeparator();
  for (const char* name : {"import_mask", "export_mask", "export_run"})
    menu->addAction(findChild<QAction*>(QString::fromLatin1(name)));
  menu->addSeparator();
  auto* light = menu->addAction(tr("Light colours"));
  light->setCheckable(true);
  light->setChecked(currentTheme() == Theme::Light);
  connect(light, &QAction::toggled, this, [](bool on) {
    applyLook(*qApp, on ? Theme::Light : Theme::Dark);
    QSettings().setValue(QStringLiteral("light"), on);
  });
  auto* speech = menu->addMenu(tr("Language"));
  for (const QString& language : languages()) {
    auto* choice = speech->addAction(QLocale(language).nativeLanguageName());
    choice->setCheckable(true);
    choice->setChecked(QLocale().language() == QLocale(language).language());
    connect(choice, &QAction::triggered, this, [this, speech, choice, language] {
      for (QAction* other : speech->actions()) other->setChecked(other == choice);
      QSettings().setValue(QStringLiteral("language"), language);
      showNotice(tr("The language changes with the next start."));
    });
  }
  menu->addAction(findChild<QAction*>(QStringLiteral("models")));
  menu->addAction(tr("Keyboard shortcuts…"), this, [this] { ShortcutsDialog(actions_, canvas_, this).exec(); });
}

QWidget* MainWindow::buildLeft() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(8);

  column->addWidget(heading(tr("What to do")));
  ways_ = new QButtonGroup(this);
  ways_->setExclusive(true);
  const std::pair<QString, QString> ways[] = {
      {tr("Fill what I painted"), tr("Paint over what should go; the model fills it.")},
      {tr("My photo is damaged"), tr("Noise, blur, too few pixels, JPEG blocks: the photo as it is goes in.")},
      {tr("Try a degradation on a clean photo"),
       tr("The photo is damaged first, so that the result can be measured.")}};
  for (int i = 0; i < 3; ++i) {
    auto* button = new QPushButton(ways[i].first);
    button->setObjectName(QStringLiteral("way"));
    button->setToolTip(ways[i].second);
    button->setCheckable(true);
    ways_->addButton(button, i);
    column->addWidget(button);
  }
  connect(ways_, &QButtonGroup::idClicked, this, [this](int id) { chooseWay(static_cast<Way>(id)); });

  task_ = new QComboBox;
  task_->setObjectName(QStringLiteral("task"));
  task_->setAccessibleName(tr("Task"));
  task_->setIconSize(QSize(40, 40));
  column->addWidget(task_);
  task_help_ = hint();
  column->addWidget(task_help_);
  task_form_ = new SettingsForm;
  column->addWidget(task_form_);

  auto* form = new QFormLayout;
  form->setHorizontalSpacing(12);
  form->setVerticalSpacing(7);
  noise_ = new QDoubleSpinBox;
  noise_->setObjectName(QStringLiteral("noise"));
  noise_->setRange(0.001, 2.0);
  noise_->setDecimals(3);
  noise_->setSingleStep(0.01);
  noise_->setToolTip(tr("Standard deviation of the observation's noise (sigma_y), image range -1 to 1."));
  form->addRow(tr("Noise"), noise_);
  noise_law_ = new QComboBox;
  noise_law_->setObjectName(QStringLiteral("noise_law"));
  noise_law_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  noise_law_->setMinimumContentsLength(8);
  noise_law_->setToolTip(
      tr("Gaussian: the same everywhere. Photon counts: a dark photo's grain, weaker in the shadows (Poisson). Salt "
         "and pepper: single values lost, black or white."));
  noise_law_->addItem(tr("Gaussian"), text(noise_law_names()[0]));
  noise_law_->addItem(tr("Photon counts"), text(noise_law_names()[1]));
  noise_law_->addItem(tr("Salt and pepper"), text(noise_law_names()[2]));
  form->addRow(tr("Kind of noise"), noise_law_);
  outliers_ = new QDoubleSpinBox;
  outliers_->setObjectName(QStringLiteral("outliers"));
  outliers_->setRange(0.1, 95.0);
  outliers_->setDecimals(1);
  outliers_->setValue(10);
  outliers_->setSuffix(tr(" %"));
  outliers_->setToolTip(tr("Share of the values that are lost."));
  form->addRow(tr("Lost"), outliers_);
  form_ = form;
  estimate_label_ = hint();
  estimate_label_->hide();
  form->addRow(QString(), estimate_label_);
  model_ = new NarrowComboBox;
  model_->setObjectName(QStringLiteral("model"));
  form->addRow(tr("Model"), model_);
  preset_ = new QComboBox;
  preset_->setObjectName(QStringLiteral("preset"));
  preset_->setToolTip(
      tr("quick: seconds. balanced: the best for its time. best: minutes. paper: the settings of the paper. exact: for "
         "many samples of a posterior with far-apart modes."));
  form->addRow(tr("Quality"), preset_);
  detail_ = new QComboBox;
  detail_->setObjectName(QStringLiteral("detail"));
  detail_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  detail_->setMinimumContentsLength(8);
  detail_->setToolTip(
      tr("How many pixels the model sees on the short side of the working area. More is slower and finer."));
  form->addRow(tr("Detail"), detail_);
  samples_count_ = new QSpinBox;
  samples_count_->setObjectName(QStringLiteral("samples_count"));
  samples_count_->setRange(1, 16);
  samples_count_->setToolTip(tr("Posterior samples computed at once: different pictures that all explain the photo."));
  form->addRow(tr("Samples"), samples_count_);
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("seed"));
  form->addRow(tr("Seed"), seedRow(seed_));
  const std::pair<QWidget*, QString> names[] = {{noise_, tr("Noise")},          {noise_law_, tr("Kind of noise")},
                                                {outliers_, tr("Lost values")}, {model_, tr("Model")},
                                                {preset_, tr("Quality")},       {detail_, tr("Detail")},
                                                {samples_count_, tr("Samples")}};
  for (const auto& [widget, name] : names) widget->setAccessibleName(name);
  column->addLayout(form);

  run_ = new QPushButton(tr("Run"));
  run_->setObjectName(QStringLiteral("run"));
  stop_ = new QPushButton(tr("Stop and keep"));
  stop_->setObjectName(QStringLiteral("stop"));
  stop_->setToolTip(tr("Ends the run now and keeps what there is (Esc)."));
  discard_ = new QPushButton(tr("Discard"));
  discard_->setObjectName(QStringLiteral("discard"));
  discard_->setToolTip(tr("Ends the run now and forgets it."));
  column->addSpacing(2);
  column->addWidget(run_);
  auto* ends = new QHBoxLayout;
  ends->addWidget(stop_);
  ends->addWidget(discard_);
  column->addLayout(ends);

  advanced_ = new QPushButton(tr("Advanced settings"));
  advanced_->setCheckable(true);
  column->addWidget(advanced_);
  auto* advanced = new QWidget;
  auto* more = new QVBoxLayout(advanced);
  more->setContentsMargins(0, 0, 0, 0);
  more->setSpacing(8);
  sampler_ = new QComboBox;
  sampler_->setObjectName(QStringLiteral("sampler"));
  sampler_->setAccessibleName(tr("Sampler"));
  for (const auto& sampler : samplers()) sampler_->addItem(text(sampler.label), text(sampler.name));
  more->addWidget(sampler_);
  sampler_help_ = hint();
  more->addWidget(sampler_help_);
  sampler_form_ = new SettingsForm;
  more->addWidget(sampler_form_);
  advanced->hide();
  column->addWidget(advanced);
  column->addStretch(1);

  connect(task_, &QComboBox::currentIndexChanged, this, [this] { chooseTask(); });
  connect(preset_, &QComboBox::currentIndexChanged, this, [this] { choosePreset(); });
  connect(model_, &QComboBox::activated, this, [this](int index) {
    if (index < static_cast<int>(model_cards_.size())) return;
    fillModels();  // the last entry is no model; what was chosen stays
    models()->show();
    models()->raise();
  });
  connect(model_, &QComboBox::currentIndexChanged, this, [this] { chooseModel(); });
  connect(noise_law_, &QComboBox::currentIndexChanged, this, [this] { chooseNoise(); });
  connect(detail_, &QComboBox::currentIndexChanged, this, [this] { setDetail(detail_->currentData().toInt()); });
  connect(advanced_, &QPushButton::toggled, advanced, &QWidget::setVisible);
  connect(sampler_, &QComboBox::currentIndexChanged, this, [this] { chooseSampler(); });
  connect(run_, &QPushButton::clicked, this, [this] { startRun(); });
  connect(stop_, &QPushButton::clicked, controller_, &RunController::stopAndKeep);
  connect(discard_, &QPushButton::clicked, controller_, &RunController::discard);

  auto* scroll = new QScrollArea;
  content->setObjectName(QStringLiteral("left"));
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(300);
  return scroll;
}

QWidget* MainWindow::buildMiddle() {
  message_ = new QLabel;
  message_->setObjectName(QStringLiteral("message"));
  message_->setAccessibleName(tr("Message"));
  message_->setWordWrap(true);
  message_->setTextInteractionFlags(Qt::TextBrowserInteraction | Qt::TextSelectableByKeyboard);
  message_->hide();
  connect(message_, &QLabel::linkActivated, this, &MainWindow::resumeInterrupted);

  queue_row_ = new QWidget;
  queue_row_->setObjectName(QStringLiteral("timeline"));
  auto* queue = new QHBoxLayout(queue_row_);
  queue->setContentsMargins(12, 4, 12, 4);
  queue_label_ = new QLabel;
  auto* previous = new QPushButton(tr("Previous photo"));
  auto* next = new QPushButton(tr("Next photo"));
  next->setObjectName(QStringLiteral("next_photo"));
  queue->addWidget(queue_label_, 1);
  queue->addWidget(previous);
  queue->addWidget(next);
  const auto go = [this](int step) {
    queue_at_ = std::clamp(queue_at_ + step, 0, static_cast<int>(queue_.size()) - 1);
    open(queue_[queue_at_]);
    showQueue();
  };
  connect(previous, &QPushButton::clicked, this, [go] { go(-1); });
  connect(next, &QPushButton::clicked, this, [go] { go(1); });
  queue_row_->hide();

  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  progress_->setVisible(false);

  timeline_row_ = new QWidget;
  timeline_row_->setObjectName(QStringLiteral("timeline"));
  auto* line = new QHBoxLayout(timeline_row_);
  line->setContentsMargins(12, 5, 12, 5);
  line->setSpacing(10);
  timeline_ = new QSlider(Qt::Horizontal);
  timeline_->setObjectName(QStringLiteral("iterates"));
  timeline_->setAccessibleName(tr("Iterates"));
  timeline_->setToolTip(tr("The run's iterates, also while it goes on; at the right end the newest is followed."));
  timeline_label_ = hint();
  timeline_label_->setWordWrap(false);
  timeline_label_->setMinimumWidth(110);
  branch_ = new QPushButton(icon(Symbol::Branch), tr("Branch"));
  branch_->setObjectName(QStringLiteral("branch"));
  branch_->setToolTip(tr("Goes on from the shown iterate with the seed, mask and settings as they are now (Ctrl+B)."));
  line->addWidget(hint(tr("Iterates")));
  line->addWidget(timeline_, 1);
  line->addWidget(timeline_label_);
  line->addWidget(branch_);
  timeline_row_->hide();
  connect(timeline_, &QSlider::valueChanged, this, [this](int index) {
    following_ = index == timeline_->maximum() && controller_->busy();
    showFrame(index);
  });
  connect(branch_, &QPushButton::clicked, this, &MainWindow::branchHere);

  strip_row_ = new QWidget;
  strip_row_->setFixedHeight(110);
  auto* strip = new QHBoxLayout(strip_row_);
  strip->setContentsMargins(0, 0, 0, 0);
  strip->setSpacing(0);
  samples_ = new QListWidget;
  samples_->setObjectName(QStringLiteral("samples"));
  samples_->setAccessibleName(tr("Samples"));
  samples_->setViewMode(QListView::IconMode);
  samples_->setFlow(QListView::LeftToRight);
  samples_->setWrapping(false);
  samples_->setMovement(QListView::Static);
  samples_->setIconSize(QSize(kThumbnailWidth, kThumbnailHeight));
  samples_->setGridSize(QSize(kThumbnailWidth + 9, kThumbnailHeight + 30));
  samples_->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  strip->addWidget(samples_, 1);
  auto* choice = new QWidget;
  choice->setObjectName(QStringLiteral("timeline"));
  auto* buttons = new QVBoxLayout(choice);
  buttons->setContentsMargins(10, 8, 10, 8);
  buttons->setSpacing(5);
  accept_ = new QPushButton(icon(Symbol::Accept), tr("Put into photo"));
  accept_->setObjectName(QStringLiteral("accept"));
  favourite_ = new QPushButton(icon(Symbol::Star), tr("Favourite"));
  favourite_->setObjectName(QStringLiteral("favourite"));
  favourite_->setCheckable(true);
  difference_ = new QPushButton(tr("Difference"));
  difference_->setObjectName(QStringLiteral("difference"));
  difference_->setCheckable(true);
  difference_->setToolTip(tr("What the sample changed, four times enlarged."));
  for (QPushButton* button : {accept_, favourite_, difference_}) {
    button->setStyleSheet(QStringLiteral("padding: 4px 10px"));
    buttons->addWidget(button);
  }
  strip->addWidget(choice);
  strip_row_->hide();
  connect(samples_, &QListWidget::currentRowChanged, this, [this] { showSelected(); });
  connect(accept_, &QPushButton::clicked, this, &MainWindow::acceptSample);
  connect(difference_, &QPushButton::toggled, this, [this] { showSelected(); });
  connect(favourite_, &QPushButton::clicked, this, [this](bool on) {
    const int row = selectedSample();
    if (row < 0) return;
    if (on) {
      favourites_.insert(row);
    } else {
      favourites_.erase(row);
    }
    if (!history_->entries().empty()) history_->setFavourite(0, !favourites_.empty());
    const int current = samples_->currentRow();
    fillStrip();
    samples_->setCurrentRow(current);
  });

  auto* middle = new QWidget;
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(message_);
  column->addWidget(queue_row_);
  column->addWidget(canvas_, 1);
  column->addWidget(progress_);
  column->addWidget(timeline_row_);
  column->addWidget(strip_row_);
  return middle;
}

QWidget* MainWindow::buildRight() {
  auto* tabs = new QTabWidget;
  tabs->setFixedWidth(280);
  tabs->setDocumentMode(true);
  auto* watch = new QWidget;
  auto* column = new QVBoxLayout(watch);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  views_ = new QButtonGroup(this);
  auto* row = new QHBoxLayout;
  row->setSpacing(4);
  const std::pair<QString, QString> names[] = {
      {tr("Clean x₀"), tr("The current clean estimate.")},
      {tr("Noisy xₜ"), tr("The current state of the chain, noise included.")},
      {tr("Residual"), tr("Where the observation is not met: |y - H(x0)| in units of its noise.")}};
  for (int i = 0; i < 3; ++i) {
    auto* button = new QPushButton(names[i].first);
    button->setToolTip(names[i].second);
    button->setCheckable(true);
    button->setChecked(i == 0);
    button->setStyleSheet(QStringLiteral("padding: 5px 4px"));
    views_->addButton(button, i);
    row->addWidget(button, 1);
  }
  connect(views_, &QButtonGroup::idClicked, this, [this](int id) { setView(static_cast<View>(id)); });
  column->addLayout(row);
  inspector_ = new Inspector;
  connect(inspector_->plot(), &ResidualPlot::picked, timeline_, &QSlider::setValue);
  column->addWidget(inspector_);
  auto* form = new QFormLayout;
  preview_ = new QSpinBox;
  preview_->setObjectName(QStringLiteral("preview"));
  preview_->setRange(0, 50);
  preview_->setAccessibleName(tr("Show every"));
  preview_->setValue(1);
  preview_->setSpecialValueText(tr("never"));
  preview_->setToolTip(tr("Show every N-th iterate; 0 shows none."));
  connect(preview_, &QSpinBox::valueChanged, controller_, &RunController::setPreviewInterval);
  form->addRow(tr("Show every"), preview_);
  column->addLayout(form);
  column->addStretch(1);
  tabs->addTab(watch, tr("Watch"));

  history_list_ = new QListWidget;
  history_list_->setObjectName(QStringLiteral("history"));
  history_list_->setAccessibleName(tr("History"));
  history_list_->setIconSize(QSize(64, 48));
  history_list_->setWordWrap(true);
  history_list_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(history_list_, &QListWidget::itemActivated, this,
          [this](QListWidgetItem* item) { openHistory(history_list_->row(item)); });
  connect(history_list_, &QListWidget::customContextMenuRequested, this, [this](const QPoint& at) {
    const int row = history_list_->row(history_list_->itemAt(at));
    if (row < 0 || history_->entries().empty()) return;
    QMenu menu;
    menu.addAction(tr("Show"), this, [this, row] { openHistory(row); });
    const bool star = history_->entries()[static_cast<size_t>(row)].favourite;
    menu.addAction(star ? tr("No favourite") : tr("Favourite"), this,
                   [this, row, star] { history_->setFavourite(row, !star); });
    menu.addAction(tr("Delete"), this, [this, row] { history_->remove(row); });
    menu.exec(history_list_->mapToGlobal(at));
  });
  tabs->addTab(buildLayers(), tr("Layers"));
  tabs->addTab(history_list_, tr("History"));
  return tabs;
}

QWidget* MainWindow::buildLayers() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(14, 12, 14, 12);
  column->setSpacing(10);
  layer_hint_ =
      hint(tr("Samples that you put into the photo are layers: hide, fade or remove them at any time. What is below "
              "stays as it was."));
  column->addWidget(layer_hint_);
  layers_list_ = new QListWidget;
  layers_list_->setObjectName(QStringLiteral("layers"));
  layers_list_->setAccessibleName(tr("Layers"));
  layers_list_->setIconSize(QSize(64, 48));
  layers_list_->setWordWrap(true);
  layers_list_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  column->addWidget(layers_list_, 1);
  layer_opacity_ = new QSlider(Qt::Horizontal);
  layer_opacity_->setObjectName(QStringLiteral("layer_opacity"));
  layer_opacity_->setAccessibleName(tr("Opacity"));
  layer_opacity_->setRange(0, 100);
  auto* form = new QFormLayout;
  form->addRow(tr("Opacity"), layer_opacity_);
  column->addLayout(form);
  auto* buttons = new QHBoxLayout;
  buttons->setSpacing(6);
  layer_up_ = new QPushButton(tr("Up"));
  layer_up_->setObjectName(QStringLiteral("layer_up"));
  layer_down_ = new QPushButton(tr("Down"));
  layer_down_->setObjectName(QStringLiteral("layer_down"));
  layer_remove_ = new QPushButton(tr("Remove"));
  layer_remove_->setObjectName(QStringLiteral("layer_remove"));
  for (QPushButton* button : {layer_up_, layer_down_, layer_remove_}) {
    button->setStyleSheet(QStringLiteral("padding: 4px 8px"));
    buttons->addWidget(button, 1);
  }
  column->addLayout(buttons);
  // The list shows the top layer first; the document counts from the bottom.
  const auto selected = [this] {
    return document_->layers().size() - 1 - static_cast<size_t>(layers_list_->currentRow());
  };
  const auto move = [this, selected](int up) {
    if (layers_list_->currentRow() < 0) return;
    const size_t from = selected(), to = from + static_cast<size_t>(up);
    const int row = layers_list_->currentRow() - up;
    document_->moveLayer(from, to);
    layers_list_->setCurrentRow(std::clamp(row, 0, layers_list_->count() - 1));
  };
  connect(layers_list_, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
    document_->setLayerVisible(document_->layers().size() - 1 - static_cast<size_t>(layers_list_->row(item)),
                               item->checkState() == Qt::Checked);
  });
  connect(layers_list_, &QListWidget::currentRowChanged, this, [this, selected](int row) {
    const QSignalBlocker block(layer_opacity_);
    if (row >= 0 && selected() < document_->layers().size())
      layer_opacity_->setValue(static_cast<int>(std::lround(100 * document_->layers()[selected()]->opacity)));
  });
  connect(layer_opacity_, &QSlider::valueChanged, this, [this, selected](int percent) {
    if (layers_list_->currentRow() >= 0) document_->setLayerOpacity(selected(), percent / 100.0);
  });
  connect(layer_up_, &QPushButton::clicked, this, [move] { move(1); });
  connect(layer_down_, &QPushButton::clicked, this, [move] { move(-1); });
  connect(layer_remove_, &QPushButton::clicked, this, [this, selected] {
    if (layers_list_->currentRow() >= 0) document_->removeLayer(selected());
  });
  return page;
}

void MainWindow::fillLayers() {
  const QSignalBlocker block(layers_list_);
  const Layers& layers = document_->layers();
  const int before = layers_list_->currentRow(), count = static_cast<int>(layers.size());
  const bool grown = count > layers_list_->count();
  layers_list_->clear();
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    cv::Mat small;
    (*layer)->result.convertTo(small, CV_8U, 1.0 / 257);
    const QImage picture =
        QImage(small.data, small.cols, small.rows, static_cast<qsizetype>(small.step), QImage::Format_RGB888)
            .scaled(128, 96, Qt::KeepAspectRatio, Qt::SmoothTransformation);
    auto* item = new QListWidgetItem(QIcon(QPixmap::fromImage(picture)), (*layer)->name);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
    item->setCheckState((*layer)->visible ? Qt::Checked : Qt::Unchecked);
    layers_list_->addItem(item);
  }
  layers_list_->setCurrentRow(grown ? 0 : std::clamp(before, count > 0 ? 0 : -1, count - 1));
  const QSignalBlocker quiet(layer_opacity_);
  const int row = layers_list_->currentRow();
  layer_opacity_->setValue(
      row < 0 ? 100 : static_cast<int>(std::lround(100 * layers[static_cast<size_t>(count - 1 - row)]->opacity)));
  updateState();
}

// ---- opening ----

bool MainWindow::mayLeavePhoto() {
  if (!document_->unsaved()) return true;
  QMessageBox box(QMessageBox::Question, tr("MGDM Studio"), tr("The photo holds results that were not saved."),
                  QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, this);
  box.setInformativeText(tr("The samples themselves stay in the history."));
  switch (box.exec()) {
    case QMessageBox::Save:
      chooseSaveFile();
      QThreadPool::globalInstance()->waitForDone();
      QCoreApplication::sendPostedEvents(this);
      return !document_->unsaved();
    case QMessageBox::Discard:
      return true;
    default:
      return false;
  }
}

void MainWindow::open(const QString& path) {
  if (isCheckpoint(path)) return openAll({path});
  const bool song = isSong(path);
  showSongs(song);
  if (song) {
    songs_->open(path);
  } else if (mayLeavePhoto()) {
    controller_->openPhoto(path);
  }
}

void MainWindow::showSongs(bool songs) {
  pages_->setCurrentIndex(songs ? 1 : 0);
  photo_bar_->setVisible(!songs);
  song_bar_->setVisible(songs);
  findChild<QAction*>(songs ? "songs_page" : "photos_page")->setChecked(true);
  // Actions of the page that is not seen do not answer to their keys.
  for (QAction* a : actions_) {
    const bool both = a->objectName() == QStringLiteral("open") || a->objectName().endsWith(QStringLiteral("_page"));
    if (!both) a->setVisible(songs_->pageActions().contains(a) == songs);
  }
  zoom_->setVisible(!songs);
  if (songs) {
    songs_->setFocus();
    status_->setText(songs_->isEmpty() ? tr("Open a song to begin.") : QString());
  } else {
    canvas_->setFocus();
    if (!document_->isEmpty()) describePhoto();
  }
}

void MainWindow::openAll(const QStringList& given) {
  QStringList paths, checkpoints;
  for (const QString& path : given) (isCheckpoint(path) ? checkpoints : paths) << path;
  if (!checkpoints.isEmpty()) {
    models()->show();
    models()->raise();
    models()->importFiles(checkpoints);
  }
  if (paths.isEmpty()) return;
  queue_ = paths;
  queue_at_ = 0;
  showQueue();
  open(paths.first());
}

void MainWindow::showQueue() {
  queue_row_->setVisible(queue_.size() > 1);
  if (queue_.size() > 1)
    queue_label_->setText(
        tr("Photo %1 of %2: %3").arg(queue_at_ + 1).arg(queue_.size()).arg(QFileInfo(queue_[queue_at_]).fileName()));
}

void MainWindow::openSample() {
  const QString file = resource_file(QStringLiteral("photos/sample.jpg"));
  if (file.isEmpty()) return;
  sample_mask_pending_ = true;
  open(file);
}

void MainWindow::photoOpened() {
  message_->hide();
  layers_in_file_.clear();
  outcome_ = {};
  frames_.clear();
  favourites_.clear();
  inspector_->clear();
  samples_->clear();
  strip_row_->hide();
  timeline_row_->hide();
  canvas_->setLegend({}, {});
  const QSize size = document_->size();
  canvas_->setBrushSize(std::max(8, std::min(size.width(), size.height()) / 11));
  if (sample_mask_pending_) {
    // A stroke across the sample, so that one click shows what the program does.
    QImage mask(size, QImage::Format_Grayscale8);
    mask.fill(0);
    QPainter painter(&mask);
    painter.setPen(QPen(Qt::white, size.width() / 16.0, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    QPainterPath path(QPointF(size.width() * 0.18, size.height() * 0.30));
    path.cubicTo(size.width() * 0.45, size.height() * 0.15, size.width() * 0.45, size.height() * 0.75,
                 size.width() * 0.82, size.height() * 0.60);
    painter.drawPath(path);
    painter.end();
    document_->replaceMask(mask, tr("sample mask"));
    sample_mask_pending_ = false;
    chooseWay(Way::Fill);
  }
  const QString name = document_->path().isEmpty() ? tr("Pasted picture") : QFileInfo(document_->path()).fileName();
  setWindowTitle(tr("%1[*] - MGDM Studio").arg(name));
  if (!document_->path().isEmpty() && document_->path() != resource_file(QStringLiteral("photos/sample.jpg"))) {
    QSettings settings;
    QStringList recent = settings.value(QStringLiteral("recent")).toStringList();
    recent.removeAll(document_->path());
    recent.prepend(document_->path());
    settings.setValue(QStringLiteral("recent"), QStringList(recent.mid(0, kRecent)));
  }
  describePhoto();
  if (!pending_session_.isEmpty()) {
    restoring_ = true;
    const QByteArray session = std::exchange(pending_session_, {});
    const auto json = parse_json(session.toStdString());
    try {
      useModel(text(json.value("model", "photo")));
      document_->setArea(area_from_json(json.at("area"), {size.width(), size.height()}));
      chooseWay(static_cast<Way>(std::clamp(json.value("way", 0), 0, 2)));
      if (const int at = task_->findData(text(json.value("task", ""))); at >= 0) task_->setCurrentIndex(at);
      if (const int at = sampler_->findData(text(json.value("sampler", "mgdm"))); at >= 0)
        sampler_->setCurrentIndex(at);
      preset_->setCurrentText(text(json.value("preset", "balanced")));
      noise_law_->setCurrentIndex(std::max(0, noise_law_->findData(text(json.value("noise_law", "gaussian")))));
      outliers_->setValue(100 * json.value("outliers", 0.1));
      noise_->setValue(json.value("noise", noise_->value()));
      samples_count_->setValue(json.value("samples", 1));
      seed_->setValue(json.value("seed", 0));
      task_form_->setValues(
          complete_settings(task().settings, json.value("task_settings", Settings::object()), "session"));
      sampler_form_->setValues(
          complete_settings(find_sampler(sampler_->currentData().toString().toStdString()).settings,
                            json.value("settings", Settings::object()), "session"));
    } catch (const std::exception&) {
      showNotice(tr("The last session could be reopened only in part."));
    }
    const QImage mask(session_mask());
    if (mask.size() == size) document_->replaceMask(mask, tr("the last session's mask"));
    restoreLayers();
    undo_->clear();
    restoring_ = false;
    if (const auto run = controller_->interrupted();
        run && run->photo == QFileInfo(document_->path()).absoluteFilePath()) {
      showNotice(tr("The program ended during a run, at step %1 of %2.").arg(run->step).arg(run->steps),
                 tr("Go on from there"));
    }
  }
  updateState();
}

void MainWindow::describePhoto() {
  const QSize size = document_->size();
  QString words = tr("%1 × %2 pixels").arg(size.width()).arg(size.height());
  if (document_->photo()->sixteen_bit()) words += tr(", 16 bit");
  if (document_->photo()->has_alpha()) words += tr(", with transparency");
  if (!document_->photo()->color_profile.empty()) words += tr(", with a colour profile");
  status_->setText(words + (task().needs_mask && document_->maskEmpty()
                                ? tr(". Paint what should be filled, then press Run.")
                                : tr(". Press Run to begin.")));
}

void MainWindow::resumeInterrupted() {
  if (!controller_->interrupted() || controller_->busy()) return;
  const RunRequest wanted = request();
  startFresh();
  status_->setText(tr("Going on with the interrupted run…"));
  controller_->resume(wanted);
  updateState();
}

// The layers that are not in the photo's own file, each as two 16-bit pictures; written once.
void MainWindow::saveLayers() {
  Layers layers;
  for (const auto& layer : document_->layers()) {
    if (std::find(layers_in_file_.begin(), layers_in_file_.end(), layer) == layers_in_file_.end())
      layers.push_back(layer);
  }
  if (layers == written_layers_) return;
  written_layers_ = layers;
  QThreadPool::globalInstance()->start([layers, photo = document_->path()] {
    const QString folder = session_layers();
    QDir(folder).removeRecursively();
    if (layers.empty() || !QDir().mkpath(folder)) return;
    try {
      nlohmann::json list = nlohmann::json::array();
      for (size_t i = 0; i < layers.size(); ++i) {
        const std::string name = (folder + QStringLiteral("/%1").arg(i)).toStdString();
        Photo result;
        result.pixels = layers[i]->result;
        write_photo(name + "_result.png", result);
        cv::cvtColor(layers[i]->weight, result.pixels, cv::COLOR_GRAY2RGB);
        write_photo(name + "_weight.png", result);
        list.push_back({{"name", layers[i]->name.toStdString()},
                        {"area", area_json(layers[i]->area)},
                        {"visible", layers[i]->visible},
                        {"opacity", layers[i]->opacity}});
      }
      const QByteArray bytes =
          QByteArray::fromStdString(json_text(nlohmann::json({{"photo", photo.toStdString()}, {"layers", list}}), 2));
      if (QSaveFile file(folder + QStringLiteral("/layers.json"));
          file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size())
        file.commit();  // last: only complete lists are read
    } catch (const std::exception&) {
      // The samples themselves are in the history.
    }
  });
}

void MainWindow::restoreLayers() {
  QFile file(session_layers() + QStringLiteral("/layers.json"));
  if (!file.open(QIODevice::ReadOnly)) return;
  try {
    const auto json = parse_json(file.readAll().toStdString());
    if (json.at("photo") != document_->path().toStdString()) return;
    Layers layers;
    for (size_t i = 0; i < json.at("layers").size(); ++i) {
      const auto& entry = json["layers"][i];
      const std::string name = (session_layers() + QStringLiteral("/%1").arg(i)).toStdString();
      auto layer = std::make_shared<Layer>();
      layer->name = text(entry.at("name"));
      layer->area = area_from_json(entry.at("area"), {document_->size().width(), document_->size().height()});
      layer->visible = entry.at("visible");
      layer->opacity = entry.at("opacity");
      layer->result = read_photo(name + "_result.png").pixels;
      cv::extractChannel(read_photo(name + "_weight.png").pixels, layer->weight, 0);
      layers.push_back(std::move(layer));
    }
    document_->restoreLayers(layers);
  } catch (const std::exception&) {
    showNotice(tr("The last session could be reopened only in part."));
  }
}

bool MainWindow::restoreSession() {
  QFile file(session_file());
  if (!file.open(QIODevice::ReadOnly)) return false;
  const QByteArray session = file.readAll();
  const QString photo = QJsonDocument::fromJson(session).object()["photo"].toString();
  if (photo.isEmpty() || !QFile::exists(photo)) return false;
  pending_session_ = session;
  open(photo);
  return true;
}

void MainWindow::saveSession() {
  if (document_->isEmpty() || document_->path().isEmpty() || !pending_session_.isEmpty()) return;
  saveLayers();
  const RunRequest r = request();
  const nlohmann::json json = {{"photo", document_->path().toStdString()},
                               {"area", area_json(document_->area())},
                               {"way", ways_->checkedId()},
                               {"task", r.task},
                               {"model", r.prior},
                               {"task_settings", r.task_settings},
                               {"sampler", r.sampler},
                               {"settings", r.sampler_settings},
                               {"preset", preset_->currentText().toStdString()},
                               {"noise", r.noise},
                               {"noise_law", r.noise_law},
                               {"outliers", r.outliers},
                               {"samples", r.samples},
                               {"seed", r.seed}};
  // In the background and in one piece: neither a slow disk nor a crash can do harm.
  QThreadPool::globalInstance()->start([bytes = QByteArray::fromStdString(json_text(json, 2)), mask = document_->mask(),
                                        empty = document_->maskEmpty()] {
    QDir().mkpath(data_folder());
    if (empty) {
      QFile::remove(session_mask());
    } else if (QSaveFile file(session_mask()); file.open(QIODevice::WriteOnly) && mask.save(&file, "PNG", 80)) {
      file.commit();
    }
    if (QSaveFile file(session_file()); file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size())
      file.commit();
  });
}

void MainWindow::fillRecent(QMenu* menu) {
  menu->clear();
  const QStringList recent = QSettings().value(QStringLiteral("recent")).toStringList();
  for (const QString& path : recent)
    menu->addAction(QFileInfo(path).fileName(), this, [this, path] { open(path); })->setToolTip(path);
  if (recent.isEmpty()) menu->addAction(tr("none yet"))->setEnabled(false);
}

// ---- choosing what to do ----

const Task& MainWindow::task() const {
  Settings ignored = Settings::object();
  return find_task(task_->currentData().toString().toStdString(), ignored);
}

void MainWindow::chooseWay(Way way) {
  ways_->button(static_cast<int>(way))->setChecked(true);
  const QString before = task_->currentData().toString();
  {
    const QSignalBlocker block(task_);
    task_->clear();
    for (const auto& t : tasks()) {
      if (way == Way::Fill ? t.needs_mask : way == Way::Repair ? t.repairs && !t.needs_mask : !t.needs_mask) {
        task_->addItem(spoken(t.label), text(t.name));
        if (const auto found = thumbnails_.find(text(t.name)); found != thumbnails_.end())
          task_->setItemIcon(task_->count() - 1, QIcon(QPixmap::fromImage(found.value())));
      }
    }
    if (const int at = task_->findData(before); at >= 0) task_->setCurrentIndex(at);
    if (way == Way::Repair && task_->findData(before) < 0)
      task_->setCurrentIndex(task_->findData(QStringLiteral("denoising")));
  }
  task_->setVisible(way != Way::Fill);
  chooseTask();
}

void MainWindow::chooseTask() {
  if (task_->currentIndex() < 0) return;
  const Task& t = task();
  task_help_->setText(spoken(t.help));
  task_form_->describe(t.settings);
  task_form_->setVisible(!t.settings.empty());
  noise_->setValue(t.noise);
  auto* laws = qobject_cast<QStandardItemModel*>(noise_law_->model());
  for (int i = 1; i < noise_law_->count(); ++i) {
    const bool known = t.adds_noise && (t.image_valued || static_cast<NoiseLaw>(i) != NoiseLaw::Poisson);
    laws->item(i)->setEnabled(known);
    laws->item(i)->setToolTip(known ? QString() : tr("This degradation has no noise of that kind."));
  }
  if (!laws->item(noise_law_->currentIndex())->isEnabled()) noise_law_->setCurrentIndex(0);
  chooseNoise();
  if (presetValues() != preset_values_) choosePreset();  // another task may call for other settings
  canvas_->setMaskVisible(t.needs_mask);
  useEstimate();
  if (!document_->isEmpty() && outcome_.samples.empty() && !controller_->busy()) describePhoto();
  updateState();
}

void MainWindow::chooseNoise() {
  // Filling keeps what was not painted as it is, so it has no noise to choose.
  const bool fill = ways_->checkedId() == static_cast<int>(Way::Fill);
  if (fill) {
    const QSignalBlocker block(noise_law_);
    noise_law_->setCurrentIndex(0);
  }
  const auto law = static_cast<NoiseLaw>(noise_law_->currentIndex());
  const auto show = [this](QWidget* field, bool shown) {
    field->setVisible(shown);
    form_->labelForField(field)->setVisible(shown);
  };
  show(noise_law_, !fill);
  show(outliers_, law == NoiseLaw::SaltAndPepper);
  noise_->setToolTip(law == NoiseLaw::Poisson
                         ? tr("Standard deviation of the noise where the photo is white, image range -1 to 1: 0.2 "
                              "stands for 100 photons.")
                         : tr("Standard deviation of the observation's noise (sigma_y), image range -1 to 1."));
  offerSamplers();
}

void MainWindow::useEstimate() {
  estimate_label_->hide();
  if (!estimate_known_ || ways_->checkedId() != static_cast<int>(Way::Repair)) return;
  if (task().name == "denoising") {
    noise_->setValue(std::clamp(estimate_.noise, 0.01, 1.0));
    estimate_label_->setText(tr("estimated from the photo: %1").arg(QLocale().toString(estimate_.noise, 'f', 3)));
    estimate_label_->show();
  } else if (task().name == "jpeg" && estimate_.jpeg_quality > 0) {
    task_form_->setValues({{"quality", estimate_.jpeg_quality}});
    estimate_label_->setText(tr("quality from the file's tables: %1").arg(estimate_.jpeg_quality));
    estimate_label_->show();
  }
}

void MainWindow::chooseSampler() {
  const auto& sampler = find_sampler(sampler_->currentData().toString().toStdString());
  sampler_help_->setText(spoken(sampler.help) + QStringLiteral("\n") + text(sampler.paper));
  sampler_form_->describe(sampler.settings);
  const QString before = preset_->currentText();
  const QSignalBlocker block(preset_);
  preset_->clear();
  for (const auto& [name, values] : sampler.presets) preset_->addItem(text(name));
  preset_->setCurrentIndex(std::max(0, preset_->findText(before)));
  choosePreset();
}

void MainWindow::offerSamplers() {
  auto* items = qobject_cast<QStandardItemModel*>(sampler_->model());
  const Task& t = task();
  std::shared_ptr<const Operator> degradation;
  try {
    degradation = example_operator(t);
  } catch (const std::exception&) {
    return;
  }
  for (int i = 0; i < sampler_->count(); ++i) {
    const auto& sampler = find_sampler(sampler_->itemData(i).toString().toStdString());
    const std::string reason =
        why_not(sampler, *degradation, static_cast<NoiseLaw>(noise_law_->currentIndex()), modelTraits());
    items->item(i)->setEnabled(reason.empty());
    items->item(i)->setToolTip(reason.empty() ? spoken(sampler.help) : spoken(reason));
  }
  if (!items->item(sampler_->currentIndex())->isEnabled())
    sampler_->setCurrentIndex(sampler_->findData(QStringLiteral("mgdm")));
}

void MainWindow::choosePreset() {
  if (task_->currentIndex() < 0 || preset_->currentIndex() < 0) return;
  preset_values_ = presetValues();
  sampler_form_->setValues(preset_values_);
}

Settings MainWindow::presetValues() const {
  if (preset_->currentIndex() < 0) return preset_values_;
  const auto& sampler = find_sampler(sampler_->currentData().toString().toStdString());
  std::shared_ptr<const Operator> degradation;
  try {
    if (sampler.suited) degradation = example_operator(task());
  } catch (const std::exception&) {
    // A degradation that cannot be made yet (a program, weights) says so when it is run.
  }
  return preset_settings(sampler, preset_->currentText().toStdString(), degradation.get(), modelTraits());
}

void MainWindow::setDetail(int network) {
  if (document_->isEmpty() || network <= 0) return;
  const cv::Size size(document_->size().width(), document_->size().height());
  const cv::Rect& r = document_->area().rect;
  document_->setArea(document_->areaIsWholePhoto()
                         ? whole_photo_area(size, network, document_->networkSizes())
                         : square_area(size, {r.x + r.width / 2.0, r.y + r.height / 2.0}, std::min(r.width, r.height),
                                       network, document_->networkSizes()));
}

// ---- models ----

ModelsDialog* MainWindow::models() {
  if (models_ == nullptr) {
    models_ = new ModelsDialog(this);
    connect(models_, &ModelsDialog::modelsChanged, this, [this] {
      fillModels();
      songs_->fillModels();
    });
    connect(models_, &ModelsDialog::chosen, this, [this](const QString& name) {
      fillModels();
      songs_->fillModels();
      const bool song = songs_->useModel(name);
      if (!song) useModel(name);
      showSongs(song);
    });
  }
  return models_;
}

void MainWindow::useModel(const QString& name) {
  for (size_t i = 0; i < model_cards_.size(); ++i) {
    if (text(model_cards_[i].name) == name) model_->setCurrentIndex(static_cast<int>(i));
  }
}

void MainWindow::fillModels() {
  const QString before = model_->currentIndex() >= 0 && model_->currentIndex() < static_cast<int>(model_cards_.size())
                             ? text(model_cards_[static_cast<size_t>(model_->currentIndex())].name)
                             : QSettings().value(QStringLiteral("model"), QStringLiteral("photo")).toString();
  model_cards_.clear();
  for (auto& card : list_priors()) {
    try {
      if (medium_of(card) == Medium::Photo) model_cards_.push_back(std::move(card));
    } catch (const ModelError&) {
      // An autoencoder, or of a family that this version does not know.
    }
  }
  std::stable_sort(model_cards_.begin(), model_cards_.end(),
                   [](const PriorCard& a, const PriorCard& b) { return (a.name == "photo") > (b.name == "photo"); });
  {
    const QSignalBlocker block(model_);
    model_->clear();
    for (const auto& card : model_cards_) {
      model_->addItem(text(card.label.empty() ? card.name : card.label));
      model_->setItemData(model_->count() - 1,
                          text(card.name + (card.description.empty() ? "" : ": " + card.description)), Qt::ToolTipRole);
    }
    model_->insertSeparator(model_->count());
    model_->addItem(tr("Get and manage models…"));
    int index = 0;
    for (size_t i = 0; i < model_cards_.size(); ++i)
      index = text(model_cards_[i].name) == before ? static_cast<int>(i) : index;
    model_->setCurrentIndex(index);
  }
  chooseModel();
}

void MainWindow::chooseModel() {
  const int index = model_->currentIndex();
  if (index < 0 || index >= static_cast<int>(model_cards_.size())) return;
  const PriorCard& card = model_cards_[static_cast<size_t>(index)];
  model_->setToolTip(model_->itemData(index, Qt::ToolTipRole).toString());
  QSettings().setValue(QStringLiteral("model"), text(card.name));
  const PhotoSizes sizes = photo_sizes(card);
  fillDetail(sizes.native);
  document_->setNetworkSizes(
      {.multiple = static_cast<int>(sizes.multiple),
       .smallest = static_cast<int>(sizes.smallest),
       .largest = static_cast<int>(sizes.native > 0 ? std::max<int64_t>(sizes.native, 1024) : sizes.largest)},
      static_cast<int>(sizes.native > 0 ? sizes.native : 256));
  if (task_->currentIndex() >= 0) {  // else the window is still being built
    offerSamplers();
    if (presetValues() != preset_values_) choosePreset();
  }
  if (!restoring_) session_timer_->start();
}

// A model of a native size is asked at that size, or, where a person wants to see more, in tiles of it.
void MainWindow::fillDetail(int64_t native) {
  const int before = detail_->currentData().toInt();
  const QSignalBlocker block(detail_);
  detail_->clear();
  if (native == 0) {
    for (const int n : {64, 96, 128, 192, 256, 320, 384, 448, 512}) detail_->addItem(tr("%1 px").arg(n), n);
  } else {
    detail_->addItem(tr("%1 px, the model's own").arg(native), static_cast<int>(native));
    for (const int64_t n : {native * 3 / 2, native * 2, native * 3, native * 4}) {
      if (n <= 1024) detail_->addItem(tr("%1 px, in tiles").arg(n), static_cast<int>(n));
    }
  }
  const int kept =
      detail_->findData(document_->isEmpty() ? before : std::min(document_->area().width, document_->area().height));
  detail_->setCurrentIndex(std::max(kept, native == 0 ? detail_->findData(256) : 0));
}

PriorTraits MainWindow::modelTraits() const {
  const int index = model_->currentIndex();
  return index >= 0 && index < static_cast<int>(model_cards_.size())
             ? traits_of(model_cards_[static_cast<size_t>(index)])
             : PriorTraits{};
}

RunRequest MainWindow::request() const {
  RunRequest request;
  if (const int index = model_->currentIndex(); index >= 0 && index < static_cast<int>(model_cards_.size()))
    request.prior = model_cards_[static_cast<size_t>(index)].name;
  request.task = task_->currentData().toString().toStdString();
  request.task_settings = task_form_->values();
  request.sampler = sampler_->currentData().toString().toStdString();
  request.sampler_settings = sampler_form_->values();
  request.noise = noise_->value();
  request.noise_law = noise_law_->currentData().toString().toStdString();
  request.outliers = outliers_->value() / 100;
  request.samples = samples_count_->value();
  request.seed = static_cast<uint64_t>(seed_->value());
  request.observed = ways_->checkedId() != static_cast<int>(Way::Try);
  return request;
}

void MainWindow::updateState() {
  using State = RunController::State;
  const State state = controller_->state();
  const bool running = controller_->busy(), open = !document_->isEmpty();
  const bool mask_task = task_->currentIndex() >= 0 && task().needs_mask;
  const bool mask_missing = mask_task && document_->maskEmpty();
  const bool go_on = running && mask_task && mask_changed_in_run_ && !mask_missing;
  run_->setText(go_on ? tr("Go on with the new mask") : tr("Run"));
  run_->setEnabled((state == State::Ready && !mask_missing) || go_on);
  run_->setToolTip(mask_missing && state == State::Ready ? tr("Paint the part to fill first.")
                   : go_on ? tr("Continues from the present noise level with the mask as painted now.")
                           : tr("Run (Ctrl+Return)"));
  stop_->setEnabled(state == State::Running);
  discard_->setEnabled(running);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{task_, task_form_, noise_law_, outliers_, model_, detail_, sampler_})
    widget->setEnabled(!running);
  for (QAbstractButton* button : ways_->buttons()) button->setEnabled(!running);
  const auto enable = [this](std::initializer_list<const char*> names, bool on) {
    for (const char* name : names) findChild<QAction*>(QString::fromLatin1(name))->setEnabled(on);
  };
  const bool paint = open && mask_task;
  enable({"brush", "eraser", "rectangle", "lasso", "fill", "invert", "clear", "import_mask", "export_mask"}, paint);
  brush_size_->setEnabled(paint);
  hardness_->setEnabled(paint);
  canvas_->setMaskVisible(mask_task);
  canvas_->setPaintable(paint);
  enable({"area"}, open && !running);
  if (running && canvas_->tool() == Canvas::Tool::Area) findChild<QAction*>("brush")->trigger();
  enable({"save"}, open && !running);
  enable({"undo"}, undo_->canUndo() && (!running || !Document::changesPhoto(undo_->undoText())));
  enable({"redo"}, undo_->canRedo() && !running);
  layers_list_->setEnabled(!running);
  for (QWidget* widget : std::initializer_list<QWidget*>{layer_opacity_, layer_up_, layer_down_, layer_remove_})
    widget->setEnabled(!running && layers_list_->count() > 0);
  const bool sample = !running && selectedSample() >= 0;
  enable({"accept", "favourite"}, sample);
  accept_->setEnabled(sample);
  favourite_->setEnabled(sample && selectedSample() < static_cast<int>(outcome_.samples.size()));
  difference_->setEnabled(sample);
  accept_->setText(outcome_.enlarged ? tr("Open enlarged") : tr("Put into photo"));
  enable({"export_run"}, !running && !outcome_.record.isEmpty());
  enable({"branch"}, !frames_.empty());
  progress_->setVisible(running);
  if (state == State::Stopping) status_->setText(tr("Stopping…"));
}

// ---- running and watching ----

void MainWindow::startRun() {
  message_->hide();
  if (task().needs_mask) {
    const cv::Rect& r = document_->area().rect;
    const QImage& mask = document_->mask();
    const cv::Mat painted(mask.height(), mask.width(), CV_8UC1, const_cast<uchar*>(mask.constBits()),
                          static_cast<size_t>(mask.bytesPerLine()));
    if (cv::countNonZero(painted(r)) == 0) {
      showMessage(tr("Nothing is painted inside the working area: paint there, or move the area to the paint."));
      return;
    }
  }
  const bool go_on = controller_->busy();
  if (!go_on) {
    startFresh();
  } else {
    watchRun();
  }
  status_->setText(go_on ? tr("Going on with the new mask…") : tr("Starting…"));
  if (go_on) {
    controller_->goOnWithMask(request());
  } else {
    controller_->run(request());
  }
  updateState();
}

// Before a run that nothing is kept of.
void MainWindow::startFresh() {
  message_->hide();
  canvas_->setOverlay({});
  frames_.clear();
  frame_bytes_ = 0;
  inspector_->clear();
  samples_->clear();
  strip_row_->hide();
  timeline_row_->hide();
  progress_->setValue(0);
  watchRun();
}

void MainWindow::watchRun() {
  canvas_->setLegend({}, {});
  favourites_.clear();
  following_ = true;
  mask_changed_in_run_ = false;
  run_area_ = document_->area();
  run_input_ = areaThumbnail();
}

QImage MainWindow::areaThumbnail() const {
  const auto& pyramid = document_->pyramid();
  const cv::Rect& r = document_->area().rect;
  size_t level = 0;
  while (level + 1 < pyramid.size() && (std::min(r.width, r.height) >> (level + 1)) >= 2 * kThumbnailHeight) ++level;
  const double shrink = 1.0 / (1 << level);
  return pyramid[level]
      .copy(QRectF(r.x * shrink, r.y * shrink, r.width * shrink, r.height * shrink).toRect())
      .convertToFormat(QImage::Format_RGB32);
}

void MainWindow::branchHere() {
  if (frames_.empty()) return;
  const auto index = static_cast<size_t>(std::clamp(timeline_->value(), 0, static_cast<int>(frames_.size()) - 1));
  const Frame& frame = frames_[index];
  RunRequest wanted = request();
  const bool same_number = static_cast<int>(frame.samples.size()) == samples_count_->value();
  message_->hide();
  const BranchPoint from{frame.step, frame.gibbs, same_number ? -1 : frame.watched};
  // What came after is another run's.
  frames_.resize(index + 1);
  inspector_->plot()->clear();
  for (const Frame& f : frames_) inspector_->plot()->append(f.residual, f.steps);
  {
    const QSignalBlocker block(timeline_);
    timeline_->setMaximum(static_cast<int>(index));
  }
  following_ = true;
  mask_changed_in_run_ = false;
  run_area_ = document_->area();
  status_->setText(tr("Branching at step %1…").arg(frame.step));
  controller_->branch(wanted, from);
  updateState();
}

void MainWindow::addFrame(const Frame& frame) {
  frames_.push_back(frame);
  frame_bytes_ += frame.bytes();
  inspector_->plot()->append(frame.residual, frame.steps * std::max(1, frame.gibbs) / std::max(1, preview_->value()));
  while (frame_bytes_ > kFrameCap && frames_.size() > 4) {
    const auto keep = thin_older_half(frames_.size());
    std::vector<Frame> fewer;
    for (const size_t i : keep) fewer.push_back(std::move(frames_[i]));
    frames_ = std::move(fewer);
    inspector_->plot()->thin(keep);
    frame_bytes_ = 0;
    for (const Frame& f : frames_) frame_bytes_ += f.bytes();
  }
  const auto newest = static_cast<int>(frames_.size()) - 1;
  {
    const QSignalBlocker block(timeline_);
    timeline_->setRange(0, newest);
    if (following_) timeline_->setValue(newest);
  }
  timeline_row_->show();
  if (frame.samples.size() > 1) {  // the strip shows all of them grow; a click watches one
    const QSignalBlocker block(samples_);
    if (samples_->count() != static_cast<int>(frame.samples.size()) || !samples_->property("live").toBool()) {
      samples_->clear();
      samples_->setProperty("live", true);
      for (size_t i = 0; i < frame.samples.size(); ++i) samples_->addItem(tr("Sample %1").arg(i + 1));
      samples_->setCurrentRow(frame.watched);
    }
    for (size_t i = 0; i < frame.samples.size(); ++i)
      samples_->item(static_cast<int>(i))->setIcon(strip_icon(frame.samples[i], run_input_, false));
    strip_row_->show();
  }
  if (following_) showFrame(newest);
  progress_->setValue(1000 * frame.step / std::max(1, frame.steps));
  const double left = frame.seconds / std::max(1, frame.step) * (frame.steps - frame.step);
  status_->setText(
      tr("Step %1 of %2, %3 s left").arg(frame.step).arg(frame.steps).arg(left, 0, 'f', left < 10 ? 1 : 0));
}

void MainWindow::showFrame(int index) {
  if (index < 0 || index >= static_cast<int>(frames_.size())) return;
  const Frame& frame = frames_[static_cast<size_t>(index)];
  QImage image = frame.samples[static_cast<size_t>(frame.watched)];
  if (view_ == View::Noisy) image = frame.noisy;
  if (view_ == View::Residual) image = frame.residual_map;
  canvas_->setOverlay({image, run_area_.rect});
  if (view_ == View::Residual) {
    canvas_->setLegend(QStringLiteral("0"), tr("%1 σ or more").arg(kResidualScale));
  } else {
    canvas_->setLegend({}, {});
  }
  inspector_->show(frame);
  inspector_->plot()->setCurrent(index);
  timeline_label_->setText(tr("step %1 of %2").arg(frame.step).arg(frame.steps) +
                           (frame.gibbs > 1 ? tr(", rep. %1").arg(frame.gibbs) : QString()));
}

void MainWindow::setView(View view) {
  view_ = view;
  if (!frames_.empty()) showFrame(timeline_->value());
}

// ---- choosing a result ----

void MainWindow::showOutcome(const RunOutcome& outcome) {
  outcome_ = outcome;
  accepted_ = false;
  mask_changed_in_run_ = false;
  following_ = false;
  run_area_ = outcome.area;
  fillStrip();
  strip_row_->show();
  samples_->setCurrentRow(0);
  showSelected();
  QString words = outcome.stopped
                      ? tr("Stopped after %1 s; the latest estimate is kept").arg(outcome.seconds, 0, 'f', 1)
                      : tr("Done in %1 s").arg(outcome.seconds, 0, 'f', 1);
  if (outcome.samples.front().psnr > 0)
    words += tr(", PSNR %1 dB, SSIM %2")
                 .arg(outcome.samples.front().psnr, 0, 'f', 1)
                 .arg(outcome.samples.front().ssim, 0, 'f', 3);
  if (outcome.samples.front().residual > 0)
    words += tr(", residual %1 σ").arg(outcome.samples.front().residual, 0, 'f', 2);
  status_->setText(words + '.');
  history_->add(outcome, tr("%1, seed %2").arg(spoken(task().label)).arg(seed_->value()), document_->path());
  updateState();
}

void MainWindow::fillStrip() {
  const QSignalBlocker block(samples_);
  samples_->clear();
  samples_->setProperty("live", false);
  const auto add = [this](const QImage& image, const QString& name, bool star, const QString& tip) {
    auto* item = new QListWidgetItem(strip_icon(image, outcome_.masked ? outcome_.input : QImage(), star), name);
    item->setToolTip(tip);
    samples_->addItem(item);
  };
  for (size_t i = 0; i < outcome_.samples.size(); ++i) {
    const Sample& s = outcome_.samples[i];
    add(s.image, tr("Sample %1").arg(i + 1), favourites_.count(static_cast<int>(i)) != 0,
        s.psnr > 0 ? tr("PSNR %1 dB, SSIM %2").arg(s.psnr, 0, 'f', 2).arg(s.ssim, 0, 'f', 3)
                   : tr("residual %1 σ").arg(s.residual, 0, 'f', 2));
  }
  if (!outcome_.mean.image.isNull()) {
    add(outcome_.mean.image, tr("Mean"), false, tr("The posterior mean: where the samples agree it is sharp."));
    add(outcome_.deviation, tr("Spread"), false,
        tr("Standard deviation over the samples: bright where they disagree."));
  }
  add(outcome_.observation, tr("Observed"), false, tr("What was given."));
}

int MainWindow::selectedSample() const {
  const int row = samples_->currentRow(), count = static_cast<int>(outcome_.samples.size());
  if (row < 0 || samples_->property("live").toBool()) return -1;
  if (row < count) return row;
  return row == count && !outcome_.mean.image.isNull() ? count : -1;
}

void MainWindow::showSelected() {
  const int row = samples_->currentRow();
  if (row < 0) return;
  if (samples_->property("live").toBool()) {
    controller_->setWatched(row);
    return;
  }
  const int sample = selectedSample(), count = static_cast<int>(outcome_.samples.size());
  canvas_->setLegend({}, {});
  if (sample >= 0) {
    const QImage& image = sample == count ? outcome_.mean.image : outcome_.samples[static_cast<size_t>(sample)].image;
    canvas_->setOverlay(
        {difference_->isChecked() ? difference_image(image, outcome_.input) : image, outcome_.area.rect});
    favourite_->setChecked(favourites_.count(sample) != 0);
    favourite_->setIcon(icon(favourite_->isChecked() ? Symbol::StarFull : Symbol::Star));
  } else if (!outcome_.mean.image.isNull() && row == count + 1) {
    canvas_->setOverlay({outcome_.deviation, outcome_.area.rect});
    canvas_->setLegend(QStringLiteral("0"), tr("spread %1 %").arg(100 * outcome_.deviation_peak, 0, 'f', 1));
  } else {
    canvas_->setOverlay({outcome_.observation, outcome_.area.rect});
  }
  updateState();
}

void MainWindow::acceptSample() {
  const int sample = selectedSample();
  if (sample < 0 || controller_->busy()) return;
  const Sample& chosen = sample == static_cast<int>(outcome_.samples.size())
                             ? outcome_.mean
                             : outcome_.samples[static_cast<size_t>(sample)];
  if (outcome_.enlarged) {
    controller_->openImage(QImage(chosen.image));
    return;
  }
  undo_->beginMacro(Document::tr("putting the sample in"));
  document_->accept(chosen.deep, outcome_.area, outcome_.mask, outcome_.masked,
                    sample == static_cast<int>(outcome_.samples.size())
                        ? tr("Mean of %n sample(s)", nullptr, sample)
                        : tr("Sample %1, %2").arg(sample + 1).arg(spoken(task().label)));
  if (outcome_.masked && !document_->maskEmpty()) findChild<QAction*>("clear")->trigger();
  undo_->endMacro();
  accepted_ = true;
  canvas_->setOverlay({});
  status_->setText(tr("The sample is in the photo as a layer. Save writes it; Undo takes it out again."));
  updateState();
}

// ---- files ----

void MainWindow::chooseFile() {
  QSettings settings;
  const QString checkpoints = tr("Models (%1)").arg(QStringLiteral("*.pt *.pth *.ckpt *.bin *.safetensors")),
                photos = tr("Photos (%1)").arg(QStringLiteral("*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp")),
                songs = tr("Songs (%1)").arg(songPatterns());
  const bool song_first = pages_->currentWidget() == songs_;
  const QStringList files = QFileDialog::getOpenFileNames(
      this, tr("Open"), settings.value(QStringLiteral("folder"), QDir::homePath()).toString(),
      QStringList{song_first ? songs : photos, song_first ? photos : songs, checkpoints, tr("All files (*)")}.join(
          QStringLiteral(";;")));
  if (files.isEmpty()) return;
  settings.setValue(QStringLiteral("folder"), QFileInfo(files.first()).absolutePath());
  openAll(files);
}

void MainWindow::chooseSaveFile() {
  const QFileInfo photo(document_->path());
  const QString suffix = photo.suffix().isEmpty() ? QStringLiteral("png") : photo.suffix().toLower();
  const QString name =
      (photo.completeBaseName().isEmpty() ? tr("restored") : photo.completeBaseName() + tr("_restored")) + '.' + suffix;
  QString file = QFileDialog::getSaveFileName(
      this, tr("Save the photo"), QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString() + '/' + name,
      tr("Pictures (*.png *.jpg *.tif *.webp)"));
  if (file.isEmpty()) return;
  if (QFileInfo(file).suffix().isEmpty()) file += QStringLiteral(".png");
  saveTo(file);
}

void MainWindow::saveTo(const QString& file) {
  if (selectedSample() >= 0 && !accepted_ && !outcome_.enlarged) acceptSample();  // what is seen is what is saved
  status_->setText(tr("Saving %1…").arg(QFileInfo(file).fileName()));
  const int step = undo_->index();
  QThreadPool::globalInstance()->start(
      [this, file, step, photo = document_->photo(), record = outcome_.record.toStdString()]() mutable {
        QString error;
        try {
          write_photo(file.toStdString(), *photo, record);  // settings and seed travel inside
        } catch (const std::exception& e) {
          error = QString::fromUtf8(e.what());
        }
        photo.reset();
        QMetaObject::invokeMethod(
            this,
            [this, file, step, error] {
              if (!error.isEmpty()) {
                showMessage(error);
                return;
              }
              if (undo_->index() == step) {
                document_->markSaved();
                if (QFileInfo(file) == QFileInfo(document_->path())) {
                  layers_in_file_ = document_->layers();
                  saveSession();
                }
                setWindowModified(false);
              }
              status_->setText(tr("Saved to %1.").arg(file));
              Q_EMIT saved(file);
            },
            Qt::QueuedConnection);
      });
}

void MainWindow::exportRunTo(const QString& file) {
  if (file.isEmpty()) return;
  QSaveFile out(file);
  const QByteArray bytes = outcome_.record.toUtf8();
  if (!out.open(QIODevice::WriteOnly) || out.write(bytes) != bytes.size() || !out.commit()) {
    showMessage(tr("%1 cannot be written: %2").arg(file, out.errorString()));
    return;
  }
  status_->setText(tr("Saved to %1; \"mgdm restore --replay\" does exactly that again.").arg(file));
}

void MainWindow::importMaskFrom(const QString& file) {
  if (file.isEmpty()) return;
  QImage mask(file);
  if (mask.isNull()) {
    showMessage(tr("%1 is not a picture that can be read.").arg(file));
    return;
  }
  // Where transparency varies the mask is in it (IOPaint, GIMP), else in the brightness.
  if (mask.hasAlphaChannel()) {
    const QImage alpha = mask.convertToFormat(QImage::Format_Alpha8);
    const uchar first = alpha.constScanLine(0)[0];
    bool varies = false;
    for (int y = 0; y < alpha.height() && !varies; ++y)
      varies = std::any_of(alpha.constScanLine(y), alpha.constScanLine(y) + alpha.width(),
                           [first](uchar v) { return v != first; });
    if (varies) {
      mask = QImage(alpha.constBits(), alpha.width(), alpha.height(), alpha.bytesPerLine(), QImage::Format_Grayscale8)
                 .copy();
    }
  }
  if (mask.size() != document_->size()) {
    showNotice(tr("The mask was %1 × %2 and has been stretched to the photo.").arg(mask.width()).arg(mask.height()));
    mask = mask.scaled(document_->size());
  }
  document_->replaceMask(mask, tr("importing a mask"));
}

void MainWindow::exportMaskTo(const QString& file) {
  if (file.isEmpty()) return;
  QSaveFile out(file);
  if (!out.open(QIODevice::WriteOnly) || !document_->mask().save(&out, "PNG") || !out.commit()) {
    showMessage(tr("%1 cannot be written: %2").arg(file, out.errorString()));
    return;
  }
  status_->setText(tr("Saved to %1.").arg(file));
}

// ---- history ----

void MainWindow::fillHistory() {
  const QSignalBlocker block(history_list_);
  history_list_->clear();
  for (const HistoryEntry& e : history_->entries()) {
    QIcon picture;
    for (const auto mode : {QIcon::Normal, QIcon::Selected}) picture.addPixmap(QPixmap::fromImage(e.thumbnail), mode);
    auto* item = new QListWidgetItem(picture, (e.favourite ? QStringLiteral("★ ") : QString()) + e.title + '\n' +
                                                  QLocale().toString(e.when, QLocale::ShortFormat));
    item->setToolTip(e.photo.isEmpty() ? tr("From the clipboard") : e.photo);
    history_list_->addItem(item);
  }
  if (history_->entries().empty()) {
    auto* item = new QListWidgetItem(tr("Finished runs appear here and stay after a restart."));
    item->setFlags(Qt::NoItemFlags);
    history_list_->addItem(item);
  }
}

void MainWindow::openHistory(int row) {
  if (row < 0 || row >= static_cast<int>(history_->entries().size()) || controller_->busy()) return;
  const HistoryEntry& entry = history_->entries()[static_cast<size_t>(row)];
  if (entry.photo != document_->path()) {
    if (entry.photo.isEmpty() || !QFile::exists(entry.photo)) {
      showMessage(tr("The photo of that run is not there any more: %1")
                      .arg(entry.photo.isEmpty() ? tr("it came from the clipboard") : entry.photo));
      return;
    }
    showNotice(tr("Opening %1; choose the entry again when it is there.").arg(QFileInfo(entry.photo).fileName()));
    open(entry.photo);
    return;
  }
  try {
    const RunOutcome outcome = History::read(entry.folder);
    frames_.clear();
    timeline_row_->hide();
    inspector_->clear();
    outcome_ = outcome;
    accepted_ = false;
    favourites_.clear();
    run_area_ = outcome.area;
    fillStrip();
    strip_row_->show();
    samples_->setCurrentRow(0);
    showSelected();
    status_->setText(tr("From the history: %1").arg(entry.title));
  } catch (const std::exception& e) {
    showMessage(QString::fromUtf8(e.what()));
  }
}

// ---- messages and closing ----

void MainWindow::showMessage(const QString& words) {
  message_->setProperty("note", false);
  message_->style()->polish(message_);
  message_->setTextFormat(Qt::PlainText);
  message_->setText(words);
  message_->show();
  status_->setText(tr("The last action failed."));
  updateState();
}

void MainWindow::showNotice(const QString& words, const QString& offer) {
  message_->setProperty("note", true);
  message_->style()->polish(message_);
  message_->setTextFormat(offer.isEmpty() ? Qt::PlainText : Qt::RichText);
  message_->setText(offer.isEmpty() ? words
                                    : QStringLiteral("%1 <a href=\"resume\" style=\"color: palette(link)\">%2</a>")
                                          .arg(words.toHtmlEscaped(), offer.toHtmlEscaped()));
  message_->show();
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!mayLeavePhoto()) {
    event->ignore();
    return;
  }
  // The controller's worker is joined when it is destroyed; asking it to stop first keeps that short.
  controller_->discard();
  songs_->controller()->discard();
  songs_->player()->pause();
  if (session_timer_->isActive()) saveSession();
  QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
  event->accept();
}

}  // namespace mgdm::ui
