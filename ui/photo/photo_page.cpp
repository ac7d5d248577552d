#include "ui/photo/photo_page.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFile>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPainterPath>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTabWidget>
#include <QUndoStack>
#include <QVBoxLayout>
#include <opencv2/core.hpp>

#include "core/operators/tasks.h"
#include "core/runs/run_session.h"
#include "ui/jobs/saver.h"
#include "ui/jobs/session_folder.h"
#include "ui/photo/canvas.h"
#include "ui/photo/history.h"
#include "ui/photo/history_panel.h"
#include "ui/photo/inspector.h"
#include "ui/photo/layers_panel.h"
#include "ui/photo/object_selection.h"
#include "ui/photo/pace.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/photo_session.h"
#include "ui/photo/result_comparison.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/task_examples.h"
#include "ui/photo/task_panel.h"
#include "ui/photo/timeline.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/plot.h"
#include "ui/widgets/run_buttons.h"
#include "ui/widgets/side_panels.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

PhotoPage::PhotoPage(const QString& sample, std::shared_ptr<const SessionFolder> session, QWidget* parent)
    : Page(parent), sample_(sample), folder_(std::move(session)) {
  const QString data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation), folder = folder_->path();
  undo_ = new QUndoStack(this);
  undo_->setUndoLimit(200);
  saver_ = new Saver(this);
  document_ = new Document(undo_, this);
  canvas_ = new Canvas(document_);
  selection_ = new ObjectSelection(document_, this);
  runs_ = new PhotoRuns(document_, this);
  runs_->setStateFile(folder + QStringLiteral("/session_run.safetensors"));
  history_ = new History(data + QStringLiteral("/history"), saver_, this);
  files_ = new PhotoFiles(document_, undo_, saver_, this);
  buttons_ = new RunButtons({}, tr("Ends the run now and keeps what there is (Esc)."));
  panel_ = new TaskPanel(document_, buttons_);
  session_ = new PhotoSession(document_, panel_, saver_, folder, this);
  zoom_ = new QLabel;

  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  QWidget* middle = buildMiddle();
  sides_ = new SidePanels(name(), panel_, middle, buildRight());
  row->addWidget(sides_);
  buildFileActions();
  buildMaskActions();
  buildViewActions();
  buildRunActions();
  connectDocument();
  connectRuns();
  connectPanels();
  connectFiles();
  connectBatch();
  connectChoosing();
  auto* thumbnails = new TaskThumbnails(this);
  connect(thumbnails, &TaskThumbnails::made, panel_, &TaskPanel::setThumbnail);
  thumbnails->make(sample_);
  updateState();
}

PhotoPage::~PhotoPage() { saver_->finish(); }

// ---- building ----

QWidget* PhotoPage::buildMiddle() {
  message_ = new MessageBar(QStringLiteral("message"), canvas_);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  progress_->setVisible(false);
  QSizePolicy policy = progress_->sizePolicy();
  policy.setRetainSizeWhenHidden(true);  // the photo above does not jump
  progress_->setSizePolicy(policy);
  timeline_ = new Timeline;
  strip_ = new SampleStrip;
  for (QWidget* widget : std::initializer_list<QWidget*>{timeline_, strip_}) widget->hide();  // until there is a photo
  (new QVBoxLayout(canvas_))->addWidget(buildEmpty(), 0, Qt::AlignCenter);
  auto* middle = new QWidget;
  auto* column = new QVBoxLayout(middle);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  column->addWidget(canvas_, 1);
  column->addWidget(progress_);
  column->addWidget(timeline_);
  column->addWidget(strip_);
  return middle;
}

