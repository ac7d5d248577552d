// Wang, Yu & Zhang, "Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model", ICLR 2023: the
// clean estimate's range part is replaced by the observation's, weighted so that its noise (eq. 17-19, DDNM+)
// never exceeds the step's own. Needs the operator's singular value decomposition.
//
// The public code returns the state at the lowest level but one, still noisy; here it is denoised once more
// unless `reference_compatible`.
#include <ATen/ATen.h>
#include "core/samplers/competitors.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

class Ddnm : public Sampler {
 public:
  explicit Ddnm(const Settings& s)
      : steps_(s.at("steps")), eta_(s.at("eta")), reference_(s.at("reference_compatible")) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const Operator& h = spectral_of(input, "ddnm");
      const GaussianLikelihood& likelihood = gaussian_of(input, "ddnm");
      const double sigma = likelihood.sigma();
      const at::Tensor s = h.singular_values().to(input.x_init.options()),
                       seen = h.observation_to_spectral(likelihood.observation());
      const at::Tensor inverse = at::where(s > 0, 1 / s, at::zeros_like(s));
      const int64_t m = s.numel();
      const int skip = (c.schedule.steps() + 1) / steps_;
      std::vector<int> levels;  // index i of the public code is level i + 1 here
      for (int i = (steps_ - 1) * skip; i >= 0; i -= skip) levels.push_back(i + 1);
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
            at::where(low, s * (st * std::sqrt(1 - eta_ * eta_) / (a * sigma)), at::ones_like(s)) * s.gt(0);
        z0 = z0.clone();
        z0.slice(1, 0, m).sub_(weight * (z0.slice(1, 0, m) - inverse * seen));
        const at::Tensor fresh = h.to_spectral(c.input.noise.normal_like(x));
        at::Tensor d1 = at::full({z0.size(1)}, st * eta_, s.options()),
                   d2 = at::full({z0.size(1)}, st * std::sqrt(1 - eta_ * eta_), s.options());
        d1.slice(0, 0, m).copy_(
            at::where(high, (st * st - limit.square()).clamp_min(0).sqrt(), at::full_like(s, st * eta_)));
        d2.slice(0, 0, m).copy_(
            at::where(s.gt(0), at::zeros_like(s), at::full_like(s, st * std::sqrt(1 - eta_ * eta_))));
        x = h.from_spectral(a * z0 + d1 * fresh + d2 * noise_direction);
        c.show_step(levels.size() - 1, next, h.from_spectral(z0), x);
      }
      return reference_ ? x : c.denoise(x, {levels.back()});
    });
  }

 private:
  int steps_;
  double eta_;
  bool reference_;
};

}  // namespace

SamplerDescription describe_ddnm() {
  return {"ddnm",
          "DDNM+",
          "Replaces what the observation determines of each clean estimate; no gradients.",
          "Wang, Yu & Zhang, Zero-Shot Image Restoration Using Denoising Diffusion Null-Space Model, ICLR 2023",
          true,
          {steps_setting(1000), eta_setting(0.85),
           reference_setting("Return the state at the last noise level, as the public code does.")},
          {{"quick", {{"steps", 50}}},
           {"balanced", {{"steps", 200}}},
           {"best", {{"steps", 1000}}},
           {"paper", nlohmann::json::object()}},
          [](const Settings& s) { return std::make_unique<Ddnm>(s); },
          OperatorNeed::Decomposition};
}

}  // namespace mgdm
