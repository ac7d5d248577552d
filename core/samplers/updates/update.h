// The strategies by which MGDM draws x_tau (its setting `update`), PnP-DM its z. Private to core/samplers.
//
// All draw from (or near) the conditional
//
//   N(v; mean, std^2 I) N(y; H(S(v)), sigma_y^2 I)
//
// where S(v) is the clean signal that v stands for: the denoiser's estimate (the paper, algorithm 1) or v
// itself (annealed guidance). Chains of a batch are independent but in `ensemble_kalman`.
//
//   gauss_vi          the paper's: reverse KL over a diagonal Gaussian by Adam at an absolute learning rate,
//                     one noise draw a step.
//   gauss_newton      perturb and optimise (Papandreou & Yuille 2010; Bardsley 2012): with e1, e2 ~ N(0, I)
//                     minimise |v - mean - std e1|^2 / std^2 + |y + sigma e2 - H(S(v))|^2 / sigma^2 by
//                     Gauss-Newton with conjugate gradients, whitened by std. Exact for linear H S, and done
//                     through H's singular values where they are known and S is the identity. The denoiser's
//                     Jacobian is taken to be symmetric, as a true denoiser's is: backward passes only. Other
//                     laws of noise: Poisson by Fisher scoring (a Gaussian of the same precision at each
//                     linearisation); salt and pepper by drawing first which values are lost.
//   jacobian_free     gauss_newton with d x0hat / d x_tau = I / sqrt(abar): nothing goes back through the
//                     network.
//   elliptical_slice  Murray, Adams & MacKay 2010: leaves the conditional exactly invariant; values of the
//                     likelihood only, no gradient.
//   ensemble_kalman   Emerick & Reynolds 2013 (ES-MDA): the likelihood is met in `steps` tempered Kalman
//                     updates with covariances from an ensemble: the batch where it has at least 32 samples and
//                     Gaussian noise, else 32 members of each sample's own, images observed at their own size in blocks
//                     of 8 x 8 pixels. Values of H only; other laws of noise as gauss_newton.
#pragma once
#include "core/samplers/step_context.h"

namespace mgdm {

/// Of a latent model's decoder in gauss_newton and jacobian_free. Linear: an affine map fitted to what the run has
/// decoded (core/priors/linear_decoder.h) stands for its Jacobian, and the decoder itself is only evaluated: once a
/// linearisation, instead of three to five times for each conjugate gradient step.
enum class DecoderJacobian { Exact, Linear };

enum class Update { GaussVi, GaussNewton, JacobianFree, EllipticalSlice, EnsembleKalman };

struct UpdateSettings {
  Update kind = Update::GaussNewton;
  int conjugate_steps = 3;
  double conjugate_tolerance = 0;
  DecoderJacobian decoder = DecoderJacobian::Exact;
};

/// The conditional to draw from.
struct Conditional {
  StepContext& context;
  const at::Tensor& mean;  ///< [B, ...]
  const at::Tensor& std;   ///< [B or 1, 1, ...]
  const Levels* tau;       ///< levels of v for the denoiser; nullptr: S(v) = v (annealed guidance)
  int steps;               ///< of the update: gradient steps, linearisations, slice moves, Kalman updates
  double rate = 0;         ///< learning rate, gauss_vi only
};

// Each draws v [B, ...]. `state`: the whitened (v - mean) / std that a Markov update goes on from (undefined: none
// yet); set to the draw's. Throw OperatorError, Stopped, NumericalError.
at::Tensor draw_gauss_vi(const Conditional& conditional, at::Tensor& state);
at::Tensor draw_gauss_newton(const UpdateSettings& settings, const Conditional& conditional, at::Tensor& state);
at::Tensor draw_elliptical_slice(const Conditional& conditional, at::Tensor& state);
at::Tensor draw_ensemble_kalman(const Conditional& conditional, at::Tensor& state);

// ---- what they share ----

/// Throws OperatorError naming the updates that do without, where the degradation has no gradient.
void need_gradient(const StepContext& context, const char* update);
/// Numbers in (0, 1) of `like`'s shape from the one source of noise: Phi(n).
at::Tensor uniform_like(StepContext& context, const at::Tensor& like);
/// [B, 1, ...] of x's dimension.
std::vector<int64_t> broadcast_shape(const at::Tensor& x);

}  // namespace mgdm
