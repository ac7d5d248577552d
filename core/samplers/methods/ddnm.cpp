// Wang, Yu & Zhang, "Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model", ICLR 2023: the
// clean estimate's range part is replaced by the observation's, weighted so that its noise (eq. 17-19, DDNM+)
// never exceeds the step's own. Needs the operator's singular value decomposition.
//
// The public code returns the state at the lowest level but one, still noisy; here it is denoised once more
// unless `reference_compatible`.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DdnmSettings {
  int steps;
  double eta;
  bool reference_compatible;
};

Fields<DdnmSettings> ddnm_fields() {
  return {steps_field(&DdnmSettings::steps, 1000), eta_field(&DdnmSettings::eta, 0.85),
          reference_field(&DdnmSettings::reference_compatible,
                          "Return the state at the last noise level, as the public code does.")};
}

class Ddnm : public Sampler {
 public:
  explicit Ddnm(DdnmSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Operator& h = spectral_of(input, "ddnm");
      const GaussianLikelihood& likelihood = gaussian_of(input, "ddnm");
      const double sigma = likelihood.sigma();
      const at::Tensor s = h.singular_values().to(input.x_init.options()),
                       seen = h.observation_to_spectral(likelihood.observation());
      const at::Tensor inverse = at::where(s > 0, 1 / s, at::zeros_like(s));
      const int64_t m = s.numel();
      const int skip = (c.schedule.steps() + 1) / s_.steps;
      std::vector<int> levels;  // index i of the public code is level i + 1 here
      for (int i = (s_.steps - 1) * skip; i >= 0; i -= skip) levels.push_back(i + 1);
      const size_t first = enter_levels(levels, input.start);
      at::Tensor x = input.start != nullptr ? input.start->x_t : input.x_init;
      for (size_t k = first; k + 1 < levels.size(); ++k) {
        c.step = static_cast<int>(k) + 1;
        const int t = levels[k], next = levels[k + 1];
        const double an = c.schedule.alpha_bar(next), st = std::sqrt(1 - an), a = std::sqrt(an);
        at::Tensor x0 = c.denoise(x, {t});
        const at::Tensor noise_direction = h.to_spectral(predict_noise(c.schedule, x, x0, t));
        at::Tensor z0 = h.to_spectral(x0);
        const at::Tensor limit = a * sigma * inverse;  // the observation's noise as it enters this coordinate
        const at::Tensor low = s.gt(0).logical_and(limit.gt(st)), high = s.gt(0).logical_and(limit.lt(st));
        const at::Tensor weight =
            at::where(low, s * (st * std::sqrt(1 - s_.eta * s_.eta) / (a * sigma)), at::ones_like(s)) * s.gt(0);
        z0 = z0.clone();
        z0.slice(1, 0, m).sub_(weight * (z0.slice(1, 0, m) - inverse * seen));
        const at::Tensor fresh = h.to_spectral(c.input.noise.normal_like(x));
        at::Tensor d1 = at::full({z0.size(1)}, st * s_.eta, s.options()),
                   d2 = at::full({z0.size(1)}, st * std::sqrt(1 - s_.eta * s_.eta), s.options());
        d1.slice(0, 0, m).copy_(
            at::where(high, (st * st - limit.square()).clamp_min(0).sqrt(), at::full_like(s, st * s_.eta)));
        d2.slice(0, 0, m).copy_(
            at::where(s.gt(0), at::zeros_like(s), at::full_like(s, st * std::sqrt(1 - s_.eta * s_.eta))));
        x = h.from_spectral(a * z0 + d1 * fresh + d2 * noise_direction);
        c.show_step(levels.size() - 1, next, h.from_spectral(z0), x);
      }
      return s_.reference_compatible ? x : c.denoise(x, {levels.back()});
    });
  }

 private:
  DdnmSettings s_;
};

}  // namespace

SamplerDescription describe_ddnm() {
  return {
      .name = "ddnm",
      .label = "DDNM+",
      .help = "Replaces what the observation determines of each clean estimate; no gradients.",
      .paper = "Wang, Yu & Zhang, Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model, ICLR 2023",
      .rank = 30,
      .settings = described(ddnm_fields()),
      .presets = {{"quick", {{"steps", 50}}},
                  {"balanced", {{"steps", 200}}},
                  {"best", {{"steps", 1000}}},
                  {"paper", nlohmann::json::object()}},
      .make = [](const Settings& s) { return std::make_unique<Ddnm>(typed(ddnm_fields(), s)); },
      .need = OperatorNeed::Decomposition};
}

}  // namespace mgdm
