// Published networks of full size, stage by stage.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <fcntl.h>
#include <torch/csrc/autograd/autograd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "core/measure/bench.h"
#include "core/measure/timing.h"
#include "core/networks/audio_unet.h"
#include "core/networks/first_stage.h"
#include "core/networks/named_weights.h"
#include "core/priors/known_models.h"
#include "core/priors/published_model.h"
#include "core/priors/text/text_conditioner.h"

namespace mgdm {

namespace {

using Clock = std::chrono::steady_clock;
using Say = std::function<void(const std::string&)>;

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

// The fastest 3x3 convolution of sizes that these networks have, in operations a second.
double convolution_peak(at::Device device, at::ScalarType type) {
  at::NoGradGuard no_grad;
  double best = 0;
  for (const auto& [channels, side] : {std::pair<int64_t, int64_t>{128, 256}, {256, 128}, {512, 64}, {1024, 32}}) {
    const auto drawn = [&](at::IntArrayRef sizes) {
      return at::randn(sizes).to(device, type).contiguous(at::MemoryFormat::ChannelsLast);
    };
    const at::Tensor x = drawn({1, channels, side, side}), w = drawn({channels, channels, 3, 3});
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

double seconds_of_reading(const std::filesystem::path& file) {
  forget_file(file);
  const auto begin = Clock::now();
  std::ifstream in(file, std::ios::binary);
  std::vector<char> block(size_t{8} << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size()))) {
  }
  return seconds_since(begin);
}

/// A part of a model that a run asks again and again.
struct Stage {
  const char* name;
  at::Tensor x;
  std::function<at::Tensor(const at::Tensor&)> run;
};

// The network that denoises first, then a latent model's decoder. An autoencoder alone is its decoder.
std::vector<Stage> stages_of(const PublishedModel& model, at::Device device) {
  if (model.audio) {
    return {{"network", at::randn({1, model.channels, model.native_size}).to(device),
             [&](const at::Tensor& v) { return model.audio->denoise(v, at::full({1}, 0.5, at::kDouble)); }}};
  }
  std::vector<Stage> stages;
  const int64_t factor = model.first_stage ? model.first_stage->factor() : 1;
  const int64_t side = (model.denoises() ? model.native_size : 256) / factor;
  if (model.denoises()) {
    stages.push_back({"network", at::randn({1, model.channels, side, side}).to(device), [&](const at::Tensor& v) {
                        return model.forward(v, at::full({1}, 500, v.options().dtype(at::kLong)));
                      }});
  }
  if (model.first_stage) {
    stages.push_back({"decoder", at::randn({1, model.first_stage->latent_channels(), side, side}).to(device),
                      [&](const at::Tensor& v) { return model.first_stage->decode(v); }});
  }
  return stages;
}

// Operations of a forward pass, multiplications and additions.
double operations_of(const Stage& stage) {
  at::NoGradGuard no_grad;
  const MacCounter counter;
  stage.run(stage.x);
  return 2 * counter.count();
}

nlohmann::json measured(const PublishedModel& model, const Stage& stage, double operations, double peak,
                        const std::stop_token& stop) {
  const auto forward = [&] {
    at::NoGradGuard no_grad;
    return stage.run(stage.x);
  };
  const auto gradient = [&] {
    const at::Tensor v = stage.x.detach().requires_grad_(true);
    return torch::autograd::grad({stage.run(v).sum()}, {v})[0];
  };
  model.set_recompute(false);
  const double f = seconds_of(forward, 2.0);
  nlohmann::json path{{"forward_s", f},
                      {"gflops", 1e-9 * operations / f},
                      {"convolution_peak_gflops", peak * 1e-9},
                      {"share_of_peak", operations / f / peak},
                      {"forward_bytes", peak_of(forward, stage.x.device())}};
  if (stop.stop_requested()) return path;
  path["gradient_s"] = seconds_of(gradient, 2.0);
  path["gradient_bytes"] = peak_of(gradient, stage.x.device());
  if (stop.stop_requested()) return path;
  model.set_recompute(true);
  path["recomputed_gradient_bytes"] = peak_of(gradient, stage.x.device());
  path["recomputed_gradient_s"] = seconds_of(gradient, 1.0);
  return path;
}

void say_measured(const std::string& name, const char* type, const nlohmann::json& path, const Say& say) {
  const auto number = [&](const char* key) { return path.value(key, 0.0); };
  say(format_line(
      "%-18s %-9s forward %7.3f s (%.0f GFLOP/s, %.0f %% of the fastest convolution's %.0f), with gradient %7.3f s",
      name.c_str(), type, number("forward_s"), number("gflops"), 100 * number("share_of_peak"),
      number("convolution_peak_gflops"), number("gradient_s")));
  say(format_line("%-18s %-9s memory %.2f GB forward, %.2f GB with gradient, recomputed %.2f GB in %.3f s", "", "",
                  number("forward_bytes") / 1e9, number("gradient_bytes") / 1e9,
                  number("recomputed_gradient_bytes") / 1e9, number("recomputed_gradient_s")));
}

}  // namespace

nlohmann::json bench_network(const std::string& name, const std::filesystem::path& folder, at::Device device,
                             const Say& say, std::stop_token stop) {
  const KnownModel& known = known_model(name);
  nlohmann::json report{{"name", name},
                        {"device", device.str()},
                        {"threads", at::get_num_threads()},
                        {"paths", nlohmann::json::object()},
                        {"decoder", nlohmann::json::object()}};
  const auto file = folder / ("mgdm-bench-" + name + ".pt");
  write_torch_file(file, random_weights(known, 1));
  nlohmann::json config = known.config;
  config.update(known.asked);
  const auto bytes = static_cast<int64_t>(std::filesystem::file_size(file));
  std::vector<std::pair<const char*, at::ScalarType>> precisions{{"float32", at::kFloat}, {"bfloat16", at::kBFloat16}};
  if (!device.is_cpu()) precisions.emplace_back("float16", at::kHalf);
  for (const auto& [label, type] : precisions) {
    if (stop.stop_requested()) break;
    const double peak = convolution_peak(device, type), read = seconds_of_reading(file);
    forget_file(file);
    const auto begin = Clock::now();
    PublishedModel model = load_published(file, config);
    model.to(device, type, true);
    const double load = seconds_since(begin);
    report["load"] = {{"bytes", bytes}, {"read_s", read}, {"load_s", load}};
    say(format_line("%-18s %.2f GB: read in %.2f s, loaded as %s in %.2f s", name.c_str(),
                    static_cast<double>(bytes) / 1e9, read, label, load));
    if (model.text) {
      const auto told = Clock::now();
      model.guidance = without_words(*model.text);
      report["text_s"] = seconds_since(told);
      say(format_line("%-18s text encoders %.2f s for a prompt", "", report["text_s"].get<double>()));
    }
    report["parameters"] = model.parameters;
    for (const Stage& stage : stages_of(model, device)) {
      if (stop.stop_requested()) break;
      const bool decoder = model.denoises() && std::string(stage.name) == "decoder";
      const double operations = operations_of(stage);
      report[decoder ? "decoder_gflop" : "gflop"] = 1e-9 * operations;
      report[decoder ? "decoder" : "paths"][label] = measured(model, stage, operations, peak, stop);
      say_measured(decoder ? name + ", decoder" : name, label, report[decoder ? "decoder" : "paths"][label], say);
    }
  }
  if (report.contains("gflop"))
    say(format_line("%-18s %.1f million parameters, %.1f GFLOP a forward pass", name.c_str(),
                    report["parameters"].get<double>() / 1e6, report["gflop"].get<double>()));
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return report;
}

}  // namespace mgdm
