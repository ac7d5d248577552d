// What the photo page asks before something of it would be lost.
#include <QFileInfo>
#include <QMetaObject>
#include <utility>

#include "ui/photo/document.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/photo_session.h"
#include "ui/photo/sample_strip.h"
#include "ui/photo/timeline.h"
#include "ui/widgets/question.h"

namespace mgdm::ui {

void PhotoPage::photoRead(const ReadPhoto& read) {
  if (batch_->on() && !batch_->waiting()) {  // everything of the last one is saved
    runs_->take(read);
    return;
  }
  const auto again = [this, read] { photoRead(read); };
  if (mayEndRun(tr("A run is still on. Open another photo?"), {}, again)) {
    if (files_->mayLeave([this](const QString& file) { saveTo(file); })) {
      batch_->stop();  // one that waited
      runs_->take(read);
      return;
    }
  } else if (after_run_) {
    return;
  }
  Q_EMIT refused(read.photo->path);
  Q_EMIT status(tr("The open photo stays."));
}

bool PhotoPage::mayLeave() {
  const bool resumable = !document_->path().isEmpty();
  const auto close = [this] { window()->close(); };
  return mayEndRun(tr("A run is still on. Close the program?"), resumable ? tr("Close, go on another time") : QString(),
                   close) &&
         files_->mayLeave([this](const QString& file) { saveTo(file); });
}

// False: it goes on, or `then` is done when it has ended. `close_words`: for leaving it as it is.
bool PhotoPage::mayEndRun(const QString& question, const QString& close_words, const std::function<void()>& then) {
  if (!runs_->busy()) return true;
  const auto& frames = timeline_->frames();
  QString information = frames.empty() ? tr("It has only just begun.")
                                       : tr("It is at step %1 of %2.").arg(frames.back().step).arg(frames.back().steps);
  if (!close_words.isEmpty())
    information += ' ' + tr("What it has done is kept; it is offered when the program starts again.");
  QList<Answer> answers{{"stop_and_keep", tr("Stop and keep")},
                        {"discard_run", tr("Discard the run")},
                        {"keep_running", tr("Keep running")}};
  if (!close_words.isEmpty()) answers[1] = {"go_on_later", close_words};
  if (!close_words.isEmpty()) answers.swapItemsAt(0, 1);
  const int chosen = ask(this, question, information, answers);
  if (!runs_->busy()) return true;  // it has ended meanwhile
  const auto name = QLatin1String(answers[chosen].name);
  if (name == QLatin1String("stop_and_keep")) {
    after_run_ = then;
    runs_->setPaused(false);
    runs_->stopAndKeep();
    return false;
  }
  if (name == QLatin1String("discard_run")) runs_->discard();
  return name != QLatin1String("keep_running");
}

void PhotoPage::afterRun() {
  if (runs_->busy() || !after_run_) return;
  // Once what has come of it is shown and kept.
  QMetaObject::invokeMethod(this, std::exchange(after_run_, {}), Qt::QueuedConnection);
}

// The runs' worker is joined when they are destroyed; asking it to stop first keeps that short.
void PhotoPage::leave() {
  runs_->suspend();
  session_->save();
}

}  // namespace mgdm::ui
