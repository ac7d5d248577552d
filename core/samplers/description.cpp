#include "core/samplers/description.h"

#include <algorithm>

#include "core/operators/masks.h"

namespace mgdm {

const std::vector<SamplerDescription>& samplers() {
  static const std::vector<SamplerDescription> list = [] {
    std::vector<SamplerDescription> all = listed_samplers();
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.rank < b.rank; });
    return all;
  }();
  return list;
}

const SamplerDescription& find_sampler(const std::string& name) {
  std::string known;
  for (const auto& sampler : samplers()) {
    if (sampler.name == name) return sampler;
    known += (known.empty() ? "" : ", ") + sampler.name;
  }
  throw SettingError("sampler '" + name + "' is unknown; known are " + known);
}

Settings preset_settings(const SamplerDescription& sampler, const std::string& preset, const Operator* degradation,
                         const PriorTraits& prior) {
  if (preset.empty()) return nlohmann::json::object();
  std::string known;
  for (const auto& [name, values] : sampler.presets) {
    if (name == preset) {
      Settings settings = values;
      if (sampler.suited) settings.update(sampler.suited(preset, degradation, prior));
      return settings;
    }
    known += (known.empty() ? "" : ", ") + name;
  }
  throw SettingError("sampler " + sampler.name + ": preset '" + preset + "' is unknown; known are " + known);
}

Settings sampler_settings(const SamplerDescription& sampler, const std::string& preset, const Settings& overrides,
                          const Operator* degradation, const PriorTraits& prior) {
  Settings given = preset_settings(sampler, preset, degradation, prior);
  if (overrides.is_object()) given.update(overrides);
  Settings complete = complete_settings(sampler.settings, given, "sampler " + sampler.name);
  if (sampler.resolve && degradation != nullptr) sampler.resolve(complete, *degradation);
  return complete;
}

std::string why_not(const SamplerDescription& sampler, const Operator& degradation, NoiseLaw law,
                    const PriorTraits& prior) {
  if (!prior.latent && sampler.space == PriorSpace::Latent)
    return "It is for models that work in an autoencoder's space, and this one works with the pixels themselves.";
  if (prior.latent && sampler.space != PriorSpace::Latent &&
      (sampler.need == OperatorNeed::Decomposition || sampler.need == OperatorNeed::Linear))
    return "It works in the picture's own space, and this model works in that of an autoencoder.";
  const bool decomposes = sampler.need == OperatorNeed::Decomposition ||
                          (sampler.need == OperatorNeed::DecompositionOrMask && !prior.latent);
  if (sampler.need == OperatorNeed::DecompositionOrMask && prior.latent && !kept_values(degradation).defined())
    return "With a model that works in an autoencoder's space it fills what is missing, and nothing else.";
  if (decomposes && !degradation.has_svd())
    return "It needs a degradation whose singular value decomposition is known.";
  if (sampler.need == OperatorNeed::Gradient && !degradation.differentiable())
    return "It needs the gradient of the degradation; a black box has none.";
  if (sampler.need == OperatorNeed::Linear && !degradation.linear()) return "It needs a linear degradation.";
  if (std::find(sampler.laws.begin(), sampler.laws.end(), law) == sampler.laws.end()) {
    return law == NoiseLaw::Poisson         ? "It does not know the noise of photon counts (Poisson)."
           : law == NoiseLaw::SaltAndPepper ? "It does not know noise that replaces values (salt and pepper)."
                                            : "It does not know Gaussian noise.";
  }
  return {};
}

}  // namespace mgdm
