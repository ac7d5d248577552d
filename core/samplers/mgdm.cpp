#include "core/samplers/mgdm.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

at::Tensor signal_gradient(const at::Tensor& output, const at::Tensor& input, const at::Tensor& cotangent) {
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

at::Tensor sum_per_chain(const at::Tensor& x) {  // [B, ...] -> [B, 1, ...]
  std::vector<int64_t> shape(x.dim(), 1);
  shape[0] = x.size(0);
  return x.flatten(1).sum(1).reshape(shape);
}

class Mgdm : public Sampler {
 public:
  explicit Mgdm(MgdmSettings settings) : s_(std::move(settings)) {}

  SamplerResult run(const SamplerInput& input) const override {
    if (input.likelihood == nullptr) throw OperatorError("MGDM needs an observation; use the sampler ddim to sample the prior");
    StepContext context(input);
    context.latest = at::zeros_like(input.x_init);
    try {
      chain(context);
    } catch (const Stopped&) {
      return {context.latest, context.evaluations, true};
    }
    return {context.latest, context.evaluations, false};
  }

 private:
  void chain(StepContext& c) const {
    const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
    std::vector<int> levels(ascending.rbegin(), ascending.rend());
    const SamplerStart* start = c.input.start;
    const int first = static_cast<int>(enter_levels(levels, start));
    const int n = s_.steps;
    int outer = n - 3;
    if (!s_.reference_compatible) {
      outer = 0;  // as long as there is room for a tau >= 1 below t
      while (outer + 2 < n && levels[outer + 1] >= 2) ++outer;
    }
    at::Tensor x_t = start != nullptr ? start->x_t : c.input.x_init;
    at::Tensor x_0 = start != nullptr ? start->x0 : c.denoise(x_t, {levels[0]});
    c.latest = x_0;
    for (int i = first; i < outer; ++i) {
      c.step = i + 1;
      const int t_next = levels[i], t = levels[i + 1], t_prev = levels[i + 2];
      Levels tau = s_.reference_compatible ? Levels{draw_tau(c, i, t, t_prev)} : Levels{};
      const at::Tensor x_next = x_t;
      x_t = c.sample_bridge(x_next, x_0, {t_next}, {t}, {0}, s_.eta);
      for (int r = 0; r < s_.gibbs; ++r) {
        if (!s_.reference_compatible) {
          tau.assign(s_.tau_per_chain ? x_t.size(0) : 1, 0);
          for (int& level : tau) level = draw_tau(c, i, t, t_prev);
        }
        const BridgeTensors b = bridge_tensors(c.schedule, {t}, tau, {0}, 1.0, x_t);
        const at::Tensor mean = b.later * x_t + b.earlier * x_0;
        double update = 0;
        const at::Tensor x_tau = s_.update == VariationalUpdate::Adam ? adam_update(c, i, mean, b.std, tau, update)
                                                                       : gauss_newton_update(c, i, mean, b.std, tau, update);
        c.check_finite(x_tau, "x_tau");
        x_0 = denoise_chain(c, x_tau, tau);
        c.latest = x_0;
        x_t = c.sample_bridge(x_next, x_tau, {t_next}, {t}, tau, 1.0);
        Iterate iterate;
        iterate.step = i + 1;
        iterate.steps = outer;
        iterate.gibbs = r + 1;
        iterate.t = t;
        iterate.tau = tau;
        iterate.x0 = x_0;
        iterate.x_t = x_t;
        iterate.update = update;
        c.show(std::move(iterate));
      }
    }
  }

  int draw_tau(StepContext& c, int i, int t, int t_prev) const {
    const auto inside = [&](int level) { return std::clamp(level, 1, t - 1); };
    const auto uniform = [&](int low, int high) {
      high = inside(high);
      low = std::min(low, high);
      return static_cast<int>(c.input.noise.integer(low, high));
    };
    switch (s_.tau) {
      case TauLaw::Uniform:
        return uniform(s_.min_tau, t_prev - 1);
      case TauLaw::Mix:
        return i < s_.threshold ? uniform(s_.min_tau, t_prev - 1) : inside(t_prev);
      case TauLaw::Deterministic:
        return inside(t_prev);
      case TauLaw::MixDeterministic:
        return inside(i < s_.threshold ? static_cast<int>(0.75 * t_prev) : t_prev);
      case TauLaw::Zero:
        return uniform(1, t_prev / 5 - 1);
    }
    return inside(t_prev);
  }

  // Reverse KL between a diagonal Gaussian and q(x_tau | x_0, x_t) g(x0hat(x_tau)); only the
  // likelihood's gradient goes through the network, the rest is written out.
  at::Tensor adam_update(StepContext& c, int i, const at::Tensor& mean, const at::Tensor& std, const Levels& tau, double& update) const {
    at::Tensor m = mean.clone(), log_std = (std.log() * at::ones_like(mean));
    AdamState m_state(m), log_std_state(log_std);
    const double rate = s_.learning_rate.at(i, s_.steps);
    const int steps = static_cast<int>(s_.gradient_steps.at(i, s_.steps));
    for (int k = 0; k < steps; ++k) {
      const at::Tensor spread = log_std.exp() * c.input.noise.normal_like(m);
      at::Tensor v = (m + spread).detach();
      const at::Tensor likelihood_gradient = log_density_gradient(c, v, tau);
      const at::Tensor g = (v - mean) / (std * std) - likelihood_gradient;
      m_state.step(m, g, rate);
      log_std_state.step(log_std, g * spread - 1.0, rate);
    }
    update = ((m - mean) / std).square().mean().sqrt().item<double>();
    return m + log_std.exp() * c.input.noise.normal_like(m);
  }

  static at::Tensor log_density_gradient(StepContext& c, const at::Tensor& v, const Levels& tau) {
    at::AutoGradMode with_grad(true);
    const at::Tensor input = v.detach().requires_grad_(true);
    // Chains do not interact, so the gradient of the sum is each chain's own.
    const at::Tensor density = c.guided_log_density(input, tau).sum();
    return c.backward(density, input);
  }

  at::Tensor gauss_newton_update(StepContext& c, int i, const at::Tensor& mean, const at::Tensor& std, const Levels& tau, double& update) const {
    const auto* likelihood = dynamic_cast<const GaussianLikelihood*>(c.input.likelihood);
    if (likelihood == nullptr) throw OperatorError("the update gauss_newton needs Gaussian noise; choose update adam");
    const double sigma = likelihood->sigma();
    at::Tensor u = c.input.noise.normal_like(mean);  // whitened: v = mean + std u
    const at::Tensor target_u = u;
    const at::Tensor y = likelihood->observation();
    at::Tensor target_y;
    const int rounds = static_cast<int>(s_.gradient_steps.at(i, s_.steps));
    for (int k = 0; k < rounds; ++k) {
      at::AutoGradMode with_grad(true);
      const at::Tensor v = (mean + std * u).detach().requires_grad_(true);
      const at::Tensor denoised = c.guided_denoise(v, tau);
      // The signal side on a graph of its own: cheap, and reusable for Jacobian products.
      const at::Tensor z = denoised.detach().requires_grad_(true);
      const at::Tensor h = likelihood->degradation().apply(c.input.prior.codec->decode(z));
      const at::Tensor cotangent = at::zeros_like(h).requires_grad_(true);
      const at::Tensor pulled = torch::autograd::grad({h}, {z}, {cotangent}, true, true)[0];  // J_h^T w, linear in w
      if (!target_y.defined()) target_y = (y + sigma * c.input.noise.normal_like(h)).detach();

      const auto network_transposed = [&](const at::Tensor& w) { return c.backward(denoised, v, w, true); };
      const auto signal_transposed = [&](const at::Tensor& w) { return signal_gradient(h, z, w); };
      const auto signal_forward = [&](const at::Tensor& w) { return signal_gradient(pulled, cotangent, w); };
      // (I + s^2 J^T J / sigma^2) w, the network's Jacobian taken as symmetric
      const auto normal_product = [&](const at::Tensor& w) {
        const at::Tensor forward = signal_forward(network_transposed(std * w));
        return w + std * network_transposed(signal_transposed(forward)) / (sigma * sigma);
      };
      const at::Tensor misfit = (target_y - h).detach() / (sigma * sigma);
      at::Tensor r = (target_u - u) + std * network_transposed(signal_transposed(misfit));
      at::Tensor du = at::zeros_like(u), p = r, rr = sum_per_chain(r * r);
      const at::Tensor enough = rr * (s_.conjugate_tolerance * s_.conjugate_tolerance);
      for (int step = 0; step < s_.conjugate_steps; ++step) {
        // A chain that is done stands still, whatever the others of its batch still need.
        const at::Tensor open = rr > enough;
        if (!open.any().item<bool>()) break;
        const at::Tensor q = normal_product(p);
        const at::Tensor curvature = sum_per_chain(p * q);
        // A network's Jacobian is only nearly symmetric: a direction of no or negative curvature ends
        // the search in its chain.
        const at::Tensor alpha = at::where(open.logical_and(curvature > 1e-12 * rr), rr / curvature, at::zeros_like(rr));
        du = du + alpha * p;
        r = r - alpha * q;
        const at::Tensor next = sum_per_chain(r * r);
        p = r + at::where(rr > 0, next / rr, at::zeros_like(rr)) * p;
        rr = next;
      }
      u = u + du;
    }
    update = u.square().mean().sqrt().item<double>();
    return (mean + std * u).detach();
  }

  at::Tensor denoise_chain(StepContext& c, const at::Tensor& x_tau, const Levels& tau) const {
    const int smallest = *std::min_element(tau.begin(), tau.end());
    const int points = std::min(s_.denoising_steps, smallest + 1);  // the same number for every chain
    if (points < 2) return c.denoise(x_tau, tau);
    std::vector<std::vector<int>> grids;
    for (const int level : tau) {
      std::vector<int> grid(points);
      for (int j = 0; j < points; ++j) grid[j] = static_cast<int>(int64_t{points - 1 - j} * level / (points - 1));
      grids.push_back(std::move(grid));
    }
    at::Tensor x = x_tau;
    for (int j = 0; j + 1 < points; ++j) {
      Levels from, to;
      for (const auto& grid : grids) {
        from.push_back(grid[j]);
        to.push_back(grid[j + 1]);
      }
      x = c.sample_bridge(x, c.denoise(x, from), from, to, {0}, s_.eta);
    }
    return x;
  }

  MgdmSettings s_;
};

const std::vector<std::string> kTauLaws{"uniform", "mix", "deterministic", "mix-det", "zero"};

}  // namespace

