#include "ui/song/song_page.h"

#include <QAction>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStandardPaths>
#include <QTimer>
#include <QToolBar>
#include <QUrl>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files/json_text.h"
#include "core/media/player.h"
#include "core/media/sound_file.h"
#include "ui/jobs/saver.h"
#include "ui/song/lanes.h"
#include "ui/song/overview.h"
#include "ui/song/practise_bar.h"
#include "ui/song/song_before.h"
#include "ui/song/song_history.h"
#include "ui/song/song_panel.h"
#include "ui/song/song_scrubber.h"
#include "ui/song/stem_rows.h"
#include "ui/song/transport_bar.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/panel.h"
#include "ui/widgets/run_buttons.h"
#include "ui/widgets/side_panels.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QStringList patterns() {
  return {QStringLiteral("*.wav"), QStringLiteral("*.flac"), QStringLiteral("*.ogg"), QStringLiteral("*.mp3"),
          QStringLiteral("*.aif"), QStringLiteral("*.aiff"), QStringLiteral("*.opus")};
}

}  // namespace

SongPage::SongPage(const QString& sample, std::shared_ptr<const SessionFolder> folder, QWidget* parent)
    : Page(parent),
      runs_(new SongRuns(this)),
      player_(std::make_unique<Player>()),
      axis_(new TimeAxis(this)),
      folder_(std::move(folder)),
      saver_(new Saver(this)),
      timer_(new QTimer(this)) {
  runs_->setKept(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/songs"));
  timer_->setSingleShot(true);
  timer_->setInterval(1000);
  connect(timer_, &QTimer::timeout, this, &SongPage::saveSession);
  setAcceptDrops(true);
  buildActions();
  buttons_ = new RunButtons(QStringLiteral("song_"), tr("Ends the run now and keeps what is finished (Esc)."));
  panel_ = new SongPanel(axis_, buttons_);
  stack_ = new QStackedWidget;
  stack_->addWidget(buildEmpty(sample));
  stack_->addWidget(buildLanes());
  message_ = new MessageBar(QStringLiteral("song_message"), stack_);
  auto* middle = new QWidget;
  auto* right = new QVBoxLayout(middle);
  right->setContentsMargins(0, 0, 0, 0);
  right->setSpacing(0);
  right->addWidget(stack_, 1);
  right->addWidget(buildProgress());
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  sides_ = new SidePanels(name(), panel_, middle, buildHistory(), nullptr, SidePanels::Right);
  row->addWidget(sides_);
  connectAll();
  connectRuns();
  updateState();
}

SongPage::~SongPage() { saver_->finish(); }

// ---- building ----

void SongPage::buildActions() {
  actions_.add("song_play", tr("Play or pause"), Qt::Key_Space, [this] { transport_->clickPlay(); });
  actions_.add(
      "song_start", tr("To the beginning"), Qt::Key_Home,
      [this] { player_->seek(axis_->hasMark() ? axis_->markBegin() : 0); }, icon(Symbol::ToStart));
  actions_.add("song_loop", tr("Repeat the marked part"), Qt::Key_L, [this] { transport_->toggleLoop(); });
  actions_.add("song_original", tr("The song as it was, instead of its stems"), Qt::Key_A,
               [this] { transport_->clickOriginal(); });
  actions_.add("song_unmute", tr("Unmute all"), QKeySequence(Qt::SHIFT | Qt::Key_U), [this] { rows_->unmuteAll(); });
  actions_.add("song_unsolo", tr("End solo"), QKeySequence(Qt::SHIFT | Qt::Key_S), [this] { rows_->endSolo(); });
  actions_.add("song_fit", tr("Show the whole song"), Qt::Key_0, [this] { axis_->showAll(); });
  actions_.add("song_zoom_in", tr("Zoom in"), Qt::Key_Plus,
               [this] { axis_->zoomAt(static_cast<double>(axis_->playhead()), 1.5); });
  actions_.add("song_zoom_out", tr("Zoom out"), Qt::Key_Minus,
               [this] { axis_->zoomAt(static_cast<double>(axis_->playhead()), 1 / 1.5); });
  actions_.add("song_other_run", tr("The run that was seen before, at the same place"), Qt::Key_Y,
               [this] { showOtherRun(); });
  actions_.addSwitch("song_spectrogram", tr("Spectrograms instead of waveforms"), Qt::Key_G, icon(Symbol::Spectrogram),
                     [this](bool on) { axis_->showSpectrogram(on); });
  actions_.add(
      "song_taller", tr("Taller waveforms"), QKeySequence(Qt::CTRL | Qt::Key_Up), [this] { axis_->zoomHeight(1.5); },
      icon(Symbol::Taller));
  actions_.add(
      "song_flatter", tr("Flatter waveforms"), QKeySequence(Qt::CTRL | Qt::Key_Down),
      [this] { axis_->zoomHeight(1 / 1.5); }, icon(Symbol::Flatter));
  actions_.add("song_run_now", tr("Run"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] {
    if (buttons_->canRun()) start();
  });
  actions_.add("song_pause", tr("Pause, go on"), Qt::Key_P, [this] { runs_->setPaused(!runs_->paused()); });
  actions_.add("song_stop_now", tr("Stop and keep"), Qt::Key_Escape, [this] {
    if (runs_->state() == SongRuns::State::Loading) {
      cancelOpening();
    } else {
      runs_->stopAndKeep();
    }
  });
  actions_.add(
      "song_export", tr("Export…"), QKeySequence(Qt::CTRL | Qt::Key_E),
      [this] {
        if (panel_->canExport()) chooseExport(ExportDialog::Heard);
      },
      icon(Symbol::Save));
  actions_.add(
      "song_compare", tr("Compare settings…"), {}, [this] { compareSettings(); }, icon(Symbol::Compare));
}

QWidget* SongPage::buildEmpty(const QString& sample) {
  auto* empty = new QWidget;
  auto* column = new QVBoxLayout(empty);
  column->setSpacing(14);
  column->addStretch(1);
  auto* words = hint(tr("Open a song (WAV, FLAC, OGG, MP3) or drop it here."));
  words->setAlignment(Qt::AlignCenter);
  column->addWidget(words);
  auto* buttons = new QHBoxLayout;
  buttons->addStretch(1);
  auto* choose = new QPushButton(icon(Symbol::Open), tr("Open a song…"));
  connect(choose, &QPushButton::clicked, this, &SongPage::wantsToOpen);
  buttons->addWidget(choose);
  if (!sample.isEmpty()) {
    auto* shipped = new QPushButton(tr("Open the sample song"));
    shipped->setObjectName(QStringLiteral("sample_song"));
    connect(shipped, &QPushButton::clicked, this, [this, sample] { open(sample); });
    buttons->addWidget(shipped);
  }
  buttons->addStretch(1);
  column->addLayout(buttons);
  start_songs_ = new QWidget;
  auto* songs = new QVBoxLayout(start_songs_);
  songs->addWidget(heading(tr("Songs you have separated")));
  start_history_ = new SongHistory;
  start_history_->setFixedHeight(220);
  songs->addWidget(start_history_);
  start_songs_->setFixedWidth(520);
  auto* centred = new QHBoxLayout;
  centred->addStretch(1);
  centred->addWidget(start_songs_);
  centred->addStretch(1);
  column->addSpacing(18);
  column->addLayout(centred);
  column->addStretch(1);
  return empty;
}

QWidget* SongPage::buildHistory() {
  auto* side = new QWidget;
  side->setObjectName(QStringLiteral("left"));
  auto* column = new QVBoxLayout(side);
  column->setContentsMargins(12, 14, 12, 12);
  column->addWidget(heading(tr("History")));
  history_ = new SongHistory;
  column->addWidget(history_, 1);
  QLabel* help =
      hint(tr("Stems stay here until you delete them or they take more than %1 GB.").arg(kKeptStemBytes >> 30));
  column->addWidget(help);
  return side;
}

QWidget* SongPage::buildLanes() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* ruler = new QHBoxLayout;
  ruler->setSpacing(0);
  forming_ = hint();
  forming_->setFixedWidth(StemRows::kHeaderWidth);
  forming_->setWordWrap(false);
  forming_->setContentsMargins(12, 0, 4, 0);
  ruler->addWidget(forming_);
  ruler->addWidget(new TimeRuler(axis_), 1);
  column->addLayout(ruler);
  rows_ = new StemRows(axis_);
  auto* scroll = new QScrollArea;
  scroll->setWidget(rows_);
  scroll->setWidgetResizable(true);
  column->addWidget(scroll, 1);
  column->addWidget(buildView());
  column->addWidget(buildScrubber());
  transport_ = new TransportBar(player_.get(), axis_, actions_["song_start"]);
  buildPractising(column);
  column->addWidget(transport_);
  return page;
}

