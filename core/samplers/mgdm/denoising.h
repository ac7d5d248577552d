// How annealed guidance draws x_0 from x_tau.
#pragma once
#include <vector>

#include "core/samplers/mgdm/settings.h"
#include "core/samplers/step_context.h"

namespace mgdm {

/// n noise levels from `first` down to `last`, even in their logarithm.
std::vector<double> ladder(double first, double last, int n);

/// A draw of x_0 given x = x_0 + sigma n [B, ...], one evaluation for each noise level on the way down to 0. Throws
/// Stopped, NumericalError.
at::Tensor stochastic_denoise(const MgdmSettings& settings, StepContext& context, const at::Tensor& x, double sigma,
                              double matched_below);

}  // namespace mgdm
