// MGDM: "A Mixture-Based Framework for Guiding Diffusion Models", ICML 2025.
//
// The intractable posterior at noise level t is approximated by a mixture over an earlier time tau
// whose components are sampled by Gibbs steps (algorithm 1 of the paper). One outer step goes from
// level t_next to t:
//
//   x_t   ~ q(x_t | x_t_next, x_0)                    bridge, stochasticity eta
//   repeat R times:
//     tau   ~ the chosen law on {1, ..., t_prev}
//     x_tau ~ q(x_tau | x_0, x_t) g(x0hat(x_tau))     Gaussian variational approximation
//     x_0   ~ p(x_0 | x_tau)                          a few DDIM steps
//     x_t   ~ q(x_t | x_t_next, x_tau)                bridge
//
// where g = p(y | .) and x0hat is the denoiser. The state lives in the prior's space; the likelihood
// sees it through the codec. How x_tau is drawn is the setting `update` (core/samplers/updates/update.h).
//
// That is guidance "denoised". The likelihood's component g(x0hat(x_tau)) is not p(y | x_tau), so what
// the Gibbs steps converge to at a high level is not the posterior there. Guidance "annealed", the
// default, keeps the Gibbs frame with a component that is exact for a known target:
//
//   x_tau ~ N(x_tau; x_0, sigma_tau^2 I) g(x_tau)     in x_0 + sigma n form, x_t integrated out
//   x_0   ~ p(x_0 | x_tau)                            stochastic denoising steps
//
// leaves p(x_0) N(y; H x_0, sigma_y^2 I + sigma_tau^2 H H^T) invariant (the split Gibbs sampler of
// Vono, Dobigeon & Chainais 2019; PnP-DM, Wu et al. 2024), and that target goes to the posterior as
// sigma_tau goes down from `first_sigma` to `last_sigma` sigma_y. From 64 chains on, `resample`
// weighs the chains by the ratio of successive targets at x_0, which needs no network evaluation, and
// resamples them (a sequential Monte Carlo sampler, Del Moral, Doucet & Jasra 2006): that sets the
// shares of far-apart modes right, which no chain alone can. Chains of a batch interact there and
// only there (and in the update ensemble_kalman).
//
// `reference_compatible` keeps the public code's conventions: n - 3 outer steps, so that the last
// tau is timesteps[1], and one tau for the whole batch and all repetitions of a step. By default the
// outer steps go on while t >= 2, and tau is drawn anew at each repetition, for each chain if
// `tau_per_chain`.
#pragma once
#include <string>

#include "core/priors/prior.h"
#include "core/samplers/updates/update.h"
#include "core/settings/settings.h"

namespace mgdm {

enum class TauLaw { Uniform, Mix, Deterministic, MixDeterministic, Zero };
enum class Guidance { Annealed, Denoised };
enum class Denoising { MomentMatching, DpmSolver };

/// `tau`, `threshold`, `min_tau`, `tau_per_chain` and `eta` are of guidance "denoised" only. Defaults: `mgdm_fields`.
struct MgdmSettings {
  int steps;            ///< n: outer noise levels
  int gibbs;            ///< R: repetitions at each level
  int denoising_steps;  ///< M: DDIM grid points from tau to 0 (M - 1 evaluations; 1 counts as 2)
  double eta;           ///< of the outer bridge and the DDIM steps
  TauLaw tau;
  int threshold;  ///< outer step at which "mix" laws change to tau = t_prev
  int min_tau;
  bool tau_per_chain;
  UpdateSettings update;
  Guidance guidance;
  double first_sigma;        ///< annealed guidance: noise of the first x_tau
  double last_sigma;         ///< annealed guidance: noise of the last, in units of sigma_y
  bool resample;             ///< annealed guidance, from 64 chains on
  Denoising denoising;       ///< annealed guidance: how x_0 is drawn from x_tau
  bool second_order;         ///< of Denoising::DpmSolver
  StepRules gradient_steps;  ///< G(i); Gauss-Newton: linearisations
  StepRules learning_rate;   ///< lr(i); Adam only
  bool reference_compatible;
};

Fields<MgdmSettings> mgdm_fields();

/// What of a preset is another for a degradation (nullptr: any) and a prior.
Settings mgdm_suited(const std::string& preset, const Operator* degradation, const PriorTraits& prior);

/// A black box has no gradient: what needs one becomes the update that needs values only, with annealed guidance.
void mgdm_resolve(Settings& complete, const Operator& degradation);

}  // namespace mgdm
