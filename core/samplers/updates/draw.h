// A draw of x_tau by the chosen update.
#pragma once
#include "core/samplers/updates/update.h"

namespace mgdm {

/// A draw v [B, ...]. `state`: the whitened (v - mean) / std that a Markov update goes on from (undefined: none
/// yet); set to the draw's. `moved`: rms of it. Throws OperatorError, Stopped, NumericalError.
at::Tensor draw_conditional(const UpdateSettings& settings, const Conditional& conditional, at::Tensor& state,
                            double& moved);

}  // namespace mgdm
