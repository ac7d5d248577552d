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

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"
#include "core/samplers/updates/draw.h"

namespace mgdm {

namespace {

struct PnpDmSettings {
  int steps, grid, langevin_steps;
  double rho_start, rho_decay, rho_min, langevin_rate;
  bool langevin, reference_compatible;
};

Fields<PnpDmSettings> pnp_dm_fields() {
  using S = PnpDmSettings;
  return {steps_field(&S::steps, 100, "Iterations, and one more."),
          field(&S::rho_start, "rho_start", "First coupling",
                "rho: standard deviation between the two variables at first.", 10.0, 0.01, 1000),
          field(&S::rho_decay, "rho_decay", "Decay", "Factor of rho from one iteration to the next.", 0.9, 0.1, 1),
          field(&S::rho_min, "rho_min", "Last coupling",
                "Smallest rho; the smaller, the closer the observation is met.", 0.3, 1e-4, 10),
          field(&S::grid, "grid", "Noise levels",
                "Levels of the reverse diffusion from sigma 100 to 0; those below rho are walked.", 100, 4, 1000),
          field(&S::langevin, "langevin", "Langevin steps instead",
                "Meet the observation by Langevin steps instead of an exact draw.", false),
          field(&S::langevin_steps, "langevin_steps", "Langevin steps", "Their number.", 100, 1, 10000),
          field(&S::langevin_rate, "langevin_rate", "Langevin step size", "Their size.", 1e-4, 1e-12, 1),
          reference_field(&S::reference_compatible,
                          "Start below rho, and couple the Langevin steps with the public code's sign and rho.")};
}

class PnpDm : public Sampler {
 public:
  explicit PnpDm(PnpDmSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Likelihood& likelihood = likelihood_of(input, "pnp_dm");
      if (!likelihood.differentiable())
        throw OperatorError("the sampler pnp_dm needs the degradation's gradient; this one has none");
      const bool langevin = s_.langevin || (s_.reference_compatible && !likelihood.degradation().has_svd());
      at::Tensor x = input.start != nullptr ? input.start->x0 : input.x_init, state;
      for (int i = 0; i < s_.steps - 1; ++i) {
        const double rho = std::max(s_.rho_start * std::pow(s_.rho_decay, i), s_.rho_min);
        const int level = c.schedule.nearest_level(rho);
        if (input.start != nullptr && level >= input.start->t && i + 2 < s_.steps) continue;
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
        c.show_step(static_cast<size_t>(s_.steps - 1), level, x, z * std::sqrt(c.schedule.alpha_bar(level)));
      }
      return x;
    });
  }

 private:
  at::Tensor langevin_steps(StepContext& c, const Likelihood& likelihood, const at::Tensor& x, double rho) const {
    at::Tensor z = x;
    // The public code's coupling pushes z away from x, with rho_start whatever the level.
    const double coupling = s_.reference_compatible ? 1 / (s_.rho_start * s_.rho_start) : -1 / (rho * rho);
    for (int k = 0; k < s_.langevin_steps; ++k) {
      if (c.input.stop.stop_requested()) throw Stopped{};
      const at::Tensor gradient = gradient_at(
          z, [&](const at::Tensor& v) { return likelihood.log_density(c.input.prior.codec->decode(v)).sum(); });
      z = z + s_.langevin_rate * (gradient + coupling * (z - x)) +
          std::sqrt(2 * s_.langevin_rate) * c.input.noise.normal_like(z);
    }
    return z;
  }

  at::Tensor reverse_diffusion(StepContext& c, at::Tensor x, double rho) const {
    std::vector<double> sigmas;
    if (!s_.reference_compatible) sigmas.push_back(rho);
    for (int j = 0; j < s_.grid - 1; ++j) {
      const double sigma = 100 * std::pow(0.02 / 100, static_cast<double>(j) / (s_.grid - 2));
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

  PnpDmSettings s_;
};

}  // namespace

SamplerDescription describe_pnp_dm() {
  return {.name = "pnp_dm",
          .label = "PnP-DM",
          .help = "Split Gibbs: the observation's step and the prior's in turn, coupled ever closer.",
          .paper =
              "Wu et al., Principled Probabilistic Imaging using Diffusion Models as Plug-and-Play Priors, NeurIPS "
              "2024",
          .rank = 80,
          .settings = described(pnp_dm_fields()),
          .presets = {{"quick", {{"steps", 12}, {"rho_decay", 0.6}, {"rho_min", 0.1}, {"grid", 20}}},
                      {"balanced", {{"steps", 30}, {"rho_decay", 0.8}, {"rho_min", 0.1}, {"grid", 40}}},
                      {"best", {{"steps", 100}, {"rho_min", 0.1}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<PnpDm>(typed(pnp_dm_fields(), s)); },
          .need = OperatorNeed::Gradient,
          .laws = {NoiseLaw::Gaussian, NoiseLaw::Poisson, NoiseLaw::SaltAndPepper}};
}

}  // namespace mgdm
