// Wu, Sun, Chen, Zhang, Yue & Bouman, "Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play
// Priors", NeurIPS 2024 (alg. 1): split Gibbs. In turn
//   z ~ N(z; x, rho^2 I) p(y | z)      exact where it is Gaussian, else perturb and optimise (any law of noise)
//   x ~ p(x | z = x + rho n)           the reverse diffusion from noise rho (EDM, variance exploding, Euler-Maruyama)
// while the coupling rho goes down from rho_start by a factor to rho_min.
//
// The public code starts the reverse diffusion at the first level of a fixed grid below rho (here: at rho), and in
// its Langevin steps (`langevin`) the coupling has the wrong sign and rho_start in place of rho; both set right
// unless `reference_compatible`.
#include <ATen/ATen.h>
#include "core/samplers/competitors.h"
#include "core/samplers/mgdm_update.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

class PnpDm : public Sampler {
 public:
  explicit PnpDm(const Settings& s)
      : steps_(s.at("steps")),
        rho_start_(s.at("rho_start")),
        rho_decay_(s.at("rho_decay")),
        rho_min_(s.at("rho_min")),
        langevin_(s.at("langevin")),
        langevin_steps_(s.at("langevin_steps")),
        langevin_rate_(s.at("langevin_rate")),
        grid_(s.at("grid")),
        reference_(s.at("reference_compatible")) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Likelihood& likelihood = likelihood_of(input, "pnp_dm");
      if (!likelihood.differentiable())
        throw OperatorError("the sampler pnp_dm needs the degradation's gradient; this one has none");
      const bool langevin = langevin_ || (reference_ && !likelihood.degradation().has_svd());
      at::Tensor x = input.start != nullptr ? input.start->x0 : input.x_init, state;
      for (int i = 0; i < steps_ - 1; ++i) {
        const double rho = std::max(rho_start_ * std::pow(rho_decay_, i), rho_min_);
        const int level = c.schedule.nearest_level(rho);
        if (input.start != nullptr && level >= input.start->t && i + 2 < steps_) continue;
        c.step = i + 1;
        at::Tensor z;
        if (langevin) {
          z = langevin_steps(c, likelihood, x, rho);
        } else {
          const at::Tensor std =
              at::full({}, rho, x.options()).reshape(std::vector<int64_t>(static_cast<size_t>(x.dim()), 1));
          double moved = 0;
          z = draw_conditional({Update::GaussNewton, 50, 1e-4}, {c, x, std, nullptr, 2}, state, moved);
        }
        x = reverse_diffusion(c, z, rho);
        c.show_step(static_cast<size_t>(steps_ - 1), level, x, z * std::sqrt(c.schedule.alpha_bar(level)));
      }
      return x;
    });
  }

 private:
  at::Tensor langevin_steps(StepContext& c, const Likelihood& likelihood, const at::Tensor& x, double rho) const {
    at::Tensor z = x;
    // The public code's coupling pushes z away from x, with rho_start whatever the level.
    const double coupling = reference_ ? 1 / (rho_start_ * rho_start_) : -1 / (rho * rho);
    for (int k = 0; k < langevin_steps_; ++k) {
      if (c.input.stop.stop_requested()) throw Stopped{};
      const at::Tensor gradient = gradient_at(
          z, [&](const at::Tensor& v) { return likelihood.log_density(c.input.prior.codec->decode(v)).sum(); });
      z = z + langevin_rate_ * (gradient + coupling * (z - x)) +
          std::sqrt(2 * langevin_rate_) * c.input.noise.normal_like(z);
    }
    return z;
  }

  at::Tensor reverse_diffusion(StepContext& c, at::Tensor x, double rho) const {
    std::vector<double> sigmas;
    if (!reference_) sigmas.push_back(rho);
    for (int j = 0; j < grid_ - 1; ++j) {
      const double sigma = 100 * std::pow(0.02 / 100, static_cast<double>(j) / (grid_ - 2));
      if (sigma < rho) sigmas.push_back(sigma);
    }
    if (sigmas.empty()) sigmas.push_back(rho);
    sigmas.push_back(0);
    for (size_t j = 0; j + 1 < sigmas.size(); ++j) {
      const double now = sigmas[j] * sigmas[j], gone = now - sigmas[j + 1] * sigmas[j + 1];
      x = x - gone / now * (x - c.denoise_at(x, sigmas[j]));
      if (sigmas[j + 1] > 0) x = x + std::sqrt(gone) * c.input.noise.normal_like(x);
    }
    return x;
  }

  int steps_;
  double rho_start_, rho_decay_, rho_min_;
  bool langevin_;
  int langevin_steps_;
  double langevin_rate_;
  int grid_;
  bool reference_;
};

}  // namespace

SamplerDescription describe_pnp_dm() {
  using K = SettingKind;
  return {"pnp_dm",
          "PnP-DM",
          "Split Gibbs: the observation's step and the prior's in turn, coupled ever closer.",
          "Wu et al., Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play Priors, NeurIPS 2024",
          true,
          {steps_setting(100, "Iterations, and one more."),
           {"rho_start",
            "First coupling",
            "rho: standard deviation between the two variables at first.",
            K::Real,
            10.0,
            0.01,
            1000.0,
            {},
            false},
           {"rho_decay", "Decay", "Factor of rho from one iteration to the next.", K::Real, 0.9, 0.1, 1.0, {}, false},
           {"rho_min",
            "Last coupling",
            "Smallest rho; the smaller, the closer the observation is met.",
            K::Real,
            0.3,
            1e-4,
            10.0,
            {},
            false},
           {"grid",
            "Noise levels",
            "Levels of the reverse diffusion from sigma 100 to 0; those below rho are walked.",
            K::Integer,
            100,
            4,
            1000,
            {},
            true},
           {"langevin",
            "Langevin steps instead",
            "Meet the observation by Langevin steps instead of an exact draw.",
            K::Boolean,
            false,
            0,
            0,
            {},
            true},
           {"langevin_steps", "Langevin steps", "Their number.", K::Integer, 100, 1, 10000, {}, true},
           {"langevin_rate", "Langevin step size", "Their size.", K::Real, 1e-4, 1e-12, 1.0, {}, true},
           reference_setting("Start below rho, and couple the Langevin steps with the public code's sign and rho.")},
          {{"quick", {{"steps", 12}, {"rho_decay", 0.6}, {"rho_min", 0.1}, {"grid", 20}}},
           {"balanced", {{"steps", 30}, {"rho_decay", 0.8}, {"rho_min", 0.1}, {"grid", 40}}},
           {"best", {{"steps", 100}, {"rho_min", 0.1}}},
           {"paper", nlohmann::json::object()}},
          [](const Settings& s) { return std::make_unique<PnpDm>(s); },
          OperatorNeed::Gradient,
          {NoiseLaw::Gaussian, NoiseLaw::Poisson, NoiseLaw::SaltAndPepper}};
}

}  // namespace mgdm
