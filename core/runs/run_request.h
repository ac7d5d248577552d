// What a person asks for, before any tensor exists; saved in run.json and read back by --replay.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "core/settings/settings.h"

namespace mgdm {

struct RunRequest {
  std::string task = "inpainting";
  Settings task_settings = nlohmann::json::object();
  std::string sampler = "mgdm";
  std::string preset;                                    ///< "" = the sampler's own defaults
  Settings sampler_settings = nlohmann::json::object();  ///< on top of the preset
  std::string prior = "photo";
  bool observed = false;  ///< the input already is the observation
  double noise = -1;      ///< level of the noise (NoiseModel::level) in [-1, 1] units; < 0 = the task's default
  std::string noise_law = "gaussian";  ///< gaussian, poisson or salt_and_pepper
  double outliers = 0.1;               ///< salt_and_pepper: share of the values that are lost
  int64_t samples = 1;
  uint64_t seed = 0;
  nlohmann::json mask;    ///< the painted mask as `pack_mask` gives it; null where none
  nlohmann::json branch;  ///< null: from pure noise. Else the iterate of another run to go on from:
                          ///< {"request": that run's, "step": k, "gibbs": r, "chain": c}; chain -1 takes every
                          ///< sample's own state, else all samples start from that one's
};
void to_json(nlohmann::json& json, const RunRequest& request);
/// Throws SettingError naming the key.
void from_json(const nlohmann::json& json, RunRequest& request);

/// A mask [H, W] (nonzero = painted) as {"size": [W, H], "runs": [unpainted, painted, unpainted, ...]}, row by
/// row; the way back gives uint8, 255 where painted, and throws SettingError for what is no such thing.
nlohmann::json pack_mask(const at::Tensor& mask);
at::Tensor unpack_mask(const nlohmann::json& packed);

}  // namespace mgdm
