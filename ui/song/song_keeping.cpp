// What is kept of the song page, and what it asks before something would be lost.
#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QMetaObject>
#include <QProgressBar>
#include <QSaveFile>
#include <QTimer>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/files/json_text.h"
#include "core/media/player.h"
#include "ui/jobs/saver.h"
#include "ui/jobs/session_folder.h"
#include "ui/song/lanes.h"
#include "ui/song/practise_bar.h"
#include "ui/song/song_history.h"
#include "ui/song/song_page.h"
#include "ui/song/song_panel.h"
#include "ui/song/stem_rows.h"
#include "ui/widgets/message_bar.h"
#include "ui/widgets/question.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

// ---- before something is lost ----

bool SongPage::mayLeave() {
  return mayEndRun(tr("A run is still on. Close the program?"), [this] { window()->close(); });
}

// False: it goes on, or `then` is done when it has ended.
bool SongPage::mayEndRun(const QString& question, const std::function<void()>& then) {
  if (!runs_->busy()) return true;
  const int chosen = ask(this, question, tr("What is finished of the stems can be kept."),
                         {{"stop_and_keep", tr("Stop and keep")},
                          {"discard_run", tr("Discard the run")},
                          {"keep_running", tr("Keep running")}});
  if (!runs_->busy()) return true;  // it has ended meanwhile
  if (chosen == 0) {
    after_run_ = then;
    runs_->setPaused(false);
    runs_->stopAndKeep();
    return false;
  }
  if (chosen == 1) runs_->discard();
  return chosen == 1;
}

void SongPage::afterRun() {
  if (runs_->busy() || !after_run_) return;
  // Once what has come of it is shown and kept.
  QMetaObject::invokeMethod(this, std::exchange(after_run_, {}), Qt::QueuedConnection);
}

void SongPage::leave() {
  runs_->suspend();
  player_->pause();
  saveSession();
}

// ---- the session ----

void SongPage::remember() {
  if (!isEmpty() && !applying_) timer_->start();
}

nlohmann::json SongPage::session() const {
  return {{"song", song_.path.toStdString()},
          {"form", panel_->session()},
          {"tracks", rows_->session()},
          {"stems", stems_.toStdString()},
          {"playhead", axis_->playhead()}};
}

void SongPage::saveSession() {
  timer_->stop();
  practise_->save();
  if (isEmpty() || applying_) return;
  saver_->post([files = QStringList{folder_->path() + QStringLiteral("/song_session.json"), settingsFile(song_.path)},
                bytes = QByteArray::fromStdString(json_text(session(), 2))] {
    for (const QString& file : files) {
      QDir().mkpath(QFileInfo(file).path());
      if (QSaveFile out(file); out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size()) out.commit();
    }
  });
}

// What is set for a song stays with it, whatever was opened since.
QString SongPage::settingsFile(const QString& song) const {
  const QByteArray name = QCryptographicHash::hash(song.toUtf8(), QCryptographicHash::Sha1).toHex();
  return runs_->kept() + QStringLiteral("/.settings/") + QString::fromLatin1(name) + QStringLiteral(".json");
}

namespace {

std::unique_ptr<nlohmann::json> read_settings(const QString& path) {
  QFile file(path);
  if (!file.open(QIODevice::ReadOnly)) return nullptr;
  const auto session = parse_json(file.readAll().toStdString());
  if (!session.is_object() || !session.contains("song") || !session["song"].is_string()) return nullptr;
  return std::make_unique<nlohmann::json>(session);
}

}  // namespace

void SongPage::readSession() {
  if (!isEmpty()) return;
  const auto session = read_settings(folder_->path() + QStringLiteral("/song_session.json"));
  if (session == nullptr) return;
  const QString song = text((*session)["song"].get<std::string>());
  if (QFile::exists(song)) openSong(song);
}

