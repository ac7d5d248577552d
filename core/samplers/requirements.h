// What samplers ask of their input, and the settings that many of them have. Private to core/samplers.
#pragma once
#include <functional>
#include <string>
#include <utility>

#include "core/samplers/sampler.h"
#include "core/settings/settings.h"

namespace mgdm {

class StepContext;

/// Runs `body` with its bookkeeping; a stop inside keeps `context.latest`, else `body`'s tensor is the result.
SamplerResult run_stoppable(const SamplerInput& input, const std::function<at::Tensor(StepContext&)>& body);
/// The likelihood, or OperatorError where there is none.
const Likelihood& likelihood_of(const SamplerInput& input, const char* sampler);
/// The same for samplers that know Gaussian noise only.
const GaussianLikelihood& gaussian_of(const SamplerInput& input, const char* sampler);
/// The same operator with a decomposition and a pixel-space prior, or OperatorError.
const Operator& spectral_of(const SamplerInput& input, const char* sampler);

template <typename S>
Field<S> steps_field(int S::*member, int fallback, std::string help = "Noise levels from pure noise to the signal.") {
  return field(member, "steps", "Steps", std::move(help), fallback, 4, 1000);
}
template <typename S>
Field<S> eta_field(double S::*member, double fallback) {
  return field(member, "eta", "Stochasticity", "eta of the reverse steps: 0 deterministic, 1 as DDPM.", fallback, 0, 1);
}
/// Whether to do what the public code of the MGDM paper does, faults included.
template <typename S>
Field<S> reference_field(bool S::*member, std::string help) {
  return field(member, "reference_compatible", "As the public code", std::move(help), false);
}

}  // namespace mgdm
