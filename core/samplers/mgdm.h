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
// sees it through the codec. Chains of a batch never interact.
//
// The variational step (`update`):
//   "adam"          the paper's: reverse KL over a diagonal Gaussian by Adam at an absolute learning
//                   rate, one noise draw a step.
//   "gauss_newton"  perturb-and-optimise: minimise |v - (m + s e1)|^2 / s^2 +
//                   |y + sigma e2 - H(x0hat(v))|^2 / sigma^2 by Gauss-Newton with a few conjugate
//                   gradient steps in coordinates whitened by s. The denoiser's Jacobian is taken to be
//                   symmetric (a true denoiser's is), so only backward passes are needed. Gaussian
//                   likelihoods only.
//
// `reference_compatible` keeps the public code's conventions: n - 3 outer steps, so that the last
// tau is timesteps[1], and one tau for the whole batch and all repetitions of a step. By default the
// outer steps go on while t >= 2, and tau is drawn anew at each repetition, for each chain if
// `tau_per_chain`.
#pragma once
#include "core/samplers/mgdm_update.h"
#include "core/samplers/sampler.h"

namespace mgdm {

enum class TauLaw { Uniform, Mix, Deterministic, MixDeterministic, Zero };
enum class Guidance { Annealed, Denoised };

struct MgdmSettings {
  int steps = 100;            ///< n: outer noise levels
  int gibbs = 1;              ///< R: repetitions at each level
  int denoising_steps = 20;   ///< M: DDIM grid points from tau to 0 (M - 1 evaluations; 1 counts as 2)
  double eta = 1.0;           ///< of the outer bridge and the DDIM steps
  TauLaw tau = TauLaw::Mix;
  int threshold = 70;         ///< outer step at which "mix" laws change to tau = t_prev
  int min_tau = 10;
  bool tau_per_chain = true;
  UpdateSettings update;
  Guidance guidance = Guidance::Annealed;
  double first_sigma = 10;    ///< annealed guidance: noise of the first x_tau
  double last_sigma = 0.2;    ///< annealed guidance: noise of the last, in units of sigma_y
  bool resample = true;       ///< annealed guidance, from 64 chains on
  bool second_order = true;   ///< annealed guidance: of the stochastic denoising steps
  StepRules gradient_steps;   ///< G(i); Gauss-Newton: linearisations
  StepRules learning_rate;    ///< lr(i); Adam only
  bool reference_compatible = false;

  static MgdmSettings from(const Settings& complete);
};

SamplerDescription describe_mgdm();
std::unique_ptr<Sampler> make_mgdm(MgdmSettings settings);

/// The DDIM grid from tau down to 0: floor(j tau / (K - 1)), j = K-1..0, K = min(M, tau + 1).
std::vector<int> denoising_grid(int tau, int denoising_steps);

}  // namespace mgdm
