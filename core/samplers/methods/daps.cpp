// Zhang, Chu, Berner, Meng, Anandkumar & Song, "Improving Diffusion Inverse Problem Solving with Decoupled Noise
// Annealing", CVPR 2025 (alg. 1): noise levels sigma_k go down a poly-7 grid; at each the clean estimate is the end
// of the probability-flow ODE (Euler, poly-7 grid), then Langevin steps on
//   ||y - H(x)||^2 / (2 tau^2) + ||x - x0hat||^2 / (2 sigma_k^2)
// meet the observation, then noise of the next level is added. Needs a differentiable operator.
//
// The public code fixes tau = 0.01 whatever the observation's noise, draws its own start, and sets a whole batch to
// zero if one chain is not a number; here tau is the observation's sigma_y, with the step scaled by (tau / 0.01)^2
// and kept stable, unless `reference_compatible`; a value that is no number is an error.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct DapsSettings {
  int steps, ode_steps, langevin_steps;
  double learning_rate, rate_ratio, tau, sigma_max, sigma_min;
  bool reference_compatible;
};

Fields<DapsSettings> daps_fields() {
  using S = DapsSettings;
  return {
      steps_field(&S::steps, 200, "Annealing levels."),
      field(&S::ode_steps, "ode_steps", "ODE steps", "Network evaluations of the probability-flow ODE at each level.",
            5, 1, 100),
      field(&S::langevin_steps, "langevin_steps", "Langevin steps",
            "Steps towards the observation at each level; the operator's gradient each.", 50, 0, 1000),
      field(&S::learning_rate, "learning_rate", "Langevin step size", "Step size at the first level, for tau = 0.01.",
            5e-5, 1e-9, 1),
      field(&S::rate_ratio, "rate_ratio", "Last step size", "Step size at the last level, as a share of the first.",
            0.01, 1e-6, 1),
      field(&S::tau, "tau", "tau",
            "Standard deviation of the observation in the Langevin steps; 0: the observation's own (the "
            "public code: 0.01).",
            0.0, 0, 10),
      field(&S::sigma_max, "sigma_max", "First noise level", "Standard deviation of the first level.", 100.0, 0.1,
            1000),
      field(&S::sigma_min, "sigma_min", "Last noise level", "Standard deviation of the last level.", 0.1, 1e-4, 10),
      reference_field(&S::reference_compatible, "Draw its own start and take tau = 0.01, as the public code does.")};
}

/// n noise levels from high to low, even in sigma^(1/7) (Karras et al. 2022, eq. 5).
std::vector<double> poly7(double high, double low, int n) {
  std::vector<double> sigmas;
  const double a = std::pow(high, 1.0 / 7), b = std::pow(low, 1.0 / 7);
  for (int i = 0; i < n; ++i) sigmas.push_back(std::pow(a + (b - a) * i / std::max(1, n - 1), 7));
  return sigmas;
}

class Daps : public Sampler {
 public:
  explicit Daps(DapsSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const GaussianLikelihood& likelihood = gaussian_of(input, "daps");
      if (!likelihood.differentiable())
        throw OperatorError("the sampler daps needs the degradation's gradient; this one has none");
      std::vector<double> sigmas = poly7(s_.sigma_max, s_.sigma_min, s_.steps);
      sigmas.push_back(0);
      size_t first = 0;
      at::Tensor x;
      if (input.start != nullptr) {
        while (first + 2 < sigmas.size() && c.schedule.nearest_level(sigmas[first]) > input.start->t) ++first;
        x = input.start->x_t / std::sqrt(c.schedule.alpha_bar(input.start->t));
      } else {
        x = s_.sigma_max * (s_.reference_compatible ? c.input.noise.normal_like(input.x_init) : input.x_init);
      }
      const double tau = s_.reference_compatible ? (s_.tau > 0 ? s_.tau : 0.01)
                         : s_.tau > 0            ? s_.tau
                                                 : likelihood.sigma();
      const double scale = s_.reference_compatible ? 1 : tau * tau / 1e-4;
      for (size_t k = first; k + 1 < sigmas.size(); ++k) {
        c.step = static_cast<int>(k) + 1;
        std::vector<double> ode = poly7(sigmas[k], 0.01, s_.ode_steps);
        ode.push_back(0);
        for (size_t j = 0; j + 1 < ode.size(); ++j)
          x = x + (ode[j] - ode[j + 1]) / ode[j] * (c.denoise_at(x, ode[j]) - x);
        const at::Tensor x0hat = x;
        double rate = s_.learning_rate * scale * (1 + static_cast<double>(k) / s_.steps * (s_.rate_ratio - 1));
        if (!s_.reference_compatible) rate = std::min(rate, 0.5 / (1 / (tau * tau) + 1 / (sigmas[k] * sigmas[k])));
        for (int j = 0; j < s_.langevin_steps; ++j) {
          if (input.stop.stop_requested()) throw Stopped{};
          const at::Tensor gradient = gradient_at(x, [&](const at::Tensor& v) {
            return (likelihood.observation() - likelihood.degradation().apply(input.prior.codec->decode(v)))
                       .square()
                       .sum() /
                   (2 * tau * tau);
          });
          x = x - rate * (gradient + (x - x0hat) / (sigmas[k] * sigmas[k])) +
              std::sqrt(2 * rate) * c.input.noise.normal_like(x);
        }
        const at::Tensor x0 = x;
        x = x + sigmas[k + 1] * c.input.noise.normal_like(x);
        const int level = c.schedule.nearest_level(sigmas[k + 1]);
        c.show_step(sigmas.size() - 1, level, x0, x * std::sqrt(c.schedule.alpha_bar(level)));
      }
      return x;
    });
  }

 private:
  DapsSettings s_;
};

}  // namespace

SamplerDescription describe_daps() {
  return {
      .name = "daps",
      .label = "DAPS",
      .help = "Decoupled annealing: an ODE to the clean estimate, Langevin steps to the observation, then noise again.",
      .paper = "Zhang et al., Improving Diffusion Inverse Problem Solving with Decoupled Noise Annealing, CVPR 2025",
      .rank = 70,
      .settings = described(daps_fields()),
      .presets = {{"quick", {{"steps", 20}, {"ode_steps", 2}, {"langevin_steps", 20}}},
                  {"balanced", {{"steps", 60}, {"ode_steps", 4}, {"langevin_steps", 30}}},
                  {"best", {{"steps", 200}}},
                  {"paper", nlohmann::json::object()}},
      .make = [](const Settings& s) { return std::make_unique<Daps>(typed(daps_fields(), s)); },
      .need = OperatorNeed::Gradient};
}

}  // namespace mgdm
