// Kawar, Elad, Ermon & Song, "Denoising Diffusion Restoration Models", NeurIPS 2022 (eq. 7-8): each spectral
// coordinate is mixed with the observation according to whether its noise lies above or below the level's.
// Needs the operator's singular value decomposition.
//
// The public code draws the noise of the observed coordinates once for the whole batch; here each chain has
// its own unless `reference_compatible`.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DdrmSettings {
  int steps;
  double eta, eta_b;
  bool reference_compatible;
};

Fields<DdrmSettings> ddrm_fields() {
  return {steps_field(&DdrmSettings::steps, 20), eta_field(&DdrmSettings::eta, 0.85),
          field(&DdrmSettings::eta_b, "eta_b", "Pull of the observation",
                "eta_b: share of the observation where it is less noisy than the level.", 1.0, 0, 1),
          reference_field(&DdrmSettings::reference_compatible,
                          "Share the observed coordinates' noise between the samples, as the public code does.")};
}

class Ddrm : public Sampler {
 public:
  explicit Ddrm(DdrmSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Operator& h = spectral_of(input, "ddrm");
      const GaussianLikelihood& likelihood = gaussian_of(input, "ddrm");
      const double noise = likelihood.sigma();
      const at::Tensor s = h.singular_values().to(input.x_init.options()),
                       seen = h.observation_to_spectral(likelihood.observation());
      const at::Tensor inverse = at::where(s > 0, 1 / s, at::zeros_like(s));
      const int64_t m = s.numel();
      std::vector<int> levels;  // index i of the public code is level i + 1 here
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      for (auto i = ascending.rbegin(); i != ascending.rend(); ++i) levels.push_back(*i + 1);
      levels.push_back(0);
      const size_t first = enter_levels(levels, input.start);
      at::Tensor x;
      if (input.start != nullptr) {
        x = input.start->x_t;
      } else {  // the first state, conditioned on the observation where that is less noisy
        const double top = c.schedule.sigma(levels[0]);
        at::Tensor z = input.x_init.flatten(1) * top;
        const at::Tensor known = (s * top).gt(noise);
        const at::Tensor spread = (top * top - (noise * inverse).square()).clamp_min(0).sqrt();
        z.slice(1, 0, m).copy_(
            at::where(known, inverse * seen + spread * input.x_init.flatten(1).slice(1, 0, m), z.slice(1, 0, m)));
        x = h.from_spectral(z / top);
      }
      for (size_t k = first; k + 1 < levels.size(); ++k) {
        c.step = static_cast<int>(k) + 1;
        const int t = levels[k], next = levels[k + 1];
        const double sn = next > 0 ? c.schedule.sigma(next) : 0.0, kept = std::sqrt(1 - s_.eta * s_.eta) * sn;
        const at::Tensor x0 = c.denoise(x, {t});
        const at::Tensor z0 = h.to_spectral(x0), direction = h.to_spectral(predict_noise(c.schedule, x, x0, t));
        at::Tensor z = z0 + kept * direction + s_.eta * sn * c.input.noise.normal_like(z0);
        const at::Tensor quiet = (s * sn).lt(noise), loud = (s * sn).gt(noise);
        const at::Tensor part = z0.slice(1, 0, m), index = quiet.nonzero().squeeze(1);
        const at::Tensor chosen = part.index_select(1, index);
        at::Tensor below = z.slice(1, 0, m).clone();
        below.index_copy_(
            1, index,
            chosen + kept * (seen.expand_as(part).index_select(1, index) - s.index_select(0, index) * chosen) / noise +
                s_.eta * sn * c.input.noise.normal_like(chosen));
        const at::Tensor spread = (sn * sn - (s_.eta_b * noise * inverse).square()).clamp_min(0).sqrt();
        const at::Tensor fresh = c.input.noise.normal_like(s_.reference_compatible ? seen : part);
        const at::Tensor above = (1 - s_.eta_b) * part + s_.eta_b * inverse * seen + spread * fresh;
        z.slice(1, 0, m).copy_(at::where(loud, above, at::where(quiet, below, z.slice(1, 0, m))));
        x = h.from_spectral(std::sqrt(c.schedule.alpha_bar(next)) * z);
        c.show_step(levels.size() - 1, next, x0, x);
      }
      return x;
    });
  }

 private:
  DdrmSettings s_;
};

}  // namespace

SamplerDescription describe_ddrm() {
  return {.name = "ddrm",
          .label = "DDRM",
          .help = "Mixes the observation into each spectral coordinate by its noise; no gradients.",
          .paper = "Kawar et al., Denoising Diffusion Restoration Models, NeurIPS 2022",
          .rank = 40,
          .settings = described(ddrm_fields()),
          .presets = {{"quick", {{"steps", 20}}},
                      {"balanced", {{"steps", 50}}},
                      {"best", {{"steps", 200}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Ddrm>(typed(ddrm_fields(), s)); },
          .need = OperatorNeed::Decomposition};
}

}  // namespace mgdm
