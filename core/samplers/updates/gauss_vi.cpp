// Reverse KL over a diagonal Gaussian by Adam at an absolute learning rate: the paper's update.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/samplers/updates/update.h"

namespace mgdm {

namespace {

/// Adam on one tensor with fresh state (Kingma & Ba 2015; betas 0.9, 0.999, eps 1e-8).
class AdamState {
 public:
  explicit AdamState(const at::Tensor& like) : first_(at::zeros_like(like)), second_(at::zeros_like(like)) {}
  void step(at::Tensor& value, const at::Tensor& gradient, double rate) {
    ++count_;
    first_.mul_(0.9).add_(gradient, 0.1);
    second_.mul_(0.999).addcmul_(gradient, gradient, 0.001);
    const at::Tensor root = (second_.sqrt() / std::sqrt(1 - std::pow(0.999, count_))).add_(1e-8);
    value.addcdiv_(first_, root, -rate / (1 - std::pow(0.9, count_)));
  }

 private:
  at::Tensor first_, second_;
  int count_ = 0;
};

}  // namespace

// Only the likelihood's gradient goes through S, the rest is written out.
at::Tensor draw_gauss_vi(const Conditional& q, at::Tensor& state) {
  StepContext& c = q.context;
  need_gradient(c, "gauss_vi");
  at::Tensor m = q.mean.clone(), log_std = q.std.log() * at::ones_like(m);
  AdamState m_state(m), log_std_state(log_std);
  for (int k = 0; k < q.steps; ++k) {
    const at::Tensor spread = log_std.exp() * c.input.noise.normal_like(m);
    const at::Tensor v = (m + spread).detach();
    at::Tensor likelihood_gradient;
    if (q.tau != nullptr) {
      at::AutoGradMode with_grad(true);
      const at::Tensor input = v.detach().requires_grad_(true);
      // Chains do not interact, so the gradient of the sum is each chain's own.
      likelihood_gradient = c.backward(c.guided_log_density(input, *q.tau).sum(), input);
    } else {
      likelihood_gradient = gradient_at(v, [&](const at::Tensor& w) {
        return c.input.likelihood->log_density(c.input.prior.codec->decode(w)).sum();
      });
    }
    const at::Tensor g = (v - q.mean) / (q.std * q.std) - likelihood_gradient;
    m_state.step(m, g, q.rate);
    log_std_state.step(log_std, g * spread - 1.0, q.rate);
  }
  state = (m - q.mean) / q.std;
  return m + log_std.exp() * c.input.noise.normal_like(m);
}

}  // namespace mgdm
