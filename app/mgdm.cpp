// mgdm: the command line. Everything it knows of tasks, samplers and models comes from their
// descriptions in core.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <semaphore.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iostream>
#include <thread>

#include "app/models_command.h"
#include "app/process.h"
#include "core/checkpoints/torch_file.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/measure/bench.h"
#include "core/runs/run.h"
#include "core/measure/selftest.h"
#include "core/measure/separation_quality.h"
#include "core/measure/toy_problem.h"
#ifdef MGDM_STUDIO
#include "core/media/sound_file.h"
#include "core/metrics/audio_metrics.h"
#include "core/runs/photo_job.h"
#include "core/measure/quality.h"
#include "core/runs/song_job.h"
#endif

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

enum Exit { kDone = 0, kUsage = 2, kInput = 3, kModel = 4, kNumerical = 5, kInterrupted = 130 };

#ifdef MGDM_STUDIO

std::stop_source interrupt;
sem_t signals_seen;

/// From here on Ctrl-C and SIGTERM end the run at its next network evaluation and keep what there is; a
/// second one ends the program at once. Commands that have nothing to keep do not call this.
void stop_on_signals() {
  sem_init(&signals_seen, 0, 0);
  for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { sem_post(&signals_seen); });
  // A handler may do next to nothing, so a thread of its own asks for the stop.
  const auto wait = [] {
    while (sem_wait(&signals_seen) != 0) {
    }
  };
  std::thread([wait] {
    wait();
    interrupt.request_stop();
    wait();
    std::_Exit(kInterrupted);
  }).detach();
}

#else
std::stop_source interrupt;
void stop_on_signals() {}
#endif

struct Common {
  std::string prior = "photo", sampler = "mgdm", preset, device = "cpu", precision = "auto";
  std::vector<std::string> set;
  int64_t samples = 1;
  uint64_t seed = 0;
  int threads = 0;
  bool recompute = false;
  bool print_json = false, quiet = false;
};

at::Device device_of(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name == "cuda") {
    if (!at::hasCUDA()) throw mgdm::SettingError("--device cuda: this LibTorch or machine has no CUDA device");
    return at::kCUDA;
  }
  throw mgdm::SettingError("--device is '" + name + "', must be cpu or cuda");
}

void use_threads(int threads) {
  at::set_num_threads(threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
}

void add_device_options(CLI::App& app, Common& c) {
  app.add_option("--device", c.device, "cpu or cuda")->capture_default_str();
  app.add_option("--precision", c.precision, "auto, bfloat16, float16 (GPU only) or float32")->capture_default_str();
  app.add_option("--threads", c.threads, "CPU threads; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  app.add_flag("--recompute", c.recompute,
               "published networks: keep less for gradients and compute it again (gradient checkpointing); less "
               "memory, a third more time");
  app.add_flag("--json", c.print_json, "print the record as JSON on standard output, nothing else there");
  app.add_flag("--quiet", c.quiet, "no progress bar");
}

#ifdef MGDM_STUDIO

// "--set key=value" goes to the sampler, "--set task.key=value" to the degradation.
void apply_settings(const std::vector<std::string>& set, mgdm::RunRequest& request) {
  const mgdm::Task& task = mgdm::find_task(request.task, request.task_settings);
  const auto& sampler = mgdm::find_sampler(request.sampler);
  for (const auto& text : set) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw mgdm::SettingError("--set " + text + ": expected key=value");
    const std::string key = text.substr(0, equals), value = text.substr(equals + 1);
    if (key.rfind("task.", 0) == 0) {
      request.task_settings[key.substr(5)] =
          mgdm::parse_setting(task.settings, key.substr(5), value, "task " + task.name);
    } else {
      request.sampler_settings[key] = mgdm::parse_setting(sampler.settings, key, value, "sampler " + sampler.name);
    }
  }
}

std::string settings_help() {
  std::ostringstream out;
  out << "Tasks (--task; their settings with --set task.NAME=VALUE):\n";
  for (const auto& task : mgdm::tasks()) {
    out << "  " << std::left << std::setw(20) << task.name << task.help << " Noise " << task.noise << ".\n";
    for (const auto& s : task.settings) {
      out << "      task." << std::setw(15) << s.name << s.help << " Default " << mgdm::describe_range(s) << ".\n";
    }
  }
  for (const auto& sampler : mgdm::samplers()) {
    out << "\nSampler " << sampler.name << " (" << sampler.paper << "); presets:";
    for (const auto& [name, values] : sampler.presets) out << ' ' << name;
    out << "; settings with --set NAME=VALUE:\n";
    for (const auto& s : sampler.settings) {
      out << "  " << std::setw(20) << s.name << s.help << " Default " << mgdm::describe_range(s) << ".\n";
    }
  }
  out << "\nRules over the outer step i of n are JSON lists, the first that holds wins:\n"
         "  --set 'gradient_steps=[{\"last\":30,\"value\":20},{\"value\":5}]'   (also \"first\", \"every\")\n"
         "\nExit codes: 0 done, 2 wrong usage, 3 an input cannot be read, 4 a model cannot be read or does not\n"
         "fit, 5 a value is not a number, 130 interrupted.\n";
  return out.str();
}

class ProgressBar {
 public:
  explicit ProgressBar(bool wanted) : shown_(wanted && isatty(STDERR_FILENO) != 0) {}
  ~ProgressBar() {
    if (drawn_) std::cerr << "\r\x1b[K" << std::flush;
  }
  void operator()(const mgdm::Iterate& it) {
    if (!shown_) return;
    drawn_ = true;
    const double share = static_cast<double>(it.step) / it.steps;
    const int full = static_cast<int>(share * 30);
    std::cerr << "\r[" << std::string(full, '#') << std::string(30 - full, '.') << "] step " << it.step << '/'
              << it.steps;
    if (it.residual.defined()) std::cerr << "  residual " << std::setprecision(3) << it.residual.mean().item<double>();
    std::cerr << "  left " << static_cast<int>(it.seconds / share * (1 - share) + 0.5) << " s\x1b[K" << std::flush;
  }

