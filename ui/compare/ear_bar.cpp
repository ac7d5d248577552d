#include "ui/compare/ear_bar.h"

#include <ATen/ATen.h>

#include <QCheckBox>
#include <QComboBox>
#include <QDir>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QTimer>
#include <QToolButton>
#include <algorithm>
#include <cmath>

#include "core/compare/song_cells.h"
#include "core/media/player.h"
#include "core/threads/worker.h"
#include "ui/widgets/icons.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

constexpr int kTrueStem = -1, kMix = -2;
constexpr int kTick = 60;  // ms
enum Heard { TheCell, TheTrueStem, TheMix };

// One stem of [stems, channels, L], or their sum.
at::Tensor heard_of(const at::Tensor& stems, int stem) {
  const at::Tensor sound = sound_of(stems);
  return stem < 0 ? sound.sum(0) : sound[std::min<int64_t>(stem, sound.size(0) - 1)];
}

QString clock_of(double seconds) {
  const auto whole = static_cast<int>(seconds);
  return QStringLiteral("%1:%2").arg(whole / 60).arg(whole % 60, 2, 10, QLatin1Char('0'));
}

}  // namespace

EarBar::EarBar(QWidget* parent)
    : QWidget(parent), player_(std::make_unique<Player>()), reader_(std::make_unique<Worker>()) {
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(12, 6, 12, 6);
  row->setSpacing(10);
  play_ = new QToolButton;
  play_->setObjectName(QStringLiteral("ear_play"));
  play_->setIcon(icon(Symbol::Play));
  play_->setAccessibleName(tr("Play or pause"));
  play_->setToolTip(tr("Play or pause (Space); another cell takes over at the same place."));
  row->addWidget(play_);
  place_ = new QSlider(Qt::Horizontal);
  place_->setObjectName(QStringLiteral("ear_place"));
  place_->setAccessibleName(tr("Place in the song"));
  row->addWidget(place_, 1);
  time_ = new QLabel(QStringLiteral("0:00"));
  row->addWidget(time_);
  const auto label = [row](const QString& words, QWidget* of) {
    auto* named = new QLabel(words);
    named->setBuddy(of);  // on Linux a drop-down's name for a screen reader is its label's
    row->addWidget(named);
  };
  stem_ = new QComboBox;
  label(tr("Stem"), stem_);
  stem_->setObjectName(QStringLiteral("ear_stem"));
  stem_->setAccessibleName(tr("Which stem is heard"));
  row->addWidget(stem_);
  heard_ = new QComboBox;
  label(tr("Hear"), heard_);
  heard_->setObjectName(QStringLiteral("ear_heard"));
  heard_->setAccessibleName(tr("What is heard"));
  heard_->addItems({tr("the cell"), tr("the true stem"), tr("the mix")});
  row->addWidget(heard_);
  matched_ = new QCheckBox(tr("Same loudness"));
  matched_->setObjectName(QStringLiteral("ear_matched"));
  matched_->setToolTip(tr("All cells as loud as the softest, so that the louder one does not win for that alone."));
  row->addWidget(matched_);
  connect(play_, &QToolButton::clicked, this, &EarBar::togglePlay);
  connect(place_, &QSlider::sliderMoved, this, [this](int frame) { player_->seek(frame); });
  connect(stem_, &QComboBox::activated, this, [this] {
    stale_ = true;
    load(player_->playing());
  });
  connect(heard_, &QComboBox::activated, this, &EarBar::applyGains);
  connect(matched_, &QCheckBox::toggled, this, &EarBar::applyGains);
  auto* timer = new QTimer(this);
  timer->setInterval(kTick);
  connect(timer, &QTimer::timeout, this, &EarBar::tick);
  timer->start();
}

EarBar::~EarBar() { reader_.reset(); }

void EarBar::setCells(StoreCells* cells) {
  cells_ = cells;
  connect(cells, &Cells::reset, this, [this] {
    player_->pause();
    stale_ = true;
    describe();
  });
  connect(cells, &Cells::changed, this, [this](int cell) {
    if (cells_->cell(cell).state != Cells::State::Done) return;
    stale_ = true;
    if (stem_->count() == 0) describe();
  });
  describe();
}

void EarBar::describe() {
  const QSignalBlocker block(stem_);
  stem_->clear();
  for (int k = 0; k < cells_->count() && stem_->count() == 0; ++k) {
    const nlohmann::json record = cells_->record(k);
    if (!record.is_object() || !record.contains("stems")) continue;
    stem_->addItem(tr("all stems"), -1);
    int number = 0;
    for (const auto& name : record["stems"]) stem_->addItem(spoken(name.get<std::string>()), number++);
    stem_->setCurrentIndex(std::min(1, stem_->count() - 1));
  }
  play_->setEnabled(stem_->count() > 0);
}

bool EarBar::playing() const { return player_->playing(); }

