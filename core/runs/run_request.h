// What a person asks for, before any tensor exists; saved in run.json and read back by --replay.
#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "core/problems/photo_problem.h"
#include "core/settings/settings.h"

namespace mgdm {

struct RunRequest : ProblemRequest {
  std::string sampler = "mgdm";
  std::string preset;                                    ///< "" = the sampler's own defaults
  Settings sampler_settings = nlohmann::json::object();  ///< on top of the preset
  std::string prior = "photo";
  Settings prior_settings = nlohmann::json::object();  ///< what the prior itself is told (`Prior::settings`): a prompt
  int64_t samples = 1;
  nlohmann::json branch;  ///< null: from pure noise. Else the iterate of another run to go on from:
                          ///< {"request": that run's, "step": k, "gibbs": r, "chain": c}; chain -1 takes every
                          ///< sample's own state, else all samples start from that one's. "chains": [c, ...] instead
                          ///< of it: a sample for each of these, from its state
};
/// What of a request is a number or a name, beside the settings of its task and sampler: `photo_problem_settings`,
/// samples, and size (of the input, not kept in the request: core/runs/photo_input.h).
const std::vector<Setting>& photo_run_settings();

void to_json(nlohmann::json& json, const RunRequest& request);
/// Throws SettingError naming the key.
void from_json(const nlohmann::json& json, RunRequest& request);

}  // namespace mgdm
