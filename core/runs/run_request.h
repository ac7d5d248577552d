// What a person asks for, before any tensor exists; saved in run.json and read back by --replay.
#pragma once
#include <cstdint>
#include <string>

#include "core/settings/settings.h"

namespace mgdm {

struct RunRequest {
  std::string task = "inpainting";
  Settings task_settings = nlohmann::json::object();
  std::string sampler = "mgdm";
  std::string preset;                                  ///< "" = the sampler's own defaults
  Settings sampler_settings = nlohmann::json::object();  ///< on top of the preset
  std::string prior = "photo";
  bool observed = false;    ///< the input already is the observation
  double noise = -1;        ///< sigma_y in [-1, 1] units; < 0 = the task's default
  int64_t samples = 1;
  uint64_t seed = 0;
};
void to_json(nlohmann::json& json, const RunRequest& request);
/// Throws SettingError naming the key.
void from_json(const nlohmann::json& json, RunRequest& request);

}  // namespace mgdm