std::vector<int> denoising_grid(int tau, int denoising_steps) {
  const int points = std::min(denoising_steps, tau + 1);
  if (points < 2) return {tau, 0};
  std::vector<int> grid(points);
  for (int j = 0; j < points; ++j) grid[j] = static_cast<int>(int64_t{points - 1 - j} * tau / (points - 1));
  return grid;
}

MgdmSettings MgdmSettings::from(const Settings& s) {
  MgdmSettings m{.gradient_steps = StepRules(s.at("gradient_steps"), "gradient_steps", 0, 1000),
                 .learning_rate = StepRules(s.at("learning_rate"), "learning_rate", 1e-6, 10)};
  m.steps = s.at("steps");
  m.gibbs = s.at("gibbs");
  m.denoising_steps = s.at("denoising_steps");
  m.eta = s.at("eta");
  const auto law = std::find(kTauLaws.begin(), kTauLaws.end(), s.at("tau").get<std::string>());
  m.tau = static_cast<TauLaw>(law - kTauLaws.begin());
  m.threshold = s.at("threshold");
  m.min_tau = s.at("min_tau");
  m.tau_per_chain = s.at("tau_per_chain");
  m.update = s.at("update") == "adam" ? VariationalUpdate::Adam : VariationalUpdate::GaussNewton;
  m.conjugate_steps = s.at("conjugate_steps");
  m.conjugate_tolerance = s.at("conjugate_tolerance");
  m.reference_compatible = s.at("reference_compatible");
  return m;
}

