// `Run`: the one flow from input to samples. The command line, the studio, the tests and the
// comparisons all run this.
//
//   RunRequest  what a person asked for: task, sampler, settings, prior, seed... (becomes run.json)
//   RunInput    the tensors it applies to: photo or observation, mask
//   Run         prior + problem + sampler, ready; `execute` blocks the calling thread
//
// Needs LibTorch only.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "core/runs/run_request.h"
#include "core/runs/sampling.h"

namespace mgdm {

struct RunResult {
  at::Tensor samples;   ///< [B, 3, H, W] float32 in the signal's space, on the CPU, not clamped; known pixels kept
  at::Tensor residual;  ///< [B] rms residual in units of sigma_y (undefined without likelihood)
  NetworkEvaluations evaluations;
  double seconds = 0;
  bool stopped = false;
};

class Run {
 public:
  /// `photo` [3, H, W] float32 in [-1, 1]: the clean photo, or with `request.observed` the observation
  /// (for the shrinking tasks [3, h, w]). `mask` [H, W], nonzero = fill; may be undefined. Checks
  /// everything. Throws SettingError, OperatorError.
  Run(std::shared_ptr<const Prior> prior, RunRequest request, const at::Tensor& photo, const at::Tensor& mask = {});

  /// Blocks. The observer is called on this thread with every iterate. `start`: goes on from there; a request with a
  /// `branch` needs it (`RunSession` finds it). Throws NumericalError.
  RunResult execute(const std::function<void(const Iterate&)>& observer = {}, std::stop_token stop = {},
                    const SamplerStart* start = nullptr) const;

  const RunRequest& request() const { return request_; }
  const Prior& prior() const { return *prior_; }
  const Task& task() const { return *task_; }
  const Settings& settings() const { return method_.settings; }  ///< the sampler's, complete
  const Problem& problem() const { return problem_; }

 private:
  std::shared_ptr<const Prior> prior_;
  RunRequest request_;
  const Task* task_;
  Problem problem_;
  Method method_;
  at::Tensor photo_;
};

}  // namespace mgdm
