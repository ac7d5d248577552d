// mgdm restore: a photo in, posterior samples out.
#include <ATen/ATen.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <optional>
#include <sstream>
#include <utility>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/problem_options.h"
#include "app/command_line/progress.h"
#include "core/files/json_text.h"
#include "core/files/output_folder.h"
#include "core/runs/photo_run.h"
#include "core/runs/run_cost.h"
#include "core/runs/run_session.h"

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

struct RestoreOptions {
  CommonOptions common;
  ProblemOptions problem;
  PriorOptions told;
  const CLI::App* app = nullptr;
  fs::path out, replay;
  bool allow_program = false, force = false, no_mark = false;
  bool choose = false;  // the sampler is left to the program
};

// A branch repeats its parents, so their programs count too.
void refuse_programs(const RunRequest& request, const fs::path& file) {
  for (RunRequest asked = request;;) {
    if (find_task(asked.task, asked.task_settings).runs_program) {
      throw SettingError(file.string() + " runs a program of this system: " +
                         json_text(asked.task_settings.value("command", nlohmann::json())) +
                         "; add --allow-program if you trust it");
    }
    if (!asked.branch.is_object() || !asked.branch.contains("request")) return;
    const nlohmann::json parent = asked.branch.at("request");
    asked = parent.get<RunRequest>();
  }
}

// What a record asks for, as if it had been typed.
RunRequest request_of_record(RestoreOptions& o) {
  const RunRecord record = read_run_record(o.replay);
  if (!o.allow_program) refuse_programs(record.request, o.replay);
  try {
    if (o.problem.photo.empty()) o.problem.photo = record.files.value("photo", "");
    if (o.problem.mask.empty() && record.request.mask.is_null()) o.problem.mask = record.files.value("mask", "");
  } catch (const nlohmann::json::exception&) {
    throw MediaError(o.replay.string() + ": is a damaged run file");
  }
  o.common.place.precision = record.precision;
  o.common.place.recompute = record.recompute;
  if (o.common.threads == 0) use_threads(record.threads);
  return record.request;
}

RunRequest request_of_options(const RestoreOptions& o) {
  RunRequest request;
  static_cast<ProblemRequest&>(request) = o.problem.problem;
  request.sampler = o.common.sampler;
  request.preset = o.common.preset.empty() ? "balanced" : o.common.preset;
  request.prior = o.common.prior;
  request.samples = o.common.samples;
  request.seed = o.common.seed;
  return request;
}

// Where a record says which areas it was on, those; older records say their scale.
PhotoWish recorded_wish(const RunRecord& record, const PhotoSource& source) {
  const cv::Size size = source.photo->pixels.size();
  if (record.files.contains("plan")) {
    return {.plan = plan_from_json(record.files.at("plan"), size), .centre_crop = record.files.contains("crop")};
  }
  if (record.files.contains("area")) return {.area = area_from_json(record.files.at("area"), size)};
  return {.short_side = record.files.value("size", int64_t{256})};
}

// How long it will take, and what else there is where that is long.
void say_cost(const RunRequest& request, const PhotoPlan& plan, const Prior& prior) {
  constexpr double kLong = 120;  // seconds
  double megapixels = 0;
  for (const PhotoPass& pass : plan) megapixels += megapixels_seen(pass, prior);
  if (megapixels < 0.3) return;
  const double seconds = expected_seconds(request, plan, prior, seconds_per_megapixel(prior));
  if (seconds < kLong) return;
  std::cerr << "mgdm: this takes about " << duration_words(seconds);
  if (request.preset != "large") std::cerr << "; --area or --size does less, --preset quick is faster";
  std::cerr << '\n';
}

// "[####......] pass 2/3  step 3/20  residual 1.1  left 12 s"
std::string progress_of(const PhotoProgress& progress, const Iterate& it) {
  const double share = std::clamp(progress.share, 1e-6, 1.0);
  std::ostringstream out;
  out << progress_bar(share);
  if (progress.passes > 1) out << "pass " << progress.pass + 1 << '/' << progress.passes << "  ";
  out << "step " << it.step << '/' << it.steps;
  if (it.decoded() && it.residual().defined())
    out << "  residual " << std::setprecision(3) << it.residual().mean().item<double>();
  out << "  left " << duration_words(progress.seconds / share * (1 - share));
  return out.str();
}

// Whether the results go into one picture rather than a folder.
bool is_picture(const fs::path& out) {
  std::string ending = out.extension().string();
  for (char& c : ending) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::error_code error;
  return !fs::is_directory(out, error) && (ending == ".png" || ending == ".jpg" || ending == ".jpeg" ||
                                           ending == ".tif" || ending == ".tiff" || ending == ".webp");
}

// What the results are written to, proven before anything is computed.
std::optional<OutputFolder> output_of(const RestoreOptions& o, const RunRequest& request) {
  const std::vector<fs::path> inputs{o.problem.photo, o.problem.mask, o.replay};
  if (o.out.empty()) {
    if (o.common.print_json) return std::nullopt;  // the record is what is wanted
    throw SettingError("--out FOLDER (or --out FILE.png) is needed: nothing would be kept");
  }
  if (!is_picture(o.out)) return OutputFolder(o.out, photo_result_names(request.samples), inputs, o.force);
  if (request.samples > 1) throw SettingError("--out: several samples need a folder, not one file");
  check_output_file(o.out, inputs, o.force);
  return std::nullopt;
}

// Where they have gone.
fs::path write_results(const RestoreOptions& o, const std::optional<OutputFolder>& folder, const PhotoResult& result,
                       const PhotoSource& source, nlohmann::json record) {
  if (folder) {
    folder->list_in(record);
    return folder->write([&](const fs::path& to) { write_photo_results(to, result, source, record, !o.no_mark); },
                         [](const std::string& sentence) { std::cerr << "mgdm: " << sentence << '\n'; });
  }
  write_photo(o.out, photo_with(result, source, 0), json_text(record), !o.no_mark);
  return o.out;
}