void EarBar::setCurrent(int cell) {
  current_ = cell;
  const bool there = std::any_of(tracks_.begin(), tracks_.end(), [&](const Track& t) { return t.cell == cell; });
  if (!there && player_->playing()) return load(true);  // of another song, or finished since
  applyGains();
}

void EarBar::togglePlay() {
  if (player_->playing()) return player_->pause();
  if (stale_ || tracks_.empty()) return load(true);
  player_->play();
}

// Every cell that is done and as long as the current one becomes a track.
void EarBar::load(bool play) {
  if (cells_ == nullptr || current_ < 0 || cells_->cell(current_).state != Cells::State::Done) return;
  std::vector<std::pair<int, std::string>> wanted{
      {current_, cells_->comparison().cells[static_cast<size_t>(current_)].key}};
  for (int k = 0; k < cells_->count(); ++k) {
    if (k != current_ && cells_->cell(k).state == Cells::State::Done)
      wanted.emplace_back(k, cells_->comparison().cells[static_cast<size_t>(k)].key);
  }
  const int stem = stem_->currentData().toInt();
  reader_->stop();
  const auto read = [this, wanted, stem, play, number = ++number_,
                     folder = cells_->folder().toStdString()](const std::stop_token& stop) {
    Loaded loaded;
    try {
      const CellStore store(folder);
      int64_t channels = 0, length = 0;
      const auto add = [&](int cell, const at::Tensor& sound) {
        auto file = std::make_shared<PcmFile>(QDir::tempPath().toStdString(), static_cast<int>(channels), length);
        file->write(0,
                    (sound.size(0) == channels ? sound : sound.mean(0, true).expand({channels, length})).contiguous());
        loaded.tracks.push_back({cell, file, sound.square().mean().sqrt().item<double>()});
      };
      for (const auto& [cell, key] : wanted) {
        if (stop.stop_requested()) return;
        const auto result = store.read(key);
        if (!result || result->tensors.count("stems") == 0) continue;
        const at::Tensor sound = heard_of(result->tensors.at("stems"), stem);
        const int rate = static_cast<int>(std::lround(result->record.value("rate", 44100.0)));
        if (loaded.tracks.empty()) {
          channels = sound.size(0);
          length = sound.size(1);
          loaded.rate = rate;
          if (result->tensors.count("reference") > 0) add(kTrueStem, heard_of(result->tensors.at("reference"), stem));
          if (result->tensors.count("mix") > 0) add(kMix, sound_of(result->tensors.at("mix")));
        }
        if (sound.size(1) == length && rate == loaded.rate) add(cell, sound);
      }
    } catch (const std::exception& e) {
      loaded.problem = one_line(e);
    }
    QMetaObject::invokeMethod(
        this,
        [this, loaded, play, number] {
          if (number == number_) take(loaded, play);
        },
        Qt::QueuedConnection);
  };
  reader_->post(read);
}

void EarBar::take(const Loaded& loaded, bool play) {
  if (!loaded.problem.isEmpty()) return Q_EMIT failed(loaded.problem);
  if (loaded.tracks.empty()) return;
  const int64_t place = rate_ == loaded.rate ? player_->position() : 0;
  tracks_ = loaded.tracks;
  rate_ = loaded.rate;
  stale_ = false;
  std::vector<std::shared_ptr<const PcmFile>> files;
  for (const Track& track : tracks_) files.push_back(track.sound);
  player_->load(files, rate_);
  applyGains();
  const int64_t length = tracks_.front().sound->length();
  place_->setRange(0, static_cast<int>(length));
  if (place < length) player_->seek(place);
  if (play) player_->play();
  if (!player_->problem().empty()) Q_EMIT failed(text(player_->problem()));
}

float EarBar::gainOf(int cell) const {
  const int wanted = heard_->currentIndex() == TheTrueStem ? kTrueStem
                     : heard_->currentIndex() == TheMix    ? kMix
                                                           : current_;
  if (cell != wanted) return 0;
  if (!matched_->isChecked()) return 1;
  double softest = 0, own = 0;
  for (const Track& track : tracks_) {
    if (track.rms > 1e-6) softest = softest > 0 ? std::min(softest, track.rms) : track.rms;
    if (track.cell == cell) own = track.rms;
  }
  return own > 1e-6 ? static_cast<float>(softest / own) : 1;
}

void EarBar::applyGains() {
  for (size_t k = 0; k < tracks_.size(); ++k) player_->set_gain(k, gainOf(tracks_[k].cell));
}

void EarBar::tick() {
  play_->setIcon(icon(player_->playing() ? Symbol::Pause : Symbol::Play));
  if (rate_ == 0) return;
  const int64_t place = player_->position();
  if (!place_->isSliderDown()) place_->setValue(static_cast<int>(place));
  time_->setText(clock_of(static_cast<double>(place) / rate_));
}

}  // namespace mgdm::ui