QWidget* PhotoPage::buildEmpty() {
  empty_ = new QWidget;
  auto* column = new QVBoxLayout(empty_);
  column->setSpacing(14);
  auto* words = hint(tr("Open a photo, drop it here, or paste one."));
  words->setAlignment(Qt::AlignCenter);
  column->addWidget(words);
  auto* buttons = new QHBoxLayout;
  auto* choose = new QPushButton(icon(Symbol::Open), tr("Open a photo…"));
  connect(choose, &QPushButton::clicked, this, &PhotoPage::wantsToOpen);
  buttons->addWidget(choose);
  if (!sample_.isEmpty()) {
    auto* shipped = new QPushButton(tr("Open the sample photo"));
    shipped->setObjectName(QStringLiteral("sample_photo"));
    connect(shipped, &QPushButton::clicked, this, &PhotoPage::openSample);
    buttons->addWidget(shipped);
  }
  column->addLayout(buttons);
  return empty_;
}

void PhotoPage::resizeEvent(QResizeEvent* event) {
  constexpr int kRoomy = 860;
  strip_->setLarge(height() >= kRoomy);
  Page::resizeEvent(event);
}

QWidget* PhotoPage::buildRight() {
  auto* tabs = new QTabWidget;
  tabs->setDocumentMode(true);
  inspector_ = new Inspector;
  layers_ = new LayersPanel(document_);
  auto* history = new HistoryPanel(history_);
  connect(history, &HistoryPanel::chosen, this, &PhotoPage::showHistory);
  comparison_ = new ResultComparison(canvas_, strip_, history_, document_, saver_, this);
  history->setComparable([this](const HistoryEntry& entry) { return comparison_->whyNot(entry); });
  connect(history, &HistoryPanel::compareWanted, comparison_, &ResultComparison::holdEntry);
  tabs->addTab(inspector_, tr("Watch"));
  tabs->addTab(layers_, tr("Layers"));
  tabs->addTab(history, tr("History"));
  return tabs;
}

void PhotoPage::connectDocument() {
  connect(canvas_, &Canvas::objectWanted, selection_, &ObjectSelection::select);
  connect(canvas_, &Canvas::objectStroke, selection_, &ObjectSelection::refine);
  connect(selection_, &ObjectSelection::nothingFound, this,
          [this] { Q_EMIT status(tr("No object was found there: draw a rectangle round it.")); });
  connect(canvas_, &Canvas::filesDropped, this, &PhotoPage::filesDropped);
  connect(canvas_, &Canvas::zoomChanged, this,
          [this](double share) { zoom_->setText(tr("%1 %").arg(share * 100, 0, 'f', share < 0.095 ? 1 : 0)); });
  connect(document_, &Document::maskChanged, this, [this] {
    if (document_->editingMask()) return;
    if (runs_->busy()) mask_changed_in_run_ = true;
    expect_.start();
    if (runs_->state() == PhotoRuns::State::Ready && !strip_->hasOutcome()) describePhoto();
    updateState();
    session_->remember();
  });
  for (const auto changed : {&Document::areaChanged, &Document::layersChanged}) {
    connect(document_, changed, this, [this] {
      updateState();
      expect_.start();
      session_->remember();
    });
  }
  connect(document_, &Document::photoChanged, this, [this] {
    expect_.start();
    Q_EMIT modifiedChanged(document_->unsaved());
  });
  connect(undo_, &QUndoStack::indexChanged, this, &PhotoPage::updateState);
}

