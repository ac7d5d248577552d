#include "app/command_line/problem_options.h"

#include "app/command_line/documents.h"
#include "core/media/image_file.h"
#include "core/operators/tasks.h"
#include "core/runs/run_request.h"

namespace mgdm::app {

void add_problem_options(CLI::App& app, ProblemOptions& o) {
  const auto& described = photo_run_settings();
  add_described(app, described, "noise", o.problem.noise);
  add_described(app, described, "noise_law", o.problem.noise_law);
  add_described(app, described, "outliers", o.problem.outliers);
  add_described(app, described, "size", o.area.short_side);
  app.add_option("--kernel", o.kernel, "picture of the blur kernel, for motion_blur");
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
