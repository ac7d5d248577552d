// Rout, Raoof, Daras, Caramanis, Dimakis & Shakkottai, "Solving Linear Inverse Problems Provably via Posterior Sampling
// with Latent Diffusion Models", NeurIPS 2023 (alg. 2): an ancestral step in the autoencoder's space, then one down the
// gradient through the network of
//   omega ||y - A D(z0)|| + gamma ||z0 - E(A^T y + (I - A^T A) D(z0))||,  z0 = x0hat(z, t):
// what is seen, and that a picture which agrees with what is seen is one that the autoencoder knows. Each chain has its
// own norms, unless `reference_compatible`: the public code takes them over the whole batch. Linear degradations only.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "core/samplers/description.h"
#include "core/samplers/requirements.h"
#include "core/samplers/step_context.h"

namespace mgdm {

namespace {

struct PsldSettings {
  int steps;
  double eta, gamma, omega;
  bool reference_compatible;
};

Fields<PsldSettings> psld_fields() {
  using S = PsldSettings;
  return {steps_field(&S::steps, 1000), eta_field(&S::eta, 1.0),
          field(&S::gamma, "gamma", "Weight of the autoencoder",
                "Strength of the term that keeps the estimate where the autoencoder is at home.", 0.1, 0, 10),
          field(&S::omega, "omega", "Weight of the observation",
                "Strength of the term of what is seen: 0.9 for enlarging, 0.1 else.", 0.1, 0, 10),
          reference_field(&S::reference_compatible, "Norms over the whole batch, as the public code takes them.")};
}

class Psld : public Sampler {
 public:
  explicit Psld(PsldSettings settings) : s_(settings) {}

  SamplerResult run(const SamplerInput& input) const override {
    return run_stoppable(input, [&](StepContext& c) {
      const GaussianLikelihood& likelihood = gaussian_of(input, "psld");
      if (!likelihood.degradation().linear()) throw OperatorError("the sampler psld needs a linear degradation");
      const std::vector<int> ascending = c.schedule.timesteps(s_.steps);
      std::vector<int> levels(ascending.rbegin(), ascending.rend());
      at::Tensor z = input.start != nullptr ? input.start->x_t : input.x_init;
      for (size_t i = enter_levels(levels, input.start); i + 2 < levels.size(); ++i) {
        c.step = static_cast<int>(i) + 1;
        at::Tensor z0, gradient;
        {
          at::AutoGradMode with_grad(true);
          const at::Tensor v = z.detach().requires_grad_(true);
          const at::Tensor denoised = c.guided_denoise(v, {levels[i]});
          const at::Tensor decoded = input.prior.codec->decode(denoised);
          const auto [of_latent, of_picture] = cotangents(*input.prior.codec, likelihood, denoised, decoded);
          gradient = c.backward((denoised * of_latent).sum() + (decoded * of_picture).sum(), v);
          z0 = denoised.detach();
        }
        z = c.sample_bridge(z, z0, {levels[i]}, {levels[i + 1]}, {0}, s_.eta) - gradient;
        c.show_step(levels.size() - 2, levels[i + 1], z0, z);
      }
      return c.denoise(z, {levels[levels.size() - 2]});
    });
  }

 private:
  // The sum of the norms of the chains, or that of the batch.
  at::Tensor norm(const at::Tensor& x) const {
    constexpr double kTiny = 1e-24;  // a norm has no gradient at 0
    return s_.reference_compatible ? (x.square().sum() + kTiny).sqrt()
                                   : (x.flatten(1).square().sum(1) + kTiny).sqrt().sum();
  }

  // The objective's gradients in z0 (of its own place in the second term) and in D(z0).
  std::pair<at::Tensor, at::Tensor> cotangents(const Codec& codec, const Likelihood& likelihood, const at::Tensor& z0,
                                               const at::Tensor& decoded) const {
    const Operator& a = likelihood.degradation();
    const at::Tensor& y = likelihood.observation();
    const at::Tensor x = decoded.detach();
    const at::Tensor seen =
        gradient_at(x, [&](const at::Tensor& picture) { return s_.omega * norm(y - a.apply(picture)); });
    at::Tensor agreeing;
    {
      at::NoGradGuard no_grad;
      agreeing = x + a.adjoint(y - a.apply(x));
    }
    // d/dx of the second term is (I - A^T A) times its gradient in the picture that is encoded.
    at::Tensor encoded;
    const at::Tensor of_agreeing = gradient_at(agreeing, [&](const at::Tensor& picture) {
      const at::Tensor latent = codec.encode(picture);
      encoded = latent.detach();
      return s_.gamma * norm(z0.detach() - latent);
    });
    const at::Tensor of_latent =
        gradient_at(z0, [&](const at::Tensor& latent) { return s_.gamma * norm(latent - encoded); });
    at::NoGradGuard no_grad;
    return {of_latent, seen + of_agreeing - a.adjoint(a.apply(of_agreeing))};
  }

  PsldSettings s_;
};

}  // namespace

SamplerDescription describe_psld() {
  return {.name = "psld",
          .label = "PSLD",
          .help =
              "Ancestral steps in an autoencoder's space with a gradient step on the misfit and on what the "
              "autoencoder makes of a picture that agrees with the observation.",
          .paper =
              "Rout et al., Solving Linear Inverse Problems Provably via Posterior Sampling with Latent Diffusion "
              "Models, NeurIPS 2023",
          .rank = 15,
          .settings = described(psld_fields()),
          .presets = {{"quick", {{"steps", 50}}},
                      {"balanced", {{"steps", 150}}},
                      {"best", {{"steps", 1000}}},
                      {"paper", nlohmann::json::object()}},
          .make = [](const Settings& s) { return std::make_unique<Psld>(typed(psld_fields(), s)); },
          .need = OperatorNeed::Linear,
          .space = PriorSpace::Latent};
}

}  // namespace mgdm
