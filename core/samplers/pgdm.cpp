// Song, Vahdat, Mardani & Kautz, "Pseudoinverse-Guided Diffusion Models for Inverse Problems", ICLR 2023. In the
// operator's spectral coordinates, with xh = V^T x0hat(x, t),
//   log p(y | x_t) ~ -1/2 sum_i (ybar_i - s_i xh_i)^2 / (s_i^2 + sigma^2 / (1 - abar_t)),
//   x <- DDIM(x, t -> t') + sqrt(abar_t abar_t') d log p / dx.
// Needs the operator's singular value decomposition.
#include <ATen/ATen.h>
#include "core/samplers/competitors.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

class Pgdm : public Sampler {
 public:
  explicit Pgdm(const Settings& s) : steps_(s.at("steps")), eta_(s.at("eta")) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Operator& h = spectral_of(input, "pgdm");
      const GaussianLikelihood& likelihood = gaussian_of(input, "pgdm");
      const at::Tensor s = h.singular_values().to(input.x_init.options()),
                       seen = h.observation_to_spectral(likelihood.observation());
      const double variance = likelihood.sigma() * likelihood.sigma();
      const std::vector<int> ascending = c.schedule.timesteps(steps_);
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
        z = c.sample_bridge(z, x0, {t}, {next}, {0}, eta_) +
            std::sqrt(c.schedule.alpha_bar(t) * c.schedule.alpha_bar(next)) * gradient;
        c.show_step(levels.size() - 2, next, h.from_spectral(x0), h.from_spectral(z));
      }
      return c.denoise(h.from_spectral(z), {levels[levels.size() - 2]});
    });
  }

 private:
  int steps_;
  double eta_;
};

}  // namespace

SamplerDescription describe_pgdm() {
  return {"pgdm",
          "PGDM",
          "Ancestral steps guided by the pseudo-inverse's misfit through the network.",
          "Song et al., Pseudoinverse-Guided Diffusion Models for Inverse Problems, ICLR 2023",
          true,
          {steps_setting(1000), eta_setting(1.0)},
          {{"quick", {{"steps", 50}}},
           {"balanced", {{"steps", 150}}},
           {"best", {{"steps", 1000}}},
           {"paper", nlohmann::json::object()}},
          [](const Settings& s) { return std::make_unique<Pgdm>(s); },
          OperatorNeed::Decomposition};
}

}  // namespace mgdm