void say_result(const RestoreOptions& o, const PhotoResult& result, const nlohmann::json& record) {
  if (o.common.print_json) {
    std::cout << json_text(record, 2) << '\n';
    return;
  }
  if (o.common.quiet) return;
  std::cout << result.patches.front().samples.size(0) << " sample(s) in " << std::fixed << std::setprecision(1)
            << result.seconds << " s";
  if (record.contains("metrics")) {
    std::cout << ", PSNR of the first " << record["metrics"]["psnr"][0].get<double>() << " dB";
  }
  if (!o.out.empty()) std::cout << ", written to " << o.out.string();
  std::cout << '\n';
}

int restore(RestoreOptions o) {
  const std::stop_token stop = stop_on_signals();
  use_threads(o.common.threads);
  RunRequest request = o.replay.empty() ? request_of_options(o) : request_of_record(o);
  CommonOptions of_sampler = o.common;
  of_sampler.set = take_prior_settings(*o.app, o.told, take_task_settings(o.common.set, request), request);
  of_sampler.sampler = request.sampler;
  request.sampler_settings.update(sampler_settings_of(of_sampler));
  use_kernel(o.problem.kernel, request);
  if (o.problem.photo.empty()) throw SettingError("a photo is needed");
  const Task& task = find_task(request.task, request.task_settings);
  PhotoSource source = read_source(o.problem, task, !request.mask.is_null(), "fill");
  const std::optional<OutputFolder> folder = output_of(o, request);
  const PhotoWish wish = o.replay.empty() ? o.problem.area : recorded_wish(read_run_record(o.replay), source);
  ModelPool pool;
  RunPolicy policy;
  policy.fall_back.place = o.common.place;
  RunSession session(pool, policy);
  PhotoResult done;
  {
    ProgressLine line(!o.common.quiet);
    PhotoObserver observer;
    observer.notice = [&](const FallBack& f) { std::cerr << "mgdm: " << words(f) << '\n'; };
    observer.begun = [told = false](const PhotoProgress&, const Run& run, const RunInput&) mutable {
      if (run.prior().unheard.empty() || std::exchange(told, true)) return;
      std::cerr << "mgdm: the prompt is longer than 75 tokens; this is not used: " << run.prior().unheard << '\n';
    };
    if (!o.common.quiet)
      observer.planned = [&](const PhotoPlan& plan, const Prior& prior) { say_cost(request, plan, prior); };
    if (line.shown()) {
      observer.iterate = [&](const PhotoProgress& where, const Run&, const Iterate& it) {
        line.show(progress_of(where, it));
      };
    }
    if (o.replay.empty() && o.choose) {
      RunRequest checked = request;
      const auto prior = session.model(request.prior);
      choose_for_large_photo(request,
                             plan_photo(source, wish, find_task(checked.task, checked.task_settings), checked, *prior));
    }
    done = run_photo(session, request, source, wish, observer, stop);
  }
  if (done.patches.empty()) {
    std::cerr << "mgdm: interrupted before there was an estimate; nothing was written\n";
    return kInterrupted;
  }
  const nlohmann::json record = photo_record(done, source);
  if (!o.out.empty()) o.out = write_results(o, folder, done, source, record);
  say_result(o, done, record);
  if (!done.stopped) return kDone;
  std::cerr << "mgdm: interrupted; the latest estimate was kept\n";
  return kInterrupted;
}

}  // namespace

Command describe_restore() {
  return {
      1, "restore", "Restore a photo, or degrade a clean one and restore it", [](CLI::App& app) {
        const auto o = std::make_shared<RestoreOptions>();
        app.add_option("photo", o->problem.photo, "photo (PNG, JPEG, TIFF, WebP...)");
        app.add_option("--task", o->problem.problem.task, "what is wrong with it; see below")->capture_default_str();
        app.add_option(
            "--out", o->out,
            "folder for observation.png, sample_0.png ..., run.json; or one picture (.png, .jpg, .tif, .webp)");
        app.add_flag("--force", o->force, "write over files that are there and not of an earlier run");
        app.add_option("--mask", o->problem.mask,
                       "picture, white (or opaque, or painted in a colour) where to fill; left out: the photo's own "
                       "transparent part");
        app.add_flag("--no-ai-mark", o->no_mark,
                     "leave out the mark in the results that a model made parts of them (IPTC digital source type)");
        app.add_flag("--observed", o->problem.problem.observed, "the photo already is the degraded observation");
        add_problem_options(app, o->problem);
        app.add_option("--replay", o->replay, "a run.json: do exactly that again");
        app.add_flag("--allow-program", o->allow_program, "let --replay run the program that the run file names");
        app.add_option("--prior", o->common.prior, "model name, card or weights")->capture_default_str();
        add_prior_options(app, o->told);
        app.add_option("--sampler", o->common.sampler, "sampler; see below")->capture_default_str();
        app.add_option("--preset", o->common.preset,
                       "quick, balanced (default), best, exact, paper; large, of ddrm: by default for repairs of more "
                       "than a megapixel, which it does in 8 to 12 evaluations");
        add_described(app, photo_run_settings(), "samples", o->common.samples);
        add_described(app, photo_run_settings(), "seed", o->common.seed);
        add_device_options(app, o->common);
        add_set_option(app, o->common, "a setting, key=value (may be repeated)");
        return [o, &app] {
          o->app = &app;
          o->choose = app.count("--sampler") + app.count("--preset") + app.count("--set") == 0;
          return restore(*o);
        };
      }};
}

}  // namespace mgdm::app