// Which part of the song the lanes show.
QWidget* SongPage::buildView() {
  auto* view = new QWidget;
  auto* column = new QVBoxLayout(view);
  column->setContentsMargins(StemRows::kHeaderWidth, 0, 0, 0);
  column->setSpacing(0);
  auto* bar = new QScrollBar(Qt::Horizontal);
  bar->setObjectName(QStringLiteral("song_scroll"));
  bar->setAccessibleName(tr("Part of the song"));
  column->addWidget(bar);
  overview_ = new Overview(axis_);
  column->addWidget(overview_);
  constexpr double kParts = 100000;  // a song's frames can be more than a scroll bar counts
  connect(axis_, &TimeAxis::viewChanged, bar, [this, bar] {
    const QSignalBlocker block(bar);
    const double length = static_cast<double>(axis_->length()), page = axis_->span() / length * kParts;
    bar->setRange(0, static_cast<int>(kParts - page));
    bar->setPageStep(std::max(1, static_cast<int>(page)));
    bar->setSingleStep(std::max(1, static_cast<int>(page / 10)));
    bar->setValue(static_cast<int>(axis_->begin() / length * kParts));
    bar->setVisible(axis_->span() < length);
  });
  connect(bar, &QScrollBar::valueChanged, this,
          [this](int value) { axis_->scrollTo(value / kParts * static_cast<double>(axis_->length())); });
  bar->hide();
  return view;
}

