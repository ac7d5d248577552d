// MGDM with exact Gibbs steps: the likelihood looks at x_tau itself (core/samplers/mgdm/settings.h).
#pragma once
#include "core/samplers/mgdm/settings.h"
#include "core/samplers/step_context.h"

namespace mgdm {

/// Walks down the noise levels; the samples are left in `context.latest`. Throws Stopped, OperatorError,
/// NumericalError.
void annealed_guidance(const MgdmSettings& settings, StepContext& context);

}  // namespace mgdm
