// Chung, Kim, McCann, Klasky & Ye, "Diffusion Posterior Sampling for General Noisy Inverse Problems", ICLR 2023
// (alg. 1): an ancestral step, then a step down the gradient of the misfit's norm through the network,
//   x <- DDIM(x, t -> t') - 2 gamma d ||y - H(x0hat(x, t))|| / dx.
// Needs a differentiable operator; each chain has its own norm.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DpsSettings {
  int steps;
  double eta, gamma;
};

Fields<DpsSettings> dps_fields() {
  return {steps_field(&DpsSettings::steps, 1000), eta_field(&DpsSettings::eta, 1.0),
          field(&DpsSettings::gamma, "gamma", "Guidance",
                "Step size: 1 for enlarging and missing parts, 0.3 for blur, 0.2 for JPEG, 0.1 else.", 0.3, 0, 10)};
}

class Dps : public Sampler {
 public:
  explicit Dps(DpsSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Likelihood& likelihood = likelihood_of(input, "dps");
      if (likelihood.hidden()) throw OperatorError("the sampler dps does not know noise that replaces values");
      // Poisson: the paper's approximation, a misfit weighted by the data's own precision (here of mean 1).
      const at::Tensor precision = likelihood.precision({});
      const at::Tensor weight = (precision / precision.mean()).sqrt();
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      const size_t first = enter_levels(levels, input.start);
      at::Tensor x = input.start != nullptr ? input.start->x_t : input.x_init;
      for (size_t i = first; i + 2 < levels.size(); ++i) {  // the last step but one ends at the lowest level but one
        c.step = static_cast<int>(i) + 1;
        at::Tensor x0, gradient;
        {
          at::AutoGradMode with_grad(true);
          const at::Tensor v = x.detach().requires_grad_(true);
          const at::Tensor denoised = c.guided_denoise(v, {levels[i]});
          const at::Tensor misfit =
              weight * (likelihood.observation() - likelihood.degradation().apply(input.prior.codec->decode(denoised)));
          gradient = c.backward(misfit.flatten(1).norm(2, {1}).sum(), v);
          x0 = denoised.detach();
        }
        x = c.sample_bridge(x, x0, {levels[i]}, {levels[i + 1]}, {0}, s_.eta) - 2 * s_.gamma * gradient;
        c.show_step(levels.size() - 2, levels[i + 1], x0, x);
      }
      return c.denoise(x, {levels[levels.size() - 2]});
    });
  }

 private:
  DpsSettings s_;
};

}  // namespace

SamplerDescription describe_dps() {
  return {.name = "dps",
          .label = "DPS",
          .help = "Ancestral steps, each followed by a gradient step on the misfit through the network.",
          .paper = "Chung et al., Diffusion Posterior Sampling for General Noisy Inverse Problems, ICLR 2023",
          .rank = 10,
          .settings = described(dps_fields()),
          .presets = {{"quick", {{"steps", 50}}},
                      {"balanced", {{"steps", 150}}},
                      {"best", {{"steps", 1000}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Dps>(typed(dps_fields(), s)); },
          .need = OperatorNeed::Gradient,
          .laws = {NoiseLaw::Gaussian, NoiseLaw::Poisson}};
}

}  // namespace mgdm
