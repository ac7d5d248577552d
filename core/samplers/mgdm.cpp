#include "core/samplers/mgdm.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/files/json_text.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

constexpr double kResampleBelow = 0.95;    // effective share of the chains
constexpr int64_t kFewestToResample = 64;  // fewer chains would only become copies of each other

class Mgdm : public Sampler {
 public:
  explicit Mgdm(MgdmSettings settings) : s_(std::move(settings)) {}

  SamplerResult run(const SamplerInput& input) const override {
    if (input.likelihood == nullptr)
      throw OperatorError("MGDM needs an observation; use the sampler ddim to sample the prior");
    if (!input.likelihood->differentiable() && s_.update.kind != Update::EllipticalSlice &&
        s_.update.kind != Update::EnsembleKalman) {
      MgdmSettings gradient_free = s_;  // a black box: the update that needs values only
      gradient_free.update.kind = Update::EnsembleKalman;
      gradient_free.guidance = Guidance::Annealed;
      return Mgdm(std::move(gradient_free)).run(input);
    }
    StepContext context(input);
    context.latest = at::zeros_like(input.x_init);
    try {
      if (s_.guidance == Guidance::Denoised) {
        chain(context);
      } else {
        annealed_chain(context);
      }
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
    at::Tensor state;
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
        const at::Tensor x_tau = draw_conditional(
            s_.update, {c, mean, b.std, &tau, gradient_steps(i), s_.learning_rate.at(i, n)}, state, update);
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

  int gradient_steps(int i) const { return static_cast<int>(s_.gradient_steps.at(i, s_.steps)); }

  // ---- annealed guidance ----

  // n noise levels from first down to last, even in their logarithm.
  static std::vector<double> ladder(double first, double last, int n) {
    std::vector<double> sigmas;
    for (int k = 0; k < n; ++k)
      sigmas.push_back(first * std::pow(last / first, n == 1 ? 0.0 : static_cast<double>(k) / (n - 1)));
    return sigmas;
  }

  // Noise levels of a denoising that starts at sigma, the last one 0.
  std::vector<double> denoising_ladder(double sigma) const {
    constexpr double kFinest = 0.01, kLast = 0.02;
    const double share = std::log(sigma / kFinest) / std::log(s_.first_sigma / kFinest);
    const int most = s_.denoising_steps, least = std::min(most, 2);
    std::vector<double> sigmas = ladder(sigma, std::min(kLast, sigma / 2),
                                        std::clamp(static_cast<int>(std::lround(share * most)), least, 4 * most));
    sigmas.push_back(0);
    return sigmas;
  }

  // A draw of x_0 given x = x_0 + sigma n, one evaluation for each noise level on the way down to 0.
  at::Tensor stochastic_denoise(StepContext& c, const at::Tensor& x, double sigma, double matched_below) const {
    return s_.denoising == Denoising::MomentMatching ? moment_matching_denoise(c, x, sigma)
                                                     : dpm_solver_denoise(c, x, sigma, matched_below);
  }

  // For a Gaussian prior the step from sigma to s has, with r = s^2 / sigma^2 and the denoiser's Jacobian J,
  //   mean r x + (1 - r) D(x, sigma),   covariance (sigma^2 - s^2) (r I + (1 - r) J):
  // ancestral sampling forgets the part with J, the spread of x_0 itself. Here one noise n goes both straight into the
  // result and, through x + a n, through the denoiser: with a = sigma sqrt((1 - sqrt r) / (1 + sqrt r)) it comes out as
  // (sqrt r I + (1 - sqrt r) J) n sqrt(sigma^2 - s^2). The mean is exact; so is the covariance where J is 0 or 1 (a
  // prior that is a point, or flat, at the scale of sigma), and it is within 3 % for r = 1/2 in between.
  at::Tensor moment_matching_denoise(StepContext& c, at::Tensor x, double sigma) const {
    const std::vector<double> sigmas = denoising_ladder(sigma);
    for (size_t k = 0;; ++k) {
      const double now = sigmas[k], root = sigmas[k + 1] / now, r = root * root;
      const double through = now * std::sqrt((1 - root) / (1 + root));
      const at::Tensor n = c.input.noise.normal_like(x);
      const at::Tensor x0 = c.denoise_at(x + through * n, now);
      if (r == 0) return x0;
      x = r * x + (1 - r) * x0 + (now * std::sqrt((1 - r) * r)) * n;
    }
  }

  // Above
  // `matched_below` the steps are those of SDE-DPM-Solver++(2M) (Lu et al. 2022). They lose part of the spread of
  // x_0 | x where the prior is flat at the scale of sigma, which it is at small sigma; there, and in the last step,
  // a step to sigma' first adds noise of variance sigma^2 - sigma'^2, as much as the reverse diffusion has in it,
  // then follows the probability-flow ODE down to sigma' (Karras et al. 2022, alg. 2, with the noise matched): exact
  // however few the steps where the prior is flat and where it is a point.
  at::Tensor dpm_solver_denoise(StepContext& c, at::Tensor x, double sigma, double matched_below) const {
    const std::vector<double> sigmas = denoising_ladder(sigma);
    at::Tensor previous;
    double previous_step = 0;
    for (size_t k = 0; k + 1 < sigmas.size(); ++k) {
      const double now = sigmas[k], next = sigmas[k + 1];
      const bool matched = now <= matched_below || next == 0;
      const double added = matched ? std::sqrt(now * now - next * next) : 0, raised = std::hypot(now, added);
      if (matched) x = x + added * c.input.noise.normal_like(x);
      const at::Tensor x0 = c.denoise_at(x, raised);
      if (next == 0) return x0;
      const double step = std::log(raised / next);
      at::Tensor estimate = x0;
      if (!matched && previous.defined() && s_.second_order)
        estimate = x0 + (0.5 * step / previous_step) * (x0 - previous);
      if (matched) {
        x = estimate + (next / raised) * (x - estimate);
      } else {
        const double forget = 1 - std::exp(-2 * step);
        x = (1 - forget) * x + forget * estimate + (next * std::sqrt(forget)) * c.input.noise.normal_like(x);
      }
      previous = x0;
      previous_step = step;
    }
    return x;
  }

  // Systematic resampling (Kitagawa 1996) where the effective sample size has fallen.
  static bool resample(StepContext& c, at::Tensor& x_0, at::Tensor& log_weights, bool at_once) {
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

  void annealed_chain(StepContext& c) const {
    const NoiseSchedule& schedule = c.schedule;
    const Likelihood* const likelihood = c.input.likelihood;
    const double sigma_y = likelihood->level();
    const double matched_below = s_.last_sigma * sigma_y;
    const double top = schedule.sigma(schedule.steps()), first = std::min(s_.first_sigma, top);
    const std::vector<double> sigmas = ladder(first, std::min(first, s_.last_sigma * sigma_y), s_.steps);
    // How far x_0 is from the observation says nothing of a latent's share unless decoding is the identity.
    const bool resampling = s_.resample && !c.input.prior.traits.latent && likelihood->differentiable() &&
                            c.input.x_init.size(0) >= kFewestToResample;
    size_t begin = 0;
    at::Tensor x_0, state;
    if (c.input.start != nullptr) {
      x_0 = c.input.start->x0;
      while (begin + 1 < sigmas.size() && schedule.nearest_level(sigmas[begin]) >= c.input.start->t) ++begin;
    } else {
      x_0 = stochastic_denoise(c, c.input.x_init / std::sqrt(schedule.alpha_bar(schedule.steps())), top, matched_below);
    }
    c.latest = x_0;
    at::Tensor log_weights = at::zeros({x_0.size(0)}, at::TensorOptions().dtype(at::kDouble).device(x_0.device())),
               log_likelihood = log_weights;
    const auto reweigh = [&](double rho) {
      const at::Tensor now =
          annealed_log_likelihood(*likelihood, c.input.prior.codec->decode(x_0), rho).to(at::kDouble);
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
      for (int r = 0; r < s_.gibbs; ++r) {
        double update = 0;
        const at::Tensor mean = x_0;
        const at::Tensor v = draw_conditional(s_.update,
                                              {c, mean, std, nullptr, gradient_steps(static_cast<int>(k)),
                                               s_.learning_rate.at(static_cast<int>(k), s_.steps)},
                                              state, update);
        c.check_finite(v, "x_tau");
        x_0 = stochastic_denoise(c, v, rho, matched_below);
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

  // ---- the paper's guidance ----

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

const std::vector<std::string> kUpdates{"gauss_vi", "gauss_newton", "jacobian_free", "elliptical_slice",
                                        "ensemble_kalman"};
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
  MgdmSettings m{.update = {},
                 .gradient_steps = StepRules(s.at("gradient_steps"), "gradient_steps", 0, 1000),
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
  const auto update = std::find(kUpdates.begin(), kUpdates.end(), s.at("update").get<std::string>());
  m.update.kind = static_cast<Update>(update - kUpdates.begin());
  m.update.conjugate_steps = s.at("conjugate_steps");
  m.update.conjugate_tolerance = s.at("conjugate_tolerance");
  m.guidance = s.at("guidance") == "annealed" ? Guidance::Annealed : Guidance::Denoised;
  m.first_sigma = s.at("first_sigma");
  m.last_sigma = s.at("last_sigma");
  m.resample = s.at("resample");
  m.denoising = s.at("denoising") == "dpm_solver" ? Denoising::DpmSolver : Denoising::MomentMatching;
  m.second_order = s.at("second_order");
  m.reference_compatible = s.at("reference_compatible");
  return m;
}

std::unique_ptr<Sampler> make_mgdm(MgdmSettings settings) { return std::make_unique<Mgdm>(std::move(settings)); }

namespace {

// The settings of the paper's code (its configuration files) for a family of priors, on top of those for "ffhq".
Settings papers(const std::string& config) {
  if (config == "imagenet") return {{"learning_rate", 0.03}};
  if (config == "ffhq_ldm")
    return Settings::parse(
        R"({"gradient_steps": [{"last": 30, "value": 20}, {"every": 10, "value": 20}, {"value": 3}]})");
  if (config == "sound") {
    return Settings::parse(
        R"({"steps": 20, "gibbs": 6, "denoising_steps": 15, "threshold": 13, "gradient_steps": [{"last": 10, "value": 20}, {"value": 3}], "learning_rate": 0.005})");
  }
  return Settings::object();
}

// A linear map that is decomposed and sees some directions far better than others (a JPEG file's coefficients): a few
// conjugate gradients through the network do not get to the end of it, but with the identity as the network's Jacobian
// the update is exact, and what that saves goes into more outer steps. Measured in README, "before and after".
Settings suited_to(const std::string& preset, const Operator* degradation, const PriorTraits& prior) {
  if (preset == "paper") return papers(prior.paper_config);
  const std::map<std::string, Settings> finer{{"quick", {{"steps", 40}, {"threshold", 30}}},
                                              {"balanced", {{"steps", 80}, {"threshold", 60}}},
                                              {"best", {{"steps", 250}, {"threshold", 188}, {"denoising_steps", 4}}}};
  const auto found = finer.find(preset);
  if (found == finer.end() || prior.latent || degradation == nullptr || !degradation->linear() ||
      !degradation->has_svd())
    return Settings::object();
  const at::Tensor s = degradation->singular_values(), seen = s.masked_select(s > 0);
  if (seen.numel() == 0 || (seen.max() / seen.min()).item<double>() < 8) return Settings::object();
  Settings settings = found->second;
  settings.update({{"update", "jacobian_free"}, {"gradient_steps", 1}, {"conjugate_steps", 1}});
  return settings;
}

}  // namespace

SamplerDescription describe_mgdm() {
  using K = SettingKind;
  const Settings paper_gradient = parse_json(R"([{"last": 30, "value": 20}, {"value": 5}])");
  const Settings paper_rate = parse_json(R"([{"first": 11, "value": 0.01}, {"value": 0.03}])");
  return {
      "mgdm",
      "MGDM",
      "Mixture-guided diffusion: Gibbs steps between an earlier time, the clean signal and the current state.",
      "A Mixture-Based Framework for Guiding Diffusion Models, ICML 2025",
      true,
      {{"steps", "Outer steps", "Noise levels from pure noise to the signal (n).", K::Integer, 100, 4, 999, {}, false},
       {"gibbs", "Gibbs repetitions", "Gibbs sweeps at each noise level (R).", K::Integer, 1, 1, 64, {}, false},
       {"denoising_steps",
        "Denoising steps",
        "Points of the DDIM grid from tau to 0 (M); M - 1 network evaluations.",
        K::Integer,
        20,
        1,
        200,
        {},
        false},
       {"gradient_steps",
        "Gradient steps",
        "Steps of the update at outer step i (G): a number, or rules over i. gauss_newton: linearisations; "
        "elliptical_slice: moves; ensemble_kalman: updates.",
        K::Rules,
        2,
        0,
        1000,
        {},
        false},
       {"learning_rate",
        "Learning rate",
        "Adam's absolute learning rate at outer step i: a number, or rules over i.",
        K::Rules,
        paper_rate,
        1e-6,
        10,
        {},
        false},
       {"update", "Variational update",
        "How x_tau is drawn. gauss_vi: the paper's, by Adam. gauss_newton: perturb and optimise. jacobian_free: the "
        "same without going back through the network. elliptical_slice and ensemble_kalman: without any gradient.",
        K::Choice, "gauss_newton", 0, 0, kUpdates, false},
       {"guidance",
        "Guidance",
        "Where the likelihood of x_tau looks. annealed: at x_tau itself; exact Gibbs steps for the posterior with "
        "noise tau added. denoised: at the denoiser's estimate, the paper's.",
        K::Choice,
        "annealed",
        0,
        0,
        {"annealed", "denoised"},
        false},
       {"first_sigma",
        "First noise level",
        "annealed: standard deviation of the first x_tau's noise.",
        K::Real,
        10.0,
        0.1,
        1000.0,
        {},
        true},
       {"last_sigma",
        "Last noise level",
        "annealed: standard deviation of the last x_tau's noise, in units of the observation's.",
        K::Real,
        0.1,
        0.01,
        10.0,
        {},
        true},
       {"resample",
        "Resample",
        "annealed, from 64 samples on: weigh the samples of a batch against each other, which makes the shares of "
        "far-apart modes exact.",
        K::Boolean,
        true,
        0,
        0,
        {},
        true},
       {"denoising",
        "Denoising",
        "annealed: how x_0 is drawn from x_tau. moment_matching: exact for Gaussian priors up to 3 % of the variance; "
        "dpm_solver: SDE-DPM-Solver++(2M).",
        K::Choice,
        "moment_matching",
        0,
        0,
        {"moment_matching", "dpm_solver"},
        true},
       {"second_order",
        "Second-order denoising",
        "dpm_solver: second-order steps from x_tau to x_0.",
        K::Boolean,
        true,
        0,
        0,
        {},
        true},
       {"conjugate_steps",
        "Conjugate gradient steps",
        "At most, for each linearisation of gauss_newton; at the denoiser's estimate each costs two backward passes.",
        K::Integer,
        20,
        1,
        100,
        {},
        true},
       {"conjugate_tolerance",
        "Conjugate gradient tolerance",
        "gauss_newton: a sample is done when the residual of the normal equations has shrunk to this share; 0 takes "
        "all steps.",
        K::Real,
        0.01,
        0.0,
        0.99,
        {},
        true},
       {"tau", "Law of tau",
        "How the earlier time is drawn: uniform below t, mix (uniform, then the level below t), deterministic, mix-det "
        "(3/4 t, then below t), zero (near 0).",
        K::Choice, "mix", 0, 0, kTauLaws, false},
       {"threshold", "Threshold", "Outer step at which the mix laws change.", K::Integer, 70, 0, 1000, {}, true},
       {"min_tau", "Smallest tau", "Smallest earlier time of the uniform laws.", K::Integer, 10, 1, 998, {}, true},
       {"tau_per_chain",
        "Tau for each sample",
        "Draw tau for each sample of a batch instead of one for all.",
        K::Boolean,
        true,
        0,
        0,
        {},
        true},
       {"eta",
        "Stochasticity",
        "eta of the outer bridge and of the denoising steps: 0 deterministic, 1 as DDPM.",
        K::Real,
        1.0,
        0.0,
        1.0,
        {},
        true},
       {"reference_compatible",
        "As the public code",
        "Keep the conventions of the paper's public code (n - 3 outer steps, one tau for the batch).",
        K::Boolean,
        false,
        0,
        0,
        {},
        true}},
      {{"quick",
        {{"steps", 16},
         {"denoising_steps", 2},
         {"threshold", 11},
         {"guidance", "denoised"},
         {"denoising", "dpm_solver"},
         {"first_sigma", 1.0},
         {"last_sigma", 1.0},
         {"conjugate_tolerance", 0},
         {"update", "gauss_newton"},
         {"gradient_steps", 1},
         {"conjugate_steps", 2}}},
       {"balanced",
        {{"steps", 24},
         {"denoising_steps", 3},
         {"threshold", 17},
         {"guidance", "denoised"},
         {"denoising", "dpm_solver"},
         {"first_sigma", 1.0},
         {"last_sigma", 1.0},
         {"conjugate_tolerance", 0},
         {"update", "gauss_newton"},
         {"gradient_steps", 1},
         {"conjugate_steps", 4}}},
       {"best",
        {{"steps", 100},
         {"denoising_steps", 10},
         {"threshold", 70},
         {"guidance", "denoised"},
         {"denoising", "dpm_solver"},
         {"first_sigma", 1.0},
         {"last_sigma", 1.0},
         {"conjugate_tolerance", 0},
         {"update", "gauss_newton"},
         {"gradient_steps", 2},
         {"conjugate_steps", 3}}},
       {"exact", nlohmann::json::object()},
       {"paper", {{"guidance", "denoised"}, {"update", "gauss_vi"}, {"gradient_steps", paper_gradient}}}},
      [](const Settings& s) { return make_mgdm(MgdmSettings::from(s)); },
      OperatorNeed::Nothing,
      {NoiseLaw::Gaussian, NoiseLaw::Poisson, NoiseLaw::SaltAndPepper},
      suited_to};
}

}  // namespace mgdm
