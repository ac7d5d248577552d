// The one background thread of the studio. Jobs run one after the other, at a lower priority than the
// window, so that the window stays smooth while all cores compute.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "core/threads/pause.h"

namespace mgdm {

/// `post` and `stop` may be called from any thread and never block on a job. The destructor stops the
/// running job, drops the waiting ones and joins.
class Worker {
 public:
  using Job = std::function<void(std::stop_token)>;
  Worker();
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void post(Job job);
  /// Asks the running job and the waiting ones to stop. Each is still called, with its token set, so
  /// that everyone who posted one gets an answer.
  void stop();
  /// While it is on, jobs wait where they call `wait_if_paused`.
  Pause& pause() { return pause_; }

 private:
  void loop();

  Pause pause_;
  std::mutex mutex_;
  std::condition_variable wake_;
  struct Waiting {
    Job job;
    std::stop_source stop;
  };
  std::deque<Waiting> jobs_;
  std::stop_source current_;
  bool quit_ = false;
  std::thread thread_;  // last: starts when everything else exists
};

}  // namespace mgdm
