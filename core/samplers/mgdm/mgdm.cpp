#include <ATen/ATen.h>

#include "core/samplers/description.h"
#include "core/samplers/mgdm/annealed_guidance.h"
#include "core/samplers/mgdm/denoised_guidance.h"
#include "core/samplers/requirements.h"

namespace mgdm {

namespace {

class Mgdm : public Sampler {
 public:
  explicit Mgdm(MgdmSettings settings) : s_(std::move(settings)) {}

  SamplerResult run(const SamplerInput& input) const override {
    if (input.likelihood == nullptr)
      throw OperatorError("MGDM needs an observation; use the sampler ddim to sample the prior");
    StepContext context(input);
    context.latest = at::zeros_like(input.x_init);
    try {
      (s_.guidance == Guidance::Denoised ? denoised_guidance : annealed_guidance)(s_, context);
    } catch (const Stopped&) {
      return {context.latest, context.evaluations, true};
    }
    return {context.latest, context.evaluations, false};
  }

 private:
  MgdmSettings s_;
};

}  // namespace

SamplerDescription describe_mgdm() {
  const Settings paper_gradient = Settings::parse(R"([{"last": 30, "value": 20}, {"value": 5}])");
  return {
      .name = "mgdm",
      .label = "MGDM",
      .help = "Mixture-guided diffusion: Gibbs steps between an earlier time, the clean signal and the current state.",
      .paper = "A Mixture-Based Framework for Guiding Diffusion Models, ICML 2025",
      .rank = 0,
      .settings = described(mgdm_fields()),
      .presets = {{"quick",
                   {{"steps", 16},
                    {"denoising_steps", 2},
                    {"threshold", 11},
                    {"guidance", "denoised"},
                    {"denoising", "dpm_solver"},
                    {"first_sigma", 1.0},
                    {"last_sigma", 1.0},
                    {"conjugate_tolerance", 0},
                    {"update", "gauss_newton"},
                    {"gradient_steps", 1},
                    {"conjugate_steps", 2}}},
                  {"balanced",
                   {{"steps", 24},
                    {"denoising_steps", 3},
                    {"threshold", 17},
                    {"guidance", "denoised"},
                    {"denoising", "dpm_solver"},
                    {"first_sigma", 1.0},
                    {"last_sigma", 1.0},
                    {"conjugate_tolerance", 0},
                    {"update", "gauss_newton"},
                    {"gradient_steps", 1},
                    {"conjugate_steps", 4}}},
                  {"best",
                   {{"steps", 100},
                    {"denoising_steps", 10},
                    {"threshold", 70},
                    {"guidance", "denoised"},
                    {"denoising", "dpm_solver"},
                    {"first_sigma", 1.0},
                    {"last_sigma", 1.0},
                    {"conjugate_tolerance", 0},
                    {"update", "gauss_newton"},
                    {"gradient_steps", 2},
                    {"conjugate_steps", 3}}},
                  {"exact", nlohmann::json::object()},
                  {"paper", {{"guidance", "denoised"}, {"update", "gauss_vi"}, {"gradient_steps", paper_gradient}}}},
      .make = [](const Settings& s) { return std::make_unique<Mgdm>(typed(mgdm_fields(), s)); },
      .laws = {NoiseLaw::Gaussian, NoiseLaw::Poisson, NoiseLaw::SaltAndPepper},
      .suited = mgdm_suited,
      .resolve = mgdm_resolve};
}

}  // namespace mgdm