 private:
  bool shown_, drawn_ = false;
};

struct RestoreOptions {
  fs::path photo, mask, out, replay, kernel;
  std::string task = "inpainting";
  bool observed = false;
  double noise = -1, outliers = 0.1;
  std::string noise_law = "gaussian";
  bool allow_program = false;
  int64_t size = 0;            ///< short side; 0: the model's own, 256 where any size is native
  std::string fit = "resize";  ///< or "tile": the photo's own pixels, in overlapping tiles of the model's size
  json area;                   ///< the working area of a run made in the studio; null: the whole photo at `size`
};

void use_kernel(const fs::path& file, mgdm::RunRequest& request) {
  if (file.empty()) return;
  for (const auto& setting : mgdm::find_task(request.task, request.task_settings).settings) {
    if (setting.kind == mgdm::SettingKind::Kernel) {
      request.task_settings[setting.name] = mgdm::read_kernel(file);
      return;
    }
  }
  throw mgdm::SettingError("--kernel: the task " + request.task + " has no blur kernel; motion_blur has");
}

/// The short side of a photo that is worked on at its own resolution.
int64_t tiled_size(const mgdm::Prior& prior, const at::Tensor& pixels) {
  if (prior.native_size == 0)
    throw mgdm::SettingError("--fit tile: model '" + prior.name + "' has no tile size of its own; it sees up to " +
                             std::to_string(prior.max_size) + " pixels at once, see --size");
  const int64_t height = pixels.size(1), width = pixels.size(2);
  if (std::max(height, width) > prior.max_size || std::min(height, width) < prior.min_size) {
    throw mgdm::OperatorError("--fit tile: the photo is " + std::to_string(width) + "x" + std::to_string(height) +
                              ", sides must be " + std::to_string(prior.min_size) + " to " +
                              std::to_string(prior.max_size) + " pixels; use --fit resize");
  }
  return std::min(height, width);
}

int restore(Common c, RestoreOptions o) {
  stop_on_signals();
  use_threads(c.threads);
  mgdm::RunRequest request;
  if (!o.replay.empty()) {
    if (!std::ifstream(o.replay)) throw mgdm::MediaError(o.replay.string() + ": cannot be opened");
    const json record = mgdm::read_json(o.replay);
    if (!record.is_object() || !record.contains("request"))
      throw mgdm::MediaError(o.replay.string() + ": is not a run file");
    request = record.at("request").get<mgdm::RunRequest>();
    // A branch repeats its parents, so their programs count too.
    for (mgdm::RunRequest asked = request; !o.allow_program;
         asked = asked.branch.at("request").get<mgdm::RunRequest>()) {
      if (mgdm::find_task(asked.task, asked.task_settings).runs_program) {
        throw mgdm::SettingError(o.replay.string() + " runs a program of this system: " +
                                 mgdm::json_text(asked.task_settings.value("command", json())) +
                                 "; add --allow-program if you trust it");
      }
      if (!asked.branch.is_object() || !asked.branch.contains("request")) break;
    }
    try {
      const json files = record.value("files", json::object());
      if (o.photo.empty()) o.photo = files.value("photo", "");
      if (o.mask.empty() && request.mask.is_null()) o.mask = files.value("mask", "");
      o.area = files.value("area", json());
      o.size = files.value("size", int64_t{256});
      c.precision = record.value("precision", c.precision);
      if (c.threads == 0) use_threads(record.value("threads", 0));
    } catch (const json::exception&) {
      throw mgdm::MediaError(o.replay.string() + ": is a damaged run file");
    }
  } else {
    request.task = o.task;
    request.sampler = c.sampler;
    request.preset = c.preset.empty() ? "balanced" : c.preset;
    request.prior = c.prior;
    request.observed = o.observed;
    request.noise = o.noise;
    request.noise_law = o.noise_law;
    request.outliers = o.outliers;
    request.samples = c.samples;
    request.seed = c.seed;
  }
  apply_settings(c.set, request);
  use_kernel(o.kernel, request);
  if (o.photo.empty()) throw mgdm::SettingError("a photo is needed");
  const auto prior = std::make_shared<const mgdm::Prior>(
      mgdm::load_prior(mgdm::find_prior(request.prior), device_of(c.device), c.precision, c.recompute));
  if (o.size == 0) o.size = prior->native_size > 0 ? prior->native_size : 256;
  if (o.size < prior->min_size || o.size > prior->max_size || o.size % prior->size_multiple != 0) {
    throw mgdm::SettingError("--size is " + std::to_string(o.size) + ", must be a multiple of " +
                             std::to_string(prior->size_multiple) + " from " + std::to_string(prior->min_size) +
                             " to " + std::to_string(prior->max_size));
  }
  const mgdm::Task& task = mgdm::find_task(request.task, request.task_settings);
  at::Tensor working, mask;
  if (o.area.is_null()) {
    const at::Tensor original = mgdm::read_image(o.photo);
    if (o.fit == "tile") o.size = tiled_size(*prior, original);
    const double shrink =
        mgdm::shrink_factor(task, mgdm::complete_settings(task.settings, request.task_settings, "task " + task.name));
    if (request.observed && shrink > 1) {
      mgdm::Prior small = *prior;  // the observation is smaller than the picture by the factor
      small.max_size = static_cast<int64_t>(static_cast<double>(small.max_size) / shrink);
      working = mgdm::to_signal(
          mgdm::fit_for_prior(original, static_cast<int64_t>(static_cast<double>(o.size) / shrink), small));
    } else {
      working = mgdm::to_signal(mgdm::fit_for_prior(original, o.size, *prior));
    }
    if (task.needs_mask && !o.mask.empty())
      mask = mgdm::fit_mask(mgdm::read_mask(o.mask), original, o.size, *prior, o.mask.string());
  } else {
    const mgdm::Photo photo = mgdm::read_photo(o.photo);
    working =
        mgdm::cut(photo, mgdm::ColorTransform(photo.color_profile), mgdm::area_from_json(o.area, photo.pixels.size()));
  }
  if (task.needs_mask && !mask.defined() && request.mask.is_null()) {
    throw mgdm::SettingError("task '" + task.name + "' needs --mask FILE (white where to fill)");
  }
  const mgdm::Run run(prior, request, working, mask);
  mgdm::RunResult result;
  {
    ProgressBar bar(!c.quiet);
    result = run.execute([&](const mgdm::Iterate& it) { bar(it); }, interrupt.get_token());
  }
  if (result.stopped && result.evaluations.forward == 0) {
    std::cerr << "mgdm: interrupted before there was an estimate; nothing was written\n";
    return kInterrupted;
  }
  json record = mgdm::complete_record(run, result);
  record["files"] = {{"photo", fs::absolute(o.photo).string()}, {"size", o.size}};
  if (!o.mask.empty()) record["files"]["mask"] = fs::absolute(o.mask).string();
  if (!o.area.is_null()) record["files"]["area"] = o.area;
  if (!o.out.empty()) mgdm::write_results(o.out, run, result, record);
  if (c.print_json) {
    std::cout << mgdm::json_text(record, 2) << '\n';
  } else if (!c.quiet) {
    std::cout << result.samples.size(0) << " sample(s) in " << std::fixed << std::setprecision(1) << result.seconds
              << " s";
    if (record.contains("metrics"))
      std::cout << ", PSNR of the first " << record["metrics"]["psnr"][0].get<double>() << " dB";
    if (!o.out.empty()) std::cout << ", written to " << o.out.string();
    std::cout << '\n';
  }
  if (result.stopped) {
    std::cerr << "mgdm: interrupted; the latest estimate was kept\n";
    return kInterrupted;
  }
  return kDone;
}

