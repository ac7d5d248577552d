// The samplers that MGDM is compared with, one file each; every file names its paper and equations, what
// it asks of the operator, and where it departs from the public code. With `reference_compatible` each does
// what the public code of the MGDM paper does, faults included.
#pragma once
#include "core/samplers/sampler.h"

namespace mgdm {

class StepContext;

SamplerDescription describe_dps();
SamplerDescription describe_pgdm();
SamplerDescription describe_ddnm();
SamplerDescription describe_ddrm();
SamplerDescription describe_diffpir();
SamplerDescription describe_reddiff();
SamplerDescription describe_daps();
SamplerDescription describe_pnp_dm();

// ---- what these files share ----

/// Runs `body` with its bookkeeping; a stop inside keeps `context.latest`, else `body`'s tensor is the result.
SamplerResult run_stoppable(const SamplerInput& input, const std::function<at::Tensor(StepContext&)>& body);
/// The likelihood, or OperatorError where there is none.
const Likelihood& likelihood_of(const SamplerInput& input, const char* sampler);
/// The same for samplers that know Gaussian noise only.
const GaussianLikelihood& gaussian_of(const SamplerInput& input, const char* sampler);
/// The same operator with a decomposition and a pixel-space prior, or OperatorError.
const Operator& spectral_of(const SamplerInput& input, const char* sampler);
/// Settings that all of them have.
Setting steps_setting(int value, const char* help = "Noise levels from pure noise to the signal.");
Setting eta_setting(double value);
Setting reference_setting(const char* what);

}  // namespace mgdm
