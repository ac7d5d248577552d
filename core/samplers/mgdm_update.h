// How MGDM draws x_tau: the strategies behind its setting `update`. Private to core/samplers.
//
// Where the degradation is a black box, MGDM takes annealed guidance with ensemble_kalman if the chosen update
// needs a gradient.
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

enum class Update { GaussVi, GaussNewton, JacobianFree, EllipticalSlice, EnsembleKalman };

struct UpdateSettings {
  Update kind = Update::GaussNewton;
  int conjugate_steps = 3;
  double conjugate_tolerance = 0;
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

/// A draw v [B, ...]. `state`: the whitened (v - mean) / std that a Markov update goes on from (undefined: none
/// yet); set to the draw's. `moved`: rms of it. Throws OperatorError, Stopped, NumericalError.
at::Tensor draw_conditional(const UpdateSettings& settings, const Conditional& conditional, at::Tensor& state,
                            double& moved);

/// (d map / d z) u at z by forward-mode differentiation: no graph is kept, whatever is inside.
at::Tensor jacobian_product(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& z,
                            const at::Tensor& u);

using SymmetricMap = std::function<at::Tensor(const at::Tensor&)>;
/// x with A x = b for a symmetric positive A given by its `product`, from zero; each chain of b [B, ...] on its own,
/// done when its residual has shrunk to `tolerance`. `preconditioner`: near to A^-1, symmetric positive; none: I. One
/// that meets a direction of no or negative curvature (a network's Jacobian is only nearly symmetric) stands still.
at::Tensor conjugate_gradients(const SymmetricMap& product, const at::Tensor& b, int steps, double tolerance,
                               const SymmetricMap& preconditioner = {});

/// log N(y; H(x), sigma^2 I + rho^2 J J^T) for each sample up to a constant, J = dH/dx at x: the likelihood of
/// x_0 = x under annealed guidance at noise rho; other laws of noise likewise, near enough to weigh samples by and
/// exact as rho goes to 0. x [B, signal...] -> [B].
at::Tensor annealed_log_likelihood(const Likelihood& likelihood, const at::Tensor& x, double rho);

}  // namespace mgdm