void PhotoPage::connectRuns() {
  connect(runs_, &PhotoRuns::stateChanged, this, &PhotoPage::updateState);
  connect(runs_, &PhotoRuns::pausedChanged, this, [this](bool paused) {
    updateState();
    if (runs_->busy()) Q_EMIT status(paused ? tr("Paused.") : tr("Going on…"));
  });
  connect(runs_, &PhotoRuns::stateChanged, this, &PhotoPage::afterRun);
  connect(runs_, &PhotoRuns::photoRead, this, &PhotoPage::photoRead);
  connect(runs_, &PhotoRuns::photoOpened, this, &PhotoPage::photoOpened);
  connect(runs_, &PhotoRuns::estimated, panel_, &TaskPanel::setEstimate);
  connect(new FaceFinder(document_, this), &FaceFinder::found, panel_, &TaskPanel::setFaces);
  connect(runs_, &PhotoRuns::iterate, this, &PhotoPage::addFrame);
  connect(runs_, &PhotoRuns::finished, this, &PhotoPage::showOutcome);
  connect(runs_, &PhotoRuns::partFinished, this, [this](const QImage& image, const QRect& area) {
    finished_parts_.push_back({image, cv::Rect(area.x(), area.y(), area.width(), area.height())});
    canvas_->setFinished(finished_parts_);
  });
  connect(runs_, &PhotoRuns::expected, panel_, &TaskPanel::tellTime);
  expect_.setSingleShot(true);
  expect_.setInterval(400);
  connect(&expect_, &QTimer::timeout, this, [this] {
    // A large change that is still being made would be waited for; when it is there this is asked again.
    if (!document_->isEmpty() && !document_->settling()) runs_->expect(panel_->request());
  });
  connect(runs_, &PhotoRuns::failed, this, &PhotoPage::showMessage);
  connect(runs_, &PhotoRuns::loadingModel, this,
          [this](const QString& name) { Q_EMIT status(tr("Loading the model %1…").arg(name)); });
  connect(runs_, &PhotoRuns::notice, this, &PhotoPage::showNotice);
  connect(runs_, &PhotoRuns::discarded, this, &PhotoPage::runDiscarded);
  connect(buttons_, &RunButtons::run, this, &PhotoPage::startRun);
  connect(buttons_, &RunButtons::stop, runs_, &PhotoRuns::stopAndKeep);
  connect(buttons_, &RunButtons::discard, runs_, &PhotoRuns::discard);
  connect(buttons_, &RunButtons::pause, runs_, &PhotoRuns::setPaused);
}

void PhotoPage::connectPanels() {
  connect(panel_, &TaskPanel::taskChosen, this, [this] {
    canvas_->setMaskVisible(panel_->needsMask());
    if (!document_->isEmpty() && !strip_->hasOutcome() && !runs_->busy()) describePhoto();
    updateState();
  });
  connect(panel_, &TaskPanel::edited, session_, &PhotoSession::remember);
  connect(panel_, &TaskPanel::edited, &expect_, qOverload<>(&QTimer::start));
  connect(panel_, &TaskPanel::wantsPart, this, [this] { actions_["area"]->trigger(); });
  connect(panel_, &TaskPanel::wantsModels, this, &PhotoPage::wantsModels);
  connect(panel_, &TaskPanel::failed, this, &PhotoPage::showMessage);
  connect(panel_, &TaskPanel::presetNotWritten, this, [this](const QString& why) {
    message_->showMessage(tr("%1. The settings stay in the form.").arg(why), tr("Export them as a file…"),
                          [this] { panel_->choosePresetFile(); });
  });
  connect(timeline_, &Timeline::shown, this, &PhotoPage::showFrame);
  connect(timeline_, &Timeline::thinned, inspector_->plot(), &ResidualPlot::thin);
  connect(timeline_, &Timeline::branchWanted, this, &PhotoPage::branchHere);
  connect(inspector_, &Inspector::viewChanged, timeline_, &Timeline::showAgain);
  connect(inspector_->plot(), &ResidualPlot::picked, timeline_, &Timeline::goTo);
  connect(inspector_, &Inspector::intervalChanged, this, [this](int interval) {
    interval_ = interval;
    runs_->setPreviewInterval(interval);
  });
  connect(strip_, &SampleStrip::watched, runs_, &PhotoRuns::setWatched);
  connect(strip_, &SampleStrip::acceptWanted, this, &PhotoPage::acceptSample);
  connect(strip_, &SampleStrip::picked, this, [this](const QImage& image, const QString& legend) {
    iterate_shown_ = false;
    canvas_->setOverlay({image, strip_->outcome().area.rect});
    canvas_->setResultName(strip_->shownName());
    canvas_->setLegend(legend.isEmpty() ? QString() : QStringLiteral("0"), legend);
    updateState();
  });
  connect(strip_, &SampleStrip::favouritesChanged, this, [this](const std::set<int>& favourites) {
    if (!entry_.isEmpty()) history_->setFavourites(entry_, favourites);
  });
}

