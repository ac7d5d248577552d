// Mardani, Song, Kautz & Vahdat, "A Variational Perspective on Solving Inverse Problems with Diffusion Models",
// ICLR 2024 (alg. 1): one mean mu, fitted by Adam to
//   1/2 mean (y - H(mu))^2 + weight sqrt((1 - abar) / abar) mean (stopgrad(eps(x_t, t) - n) mu),  x_t = sqrt(abar) mu +
//   sqrt(1 - abar) n,
// while t goes down. Mode seeking: its samples differ only by the noise on the way. Needs a differentiable
// operator, and starts from the pseudo-inverse where one is known.
//
// The public code averages the two terms over the whole batch; here over each sample, unless
// `reference_compatible` (which also draws and drops the noise of a vanishing prior width).
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct ReddiffSettings {
  int steps;
  double learning_rate, weight;
  bool reference_compatible;
};

Fields<ReddiffSettings> reddiff_fields() {
  return {
      steps_field(&ReddiffSettings::steps, 1000),
      field(&ReddiffSettings::learning_rate, "learning_rate", "Learning rate", "Adam's learning rate.", 0.1, 1e-5, 10),
      field(&ReddiffSettings::weight, "weight", "Weight of the prior",
            "Strength of the network's term against the observation's.", 0.25, 0, 100),
      reference_field(&ReddiffSettings::reference_compatible,
                      "Average over the whole batch, as the public code does.")};
}

class Reddiff : public Sampler {
 public:
  explicit Reddiff(ReddiffSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const GaussianLikelihood& likelihood = gaussian_of(input, "reddiff");
      const Operator& h = likelihood.degradation();
      const bool pixels = dynamic_cast<const IdentityCodec*>(input.prior.codec.get()) != nullptr;
      at::Tensor mu = input.start != nullptr             ? input.start->x0
                      : h.has_pseudo_inverse() && pixels ? h.pseudo_inverse(likelihood.observation())
                                                               .expand(input.x_init.sizes())
                                                               .to(input.x_init.scalar_type())
                                                               .contiguous()
                                                         : input.x_init;
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      size_t first = 0;
      while (input.start != nullptr && first + 2 < levels.size() && levels[first] > input.start->t) ++first;
      at::Tensor m = at::zeros_like(mu), v = at::zeros_like(mu);
      const auto batch = static_cast<double>(mu.size(0));
      for (size_t i = first; i + 1 < levels.size(); ++i) {
        c.step = static_cast<int>(i) + 1;
        const int t = levels[i] + 1;  // the level that the network was trained with under this index
        const double a = c.schedule.alpha_bar(t);
        if (s_.reference_compatible) c.input.noise.normal_like(mu);
        const at::Tensor n = c.input.noise.normal_like(mu);
        const at::Tensor x = std::sqrt(a) * mu + std::sqrt(1 - a) * n;
        const at::Tensor x0 = c.denoise(x, {t});
        const at::Tensor e = predict_noise(c.schedule, x, x0, t);
        const int64_t observed = likelihood.observation().size(1);
        const at::Tensor data = gradient_at(mu, [&](const at::Tensor& w) {
          return 0.5 * (likelihood.observation() - h.apply(input.prior.codec->decode(w))).square().sum();
        });
        const double share = s_.reference_compatible ? batch : 1.0;
        const at::Tensor g =
            data / (share * static_cast<double>(observed)) +
            s_.weight * std::sqrt((1 - a) / a) * (e - n) / (share * static_cast<double>(mu.numel()) / batch);
        const int k = static_cast<int>(i - first) + 1;
        m = 0.9 * m + 0.1 * g;
        v = 0.99 * v + 0.01 * g.square();
        mu = mu - s_.learning_rate * (m / (1 - std::pow(0.9, k))) / ((v / (1 - std::pow(0.99, k))).sqrt() + 1e-8);
        c.show_step(levels.size() - 1, levels[i], mu, x);
      }
      return mu;
    });
  }

 private:
  ReddiffSettings s_;
};

}  // namespace

SamplerDescription describe_reddiff() {
  return {
      .name = "reddiff",
      .label = "RED-diff",
      .help = "Fits one picture to the observation and to the network's opinion at all noise levels; seeks a mode.",
      .paper = "Mardani et al., A Variational Perspective on Solving Inverse Problems with Diffusion Models, ICLR 2024",
      .rank = 60,
      .settings = described(reddiff_fields()),
      .presets = {{"quick", {{"steps", 50}}},
                  {"balanced", {{"steps", 200}}},
                  {"best", {{"steps", 1000}}},
                  {"paper", nlohmann::json::object()}},
      .make = [](const Settings& s) { return std::make_unique<Reddiff>(typed(reddiff_fields(), s)); },
      .need = OperatorNeed::Gradient};
}

}  // namespace mgdm
