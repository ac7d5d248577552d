#include "ui/jobs/job_controller.h"

#include <QMetaObject>

#include "core/runs/fall_back.h"
#include "core/threads/worker.h"

namespace mgdm::ui {

JobController::JobController(QObject* parent) : QObject(parent), worker_(std::make_unique<Worker>()) {}

JobController::~JobController() = default;

void JobController::Reply::operator()(std::function<void()> answer) const {
  QMetaObject::invokeMethod(
      to_,
      [to = to_, number = number_, answer = std::move(answer)] {
        if (number == to->number_) answer();
      },
      Qt::QueuedConnection);
}

void JobController::begin(State state, Job job, bool stop_others) {
  if (stop_others) worker_->stop();
  setPaused(false);
  ++number_;
  setState(state);
  post(std::move(job));
}

void JobController::post(Job job) {
  worker_->post(
      [reply = Reply(this, number_), job = std::move(job)](const std::stop_token& stop) { job(reply, stop); });
}

void JobController::setState(State state) {
  if (state == state_) return;
  state_ = state;
  if (state != State::Running) setPaused(false);
  Q_EMIT stateChanged(state);
}

void JobController::stopAndKeep() {
  if (state_ != State::Running) return;
  setState(State::Stopping);
  worker_->stop();
}

void JobController::discard() {
  if (!busy()) return;
  drop();
  Q_EMIT discarded();
}

void JobController::drop() {
  ++number_;
  worker_->stop();
  setState(State::Ready);
}

void JobController::setPaused(bool paused) {
  if (paused == paused_ || (paused && state_ != State::Running)) return;
  paused_ = paused;
  worker_->pause().set(paused);
  Q_EMIT pausedChanged(paused);
}

void JobController::end() { worker_.reset(); }

QString JobController::words(const FallBack& f) {
  const QString reason = QString::fromStdString(f.reason);
  switch (f.kind) {
    case FallBack::Kind::Float32:
      return tr("%1; trying again in float32.").arg(reason);
    case FallBack::Kind::FewerSamples:
      return tr("Out of memory: going on with %n sample(s).", nullptr, static_cast<int>(f.samples));
    default:
      return tr("The graphics card cannot do it (%1); going on with the processor.").arg(reason);
  }
}

}  // namespace mgdm::ui
