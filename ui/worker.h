// The one background thread of the studio. Jobs run one after the other, at a lower priority than the
// window, so that the window stays smooth while all cores compute.
#pragma once
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace mgdm::ui {

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
  /// Asks the running job to stop and drops the waiting ones.
  void stop();

 private:
  void loop();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::stop_source current_;
  bool quit_ = false;
  std::thread thread_;  // last: starts when everything else exists
};

}  // namespace mgdm::ui