QWidget* SongPage::buildProgress() {
  progress_row_ = new QWidget;
  auto* row = new QHBoxLayout(progress_row_);
  row->setContentsMargins(12, 4, 12, 4);
  row->setSpacing(12);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  row->addWidget(progress_, 1);
  cancel_ = new QPushButton(tr("Cancel"));
  cancel_->setObjectName(QStringLiteral("song_cancel"));
  cancel_->setToolTip(tr("Stops opening; what is open stays open (Esc)."));
  row->addWidget(cancel_);
  connect(cancel_, &QPushButton::clicked, this, &SongPage::cancelOpening);
  return progress_row_;
}

void SongPage::connectAll() {
  connect(panel_, &SongPanel::edited, this, &SongPage::remember);
  connect(rows_, &StemRows::changed, this, &SongPage::remember);
  connect(panel_, &SongPanel::keptChosen, this, &SongPage::showStems);
  connect(panel_, &SongPanel::keptDeleted, this, [this](const KeptStems& stems) { deleteKept({stems}); });
  connect(panel_, &SongPanel::goOnWanted, this, &SongPage::goOn);
  for (SongHistory* history : {history_, start_history_}) {
    connect(history, &SongHistory::songChosen, this, &SongPage::open);
    connect(history, &SongHistory::stemsChosen, this, &SongPage::showStems);
    connect(history, &SongHistory::deletionWanted, this, &SongPage::deleteKept);
  }
  connect(buttons_, &RunButtons::run, this, &SongPage::start);
  connect(buttons_, &RunButtons::stop, runs_, &SongRuns::stopAndKeep);
  connect(buttons_, &RunButtons::discard, runs_, &SongRuns::discard);
  connect(buttons_, &RunButtons::pause, runs_, &SongRuns::setPaused);
  connect(panel_, &SongPanel::exportWanted, this, &SongPage::chooseExport);
  connect(rows_, &StemRows::changed, this, &SongPage::updateGains);
  connect(transport_, &TransportBar::originalToggled, this, &SongPage::updateGains);
}

