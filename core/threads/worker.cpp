#include "core/threads/worker.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace mgdm {

Worker::Worker() : thread_([this] { loop(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    quit_ = true;
    jobs_.clear();
    current_.request_stop();
  }
  wake_.notify_all();
  thread_.join();
}

void Worker::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({std::move(job), std::stop_source()});
  }
  wake_.notify_one();
}

void Worker::stop() {
  const std::lock_guard lock(mutex_);
  for (auto& waiting : jobs_) waiting.stop.request_stop();
  current_.request_stop();
}

void Worker::loop() {
  // Threads that LibTorch starts from here inherit this.
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), 10);
  heed(&pause_);
  for (;;) {
    Job job;
    std::stop_token token;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return quit_ || !jobs_.empty(); });
      if (quit_) return;
      job = std::move(jobs_.front().job);
      current_ = jobs_.front().stop;
      jobs_.pop_front();
      token = current_.get_token();
    }
    job(token);
  }
}

}  // namespace mgdm
