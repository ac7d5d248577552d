// Work that waits for a person: between two network evaluations, with the machine free meanwhile.
#pragma once
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <utility>

namespace mgdm {

/// Any thread.
class Pause {
 public:
  void set(bool on);
  bool on() const;
  /// Blocks while it is on, or until `stop`.
  void wait(const std::stop_token& stop);

 private:
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool on_ = false;
};

/// This thread's work waits where `pause` is on, from now until it is told another; nullptr: never. A `Worker` does so
/// for its jobs.
void heed(Pause* pause);
/// `work` is done on this thread each time it is about to wait, until it is told another; empty: nothing. That takes no
/// time of a WorkClock's.
void before_waiting(std::function<void()> work);
/// The same as long as this lives.
class WhileWaiting {
 public:
  explicit WhileWaiting(std::function<void()> work) { before_waiting(std::move(work)); }
  ~WhileWaiting() { before_waiting({}); }
  WhileWaiting(const WhileWaiting&) = delete;
  WhileWaiting& operator=(const WhileWaiting&) = delete;
};
/// For whoever works long, where it may wait. Returns at once where nothing is paused.
void wait_if_paused(const std::stop_token& stop);

/// The time that this thread has worked since the clock was made, without what it has waited.
class WorkClock {
 public:
  WorkClock();
  double seconds() const;

 private:
  std::chrono::steady_clock::time_point started_;
  double waited_;
};

}  // namespace mgdm