void SongPage::connectRuns() {
  connect(runs_, &SongRuns::stateChanged, this, &SongPage::updateState);
  connect(runs_, &SongRuns::pausedChanged, this, [this](bool paused) {
    updateState();
    if (runs_->busy()) Q_EMIT status(paused ? tr("Paused.") : tr("Going on…"));
  });
  connect(runs_, &SongRuns::begun, this, &SongPage::songBegun);
  connect(runs_, &SongRuns::grown, this, &SongPage::songGrown);
  connect(runs_, &SongRuns::opened, this, &SongPage::songComplete);
  connect(runs_, &SongRuns::started, this, &SongPage::setStems);
  connect(runs_, &SongRuns::iterate, this, &SongPage::showFrame);
  connect(runs_, &SongRuns::stretch, rows_, &StemRows::take);
  connect(runs_, &SongRuns::spread, rows_, &StemRows::setSpread);
  connect(runs_, &SongRuns::finished, this, &SongPage::showOutcome);
  connect(runs_, &SongRuns::stateChanged, this, &SongPage::afterRun);
  connect(runs_, &SongRuns::reopened, this, &SongPage::stemsReopened);
  connect(runs_, &SongRuns::opening, this, [this](double share) {
    progress_->setRange(0, share < 0 ? 0 : 1000);
    progress_->setValue(static_cast<int>(1000 * share));
  });
  connect(runs_, &SongRuns::discarded, this, [this] {
    has_result_ = false;
    stems_.clear();
    listKept();
    setStems({});
    forming_->clear();
    updateState();
    Q_EMIT status(tr("Run discarded."));
  });
  connect(runs_, &SongRuns::exported, this, [this](const QStringList& files) {
    message_->settle();
    const QFileInfo first(files.value(0));
    Q_EMIT status(tr("Saved to %1.").arg(files.size() == 1 ? first.filePath() : first.path()));
  });
  connect(runs_, &SongRuns::notExported, this, [this](const QString& why) {
    message_->showMessage(tr("%1. The stems are kept.").arg(why), tr("Export to another folder…"), [this] {
      chooseExport(exported_.record.isEmpty() ? ExportDialog::Heard : ExportDialog::Stems);
    });
    Q_EMIT status(tr("The last action failed."));
  });
  connect(runs_, &SongRuns::summed, panel_, &SongPanel::setSum);
  connect(runs_, &SongRuns::notice, this, &SongPage::showNotice);
  connect(runs_, &SongRuns::failed, this, [this](const QString& words) {
    goBack();
    showMessage(words);
    updateState();
  });
}

// ---- as a page ----

QString SongPage::fileFilter() const { return tr("Songs (%1)").arg(patterns().join(' ')); }

bool SongPage::canOpen(const QString& path) const {
  return patterns().contains(QStringLiteral("*.") + QFileInfo(path).suffix().toLower());
}

void SongPage::fillToolBar(QToolBar* bar) {
  bar->addAction(actions_["song_export"]);
  bar->addSeparator();
  bar->addAction(actions_["song_compare"]);
  bar->addSeparator();
  for (const char* id : {"song_spectrogram", "song_taller", "song_flatter"}) bar->addAction(actions_[id]);
}

void SongPage::enter() {
  setFocus();
  Q_EMIT status(isEmpty() ? tr("Open a song to begin.") : QString());
  if (!std::exchange(session_read_, true)) {
    listKept();
    readSession();
  }
}

QString SongPage::title() const { return tr("Songs"); }

QString SongPage::toolBarTitle() const { return tr("Song tools"); }

void SongPage::modelsChanged() { panel_->fillModels(); }

bool SongPage::useModel(const QString& name) { return panel_->useModel(name); }

void SongPage::showNotice(const QString& words) { message_->showNotice(words); }

void SongPage::showMessage(const QString& words) {
  message_->showMessage(words);
  Q_EMIT status(tr("The last action failed."));
}