int degrade(Common c, RestoreOptions o) {
  if (o.size == 0) o.size = 256;
  mgdm::RunRequest request;
  request.task = o.task;
  request.seed = c.seed;
  request.noise = o.noise;
  request.noise_law = o.noise_law;
  request.outliers = o.outliers;
  apply_settings(c.set, request);
  use_kernel(o.kernel, request);
  auto prior = std::make_shared<mgdm::Prior>();  // no model is needed, only its sizes
  prior->name = "any";
  prior->size_multiple = 8;
  prior->min_size = 64;
  prior->max_size = 2048;
  const at::Tensor original = mgdm::read_image(o.photo);
  const mgdm::Task& task = mgdm::find_task(request.task, request.task_settings);
  at::Tensor mask;
  if (task.needs_mask) {
    if (o.mask.empty()) throw mgdm::SettingError("task '" + task.name + "' needs --mask FILE (white where to fill)");
    mask = mgdm::fit_mask(mgdm::read_mask(o.mask), original, o.size, *prior, o.mask.string());
  }
  const mgdm::Run run(prior, request, mgdm::to_signal(mgdm::fit_for_prior(original, o.size, *prior)), mask);
  mgdm::write_image(o.out, mgdm::to_pixels(run.problem().observation_image()[0]));
  if (c.print_json) {
    std::cout << mgdm::json_text({{"request", run.request()}, {"file", o.out.string()}}, 2) << '\n';
  } else if (!c.quiet) {
    std::cout << "written to " << o.out.string() << '\n';
  }
  return kDone;
}

#endif

struct ToyOptions {
  std::vector<fs::path> problems;
  fs::path out, reference;
  int64_t chains = 1000;
  bool table = false;
};

int toy(const Common& c, const ToyOptions& o) {
  stop_on_signals();
  use_threads(c.threads);
  std::vector<mgdm::ToyProblem> problems;
  for (const auto& file : o.problems) problems.push_back(mgdm::read_toy_problem(file));
  if (o.table) {
    json reference;
    if (!o.reference.empty()) {
      reference = mgdm::read_json(o.reference);
      if (!reference.is_object()) throw mgdm::ToyError(o.reference.string() + ": is not a results file");
    }
    std::cout << mgdm::toy_table(
        problems, o.chains, c.seed, reference,
        [&](const std::string& line) {
          if (!c.quiet) std::cerr << line << std::endl;
        },
        interrupt.get_token());
    return interrupt.stop_requested() ? kInterrupted : kDone;
  }
  if (problems.size() != 1) throw mgdm::SettingError("toy: one problem at a time, or --table");
  const auto& sampler = mgdm::find_sampler(c.sampler);
  mgdm::Settings settings = mgdm::Settings::object();
  for (const auto& text : c.set) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw mgdm::SettingError("--set " + text + ": expected key=value");
    settings[text.substr(0, equals)] = mgdm::parse_setting(sampler.settings, text.substr(0, equals),
                                                           text.substr(equals + 1), "sampler " + sampler.name);
  }
  if (const std::string reason = mgdm::why_not(sampler, problems[0].likelihood->degradation()); !reason.empty())
    throw mgdm::SettingError("sampler " + sampler.name + ": " + reason);
  const mgdm::ToyReport r = mgdm::run_toy(problems[0], c.sampler, c.preset, settings, o.chains, c.seed,
                                          c.precision == "float64" ? at::kDouble : at::kFloat, interrupt.get_token());
  if (!o.out.empty()) mgdm::write_npy(o.out, r.samples);
  if (c.print_json) {
    std::cout << json{{"problem", problems[0].name},
                      {"sampler", c.sampler},
                      {"settings", mgdm::sampler_settings(sampler, c.preset, settings)},
                      {"chains", o.chains},
                      {"seed", c.seed},
                      {"sliced_wasserstein", r.distance},
                      {"floor", r.floor},
                      {"floor_std", r.floor_std},
                      {"prior", r.prior_distance},
                      {"mode_tv", r.mode_error},
                      {"residual", r.residual},
                      {"exact_residual", r.exact_residual},
                      {"forward", r.forward},
                      {"backward", r.backward},
                      {"seconds", r.seconds}}
                     .dump(2)
              << '\n';
  } else {
    std::cout << std::setprecision(4) << "sliced Wasserstein distance " << r.distance
              << ", floor (exact against exact) " << r.floor << " +- " << r.floor_std << ", samples of the prior "
              << r.prior_distance << "\nshares of the modes off by " << r.mode_error << ", residual " << r.residual
              << " sigma (exact samples " << r.exact_residual << ")\n"
              << o.chains << " chains, " << r.forward << " forward and " << r.backward << " backward evaluations, "
              << r.seconds << " s\n";
  }
  return interrupt.stop_requested() ? kInterrupted : kDone;
}

