#include "core/samplers/mgdm_update.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "core/networks/group_norm_silu.h"

namespace mgdm {

namespace {

std::vector<int64_t> broadcast_shape(const at::Tensor& x) {  // [B, 1, ...]
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return shape;
}

at::Tensor sum_per_chain(const at::Tensor& x) { return x.flatten(1).sum(1).reshape(broadcast_shape(x)); }

at::Tensor gradient_of(const at::Tensor& output, const at::Tensor& input, const at::Tensor& cotangent) {
  return torch::autograd::grad({output}, {input}, {cotangent}, true)[0].detach();
}

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

void need_gradient(const StepContext& c, const char* update) {
  if (!c.input.likelihood->differentiable()) {
    throw OperatorError(
        std::string("the update ") + update +
        " needs the degradation's gradient and this one has none; choose update ensemble_kalman or elliptical_slice");
  }
}

/// z -> H(decode(z)) at a point with products by its Jacobian and the transpose. The degradation's Jacobian comes from
/// a graph that is differentiated twice, a decoder's from a graph (transpose) and forward mode: its graph of a graph
/// would need gigabytes.
class LinearizedOperator {
 public:
  LinearizedOperator(const Likelihood& likelihood, const Codec& codec, const at::Tensor& z) : codec_(codec) {
    at::AutoGradMode with_grad(true);
    z_ = z.detach().requires_grad_(true);
    decoded_ = codec.decode(z_);
    identity_ = decoded_.is_same(z_);
    signal_ = identity_ ? z_ : decoded_.detach().requires_grad_(true);
    h_ = likelihood.degradation().apply(signal_);
    cotangent_ = at::zeros_like(h_).requires_grad_(true);
    pulled_ = torch::autograd::grad({h_}, {signal_}, {cotangent_}, true, true)[0];  // J^T w, linear in w
  }
  at::Tensor value() const { return h_.detach(); }
  at::Tensor transposed(const at::Tensor& w) const {
    const at::Tensor pulled = gradient_of(h_, signal_, w);
    return identity_ ? pulled : gradient_of(decoded_, z_, pulled);
  }
  at::Tensor forward(const at::Tensor& w) const {
    const at::Tensor pushed =
        identity_ ? w : jacobian_product([&](const at::Tensor& z) { return codec_.decode(z); }, z_.detach(), w);
    return gradient_of(pulled_, cotangent_, pushed);
  }
  /// Mean squared length of the rows of J, by one probe that is always the same.
  double row_norm() const {
    at::Generator generator = at::detail::createCPUGenerator(1);
    const at::Tensor w = at::randn({1, h_.size(1)}, generator, at::TensorOptions().dtype(at::kFloat))
                             .sign()
                             .to(h_.options())
                             .expand_as(h_);
    return transposed(w).square().sum().item<double>() / static_cast<double>(h_.numel());
  }

