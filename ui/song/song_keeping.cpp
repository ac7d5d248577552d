// What is kept of the song page, and what it asks before something would be lost.
#include <QDir>
#include <QFile>
#include <QMetaObject>
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
#include "ui/song/song_page.h"
#include "ui/song/song_panel.h"
#include "ui/song/stem_rows.h"
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
  saver_->post([file = folder_->path() + QStringLiteral("/song_session.json"),
                bytes = QByteArray::fromStdString(json_text(session(), 2))] {
    if (QSaveFile out(file); out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size()) out.commit();
  });
}

void SongPage::readSession() {
  QFile file(folder_->path() + QStringLiteral("/song_session.json"));
  if (!isEmpty() || !file.open(QIODevice::ReadOnly)) return;
  const auto session = parse_json(file.readAll().toStdString());
  if (!session.is_object() || !session.contains("song") || !session["song"].is_string()) return;
  const QString song = text(session["song"].get<std::string>());
  if (!QFile::exists(song)) return;
  session_ = std::make_unique<nlohmann::json>(session);
  openSong(song);
}

// After a song was opened: what the last session said of it, and the stems that were seen or are the newest.
void SongPage::applySession() {
  const auto session = std::exchange(session_, nullptr);
  QString stems;
  if (session != nullptr && session->value("song", std::string()) == song_.path.toStdString()) {
    applying_ = true;
    if (session->contains("form")) panel_->restore((*session)["form"]);
    applying_ = false;
    try {
      stems = text(session->value("stems", std::string()));
      player_->seek(session->value("playhead", int64_t{0}));
      tracks_session_ = std::make_unique<nlohmann::json>(session->value("tracks", nlohmann::json::object()));
    } catch (const nlohmann::json::exception&) {  // of another version
    }
  }
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

void SongPage::listKept() { panel_->setKept(kept_stems(runs_->kept(), song_.path), stems_); }

void SongPage::stemsReopened(const KeptStems& stems) {
  has_result_ = true;
  stems_ = stems.folder;
  if (const auto tracks = std::exchange(tracks_session_, nullptr)) rows_->restore(*tracks);
  rows_->setForming(stems.end);
  practise_->stemsFinished(stems.begin, stems.end);
  listKept();
  updateState();
  Q_EMIT status(tr("The stems that were made before are here again."));
  remember();
}

void SongPage::deleteKept(const KeptStems& stems) {
  if (ask(this, tr("Delete these stems?"), tr("Files that were exported stay."),
          {{"delete", tr("Delete")}, {"cancel", tr("Cancel")}}) != 0)
    return;
  QDir(stems.folder).removeRecursively();
  if (stems.folder == stems_) {
    stems_.clear();
    has_result_ = false;
    setStems({});
    updateState();
  }
  listKept();
  remember();
}

}  // namespace mgdm::ui
