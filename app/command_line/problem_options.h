// The options that say what is wrong with a photo.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

#include "app/command_line/options.h"
#include "core/problems/photo_problem.h"
#include "core/runs/photo_run.h"
#include "core/runs/run_request.h"

namespace mgdm::app {

struct ProblemOptions {
  std::filesystem::path photo, mask, kernel;
  ProblemRequest problem;
  PhotoWish area;
};

/// --noise, --noise-law, --outliers, --size, --area, --crop, --kernel; and the list of tasks and samplers below the
/// help.
void add_problem_options(CLI::App& app, ProblemOptions& options);

/// "--set task.key=value" goes into `request`; what is not of the task is given back. Throws SettingError.
std::vector<std::string> take_task_settings(const std::vector<std::string>& set, ProblemRequest& request);
/// --prompt, --negative-prompt, --guidance-scale: what a model of words is told, from the descriptions of its settings.
struct PriorOptions {
  std::string prompt, negative_prompt;
  double guidance_scale = 1;
};
void add_prior_options(CLI::App& app, PriorOptions& options);
/// Those of them that were said, and "--set prior.key=value", into `request`; what is not of the prior is given back.
/// Throws SettingError, ModelError.
std::vector<std::string> take_prior_settings(const CLI::App& app, const PriorOptions& options,
                                             const std::vector<std::string>& set, RunRequest& request);
/// Photo and mask, or the photo's own transparent part where the task needs a mask and none is given (`recorded`: there
/// is one in the record); what should be known of both goes to standard error. `what`: "fill" or "drop". Throws
/// SettingError where there is no mask, MediaError.
PhotoSource read_source(const ProblemOptions& options, const Task& task, bool recorded, const std::string& what);
/// A picture of a kernel into the setting of the task that takes one. Throws SettingError, MediaError.
void use_kernel(const std::filesystem::path& file, ProblemRequest& request);

}  // namespace mgdm::app
