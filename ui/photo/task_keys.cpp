// The photo page's form as keys of a compared cell, and back.
#include <QCheckBox>
#include <QComboBox>
#include <QSpinBox>

#include "core/compare/cell_keys.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/runs/run_request.h"
#include "core/samplers/description.h"
#include "ui/models/model_choice.h"
#include "ui/photo/task_examples.h"
#include "ui/photo/task_panel.h"
#include "ui/widgets/settings_form.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

using nlohmann::json;

json TaskPanel::keys() const {
  const RunRequest r = request();
  json keys = {{"task", r.task},       {"prior", r.prior},         {"observed", r.observed},
               {"noise", r.noise},     {"seed", r.seed},           {"samples", r.samples},
               {"sampler", r.sampler}, {"noise_law", r.noise_law}, {"preset", preset()}};
  if (r.noise_law == "salt_and_pepper") keys["outliers"] = r.outliers;
  if (!r.observed) keys["observation_seed"] = r.seed;  // as here; other seeds on an axis then see the same photo
  for (const auto& [name, value] : r.task_settings.items()) keys["task." + name] = value;
  for (const auto& [name, value] : r.prior_settings.items()) keys["prior." + name] = value;
  // Of the method what a person has changed: an axis of presets or samplers has to find the rest as it is.
  const SamplerDescription& sampler = find_sampler(r.sampler);
  const auto degradation = sampler.suited ? example_of(task()) : nullptr;
  const Settings usual = complete_settings(
      sampler.settings, preset_settings(sampler, preset(), degradation.get(), modelTraits()), "sampler " + r.sampler);
  for (const auto& [name, value] : r.sampler_settings.items()) {
    if (value != usual.at(name)) keys[name] = value;
  }
  return keys;
}

// A shipped one's name. Of a person's own nobody else knows: its values stand for it.
std::string TaskPanel::preset() const {
  const std::string chosen = preset_->currentData().toString().toStdString();
  for (const auto& [name, values] : find_sampler(sampler_->currentData().toString().toStdString()).presets) {
    if (name == chosen) return chosen;
  }
  return {};
}

json TaskPanel::sessionOf(const json& given) const {
  json rest = given;
  for (const char* input : {"photo", "packed", "mask", "reference", "size", "square", "area", "hole", "strokes",
                            "mask_seed", "observation_seed"})
    rest.erase(input);
  if (const std::string classical = take_text(rest, "classical"); !classical.empty())
    throw SettingError(tr("it is a method without a model (%1)").arg(text(classical)).toStdString());
  json asked = json::object(), task_settings = json::object(), prior_settings = json::object();
  for (const char* key : {"task", "prior", "observed", "noise", "noise_law", "outliers", "samples", "seed"}) {
    if (const json value = mgdm::take(rest, key); !value.is_null()) asked[key] = value;
  }
  for (const auto& [key, value] : given.items()) {
    if (key.rfind("task.", 0) == 0) task_settings[key.substr(5)] = mgdm::take(rest, key);
    if (key.rfind("prior.", 0) == 0) prior_settings[key.substr(6)] = mgdm::take(rest, key);
  }
  RunRequest r = asked.get<RunRequest>();
  r.task_settings = task_settings;
  const NoiseModel noise = complete_problem_request(r);
  check_setting(find_setting(photo_run_settings(), "samples", ""), r.samples, "");
  if (r.seed > static_cast<uint64_t>(seed_->maximum()))
    throw SettingError(tr("the seed %1 is larger than the page knows").arg(r.seed).toStdString());
  const Task& task = find_task(r.task, r.task_settings);
  const Way way = task.needs_mask ? Way::Fill : r.observed ? Way::Repair : Way::Try;
  if (way == Way::Repair && !task.repairs)
    throw SettingError(tr("no photo is damaged by “%1”").arg(spoken(task.label)).toStdString());
  const PriorCard card = find_prior(r.prior);
  check_use(card, Medium::Photo);
  prior_settings = complete_settings(settings_of(card), prior_settings, "model '" + r.prior + "'");
  if (model_->findData(text(r.prior)) < 0)  // of a file that is not in the list
    throw SettingError(tr("the model %1 is not one of the page's").arg(text(r.prior)).toStdString());
  const MethodKeys method = take_method(rest);  // every other key, so that an unknown one is said
  const SamplerDescription& sampler = find_sampler(method.sampler);
  if (const auto degradation = example_of(task)) {
    const std::string reason = why_not(sampler, *degradation, noise.law, traits_of(card));
    if (!reason.empty()) throw SettingError(reason);
  }
  const auto degradation = sampler.suited ? example_of(task) : nullptr;
  Settings settings = preset_settings(sampler, method.preset, degradation.get(), traits_of(card));
  settings.update(method.settings);
  return {{"way", static_cast<int>(way)},
          {"task", task.name},
          {"model", r.prior},
          {"prior_settings", prior_settings},
          {"task_settings", r.task_settings},
          {"sampler", method.sampler},
          {"settings", complete_settings(sampler.settings, settings, "sampler " + method.sampler)},
          {"preset", method.preset},
          {"noise", r.noise},
          {"noise_law", r.noise_law},
          {"outliers", r.outliers},
          {"samples", r.samples},
          {"choose", choose_->isChecked()},
          {"seed", r.seed}};
}

void TaskPanel::take(const json& session) {
  restoreModel(session);
  restore(session);
  chosen_ = true;  // a large photo does not change what was asked for
}

}  // namespace mgdm::ui
