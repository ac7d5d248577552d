// What all samplers share: the problem, the iterates they show, and how they are stopped.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "core/operators/likelihood.h"
#include "core/priors/prior.h"
#include "core/samplers/noise_source.h"

namespace mgdm {

/// Calls of the network: a backward pass counts one in `backward` and its forward one in `forward`.
struct NetworkEvaluations {
  int64_t forward = 0, backward = 0;
  double seconds = 0;  ///< spent in them; on a device that computes behind the caller's back, a lower bound
};

/// One state of a running sampler, in the prior's space. Tensors are shared, not copied: treat them
/// as read-only.
struct Iterate {
  int step = 0, steps = 0;  ///< outer step, counted from 1, of `steps`
  int gibbs = 0;            ///< Gibbs repetition within the step, counted from 1; 0 where there is none
  int t = 0;                ///< noise level of x_t
  std::vector<int> tau;     ///< the earlier times drawn (one, or one for each chain); empty where none
  at::Tensor x0;            ///< [B, ...] current clean estimate
  at::Tensor x_t;           ///< [B, ...] current noisy state
  double update = 0;        ///< rms change of the variational mean in this step, in units of its std
  NetworkEvaluations evaluations;
  double seconds = 0;  ///< since the run began, without pauses

  /// [B, signal...] x0 decoded, on the prior's device. Made when first asked for, on the caller's thread, and kept: ask
  /// while the observer runs.
  const at::Tensor& signal() const;
  /// Whether `signal()` was asked for already, or decoding costs next to nothing.
  bool decoded() const;
  /// [B] rms of (y - H(x0)) / sigma_y, on the CPU, made in the same way; undefined without an observation.
  const at::Tensor& residual() const;

  const Codec* codec = nullptr;            ///< of the run
  const Likelihood* likelihood = nullptr;  ///< of the run; nullptr: unconditional

 private:
  mutable at::Tensor signal_, residual_;
};

/// A state to go on from instead of pure noise: that of an iterate kept from another run.
struct SamplerStart {
  int t = 0;       ///< noise level of x_t, at least 2
  at::Tensor x_t;  ///< [B, ...]
  at::Tensor x0;   ///< [B, ...]
};

struct SamplerInput {
  const Prior& prior;
  const Likelihood* likelihood;  ///< nullptr: unconditional
  at::Tensor x_init;             ///< [B, ...] N(0, I), on the prior's device
  NoiseSource& noise;
  std::function<void(const Iterate&)> observer = {};  ///< called on the sampler's thread; may be empty
  std::stop_token stop = {};                          ///< polled between network evaluations
  const SamplerStart* start = nullptr;                ///< takes the place of `x_init`
};

/// For a sampler that walks down `levels` (descending): the index of the level to go on from when
/// starting at `start.t`, which takes that entry's place; 0 without a start.
size_t enter_levels(std::vector<int>& levels, const SamplerStart* start);

struct SamplerResult {
  at::Tensor x0;  ///< [B, ...] the samples, in the prior's space (the latest estimate if stopped)
  NetworkEvaluations evaluations;
  bool stopped = false;
};

class Sampler {
 public:
  virtual ~Sampler() = default;
  /// Throws NumericalError, OperatorError.
  virtual SamplerResult run(const SamplerInput& input) const = 0;
};

}  // namespace mgdm
