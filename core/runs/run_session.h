// The runs of one thread, one after the other: what makes a run survive real life. A model that gives no numbers in
// bfloat16 is asked in float32, memory that is short is met with fewer samples, a GPU that fails with the processor;
// each told and recorded. And what a run leaves behind: its iterates, from which another can go on.
//
// Blocks the calling thread; throws `Error`s; knows no window and no files but the state file.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/runs/fall_back.h"
#include "core/runs/model_pool.h"
#include "core/runs/run.h"
#include "core/runs/run_input.h"
#include "core/runs/run_record.h"
#include "core/runs/run_state.h"
#include "core/runs/trajectory.h"

namespace mgdm {

struct RunPolicy {
  FallBackPolicy fall_back;  ///< with the place where models compute
  std::filesystem::path
      state_file;  ///< the newest iterate while a run is on, every two seconds at most; empty: nowhere
  int64_t trajectory_bytes = 512ll << 20;
  /// Asked when a run was stopped: whether its state stays in `state_file`, to be gone on with another time. Empty: no.
  std::function<bool()> suspended;
};

/// All called on the session's thread; any may be empty.
struct RunObserver {
  std::function<void(const std::string& model)> loading;
  std::function<void(const FallBack&)> notice;
  /// Before the first iterate of each attempt.
  std::function<void(const Run&, const RunInput&)> begun;
  /// Steps, evaluations and seconds go on from where the run went on from.
  std::function<void(const Run&, const Iterate&)> iterate;
};

/// Where a run goes on from.
struct BranchPoint {
  int step = 0, gibbs = 0;
  int sample = -1;  ///< -1: each sample from its own state
  /// Not empty: these samples alone, each from its own state, and no others; `sample` is of no meaning then.
  std::vector<int> samples = {};
};

/// What is already known of a signal, roughly.
struct Guess {
  at::Tensor signal;  ///< [B, ...] on the CPU, of the input's size; B is the request's `samples`
  double sigma = 0;   ///< standard deviation of the noise below which nothing is known
};

struct SessionResult {
  std::shared_ptr<const Run> run;  ///< what really ran, after any fall-back
  RunInput input;
  RunResult result;
  RecordContext context;  ///< for `run_record`
};

class RunSession {
 public:
  /// `pool` outlives the session.
  explicit RunSession(ModelPool& pool, RunPolicy policy = {});

  void set_policy(RunPolicy policy) { policy_ = std::move(policy); }

  /// A request with a `branch` (of a record) first repeats its parent up to that iterate, unobserved, with the parent's
  /// own model.
  SessionResult run(RunRequest request, InputSource& input, const RunObserver& observer = {},
                    std::stop_token stop = {});
  /// Goes on from an iterate of the newest run, with as many samples as it has, or as `from` names. Throws SettingError
  /// where that run was on another input or has no such sample, where the iterate is no longer kept, or where the two
  /// models do not share a space.
  SessionResult branch(const BranchPoint& from, RunRequest request, InputSource& input,
                       const RunObserver& observer = {}, std::stop_token stop = {});
  /// Goes on from the newest iterate of the newest run; from pure noise if there is none.
  SessionResult go_on(RunRequest request, InputSource& input, const RunObserver& observer = {},
                      std::stop_token stop = {});
  /// Starts from `guess` with noise added up to `sigma`: what is finer than that is drawn anew.
  SessionResult refine(const Guess& guess, RunRequest request, InputSource& input, const RunObserver& observer = {},
                       std::stop_token stop = {});
  /// Goes on from the state of an interrupted run.
  SessionResult resume(const RunState& state, RunRequest request, InputSource& input, const RunObserver& observer = {},
                       std::stop_token stop = {});

  /// The model that a run of that name would have now. Throws ModelError, SettingError.
  std::shared_ptr<const Prior> model(const std::string& name, const RunObserver& observer = {});

  const Trajectory& trajectory() const { return trajectory_; }
  void forget() { trajectory_.clear(); }

 private:
  /// A state to go on from, found once before the first attempt.
  struct Start {
    KeptIterate iterate;
    nlohmann::json request;  ///< of the run that it belongs to, complete
    std::string precision;   ///< that its model ran in
    int sample = -1;
    std::vector<int> samples = {};
    Guess guess = {};  ///< instead of all these
  };
  SessionResult attempt_all(RunRequest request, std::optional<Start> start, InputSource& input,
                            const RunObserver& observer, const std::stop_token& stop);
  SessionResult attempt(const RunRequest& request, const std::optional<Start>& start, InputSource& input,
                        const RunObserver& observer, const std::stop_token& stop);
  std::optional<Start> repeat_parent(const RunRequest& request, InputSource& input, const RunObserver& observer,
                                     const std::stop_token& stop);
  Start start_at(const KeptIterate& iterate, const BranchPoint& from) const;
  ModelPlace place_of(const std::string& model) const;
  bool fall_back(const std::exception& failure, RunRequest& request, bool samples_fixed, const RunObserver& observer);

  ModelPool& pool_;
  RunPolicy policy_;
  ModelPlace place_;                    // of the attempt that is on
  std::vector<FallBack> fall_backs_;    // of the run that is on
  std::set<std::string> only_float32_;  // models that gave no numbers in the faster type
  Trajectory trajectory_;               // of the newest run that has shown an iterate
  nlohmann::json trajectory_request_;
  std::string trajectory_precision_, trajectory_identity_;
};

}  // namespace mgdm