void PhotoPage::connectFiles() {
  connect(files_, &PhotoFiles::status, this, &PhotoPage::status);
  connect(files_, &PhotoFiles::failed, this, &PhotoPage::showMessage);
  connect(files_, &PhotoFiles::notWritten, this, [this](const QString& why) {
    Q_EMIT status(tr("The last action failed."));
    if (batch_->on())
      offerBatchFolder(why);
    else
      message_->showMessage(tr("%1. It is kept.").arg(why), tr("Save to another place…"),
                            [this] { files_->writeElsewhere(); });
  });
  connect(files_, &PhotoFiles::notice, this, &PhotoPage::showNotice);
  connect(files_, &PhotoFiles::saved, this, [this] { Q_EMIT modifiedChanged(document_->unsaved()); });
  connect(files_, &PhotoFiles::succeeded, message_, &MessageBar::settle);
  connect(files_, &PhotoFiles::savedInPlace, session_, &PhotoSession::layersAreInFile);
  connect(files_, &PhotoFiles::savedInPlace, this, [this] { file_replaced_ = true; });
  connect(session_, &PhotoSession::found, this, &PhotoPage::open);
  connect(session_, &PhotoSession::incomplete, message_,
          [this] { message_->showNotice(tr("The last session could be reopened only in part.")); });
  connect(history_, &History::failed, this, &PhotoPage::showMessage);
  connect(history_, &History::wasRead, this, &PhotoPage::showEntry);
  connect(history_, &History::removed, this, &PhotoPage::entryRemoved);
}

// ---- opening ----

QString PhotoPage::fileFilter() const {
  return tr("Photos (%1)").arg(QStringLiteral("*.png *.jpg *.jpeg *.tif *.tiff *.webp *.bmp *.heic *.heif *.avif"));
}

bool PhotoPage::canOpen(const QString& path) const {
  static const QStringList suffixes =
      QStringLiteral("png jpg jpeg tif tiff webp bmp heic heif avif").split(QLatin1Char(' '));
  return suffixes.contains(QFileInfo(path).suffix().toLower());
}

void PhotoPage::open(const QString& path) {
  Q_EMIT status(tr("Opening %1…").arg(QFileInfo(path).fileName()));
  runs_->openPhoto(path);
}

void PhotoPage::enter() {
  canvas_->setFocus();
  if (document_->isEmpty()) {
    Q_EMIT status(tr("Open a photo to begin."));
  } else {
    describePhoto();
  }
}

QString PhotoPage::title() const { return tr("Photos"); }

QString PhotoPage::toolBarTitle() const { return tr("Tools"); }

QWidget* PhotoPage::home() { return canvas_; }

void PhotoPage::showNotice(const QString& words) { message_->showNotice(words); }

void PhotoPage::modelsChanged() { panel_->fillModels(); }

bool PhotoPage::useModel(const QString& name) { return panel_->useModel(name); }

QWidget* PhotoPage::statusWidget() { return zoom_; }

void PhotoPage::openSample() {
  if (sample_.isEmpty()) return;
  sample_mask_pending_ = true;
  open(sample_);
}

bool PhotoPage::restoreSession() { return session_->read(); }

void PhotoPage::chooseWay(Way way) { panel_->chooseWay(way); }

