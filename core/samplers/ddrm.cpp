// Kawar, Elad, Ermon & Song, "Denoising Diffusion Restoration Models", NeurIPS 2022 (eq. 7-8): each spectral
// coordinate is mixed with the observation according to whether its noise lies above or below the level's.
// Needs the operator's singular value decomposition.
//
// The public code draws the noise of the observed coordinates once for the whole batch; here each chain has
// its own unless `reference_compatible`.
#include <ATen/ATen.h>
#include "core/samplers/competitors.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

class Ddrm : public Sampler {
 public:
  explicit Ddrm(const Settings& s)
      : steps_(s.at("steps")), eta_(s.at("eta")), eta_b_(s.at("eta_b")), reference_(s.at("reference_compatible")) {}

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
      const std::vector<int> ascending = c.schedule.timesteps(steps_);
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
        const double sn = next > 0 ? c.schedule.sigma(next) : 0.0, kept = std::sqrt(1 - eta_ * eta_) * sn;
        const at::Tensor x0 = c.denoise(x, {t});
        const at::Tensor z0 = h.to_spectral(x0), direction = h.to_spectral(predict_noise(c.schedule, x, x0, t));
        at::Tensor z = z0 + kept * direction + eta_ * sn * c.input.noise.normal_like(z0);
        const at::Tensor quiet = (s * sn).lt(noise), loud = (s * sn).gt(noise);
        const at::Tensor part = z0.slice(1, 0, m), index = quiet.nonzero().squeeze(1);
        const at::Tensor chosen = part.index_select(1, index);
        at::Tensor below = z.slice(1, 0, m).clone();
        below.index_copy_(
            1, index,
            chosen + kept * (seen.expand_as(part).index_select(1, index) - s.index_select(0, index) * chosen) / noise +
                eta_ * sn * c.input.noise.normal_like(chosen));
        const at::Tensor spread = (sn * sn - (eta_b_ * noise * inverse).square()).clamp_min(0).sqrt();
        const at::Tensor fresh = c.input.noise.normal_like(reference_ ? seen : part);
        const at::Tensor above = (1 - eta_b_) * part + eta_b_ * inverse * seen + spread * fresh;
        z.slice(1, 0, m).copy_(at::where(loud, above, at::where(quiet, below, z.slice(1, 0, m))));
        x = h.from_spectral(std::sqrt(c.schedule.alpha_bar(next)) * z);
        c.show_step(levels.size() - 1, next, x0, x);
      }
      return x;
    });
  }

 private:
  int steps_;
  double eta_, eta_b_;
  bool reference_;
};

}  // namespace

SamplerDescription describe_ddrm() {
  return {"ddrm",
          "DDRM",
          "Mixes the observation into each spectral coordinate by its noise; no gradients.",
          "Kawar et al., Denoising Diffusion Restoration Models, NeurIPS 2022",
          true,
          {steps_setting(20),
           eta_setting(0.85),
           {"eta_b",
            "Pull of the observation",
            "eta_b: share of the observation where it is less noisy than the level.",
            SettingKind::Real,
            1.0,
            0.0,
            1.0,
            {},
            false},
           reference_setting("Share the observed coordinates' noise between the samples, as the public code does.")},
          {{"quick", {{"steps", 20}}},
           {"balanced", {{"steps", 50}}},
           {"best", {{"steps", 200}}},
           {"paper", nlohmann::json::object()}},
          [](const Settings& s) { return std::make_unique<Ddrm>(s); },
          OperatorNeed::Decomposition};
}

}  // namespace mgdm
