// Song, Vahdat, Mardani & Kautz, "Pseudoinverse-Guided Diffusion Models for Inverse Problems", ICLR 2023. In the
// operator's spectral coordinates, with xh = V^T x0hat(x, t),
//   log p(y | x_t) ~ -1/2 sum_i (ybar_i - s_i xh_i)^2 / (s_i^2 + sigma^2 / (1 - abar_t)),
//   x <- DDIM(x, t -> t') + sqrt(abar_t abar_t') d log p / dx.
// Needs the operator's singular value decomposition.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct PgdmSettings {
  int steps;
  double eta;
};

Fields<PgdmSettings> pgdm_fields() {
  return {steps_field(&PgdmSettings::steps, 1000), eta_field(&PgdmSettings::eta, 1.0)};
}

class Pgdm : public Sampler {
 public:
  explicit Pgdm(PgdmSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Operator& h = spectral_of(input, "pgdm");
      const GaussianLikelihood& likelihood = gaussian_of(input, "pgdm");
      const at::Tensor s = h.singular_values().to(input.x_init.options()),
                       seen = h.observation_to_spectral(likelihood.observation());
      const double variance = likelihood.sigma() * likelihood.sigma();
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      const size_t first = enter_levels(levels, input.start);
      at::Tensor z = input.start != nullptr ? h.to_spectral(input.start->x_t) : input.x_init.flatten(1);
      for (size_t i = first; i + 2 < levels.size(); ++i) {
        c.step = static_cast<int>(i) + 1;
        const int t = levels[i], next = levels[i + 1];
        at::Tensor x0, gradient;
        {
          at::AutoGradMode with_grad(true);
          const at::Tensor v = z.detach().requires_grad_(true);
          const at::Tensor spectral = h.to_spectral(c.guided_denoise(h.from_spectral(v), {t}));
          const at::Tensor misfit = seen - s * spectral.slice(1, 0, s.numel());
          const at::Tensor log_density =
              -0.5 * (misfit.square() / (s.square() + variance / (1 - c.schedule.alpha_bar(t)))).sum();
          gradient = c.backward(log_density, v);
          x0 = spectral.detach();
        }
        z = c.sample_bridge(z, x0, {t}, {next}, {0}, s_.eta) +
            std::sqrt(c.schedule.alpha_bar(t) * c.schedule.alpha_bar(next)) * gradient;
        c.show_step(levels.size() - 2, next, h.from_spectral(x0), h.from_spectral(z));
      }
      return c.denoise(h.from_spectral(z), {levels[levels.size() - 2]});
    });
  }

 private:
  PgdmSettings s_;
};

}  // namespace

SamplerDescription describe_pgdm() {
  return {.name = "pgdm",
          .label = "PGDM",
          .help = "Ancestral steps guided by the pseudo-inverse's misfit through the network.",
          .paper = "Song et al., Pseudoinverse-Guided Diffusion Models for Inverse Problems, ICLR 2023",
          .rank = 20,
          .settings = described(pgdm_fields()),
          .presets = {{"quick", {{"steps", 50}}},
                      {"balanced", {{"steps", 150}}},
                      {"best", {{"steps", 1000}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Pgdm>(typed(pgdm_fields(), s)); },
          .need = OperatorNeed::Decomposition};
}

}  // namespace mgdm
