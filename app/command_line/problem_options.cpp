#include "app/command_line/problem_options.h"

#include <iomanip>
#include <sstream>

#include "core/media/image_file.h"
#include "core/operators/tasks.h"
#include "core/samplers/description.h"

namespace mgdm::app {

namespace {

void list_settings(std::ostream& out, const std::vector<Setting>& settings, const std::string& indent,
                   const std::string& prefix) {
  for (const auto& s : settings) {
    out << indent << std::left << std::setw(20) << prefix + s.name << s.help << " Default " << describe_range(s)
        << ".\n";
  }
}

std::string tasks_and_samplers() {
  std::ostringstream out;
  out << "Tasks (--task; their settings with --set task.NAME=VALUE):\n";
  for (const auto& task : tasks()) {
    out << "  " << std::left << std::setw(20) << task.name << task.help << " Noise " << task.noise << ".\n";
    list_settings(out, task.settings, "      ", "task.");
  }
  for (const auto& sampler : samplers()) {
    out << "\nSampler " << sampler.name << " (" << sampler.paper << "); presets:";
    for (const auto& [name, values] : sampler.presets) out << ' ' << name;
    out << "; settings with --set NAME=VALUE:\n";
    list_settings(out, sampler.settings, "  ", "");
  }
  out << "\nRules over the outer step i of n are JSON lists, the first that holds wins:\n"
         "  --set 'gradient_steps=[{\"last\":30,\"value\":20},{\"value\":5}]'   (also \"first\", \"every\")\n"
         "\nExit codes: 0 done, 2 wrong usage, 3 an input cannot be read, 4 a model cannot be read or does not\n"
         "fit, 5 a value is not a number, 130 interrupted.\n";
  return out.str();
}

}  // namespace

void add_problem_options(CLI::App& app, ProblemOptions& o) {
  app.add_option(
      "--noise", o.problem.noise,
      "level of the noise: its standard deviation, image range -1 to 1 (poisson: at white); default by task");
  app.add_option("--noise-law", o.problem.noise_law, "gaussian, poisson (photon counts) or salt_and_pepper")
      ->check(CLI::IsMember(noise_law_names()))
      ->capture_default_str();
  app.add_option("--outliers", o.problem.outliers, "salt_and_pepper: share of the values that are lost")
      ->check(CLI::Range(0.0001, 0.99))
      ->capture_default_str();
  app.add_option("--kernel", o.kernel, "picture of the blur kernel, for motion_blur");
  app.add_option("--size", o.area.short_side,
                 "short side in pixels, a multiple of 8; default: the size the model was trained on, else 256");
  app.footer(tasks_and_samplers);
}

std::vector<std::string> take_task_settings(const std::vector<std::string>& set, ProblemRequest& request) {
  const Task& task = find_task(request.task, request.task_settings);
  std::vector<std::string> rest;
  for (const auto& text : set) {
    const auto [key, value] = key_and_value("--set", text);
    if (key.rfind("task.", 0) != 0) {
      rest.push_back(text);
      continue;
    }
    const std::string name = key.substr(5);
    request.task_settings[name] = parse_setting(task.settings, name, value, "task " + task.name);
  }
  return rest;
}

void use_kernel(const std::filesystem::path& file, ProblemRequest& request) {
  if (file.empty()) return;
  for (const auto& setting : find_task(request.task, request.task_settings).settings) {
    if (setting.kind == SettingKind::Kernel) {
      request.task_settings[setting.name] = read_kernel(file);
      return;
    }
  }
  throw SettingError("--kernel: the task " + request.task + " has no blur kernel; motion_blur has");
}

}  // namespace mgdm::app
