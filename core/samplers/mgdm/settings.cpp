#include "core/samplers/mgdm/settings.h"

#include <ATen/ATen.h>

#include <map>

namespace mgdm {

namespace {

// The settings of the paper's code (its configuration files) for a family of priors, on top of those for "ffhq".
Settings papers_settings(const std::string& config) {
  if (config == "imagenet") return {{"learning_rate", 0.03}};
  if (config == "ffhq_ldm")
    return Settings::parse(
        R"({"gradient_steps": [{"last": 30, "value": 20}, {"every": 10, "value": 20}, {"value": 3}]})");
  if (config == "sound") {
    return Settings::parse(
        R"({"steps": 20, "gibbs": 6, "denoising_steps": 15, "threshold": 13, "gradient_steps": [{"last": 10, "value": 20}, {"value": 3}], "learning_rate": 0.005})");
  }
  return Settings::object();
}

}  // namespace

Fields<MgdmSettings> mgdm_fields() {
  using S = MgdmSettings;
  using U = UpdateSettings;
  const auto paper_rate = Settings::parse(R"([{"first": 11, "value": 0.01}, {"value": 0.03}])");
  return {
      field(&S::steps, "steps", "Outer steps", "Noise levels from pure noise to the signal (n).", 100, 4, 999),
      field(&S::gibbs, "gibbs", "Gibbs repetitions", "Gibbs sweeps at each noise level (R).", 1, 1, 64),
      field(&S::denoising_steps, "denoising_steps", "Denoising steps",
            "Points of the DDIM grid from tau to 0 (M); M - 1 network evaluations.", 20, 1, 200),
      field(&S::gradient_steps, "gradient_steps", "Gradient steps",
            "Steps of the update at outer step i (G): a number, or rules over i. gauss_newton: linearisations; "
            "elliptical_slice: moves; ensemble_kalman: updates.",
            2, 0, 1000),
      field(&S::learning_rate, "learning_rate", "Learning rate",
            "Adam's absolute learning rate at outer step i: a number, or rules over i.", paper_rate, 1e-6, 10),
      inside(&S::update,
             field(&U::kind, "update", "Variational update",
                   "How x_tau is drawn. gauss_vi: the paper's, by Adam. gauss_newton: perturb and optimise. "
                   "jacobian_free: the same without going back through the network. elliptical_slice and "
                   "ensemble_kalman: without any gradient.",
                   Update::GaussNewton,
                   {"gauss_vi", "gauss_newton", "jacobian_free", "elliptical_slice", "ensemble_kalman"})),
      field(&S::guidance, "guidance", "Guidance",
            "Where the likelihood of x_tau looks. annealed: at x_tau itself; exact Gibbs steps for the posterior with "
            "noise tau added. denoised: at the denoiser's estimate, the paper's.",
            Guidance::Annealed, {"annealed", "denoised"}),
      field(&S::first_sigma, "first_sigma", "First noise level",
            "annealed: standard deviation of the first x_tau's noise.", 10.0, 0.1, 1000),
      field(&S::last_sigma, "last_sigma", "Last noise level",
            "annealed: standard deviation of the last x_tau's noise, in units of the observation's.", 0.1, 0.01, 10),
      field(&S::resample, "resample", "Resample",
            "annealed, from 64 samples on: weigh the samples of a batch against each other, which makes the "
            "shares of far-apart modes exact.",
            true),
      field(&S::denoising, "denoising", "Denoising",
            "annealed: how x_0 is drawn from x_tau. moment_matching: exact for Gaussian priors up to 3 % of "
            "the variance; dpm_solver: SDE-DPM-Solver++(2M).",
            Denoising::MomentMatching, {"moment_matching", "dpm_solver"}),
      field(&S::second_order, "second_order", "Second-order denoising",
            "dpm_solver: second-order steps from x_tau to x_0.", true),
      inside(&S::update, field(&U::conjugate_steps, "conjugate_steps", "Conjugate gradient steps",
                               "At most, for each linearisation of gauss_newton; at the denoiser's estimate "
                               "each costs two backward passes.",
                               20, 1, 100)),
      inside(&S::update, field(&U::conjugate_tolerance, "conjugate_tolerance", "Conjugate gradient tolerance",
                               "gauss_newton: a sample is done when the residual of the normal equations has shrunk to "
                               "this share; 0 takes all steps.",
                               0.01, 0, 0.99)),
      inside(&S::update,
             field(&U::decoder, "decoder", "Decoder's Jacobian",
                   "Latent models, gauss_newton and jacobian_free. exact: derivatives of the decoder. linear: of an "
                   "affine map fitted to what was decoded, which costs next to nothing.",
                   DecoderJacobian::Exact, {"exact", "linear"})),
      field(&S::tau, "tau", "Law of tau",
            "How the earlier time is drawn: uniform below t, mix (uniform, then the level below t), deterministic, "
            "mix-det (3/4 t, then below t), zero (near 0).",
            TauLaw::Mix, {"uniform", "mix", "deterministic", "mix-det", "zero"}),
      field(&S::threshold, "threshold", "Threshold", "Outer step at which the mix laws change.", 70, 0, 1000),
      field(&S::min_tau, "min_tau", "Smallest tau", "Smallest earlier time of the uniform laws.", 10, 1, 998),
      field(&S::tau_per_chain, "tau_per_chain", "Tau for each sample",
            "Draw tau for each sample of a batch instead of one for all.", true),
      field(&S::eta, "eta", "Stochasticity",
            "eta of the outer bridge and of the denoising steps: 0 deterministic, 1 as DDPM.", 1.0, 0, 1),
      field(&S::reference_compatible, "reference_compatible", "As the public code",
            "Keep the conventions of the paper's public code (n - 3 outer steps, one tau for the batch).", false)};
}

// A linear map that is decomposed and sees some directions far better than others (a JPEG file's coefficients): a few
// conjugate gradients through the network do not get to the end of it, but with the identity as the network's Jacobian
// the update is exact, and what that saves goes into more outer steps. Measured in README, "before and after".
Settings mgdm_suited(const std::string& preset, const Operator* degradation, const PriorTraits& prior) {
  if (preset == "paper") return papers_settings(prior.paper_config);
  const std::map<std::string, Settings> finer{{"quick", {{"steps", 40}, {"threshold", 30}}},
                                              {"balanced", {{"steps", 80}, {"threshold", 60}}},
                                              {"best", {{"steps", 250}, {"threshold", 188}, {"denoising_steps", 4}}}};
  const auto found = finer.find(preset);
  // Three quarters of the time would go into derivatives of the decoder; the samples are as good (models/latent.md).
  if (found != finer.end() && prior.latent) return {{"decoder", "linear"}};
  if (found == finer.end() || degradation == nullptr || !degradation->linear() || !degradation->has_svd())
    return Settings::object();
  const at::Tensor s = degradation->singular_values(), seen = s.masked_select(s > 0);
  if (seen.numel() == 0 || (seen.max() / seen.min()).item<double>() < 8) return Settings::object();
  Settings settings = found->second;
  settings.update({{"update", "jacobian_free"}, {"gradient_steps", 1}, {"conjugate_steps", 1}});
  return settings;
}

void mgdm_resolve(Settings& complete, const Operator& degradation) {
  const auto& update = complete.at("update");
  if (degradation.differentiable() || update == "elliptical_slice" || update == "ensemble_kalman") return;
  complete["update"] = "ensemble_kalman";
  complete["guidance"] = "annealed";
}

}  // namespace mgdm
