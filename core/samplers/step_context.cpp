#include "core/samplers/step_context.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <chrono>

namespace mgdm {

namespace {

class Stopwatch {  // adds its lifetime to a sum
 public:
  explicit Stopwatch(double& sum) : sum_(sum) {}
  ~Stopwatch() { sum_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count(); }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  double& sum_;
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace

StepContext::StepContext(const SamplerInput& in) : input(in), schedule(in.prior.schedule) {}

void StepContext::poll() const {
  wait_if_paused(input.stop);
  if (input.stop.stop_requested()) throw Stopped{};
}

at::Tensor StepContext::denoise(const at::Tensor& x, const Levels& levels) {
  poll();
  at::NoGradGuard no_grad;
  at::Tensor x0 = guided_denoise(x, levels);
  check_finite(x0, "the network's output");
  return x0;
}

at::Tensor StepContext::denoise_at(const at::Tensor& x, double sigma) {
  poll();
  at::NoGradGuard no_grad;
  ++evaluations.forward;
  at::Tensor x0;
  {
    const Stopwatch watch(evaluations.seconds);
    x0 = input.prior.denoiser->denoise(x, sigma);
  }
  check_finite(x0, "the network's output");
  return x0;
}

at::Tensor StepContext::guided_denoise(const at::Tensor& x, const Levels& levels) {
  poll();
  ++evaluations.forward;
  const Stopwatch watch(evaluations.seconds);
  return input.prior.denoiser->predict_x0(x, levels);
}

at::Tensor StepContext::backward(const at::Tensor& output, const at::Tensor& x, const at::Tensor& cotangent,
                                 bool keep_graph) {
  poll();
  ++evaluations.backward;
  const Stopwatch watch(evaluations.seconds);
  const std::vector<at::Tensor> seeds =
      cotangent.defined() ? std::vector<at::Tensor>{cotangent} : std::vector<at::Tensor>{};
  return torch::autograd::grad({output}, {x}, seeds, keep_graph)[0].detach();
}

at::Tensor StepContext::guided_log_density(const at::Tensor& x, const Levels& levels) {
  return input.likelihood->log_density(input.prior.codec->decode(guided_denoise(x, levels)));
}

void StepContext::check_finite(const at::Tensor& x, const char* what) const {
  // A sum is not a number if any element is not: one pass, no temporary.
  if (!std::isfinite(x.sum().item<double>()) && !x.isfinite().all().item<bool>()) {
    throw NumericalError("step " + std::to_string(step) + ": " + what + " is not a number");
  }
}

at::Tensor gradient_at(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& value) {
  at::AutoGradMode with_grad(true);
  const at::Tensor v = x.detach().requires_grad_(true);
  return torch::autograd::grad({value(v)}, {v})[0].detach();
}

BridgeTensors bridge_tensors(const NoiseSchedule& schedule, const Levels& l, const Levels& t, const Levels& s,
                             double eta, const at::Tensor& like) {
  const size_t n = std::max({l.size(), t.size(), s.size()});
  const auto pick = [](const Levels& levels, size_t i) { return levels[levels.size() == 1 ? 0 : i]; };
  std::vector<double> later(n), earlier(n), std(n);
  for (size_t i = 0; i < n; ++i) {
    const Bridge b = bridge(schedule, pick(l, i), pick(t, i), pick(s, i), eta);
    later[i] = b.later;
    earlier[i] = b.earlier;
    std[i] = b.std;
  }
  return {per_sample(later, like), per_sample(earlier, like), per_sample(std, like)};
}

at::Tensor StepContext::sample_bridge(const at::Tensor& x_l, const at::Tensor& x_s, const Levels& l, const Levels& t,
                                      const Levels& s, double eta) {
  const BridgeTensors b = bridge_tensors(schedule, l, t, s, eta, x_l);
  return b.later * x_l + b.earlier * x_s + b.std * input.noise.normal_like(x_l);
}

void StepContext::show_step(size_t steps, int t, const at::Tensor& x0, const at::Tensor& x_t) {
  check_finite(x_t, "x_t");
  latest = x0;
  Iterate iterate;
  iterate.step = step;
  iterate.steps = static_cast<int>(steps);
  iterate.t = t;
  iterate.x0 = x0;
  iterate.x_t = x_t;
  show(std::move(iterate));
}

void StepContext::show(Iterate iterate) {
  if (!input.observer) return;
  iterate.evaluations = evaluations;
  iterate.seconds = clock_.seconds();
  iterate.codec = input.prior.codec.get();
  iterate.likelihood = input.likelihood;
  input.observer(iterate);
}

}  // namespace mgdm
