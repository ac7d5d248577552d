// Photos as cells: a run on a photo (or on tensors made from one on another machine), or a classical method.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/checkpoints/safetensors.h"
#include "core/compare/cell_keys.h"
#include "core/compare/medium.h"
#include "core/compare/photo_cells.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

using nlohmann::json;

constexpr const char* kItself = "photo";

std::vector<Setting> photo_cell_settings() {
  std::vector<Setting> all = photo_run_settings();
  const auto real = [&](const char* name, const char* label, const char* help, double low, double high) {
    all.push_back({name, label, help, SettingKind::Real, nullptr, low, high, {}});
  };
  const auto whole = [&](const char* name, const char* label, const char* help, double low, double high) {
    all.push_back({name, label, help, SettingKind::Integer, nullptr, low, high, {}});
  };
  whole("observation_seed", "Seed of the observation",
        "Of the noise that is drawn; by default the base's, so that runs of other seeds see the same.", 0, 1e15);
  whole("square", "Centre square", "The centre square, scaled to so many pixels.", 32, 4096);
  whole("hole", "Hole", "A square hole of so many pixels in the middle, instead of a mask.", 1, 4096);
  real("strokes", "Strokes", "Random strokes over this share of the picture, instead of a mask.", 0.01, 0.95);
  whole("mask_seed", "Seed of the strokes", "Of the random strokes.", 0, 1e15);
  return all;
}

// What of a photo is looked at, and where what is to be filled comes from.
json input_of(json& keys, const Task& task) {
  json input = json::object();
  for (const char* key : {"photo", "packed", "reference"}) {
    const std::string file = take_text(keys, key);
    if (file.empty()) continue;
    if (!(std::string(key) == "reference" && file == kItself)) check_file(file);
    input[key] = file;
  }
  if (input.contains("photo") == input.contains("packed"))
    throw SettingError("a cell needs a \"photo\" (or \"packed\" tensors)");
  if (input.contains("photo") && !photo_files_can_be_read())
    throw SettingError("this build reads no photos: make the inputs with 'mgdm compare --pack' where OpenCV is");
  const json mask = take(keys, "mask");
  int masks = 0;
  if (mask.is_string()) {
    check_file(mask);
    input["mask"] = mask;
    ++masks;
  } else if (mask.is_object()) {
    input["packed_mask"] = mask;
    ++masks;
  }
  for (const Setting& setting : photo_cell_settings()) {
    static const std::set<std::string> mine{"size", "square", "hole", "strokes", "mask_seed"};
    if (mine.count(setting.name) == 0) continue;
    const json value = take(keys, setting.name);
    if (value.is_null()) continue;
    check_setting(setting, value, "");
    input[setting.name] = value;
    masks += setting.name == "hole" || setting.name == "strokes" ? 1 : 0;
  }
  const std::string area = take_text(keys, "area");
  if (!area.empty()) input["area"] = area;
  if (input.contains("square") && (input.contains("size") || input.contains("area")))
    throw SettingError("'square' cannot be said together with 'size' or 'area'");
  if (task.needs_mask && masks != 1 && !input.contains("packed"))
    throw SettingError("task " + task.name + " needs one of \"mask\", \"hole\" and \"strokes\"");
  return input;
}

RunRequest request_of(json& keys) {
  json asked = json::object(), task_settings = json::object(), prior_settings = json::object();
  for (const char* key : {"task", "prior", "observed", "noise", "noise_law", "outliers", "samples", "seed"}) {
    const json value = take(keys, key);
    if (!value.is_null()) asked[key] = value;
  }
  const json observation_seed = take(keys, "observation_seed");
  const auto take_group = [&](const std::string& before, json& group) {
    std::vector<std::string> names;
    for (const auto& [key, value] : keys.items()) {
      if (key.rfind(before, 0) == 0) names.push_back(key);
    }
    for (const std::string& key : names) group[key.substr(before.size())] = take(keys, key);
  };
  take_group("task.", task_settings);
  take_group("prior.", prior_settings);
  RunRequest request = asked.get<RunRequest>();
  request.task_settings = task_settings;
  request.prior_settings = prior_settings;
  request.observation_seed = observation_seed.is_number_integer() ? observation_seed.get<int64_t>() : 0;
  check_setting(find_setting(photo_run_settings(), "samples", ""), request.samples, "");
  return request;
}

json complete_photo(const json& given) {
  json keys = given;
  RunRequest request = request_of(keys);
  const NoiseModel noise = complete_problem_request(request);
  const Task& task = find_task(request.task, request.task_settings);
  if (!task.why_not.empty()) throw SettingError("task " + task.name + ": " + task.why_not);
  json run = {{"input", input_of(keys, task)}};
  const std::string classical = take_text(keys, "classical");
  if (!classical.empty()) {
    json settings = json::object();
    for (const char* key : {"strength", "sigma"}) {
      if (const json value = take(keys, key); !value.is_null()) settings[key] = value;
    }
    run["classical"] = complete_classical(classical, settings, task.needs_mask);
    take_method(keys);  // the base's: of no use here, but known
    request.samples = 1;
    request.seed = 0;
    request.prior.clear();
    request.prior_settings = json::object();
  } else {
    const MethodKeys method = take_method(keys);
    const PriorCard card = find_prior(request.prior);
    check_use(card, Medium::Photo);
    request.prior_settings =
        complete_settings(settings_of(card), request.prior_settings, "model '" + request.prior + "'");
    const SamplerDescription& sampler = find_sampler(method.sampler);
    const auto degradation = example_operator(task);
    if (degradation != nullptr) {
      const std::string reason = why_not(sampler, *degradation, noise.law, traits_of(card));
      if (!reason.empty()) throw SettingError("sampler " + sampler.name + " and task " + task.name + ": " + reason);
    }
    request.sampler = method.sampler;
    request.preset = method.preset;
    request.sampler_settings = method.settings;
    run["method"] = sampler_settings(sampler, method.preset, method.settings, degradation.get(), traits_of(card));
    run["weights"] = {{"card", card.file.string()}, {"file", card.weights.string()}};
  }
  run["request"] = request;
  return run;
}

std::vector<std::filesystem::path> files_of_photo(const json& run) {
  std::vector<std::filesystem::path> list;
  for (const char* key : {"photo", "packed", "mask", "reference"}) {
    const std::string file = run.at("input").value(key, "");
    if (!file.empty() && file != kItself) list.emplace_back(file);
  }
  if (run.contains("weights")) {
    for (const char* key : {"card", "file"}) {
      const std::string file = run["weights"].value(key, "");
      if (!file.empty() && std::filesystem::exists(file)) list.emplace_back(file);
    }
  }
  return list;
}

}  // namespace

ComparedMedium describe_photo() {
  return {.name = "photo",
          .rank = 10,
          .inputs = {"photo", "packed"},
          .paths = {"photo", "packed", "mask", "reference"},
          .itself = kItself,
          .settings = photo_cell_settings(),
          .complete = complete_photo,
          .files = files_of_photo,
          .model = [](const json& run) { return run.at("request").value("prior", ""); },
          .runner = [](const ModelPlace& place) { return make_photo_cells(place); }};
}

}  // namespace mgdm
