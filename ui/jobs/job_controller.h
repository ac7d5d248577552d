// Jobs of one kind on a thread of their own, of which only the newest is answered.
//
// Lives on the GUI thread; all its methods and signals are of that thread, only what is handed to `begin` and `post`
// runs on the worker. A class that derives from it calls `end` first in its destructor, so that no job outlives what
// it works on.
#pragma once
#include <QObject>
#include <QString>
#include <functional>
#include <memory>
#include <stop_token>

#include "core/threads/mailbox.h"

namespace mgdm {
class Worker;
}

namespace mgdm {
struct FallBack;
}

namespace mgdm::ui {

class JobController : public QObject {
  Q_OBJECT
 public:
  enum class State { Empty, Loading, Ready, Running, Stopping };
  explicit JobController(QObject* parent = nullptr);
  ~JobController() override;

  State state() const { return state_; }
  bool busy() const { return state_ == State::Running || state_ == State::Stopping; }
  /// Ends the job within one network evaluation; it keeps what there is and answers.
  void stopAndKeep();
  /// Ends it and forgets it.
  void discard();
  /// The job waits between two network evaluations, and the machine is free. Ending it, or another job, ends that.
  void setPaused(bool paused);
  bool paused() const { return paused_; }

 Q_SIGNALS:
  void pausedChanged(bool paused);
  void stateChanged(mgdm::ui::JobController::State state);
  void discarded();
  void failed(const QString& message);

 protected:
  /// What is said of a way out that was taken.
  static QString words(const FallBack& fall_back);
  /// From a job back to the GUI thread. What it is given is called there, in order, unless a newer job has begun.
  class Reply {
   public:
    void operator()(std::function<void()> answer) const;
    /// A picture of what is going on: the latest wins, and what the window has no time for is never shown. `slot` is
    /// one job's alone, so that nothing of another can lie in it.
    template <typename T>
    void latest(const std::shared_ptr<Mailbox<T>>& slot, T value, std::function<void(const T&)> show) const {
      if (!slot->put(std::move(value))) return;
      (*this)([slot, show = std::move(show)] {
        if (const auto newest = slot->take()) show(*newest);
      });
    }

   private:
    friend class JobController;
    Reply(JobController* to, quint64 number) : to_(to), number_(number) {}
    JobController* to_;
    quint64 number_;
  };
  using Job = std::function<void(const Reply&, const std::stop_token&)>;
  /// The job is the newest from now on; those before it are no longer answered, and told to stop if `stop_others`.
  void begin(State state, Job job, bool stop_others = true);
  /// Beside the newest job: runs after it and is answered as long as that one is the newest.
  void post(Job job);
  void setState(State state);
  /// Ends the newest job, and what it still sends is not shown.
  void drop();
  void end();

 private:
  State state_ = State::Empty;
  quint64 number_ = 0;  ///< of the newest job
  bool paused_ = false;
  std::unique_ptr<Worker> worker_;
};

}  // namespace mgdm::ui
