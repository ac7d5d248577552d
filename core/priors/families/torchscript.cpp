// A TorchScript module as a prior, the last resort for a network of no family that is known. Such a file is a program:
// it runs when it is loaded and at every step, so it is only loaded where a person has said that they trust it.
#include <ATen/ATen.h>
#include <torch/script.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/priors/family.h"
#include "core/priors/published_model.h"
#include "core/priors/weight_file.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

class ScriptDenoiser : public Denoiser {
 public:
  ScriptDenoiser(torch::jit::Module module, NoiseSchedule schedule, bool predicts_x0)
      : module_(std::move(module)), schedule_(std::move(schedule)), predicts_x0_(predicts_x0) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> noise, inverse;
    std::vector<int64_t> t;
    for (int64_t i = 0; i < x_t.size(0); ++i) {
      const int level = levels[levels.size() == 1 ? 0 : static_cast<size_t>(i)];
      const double a = schedule_.alpha_bar(level);
      noise.push_back(std::sqrt(1 - a));
      inverse.push_back(1 / std::sqrt(a));
      t.push_back(std::max(0, level - 1));
    }
    if (std::all_of(levels.begin(), levels.end(), [](int level) { return level == 0; })) return x_t;
    at::Tensor out;
    try {
      out = module_.forward({x_t, at::tensor(t, at::kLong).to(x_t.device())}).toTensor().to(at::kFloat);
    } catch (const c10::Error& e) {
      throw ModelError(std::string("the TorchScript module failed: ") + e.what_without_backtrace());
    } catch (const std::runtime_error& e) {
      throw ModelError(std::string("the TorchScript module failed: ") + e.what());
    }
    if (out.dim() != 4 || out.size(0) != x_t.size(0) || out.size(1) < x_t.size(1) || out.size(2) != x_t.size(2) ||
        out.size(3) != x_t.size(3)) {
      throw ModelError("the TorchScript module gives " + c10::str(out.sizes()) + " for an input of " +
                       c10::str(x_t.sizes()));
    }
    out = out.slice(1, 0, x_t.size(1));
    return predicts_x0_ ? out : (x_t - per_sample(noise, x_t) * out) * per_sample(inverse, x_t);
  }

  at::Tensor denoise(const at::Tensor& x, double sigma) override {  // at the nearest level: t is an integer
    if (sigma <= 0) return x;
    const int level = schedule_.nearest_level(sigma);
    return predict_x0(x * std::sqrt(schedule_.alpha_bar(level)), {level});
  }

 private:
  torch::jit::Module module_;
  NoiseSchedule schedule_;
  bool predicts_x0_;
};

/// The module's forward(x, t) is called with x [B, 3, H, W] float32 in [-1, 1] and t [B] int64, 0 to 999, and gives
/// what `config` says: "prediction": "noise" (the default) or "x0"; of more channels than x the first are taken.
/// Further keys: "noise_schedule" (linear, scaled_linear or cosine), "image_size" (native side, default 256),
/// "size_multiple" (default 32). Throws ModelError.
Prior load_torchscript_prior(const std::filesystem::path& file, const nlohmann::json& config, const std::string& name,
                             at::Device device) {
  const std::string prediction = config.value("prediction", "noise"),
                    schedule = config.value("noise_schedule", "linear");
  if (prediction != "noise" && prediction != "x0")
    throw ModelError(file.string() + ": prediction is '" + prediction + "', must be noise or x0");
  if (schedule != "linear" && schedule != "scaled_linear" && schedule != "cosine")
    throw ModelError(file.string() + ": noise_schedule is '" + schedule + "', must be linear, scaled_linear or cosine");
  Prior prior;
  prior.name = name;
  prior.schedule = NoiseSchedule::named(schedule == "linear"          ? "vp_linear"
                                        : schedule == "scaled_linear" ? "vp_scaled_linear"
                                                                      : "cosine");
  prior.device = device;
  prior.native_size = config.value("image_size", int64_t{256});
  prior.size_multiple = config.value("size_multiple", int64_t{32});
  prior.min_size = std::min<int64_t>(64, prior.native_size);
  prior.max_size = PhotoSizes{}.largest;
  if (prior.size_multiple < 1 || prior.native_size < prior.size_multiple ||
      prior.native_size % prior.size_multiple != 0) {
    throw ModelError(file.string() + ": image_size must be a multiple of size_multiple");
  }
  try {
    torch::jit::Module module = torch::jit::load(file.string(), device);
    module.eval();
    for (const auto& parameter : module.parameters()) parameter.set_requires_grad(false);
    prior.windows = {.side = prior.native_size, .overlap = prior.native_size / 4, .multiple = prior.size_multiple};
    prior.denoiser = windowed(std::make_shared<ScriptDenoiser>(std::move(module), prior.schedule, prediction == "x0"),
                              prior.windows);
  } catch (const c10::Error& e) {
    throw ModelError(file.string() + ": its program cannot be loaded: " + e.what_without_backtrace());
  }
  return prior;
}

constexpr const char* kProgram = ": is a TorchScript module, which is a program that would run here; ";

class TorchScriptFamily : public PriorFamily {
 public:
  using PriorFamily::PriorFamily;

  bool recognise(const WeightFile& file) const override { return file.is_program(); }

  nlohmann::json describe(const WeightFile& file, const nlohmann::json& config, bool trust_code) const override {
    if (!trust_code)
      throw UntrustedProgram(file.name() + kProgram +
                             "only import it with --trust-code if you trust where it came from");
    const Prior prior = load_torchscript_prior(file.path(), config, file.path().stem().string(), at::kCPU);
    return {{"trusted_code", true},
            {"config", config},
            {"native_size", prior.native_size},
            {"size_multiple", prior.size_multiple},
            {"min_size", prior.min_size},
            {"max_size", prior.max_size}};
  }

  PublishedModel network(const WeightFile& file, const nlohmann::json&) const override {
    throw UntrustedProgram(file.name() + kProgram + "mgdm models import takes it with --trust-code");
  }

  Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const override {
    if (!card.all.value("trusted_code", false))
      throw UntrustedProgram(card.weights.string() + kProgram + "mgdm models import takes it with --trust-code");
    return load_torchscript_prior(card.weights, config_of(card), card.name, options.device);
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_torchscript() {
  return std::make_shared<TorchScriptFamily>(
      FamilyDescription{.name = "torchscript",
                        .rank = 10,
                        .label = "TorchScript",
                        .kind = "photos",
                        .uses = "All tasks for photos, with every sampler.",
                        .medium = Medium::Photo,
                        .not_convertible = "a TorchScript module is a program and cannot be converted"});
}

}  // namespace mgdm
