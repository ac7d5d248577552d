// MGDM as in the paper (algorithm 1): the likelihood looks at the denoiser's estimate of x_tau.
#pragma once
#include <vector>

#include "core/samplers/mgdm/settings.h"
#include "core/samplers/step_context.h"

namespace mgdm {

/// Walks down the outer levels; the samples are left in `context.latest`. Throws Stopped, OperatorError,
/// NumericalError.
void denoised_guidance(const MgdmSettings& settings, StepContext& context);

/// The DDIM grid from tau down to 0: floor(j tau / (K - 1)), j = K-1..0, K = min(M, tau + 1).
std::vector<int> denoising_grid(int tau, int denoising_steps);

}  // namespace mgdm
