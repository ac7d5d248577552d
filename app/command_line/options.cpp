#include "app/command_line/options.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/samplers/description.h"

namespace mgdm::app {

void add_threads_option(CLI::App& app, CommonOptions& o) {
  app.add_option("--threads", o.threads, "CPU threads; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

void add_device_options(CLI::App& app, CommonOptions& o) {
  app.add_option("--device", o.place.device, "where the network runs")
      ->check(CLI::IsMember({"cpu", "cuda"}))
      ->capture_default_str();
  app.add_option("--precision", o.place.precision, "of the network; float16 on a GPU only")
      ->check(CLI::IsMember({"auto", "bfloat16", "float16", "float32"}))
      ->capture_default_str();
  add_threads_option(app, o);
  app.add_flag("--recompute", o.place.recompute,
               "published networks: keep less for gradients and compute it again (gradient checkpointing); less "
               "memory, a third more time");
  app.add_flag("--json", o.print_json, "print the record as JSON on standard output, nothing else there");
  app.add_flag("--quiet", o.quiet, "no progress bar");
}

void add_set_option(CLI::App& app, CommonOptions& o, const std::string& help) {
  app.add_option("--set", o.set, help)->allow_extra_args(false);
}

std::string option_name(const std::string& setting) {
  std::string name = "--" + setting;
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

std::string option_help(const Setting& setting) {
  std::string help = setting.help;
  if (!help.empty() && help.back() == '.') help.pop_back();
  return setting.kind == SettingKind::Choice ? help + "; default " + setting.fallback.get<std::string>()
                                             : help + "; " + describe_range(setting);
}

std::string out_of_range(const Setting& setting, const std::string& text) {
  try {
    parse_setting({setting}, setting.name, text, "");
    return "";
  } catch (const SettingError& error) {
    return error.what();
  }
}

std::vector<std::string>& behind_dashes() {
  static std::vector<std::string> words;
  return words;
}

void use_threads(int threads) {
  at::set_num_threads(threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

at::Device device_of(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name == "cuda") {
    if (!at::hasCUDA()) throw SettingError("--device cuda: this LibTorch or machine has no CUDA device");
    return at::kCUDA;
  }
  throw SettingError("--device is '" + name + "', must be cpu or cuda");
}

std::pair<std::string, std::string> key_and_value(const std::string& option, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw SettingError(option + " " + text + ": expected key=value");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

Settings sampler_settings_of(const CommonOptions& o) {
  const SamplerDescription& sampler = find_sampler(o.sampler);
  Settings settings = Settings::object();
  for (const auto& text : o.set) {
    const auto [key, value] = key_and_value("--set", text);
    settings[key] = parse_setting(sampler.settings, key, value, "sampler " + sampler.name);
  }
  return settings;
}

nlohmann::json model_configuration(const std::string& file, const std::vector<std::string>& set) {
  nlohmann::json config = nlohmann::json::object();
  if (!file.empty()) {
    if (!std::ifstream(file)) throw ModelError(file + ": cannot be opened");
    config = read_json(file);
    if (!config.is_object()) throw ModelError(file + ": is no JSON object");
  }
  for (const auto& text : set) {
    const auto [key, words] = key_and_value("--set", text);
    const nlohmann::json value = parse_json(words);
    config[key] = value.is_discarded() ? nlohmann::json(words) : value;
  }
  return config;
}

}  // namespace mgdm::app