void PhotoPage::photoOpened() {
  message_->hide();
  empty_->hide();
  timeline_->setVisible(true);
  strip_->show();
  session_->forgetFile();
  file_replaced_ = false;
  timeline_->clear();
  inspector_->clear();
  strip_->forget();
  iterate_shown_ = false;
  entry_.clear();
  canvas_->setOverlay({});
  canvas_->setLegend({}, {});
  const QSize size = document_->size();
  canvas_->setBrushSize(std::max(8, std::min(size.width(), size.height()) / 11));
  if (std::exchange(sample_mask_pending_, false) && document_->path() == sample_) {
    paintSampleMask();
    chooseWay(Way::Fill);
  }
  const QString name = !document_->path().isEmpty()   ? QFileInfo(document_->path()).fileName()
                       : !document_->name().isEmpty() ? document_->name()
                                                      : tr("Pasted picture");
  setWindowTitle(tr("%1[*] - MGDM Studio").arg(name));
  Q_EMIT modifiedChanged(document_->unsaved());
  Q_EMIT opened(document_->path() == sample_ ? QString() : document_->path());
  describePhoto();
  if (session_->apply()) {
    undo_->clear();
    if (const auto run = runs_->interrupted(); run && run->photo == QFileInfo(document_->path()).absoluteFilePath())
      message_->showNotice(tr("The program ended during a run, at step %1 of %2.").arg(run->step).arg(run->steps),
                           tr("Go on from there"), [this] { resumeInterrupted(); });
  }
  sayOfFile(name);
  if (const QString entry = std::exchange(wanted_entry_, {}); history_->indexOf(entry) >= 0)
    showHistory(history_->indexOf(entry));
  takeCell();
  updateState();
}

// A stroke across the sample, so that one click shows what the program does: the picture NAME_mask.png beside it.
void PhotoPage::paintSampleMask() {
  const QFileInfo file(sample_);
  const QImage mask(file.path() + '/' + file.completeBaseName() + QStringLiteral("_mask.png"));
  if (mask.size() == document_->size())
    document_->replaceMask(mask.convertToFormat(QImage::Format_Grayscale8), tr("sample mask"));
}

void PhotoPage::describePhoto() {
  const QSize size = document_->size();
  QString words = tr("%1 × %2 pixels").arg(size.width()).arg(size.height());
  if (document_->sixteenBit()) words += tr(", 16 bit");
  if (document_->hasAlpha()) words += tr(", with transparency");
  if (document_->hasProfile()) words += tr(", with a colour profile");
  Q_EMIT status(words + (panel_->needsMask() && document_->maskEmpty()
                             ? tr(". Paint what should be filled, then press Run.")
                             : tr(". Press Run to begin.")));
}

// ---- running and watching ----

void PhotoPage::startRun() {
  message_->hide();
  if (panel_->needsMask()) {
    if (!document_->areaIsWholePhoto() && cv::countNonZero(mask_view(document_->mask())(document_->area().rect)) == 0) {
      showMessage(tr("Nothing is painted inside the working area: paint there, or move the area to the paint."));
      return;
    }
  }
  if (runs_->busy()) {
    watchRun();
    if (!timeline_->frames().empty())
      pace_ = Pace{timeline_->frames().back().share, timeline_->frames().back().seconds};
    Q_EMIT status(tr("Going on with the new mask…"));
    runs_->goOnWithMask(panel_->request());
  } else {
    startFresh();
    pace_ = Pace{};
    Q_EMIT status(tr("Starting…"));
    runs_->setStopsToChoose(panel_->stopsToChoose() && !batch_->on());
    runs_->run(panel_->request());
  }
  updateState();
  canvas_->setFocus();  // Space pans while it is watched
}

// Before a run that nothing is kept of.
void PhotoPage::startFresh() {
  message_->hide();
  finished_parts_.clear();
  canvas_->setFinished({});
  canvas_->setOverlay({});
  timeline_->clear();
  inspector_->clear();
  strip_->clear();
  progress_->setValue(0);
  watchRun();
}

void PhotoPage::watchRun() {
  canvas_->setLegend({}, {});
  timeline_->follow(true);
  mask_changed_in_run_ = false;
  pace_.reset();
  entry_.clear();
  run_form_ = form();
  run_area_ = document_->area();
  run_input_ = areaThumbnail(run_area_.rect);
  canvas_->setRunMask(document_->mask());
}

