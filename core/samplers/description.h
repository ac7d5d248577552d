// The samplers there are, each with its description: the command line, the studio, run files and the documentation
// know them from here. A sampler is one file in core/samplers/methods, which the build lists (core/registry.cmake).
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/operators/likelihood.h"
#include "core/priors/prior.h"
#include "core/samplers/sampler.h"
#include "core/settings/settings.h"

namespace mgdm {

/// What a sampler asks of the degradation. DecompositionOrMask: a decomposition, and with a model on latents that it
/// keeps some values and loses the others.
enum class OperatorNeed { Nothing, Gradient, Linear, Decomposition, DecompositionOrMask };

/// The priors that a sampler is for.
enum class PriorSpace { Any, Latent };

/// One entry of the list of samplers; everything people see of a sampler comes from here.
struct SamplerDescription {
  std::string name, label, help, paper;
  int rank = 500;  ///< place in the list; equal ones by name
  bool needs_likelihood = true;
  std::vector<Setting> settings;
  /// Named sets of values, e.g. "quick", "balanced", "best".
  std::vector<std::pair<std::string, Settings>> presets;
  std::function<std::unique_ptr<Sampler>(const Settings& complete)> make;
  OperatorNeed need = OperatorNeed::Nothing;
  PriorSpace space = PriorSpace::Any;
  std::vector<NoiseLaw> laws{NoiseLaw::Gaussian};  ///< of noise that it knows
  /// What of a preset is another for a degradation (nullptr: any) and a prior; none: nothing.
  std::function<Settings(const std::string& preset, const Operator* degradation, const PriorTraits& prior)> suited = {};
  /// Changes complete settings that cannot work with a degradation to those that are then run, and recorded.
  std::function<void(Settings& complete, const Operator& degradation)> resolve = {};
};

/// Empty if the sampler can work with this degradation, noise and prior, else the reason why not, as a sentence.
std::string why_not(const SamplerDescription& sampler, const Operator& degradation, NoiseLaw law = NoiseLaw::Gaussian,
                    const PriorTraits& prior = {});

/// In the order in which people see them.
const std::vector<SamplerDescription>& samplers();
/// What the build has listed, in the order of the files' names.
std::vector<SamplerDescription> listed_samplers();
/// Throws SettingError naming the known samplers.
const SamplerDescription& find_sampler(const std::string& name);
/// The preset's values, with those that suit the prior, and the degradation if it is given; an empty preset is the
/// defaults. Throws SettingError.
Settings preset_settings(const SamplerDescription& sampler, const std::string& preset,
                         const Operator* degradation = nullptr, const PriorTraits& prior = {});
/// The same with `overrides` on top, complete, checked and such as work with the degradation if it is given.
Settings sampler_settings(const SamplerDescription& sampler, const std::string& preset, const Settings& overrides,
                          const Operator* degradation = nullptr, const PriorTraits& prior = {});

}  // namespace mgdm