mgdm::SeparationRequest separation_request(const Common& c, mgdm::SeparationRequest request) {
  const auto& sampler = mgdm::find_sampler(c.sampler);
  request.sampler = c.sampler;
  if (!c.preset.empty()) request.preset = c.preset;
  request.seed = c.seed;
  for (const auto& text : c.set) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw mgdm::SettingError("--set " + text + ": expected key=value");
    const std::string key = text.substr(0, equals);
    request.sampler_settings[key] =
        mgdm::parse_setting(sampler.settings, key, text.substr(equals + 1), "sampler " + sampler.name);
  }
  return request;
}

#ifdef MGDM_STUDIO

struct SeparateOptions {
  fs::path song, out, reference;
  std::vector<std::string> given, gaps;
  std::string part, declip;
  double denoise = 0, bandwidth = 0;
  bool flac = false;
  mgdm::SeparationRequest request;
};

std::pair<double, double> seconds_range(const std::string& option, const std::string& text) {
  double from = 0, to = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lf-%lf%c", &from, &to, &rest) != 2 || !(from >= 0 && to > from)) {
    throw mgdm::SettingError(option + " " + text + ": expected FROM-TO in seconds, for example 12.5-13");
  }
  return {from, to};
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%d:%04.1f", static_cast<int>(seconds) / 60,
                seconds - 60 * static_cast<int>(seconds / 60));
  return text;
}

int separate(const Common& c, SeparateOptions o) {
  stop_on_signals();
  use_threads(c.threads);
  o.request = separation_request(c, o.request);
  if (o.song.empty() && o.given.empty()) throw mgdm::SettingError("separate: needs a song, or --given STEM=FILE");
  const auto band = mgdm::load_band_prior(mgdm::find_prior(c.prior), device_of(c.device), c.precision, c.recompute);
  const double rate = band.codec.options().sample_rate;

  mgdm::SongInput input;
  if (!o.song.empty()) input.mix = mgdm::read_sound(o.song);
  for (const auto& text : o.given) {
    const auto equals = text.find('=');
    if (equals == std::string::npos) throw mgdm::SettingError("--given " + text + ": expected STEM=FILE");
    input.given[text.substr(0, equals)] = mgdm::read_sound(text.substr(equals + 1));
  }
  for (const auto& text : o.gaps) input.gaps.push_back(seconds_range("--gap", text));
  if (!o.part.empty()) std::tie(input.from, input.to) = seconds_range("--part", o.part);
  input.hiss = o.denoise;
  input.bandwidth = o.bandwidth;
  if (!o.declip.empty()) {
    if (o.song.empty()) throw mgdm::SettingError("--declip: needs a song");
    input.clip = o.declip == "auto" ? mgdm::clipping_level(input.mix.samples) : std::atof(o.declip.c_str());
    if (!(input.clip > 0)) {
      throw mgdm::SettingError(o.declip == "auto"
                                   ? o.song.string() + ": nothing of it looks cut off; give the level, --declip 0.8"
                                   : "--declip " + o.declip + ": expected a level above 0, or auto");
    }
  }

  std::error_code error;
  fs::create_directories(o.out, error);
  if (error) throw mgdm::MediaError(o.out.string() + ": cannot be made (" + error.message() + ")");
  mgdm::SongJob job(band, std::move(input), o.request, o.out);
  const bool bar = !c.quiet && isatty(STDERR_FILENO) != 0;
  const mgdm::SeparationResult result = job.run(
      [&](const mgdm::SongProgress& progress) {
        const mgdm::SeparationProgress& p = progress.separation;
        if (bar) {
          std::cerr << "\r" << seconds_text(p.begin) << " to " << seconds_text(p.end) << ", part " << p.window << " of "
                    << p.windows << ", step " << p.iterate->step << " of " << p.iterate->steps << "\x1b[K"
                    << std::flush;
        }
      },
      {}, interrupt.get_token());
  if (bar) std::cerr << "\r\x1b[K" << std::flush;
  const int64_t begin = job.begin(), end = job.finished();
  if (end == begin) {
    std::cerr << "mgdm: interrupted before the first part was done\n";
    return kInterrupted;
  }
  for (size_t k = 0; k < job.names().size(); ++k) {
    mgdm::write_sound(o.out / (job.names()[k] + (o.flac ? ".flac" : ".wav")), *job.tracks()[k], job.sample_rate(),
                      begin, end);
  }

  json record = job.record(result);
  record["song"] = o.song.string();
  if (!o.reference.empty()) {
    std::vector<at::Tensor> truth;
    for (const auto& stem : band.stems) {
      const fs::path file = o.reference / (stem + ".wav");
      const mgdm::Sound sound = mgdm::read_sound(file);
      if (sound.sample_rate != job.sample_rate() || sound.samples.size(1) < end) {
        throw mgdm::MediaError(file.string() + ": differs from the song in sample rate or length");
      }
      truth.push_back(mgdm::resample(sound.samples.slice(1, begin, end).mean(0, true), sound.sample_rate, rate)[0]);
    }
    std::vector<at::Tensor> mono;
    for (size_t k = 0; k < band.stems.size(); ++k)
      mono.push_back(
          mgdm::resample(job.tracks()[k]->read(begin, end - begin).mean(0, true), job.sample_rate(), rate)[0]);
    const at::Tensor reference = at::stack(truth);
    const at::Tensor gain =
        mgdm::si_sdr_improvement(at::stack(mono), reference, reference.sum(0), static_cast<int64_t>(rate));
    for (size_t k = 0; k < band.stems.size(); ++k)
      record["si_sdr_improvement"][band.stems[k]] = gain[static_cast<int64_t>(k)].item<double>();
  }
  mgdm::write_text(o.out / "run.json", mgdm::json_text(record, 2) + "\n");
  if (c.print_json) {
    std::cout << mgdm::json_text(record, 2) << '\n';
  } else if (!c.quiet) {
    if (record.contains("si_sdr_improvement")) {
      std::cout << "SI-SDR improvement (dB):" << std::fixed << std::setprecision(2);
      for (const auto& stem : band.stems)
        std::cout << "  " << stem << ' ' << record["si_sdr_improvement"][stem].get<double>();
      std::cout << '\n';
    }
    std::cout << "written to " << o.out.string() << std::fixed << std::setprecision(1) << " in " << result.seconds
              << " s\n";
  }
  if (result.stopped) {
    std::cerr << "mgdm: interrupted; what was finished is written\n";
    return kInterrupted;
  }
  return kDone;
}

