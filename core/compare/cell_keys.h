// From a cell's keys to a request, for the media of core/compare/media.
#pragma once
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "core/runs/run_request.h"

namespace mgdm {

/// Takes `key` out of `keys`; null where it is not there.
nlohmann::json take(nlohmann::json& keys, const std::string& key);
/// The same as a text; `fallback` where it is not there. Throws SettingError where it is no text.
std::string take_text(nlohmann::json& keys, const std::string& key, const std::string& fallback = {});
/// A number in [minimum, maximum]. Throws SettingError.
double take_number(nlohmann::json& keys, const std::string& key, double fallback, double minimum, double maximum);

/// sampler, preset and the sampler's settings, which are all other keys, out of `keys`: what they amount to is checked
/// except for what suits a degradation and a model. Without a preset "balanced", where the sampler has it. Throws
/// SettingError.
struct MethodKeys {
  std::string sampler, preset;
  Settings settings = nlohmann::json::object();  ///< on top of the preset
};
MethodKeys take_method(nlohmann::json& keys, const std::string& preset_fallback = "balanced");

/// Throws MediaError where there is no such file.
void check_file(const std::string& file);

}  // namespace mgdm
