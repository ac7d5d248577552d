#include "core/threads/pause.h"

#include <utility>

namespace mgdm {

namespace {

thread_local Pause* heeded = nullptr;
thread_local std::function<void()> first_done;
thread_local double waited = 0;  // seconds, so far

double seconds_since(std::chrono::steady_clock::time_point then) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

}  // namespace

void Pause::set(bool on) {
  {
    const std::lock_guard lock(mutex_);
    on_ = on;
  }
  changed_.notify_all();
}

bool Pause::on() const {
  const std::lock_guard lock(mutex_);
  return on_;
}

void Pause::wait(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return !on_; });
}

void heed(Pause* pause) { heeded = pause; }

void before_waiting(std::function<void()> work) { first_done = std::move(work); }

void wait_if_paused(const std::stop_token& stop) {
  if (heeded == nullptr || !heeded->on()) return;
  const auto since = std::chrono::steady_clock::now();
  if (first_done) first_done();
  heeded->wait(stop);
  waited += seconds_since(since);
}

WorkClock::WorkClock() : started_(std::chrono::steady_clock::now()), waited_(waited) {}

double WorkClock::seconds() const { return seconds_since(started_) - (waited - waited_); }

}  // namespace mgdm
