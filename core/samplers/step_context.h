// The bookkeeping common to samplers: counted network calls, stopping, iterates. Private to
// core/samplers.
#pragma once
#include "core/diffusion/bridge.h"
#include "core/samplers/sampler.h"
#include "core/threads/pause.h"

namespace mgdm {

/// Thrown inside a sampler when the stop token is set; never leaves `Sampler::run`.
struct Stopped {};

class StepContext {
 public:
  explicit StepContext(const SamplerInput& input);

  /// x0hat(x, t) without gradient. Throws Stopped, NumericalError.
  at::Tensor denoise(const at::Tensor& x, const Levels& levels);
  /// E[x_0 | x] for x = x_0 + sigma n, without gradient, at any sigma. Throws Stopped, NumericalError.
  at::Tensor denoise_at(const at::Tensor& x, double sigma);
  /// log g(decode(x0hat(x, t))) for each sample, [B], differentiable in x.
  at::Tensor guided_log_density(const at::Tensor& x, const Levels& levels);
  /// x0hat(x, t), differentiable in x.
  at::Tensor guided_denoise(const at::Tensor& x, const Levels& levels);
  /// (d output / d input)^T cotangent through the network (and what follows it); counted. An undefined
  /// cotangent is 1, for scalar outputs. Throws Stopped.
  at::Tensor backward(const at::Tensor& output, const at::Tensor& input, const at::Tensor& cotangent = {},
                      bool keep_graph = false);
  void check_finite(const at::Tensor& x, const char* what) const;

  /// Sample of the bridge x_t | x_l, x_s, levels for each chain or common.
  at::Tensor sample_bridge(const at::Tensor& x_l, const at::Tensor& x_s, const Levels& l, const Levels& t,
                           const Levels& s, double eta);
  void show(Iterate iterate);
  /// The same for samplers without Gibbs repetitions; checks x_t and takes x0 as the newest estimate.
  void show_step(size_t steps, int t, const at::Tensor& x0, const at::Tensor& x_t);

  const SamplerInput& input;
  const NoiseSchedule& schedule;
  NetworkEvaluations evaluations;
  int step = 0;       ///< named in error messages
  at::Tensor latest;  ///< the newest clean estimate, returned when stopped

 private:
  void poll() const;  ///< waits while the run is paused; throws Stopped

  WorkClock clock_;
};

/// The gradient of value(x), a scalar, at x; nothing is counted.
at::Tensor gradient_at(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& value);

/// The bridge's coefficients for each chain, shaped to broadcast.
struct BridgeTensors {
  at::Tensor later, earlier, std;
};
BridgeTensors bridge_tensors(const NoiseSchedule& schedule, const Levels& l, const Levels& t, const Levels& s,
                             double eta, const at::Tensor& like);

}  // namespace mgdm
