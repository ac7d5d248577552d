// mgdm degrade: only the observation.
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/problem_options.h"
#include "core/files/json_text.h"
#include "core/files/output_folder.h"
#include "core/media/image_file.h"

namespace mgdm::app {

namespace {

struct DegradeOptions {
  CommonOptions common;
  ProblemOptions problem;
  std::filesystem::path out;
  bool force = false;
};

// No model is needed: a stand-in with the sizes that nearly all of them take.
Prior any_model() {
  Prior prior;
  prior.name = "any";
  prior.size_multiple = 8;
  prior.min_size = 64;
  prior.max_size = PhotoSizes{}.largest;
  prior.any_size = true;
  return prior;
}

int degrade(DegradeOptions o) {
  RunRequest request;
  static_cast<ProblemRequest&>(request) = o.problem.problem;
  request.seed = o.common.seed;
  for (const auto& text : take_task_settings(o.common.set, request)) {
    throw SettingError("--set " + text + ": degrade has no sampler; settings of the task are task.key=value");
  }
  use_kernel(o.problem.kernel, request);
  const Task& task = find_task(request.task, request.task_settings);
  check_output_file(o.out, {o.problem.photo, o.problem.mask}, o.force);
  const PhotoSource source = read_source(o.problem, task, false, "drop");
  const Prior prior = any_model();
  // All of the photo, whatever is painted.
  const PhotoPass pass =
      o.problem.area.short_side > 0 || o.problem.area.centre_crop || task.simulated_only
          ? plan_photo(source, o.problem.area, task, request, prior).front()
          : plan_repair(o.problem.area.part.value_or(cv::Rect({0, 0}, source.photo->pixels.size())), prior).front();
  const RunInput prepared = PhotoInput(source, pass.area).prepare(prior, task, request);
  const Problem problem = photo_problem(request, prepared.signal, prepared.hole, &prior);
  write_image(o.out, to_pixels(problem.observation_image()[0]));
  if (o.common.print_json) {
    std::cout << json_text({{"request", request}, {"file", o.out.string()}}, 2) << '\n';
  } else if (!o.common.quiet) {
    std::cout << "written to " << o.out.string() << '\n';
  }
  return kDone;
}

}  // namespace

Command describe_degrade() {
  return {2, "degrade", "Only degrade a photo and write the observation", [](CLI::App& app) {
            const auto o = std::make_shared<DegradeOptions>();
            app.add_option("photo", o->problem.photo, "photo")->required();
            app.add_option("--task", o->problem.problem.task, "degradation; see below")->required();
            app.add_option("--out", o->out, "picture to write (.png, .jpg, .tif)")->required();
            app.add_flag("--force", o->force, "write over a file that is there");
            app.add_option("--mask", o->problem.mask, "picture, white where to drop");
            add_problem_options(app, o->problem);
            add_described(app, photo_run_settings(), "seed", o->common.seed);
            app.add_flag("--json", o->common.print_json, "print the request as JSON");
            app.add_flag("--quiet", o->common.quiet, "print nothing");
            add_set_option(app, o->common, "a setting of the task, task.key=value (may be repeated)");
            return [o] { return degrade(*o); };
          }};
}

}  // namespace mgdm::app