QImage PhotoPage::areaThumbnail(const cv::Rect& r) const {
  const auto& pyramid = document_->pyramid();
  size_t level = 0;
  while (level + 1 < pyramid.size() && (std::min(r.width, r.height) >> (level + 1)) >= SampleStrip::kPictureHeight)
    ++level;
  const double shrink = 1.0 / (1 << level);
  return pyramid[level]
      .copy(QRectF(r.x * shrink, r.y * shrink, r.width * shrink, r.height * shrink).toRect())
      .convertToFormat(QImage::Format_RGB32);
}

void PhotoPage::branchHere() {
  const Frame* frame = timeline_->current();
  if (frame == nullptr || !timeline_->canBranch()) return;
  const bool same_number = static_cast<int>(frame->samples.size()) == panel_->samples();
  const BranchPoint from{frame->step, frame->gibbs, same_number ? -1 : frame->watched};
  pace_ = Pace{frame->share, frame->seconds};
  message_->hide();
  timeline_->endHere();  // what came after is another run's
  inspector_->plot()->clear();
  for (const Frame& f : timeline_->frames()) inspector_->plot()->append(f.residual, f.steps);
  timeline_->follow(true);
  mask_changed_in_run_ = false;
  entry_.clear();
  run_form_ = form();
  canvas_->setRunMask(document_->mask());
  Q_EMIT status(tr("Branching at step %1…").arg(from.step));
  runs_->branch(panel_->request(), from);
  updateState();
}

void PhotoPage::resumeInterrupted() {
  if (!runs_->interrupted() || runs_->busy()) return;
  startFresh();
  Q_EMIT status(tr("Going on with the interrupted run…"));
  runs_->resume(panel_->request());
  updateState();
}

void PhotoPage::addFrame(const Frame& frame) {
  if (frame.area != run_area_.rect) {
    run_area_ = {frame.area, frame.area.width, frame.area.height};
    run_input_ = areaThumbnail(frame.area);
  }
  if (timeline_->replaces(frame))
    inspector_->plot()->replaceLast(frame.residual);
  else
    inspector_->plot()->append(frame.residual, frame.steps * std::max(1, frame.gibbs) / std::max(1, interval_));
  timeline_->add(frame);
  strip_->showGrowing(frame, run_input_);
  strip_->setCanGoOn(3 * frame.step >= frame.steps);
  progress_->setValue(static_cast<int>(1000 * frame.share));
  const QString left = timeLeft(frame);
  QString words = tr("Step %1 of %2").arg(frame.step).arg(frame.steps);
  words += runs_->paused() ? tr(", paused") : left.isEmpty() ? QString() : QStringLiteral(", ") + left;
  if (frame.passes > 1) words = tr("Pass %1 of %2: %3").arg(frame.pass + 1).arg(frame.passes).arg(words);
  if (batch_->on()) words.prepend(tr("Photo %1 of %2: ").arg(batch_->number()).arg(batch_->count()));
  Q_EMIT status(words);
}

// From what this part of the run took for its own share; what it went on from was another's time.
QString PhotoPage::timeLeft(const Frame& frame) {
  if (!pace_) pace_ = Pace{frame.share, frame.seconds};
  const double done = frame.share - pace_->share;
  if (done <= 0) return {};
  return tr("%1 left").arg(aboutTime((frame.seconds - pace_->seconds) / done * (1 - frame.share)));
}

void PhotoPage::showFrame(const Frame& frame, int index) {
  const auto view = inspector_->view();
  canvas_->setOverlay({view == Inspector::View::Noisy ? frame.noisy
                       : view == Inspector::View::Residual && !frame.residual_map.isNull()
                           ? frame.residual_map
                           : frame.samples[static_cast<size_t>(frame.watched)],
                       frame.area});
  canvas_->setResultName(frame.linear ? tr("Step %1, preview").arg(frame.step) : tr("Step %1").arg(frame.step));
  if (view == Inspector::View::Residual) {
    canvas_->setLegend(QStringLiteral("0"), tr("%1 σ or more").arg(kResidualScale));
  } else {
    canvas_->setLegend({}, {});
  }
  inspector_->show(frame);
  inspector_->plot()->setCurrent(index);
  if (runs_->busy() || !strip_->showsOutcome()) return;
  iterate_shown_ = true;
  strip_->setIterate(frame.step);
  strip_->setRunning(false);
  actions_.enable({"accept"}, true);
}

