// The one place where a sampler is run: photos, songs, toy problems and measurements all come through here.
#pragma once
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "core/problems/problem.h"
#include "core/samplers/description.h"

namespace mgdm {

/// A sampler with its settings, complete and checked.
struct Method {
  const SamplerDescription* description = nullptr;
  Settings settings;
  std::shared_ptr<const Sampler> sampler;
};

/// `preset` ("" = the sampler's own defaults) with `overrides` on top, and what suits the degradation and the prior.
/// Throws SettingError, also where the sampler cannot work with that degradation and noise (`task` names it).
Method make_method(const std::string& sampler, const std::string& preset, const Settings& overrides,
                   const Likelihood* likelihood, const PriorTraits& prior, const std::string& task);

struct SamplingOptions {
  int64_t samples = 1;                                ///< chains, at once
  uint64_t noise_seed = 0;                            ///< of everything random in the sampler
  at::ScalarType type = at::kFloat;                   ///< of the state
  std::function<void(const Iterate&)> observer = {};  ///< called on this thread with every iterate
  std::stop_token stop = {};                          ///< polled between network evaluations
  const SamplerStart* start = nullptr;                ///< goes on from there instead of pure noise
};

/// Blocks. The samples are in the prior's space. Throws NumericalError, OperatorError.
SamplerResult sample(const Prior& prior, const Problem& problem, const Method& method, const SamplingOptions& options);

}  // namespace mgdm
