// Kawar, Elad, Ermon & Song, "Denoising Diffusion Restoration Models", NeurIPS 2022 (eq. 7-8): each spectral
// coordinate is mixed with the observation according to whether its noise lies above or below the level's.
// Needs the operator's singular value decomposition.
//
// The public code draws the noise of the observed coordinates once for the whole batch; here each chain has
// its own unless `reference_compatible`.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DdrmSettings {
  int steps;
  double eta, eta_b, first_sigma;
  bool reference_compatible;
};

constexpr double kAbove = 1.5;  // times the observation's noise
constexpr double kAll = 1000;   // above every schedule's first level

Fields<DdrmSettings> ddrm_fields() {
  return {steps_field(&DdrmSettings::steps, 20), eta_field(&DdrmSettings::eta, 0.85),
          field(&DdrmSettings::eta_b, "eta_b", "Pull of the observation",
                "eta_b: share of the observation where it is less noisy than the level.", 1.0, 0, 1),
          field(&DdrmSettings::first_sigma, "first_sigma", "First noise level",
                "Standard deviation of the noise that the first state has beside the observation; all steps lie below "
                "it. What is not observed must be small against it. 1000: the schedule's own, pure noise.",
                kAll, 0.05, kAll),
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
      std::vector<int> levels =
          s_.first_sigma < kAll ? from_first_sigma(c.schedule, s, h.signal_size(), noise) : all_levels(c.schedule);
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
        x = h.from_spectral(s_.first_sigma < kAll ? z * std::sqrt(c.schedule.alpha_bar(levels[0])) : z / top);
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
  std::vector<int> all_levels(const NoiseSchedule& schedule) const {  // index i of the public code is level i + 1 here
    const std::vector<int> ascending = schedule.timesteps(s_.steps);
    std::vector<int> levels;
    for (auto i = ascending.rbegin(); i != ascending.rend(); ++i) levels.push_back(*i + 1);
    levels.push_back(0);
    return levels;
  }

  // Even in the schedule's time below `first_sigma`. Where every coordinate is observed and less noisy than the level,
  // nothing of the network's estimate goes into the next state (eq. 8 with eta_b 1): no level lies much above that.
  std::vector<int> from_first_sigma(const NoiseSchedule& schedule, const at::Tensor& s, int64_t signal,
                                    double noise) const {
    double sigma = s_.first_sigma;
    const double weakest = s.min().item<double>();
    if (s.numel() == signal && s_.eta_b == 1 && weakest > 0) sigma = std::min(sigma, kAbove * noise / weakest);
    const int top = std::max(1, schedule.nearest_level(sigma)), n = std::min(s_.steps, top);
    std::vector<int> levels;
    for (int k = 0; k <= n; ++k)
      levels.push_back(static_cast<int>(std::lround(static_cast<double>(top) * (n - k) / n)));
    return levels;
  }

  DdrmSettings s_;
};

// A first level of little noise only suits what the observation says nearly all of. Shapes of one colour are the
// largest part of a photo: a degradation that does not see them needs to begin far above them.
Settings ddrm_suited(const std::string& preset, const Operator* degradation, const PriorTraits&) {
  if (preset != "large" || degradation == nullptr || !degradation->linear() || !degradation->has_svd())
    return Settings::object();
  const at::Tensor s = degradation->singular_values();
  for (const auto& colour :
       {std::array<double, 3>{1, 1, 1}, std::array<double, 3>{1, -1, 0}, std::array<double, 3>{1, 1, -2}}) {
    const std::vector<int64_t>& shape = degradation->signal_shape();
    if (shape[0] != 3) break;
    const at::Tensor flat = at::tensor(at::ArrayRef<double>(colour), at::kDouble)
                                .to(at::kFloat)
                                .reshape({1, 3, 1, 1})
                                .expand({1, 3, shape[1], shape[2]})
                                .contiguous();
    const at::Tensor z = degradation->to_spectral(flat);
    const double all = z.square().sum().item<double>(),
                 seen = z.slice(1, 0, s.numel()).masked_select(s > 0).square().sum().item<double>();
    if (seen < 0.9 * all) return {{"steps", 12}, {"first_sigma", 5.0}};
  }
  return Settings::object();
}

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
                      {"paper", nlohmann::json::object()},
                      {"large", {{"steps", 8}, {"first_sigma", 0.7}}}},
          .make = [](const Settings& s) { return std::make_unique<Ddrm>(typed(ddrm_fields(), s)); },
          .need = OperatorNeed::Decomposition,
          .suited = ddrm_suited};
}

}  // namespace mgdm
