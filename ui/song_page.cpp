#include "ui/song_page.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSettings>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QStackedWidget>
#include <QStyle>
#include <QTimer>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include "core/priors/catalogue.h"
#include "ui/icons.h"
#include "ui/panel.h"

namespace mgdm::ui {

namespace {

enum What { Separate, Denoise, Declip, Treble };
constexpr int kHeaderWidth = 176;

}  // namespace

QString songPatterns() { return QStringLiteral("*.wav *.flac *.ogg *.mp3 *.aif *.aiff *.opus"); }

bool isSong(const QString& path) {
  return songPatterns().split(' ').contains(QStringLiteral("*.") + QFileInfo(path).suffix().toLower());
}

SongPage::SongPage(const QString& sample, QWidget* parent)
    : QWidget(parent),
      controller_(new SongController(this)),
      player_(std::make_unique<Player>()),
      axis_(new TimeAxis(this)) {
  setAcceptDrops(true);
  action("song_play", tr("Play or pause"), Qt::Key_Space, [this] { play_->click(); });
  action("song_start", tr("To the beginning"), Qt::Key_Home, [this] {
    player_->seek(axis_->hasMark() ? axis_->markBegin() : 0);
  })->setIcon(icon(Symbol::ToStart));
  action("song_loop", tr("Repeat the marked part"), Qt::Key_L, [this] { loop_->toggle(); });
  action("song_original", tr("The song as it was, instead of its stems"), Qt::Key_A, [this] { original_->click(); });
  action("song_unmute", tr("Unmute all"), QKeySequence(Qt::SHIFT | Qt::Key_U), [this] {
    for (auto& row : rows_)
      if (row.mute) row.mute->setChecked(false);
  });
  action("song_unsolo", tr("End solo"), QKeySequence(Qt::SHIFT | Qt::Key_S), [this] {
    for (auto& row : rows_)
      if (row.solo) row.solo->setChecked(false);
  });
  action("song_fit", tr("Show the whole song"), Qt::Key_0, [this] { axis_->showAll(); });
  action("song_zoom_in", tr("Zoom in"), Qt::Key_Plus,
         [this] { axis_->zoomAt(static_cast<double>(axis_->playhead()), 1.5); });
  action("song_zoom_out", tr("Zoom out"), Qt::Key_Minus,
         [this] { axis_->zoomAt(static_cast<double>(axis_->playhead()), 1 / 1.5); });
  action("song_run_now", tr("Run"), QKeySequence(Qt::CTRL | Qt::Key_Return), [this] {
    if (run_->isEnabled()) start();
  });
  action("song_stop_now", tr("Stop and keep"), Qt::Key_Escape, [this] { controller_->stopAndKeep(); });
  action("song_export", tr("Export the stems…"), QKeySequence(Qt::CTRL | Qt::Key_E), [this] {
    if (export_->isEnabled()) chooseExport();
  })->setIcon(icon(Symbol::Save));

  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(0);
  row->addWidget(buildLeft());
  stack_ = new QStackedWidget;
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
  column->addStretch(1);
  stack_->addWidget(empty);
  stack_->addWidget(buildRight());
  auto* right = new QVBoxLayout;
  right->setSpacing(0);
  message_ = new QLabel;
  message_->setObjectName(QStringLiteral("song_message"));
  message_->setWordWrap(true);
  message_->setAccessibleName(tr("Message"));
  message_->hide();
  right->addWidget(message_);
  right->addWidget(stack_, 1);
  row->addLayout(right, 1);

  clock_ = new QTimer(this);
  clock_->setInterval(33);
  connect(clock_, &QTimer::timeout, this, &SongPage::updateTransport);
  clock_->start();

  connect(axis_, &TimeAxis::seek, this, [this](int64_t frame) {
    player_->seek(frame);
    axis_->setPlayhead(frame, false);
  });
  connect(axis_, &TimeAxis::markChanged, this, [this] {
    player_->set_loop(loop_->isChecked() ? axis_->markBegin() : 0, loop_->isChecked() ? axis_->markEnd() : 0);
    const QSignalBlocker block(part_);
    part_->setCurrentIndex(axis_->hasMark() ? 1 : 0);
    updateState();
  });
  connect(controller_, &SongController::stateChanged, this, &SongPage::updateState);
  connect(controller_, &SongController::opened, this, [this](const OpenedSong& song) {
    song_ = song;
    stems_ = {};
    has_result_ = false;
    message_->hide();
    axis_->setSong(song.length, song.sample_rate);
    makeRows({});
    scale_ = 0.01;  // the loudest sample fills its lane; all lanes are drawn alike
    for (const Peak& peak : song.peaks)
      scale_ = std::max({scale_, static_cast<double>(peak.high), -static_cast<double>(peak.low)});
    rows_[0].lane->setPeaks(song.peaks);
    loadPlayer(0);
    stack_->setCurrentIndex(1);
    if (song.clipping > 0) level_->setProperty("clip", song.clipping);
    describe();
    updateState();
    Q_EMIT status(tr("Mark a part by dragging over the song, or run on all of it."));
    Q_EMIT opened(song.path);
  });
  connect(controller_, &SongController::started, this, [this](const SongTracks& tracks) {
    stems_ = tracks;
    makeRows(tracks.names);
    rows_[0].lane->setPeaks(song_.peaks);
    for (size_t k = 1; k < rows_.size(); ++k) rows_[k].lane->setForming(0);
    loadPlayer(player_->position());
  });
  connect(controller_, &SongController::iterate, this, [this](const SongFrame& frame) {
    for (size_t k = 1; k < rows_.size() && k <= frame.stretch.peaks.size(); ++k)
      rows_[k].lane->update(frame.stretch.begin, frame.stretch.peaks[k - 1], frame.stretch.finished);
    progress_->setValue(static_cast<int>(1000 * frame.share));
    forming_->setText(tr("t %1, residual %2 σ").arg(frame.t).arg(frame.residual, 0, 'f', 1));
    const double left = frame.share > 0 ? frame.seconds / frame.share * (1 - frame.share) : 0;
    Q_EMIT status(tr("Part %1 of %2, step %3 of %4, %5 left")
                      .arg(frame.window)
                      .arg(frame.windows)
                      .arg(frame.step)
                      .arg(frame.steps)
                      .arg(timeText(left)));
  });
  connect(controller_, &SongController::stretch, this, [this](const SongStretch& stretch) {
    for (size_t k = 1; k < rows_.size() && k <= stretch.peaks.size(); ++k)
      rows_[k].lane->update(stretch.begin, stretch.peaks[k - 1], stretch.finished);
  });
  connect(controller_, &SongController::finished, this, [this](const SongOutcome& outcome) {
    has_result_ = outcome.end > outcome.begin;
    for (size_t k = 1; k < rows_.size(); ++k) rows_[k].lane->setForming(outcome.end);
    const double music = static_cast<double>(outcome.end - outcome.begin) / song_.sample_rate;
    forming_->clear();
    updateState();
    Q_EMIT status(!has_result_      ? tr("Stopped before the first part was finished.")
                  : outcome.stopped ? tr("Stopped; %1 of music are separated.").arg(timeText(music))
                                    : tr("Done: %1 of music in %2, %3 s for a second.")
                                          .arg(timeText(music), timeText(outcome.seconds))
                                          .arg(outcome.seconds / std::max(0.01, music), 0, 'f', 1));
  });
  connect(controller_, &SongController::discarded, this, [this] {
    stems_ = {};
    has_result_ = false;
    makeRows({});
    rows_[0].lane->setPeaks(song_.peaks);
    loadPlayer(player_->position());
    forming_->clear();
    updateState();
    Q_EMIT status(tr("Run discarded."));
  });
  connect(controller_, &SongController::exported, this,
          [this](const QString& folder) { Q_EMIT status(tr("Saved to %1.").arg(folder)); });
  connect(controller_, &SongController::failed, this, [this](const QString& words) {
    showMessage(words);
    updateState();
  });
  updateState();
}

SongPage::~SongPage() = default;

QAction* SongPage::action(const char* name, const QString& words, const QKeySequence& keys,
                          std::function<void()> slot) {
  auto* a = new QAction(words, this);
  a->setObjectName(QString::fromLatin1(name));
  a->setShortcut(keys);
  connect(a, &QAction::triggered, this, std::move(slot));
  addAction(a);
  actions_ << a;
  return a;
}

QColor SongPage::colourOf(const QString& name) const {
  static const std::pair<const char*, const char*> colours[] = {
      {"bass", "#4c9aff"}, {"drums", "#e8963a"}, {"guitar", "#4fb477"}, {"piano", "#b67be0"}, {"mix", "#4fb8b0"}};
  for (const auto& [known, colour] : colours) {
    if (name == QLatin1String(known)) return QColor(QLatin1String(colour));
  }
  return QColor(QStringLiteral("#8c96a3"));
}

QWidget* SongPage::buildLeft() {
  auto* content = new QWidget;
  content->setObjectName(QStringLiteral("left"));
  auto* column = new QVBoxLayout(content);
  column->setContentsMargins(16, 14, 16, 14);
  column->setSpacing(8);
  column->addWidget(heading(tr("Separate a song")));
  file_ = hint();
  column->addWidget(file_);
  what_ = new QComboBox;
  what_->setObjectName(QStringLiteral("song_what"));
  what_->setAccessibleName(tr("What to do"));
  what_->addItem(tr("Bass, drums, guitar, piano"));
  what_->addItem(tr("… and remove hiss"));
  what_->addItem(tr("… and undo clipping"));
  what_->addItem(tr("… and add lost treble"));
  column->addWidget(what_);
  help_ = hint();
  column->addWidget(help_);
  form_ = new QFormLayout;
  form_->setHorizontalSpacing(12);
  form_->setVerticalSpacing(7);
  level_ = new QDoubleSpinBox;
  level_->setObjectName(QStringLiteral("song_level"));
  level_->setAccessibleName(tr("Level"));
  form_->addRow(tr("Level"), level_);
  part_ = new QComboBox;
  part_->setObjectName(QStringLiteral("song_part"));
  part_->setAccessibleName(tr("Part"));
  part_->addItems({tr("Whole song"), tr("Marked part")});
  part_->setToolTip(tr("Drag over a lane to mark a part; an excerpt first saves time."));
  form_->addRow(tr("Part"), part_);
  model_ = new NarrowComboBox;
  model_->setObjectName(QStringLiteral("song_model"));
  model_->setAccessibleName(tr("Model"));
  form_->addRow(tr("Model"), model_);
  fillModels();
  preset_ = new QComboBox;
  preset_->setObjectName(QStringLiteral("song_preset"));
  preset_->setAccessibleName(tr("Quality"));
  for (const char* name : {"quick", "balanced", "best", "paper"}) preset_->addItem(QString::fromLatin1(name));
  preset_->setCurrentIndex(1);
  preset_->setToolTip(
      tr("quick, balanced, best: more steps and samples, more time. paper: the settings of the paper."));
  form_->addRow(tr("Quality"), preset_);
  samples_ = new QSpinBox;
  samples_->setObjectName(QStringLiteral("song_samples"));
  samples_->setAccessibleName(tr("Samples"));
  samples_->setRange(0, 64);
  samples_->setSpecialValueText(tr("By quality"));
  samples_->setToolTip(
      tr("Posterior samples; the stems are made from what they agree on. More are cleaner and take as many times "
         "longer."));
  form_->addRow(tr("Samples"), samples_);
  seed_ = new QSpinBox;
  seed_->setObjectName(QStringLiteral("song_seed"));
  form_->addRow(tr("Seed"), seedRow(seed_));
  column->addLayout(form_);
  keep_ = new QCheckBox(tr("Keep the rest apart"));
  keep_->setObjectName(QStringLiteral("song_keep"));
  keep_->setToolTip(
      tr("What no stem explains becomes a fifth track; else it is shared out, so that the stems add up to the song."));
  column->addWidget(keep_);
  run_ = new QPushButton(tr("Run"));
  run_->setObjectName(QStringLiteral("song_run"));
  stop_ = new QPushButton(tr("Stop and keep"));
  stop_->setObjectName(QStringLiteral("song_stop"));
  stop_->setToolTip(tr("Ends the run now and keeps what is finished (Esc)."));
  discard_ = new QPushButton(tr("Discard"));
  discard_->setObjectName(QStringLiteral("song_discard"));
  discard_->setToolTip(tr("Ends the run now and forgets it."));
  column->addSpacing(2);
  column->addWidget(run_);
  auto* ends = new QHBoxLayout;
  ends->addWidget(stop_);
  ends->addWidget(discard_);
  column->addLayout(ends);
  column->addSpacing(10);
  export_ = new QPushButton(icon(Symbol::Save), tr("Export the stems…"));
  export_->setObjectName(QStringLiteral("song_export_button"));
  export_->setToolTip(tr("Writes the tracks that are not muted, at the song's own rate, and run.json (Ctrl+E)."));
  format_ = new QComboBox;
  format_->setObjectName(QStringLiteral("song_format"));
  format_->setAccessibleName(tr("File format"));
  format_->addItem(QStringLiteral("WAV"), QStringLiteral("wav"));
  format_->addItem(QStringLiteral("FLAC"), QStringLiteral("flac"));
  format_->setCurrentIndex(std::max(0, format_->findData(QSettings().value(QStringLiteral("stem_format")))));
  connect(format_, &QComboBox::activated, this,
          [this] { QSettings().setValue(QStringLiteral("stem_format"), format_->currentData()); });
  auto* exports = new QHBoxLayout;
  exports->addWidget(export_, 1);
  exports->addWidget(format_);
  column->addLayout(exports);
  column->addStretch(1);
  connect(run_, &QPushButton::clicked, this, &SongPage::start);
  connect(stop_, &QPushButton::clicked, controller_, &SongController::stopAndKeep);
  connect(discard_, &QPushButton::clicked, controller_, &SongController::discard);
  connect(export_, &QPushButton::clicked, this, &SongPage::chooseExport);
  connect(what_, &QComboBox::currentIndexChanged, this, &SongPage::describe);
  connect(part_, &QComboBox::currentIndexChanged, this, [this](int index) {
    if (index == 1 && !axis_->hasMark()) {  // a first excerpt: ten seconds from where it plays
      axis_->setMark(axis_->playhead(), axis_->playhead() + 10ll * axis_->sampleRate());
    } else if (index == 0) {
      axis_->setMark(0, 0);
    }
  });
  auto* scroll = new QScrollArea;
  scroll->setWidget(content);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFixedWidth(300);
  return scroll;
}

QWidget* SongPage::buildRight() {
  auto* page = new QWidget;
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(0);
  auto* ruler = new QHBoxLayout;
  ruler->setSpacing(0);
  forming_ = hint();
  forming_->setFixedWidth(kHeaderWidth);
  forming_->setWordWrap(false);
  forming_->setContentsMargins(12, 0, 4, 0);
  ruler->addWidget(forming_);
  ruler->addWidget(new TimeRuler(axis_), 1);
  column->addLayout(ruler);
  auto* holder = new QWidget;
  lanes_ = new QVBoxLayout(holder);
  lanes_->setContentsMargins(0, 0, 0, 0);
  lanes_->setSpacing(1);
  auto* scroll = new QScrollArea;
  scroll->setWidget(holder);
  scroll->setWidgetResizable(true);
  column->addWidget(scroll, 1);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_->setRange(0, 1000);
  column->addWidget(progress_);
  column->addWidget(buildTransport());
  return page;
}

QWidget* SongPage::buildTransport() {
  auto* bar = new QWidget;
  bar->setObjectName(QStringLiteral("timeline"));
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(12, 6, 12, 6);
  row->setSpacing(8);
  const auto button = [&](QAction* a) {
    auto* b = new QToolButton;
    b->setDefaultAction(a);
    b->setIconSize(QSize(22, 22));
    row->addWidget(b);
    return b;
  };
  button(findChild<QAction*>("song_start"));
  play_ = new QToolButton;
  play_->setObjectName(QStringLiteral("song_play_button"));
  play_->setIcon(icon(Symbol::Play));
  play_->setIconSize(QSize(22, 22));
  play_->setAccessibleName(tr("Play"));
  play_->setToolTip(tr("Play or pause (Space)"));
  connect(play_, &QToolButton::clicked, this, [this] {
    if (player_->playing()) {
      player_->pause();
    } else {
      player_->play();
    }
    updateTransport();
  });
  row->addWidget(play_);
  loop_ = new QToolButton;
  loop_->setObjectName(QStringLiteral("song_loop_button"));
  loop_->setIcon(icon(Symbol::Loop));
  loop_->setIconSize(QSize(22, 22));
  loop_->setCheckable(true);
  loop_->setAccessibleName(tr("Repeat"));
  loop_->setToolTip(tr("Repeat the marked part (L)"));
  connect(loop_, &QToolButton::toggled, this, [this](bool on) {
    if (on && !axis_->hasMark()) axis_->setMark(0, axis_->length());
    player_->set_loop(on ? axis_->markBegin() : 0, on ? axis_->markEnd() : 0);
    if (on && (player_->position() < axis_->markBegin() || player_->position() >= axis_->markEnd()))
      player_->seek(axis_->markBegin());
  });
  row->addWidget(loop_);
  time_ = new QLabel;
  time_->setObjectName(QStringLiteral("song_time"));
  time_->setMinimumWidth(120);
  row->addWidget(time_);
  original_ = new QPushButton(tr("Original"));
  original_->setObjectName(QStringLiteral("song_original_button"));
  original_->setCheckable(true);
  original_->setChecked(true);
  original_->setToolTip(tr("Hear the song as it was instead of its stems, at the same place (A)"));
  connect(original_, &QPushButton::toggled, this, &SongPage::updateGains);
  row->addWidget(original_);
  row->addStretch(1);
  device_problem_ = hint();
  device_problem_->setObjectName(QStringLiteral("song_device_problem"));
  device_problem_->setWordWrap(false);
  device_problem_->hide();
  row->addWidget(device_problem_);
  device_ = new QComboBox;
  device_->setObjectName(QStringLiteral("song_device"));
  device_->setAccessibleName(tr("Sound device"));
  device_->setToolTip(tr("Where it is played"));
  device_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  device_->setMinimumContentsLength(16);
  device_->addItem(tr("System's choice"));
  connect(device_, &QComboBox::activated, this, [this](int index) {
    player_->set_device(index == 0 ? std::string() : device_->itemText(index).toStdString());
  });
  row->addWidget(device_);
  return bar;
}

SongPage::Row SongPage::makeRow(const QString& name, const QColor& colour) {
  Row row;
  row.name = name;
  row.widget = new QWidget;
  auto* line = new QHBoxLayout(row.widget);
  line->setContentsMargins(0, 0, 0, 0);
  line->setSpacing(0);
  auto* header = new QWidget;
  header->setFixedWidth(kHeaderWidth);
  auto* column = new QVBoxLayout(header);
  column->setContentsMargins(12, 6, 10, 6);
  column->setSpacing(4);
  const QString names[] = {tr("bass"),  tr("drums"),    tr("guitar"),
                           tr("piano"), tr("residual"), tr("mix")};  // for translation
  const QStringList known{QStringLiteral("bass"),  QStringLiteral("drums"),    QStringLiteral("guitar"),
                          QStringLiteral("piano"), QStringLiteral("residual"), QStringLiteral("mix")};
  QString shown = name.isEmpty() ? tr("Song") : known.contains(name) ? names[known.indexOf(name)] : name;
  shown.replace(0, 1, shown.left(1).toUpper());
  auto* top = new QHBoxLayout;
  top->setSpacing(4);
  auto* title = heading(shown);
  top->addWidget(title, 1);
  if (!name.isEmpty()) {
    const auto toggle = [&](const QString& letter, const QString& tip, const QString& kind) {
      auto* b = new QToolButton;
      b->setObjectName(QStringLiteral("lane"));
      b->setText(letter);
      b->setCheckable(true);
      b->setToolTip(tip);
      b->setAccessibleName(kind + ' ' + shown);
      b->setProperty("track", name);
      connect(b, &QToolButton::toggled, this, &SongPage::updateGains);
      top->addWidget(b);
      return b;
    };
    row.mute = toggle(tr("M", "mute"), tr("Mute (Shift+U unmutes all)"), tr("Mute"));
    row.solo = toggle(tr("S", "solo"), tr("Solo; several can be (Shift+S ends it)"), tr("Solo"));
    // The repaired song is the stems' sum: both at once would be twice the song.
    if (name == QStringLiteral("mix")) row.mute->setChecked(true);
  }
  column->addLayout(top);
  row.gain = new QSlider(Qt::Horizontal);
  row.gain->setRange(0, 150);
  row.gain->setValue(100);
  row.gain->setToolTip(tr("Loudness, 0 to 150 %"));
  row.gain->setAccessibleName(tr("Loudness of %1").arg(shown));
  connect(row.gain, &QSlider::valueChanged, this, &SongPage::updateGains);
  column->addWidget(row.gain);
  column->addStretch(1);
  line->addWidget(header);
  row.lane = new Lane(axis_, colour);
  row.lane->setAccessibleName(tr("Waveform of %1").arg(shown));
  line->addWidget(row.lane, 1);
  lanes_->addWidget(row.widget, 1);
  return row;
}

void SongPage::makeRows(const QStringList& names) {
  for (auto& row : rows_) {
    row.widget->hide();
    row.widget->deleteLater();
  }
  rows_.clear();
  rows_.push_back(makeRow({}, colourOf({})));
  for (const QString& name : names) rows_.push_back(makeRow(name, colourOf(name)));
}

void SongPage::describe() {
  if (!song_.path.isEmpty()) {
    file_->setText(tr("%1\n%2 Hz, %3, %4")
                       .arg(QFileInfo(song_.path).fileName())
                       .arg(song_.sample_rate)
                       .arg(song_.channels == 1 ? tr("mono") : tr("stereo"),
                            timeText(static_cast<double>(song_.length) / song_.sample_rate)));
  } else {
    file_->setText(tr("The model knows bass, drums, guitar and piano; anything else ends up in one of them."));
  }
  const int what = what_->currentIndex();
  const QString helps[] = {
      tr("The stems are made from posterior samples given the song; together they are the song."),
      tr("White noise of this strength (1 = full scale) stays out of the stems and of the mix."),
      tr("Peaks cut off at this level (1 = full scale) are made up; the rest of the mix stays as it is."),
      tr("Nothing is left of the song above this frequency; the mix gets new treble.")};
  help_->setText(helps[what]);
  level_->setSuffix({});
  if (what == Denoise) {
    level_->setDecimals(4);
    level_->setRange(0.0001, 0.5);
    level_->setSingleStep(0.001);
    level_->setValue(0.01);
  } else if (what == Declip) {
    level_->setDecimals(3);
    level_->setRange(0.01, 1.0);
    level_->setSingleStep(0.01);
    level_->setValue(song_.clipping > 0 ? song_.clipping : 0.9);
  } else if (what == Treble) {
    level_->setDecimals(0);
    level_->setRange(500, 10500);
    level_->setSingleStep(500);
    level_->setSuffix(tr(" Hz"));
    level_->setValue(4000);
  }
  form_->setRowVisible(level_, what != Separate);
  keep_->setVisible(what == Separate);
  updateState();
}

void SongPage::open(const QString& path) {
  message_->hide();
  player_->pause();
  Q_EMIT status(tr("Opening %1…").arg(QFileInfo(path).fileName()));
  controller_->open(path);
}

void SongPage::start() {
  message_->hide();
  SongWish wish;
  if (model_->currentIndex() >= 0) wish.model = model_->currentData().toString();
  wish.request.preset = preset_->currentText().toStdString();
  wish.request.samples = samples_->value();
  wish.request.seed = static_cast<uint64_t>(seed_->value());
  const int what = what_->currentIndex();
  wish.request.keep_residual = what == Separate && keep_->isChecked();
  if (what == Denoise) wish.hiss = level_->value();
  if (what == Declip) wish.clip = level_->value();
  if (what == Treble) wish.bandwidth = level_->value();
  if (axis_->hasMark() && part_->currentIndex() == 1) {
    wish.from = static_cast<double>(axis_->markBegin()) / song_.sample_rate;
    wish.to = static_cast<double>(axis_->markEnd()) / song_.sample_rate;
  }
  progress_->setValue(0);
  Q_EMIT status(tr("Loading the model…"));
  controller_->run(wish);
}

void SongPage::fillModels() {
  const QString before = model_->currentData().toString();
  model_->clear();
  for (const auto& card : list_priors()) {
    try {
      if (medium_of(card) != Medium::Music) continue;
    } catch (const ModelError&) {
      continue;
    }
    const QString name = QString::fromStdString(card.name);
    const int at = name == QLatin1String("band") ? 0 : model_->count();
    model_->insertItem(at, QString::fromStdString(card.label.empty() ? card.name : card.label), name);
    model_->setItemData(at, QString::fromStdString(card.description), Qt::ToolTipRole);
  }
  model_->setCurrentIndex(std::max(0, model_->findData(before)));
}

bool SongPage::useModel(const QString& name) {
  const int index = model_->findData(name);
  if (index >= 0) model_->setCurrentIndex(index);
  return index >= 0;
}

void SongPage::updateState() {
  using State = SongController::State;
  const State state = controller_->state();
  const bool busy = controller_->busy();
  run_->setEnabled(state == State::Ready);
  run_->setToolTip(state == State::Empty ? tr("Open a song first.") : tr("Run (Ctrl+Return)"));
  stop_->setEnabled(state == State::Running);
  discard_->setEnabled(busy);
  for (QWidget* widget : std::initializer_list<QWidget*>{what_, level_, part_, model_, preset_, samples_, seed_, keep_})
    widget->setEnabled(!busy);
  export_->setEnabled(!busy && has_result_);
  original_->setEnabled(rows_.size() > 1);
  progress_->setVisible(busy);
  if (state == State::Stopping) Q_EMIT status(tr("Stopping…"));
}

void SongPage::loadPlayer(int64_t position) {
  tracks_ = {song_.mix};
  tracks_.insert(tracks_.end(), stems_.tracks.begin(), stems_.tracks.end());
  const bool was_playing = player_->playing();
  player_->load(tracks_, song_.sample_rate);
  if (position > 0) player_->seek(position);
  {
    const QSignalBlocker block(original_);
    original_->setChecked(stems_.tracks.empty());
  }
  updateGains();
  if (loop_->isChecked()) player_->set_loop(axis_->markBegin(), axis_->markEnd());
  if (was_playing) player_->play();
}

void SongPage::updateGains() {
  const bool original = original_->isChecked() || rows_.size() == 1;
  bool any_solo = false;
  for (const Row& row : rows_) any_solo = any_solo || (row.solo != nullptr && row.solo->isChecked());
  for (size_t k = 0; k < rows_.size(); ++k) {
    const Row& row = rows_[k];
    const double gain = row.gain->value() / 100.0;
    const bool heard = k == 0 ? original : !original && (any_solo ? row.solo->isChecked() : !row.mute->isChecked());
    player_->set_gain(k, heard ? static_cast<float>(gain) : 0.0f);
    row.lane->setHeard(gain / scale_, heard);
  }
}

void SongPage::updateTransport() {
  if (!isVisible()) return;
  const bool playing = player_->playing();
  if (play_->property("playing").toBool() != playing) {
    play_->setProperty("playing", playing);
    play_->setIcon(icon(playing ? Symbol::Pause : Symbol::Play));
  }
  if (isEmpty()) return;
  axis_->setPlayhead(player_->position(), playing);
  time_->setText(timeText(static_cast<double>(axis_->playhead()) / song_.sample_rate) + QStringLiteral(" / ") +
                 timeText(static_cast<double>(song_.length) / song_.sample_rate));
  if (device_->count() == 1 && player_->looked()) {
    for (const auto& name : player_->devices()) device_->addItem(QString::fromStdString(name));
    device_->setVisible(device_->count() > 1);
  }
  const QString problem = player_->looked() ? QString::fromStdString(player_->problem()) : QString();
  if (problem != device_problem_->property("words").toString()) {
    device_problem_->setProperty("words", problem);
    device_problem_->setText(problem.contains(QStringLiteral("no sound device"))
                                 ? tr("No sound device: everything but listening works.")
                                 : problem);
    device_problem_->setVisible(!problem.isEmpty());
  }
}

void SongPage::showMessage(const QString& words, bool note) {
  message_->setProperty("note", note);
  message_->style()->polish(message_);
  message_->setText(words);
  message_->show();
  Q_EMIT status(tr("The last action failed."));
}

void SongPage::chooseExport() {
  QFileDialog dialog(this, tr("Folder for the stems"),
                     QSettings().value(QStringLiteral("folder"), QDir::homePath()).toString());
  dialog.setFileMode(QFileDialog::Directory);
  dialog.setOption(QFileDialog::ShowDirsOnly);
  if (dialog.exec() == 0 || dialog.selectedFiles().isEmpty()) return;
  exportTo(dialog.selectedFiles().first() + '/' + QFileInfo(song_.path).completeBaseName() + tr("_stems"),
           format_->currentData().toString());
}

void SongPage::exportTo(const QString& folder, const QString& suffix) {
  QStringList names;
  for (const Row& row : rows_) {
    if (!row.name.isEmpty() && (row.name == QStringLiteral("mix") || !row.mute->isChecked())) names << row.name;
  }
  if (names.isEmpty()) {
    showMessage(tr("All stems are muted, so there is nothing to export."));
    return;
  }
  Q_EMIT status(tr("Saving %1…").arg(folder));
  controller_->exportTo(folder, names, suffix);
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
