// Perturb and optimise: with a decomposition exactly, else by Gauss-Newton with conjugate gradients.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "core/samplers/updates/conjugate_gradients.h"
#include "core/samplers/updates/linearized_operator.h"
#include "core/samplers/updates/update.h"

namespace mgdm {

namespace {

// v = mean + std u with H = U s V^T known and S the identity: each spectral coordinate is a scalar problem.
at::Tensor draw_spectral(const Conditional& q, const GaussianLikelihood& likelihood, at::Tensor& state) {
  StepContext& c = q.context;
  const Operator& h = likelihood.degradation();
  const at::Tensor s = h.singular_values().to(q.mean.device(), q.mean.scalar_type());
  const int64_t m = s.numel();
  const at::Tensor y = h.observation_to_spectral(likelihood.observation());
  const at::Tensor z = h.to_spectral(q.mean);
  const at::Tensor rho = q.std.reshape({-1, 1}), seen = z.slice(1, 0, m);
  const double sigma = likelihood.sigma();
  const at::Tensor precision = 1 / (rho * rho) + s * s / (sigma * sigma);
  const at::Tensor mean_seen = (seen / (rho * rho) + s * y / (sigma * sigma)) / precision;
  const at::Tensor n = c.input.noise.normal_like(z);
  const at::Tensor drawn =
      at::cat({mean_seen + n.slice(1, 0, m) * precision.rsqrt(), z.slice(1, m) + rho * n.slice(1, m)}, 1);
  const at::Tensor v = h.from_spectral(drawn).reshape(q.mean.sizes());
  state = (v - q.mean) / q.std;
  return v;
}

}  // namespace

at::Tensor draw_gauss_newton(const UpdateSettings& o, const Conditional& q, at::Tensor& state) {
  StepContext& c = q.context;
  const bool free = o.kind == Update::JacobianFree;
  const Likelihood& likelihood = *c.input.likelihood;
  const bool identity_codec = dynamic_cast<const IdentityCodec*>(c.input.prior.codec.get()) != nullptr;
  if (const auto* gaussian = dynamic_cast<const GaussianLikelihood*>(&likelihood);
      gaussian != nullptr && q.tau == nullptr && identity_codec && likelihood.degradation().has_svd()) {
    return draw_spectral(q, *gaussian, state);
  }
  need_gradient(c, free ? "jacobian_free" : "gauss_newton");
  const at::Tensor target_u = c.input.noise.normal_like(q.mean);
  at::Tensor u = target_u, noise, hidden;
  at::Tensor slope;  // jacobian_free: 1 / sqrt(abar)
  if (free && q.tau != nullptr) {
    std::vector<double> values;
    for (const int level : *q.tau) values.push_back(1 / std::sqrt(c.schedule.alpha_bar(level)));
    slope = per_sample(values, q.mean);
  }
  // Where H = U s V^T is known and the Jacobian is taken as a multiple of the identity, the exact solution is at hand.
  SymmetricMap preconditioner;
  if (const auto* gaussian = dynamic_cast<const GaussianLikelihood*>(&likelihood);
      gaussian != nullptr && slope.defined() && identity_codec && likelihood.degradation().has_svd()) {
    const Operator& degradation = likelihood.degradation();
    const at::Tensor s = degradation.singular_values().to(q.mean.device(), q.mean.scalar_type());
    const at::Tensor factor =
        1 / (1 + (slope.reshape({-1, 1}) * q.std.reshape({-1, 1}) * s / gaussian->sigma()).square());
    preconditioner = [&degradation, factor, sizes = q.mean.sizes()](const at::Tensor& r) {
      const at::Tensor z = degradation.to_spectral(r);
      const int64_t m = factor.size(1);
      return degradation.from_spectral(at::cat({factor * z.slice(1, 0, m), z.slice(1, m)}, 1)).reshape(sizes);
    };
  }
  for (int k = 0; k < q.steps; ++k) {
    at::Tensor v, denoised;
    {
      at::AutoGradMode with_grad(q.tau != nullptr && !free);
      v = (q.mean + q.std * u).detach();
      if (q.tau != nullptr && !free) v.requires_grad_(true);
      denoised = q.tau == nullptr ? v : free ? c.denoise(v, *q.tau) : c.guided_denoise(v, *q.tau);
    }
    const LinearizedOperator h(likelihood, *c.input.prior.codec, denoised, o.decoder == DecoderJacobian::Linear);
    if (likelihood.hidden() && k == 0) {
      // Which values are lost is drawn once, seen from the conditional's mean. How far h(v) then spreads is known where
      // S is the identity, else measured at this one v.
      at::NoGradGuard no_grad;
      const at::Tensor clean = q.tau == nullptr ? q.mean : c.denoise(q.mean, *q.tau);
      const at::Tensor centre = likelihood.degradation().apply(c.input.prior.codec->decode(clean));
      const at::Tensor spread = q.tau == nullptr ? q.std.square().reshape({-1, 1}) * h.row_norm()
                                                 : (h.value() - centre).square().mean(1, true);
      hidden = likelihood.draw_precision(centre, spread, uniform_like(c, centre));
    }
    // A law with a precision of its own at each value is met by Fisher scoring.
    const at::Tensor precision = likelihood.hidden() ? hidden : likelihood.precision(k == 0 ? at::Tensor() : h.value());
    if (!noise.defined()) noise = c.input.noise.normal_like(h.value());
    const auto network_transposed = [&](const at::Tensor& w) {
      if (q.tau == nullptr) return w;
      return free ? slope * w : c.backward(denoised, v, w, true);
    };
    // (I + std J^T P J std) w, the network's Jacobian taken as symmetric
    const auto normal_product = [&](const at::Tensor& w) {
      if (c.input.stop.stop_requested()) throw Stopped{};
      return w + q.std * network_transposed(h.transposed(precision * h.forward(network_transposed(q.std * w))));
    };
    // P (y + P^-1/2 noise - h)
    const at::Tensor misfit = precision * (likelihood.observation() - h.value()) + precision.sqrt() * noise;
    const at::Tensor right = (target_u - u) + q.std * network_transposed(h.transposed(misfit));
    u = u + conjugate_gradients(normal_product, right, o.conjugate_steps, o.conjugate_tolerance, preconditioner);
  }
  state = u.detach();
  return (q.mean + q.std * state).detach();
}

}  // namespace mgdm
