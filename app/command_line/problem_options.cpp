#include "app/command_line/problem_options.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <sstream>

#include "app/command_line/documents.h"
#include "core/media/image_file.h"
#include "core/operators/tasks.h"
#include "core/priors/catalogue.h"
#include "core/runs/run_request.h"

namespace mgdm::app {

namespace {

cv::Rect parse_area(const std::string& text) {
  std::istringstream in(text);
  cv::Rect area;
  char comma[3]{};
  if (in >> area.x >> comma[0] >> area.y >> comma[1] >> area.width >> comma[2] >> area.height &&
      (in >> std::ws).eof() && std::all_of(std::begin(comma), std::end(comma), [](char c) { return c == ','; }) &&
      area.x >= 0 && area.y >= 0 && area.width > 0 && area.height > 0)
    return area;
  throw SettingError("--area '" + text + "' must be X,Y,WIDTH,HEIGHT in photo pixels");
}

}  // namespace

void add_problem_options(CLI::App& app, ProblemOptions& o) {
  const auto& described = photo_run_settings();
  add_described(app, described, "noise", o.problem.noise);
  add_described(app, described, "noise_law", o.problem.noise_law);
  add_described(app, described, "outliers", o.problem.outliers);
  add_described(app, described, "size", o.area.short_side);
  app.add_option_function<std::string>(
         "--area", [&o](const std::string& text) { o.area.part = parse_area(text); },
         "only this part of the photo, at its own pixels: X,Y,WIDTH,HEIGHT in photo pixels")
      ->excludes("--size");
  app.add_flag("--crop", o.area.centre_crop,
               "only the largest square in the middle of the photo, scaled to --size (or the model's own size); for "
               "experiments, and said in the record")
      ->excludes("--area");
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

void add_prior_options(CLI::App& app, PriorOptions& o) {
  const auto& described = all_prior_settings();
  add_described(app, described, "prompt", o.prompt);
  add_described(app, described, "negative_prompt", o.negative_prompt);
  add_described(app, described, "guidance_scale", o.guidance_scale);
}

std::vector<std::string> take_prior_settings(const CLI::App& app, const PriorOptions& o,
                                             const std::vector<std::string>& set, RunRequest& request) {
  std::vector<std::string> rest;
  std::vector<std::pair<std::string, std::string>> texts;
  for (const auto& text : set) {
    const auto [key, value] = key_and_value("--set", text);
    if (key.rfind("prior.", 0) == 0)
      texts.emplace_back(key.substr(6), value);
    else
      rest.push_back(text);
  }
  nlohmann::json said = nlohmann::json::object();
  if (app.count("--prompt") > 0) said["prompt"] = o.prompt;
  if (app.count("--negative-prompt") > 0) said["negative_prompt"] = o.negative_prompt;
  if (app.count("--guidance-scale") > 0) said["guidance_scale"] = o.guidance_scale;
  if (texts.empty() && said.empty()) return rest;
  const std::vector<Setting> described = settings_of(find_prior(request.prior));
  const std::string owner = "model '" + request.prior + "'";
  for (const auto& [key, value] : texts) said[key] = parse_setting(described, key, value, owner);
  for (const auto& [key, value] : said.items()) {
    check_setting(find_setting(described, key, owner), value, owner);
    request.prior_settings[key] = value;
  }
  return rest;
}

PhotoSource read_source(const ProblemOptions& options, const Task& task, bool recorded, const std::string& what) {
  const bool missing = task.needs_mask && options.mask.empty() && !recorded;
  const auto no_mask = [&] {
    throw SettingError("task '" + task.name + "' needs --mask FILE (white where to " + what + ")");
  };
  // A wrong command is said before a photo is read, as far as that is known.
  if (missing && options.photo.empty()) no_mask();
  PhotoSource source = photo_source(options.photo, options.mask);
  if (missing && !fill_transparent_part(source)) no_mask();
  for (const std::string& note : source.notes) std::cerr << "mgdm: " << note << '\n';
  return source;
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
