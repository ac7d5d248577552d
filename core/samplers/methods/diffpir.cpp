// Zhu, Zhang, Liang, Cao, Wen, Timofte & Van Gool, "Denoising Diffusion Models for Plug-and-Play Image
// Restoration", CVPR Workshops 2023 (alg. 1): the clean estimate is pulled to the observation by the proximal
// step (H^T H + rho I)^-1 (H^T y + rho x0), rho = lambda sigma^2 abar / (1 - abar), then noised again, with a
// share 1 - zeta of the noise predicted. Linear operators; through the decomposition where one is known, else
// by conjugate gradients.
//
// The public code returns the state at the lowest level but one, still noisy, and draws its own start; here the
// result is denoised once more and the run's own start used unless `reference_compatible`.
#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"
#include "core/samplers/updates/conjugate_gradients.h"

namespace mgdm {

namespace {

struct DiffpirSettings {
  int steps;
  double lambda, zeta;
  bool reference_compatible;
};

Fields<DiffpirSettings> diffpir_fields() {
  return {
      steps_field(&DiffpirSettings::steps, 1000),
      field(&DiffpirSettings::lambda, "lambda", "Weight of the prior",
            "lambda: strength of the denoised estimate against the observation.", 1.0, 1e-3, 1000),
      field(&DiffpirSettings::zeta, "zeta", "Fresh noise",
            "zeta: share of the noise that is drawn anew; 1 for missing parts, 0.1 for enlarging and blur.", 1.0, 0, 1),
      reference_field(
          &DiffpirSettings::reference_compatible,
          "Return the state at the last noise level and draw a start of its own, as the public code does.")};
}

class Diffpir : public Sampler {
 public:
  explicit Diffpir(DiffpirSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const GaussianLikelihood& likelihood = gaussian_of(input, "diffpir");
      const Operator& h = likelihood.degradation();
      if (!h.linear()) throw OperatorError("the sampler diffpir needs a linear degradation; this one is not");
      if (dynamic_cast<const IdentityCodec*>(input.prior.codec.get()) == nullptr) {
        throw OperatorError("the sampler diffpir works in the signal's own space and cannot use a latent prior");
      }
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      const size_t first = enter_levels(levels, input.start);
      at::Tensor x = input.start != nullptr    ? input.start->x_t
                     : s_.reference_compatible ? c.input.noise.normal_like(input.x_init)
                                               : input.x_init;
      for (size_t i = first; i + 2 < levels.size(); ++i) {
        c.step = static_cast<int>(i) + 1;
        const int t = levels[i], next = levels[i + 1];
        const double a = c.schedule.alpha_bar(t), an = c.schedule.alpha_bar(next);
        const double rho = s_.lambda * likelihood.sigma() * likelihood.sigma() * a / (1 - a);
        const at::Tensor x0 = proximal(h, likelihood.observation(), c.denoise(x, {t}), rho);
        const at::Tensor e = predict_noise(c.schedule, x, x0, t);
        x = std::sqrt(an) * x0 +
            std::sqrt(1 - an) * (std::sqrt(1 - s_.zeta) * e + std::sqrt(s_.zeta) * c.input.noise.normal_like(x));
        c.show_step(levels.size() - 2, next, x0, x);
      }
      return s_.reference_compatible ? x : c.denoise(x, {levels[levels.size() - 2]});
    });
  }

 private:
  static at::Tensor proximal(const Operator& h, const at::Tensor& y, const at::Tensor& x0, double rho) {
    if (h.has_svd()) {
      const at::Tensor s = h.singular_values().to(x0.options()), seen = h.observation_to_spectral(y);
      at::Tensor z = h.to_spectral(x0).clone();
      at::Tensor part = z.slice(1, 0, s.numel());
      part.copy_((s * seen + rho * part) / (s.square() + rho));
      return h.from_spectral(z);
    }
    // (H^T H + rho I) d = H^T (y - H x0), x = x0 + d
    return x0 + conjugate_gradients([&](const at::Tensor& v) { return h.adjoint(h.apply(v)) + rho * v; },
                                    h.adjoint((y - h.apply(x0)).contiguous()), 50, 1e-4);
  }

  DiffpirSettings s_;
};

}  // namespace

SamplerDescription describe_diffpir() {
  return {.name = "diffpir",
          .label = "DiffPIR",
          .help = "Plug-and-play: a proximal step on the clean estimate, then noise again; no gradients.",
          .paper = "Zhu et al., Denoising Diffusion Models for Plug-and-Play Image Restoration, CVPR Workshops 2023",
          .rank = 50,
          .settings = described(diffpir_fields()),
          .presets = {{"quick", {{"steps", 50}}},
                      {"balanced", {{"steps", 200}}},
                      {"best", {{"steps", 1000}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Diffpir>(typed(diffpir_fields(), s)); },
          .need = OperatorNeed::Linear};
}

}  // namespace mgdm
