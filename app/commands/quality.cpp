// mgdm quality: a sampler against classical methods on a folder of clean photos.
#include <iostream>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/problem_options.h"
#include "core/files/json_text.h"
#include "core/measure/full_quality.h"
#include "core/measure/quality.h"
#include "core/priors/catalogue.h"

namespace mgdm::app {

namespace {

struct PhotoMeasure {
  CommonOptions common;
  QualityOptions quality;
  bool full = false;
  FullQualityOptions at_full;
  std::string repair_sampler = "ddrm", repair_preset = "large";
};

int measure_at_full(PhotoMeasure& o, const std::function<void(const std::string&)>& say, const std::stop_token& stop) {
  FullQualityOptions& f = o.at_full;
  f.photos = o.quality.photos;
  f.out = o.quality.out;
  f.filling.task = "inpainting";
  f.filling.observed = true;
  f.filling.prior = f.repairing.prior = o.common.prior;
  f.filling.sampler = o.quality.sampler;
  f.filling.preset = o.quality.preset;
  f.filling.sampler_settings = o.quality.sampler_settings;
  f.repairing.sampler = o.repair_sampler;
  f.repairing.preset = o.repair_preset;
  f.place = o.common.place;
  const nlohmann::json report = measure_full_quality(f, say, stop);
  std::cout << (o.common.print_json ? json_text(report, 2) + "\n" : full_quality_table(report));
  return interrupted() ? kInterrupted : kDone;
}

int measure_photos(PhotoMeasure o) {
  const std::stop_token stop = stop_on_signals();
  use_threads(o.common.threads);
  ProblemRequest problem;  // settings of a degradation need one
  problem.task = o.quality.tasks.size() == 1 ? o.quality.tasks.front() : "denoising";
  CommonOptions of_sampler = o.common;
  of_sampler.set = take_task_settings(o.common.set, problem);
  o.quality.sampler = o.common.sampler;
  o.quality.sampler_settings = sampler_settings_of(of_sampler);
  o.quality.task_settings = problem.task_settings;
  const auto say = [&](const std::string& line) {
    if (!o.common.quiet) std::cerr << line << std::endl;
  };
  if (o.full) return measure_at_full(o, say, stop);
  o.quality.prior = o.common.prior;
  o.quality.place = o.common.place;
  const nlohmann::json report = measure_quality(o.quality, say, stop);
  std::cout << (o.common.print_json ? json_text(report, 2) + "\n" : quality_table(report));
  return interrupted() ? kInterrupted : kDone;
}

}  // namespace

Command describe_quality() {
  return {3, "quality", "Measure a sampler against classical methods on a folder of clean photos", [](CLI::App& app) {
            const auto o = std::make_shared<PhotoMeasure>();
            auto& q = o->quality;
            app.add_option("photos", q.photos, "folder of photos the model was never trained on")->required();
            app.add_option("--out", q.out, "folder for table.md, quality.json and pictures");
            app.add_option_function<int64_t>(
                   "--count", [o](const int64_t& n) { o->quality.count = o->at_full.count = n; }, "photos")
                ->check(CLI::Range(1, 100000))
                ->default_str("24, with --full 12");
            app.add_option("--size", q.size, "centre crop in pixels, a multiple of 16")
                ->check(CLI::Range(64, 512))
                ->capture_default_str();
            app.add_option("--samples", q.samples, "samples for each photo")
                ->check(CLI::Range(1, 64))
                ->capture_default_str();
            app.add_option("--hole", q.hole,
                           "inpainting: a square hole of so many pixels in the middle instead of strokes")
                ->check(CLI::Range(0, 512));
            app.add_option("--tasks", q.tasks,
                           "inpainting, sr4, blur, denoising, jpeg (the default), or any task without a mask")
                ->delimiter(',')
                ->default_str("those five");
            app.add_option("--sampler", o->common.sampler, "sampler")->capture_default_str();
            app.add_option("--preset", q.preset, "sampler preset")->capture_default_str();
            app.add_option("--prior", o->common.prior, "model name, card or weights")->capture_default_str();
            app.add_flag("--full", o->full, "holes and whole photos at full resolution instead of small crops");
            auto& f = o->at_full;
            app.add_option("--megapixels", f.megapixels, "with --full: centre crop of so many megapixels at most")
                ->check(CLI::Range(2.0, 200.0));
            app.add_option("--full-tasks", f.tasks, "with --full: holes, denoising, jpeg")
                ->delimiter(',')
                ->default_str("all three");
            app.add_option("--holes", f.holes, "with --full: sides of the holes in pixels")
                ->delimiter(',')
                ->default_str("40,100,200,400");
            app.add_option("--repair-sampler", o->repair_sampler, "with --full: sampler for whole photos")
                ->capture_default_str();
            app.add_option("--repair-preset", o->repair_preset, "with --full: its preset")->capture_default_str();
            add_set_option(app, o->common, "sampler setting, key=value; with one task also task.key=value");
            add_device_options(app, o->common);
            return [o] { return measure_photos(*o); };
          }};
}

}  // namespace mgdm::app