void SongPage::open(const QString& path) {
  wanted_stems_.clear();
  openSong(path);
}

void SongPage::openSong(const QString& path) {
  if (runs_->busy()) {  // a person is asked nothing for the sake of what cannot be opened
    try {
      SoundReader reader(path.toStdString(), {.downmix = true});
    } catch (const std::exception& e) {
      showMessage(one_line(e));
      return;
    }
  }
  if (!mayEndRun(tr("A run is still on. Open another song?"), [this, path] { openSong(path); })) return;
  saveSession();
  message_->hide();
  player_->pause();
  Q_EMIT status(tr("Opening %1…").arg(QFileInfo(path).fileName()));
  runs_->open(path);
}

// ---- the song and its stems ----

void SongPage::songOpened(const OpenedSong& song) {
  showSong(song);
  songRead();
}

void SongPage::showSong(const OpenedSong& song) {
  song_ = song;
  has_result_ = false;
  stems_.clear();
  stems_before_.clear();
  message_->hide();
  axis_->setSong(song.length, song.sample_rate);
  rows_->setSong(song.peaks);
  overview_->setPeaks(song.peaks);
  scrubber_->begin(nullptr, {}, 0, song.sample_rate);
  loadPlayer({}, 0);
  practise_->setSong(song);
  stack_->setCurrentIndex(1);
  panel_->setSong(song);
  setWindowTitle(tr("%1[*] - MGDM Studio").arg(QFileInfo(song.path).fileName()));
}

// All of the shown song is there.
void SongPage::songRead() {
  if (!song_.remarks.isEmpty()) showNotice(song_.remarks);
  panel_->setSong(song_);
  updateState();
  Q_EMIT status(tr("Mark a part by dragging over the song, or run on all of it."));
  Q_EMIT opened(song_.path);
  applySession();
  takeCell();
  practise_->songRead();
}

void SongPage::closeSong() {
  song_ = {};
  tracks_.clear();
  player_->load({}, song_.sample_rate);
  stack_->setCurrentIndex(0);
  setWindowTitle({});
  updateState();
}

void SongPage::cancelOpening() {
  runs_->cancelOpening();
  goBack();
  Q_EMIT status(tr("Opening was cancelled."));
}

void SongPage::setStems(const SongTracks& stems) {
  const nlohmann::json mixing = rows_->session();  // of tracks of the same names it stays
  rows_->setStems(stems.names);
  rows_->restore(mixing);
  panel_->setStems(rows_->stems());
  beginScrubbing();
  practise_->setStems(stems);
  loadPlayer(stems, player_->position());
}

void SongPage::loadPlayer(const SongTracks& stems, int64_t position) {
  tracks_ = {song_.mix};
  tracks_.insert(tracks_.end(), stems.tracks.begin(), stems.tracks.end());
  scrubber_->end();
  playTracks(tracks_, position);
  transport_->loaded(!stems.tracks.empty());
  updateGains();
}

void SongPage::playTracks(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int64_t position) {
  played_ = tracks;
  const bool was_playing = player_->playing();
  player_->load(tracks, song_.sample_rate);
  rows_->setTracks(tracks, song_.sample_rate);
  if (position > 0) player_->seek(position);
  transport_->keepLoop();
  updateGains();
  if (was_playing) player_->play();
}

void SongPage::updateGains() { rows_->applyTo(*player_, transport_->original()); }

void SongPage::start() {
  message_->hide();
  progress_->setValue(0);
  Q_EMIT status(tr("Loading the model…"));
  if (!stems_.isEmpty()) stems_before_ = std::exchange(stems_, {});  // after a crash the newest are shown
  SongWish wish = panel_->wish();
  wish.form = text(json_text(panel_->session()));
  runs_->run(wish);
}

