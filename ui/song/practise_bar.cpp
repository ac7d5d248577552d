#include "ui/song/practise_bar.h"

#include <QDir>
#include <QFile>
#include <QSaveFile>
#include <QStandardPaths>
#include <QTimer>
#include <QVBoxLayout>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files/json_text.h"
#include "core/media/player.h"
#include "ui/jobs/saver.h"
#include "ui/song/beat_finder.h"
#include "ui/song/beat_row.h"
#include "ui/song/lanes.h"
#include "ui/song/loop_row.h"
#include "ui/song/tempo_row.h"
#include "ui/widgets/action_list.h"

namespace mgdm::ui {

namespace {

QString practice_folder() {
  return QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + QStringLiteral("/practice");
}

KeptPractice read_practice(const QString& path) {
  QFile file(path);
  if (path.isEmpty() || !file.open(QIODevice::ReadOnly)) return {};
  return practice_from(parse_json(file.readAll().toStdString()));
}

}  // namespace

PractiseBar::PractiseBar(Player* player, TimeAxis* axis, Saver* saver, QWidget* parent)
    : QWidget(parent),
      player_(player),
      axis_(axis),
      saver_(saver),
      timer_(new QTimer(this)),
      clock_(new QTimer(this)),
      finder_(new BeatFinder(this)),
      tempo_(new TempoRow),
      beats_(new BeatRow(axis)),
      loop_(new LoopRow(axis)) {
  setObjectName(QStringLiteral("practise"));
  setAttribute(Qt::WA_StyledBackground);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 6, 0, 6);
  column->setSpacing(4);
  for (QWidget* row : std::initializer_list<QWidget*>{tempo_, beats_, loop_}) column->addWidget(row);
  timer_->setSingleShot(true);
  timer_->setInterval(1000);
  connect(timer_, &QTimer::timeout, this, &PractiseBar::save);
  connect(tempo_, &TempoRow::changed, this, &PractiseBar::changed);
  connect(beats_, &BeatRow::changed, this, &PractiseBar::changed);
  connect(loop_, &LoopRow::changed, this, &PractiseBar::changed);
  connect(tempo_, &TempoRow::trainerStarted, this, &PractiseBar::loopWanted);
  connect(loop_, &LoopRow::chosen, this, &PractiseBar::loopWanted);
  connect(finder_, &BeatFinder::progress, beats_, &BeatRow::showFinding);
  connect(finder_, &BeatFinder::found, this, &PractiseBar::takeBeats);
  clock_->setInterval(100);
  connect(clock_, &QTimer::timeout, this, [this] {
    if (!tempo_->training() || !player_->playing()) return;
    tempo_->showHeard(player_->tempo());
    Q_EMIT trained(player_->tempo(), player_->pass());
  });
  clock_->start();
}

void PractiseBar::addActions(ActionList& actions) {
  actions.add("song_metronome", tr("Metronome"), Qt::Key_M, [this] { beats_->toggleMetronome(); });
  actions.add("song_slower", tr("Slower by 5 %"), Qt::Key_Comma, [this] { tempo_->changeTempo(-5); });
  actions.add("song_faster", tr("Faster by 5 %"), Qt::Key_Period, [this] { tempo_->changeTempo(5); });
  actions.add("song_loop_begin", tr("The loop begins here"), Qt::Key_BracketLeft, [this] { loop_->beginHere(); });
  actions.add("song_loop_end", tr("The loop ends here"), Qt::Key_BracketRight, [this] { loop_->endHere(); });
  actions.add("song_loop_keep", tr("Keep the loop with the song"), Qt::Key_K, [this] { loop_->keep(); });
}

void PractiseBar::setSong(const OpenedSong& song) {
  save();
  finder_->cancel();
  song_ = song;
  drums_ = nullptr;
  const QString id = practice_id(song.path);
  file_ = id.isEmpty() ? QString() : practice_folder() + '/' + id + QStringLiteral(".json");
  kept_ = read_practice(file_);
  tempo_->show(kept_.practice);
  beats_->show(kept_);
  loop_->show(kept_);
  hand();
}

void PractiseBar::songRead() {
  if (kept_.beats != KeptPractice::Beats::None || song_.mix == nullptr) return;
  in_drums_ = false;
  finder_->find(song_.mix, song_.mix, song_.sample_rate);
}

void PractiseBar::setStems(const SongTracks& stems) {
  const auto index = stems.names.indexOf(QStringLiteral("drums"));
  drums_ = index < 0 ? nullptr : stems.tracks[static_cast<size_t>(index)];
}

void PractiseBar::stemsFinished(int64_t begin, int64_t end) {
  const bool all = begin == 0 && end >= song_.length - song_.sample_rate;
  if (drums_ == nullptr || !all || kept_.beats == KeptPractice::Beats::Drums ||
      kept_.beats == KeptPractice::Beats::Person)
    return;
  in_drums_ = true;
  finder_->find(drums_, song_.mix, song_.sample_rate);
}

void PractiseBar::takeBeats(const BeatGrid& grid) {
  // What a person has corrected meanwhile stays, as does what the song told where the drums tell nothing.
  if (kept_.beats == KeptPractice::Beats::Person || (grid.beats.empty() && kept_.practice.beats)) return;
  if (grid.beats.empty() && in_drums_) return songRead();  // the song was not asked to the end
  kept_.practice.beats = grid.beats.empty() ? nullptr : std::make_shared<const BeatGrid>(grid);
  kept_.beats = in_drums_ ? KeptPractice::Beats::Drums : KeptPractice::Beats::Song;
  beats_->show(kept_);
  hand();
  timer_->start();
}

void PractiseBar::changed() {
  tempo_->putInto(kept_.practice);
  beats_->putInto(kept_);
  loop_->putInto(kept_);
  hand();
  timer_->start();
}

void PractiseBar::hand() {
  player_->set_practice(kept_.practice);
  Q_EMIT handed(kept_.practice);
  if (axis_->beats() != kept_.practice.beats.get()) axis_->setBeats(kept_.practice.beats);
}

void PractiseBar::save() {
  if (!timer_->isActive()) return;
  timer_->stop();
  if (file_.isEmpty()) return;
  saver_->post([file = file_, bytes = QByteArray::fromStdString(json_text(to_json(kept_)))] {
    QDir().mkpath(practice_folder());
    if (QSaveFile out(file); out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size()) out.commit();
  });
}

}  // namespace mgdm::ui
