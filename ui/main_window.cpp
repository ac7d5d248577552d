#include "ui/main_window.h"

#include <QAction>
#include <QActionGroup>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QCloseEvent>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPainterPath>
#include <QProgressBar>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollArea>
#include <QSettings>
#include <QSpinBox>
#include <QStatusBar>
#include <QToolBar>
#include <QUndoStack>
#include <QVBoxLayout>

#include "core/operators/tasks.h"
#include "core/samplers/sampler.h"
#include "ui/canvas.h"
#include "ui/settings_form.h"

namespace mgdm::ui {

namespace {
QString text(const std::string& s) { return QString::fromStdString(s); }

QLabel* heading(const QString& words) {
  auto* label = new QLabel(words);
  label->setObjectName(QStringLiteral("heading"));
  return label;
}
}  // namespace

MainWindow::MainWindow(QWidget* parent)
    : QMainWindow(parent), undo_(new QUndoStack(this)), canvas_(new Canvas(undo_)), controller_(new RunController(this)) {
  setWindowTitle(tr("MGDM Studio"));
  resize(1280, 800);
  buildToolBar();

  message_ = new QLabel;
  message_->setObjectName(QStringLiteral("message"));
  message_->setWordWrap(true);
  message_->hide();

  samples_ = new QListWidget;
  samples_->setObjectName(QStringLiteral("samples"));
  samples_->setAccessibleName(tr("Samples"));
  samples_->setViewMode(QListView::IconMode);
  samples_->setFlow(QListView::LeftToRight);
  samples_->setWrapping(false);
  samples_->setMovement(QListView::Static);
  samples_->setIconSize(QSize(96, 72));
  samples_->setFixedHeight(128);
  samples_->hide();

  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  progress_->setVisible(false);

  auto* middle = new QWidget;
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(message_);
  column->addWidget(canvas_, 1);
  column->addWidget(progress_);
  column->addWidget(samples_);

  auto* central = new QWidget;
  auto* row = new QHBoxLayout(central);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(buildPanel());
  row->addWidget(middle, 1);
  setCentralWidget(central);

  status_ = new QLabel(tr("Open a photo to begin."));
  inspector_ = new QLabel;
  zoom_ = new QLabel;
  statusBar()->addWidget(status_, 1);
  statusBar()->addPermanentWidget(inspector_);
  statusBar()->addPermanentWidget(zoom_);
  statusBar()->setSizeGripEnabled(false);
  statusBar()->setContentsMargins(12, 2, 12, 2);

  connect(canvas_, &Canvas::fileDropped, this, &MainWindow::open);
  connect(canvas_, &Canvas::maskChanged, this, &MainWindow::updateState);
  connect(canvas_, &Canvas::zoomChanged, this, [this](double zoom) { zoom_->setText(tr("%1 %").arg(qRound(zoom * 100))); });
  connect(controller_, &RunController::stateChanged, this, &MainWindow::updateState);
  connect(controller_, &RunController::photoOpened, this, [this](const QImage& photo) {
    message_->hide();
    outcome_ = {};
    samples_->clear();
    samples_->hide();
    canvas_->setPhoto(photo);
    if (sample_mask_pending_) {
      // A stroke across the sample, so that one click shows what the program does.
      QImage mask(photo.size(), QImage::Format_Grayscale8);
      mask.fill(0);
      QPainter painter(&mask);
      painter.setPen(QPen(Qt::white, photo.width() / 16.0, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
      QPainterPath path(QPointF(photo.width() * 0.18, photo.height() * 0.30));
      path.cubicTo(photo.width() * 0.45, photo.height() * 0.15, photo.width() * 0.45, photo.height() * 0.75, photo.width() * 0.82, photo.height() * 0.60);
      painter.drawPath(path);
      painter.end();
      canvas_->changeMask(mask, tr("sample mask"));
      sample_mask_pending_ = false;
    }
    status_->setText(tr("%1 × %2 pixels. Paint what should be filled, then press Run.").arg(photo.width()).arg(photo.height()));
    inspector_->clear();
    updateState();
  });
  connect(controller_, &RunController::iterate, this, &MainWindow::showFrame);
  connect(controller_, &RunController::finished, this, &MainWindow::showOutcome);
  connect(controller_, &RunController::failed, this, &MainWindow::showMessage);
  connect(controller_, &RunController::discarded, this, [this] {
    canvas_->setResult(QImage());
    status_->setText(tr("Run discarded."));
    inspector_->clear();
  });
  connect(samples_, &QListWidget::currentRowChanged, this, &MainWindow::selectSample);

  chooseTask();
  choosePreset();
  updateState();
  QSettings settings;
  restoreGeometry(settings.value(QStringLiteral("geometry")).toByteArray());
}

MainWindow::~MainWindow() = default;

void MainWindow::buildToolBar() {
  auto* bar = addToolBar(tr("Tools"));
  bar->setObjectName(QStringLiteral("tools"));
  bar->setMovable(false);
  bar->setContextMenuPolicy(Qt::PreventContextMenu);
  const auto add = [&](const QString& name, const QKeySequence& keys, auto slot) {
    auto* action = bar->addAction(name);
    action->setShortcut(keys);
    action->setToolTip(keys.isEmpty() ? name : QStringLiteral("%1 (%2)").arg(name, keys.toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, this, slot);
    return action;
  };
  add(tr("Open…"), QKeySequence::Open, [this] { chooseFile(); });
  add(tr("Paste"), QKeySequence::Paste, [this] { controller_->openImage(QApplication::clipboard()->image()); });
  save_action_ = add(tr("Save…"), QKeySequence::Save, [this] { saveResult(); });
  bar->addSeparator();
  auto* undo = undo_->createUndoAction(this, tr("Undo"));
  undo->setShortcut(QKeySequence::Undo);
  bar->addAction(undo);
  auto* redo = undo_->createRedoAction(this, tr("Redo"));
  redo->setShortcut(QKeySequence::Redo);
  bar->addAction(redo);
  bar->addSeparator();
  brush_action_ = add(tr("Brush"), Qt::Key_B, [this] { canvas_->setTool(Canvas::Tool::Brush); });
  eraser_action_ = add(tr("Eraser"), Qt::Key_E, [this] { canvas_->setTool(Canvas::Tool::Eraser); });
  auto* tools = new QActionGroup(this);
  for (auto* action : {brush_action_, eraser_action_}) {
    action->setCheckable(true);
    tools->addAction(action);
  }
  brush_action_->setChecked(true);
  brush_size_ = new QSpinBox;
  brush_size_->setRange(1, 400);
  brush_size_->setValue(canvas_->brushSize());
  brush_size_->setSuffix(tr(" px"));
  brush_size_->setAccessibleName(tr("Brush size"));
  brush_size_->setToolTip(tr("Brush size in photo pixels ([ and ], Shift for steps of 10, Ctrl + wheel)"));
  connect(brush_size_, &QSpinBox::valueChanged, canvas_, &Canvas::setBrushSize);
  connect(canvas_, &Canvas::brushSizeChanged, brush_size_, &QSpinBox::setValue);
  bar->addWidget(brush_size_);
  invert_action_ = add(tr("Invert"), QKeySequence(Qt::CTRL | Qt::Key_I), [this] {
    QImage mask = canvas_->mask().copy();
    mask.invertPixels();
    canvas_->changeMask(mask, tr("inverting the mask"));
  });
  clear_action_ = add(tr("Clear mask"), QKeySequence(Qt::CTRL | Qt::Key_Backspace), [this] {
    QImage mask = canvas_->mask().copy();
    mask.fill(0);
    canvas_->changeMask(mask, tr("clearing the mask"));
  });
}

QWidget* MainWindow::buildPanel() {
  auto* content = new QWidget;
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 16, 16, 16);
  column->setSpacing(10);

  column->addWidget(heading(tr("What to do")));
  task_ = new QComboBox;
  task_->setObjectName(QStringLiteral("task"));
  task_->setAccessibleName(tr("Task"));
  for (const auto& task : tasks()) task_->addItem(text(task.label), text(task.name));
  column->addWidget(task_);
  task_help_ = new QLabel;
  task_help_->setObjectName(QStringLiteral("hint"));
  task_help_->setWordWrap(true);
  column->addWidget(task_help_);
  observed_ = new QCheckBox(tr("My photo is already damaged"));
  observed_->setToolTip(tr("Off: the clean photo is damaged first and the result compared with it."));
  column->addWidget(observed_);
  task_form_ = new SettingsForm;
  column->addWidget(task_form_);

  auto* form = new QFormLayout;
  form->setHorizontalSpacing(12);
  form->setVerticalSpacing(8);
  noise_ = new QDoubleSpinBox;
  noise_->setObjectName(QStringLiteral("noise"));
  noise_->setRange(0.001, 2.0);
  noise_->setDecimals(3);
  noise_->setSingleStep(0.01);
  noise_->setToolTip(tr("Standard deviation of the observation's noise (sigma_y), image range -1 to 1."));
  form->addRow(tr("Noise"), noise_);
  preset_ = new QComboBox;
  preset_->setObjectName(QStringLiteral("preset"));
  for (const auto& [name, values] : find_sampler("mgdm").presets) preset_->addItem(text(name));
  form->addRow(tr("Quality"), preset_);
  samples_count_ = new QSpinBox;
  samples_count_->setObjectName(QStringLiteral("samples_count"));
  samples_count_->setRange(1, 16);
  samples_count_->setToolTip(tr("Posterior samples computed at once."));
  form->addRow(tr("Samples"), samples_count_);
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("seed"));
  seed_->setRange(0, 999999999);
  seed_->setToolTip(tr("The same seed and settings give the same result."));
  form->addRow(tr("Seed"), seed_);
  column->addLayout(form);

  run_ = new QPushButton(tr("Run"));
  run_->setObjectName(QStringLiteral("run"));
  run_->setShortcut(QKeySequence(Qt::CTRL | Qt::Key_Return));
  run_->setToolTip(tr("Run (Ctrl+Return)"));
  stop_ = new QPushButton(tr("Stop and keep"));
  stop_->setObjectName(QStringLiteral("stop"));
  stop_->setToolTip(tr("Ends the run now and keeps what there is."));
  discard_ = new QPushButton(tr("Discard"));
  discard_->setObjectName(QStringLiteral("discard"));
  discard_->setToolTip(tr("Ends the run now and forgets it."));
  column->addSpacing(4);
  column->addWidget(run_);
  auto* ends = new QHBoxLayout;
  ends->addWidget(stop_);
  ends->addWidget(discard_);
  column->addLayout(ends);

  advanced_ = new QPushButton(tr("Advanced settings"));
  advanced_->setCheckable(true);
  column->addSpacing(4);
  column->addWidget(advanced_);
  sampler_form_ = new SettingsForm;
  sampler_form_->describe(find_sampler("mgdm").settings);
  sampler_form_->hide();
  column->addWidget(sampler_form_);
  column->addStretch(1);

  connect(task_, &QComboBox::currentIndexChanged, this, [this] { chooseTask(); });
  connect(preset_, &QComboBox::currentIndexChanged, this, [this] { choosePreset(); });
  connect(advanced_, &QPushButton::toggled, sampler_form_, &QWidget::setVisible);
  connect(run_, &QPushButton::clicked, this, [this] { startRun(); });
  connect(stop_, &QPushButton::clicked, controller_, &RunController::stopAndKeep);
  connect(discard_, &QPushButton::clicked, controller_, &RunController::discard);

  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(320);
  return scroll;
}

void MainWindow::chooseTask() {
  Settings ignored = Settings::object();
  const Task& task = find_task(task_->currentData().toString().toStdString(), ignored);
  task_help_->setText(text(task.help));
  task_form_->describe(task.settings);
  task_form_->setVisible(!task.settings.empty());
  observed_->setVisible(!task.needs_mask);
  noise_->setValue(task.noise);
  canvas_->setMaskVisible(task.needs_mask);
  updateState();
}

void MainWindow::choosePreset() {
  const auto& sampler = find_sampler("mgdm");
  const std::string name = preset_->currentText().toStdString();
  for (const auto& [preset, values] : sampler.presets) {
    if (preset == name) sampler_form_->setValues(values);
  }
}

void MainWindow::updateState() {
  using State = RunController::State;
  const State state = controller_->state();
  const bool running = state == State::Running || state == State::Stopping;
  Settings ignored = Settings::object();
  const Task& task = find_task(task_->currentData().toString().toStdString(), ignored);
  const bool mask_missing = task.needs_mask && (canvas_->mask().isNull() || canvas_->maskEmpty());
  run_->setEnabled(state == State::Ready && !mask_missing);
  run_->setToolTip(mask_missing && state == State::Ready ? tr("Paint the part to fill first.") : tr("Run (Ctrl+Return)"));
  stop_->setEnabled(state == State::Running);
  discard_->setEnabled(running);
  for (QWidget* widget : {static_cast<QWidget*>(task_), static_cast<QWidget*>(preset_), static_cast<QWidget*>(task_form_),
                          static_cast<QWidget*>(sampler_form_), static_cast<QWidget*>(noise_), static_cast<QWidget*>(samples_count_),
                          static_cast<QWidget*>(seed_), static_cast<QWidget*>(observed_)}) {
    widget->setEnabled(!running);
  }
  const bool paint = !running && state == State::Ready && task.needs_mask;
  for (QAction* action : {brush_action_, eraser_action_, clear_action_, invert_action_}) action->setEnabled(paint);
  brush_size_->setEnabled(paint);
  canvas_->setMaskVisible(task.needs_mask);
  canvas_->setPaintable(!running);
  save_action_->setEnabled(!outcome_.samples.empty() && !running);
  progress_->setVisible(running);
  if (state == State::Stopping) status_->setText(tr("Stopping…"));
}

RunRequest MainWindow::request() const {
  RunRequest request;
  request.task = task_->currentData().toString().toStdString();
  Settings ignored = Settings::object();
  const Task& task = find_task(request.task, ignored);
  request.task_settings = task_form_->values();
  request.sampler_settings = sampler_form_->values();
  request.noise = noise_->value();
  request.samples = samples_count_->value();
  request.seed = static_cast<uint64_t>(seed_->value());
  request.observed = task.needs_mask || observed_->isChecked();
  return request;
}

void MainWindow::startRun() {
  message_->hide();
  canvas_->setResult(QImage());
  progress_->setValue(0);
  status_->setText(tr("Starting…"));
  controller_->run(request(), canvas_->mask());
}

void MainWindow::showFrame(const Frame& frame) {
  canvas_->setResult(frame.image);
  progress_->setValue(1000 * frame.step / std::max(1, frame.steps));
  const double left = frame.seconds / frame.step * (frame.steps - frame.step);
  status_->setText(tr("Step %1 of %2, %3 s left").arg(frame.step).arg(frame.steps).arg(left, 0, 'f', left < 10 ? 1 : 0));
  inspector_->setText(tr("t %1   τ %2   repetition %3   residual %4 σ   %5 evaluations")
                          .arg(frame.t).arg(frame.tau).arg(frame.gibbs).arg(frame.residual, 0, 'f', 2).arg(frame.evaluations));
}

void MainWindow::showOutcome(const RunOutcome& outcome) {
  outcome_ = outcome;
  samples_->clear();
  const auto add = [this](const QImage& image, const QString& name) {
    QIcon icon;
    for (const auto mode : {QIcon::Normal, QIcon::Selected}) icon.addPixmap(QPixmap::fromImage(image), mode);  // no tint
    samples_->addItem(new QListWidgetItem(icon, name));
  };
  for (size_t i = 0; i < outcome.samples.size(); ++i) add(outcome.samples[i], tr("Sample %1").arg(i + 1));
  add(outcome.observation, tr("Observation"));
  samples_->show();
  samples_->setCurrentRow(0);
  QString words = outcome.stopped ? tr("Stopped after %1 s; the latest estimate is kept").arg(outcome.seconds, 0, 'f', 1)
                                  : tr("Done in %1 s").arg(outcome.seconds, 0, 'f', 1);
  if (outcome.psnr > 0) words += tr(", PSNR %1 dB").arg(outcome.psnr, 0, 'f', 1);
  status_->setText(words + '.');
  updateState();
}

void MainWindow::selectSample(int row) {
  if (row < 0) return;
  const auto index = static_cast<size_t>(row);
  canvas_->setResult(index < outcome_.samples.size() ? outcome_.samples[index] : outcome_.observation);
}

void MainWindow::showMessage(const QString& words) {
  message_->setText(words);
  message_->show();
  status_->setText(tr("The last action failed."));
  updateState();
}

void MainWindow::open(const QString& path) { controller_->openPhoto(path); }

void MainWindow::openSample() {
  for (const QString& folder : {QStringLiteral(MGDM_RESOURCES_DIR), QApplication::applicationDirPath() + QStringLiteral("/../share/mgdm-studio")}) {
    const QString file = folder + QStringLiteral("/photos/sample.jpg");
    if (QFile::exists(file)) {
      sample_mask_pending_ = true;
      open(file);
      return;
    }
  }
}

void MainWindow::chooseFile() {
  QSettings settings;
  const QString file = QFileDialog::getOpenFileName(this, tr("Open a photo"), settings.value(QStringLiteral("folder"), QDir::homePath()).toString(),
                                                    tr("Photos (*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp);;All files (*)"));
  if (file.isEmpty()) return;
  settings.setValue(QStringLiteral("folder"), QFileInfo(file).absolutePath());
  open(file);
}

void MainWindow::saveResult() {
  const int row = samples_->currentRow();
  if (row < 0) return;
  QString file = QFileDialog::getSaveFileName(this, tr("Save the result"), QStringLiteral("restored.png"), tr("Pictures (*.png *.jpg *.tif)"));
  if (file.isEmpty()) return;
  if (QFileInfo(file).suffix().isEmpty()) file += QStringLiteral(".png");
  QImage image = canvas_->shown();
  image.setText(QStringLiteral("mgdm-run"), outcome_.record);  // settings and seed travel inside the PNG
  QSaveFile out(file);
  const QByteArray format = QFileInfo(file).suffix().toLatin1();
  if (!out.open(QIODevice::WriteOnly) || !image.save(&out, format.constData()) || !out.commit()) {
    showMessage(tr("%1 cannot be written: %2").arg(file, out.errorString()));
    return;
  }
  status_->setText(tr("Saved to %1.").arg(file));
}

void MainWindow::closeEvent(QCloseEvent* event) {
  // The controller's worker is joined when it is destroyed; asking it to stop first keeps that short.
  controller_->discard();
  QSettings().setValue(QStringLiteral("geometry"), saveGeometry());
  event->accept();
}

}  // namespace mgdm::ui
