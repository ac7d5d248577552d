#include "core/samplers/mgdm/annealed_guidance.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/samplers/mgdm/denoising.h"
#include "core/samplers/updates/conjugate_gradients.h"
#include "core/samplers/updates/draw.h"
#include "core/samplers/updates/linearized_operator.h"

namespace mgdm {

namespace {

constexpr double kResampleBelow = 0.95;    // effective share of the chains
constexpr int64_t kFewestToResample = 64;  // fewer chains would only become copies of each other

// log N(y; H(x), sigma^2 I + rho^2 J J^T) for each sample up to a constant, J = dH/dx at x: the likelihood of
// x_0 = x under annealed guidance at noise rho; other laws of noise likewise, near enough to weigh samples by and
// exact as rho goes to 0. x [B, signal...] -> [B].
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

// Systematic resampling (Kitagawa 1996) where the effective sample size has fallen.
bool resample(StepContext& c, at::Tensor& x_0, at::Tensor& log_weights, bool at_once) {
  const at::Tensor weights = at::softmax(log_weights.to(at::kCPU, at::kDouble), 0);
  const auto n = weights.numel();
  if (!at_once && 1 / weights.square().sum().item<double>() > kResampleBelow * static_cast<double>(n)) return false;
  const double shift =
      0.5 * (1 + std::erf(c.input.noise.normal_like(at::zeros({1}, at::kDouble)).item<double>() / std::sqrt(2.0)));
  const at::Tensor ends = weights.cumsum(0), picks = (at::arange(n, at::kDouble) + shift) / static_cast<double>(n);
  const at::Tensor index = at::searchsorted(ends, picks).clamp(0, n - 1).to(x_0.device());
  x_0 = x_0.index_select(0, index);
  log_weights = at::zeros_like(log_weights);
  return true;
}

}  // namespace

void annealed_guidance(const MgdmSettings& s, StepContext& c) {
  const NoiseSchedule& schedule = c.schedule;
  const Likelihood* const likelihood = c.input.likelihood;
  const double sigma_y = likelihood->level();
  const double matched_below = s.last_sigma * sigma_y;
  const double top = schedule.sigma(schedule.steps()), first = std::min(s.first_sigma, top);
  const std::vector<double> sigmas = ladder(first, std::min(first, s.last_sigma * sigma_y), s.steps);
  // How far x_0 is from the observation says nothing of a latent's share unless decoding is the identity.
  const bool resampling = s.resample && !c.input.prior.traits.latent && likelihood->differentiable() &&
                          c.input.x_init.size(0) >= kFewestToResample;
  size_t begin = 0;
  at::Tensor x_0, state;
  if (c.input.start != nullptr) {
    x_0 = c.input.start->x0;
    while (begin + 1 < sigmas.size() && schedule.nearest_level(sigmas[begin]) >= c.input.start->t) ++begin;
  } else {
    x_0 =
        stochastic_denoise(s, c, c.input.x_init / std::sqrt(schedule.alpha_bar(schedule.steps())), top, matched_below);
  }
  c.latest = x_0;
  at::Tensor log_weights = at::zeros({x_0.size(0)}, at::TensorOptions().dtype(at::kDouble).device(x_0.device())),
             log_likelihood = log_weights;
  const auto reweigh = [&](double rho) {
    const at::Tensor now = annealed_log_likelihood(*likelihood, c.input.prior.codec->decode(x_0), rho).to(at::kDouble);
    log_weights = log_weights + now - log_likelihood;
    if (resample(c, x_0, log_weights, false)) state = at::Tensor();
  };
  for (size_t k = begin; k < sigmas.size(); ++k) {
    c.step = static_cast<int>(k) + 1;
    const double rho = sigmas[k];
    const int level = schedule.nearest_level(rho);
    if (resampling) reweigh(rho);
    const at::Tensor std =
        at::full({}, rho, x_0.options()).reshape(std::vector<int64_t>(static_cast<size_t>(x_0.dim()), 1));
    for (int r = 0; r < s.gibbs; ++r) {
      double update = 0;
      const at::Tensor mean = x_0;
      const at::Tensor v =
          draw_conditional(s.update,
                           {c, mean, std, nullptr, static_cast<int>(s.gradient_steps.at(static_cast<int>(k), s.steps)),
                            s.learning_rate.at(static_cast<int>(k), s.steps)},
                           state, update);
      c.check_finite(v, "x_tau");
      x_0 = stochastic_denoise(s, c, v, rho, matched_below);
      state = (v - x_0) / rho;  // what v is to the new x_0
      c.latest = x_0;
      Iterate iterate;
      iterate.step = static_cast<int>(k) + 1;
      iterate.steps = static_cast<int>(sigmas.size());
      iterate.gibbs = r + 1;
      iterate.t = level;
      iterate.tau = {level};
      iterate.x0 = x_0;
      iterate.x_t = v / std::sqrt(1 + rho * rho);
      iterate.update = update;
      c.show(std::move(iterate));
    }
    if (resampling && k + 1 < sigmas.size()) {
      log_likelihood = annealed_log_likelihood(*likelihood, c.input.prior.codec->decode(x_0), rho).to(at::kDouble);
    }
  }
  if (resampling && resample(c, x_0, log_weights, true)) c.latest = x_0;
}

}  // namespace mgdm
