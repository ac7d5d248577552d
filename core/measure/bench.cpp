#include "core/measure/bench.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fcntl.h>
#include <malloc.h>
#include <torch/csrc/autograd/autograd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "core/networks/audio_unet.h"
#include "core/networks/first_stage.h"
#include "core/networks/named_weights.h"
#include "core/priors/known_models.h"
#include "core/priors/photo_prior.h"
#include "core/priors/published_model.h"
#include "core/priors/text/text_conditioner.h"
#include "core/runs/run.h"
#include "core/runs/run_record.h"
#include "core/runs/separation.h"

namespace mgdm {

namespace {

using Clock = std::chrono::steady_clock;

// A device computes behind the caller's back; reading one value waits for it.
void wait_for(const at::Tensor& x) { x.flatten()[0].item<float>(); }

// Median of repeated calls: these machines are noisy.
double seconds_of(const std::function<at::Tensor()>& call, double budget) {
  wait_for(call());
  std::vector<double> times;
  const auto started = Clock::now();
  do {
    const auto begin = Clock::now();
    wait_for(call());
    times.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
  } while (times.size() < 3 ||
           (std::chrono::duration<double>(Clock::now() - started).count() < budget && times.size() < 50));
  std::nth_element(times.begin(), times.begin() + static_cast<long>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

std::string format(const char* pattern, auto... values) {
  char line[200];
  std::snprintf(line, sizeof line, pattern, values...);
  return line;
}

}  // namespace

nlohmann::json bench(const BenchOptions& options, const std::function<void(const std::string&)>& say,
                     std::stop_token stop) {
  struct Path {
    const char* name;
    at::ScalarType type;
    at::MemoryFormat format;
  };
  const std::vector<Path> paths{{"float32 NCHW", at::kFloat, at::MemoryFormat::Contiguous},
                                {"float32 channels_last", at::kFloat, at::MemoryFormat::ChannelsLast},
                                {"bfloat16 channels_last", at::kBFloat16, at::MemoryFormat::ChannelsLast}};
  nlohmann::json report = {
      {"device", options.device.str()}, {"threads", at::get_num_threads()}, {"network", nlohmann::json::array()}};
  say(format("%-8s %-24s %12s %20s", "size", "path", "forward", "forward + gradient"));
  std::map<int64_t, std::vector<std::pair<double, double>>> times;
  for (const int64_t size : options.quick ? std::vector<int64_t>{64} : std::vector<int64_t>{64, 128, 256}) {
    for (const auto& path : paths) {
      if (stop.stop_requested()) return report;
      DenoisingUnet network{DenoisingUnetOptions{}};
      network.to(options.device);
      network.set_memory_format(path.format);
      network.freeze(path.type);
      const at::Tensor x = at::randn({1, 3, size, size}).to(options.device), sigma = at::full({1}, 0.5, x.options());
      const double forward = seconds_of(
          [&] {
            at::NoGradGuard no_grad;
            return network.forward(x, sigma);
          },
          1.0);
      const double gradient = seconds_of(
          [&] {
            const at::Tensor input = x.detach().requires_grad_(true);
            return torch::autograd::grad({network.forward(input, sigma).sum()}, {input})[0];
          },
          1.0);
      times[size].emplace_back(forward, gradient);
      report["network"].push_back(
          {{"size", size}, {"path", path.name}, {"forward_s", forward}, {"forward_gradient_s", gradient}});
      say(format("%-8ld %-24s %9.1f ms %17.1f ms", static_cast<long>(size), path.name, forward * 1e3, gradient * 1e3));
    }
    const auto& t = times[size];
    const double best_forward = std::min(t[0].first, t[1].first), best_gradient = std::min(t[0].second, t[1].second);
    report["ratios"][std::to_string(size)] = {{"forward",
                                               {{"bfloat16_to_best_float32", best_forward / t[2].first},
                                                {"bfloat16_to_plain_float32", t[0].first / t[2].first}}},
                                              {"forward_gradient",
                                               {{"bfloat16_to_best_float32", best_gradient / t[2].second},
                                                {"bfloat16_to_plain_float32", t[0].second / t[2].second}}}};
    say(
        format("%-8ld bfloat16 is %.2f (forward) and %.2f (with gradient) times the best float32 path, %.2f and %.2f "
               "times float32 NCHW",
               static_cast<long>(size), best_forward / t[2].first, best_gradient / t[2].second, t[0].first / t[2].first,
               t[0].second / t[2].second));
  }

  const auto load = options.load ? options.load : [&](const std::string& precision) {
    return make_photo_prior(std::make_shared<DenoisingUnet>(DenoisingUnetOptions{}), "random", options.device,
                            precision);
  };
  const int64_t size = options.quick ? 64 : 256;
  const auto prior = std::make_shared<const Prior>(load("auto"));
  RunRequest request;
  request.task = "sr4";
  request.preset = "quick";
  const Run run(prior, request, at::zeros({3, size, size}));
  double first = -1;
  const RunResult result = run.execute(
      [&](const Iterate& iterate) {
        if (first < 0) first = iterate.seconds;
      },
      stop);
  if (result.stopped) return report;
  const double outside = 1.0 - result.evaluations.seconds / result.seconds;
  report["run"] = {{"task", "sr4"},
                   {"preset", "quick"},
                   {"size", size},
                   {"precision", prior->precision},
                   {"seconds", result.seconds},
                   {"seconds_to_first_iterate", first},
                   {"forward", result.evaluations.forward},
                   {"backward", result.evaluations.backward},
                   {"share_outside_network", outside}};
  report["peak_memory_bytes"] = peak_memory_bytes();
  say(
      format("run: MGDM quick, sr4, %ldx%ld: %.1f s, first iterate after %.2f s, %.1f %% outside the network (%ld "
             "forward, %ld backward)",
             static_cast<long>(size), static_cast<long>(size), result.seconds, first, 100 * outside,
             static_cast<long>(result.evaluations.forward), static_cast<long>(result.evaluations.backward)));
  say(format("peak memory %.0f MB", static_cast<double>(peak_memory_bytes()) / 1e6));
  return report;
}

namespace {

// Resident memory now, and its peak since `forget_peak`; Linux counts both for us.
int64_t status_bytes(const char* key) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.rfind(key, 0) == 0) return std::atoll(line.c_str() + std::strlen(key)) * 1024;
  }
  return 0;
}
void forget_peak() { std::ofstream("/proc/self/clear_refs") << 5; }

int64_t peak_of(const std::function<at::Tensor()>& call) {
  ::malloc_trim(0);  // what earlier calls left to the allocator would hide this one's need
  forget_peak();
  const int64_t before = status_bytes("VmRSS:");
  wait_for(call());
  return std::max<int64_t>(0, status_bytes("VmHWM:") - before);
}

// The fastest 3x3 convolution of sizes that these networks have, in operations a second.
double convolution_peak(at::ScalarType type) {
  at::NoGradGuard no_grad;
  double best = 0;
  for (const auto& [channels, side] : {std::pair<int64_t, int64_t>{128, 256}, {256, 128}, {512, 64}, {1024, 32}}) {
    const at::Tensor x = at::randn({1, channels, side, side}).to(type).contiguous(at::MemoryFormat::ChannelsLast),
                     w = at::randn({channels, channels, 3, 3}).to(type).contiguous(at::MemoryFormat::ChannelsLast);
    const double operations = 2.0 * 9 * static_cast<double>(channels * channels * side * side);
    best = std::max(best, operations / seconds_of([&] { return at::conv2d(x, w, {}, 1, 1); }, 1.0));
  }
  return best;
}

// The file's bytes as if it had never been read.
void forget_file(const std::filesystem::path& file) {
  if (const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC); fd >= 0) {
    ::fsync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

}  // namespace

nlohmann::json bench_network(const std::string& name, const std::filesystem::path& folder,
                             const std::function<void(const std::string&)>& say, std::stop_token stop) {
  const KnownModel& known = known_model(name);
  nlohmann::json report{{"name", name}, {"threads", at::get_num_threads()}, {"paths", nlohmann::json::object()}};
  const auto file = folder / ("mgdm-bench-" + name + ".pt");
  write_torch_file(file, random_weights(known, 1));
  nlohmann::json config = known.config;
  config.update(known.asked);
  const auto seconds_since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  for (const auto& [label, type] : {std::pair{"float32", at::kFloat}, {"bfloat16", at::kBFloat16}}) {
    if (stop.stop_requested()) break;
    const double peak = convolution_peak(type);
    PublishedModel model;
    if (type == at::kBFloat16) {
      forget_file(file);
      auto begin = Clock::now();
      {
        std::ifstream in(file, std::ios::binary);
        std::vector<char> block(size_t{8} << 20);
        while (in.read(block.data(), static_cast<std::streamsize>(block.size()))) {
        }
      }
      const double read = seconds_since(begin);
      forget_file(file);
      begin = Clock::now();
      model = load_published(file, config);
      model.to(at::kCPU, type, true);
      const double load = seconds_since(begin);
      report["load"] = {
          {"bytes", static_cast<int64_t>(std::filesystem::file_size(file))}, {"read_s", read}, {"load_s", load}};
      say(format("%-18s %.2f GB: read in %.2f s, loaded as bfloat16 in %.2f s", name.c_str(),
                 static_cast<double>(std::filesystem::file_size(file)) / 1e9, read, load));
    } else {
      model = load_published(file, config);
      model.to(at::kCPU, type, true);
    }
    if (model.text) model.guidance = without_words(*model.text);
    const int64_t latent = model.first_stage ? model.native_size / model.first_stage->factor() : model.native_size;
    if (!model.audio && !model.denoises()) model.native_size = 256;
    const at::Tensor x = model.audio ? at::randn({1, model.channels, model.native_size})
                         : model.denoises()
                             ? at::randn({1, model.channels, latent, latent})
                             : at::randn({1, model.first_stage->latent_channels(), 256 / model.first_stage->factor(),
                                          256 / model.first_stage->factor()});
    const auto run = [&](const at::Tensor& v) {
      if (model.audio) return model.audio->denoise(v, at::full({1}, 0.5, at::kDouble));
      return model.denoises() ? model.forward(v, at::tensor({500}, at::kLong)) : model.first_stage->decode(v);
    };
    const auto forward = [&] {
      at::NoGradGuard no_grad;
      return run(x);
    };
    const auto gradient = [&] {
      const at::Tensor v = x.detach().requires_grad_(true);
      return torch::autograd::grad({run(v).sum()}, {v})[0];
    };
    double macs = 0;
    {
      const MacCounter counter;
      forward();
      macs = counter.count();
    }
    report["parameters"] = model.parameters;
    report["gflop"] = 2e-9 * macs;
    const double f = seconds_of(forward, 2.0), g = stop.stop_requested() ? 0 : seconds_of(gradient, 2.0);
    const int64_t forward_bytes = peak_of(forward), gradient_bytes = peak_of(gradient);
    model.set_recompute(true);
    const int64_t recomputed_bytes = peak_of(gradient);
    const double recomputed = seconds_of(gradient, 1.0);
    report["paths"][label] = {{"forward_s", f},
                              {"gradient_s", g},
                              {"gflops", 2e-9 * macs / f},
                              {"convolution_peak_gflops", peak * 1e-9},
                              {"share_of_peak", 2 * macs / f / peak},
                              {"forward_bytes", forward_bytes},
                              {"gradient_bytes", gradient_bytes},
                              {"recomputed_gradient_s", recomputed},
                              {"recomputed_gradient_bytes", recomputed_bytes}};
    say(format(
        "%-18s %-9s forward %7.3f s (%.0f GFLOP/s, %.0f %% of the fastest convolution's %.0f), with gradient %7.3f s",
        name.c_str(), label, f, 2e-9 * macs / f, 200 * macs / f / peak, peak * 1e-9, g));
    say(format("%-18s %-9s memory %.2f GB forward, %.2f GB with gradient, recomputed %.2f GB in %.3f s", "", "",
               static_cast<double>(forward_bytes) / 1e9, static_cast<double>(gradient_bytes) / 1e9,
               static_cast<double>(recomputed_bytes) / 1e9, recomputed));
  }
  say(format("%-18s %.1f million parameters, %.1f GFLOP a forward pass", name.c_str(),
             report["parameters"].get<double>() / 1e6, report["gflop"].get<double>()));
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return report;
}

nlohmann::json bench_separation(const BandPrior& band, double seconds,
                                const std::function<void(const std::string&)>& say, std::stop_token stop) {
  at::Generator generator = at::detail::createCPUGenerator(1);
  const auto length = static_cast<int64_t>(seconds * band.codec.options().sample_rate);
  const Song song{
      .mix = at::randn({1, length}, generator, at::TensorOptions().dtype(at::kFloat)) * 0.1, .given = {}, .gaps = {}};
  nlohmann::json report{{"presets", nlohmann::json::object()}};
  for (const char* preset : {"quick", "balanced", "best"}) {
    SeparationRequest request;
    request.preset = preset;
    const SeparationResult r = separate(
        band, song, request, [](const SeparatedStretch&) {}, {}, stop);
    if (r.stopped) break;
    const double outside = 1 - r.evaluations.seconds / r.seconds;
    report["presets"][preset] = {{"seconds_per_second", r.seconds / seconds},
                                 {"outside_network", outside},
                                 {"evaluations", r.evaluations.forward + r.evaluations.backward}};
    char line[160];
    std::snprintf(line, sizeof line,
                  "separation, preset %-9s %6.2f s for a second of music, %4.1f %% outside the network", preset,
                  r.seconds / seconds, 100 * outside);
    say(line);
  }
  report["peak_memory_bytes"] = peak_memory_bytes();
  return report;
}

}  // namespace mgdm
