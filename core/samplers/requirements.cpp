#include "core/samplers/requirements.h"

#include <ATen/ATen.h>

#include "core/samplers/step_context.h"

namespace mgdm {

SamplerResult run_stoppable(const SamplerInput& input, const std::function<at::Tensor(StepContext&)>& body) {
  StepContext context(input);
  context.latest = at::zeros_like(input.x_init);
  try {
    const at::Tensor x0 = body(context);
    context.check_finite(x0, "the sample");
    return {x0, context.evaluations, false};
  } catch (const Stopped&) {
    return {context.latest, context.evaluations, true};
  }
}

const Likelihood& likelihood_of(const SamplerInput& input, const char* sampler) {
  if (input.likelihood == nullptr) throw OperatorError(std::string("the sampler ") + sampler + " needs an observation");
  return *input.likelihood;
}

const GaussianLikelihood& gaussian_of(const SamplerInput& input, const char* sampler) {
  const auto* likelihood = dynamic_cast<const GaussianLikelihood*>(input.likelihood);
  if (likelihood == nullptr)
    throw OperatorError(std::string("the sampler ") + sampler + " needs an observation with Gaussian noise");
  return *likelihood;
}

const Operator& spectral_of(const SamplerInput& input, const char* sampler) {
  const Operator& h = gaussian_of(input, sampler).degradation();
  if (!h.has_svd()) {
    throw OperatorError(std::string("the sampler ") + sampler +
                        " needs a degradation whose singular value decomposition is known; this one's is not");
  }
  if (dynamic_cast<const IdentityCodec*>(input.prior.codec.get()) == nullptr) {
    throw OperatorError(std::string("the sampler ") + sampler +
                        " works in the signal's own space and cannot use a latent prior");
  }
  return h;
}

}  // namespace mgdm
