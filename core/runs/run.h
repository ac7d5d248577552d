// `Run`: the one flow from input to samples. The command line, the studio, the tests and the
// comparisons all run this.
//
//   RunRequest  what a person asked for: task, sampler, settings, prior, seed... (becomes run.json)
//   RunInput    the tensors it applies to: photo or observation, mask
//   Run         prior + problem + sampler, ready; `execute` blocks the calling thread
//
// Needs LibTorch only; reading and writing files is `core/media`'s.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>

#include "core/operators/tasks.h"
#include "core/runs/run_request.h"
#include "core/samplers/sampler.h"

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

  /// Blocks. The observer is called on this thread with every iterate. A request with a `branch` first
  /// repeats its parent up to that iterate, unobserved, unless `start` gives its state. Throws
  /// NumericalError.
  RunResult execute(const std::function<void(const Iterate&)>& observer = {}, std::stop_token stop = {},
                    const SamplerStart* start = nullptr) const;

  const RunRequest& request() const { return request_; }
  const Prior& prior() const { return *prior_; }
  const Task& task() const { return *task_; }
  const Settings& settings() const { return settings_; }  ///< the sampler's, complete
  const Likelihood& likelihood() const { return *likelihood_; }
  at::Tensor observation_image() const;  ///< [1, 3, h, w] on the CPU
  /// Where the observation is not met: |y - H(x)| in units of its noise, for a signal [1, 3, H, W], mean over
  /// the colours, [h, w] of the observation as people see it, on the CPU.
  at::Tensor residual_map(const at::Tensor& signal) const;
  /// The clean photo [1, 3, H, W], undefined if only an observation was given.
  const at::Tensor& reference() const { return reference_; }
  /// Puts the pixels that were given back where nothing was to be filled: with a painted mask on an
  /// observed photo the rest stays bit for bit. Else returns the signal [B, 3, H, W] as it is.
  at::Tensor keep_known(const at::Tensor& signal) const;

  /// The record that `--replay` takes: the complete request, versions, device, result figures.
  nlohmann::json record(const RunResult& result) const;

 private:
  SamplerStart repeat_parent(const std::stop_token& stop) const;

  std::shared_ptr<const Prior> prior_;
  RunRequest request_;
  const Task* task_;
  Settings settings_;
  std::unique_ptr<Sampler> sampler_;
  std::shared_ptr<const Likelihood> likelihood_;
  at::Tensor photo_, reference_, given_, hole_;  ///< `given_` and `hole_` only with a painted mask on an observed photo
  std::vector<int64_t> shape_;
};

/// Largest resident memory of this process so far, in bytes; 0 where unknown.
int64_t peak_memory_bytes();

}  // namespace mgdm