void PhotoPage::runDiscarded() {
  iterate_shown_ = false;
  finished_parts_.clear();
  canvas_->setFinished({});
  canvas_->setRunMask({});
  canvas_->setOverlay({});
  canvas_->setLegend({}, {});
  timeline_->clear();
  inspector_->clear();
  strip_->showOutcomeAgain();
  Q_EMIT status(tr("Run discarded."));
}

// ---- what leaves the page ----

void PhotoPage::putShownIn() {
  if ((iterate_shown_ || strip_->sample() != nullptr) && !accepted_ && !strip_->outcome().enlarged) acceptSample();
}

void PhotoPage::copy() {
  if (document_->isEmpty() || runs_->busy()) return;
  putShownIn();
  QApplication::clipboard()->setImage(document_->picture());
  message_->settle();
  Q_EMIT status(tr("The photo with its results is in the clipboard."));
}

void PhotoPage::saveTo(const QString& file) {
  if (file.isEmpty()) return;
  putShownIn();                                  // what is seen is what is saved
  files_->save(file, strip_->outcome().record);  // settings and seed travel inside
}

void PhotoPage::showMessage(const QString& words) {
  if (!runs_->busy()) canvas_->setRunMask({});
  message_->showMessage(words);
  Q_EMIT status(tr("The last action failed."));
  updateState();
}

// ---- what can be done now ----

void PhotoPage::updateState() {
  using State = PhotoRuns::State;
  const State state = runs_->state();
  const bool running = runs_->busy(), mask_task = panel_->needsMask();
  const bool mask_missing = mask_task && document_->maskEmpty();
  const bool go_on = running && mask_task && mask_changed_in_run_ && !mask_missing;
  buttons_->setRun((state == State::Ready && !mask_missing) || go_on, go_on ? tr("Go on with the new mask") : tr("Run"),
                   state == State::Empty                   ? tr("Open a photo first.")
                   : mask_missing && state == State::Ready ? tr("Paint the part to fill first.")
                   : go_on ? tr("Continues from the present noise level with the mask as painted now.")
                           : tr("Run (Ctrl+Return)"));
  buttons_->setEnds(state == State::Running, running);
  buttons_->setPause(state == State::Running, runs_->paused());
  panel_->setRunning(running);
  layers_->setRunning(running);
  strip_->setRunning(running);
  timeline_->setRunning(running);
  progress_->setVisible(running);
  updateActions(running);
  if (state == State::Stopping) Q_EMIT status(tr("Stopping…"));
}

void PhotoPage::updateActions(bool running) {
  const bool open = !document_->isEmpty(), mask_task = panel_->needsMask(), paint = open && mask_task;
  actions_.enable({"select", "grow", "shrink", "feather"}, paint);
  actions_.enable({"brush", "eraser", "rectangle", "lasso", "fill", "invert", "clear", "import_mask", "export_mask"},
                  paint);
  brush_size_->setEnabled(paint);
  hardness_->setEnabled(paint);
  canvas_->setMaskVisible(mask_task);
  canvas_->setPaintable(paint);
  actions_.enable({"area", "save", "copy"}, open && !running);
  actions_.enable({"photo_compare"}, open);
  if (running && canvas_->tool() == Canvas::Tool::Area) actions_["brush"]->trigger();
  actions_.enable({"undo"}, undo_->canUndo() && (!running || !document_->undoChangesPhoto()));
  actions_.enable({"redo"}, undo_->canRedo() && !running);
  actions_.enable({"accept"}, !running && (strip_->selected() >= 0 || iterate_shown_));
  actions_.enable({"favourite"}, running || (strip_->selected() >= 0 && !iterate_shown_));
  actions_.enable({"export_run"}, !running && !strip_->outcome().record.isEmpty());
  actions_.enable({"branch"}, timeline_->canBranch());
}

}  // namespace mgdm::ui
