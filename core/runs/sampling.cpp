#include "core/runs/sampling.h"

#include <ATen/ATen.h>

namespace mgdm {

Method make_method(const std::string& name, const std::string& preset, const Settings& overrides,
                   const Likelihood* likelihood, const PriorTraits& prior, const std::string& task) {
  Method method;
  method.description = &find_sampler(name);
  const Operator* degradation = likelihood != nullptr ? &likelihood->degradation() : nullptr;
  method.settings = sampler_settings(*method.description, preset, overrides, degradation, prior);
  method.sampler = method.description->make(method.settings);
  if (degradation == nullptr) return method;
  if (const std::string reason = why_not(*method.description, *degradation, likelihood->law(), prior);
      !reason.empty()) {
    throw SettingError("sampler " + method.description->name + " cannot do the task " + task + ": " + reason);
  }
  return method;
}

SamplerResult sample(const Prior& prior, const Problem& problem, const Method& method, const SamplingOptions& options) {
  SeededNoise noise(options.noise_seed);
  std::vector<int64_t> shape{options.samples};
  const auto sizes = prior.codec->model_sizes(problem.signal);
  shape.insert(shape.end(), sizes.begin(), sizes.end());
  const at::Tensor x_init =
      noise.normal_like(at::empty(shape, at::TensorOptions().dtype(options.type).device(prior.device)));
  SamplerStart start;
  if (options.start != nullptr) {
    start = *options.start;
    start.x_t = start.x_t.to(prior.device);
    start.x0 = start.x0.to(prior.device);
    if (start.x_t.sizes() != at::IntArrayRef(shape)) {
      throw SettingError("run: the iterate to go on from has another size");
    }
  }
  const Likelihood* likelihood = method.description->needs_likelihood ? problem.likelihood.get() : nullptr;
  // A sampler that follows the published code to the letter asks the network as that code does.
  const bool as_published = method.settings.value("reference_compatible", false) && prior.reference_denoiser;
  Prior published;
  if (as_published) {
    published = prior;
    published.denoiser = prior.reference_denoiser;
  }
  return method.sampler->run({as_published ? published : prior, likelihood, x_init, noise, options.observer,
                              options.stop, options.start != nullptr ? &start : nullptr});
}

}  // namespace mgdm
