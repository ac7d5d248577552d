// Song, Meng & Ermon, "Denoising Diffusion Implicit Models", ICLR 2021 (eq. 12): unconditional sampling, which shows
// what the prior alone knows.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DdimSettings {
  int steps;   ///< network evaluations
  double eta;  ///< 0 deterministic, 1 as stochastic as DDPM
};

Fields<DdimSettings> ddim_fields() {
  return {field(&DdimSettings::steps, "steps", "Steps", "Denoising steps, one network evaluation each.", 50, 2, 999),
          field(&DdimSettings::eta, "eta", "Stochasticity", "eta of DDIM: 0 deterministic, 1 as DDPM.", 1.0, 0, 1)};
}

class Ddim : public Sampler {
 public:
  explicit Ddim(DdimSettings settings) : settings_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    StepContext context(input);
    const std::vector<int> ascending = input.prior.schedule.timesteps(settings_.steps + 1);
    std::vector<int> levels(ascending.rbegin(), ascending.rend());
    const size_t first = enter_levels(levels, input.start);
    at::Tensor x = input.start != nullptr ? input.start->x_t : input.x_init;
    context.latest = input.start != nullptr ? input.start->x0 : at::zeros_like(x);
    try {
      for (size_t i = first; i + 1 < levels.size(); ++i) {
        context.step = static_cast<int>(i) + 1;
        const at::Tensor x0 = context.denoise(x, {levels[i]});
        x = context.sample_bridge(x, x0, {levels[i]}, {levels[i + 1]}, {0}, settings_.eta);
        context.latest = x0;
        Iterate iterate;
        iterate.step = context.step;
        iterate.steps = settings_.steps;
        iterate.t = levels[i + 1];
        iterate.x0 = x0;
        iterate.x_t = x;
        context.show(std::move(iterate));
      }
    } catch (const Stopped&) {
      return {context.latest, context.evaluations, true};
    }
    return {context.latest, context.evaluations, false};
  }

 private:
  DdimSettings settings_;
};

}  // namespace

SamplerDescription describe_ddim() {
  return {.name = "ddim",
          .label = "DDIM (prior only)",
          .help = "Samples the prior and ignores the observation: shows what the model knows by itself.",
          .paper = "Song, Meng & Ermon, Denoising Diffusion Implicit Models, ICLR 2021",
          .rank = 1000,
          .needs_likelihood = false,
          .settings = described(ddim_fields()),
          .presets = {{"quick", {{"steps", 25}}}, {"balanced", {{"steps", 50}}}, {"best", {{"steps", 200}}}},
          .make = [](const Settings& s) { return std::make_unique<Ddim>(typed(ddim_fields(), s)); },
          .laws = {NoiseLaw::Gaussian, NoiseLaw::Poisson, NoiseLaw::SaltAndPepper}};
}

}  // namespace mgdm