std::unique_ptr<Sampler> make_mgdm(MgdmSettings settings) { return std::make_unique<Mgdm>(std::move(settings)); }

SamplerDescription describe_mgdm() {
  using K = SettingKind;
  const Settings paper_gradient = nlohmann::json::parse(R"([{"last": 30, "value": 20}, {"value": 5}])");
  const Settings paper_rate = nlohmann::json::parse(R"([{"first": 11, "value": 0.01}, {"value": 0.03}])");
  return {
      "mgdm",
      "MGDM",
      "Mixture-guided diffusion: Gibbs steps between an earlier time, the clean signal and the current state.",
      "A Mixture-Based Framework for Guiding Diffusion Models, ICML 2025",
      true,
      {{"steps", "Outer steps", "Noise levels from pure noise to the signal (n).", K::Integer, 100, 4, 999, {}, false},
       {"gibbs", "Gibbs repetitions", "Gibbs sweeps at each noise level (R).", K::Integer, 1, 1, 64, {}, false},
       {"denoising_steps", "Denoising steps", "Points of the DDIM grid from tau to 0 (M); M - 1 network evaluations.", K::Integer, 20, 1, 200, {}, false},
       {"gradient_steps", "Gradient steps", "Steps of the variational update at outer step i (G): a number, or rules over i. With gauss_newton: linearisations.", K::Rules, paper_gradient, 0, 1000, {}, false},
       {"learning_rate", "Learning rate", "Adam's absolute learning rate at outer step i: a number, or rules over i.", K::Rules, paper_rate, 1e-6, 10, {}, false},
       {"update", "Variational update", "adam: the paper's. gauss_newton: perturb-and-optimise with conjugate gradients.", K::Choice, "adam", 0, 0, {"adam", "gauss_newton"}, false},
       {"conjugate_steps", "Conjugate gradient steps", "At most, for each linearisation of gauss_newton; two backward passes each.", K::Integer, 3, 1, 100, {}, true},
       {"conjugate_tolerance", "Conjugate gradient tolerance", "gauss_newton: a sample is done when the residual of the normal equations has shrunk to this share; 0 takes all steps.", K::Real, 0.0, 0.0, 0.99, {}, true},
       {"tau", "Law of tau", "How the earlier time is drawn: uniform below t, mix (uniform, then the level below t), deterministic, mix-det (3/4 t, then below t), zero (near 0).", K::Choice, "mix", 0, 0, kTauLaws, false},
       {"threshold", "Threshold", "Outer step at which the mix laws change.", K::Integer, 70, 0, 1000, {}, true},
       {"min_tau", "Smallest tau", "Smallest earlier time of the uniform laws.", K::Integer, 10, 1, 998, {}, true},
       {"tau_per_chain", "Tau for each sample", "Draw tau for each sample of a batch instead of one for all.", K::Boolean, true, 0, 0, {}, true},
       {"eta", "Stochasticity", "eta of the outer bridge and of the denoising steps: 0 deterministic, 1 as DDPM.", K::Real, 1.0, 0.0, 1.0, {}, true},
       {"reference_compatible", "As the public code", "Keep the conventions of the paper's public code (n - 3 outer steps, one tau for the batch).", K::Boolean, false, 0, 0, {}, true}},
      {{"quick", {{"steps", 16}, {"denoising_steps", 2}, {"threshold", 11}, {"update", "gauss_newton"}, {"gradient_steps", 1}, {"conjugate_steps", 2}}},
       {"balanced", {{"steps", 24}, {"denoising_steps", 3}, {"threshold", 17}, {"update", "gauss_newton"}, {"gradient_steps", 1}, {"conjugate_steps", 4}}},
       {"best", {{"steps", 100}, {"denoising_steps", 10}, {"threshold", 70}, {"update", "gauss_newton"}, {"gradient_steps", 2}, {"conjugate_steps", 3}}},
       {"paper", nlohmann::json::object()}},
      [](const Settings& s) { return make_mgdm(MgdmSettings::from(s)); }};
}

}  // namespace mgdm