#endif

int separation_quality(const Common& c, mgdm::SeparationQualityOptions o) {
  stop_on_signals();
  use_threads(c.threads);
  o.request = separation_request(c, o.request);
  const auto band = mgdm::load_band_prior(mgdm::find_prior(c.prior), device_of(c.device), c.precision, c.recompute);
  const json report = mgdm::separation_quality(
      band, o,
      [&](const std::string& line) {
        if (!c.quiet) std::cerr << line << std::endl;
      },
      interrupt.get_token());
  const int exit = interrupt.stop_requested() ? kInterrupted : kDone;
  if (c.print_json) {
    std::cout << mgdm::json_text(report, 2) << '\n';
    return exit;
  }
  std::cout << "SI-SDRi in dB       ";
  for (const auto& stem : band.stems) std::cout << std::right << std::setw(8) << stem;
  std::cout << "     all\n" << std::fixed << std::setprecision(2);
  for (const auto& [key, label] : {std::pair{"sample", "one sample"},
                                   {"mean_of_samples", "mean of samples"},
                                   {"estimate", "estimate"},
                                   {"harmonic_percussive", "harmonic-percussive"},
                                   {"ratio_mask", "oracle ratio mask"}}) {
    std::cout << std::left << std::setw(20) << label;
    for (const auto& stem : band.stems)
      std::cout << std::right << std::setw(8) << report["mean"][key][stem].get<double>();
    std::cout << std::setw(8) << report["mean"][key]["all"].get<double>() << '\n';
  }
  std::cout << report["songs"].size() << " songs, " << report["seconds_per_second"].get<double>()
            << " s of computing for a second of music, " << report["evaluations"]["forward"] << " forward and "
            << report["evaluations"]["backward"] << " backward evaluations\n";
  return exit;
}

struct EvaluateOptions {
  fs::path prior, config, input, output;
};

int evaluate(const Common& c, const EvaluateOptions& o) {
  use_threads(c.threads);
  const mgdm::PriorCard card = mgdm::find_prior(o.prior.string());
  json config = mgdm::config_of(card);
  config.update(model_configuration(o.config, c.set));
  if (card.family == "photo-unet" || card.family == "band-unet")
    throw mgdm::ModelError("model '" + card.name + "' is one of ours; evaluate is for published networks");
  const auto model = mgdm::load_published(card.weights, config);
  std::map<std::string, at::Tensor> input;
  try {
    input = mgdm::read_weights(o.input);
  } catch (const mgdm::CheckpointError& e) {
    std::cerr << "mgdm: " << e.what() << '\n';
    return kInput;
  }
  mgdm::write_torch_file(o.output, mgdm::evaluate_published(model, input));
  if (!c.quiet) std::cout << "written to " << o.output.string() << '\n';
  return kDone;
}

}  // namespace

