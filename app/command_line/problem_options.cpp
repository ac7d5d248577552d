#include "app/command_line/problem_options.h"

#include "app/command_line/documents.h"
#include "core/media/image_file.h"
#include "core/operators/tasks.h"

namespace mgdm::app {

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
