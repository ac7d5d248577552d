#include "core/runs/run_request.h"

#include "core/files/json_text.h"

namespace mgdm {

using nlohmann::json;

const std::vector<Setting>& photo_run_settings() {
  static const std::vector<Setting> list = [] {
    std::vector<Setting> all = photo_problem_settings();
    all.push_back({"samples", "Samples", "Posterior samples at once.", SettingKind::Integer, 1, 1, 256, {}});
    all.push_back(
        {"size",
         "Size",
         "Scale the whole photo to this short side in pixels; by default it is worked on at its own pixels, in "
         "overlapping windows where it is large.",
         SettingKind::Integer,
         nullptr,
         32,
         4096,
         {}});
    return all;
  }();
  return list;
}

void to_json(json& j, const RunRequest& r) {
  j = {{"task", r.task},
       {"task_settings", r.task_settings},
       {"sampler", r.sampler},
       {"preset", r.preset},
       {"settings", r.sampler_settings},
       {"prior", r.prior},
       {"observed", r.observed},
       {"noise", r.noise},
       {"samples", r.samples},
       {"seed", r.seed}};
  if (!r.prior_settings.empty()) j["prior_settings"] = r.prior_settings;
  if (r.noise_law != "gaussian") j["noise_law"] = r.noise_law;
  if (r.noise_law == "salt_and_pepper") j["outliers"] = r.outliers;
  if (r.observation_seed >= 0) j["observation_seed"] = r.observation_seed;
  if (!r.mask.is_null()) j["mask"] = r.mask;
  if (!r.branch.is_null()) j["branch"] = r.branch;
}

void from_json(const json& j, RunRequest& r) {
  if (!j.is_object()) throw SettingError("a run must be a JSON object");
  for (const auto& [key, value] : j.items()) {
    try {
      if (key == "task")
        value.get_to(r.task);
      else if (key == "task_settings")
        r.task_settings = value;
      else if (key == "sampler")
        value.get_to(r.sampler);
      else if (key == "preset")
        value.get_to(r.preset);
      else if (key == "settings")
        r.sampler_settings = value;
      else if (key == "prior")
        value.get_to(r.prior);
      else if (key == "prior_settings")
        r.prior_settings = value;
      else if (key == "observed")
        value.get_to(r.observed);
      else if (key == "noise")
        value.get_to(r.noise);
      else if (key == "noise_law")
        value.get_to(r.noise_law);
      else if (key == "outliers")
        value.get_to(r.outliers);
      else if (key == "samples")
        value.get_to(r.samples);
      else if (key == "seed")
        value.get_to(r.seed);
      else if (key == "observation_seed")
        value.get_to(r.observation_seed);
      else if (key == "mask")
        r.mask = value;
      else if (key == "branch")
        r.branch = value;
      else
        throw SettingError("run: unknown key '" + key + "'");
    } catch (const json::exception&) {
      throw SettingError("run: '" + key + "' has the wrong type: " + json_text(value));
    }
  }
}

}  // namespace mgdm
