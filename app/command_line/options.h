// The options that several commands have.
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "core/runs/model_pool.h"
#include "core/settings/settings.h"

namespace mgdm::app {

struct CommonOptions {
  std::string prior = "photo", sampler = "mgdm", preset;
  std::vector<std::string> set;
  int64_t samples = 1;
  uint64_t seed = 0;
  int threads = 0;
  ModelPlace place{.device = "cpu"};
  bool print_json = false, quiet = false;
};

/// --device, --precision, --recompute, --threads, --json, --quiet.
void add_device_options(CLI::App& app, CommonOptions& options);
void add_threads_option(CLI::App& app, CommonOptions& options);
void add_set_option(CLI::App& app, CommonOptions& options, const std::string& help);

/// "noise_law": "--noise-law".
std::string option_name(const std::string& setting);
/// The setting's help with its range and default.
std::string option_help(const Setting& setting);
/// Empty where `text` is a value of the setting, else why not.
std::string out_of_range(const Setting& setting, const std::string& text);
/// --name for the described setting `name` (- for _), with its help and the check of its range or choices.
template <typename T>
CLI::Option* add_described(CLI::App& app, const std::vector<Setting>& described, const std::string& name, T& value) {
  const Setting& setting = find_setting(described, name, "");
  CLI::Option* option = app.add_option(option_name(name), value, option_help(setting));
  if (setting.kind == SettingKind::Choice) return option->check(CLI::IsMember(setting.choices));
  return option->check([&setting](const std::string& text) { return out_of_range(setting, text); });
}

/// What stands behind "--" on the command line.
std::vector<std::string>& behind_dashes();

/// 0: all cores.
void use_threads(int threads);
/// "cpu" or "cuda". Throws SettingError.
at::Device device_of(const std::string& name);

/// "key=value". Throws SettingError naming `option`.
std::pair<std::string, std::string> key_and_value(const std::string& option, const std::string& text);
/// --set of a sampler's settings alone. Throws SettingError.
Settings sampler_settings_of(const CommonOptions& options);

/// A configuration for what a published network's weights do not tell: `file` (JSON, may be empty) with "key=value" on
/// top; values are JSON where they can be read so, else texts. Throws ModelError, SettingError.
nlohmann::json model_configuration(const std::string& file, const std::vector<std::string>& set);

}  // namespace mgdm::app