// After a song was opened: what was set for it, and the stems that are wanted, were seen or are the newest.
void SongPage::applySession() {
  const auto session = session_ != nullptr ? std::exchange(session_, nullptr) : read_settings(settingsFile(song_.path));
  QString stems;
  if (session != nullptr && session->value("song", std::string()) == song_.path.toStdString()) {
    applying_ = true;
    if (session->contains("form")) panel_->restore((*session)["form"]);
    applying_ = false;
    try {
      stems = text(session->value("stems", std::string()));
      const auto playhead = session->value("playhead", int64_t{0});
      if (!player_->playing() && player_->position() == 0) player_->seek(playhead);  // else a person is at it
      tracks_session_ = std::make_unique<nlohmann::json>(session->value("tracks", nlohmann::json::object()));
    } catch (const nlohmann::json::exception&) {  // of another version
    }
  }
  if (!wanted_stems_.isEmpty()) stems = std::exchange(wanted_stems_, {});
  listKept();
  const auto kept = kept_stems(runs_->kept(), song_.path);
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const KeptStems& k) { return k.folder == stems; });
  if (found != kept.end()) {
    runs_->showKept(*found);
  } else if (!kept.empty()) {
    runs_->showKept(kept.front());
  }
  remember();
}

void SongPage::listKept() {
  const std::vector<KeptStems> all = all_kept_stems(runs_->kept());
  for (SongHistory* history : {history_, start_history_}) history->fill(all, stems_);
  start_songs_->setVisible(!all.empty());
  std::vector<KeptStems> here = all;
  std::erase_if(here, [this](const KeptStems& stems) { return stems.song != song_.path; });
  panel_->setKept(here, stems_);
}

void SongPage::showStems(const KeptStems& stems) {
  if (stems.song == song_.path && !isEmpty()) {
    if (runs_->busy()) return;
    if (!stems.form.isEmpty()) {  // what made them
      applying_ = true;
      panel_->restore(parse_json(stems.form.toStdString()));
      applying_ = false;
    }
    runs_->showKept(stems);
    return;
  }
  wanted_stems_ = stems.folder;
  openSong(stems.song);
}

void SongPage::showOtherRun() {
  if (runs_->busy() || isEmpty()) return;
  const auto kept = kept_stems(runs_->kept(), song_.path);
  auto other = std::find_if(kept.begin(), kept.end(), [this](const KeptStems& k) { return k.folder == stems_before_; });
  if (other == kept.end())
    other = std::find_if(kept.begin(), kept.end(), [this](const KeptStems& k) { return k.folder != stems_; });
  if (other == kept.end()) {
    Q_EMIT status(tr("There is no other run of this song."));
    return;
  }
  showStems(*other);
}

// The stems that are shown from now on.
void SongPage::nowShown(const QString& folder) {
  if (!stems_.isEmpty() && folder != stems_) stems_before_ = stems_;
  stems_ = folder;
}

void SongPage::goOn(const KeptStems& stems) {
  if (runs_->busy()) return;
  const auto form = parse_json(stems.form.toStdString());
  applying_ = true;
  panel_->restore(form);
  applying_ = false;
  message_->hide();
  progress_->setValue(0);
  Q_EMIT status(tr("Loading the model…"));
  SongWish wish = panel_->wish();
  wish.form = stems.form;
  wish.go_on = stems;
  runs_->run(wish);
}

void SongPage::stemsReopened(const KeptStems& stems) {
  has_result_ = true;
  finished_begin_ = stems.begin;
  finished_end_ = stems.end;
  nowShown(stems.folder);
  if (const auto tracks = std::exchange(tracks_session_, nullptr)) rows_->restore(*tracks);
  rows_->setForming(stems.end);
  practise_->stemsFinished(stems.begin, stems.end);
  listKept();
  updateState();
  Q_EMIT status(tr("The stems that were made before are here again."));
  remember();
}

void SongPage::deleteKept(const std::vector<KeptStems>& stems) {
  if (stems.empty() || runs_->busy()) return;
  if (ask(this, stems.size() == 1 ? tr("Delete these stems?") : tr("Delete the stems of %1 runs?").arg(stems.size()),
          tr("The song and files that were exported stay."), {{"delete", tr("Delete")}, {"cancel", tr("Cancel")}}) != 0)
    return;
  for (const KeptStems& one : stems) {
    QDir(one.folder).removeRecursively();
    if (one.folder != stems_) continue;
    stems_.clear();
    has_result_ = false;
    setStems({});
    updateState();
  }
  listKept();
  remember();
}

}  // namespace mgdm::ui