int main(int argc, char** argv) {
  settle_process(argv);
  CLI::App app{"MGDM Studio: diffusion posterior sampling for photos."};
  app.require_subcommand(1);
  app.set_version_flag("--version", MGDM_VERSION);
  Common c;
  std::function<int()> action;

#ifdef MGDM_STUDIO
  RestoreOptions o;
  const auto add_set = [&](CLI::App& sub) {
    sub.add_option("--set", c.set, "a setting, key=value (may be repeated)")->allow_extra_args(false);
    sub.footer(settings_help);
  };
  const auto add_degradation = [&](CLI::App& sub) {
    sub.add_option(
        "--noise", o.noise,
        "level of the noise: its standard deviation, image range -1 to 1 (poisson: at white); default by task");
    sub.add_option("--noise-law", o.noise_law, "gaussian, poisson (photon counts) or salt_and_pepper")
        ->check(CLI::IsMember(mgdm::noise_law_names()))
        ->capture_default_str();
    sub.add_option("--outliers", o.outliers, "salt_and_pepper: share of the values that are lost")
        ->check(CLI::Range(0.0001, 0.99))
        ->capture_default_str();
    sub.add_option("--kernel", o.kernel, "picture of the blur kernel, for motion_blur");
    sub.add_option("--size", o.size,
                   "short side in pixels, a multiple of 8; default: the size the model was trained on, else 256");
  };
  auto* restore_command = app.add_subcommand("restore", "Restore a photo, or degrade a clean one and restore it");
  restore_command->add_option("photo", o.photo, "photo (PNG, JPEG, TIFF, WebP...)");
  restore_command->add_option("--task", o.task, "what is wrong with it; see below")->capture_default_str();
  restore_command->add_option("--out", o.out, "folder for observation.png, sample_0.png ..., run.json");
  restore_command->add_option("--mask", o.mask, "picture, white (or opaque) where to fill");
  restore_command->add_flag("--observed", o.observed, "the photo already is the degraded observation");
  add_degradation(*restore_command);
  restore_command
      ->add_option("--fit", o.fit,
                   "resize: the photo is scaled to --size; tile: its own pixels, in overlapping tiles of the size the "
                   "model was trained on")
      ->check(CLI::IsMember({"resize", "tile"}))
      ->capture_default_str();
  restore_command->add_option("--replay", o.replay, "a run.json: do exactly that again");
  restore_command->add_flag("--allow-program", o.allow_program, "let --replay run the program that the run file names");
  restore_command->add_option("--prior", c.prior, "model name, card or weights")->capture_default_str();
  restore_command->add_option("--sampler", c.sampler, "sampler; see below")->capture_default_str();
  restore_command->add_option("--preset", c.preset, "quick, balanced (default), best, paper");
  restore_command->add_option("--samples", c.samples, "samples at once, 1 to 256")->capture_default_str();
  restore_command->add_option("--seed", c.seed, "seed of all randomness")->capture_default_str();
  add_device_options(*restore_command, c);
  add_set(*restore_command);
  restore_command->callback([&] { action = [&] { return restore(c, o); }; });

  auto* degrade_command = app.add_subcommand("degrade", "Only degrade a photo and write the observation");
  degrade_command->add_option("photo", o.photo, "photo")->required();
  degrade_command->add_option("--task", o.task, "degradation; see below")->required();
  degrade_command->add_option("--out", o.out, "picture to write (.png, .jpg, .tif)")->required();
  degrade_command->add_option("--mask", o.mask, "picture, white where to drop");
  add_degradation(*degrade_command);
  degrade_command->get_option("--size")->check(CLI::Range(64, 2048));
  degrade_command->add_option("--seed", c.seed, "seed of the noise")->capture_default_str();
  degrade_command->add_flag("--json", c.print_json, "print the request as JSON");
  degrade_command->add_flag("--quiet", c.quiet, "print nothing");
  add_set(*degrade_command);
  degrade_command->callback([&] { action = [&] { return degrade(c, o); }; });

  mgdm::QualityOptions q;
  q.photos = "photos";
  auto* quality_command =
      app.add_subcommand("quality", "Measure a sampler against classical methods on a folder of clean photos");
  quality_command->add_option("photos", q.photos, "folder of photos the model was never trained on")->required();
  quality_command->add_option("--out", q.out, "folder for table.md, quality.json and pictures");
  quality_command->add_option("--count", q.count, "photos")->check(CLI::Range(1, 100000))->capture_default_str();
  quality_command->add_option("--size", q.size, "centre crop in pixels, a multiple of 16")
      ->check(CLI::Range(64, 512))
      ->capture_default_str();
  quality_command->add_option("--samples", q.samples, "samples for each photo")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  quality_command
      ->add_option("--hole", q.hole, "inpainting: a square hole of so many pixels in the middle instead of strokes")
      ->check(CLI::Range(0, 512));
  quality_command
      ->add_option("--tasks", q.tasks,
                   "inpainting, sr4, blur, denoising, jpeg (the default), or any task without a mask")
      ->delimiter(',')
      ->default_str("those five");
  quality_command->add_option("--sampler", c.sampler, "sampler")->capture_default_str();
  quality_command->add_option("--preset", q.preset, "sampler preset")->capture_default_str();
  quality_command->add_option("--prior", c.prior, "model name, card or weights")->capture_default_str();
  quality_command->add_option("--set", c.set, "sampler setting, key=value; with one task also task.key=value")
      ->allow_extra_args(false);
  add_device_options(*quality_command, c);
  quality_command->callback([&] {
    action = [&] {
      stop_on_signals();
      use_threads(c.threads);
      mgdm::RunRequest settings;
      settings.task = q.tasks.size() == 1 ? q.tasks.front() : "denoising";  // settings of a degradation need one
      settings.sampler = q.sampler = c.sampler;
      apply_settings(c.set, settings);
      q.sampler_settings = settings.sampler_settings;
      q.task_settings = settings.task_settings;
      const auto prior = std::make_shared<const mgdm::Prior>(
          mgdm::load_prior(mgdm::find_prior(c.prior), device_of(c.device), c.precision));
      const json report = mgdm::measure_quality(
          prior, q,
          [&](const std::string& line) {
            if (!c.quiet) std::cerr << line << std::endl;
          },
          interrupt.get_token());
      std::cout << (c.print_json ? mgdm::json_text(report, 2) + "\n" : mgdm::quality_table(report));
      return interrupt.stop_requested() ? static_cast<int>(kInterrupted) : static_cast<int>(kDone);
    };
  });
#endif

  const auto add_music_options = [&](CLI::App& sub, mgdm::SeparationRequest& request) {
    sub.add_option("--noise", request.noise,
                   "standard deviation of the mix's error, in coefficients of the model; default: the model's own")
        ->check(CLI::Range(1e-6, 1.0));
    sub.add_option("--prior", c.prior, "model name or card (default band)");
    sub.add_option("--sampler", c.sampler, "sampler")->capture_default_str();
    sub.add_option("--preset", c.preset, "quick, balanced (default), best, paper");
    sub.add_option("--samples", request.samples,
                   "posterior samples, which separate combines; default: as the preset says (quick 1, balanced 4, best "
                   "16; 1 for repairs)")
        ->check(CLI::Range(1, 64));
    sub.add_option("--seed", c.seed, "seed of all randomness")->capture_default_str();
    sub.add_flag("!--fixed-polarity", request.random_polarities,
                 "ask the network for the stems as they are, not each in a polarity drawn anew for every step");
    sub.add_option("--set", c.set, "sampler setting, key=value")->allow_extra_args(false);
    add_device_options(sub, c);
  };
#ifdef MGDM_STUDIO
  SeparateOptions so;
  auto* separate_command = app.add_subcommand(
      "separate", "Separate a song into stems; or find stems that go with given ones, or fill a gap");
  separate_command->add_option("song", so.song, "song (WAV, FLAC, OGG, MP3...), mono or stereo");
  separate_command->add_option("--out", so.out, "folder for bass.wav, drums.wav, ..., run.json")->required();
  separate_command->add_option("--reference", so.reference, "folder with the true stems as WAV, to measure against");
  separate_command
      ->add_option("--given", so.given, "STEM=FILE: a stem that is known; without a song the others are made up to it")
      ->allow_extra_args(false);
  separate_command->add_option("--gap", so.gaps, "FROM-TO in seconds: a damaged place to be filled")
      ->allow_extra_args(false);
  separate_command->add_option("--part", so.part, "FROM-TO in seconds: only this part of the song");
  separate_command
      ->add_option(
          "--denoise", so.denoise,
          "standard deviation of white noise in the song, full scale 1; it stays out of the stems and of mix.wav")
      ->check(CLI::Range(1e-6, 1.0));
  separate_command->add_option(
      "--declip", so.declip,
      "level at which the song is cut off, full scale 1, or auto; mix.wav is the song with its peaks made up");
  separate_command
      ->add_option("--bandwidth", so.bandwidth,
                   "Hz above which the song has lost everything; mix.wav is the song with new treble")
      ->check(CLI::Range(100.0, 100000.0));
  separate_command->add_flag("--flac", so.flac, "write FLAC instead of WAV");
  separate_command->add_flag("--keep-residual", so.request.keep_residual,
                             "write what no stem explains as residual.wav instead of sharing it out");
  separate_command->add_option("--frames", so.request.frames,
                               "length of a part in MDCT frames of the model (23 ms each where it has 512 bins at "
                               "22,050 Hz); default: the model's own");
  separate_command->add_option("--overlap", so.request.overlap,
                               "overlap of two parts in frames; default: the model's own");
  add_music_options(*separate_command, so.request);
  separate_command->callback([&] {
    action = [&] {
      if (separate_command->count("--prior") == 0) c.prior = "band";
      return separate(c, so);
    };
  });
#endif

  mgdm::SeparationQualityOptions sq;
  auto* separation_command =
      app.add_subcommand("separation-quality", "Measure separation on songs whose stems are known");
  separation_command->add_option("songs", sq.songs, "folder of songs in stems (.safetensors)")->required();
  separation_command->add_option("--count", sq.count, "songs")->check(CLI::Range(1, 100000))->capture_default_str();
  separation_command->add_option("--seconds", sq.seconds, "excerpt from the middle of each song")
      ->check(CLI::Range(1.0, 600.0))
      ->capture_default_str();
  add_music_options(*separation_command, sq.request);
  separation_command->callback([&] {
    action = [&] {
      if (separation_command->count("--prior") == 0) c.prior = "band";
      return separation_quality(c, sq);
    };
  });

  add_models_command(app, action, [] {
    stop_on_signals();
    return interrupt.get_token();
  });

  EvaluateOptions e;
  auto* evaluate_command =
      app.add_subcommand("evaluate", "What a published network makes of given tensors, for comparing implementations");
  evaluate_command
      ->add_option("--prior", e.prior,
                   "checkpoint (.pt, .ckpt, .bin, .safetensors) of guided-diffusion, CompVis latent diffusion, "
                   "diffusers or MSDM")
      ->required();
  evaluate_command->add_option("--config", e.config,
                               "JSON with what the weights do not tell: heads, order of the attention, schedule");
  evaluate_command
      ->add_option("--input", e.input,
                   "dict of tensors saved by torch.save: {x, t}, {x, sigma}, {z} or {image}, and w for the gradient of "
                   "sum(w * output)")
      ->required();
  evaluate_command
      ->add_option("--output", e.output, "file for out, eps, x0, decoded, encoded, grad, as torch.load reads them")
      ->required();
  evaluate_command
      ->add_option("--set", c.set, "one value of the configuration, e.g. num_head_channels=64 (may be repeated)")
      ->allow_extra_args(false);
  evaluate_command->add_option("--threads", c.threads, "CPU threads; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  evaluate_command->add_flag("--quiet", c.quiet, "print nothing");
  evaluate_command->callback([&] { action = [&] { return evaluate(c, e); }; });

  ToyOptions t;
  auto* toy_command =
      app.add_subcommand("toy", "Run a sampler on a problem whose posterior is known, and measure its distance to it");
  toy_command
      ->add_option("problem", t.problems, "problem file (JSON: weights, means, covs or covs_diag, A, y, sigma_y)")
      ->required();
  toy_command->add_option("--sampler", c.sampler, "sampler")->capture_default_str();
  toy_command->add_option("--preset", c.preset, "sampler preset; none: the sampler's defaults");
  toy_command->add_option("--set", c.set, "a sampler setting, key=value (may be repeated)")->allow_extra_args(false);
  toy_command->add_option("--chains", t.chains, "chains, run as one batch")
      ->check(CLI::Range(2, 1000000))
      ->capture_default_str();
  toy_command->add_option("--seed", c.seed, "seed of all randomness")->capture_default_str();
  toy_command->add_option("--out", t.out, "samples as a NumPy file, float64 [chains, d]");
  toy_command->add_flag("--table", t.table, "all samplers on all the given problems, as a Markdown table");
  toy_command->add_option("--reference", t.reference, "with --table: results of the paper's code, shown in brackets");
  toy_command->add_option("--threads", c.threads, "CPU threads; 0 = all cores")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  toy_command->add_option("--precision", c.precision, "float32 (auto) or float64")
      ->check(CLI::IsMember({"auto", "float32", "float64"}))
      ->capture_default_str();
  toy_command->add_flag("--json", c.print_json, "print the result as JSON");
  toy_command->add_flag("--quiet", c.quiet, "no progress");
  toy_command->callback([&] { action = [&] { return toy(c, t); }; });

  bool quick = false;
  std::vector<std::string> networks;
  auto* bench_command = app.add_subcommand("bench", "Measure speed and memory on this machine");
  bench_command->add_flag("--quick", quick, "64 pixels, or 3 s of music, only");
  bench_command
      ->add_option("--network", networks,
                   "published networks of full size with random weights instead, or all; see mgdm models published")
      ->delimiter(',');
  bench_command->add_option("--prior", c.prior, "model to run, of photos or of music; 'random' for random weights")
      ->capture_default_str();
  add_device_options(*bench_command, c);
  bench_command->callback([&] {
    action = [&] {
      use_threads(c.threads);
      const auto say = [&](const std::string& line) { (c.print_json ? std::cerr : std::cout) << line << std::endl; };
      if (!networks.empty()) {
        stop_on_signals();
        if (networks == std::vector<std::string>{"all"}) {
          networks.clear();
          for (const auto& known : mgdm::known_models()) networks.push_back(known.name);
        }
        json reports = json::array();
        for (const auto& name : networks) {
          if (!interrupt.stop_requested())
            reports.push_back(
                mgdm::bench_network(name, std::filesystem::temp_directory_path(), say, interrupt.get_token()));
        }
        if (c.print_json) std::cout << mgdm::json_text(reports, 2) << '\n';
        return interrupt.stop_requested() ? static_cast<int>(kInterrupted) : static_cast<int>(kDone);
      }
      if (c.prior != "random") {
        if (const auto card = mgdm::find_prior(c.prior); mgdm::medium_of(card) == mgdm::Medium::Music) {
          stop_on_signals();
          const json report = mgdm::bench_separation(mgdm::load_band_prior(card, device_of(c.device), c.precision),
                                                     quick ? 3 : 12, say, interrupt.get_token());
          if (c.print_json) std::cout << mgdm::json_text(report, 2) << '\n';
          return interrupt.stop_requested() ? static_cast<int>(kInterrupted) : static_cast<int>(kDone);
        }
      }
      mgdm::BenchOptions options;
      options.device = device_of(c.device);
      options.quick = quick;
      if (c.prior != "random") {
        options.load = [&](const std::string& precision) {
          return mgdm::load_prior(mgdm::find_prior(c.prior), options.device, precision);
        };
      }
      const json report = mgdm::bench(options, say);
      if (c.print_json) std::cout << mgdm::json_text(report, 2) << '\n';
      return static_cast<int>(kDone);
    };
  });

  auto* selftest_command = app.add_subcommand("selftest", "Check that this installation computes rightly");
  add_device_options(*selftest_command, c);
  selftest_command->callback([&] {
    action = [&] {
      use_threads(c.threads);
      const auto checks = mgdm::selftest(device_of(c.device), [](const mgdm::Check& check) {
        std::cout << (check.passed ? "ok      " : "FAILED  ") << check.name
                  << (check.detail.empty() ? "" : ": " + check.detail) << std::endl;
      });
      const auto failed =
          std::count_if(checks.begin(), checks.end(), [](const mgdm::Check& check) { return !check.passed; });
      std::cout << (failed == 0 ? "This installation computes rightly.\n"
                                : "This installation computes WRONGLY; do not trust its results.\n");
      return failed == 0 ? static_cast<int>(kDone) : static_cast<int>(kNumerical);
    };
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? kDone : kUsage;
  }
  const auto fail = [](const std::exception& e, int code) {
    // One line, whatever a library wrote.
    const std::string what = e.what();
    std::cerr << "mgdm: " << what.substr(0, what.find('\n')) << '\n';
    return code;
  };
  try {
    return action();
  } catch (const mgdm::Error& e) {
    switch (e.kind()) {
      case mgdm::ErrorKind::Usage:
        return fail(e, kUsage);
      case mgdm::ErrorKind::Input:
        return fail(e, kInput);
      case mgdm::ErrorKind::Model:
        return fail(e, kModel);
      default:
        return fail(e, kNumerical);
    }
  } catch (const std::invalid_argument& e) {
    return fail(e, kUsage);
  } catch (const std::bad_alloc& e) {
    std::cerr << "mgdm: out of memory; try a smaller --size or fewer --samples\n";
    return kNumerical;
  } catch (const std::exception& e) {
    return fail(e, kNumerical);
  }
}