void SongPage::showFrame(const SongFrame& frame) {
  rows_->take(frame.stretch);
  progress_->setValue(static_cast<int>(1000 * frame.share));
  forming_->setText(tr("t %1, residual %2 σ").arg(frame.t).arg(frame.residual, 0, 'f', 1));
  const double left = frame.share > 0 ? frame.seconds / frame.share * (1 - frame.share) : 0;
  Q_EMIT status(tr("Part %1 of %2, step %3 of %4, %5 left")
                    .arg(frame.window)
                    .arg(frame.windows)
                    .arg(frame.step)
                    .arg(frame.steps)
                    .arg(timeText(left)));
}

void SongPage::showOutcome(const SongOutcome& outcome) {
  has_result_ = outcome.end > outcome.begin;
  finished_begin_ = outcome.begin;
  finished_end_ = outcome.end;
  nowShown(outcome.folder);
  message_->settle();
  listKept();
  remember();
  rows_->setForming(outcome.end);
  practise_->stemsFinished(outcome.begin, outcome.end);
  const double music = static_cast<double>(outcome.end - outcome.begin) / song_.sample_rate;
  forming_->clear();
  updateState();
  Q_EMIT status(!has_result_      ? tr("Stopped before the first part was finished.")
                : outcome.stopped ? tr("Stopped; %1 of music are separated.").arg(timeText(music))
                                  : tr("Done: %1 of music in %2, %3 s for a second.")
                                        .arg(timeText(music), timeText(outcome.seconds))
                                        .arg(outcome.seconds / std::max(0.01, music), 0, 'f', 1));
}

void SongPage::updateState() {
  using State = SongRuns::State;
  const State state = runs_->state();
  const bool busy = runs_->busy();
  buttons_->setRun(state == State::Ready, tr("Run"),
                   before_                 ? tr("A run can begin once all of the song is read.")
                   : state == State::Empty ? tr("Open a song first.")
                                           : tr("Run (Ctrl+Return)"));
  buttons_->setEnds(state == State::Running, busy);
  buttons_->setPause(state == State::Running, runs_->paused());
  const bool loading = state == State::Loading;
  panel_->setState(busy, has_result_ && !loading);
  actions_.enable({"song_compare"}, !isEmpty());
  progress_row_->setVisible(busy || loading);
  cancel_->setVisible(loading);
  if (!loading) progress_->setRange(0, 1000);
  if (state == State::Stopping) Q_EMIT status(tr("Stopping…"));
}

// ---- files ----

ExportSource SongPage::exportSource() const {
  const auto words = [this](const QString& what, int64_t begin, int64_t end) {
    const auto at = [this](int64_t frame) { return timeText(static_cast<double>(frame) / song_.sample_rate); };
    return QStringLiteral("%1 (%2–%3)").arg(what, at(begin), at(end));
  };
  ExportSource source;
  source.song = song_.path;
  source.stems = rows_->stems();
  source.heard = rows_->heard();
  source.whole = words(tr("All that is separated"), finished_begin_, finished_end_);
  if (axis_->hasMark() && axis_->markBegin() < finished_end_ && axis_->markEnd() > finished_begin_) {
    source.mark_begin = std::max(finished_begin_, axis_->markBegin());
    source.mark_end = std::min(finished_end_, axis_->markEnd());
    source.marked = words(tr("Marked part"), source.mark_begin, source.mark_end);
  }
  return source;
}

void SongPage::chooseExport(ExportDialog::What what, const QString& stem) {
  ExportDialog dialog(exportSource(), what, stem, this);
  if (dialog.exec() == QDialog::Accepted) exportTo(dialog.wish());
}

void SongPage::exportTo(const SoundExport& wish) {
  if (wish.files.empty()) return;
  exported_ = wish;
  Q_EMIT status(tr("Saving %1…").arg(wish.files.front().path));
  runs_->exportTo(wish);
}

void SongPage::dragEnterEvent(QDragEnterEvent* event) {
  if (event->mimeData()->hasUrls()) event->acceptProposedAction();
}

void SongPage::dropEvent(QDropEvent* event) {
  QStringList paths;
  for (const QUrl& url : event->mimeData()->urls()) {
    if (url.isLocalFile()) paths << url.toLocalFile();
  }
  if (!paths.isEmpty()) Q_EMIT filesDropped(paths);
}

}  // namespace mgdm::ui