 private:
  const Codec& codec_;
  bool identity_ = false;
  at::Tensor z_, decoded_, signal_, h_, cotangent_, pulled_;
};

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

// Numbers in (0, 1) from the one source of noise: Phi(n).
at::Tensor uniform_like(StepContext& c, const at::Tensor& like) {
  return (0.5 * (1 + at::erf(c.input.noise.normal_like(like) / std::sqrt(2.0)))).clamp(1e-12, 1 - 1e-12);
}

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
    const LinearizedOperator h(likelihood, *c.input.prior.codec, denoised);
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

// What the gain C_vh (C_hh + r I)^-1 of L ensembles makes of misfits [L, N, m]; dv [L, E, n] and dh [L, E, m] are
// the members' deviations. Solved in the smaller of the two spaces.
at::Tensor kalman_step(const at::Tensor& dv, const at::Tensor& dh, const at::Tensor& misfit, double r) {
  const int64_t members = dv.size(1), m = dh.size(2);
  const double scale = 1.0 / static_cast<double>(members - 1);
  const at::Tensor dh_t = dh.transpose(1, 2), misfit_t = misfit.transpose(1, 2);
  at::Tensor weights;  // [L, E, N]: of each deviation in each step
  if (m <= members) {
    const at::Tensor covariance = at::matmul(dh_t, dh) * scale + r * at::eye(m, dh.options());
    weights = at::matmul(dh, at::linalg_solve(covariance, misfit_t));
  } else {
    const at::Tensor gram = at::matmul(dh, dh_t) * scale + r * at::eye(members, dh.options());
    weights = at::linalg_solve(gram, at::matmul(dh, misfit_t));
  }
  return at::matmul(weights.transpose(1, 2) * scale, dv);
}

at::Tensor draw_ensemble_kalman(const Conditional& q, at::Tensor& state) {
  StepContext& c = q.context;
  at::NoGradGuard no_grad;
  const Likelihood& likelihood = *c.input.likelihood;
  constexpr int64_t kMembers = 32, kBlock = 8;
  const int64_t batch = q.mean.size(0), own = batch >= kMembers && likelihood.law() == NoiseLaw::Gaussian
                                                  ? 1
                                                  : kMembers;  // members of each sample's own
  const int64_t groups = own == 1 ? 1 : batch, members = own == 1 ? batch : own;
  const at::Tensor mean = q.mean.repeat_interleave(own, 0),
                   std = q.std.size(0) == 1 ? q.std : q.std.repeat_interleave(own, 0);
  Levels tau;
  if (q.tau != nullptr) {
    for (const int level : *q.tau) tau.insert(tau.end(), q.tau->size() == 1 ? 1 : static_cast<size_t>(own), level);
  }
  const auto& shape = likelihood.degradation().signal_shape();
  // Deviations are taken from a member without noise where the batch is the ensemble, for each sample has a mean of
  // its own; else from the ensemble's mean.
  at::Tensor v = mean + std * c.input.noise.normal_like(mean), centre = own == 1 ? mean : at::Tensor();
  at::Tensor hidden;
  const double inflation = q.steps;  // of the noise's variance: together the steps use the data once
  const auto observe = [&](const at::Tensor& x) {
    if (c.input.stop.stop_requested()) throw Stopped{};
    return likelihood.degradation().apply(c.input.prior.codec->decode(q.tau != nullptr ? c.denoise(x, tau) : x));
  };
  for (int k = 0; k < q.steps; ++k) {
    const at::Tensor h = observe(v), h_centre = centre.defined() ? observe(centre) : at::Tensor();
    // Observations are taken in units of their noise, which is common to an ensemble: other laws need one for each
    // sample.
    const at::Tensor members_h = h.reshape({groups, members, -1}),
                     middle = centre.defined() ? h_centre : members_h.mean(1);
    if (likelihood.hidden() && k == 0)
      hidden = likelihood.draw_precision(middle, members_h.var(1) + 1e-12, uniform_like(c, middle));
    // P^1/2, [1 or N, 1 or m]
    const at::Tensor weight =
        (likelihood.hidden() ? hidden : likelihood.precision(k == 0 ? at::Tensor() : middle)).sqrt();
    const at::Tensor member_weight = weight.size(0) == 1 ? weight : weight.repeat_interleave(own, 0);
    const at::Tensor misfit =
        member_weight * (likelihood.observation() - h) + std::sqrt(inflation) * c.input.noise.normal_like(h);
    const bool local = v.dim() == 4 && shape.size() == 3 && h.size(1) == likelihood.degradation().signal_size() &&
                       v.size(2) == shape[1] && v.size(3) == shape[2] && shape[1] % kBlock == 0 &&
                       shape[2] % kBlock == 0;
    const int64_t rows = local ? shape[1] / kBlock : 1, columns = local ? shape[2] / kBlock : 1;
    const auto blocks = [&](const at::Tensor& x) {  // -> [groups x rows x columns, members, C block block]
      if (!local) return x.reshape({groups, members, -1});
      return x.reshape({groups, members, shape[0], rows, kBlock, columns, kBlock})
          .permute({0, 3, 5, 1, 2, 4, 6})
          .reshape({groups * rows * columns, members, -1});
    };
    const auto whole = [&](const at::Tensor& x) {
      if (!local) return x.reshape(v.sizes());
      return x.reshape({groups, rows, columns, members, shape[0], kBlock, kBlock})
          .permute({0, 3, 4, 1, 5, 2, 6})
          .reshape(v.sizes());
    };
    at::Tensor dv = blocks(centre.defined() ? v - centre : v),
               dh = blocks(member_weight * (centre.defined() ? h - h_centre : h));
    if (!centre.defined()) {
      dv = dv - dv.mean(1, true);
      dh = dh - dh.mean(1, true);
    }
    v = v + whole(kalman_step(dv, dh, blocks(misfit), inflation));
    if (centre.defined())
      centre = centre + whole(kalman_step(dv, dh, blocks(weight * (likelihood.observation() - h_centre)), inflation));
  }
  v = v.reshape({batch, own, -1}).select(1, 0).reshape(q.mean.sizes()).contiguous();
  state = (v - q.mean) / q.std;
  return v;
}

}  // namespace

at::Tensor jacobian_product(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& z,
                            const at::Tensor& u) {
  at::NoGradGuard no_grad;
  const PlainDerivatives no_kernels;
  const uint64_t level = torch::autograd::forward_ad::enter_dual_level();
  at::Tensor tangent, result;
  try {
    result = map(at::_make_dual(z, u, static_cast<int64_t>(level)));
    tangent = std::get<1>(at::_unpack_dual(result, static_cast<int64_t>(level)));
    if (tangent.defined()) tangent = tangent.clone();
  } catch (...) {
    torch::autograd::forward_ad::exit_dual_level(level);
    throw;
  }
  torch::autograd::forward_ad::exit_dual_level(level);
  return tangent.defined() ? tangent : at::zeros_like(result);
}

at::Tensor conjugate_gradients(const SymmetricMap& product, const at::Tensor& b, int steps, double tolerance,
                               const SymmetricMap& preconditioner) {
  const auto preconditioned = [&](const at::Tensor& r) { return preconditioner ? preconditioner(r) : r; };
  at::Tensor x = at::zeros_like(b), r = b, z = preconditioned(r), p = z, rz = sum_per_chain(r * z);
  const at::Tensor enough = rz * (tolerance * tolerance);
  for (int step = 0; step < steps; ++step) {
    const at::Tensor open = rz > enough;
    if (!open.any().item<bool>()) break;
    const at::Tensor q = product(p);
    const at::Tensor curvature = sum_per_chain(p * q);
    const at::Tensor alpha = at::where(open.logical_and(curvature > 1e-12 * rz), rz / curvature, at::zeros_like(rz));
    x = x + alpha * p;
    r = r - alpha * q;
    z = preconditioned(r);
    const at::Tensor next = sum_per_chain(r * z);
    p = z + at::where(rz > 0, next / rz, at::zeros_like(rz)) * p;
    rz = next;
  }
  return x;
}

at::Tensor draw_conditional(const UpdateSettings& settings, const Conditional& conditional, at::Tensor& state,
                            double& moved) {
  at::Tensor v;
  switch (settings.kind) {
    case Update::GaussVi:
      v = draw_gauss_vi(conditional, state);
      break;
    case Update::GaussNewton:
    case Update::JacobianFree:
      v = draw_gauss_newton(settings, conditional, state);
      break;
    case Update::EllipticalSlice:
      v = draw_elliptical_slice(conditional, state);
      break;
    case Update::EnsembleKalman:
      v = draw_ensemble_kalman(conditional, state);
      break;
  }
  moved = state.square().mean().sqrt().item<double>();
  return v;
}

at::Tensor annealed_log_likelihood(const Likelihood& likelihood, const at::Tensor& x, double rho) {
  const Operator& h = likelihood.degradation();
  if (const auto* gaussian = dynamic_cast<const GaussianLikelihood*>(&likelihood); gaussian != nullptr && h.has_svd()) {
    at::NoGradGuard no_grad;
    const double sigma2 = gaussian->sigma() * gaussian->sigma();
    const at::Tensor s = h.singular_values().to(x.device(), x.scalar_type());
    const at::Tensor r =
        h.observation_to_spectral(likelihood.observation()) - s * h.to_spectral(x).slice(1, 0, s.numel());
    return -0.5 * (r * r / (sigma2 + rho * rho * s * s)).sum(1);
  }
  const IdentityCodec identity;
  const LinearizedOperator at_x(likelihood, identity, x);
  if (likelihood.hidden()) return likelihood.smoothed_log_density(at_x.value(), rho * rho * at_x.row_norm());
  // y ~ N(H(x), P^-1 + rho^2 J J^T), the precision P taken from the data. As rho goes to 0, what a Gaussian with that
  // precision lacks of the law's own density is put back.
  const at::Tensor precision = likelihood.precision({}), r = likelihood.observation() - at_x.value();
  const auto product = [&](const at::Tensor& w) {
    return w / precision + rho * rho * at_x.forward(at_x.transposed(w));
  };
  const at::Tensor broad = -0.5 * (r * conjugate_gradients(product, r, 50, 1e-6)).sum(1);
  if (likelihood.law() == NoiseLaw::Gaussian) return broad;
  const double level2 = likelihood.level() * likelihood.level();
  return broad +
         level2 / (level2 + rho * rho) * (likelihood.log_density_of(at_x.value()) + 0.5 * (r * r * precision).sum(1));
}

}  // namespace mgdm
