#include "core/measure/bench.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <fstream>

#include "core/measure/timing.h"
#include "core/priors/photo_prior.h"
#include "core/runs/run.h"
#include "core/runs/run_record.h"
#include "core/runs/separation.h"

namespace mgdm {

namespace {

// Seconds of a forward pass and of one with the gradient of its input.
std::pair<double, double> times_of(const at::Tensor& x, const std::function<at::Tensor(const at::Tensor&)>& map) {
  const double forward = seconds_of(
      [&] {
        at::NoGradGuard no_grad;
        return map(x);
      },
      1.0);
  const double gradient = seconds_of(
      [&] {
        const at::Tensor input = x.detach().requires_grad_(true);
        return torch::autograd::grad({map(input).sum()}, {input})[0];
      },
      1.0);
  return {forward, gradient};
}

nlohmann::json timed_both_ways(const std::string& name, const at::Tensor& x,
                               const std::function<at::Tensor(const at::Tensor&)>& map,
                               const std::function<void(const std::string&)>& say) {
  const auto [forward, gradient] = times_of(x, map);
  say(format_line("%-33s %9.1f ms %17.1f ms", name.c_str(), forward * 1e3, gradient * 1e3));
  return {{"forward_s", forward}, {"forward_gradient_s", gradient}};
}

// The model that was asked for, on a picture of size x size pixels: its network and, where it is on latents, its
// decoder.
nlohmann::json bench_model(const Prior& prior, int64_t size, const std::function<void(const std::string&)>& say) {
  std::vector<int64_t> sizes = prior.codec->model_sizes({3, size, size});
  sizes.insert(sizes.begin(), 1);
  const at::Tensor z = at::randn(sizes).to(prior.device);
  const std::string of = " of " + prior.name + ", " + std::to_string(size) + " px";
  nlohmann::json report = {{"name", prior.name}, {"size", size}, {"precision", prior.precision}};
  report["network"] = timed_both_ways(
      "network" + of, z, [&](const at::Tensor& x) { return prior.denoiser->predict_x0(x, {500}); }, say);
  if (prior.traits.latent) {
    report["decoder"] = timed_both_ways(
        "decoder" + of, z, [&](const at::Tensor& x) { return prior.codec->decode(x); }, say);
  }
  return report;
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
  say(format_line("%-8s %-24s %12s %20s", "size", "path", "forward", "forward + gradient"));
  std::map<int64_t, std::vector<std::pair<double, double>>> times;
  for (const int64_t size : options.quick ? std::vector<int64_t>{64} : std::vector<int64_t>{64, 128, 256}) {
    for (const auto& path : paths) {
      if (stop.stop_requested()) return report;
      DenoisingUnet network{DenoisingUnetOptions{}};
      network.to(options.device);
      network.set_memory_format(path.format);
      network.freeze(path.type);
      const at::Tensor x = at::randn({1, 3, size, size}).to(options.device), sigma = at::full({1}, 0.5, x.options());
      const auto [forward, gradient] = times_of(x, [&](const at::Tensor& v) { return network.forward(v, sigma); });
      times[size].emplace_back(forward, gradient);
      report["network"].push_back(
          {{"size", size}, {"path", path.name}, {"forward_s", forward}, {"forward_gradient_s", gradient}});
      say(format_line("%-8ld %-24s %9.1f ms %17.1f ms", static_cast<long>(size), path.name, forward * 1e3,
                      gradient * 1e3));
    }
    const auto& t = times[size];
    const double best_forward = std::min(t[0].first, t[1].first), best_gradient = std::min(t[0].second, t[1].second);
    report["ratios"][std::to_string(size)] = {{"forward",
                                               {{"bfloat16_to_best_float32", best_forward / t[2].first},
                                                {"bfloat16_to_plain_float32", t[0].first / t[2].first}}},
                                              {"forward_gradient",
                                               {{"bfloat16_to_best_float32", best_gradient / t[2].second},
                                                {"bfloat16_to_plain_float32", t[0].second / t[2].second}}}};
    say(format_line(
        "%-8ld bfloat16 is %.2f (forward) and %.2f (with gradient) times the best float32 path, %.2f and %.2f "
        "times float32 NCHW",
        static_cast<long>(size), best_forward / t[2].first, best_gradient / t[2].second, t[0].first / t[2].first,
        t[0].second / t[2].second));
  }

  const auto load = options.load ? options.load : [&] {
    return make_photo_prior(std::make_shared<DenoisingUnet>(DenoisingUnetOptions{}), "random", options.device,
                            options.precision);
  };
  const int64_t size = options.quick ? 64 : 256;
  const auto prior = std::make_shared<const Prior>(load());
  report["model"] = bench_model(*prior, size, say);
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
      format_line("run: MGDM quick, sr4, %ldx%ld: %.1f s, first iterate after %.2f s, %.1f %% outside the network (%ld "
                  "forward, %ld backward)",
                  static_cast<long>(size), static_cast<long>(size), result.seconds, first, 100 * outside,
                  static_cast<long>(result.evaluations.forward), static_cast<long>(result.evaluations.backward)));
  say(format_line("peak memory %.0f MB", static_cast<double>(peak_memory_bytes()) / 1e6));
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
