// Elliptical slice sampling (Murray, Adams & MacKay 2010).
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/samplers/updates/update.h"

namespace mgdm {

at::Tensor draw_elliptical_slice(const Conditional& q, at::Tensor& state) {
  StepContext& c = q.context;
  at::NoGradGuard no_grad;
  const auto log_density = [&](const at::Tensor& u) {
    if (c.input.stop.stop_requested()) throw Stopped{};
    const at::Tensor v = q.mean + q.std * u;
    if (q.tau != nullptr) return c.guided_log_density(v, *q.tau).reshape(broadcast_shape(v));
    return c.input.likelihood->log_density(c.input.prior.codec->decode(v)).reshape(broadcast_shape(v));
  };
  at::Tensor u = state.defined() ? state : c.input.noise.normal_like(q.mean);
  at::Tensor now = log_density(u);
  constexpr int kShrinks = 60;  // 2^-60 of the circle: the state itself
  for (int move = 0; move < q.steps; ++move) {
    const at::Tensor nu = c.input.noise.normal_like(u);
    const at::Tensor height = now + uniform_like(c, now).log();
    at::Tensor angle = uniform_like(c, now) * (2 * M_PI), low = angle - 2 * M_PI, high = angle;
    at::Tensor open = at::ones_like(now, at::kBool), next = u, next_density = now;
    for (int shrink = 0; shrink < kShrinks && open.any().item<bool>(); ++shrink) {
      const at::Tensor proposal = u * angle.cos() + nu * angle.sin();
      const at::Tensor density = log_density(proposal);
      const at::Tensor taken = open.logical_and(density > height);
      next = at::where(taken, proposal, next);
      next_density = at::where(taken, density, next_density);
      open = open.logical_and(taken.logical_not());
      low = at::where(angle < 0, angle, low);
      high = at::where(angle < 0, high, angle);
      angle = low + (high - low) * uniform_like(c, now);
    }
    u = next;
    now = next_density;
  }
  state = u;
  return q.mean + q.std * u;
}

}  // namespace mgdm
