#include "core/compare/cell_keys.h"

#include <algorithm>
#include <filesystem>

#include "core/files/json_text.h"
#include "core/samplers/description.h"

namespace mgdm {

using nlohmann::json;

json take(json& keys, const std::string& key) {
  if (!keys.contains(key)) return nullptr;
  json value = keys.at(key);
  keys.erase(key);
  return value;
}

std::string take_text(json& keys, const std::string& key, const std::string& fallback) {
  const json value = take(keys, key);
  if (value.is_null()) return fallback;
  if (!value.is_string()) throw SettingError("'" + key + "' is " + json_text(value) + ", must be a text");
  return value;
}

double take_number(json& keys, const std::string& key, double fallback, double minimum, double maximum) {
  const json value = take(keys, key);
  if (value.is_null()) return fallback;
  if (!value.is_number() || value < minimum || value > maximum)
    throw SettingError("'" + key + "' is " + json_text(value) + ", must be from " + json_text(json(minimum)) + " to " +
                       json_text(json(maximum)));
  return value;
}

MethodKeys take_method(json& keys, const std::string& preset_fallback) {
  MethodKeys method;
  method.sampler = take_text(keys, "sampler", "mgdm");
  const SamplerDescription& sampler = find_sampler(method.sampler);
  const bool has = std::any_of(sampler.presets.begin(), sampler.presets.end(),
                               [&](const auto& preset) { return preset.first == preset_fallback; });
  method.preset = take_text(keys, "preset", has ? preset_fallback : "");
  for (const auto& [key, value] : keys.items()) {
    check_setting(find_setting(sampler.settings, key, "sampler " + sampler.name), value, "sampler " + sampler.name);
    method.settings[key] = value;
  }
  keys = json::object();
  sampler_settings(sampler, method.preset, method.settings);
  return method;
}

void check_file(const std::string& file) {
  if (!std::filesystem::exists(file)) throw MediaError(file + ": there is no such file");
}

}  // namespace mgdm
