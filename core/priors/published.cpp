#include "core/priors/published.h"

#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>

#include "core/checkpoints/torch_file.h"

namespace mgdm {

namespace {

using nlohmann::json;
using Weights = std::map<std::string, at::Tensor>;

at::Tensor cumulative(const at::Tensor& betas) { return at::cumprod(1 - betas, 0); }

/// The first object under any name in the configuration that has one of the keys; they lie at different depths.
const json* object_with(const json& config, std::initializer_list<const char*> keys, int depth = 0) {
  if (!config.is_object() || depth > 8) return nullptr;
  for (const char* key : keys) {
    if (config.contains(key)) return &config;
  }
  for (const auto& [name, value] : config.items()) {
    if (const json* found = object_with(value, keys, depth + 1)) return found;
  }
  return nullptr;
}

/// A number that the pickle holds under one of the names, wherever it is first met; hyper-parameters of a checkpoint, or
/// attributes of a module.
std::optional<double> number_in(const PickleValue& root, std::initializer_list<const char*> keys) {
  std::deque<const PickleValue*> open{&root};
  std::set<const PickleValue*> seen;
  while (!open.empty()) {
    const PickleValue& value = *open.front();
    open.pop_front();
    if (!seen.insert(&value).second) continue;
    for (const char* key : keys) {
      if (const PickleValue* found = value.find(key)) {
        if (found->is(PickleValue::Kind::Int) || found->is(PickleValue::Kind::Bool)) return static_cast<double>(found->integer);
        if (found->is(PickleValue::Kind::Float)) return found->real;
      }
    }
    open.insert(open.end(), value.items.begin(), value.items.end());
    for (const auto& [key, entry] : value.entries) open.push_back(entry);
    for (const PickleValue* next : {value.arguments, value.state}) {
      if (next != nullptr) open.push_back(next);
    }
  }
  return std::nullopt;
}

template <typename T>
T setting(const json& config, const char* key, T otherwise) {
  const json* holder = object_with(config, {key});
  if (holder == nullptr || holder->at(key).is_null()) return otherwise;
  return holder->at(key).get<T>();
}

AdmOptions adm_options(const json& config, int64_t known_head_channels) {
  AdmOptions options;
  // A configuration that says nothing of heads leaves those of the published files.
  const bool says = object_with(config, {"num_head_channels", "num_heads"}) != nullptr;
  options.head_channels = setting<int64_t>(config, "num_head_channels", says ? -1 : known_head_channels);
  options.heads = setting<int64_t>(config, "num_heads", 1);
  options.new_attention_order = setting(config, "use_new_attention_order", false);
  return options;
}

/// x_0 from a network that estimates the noise.
class NoiseEstimator : public Denoiser {
 public:
  NoiseEstimator(PublishedModel model, NoiseSchedule schedule) : model_(std::move(model)), schedule_(std::move(schedule)) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> noise, inverse;
    std::vector<float> t;
    bool clean = true;
    for (const int level : levels) {
      const double a = schedule_.alpha_bar(level);
      noise.push_back(std::sqrt(1 - a));
      inverse.push_back(1 / std::sqrt(a));
      t.push_back(static_cast<float>(std::max(0, level - 1)));
      clean = clean && level == 0;
    }
    if (clean) return x_t;
    return (x_t - per_sample(noise, x_t) * estimate(x_t, t)) * per_sample(inverse, x_t);
  }

  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    if (sigma <= 0) return x;
    // The t at which log sigma lies on the line between two levels.
    int level = schedule_.nearest_level(sigma);
    if (schedule_.sigma(level) > sigma && level > 1) --level;
    double t = level - 1;
    if (level < schedule_.steps()) {
      const double low = std::log(schedule_.sigma(level)), high = std::log(schedule_.sigma(level + 1));
      if (high > low) t += std::clamp((std::log(sigma) - low) / (high - low), 0.0, 1.0);
    }
    const double root = std::sqrt(1 + sigma * sigma);
    return x - sigma * estimate(x / root, {static_cast<float>(t)});
  }

 private:
  at::Tensor estimate(const at::Tensor& x, const std::vector<float>& t) const {
    return model_.forward(x, at::tensor(t, at::TensorOptions().dtype(at::kFloat)).to(x.device())).slice(1, 0, model_.channels);
  }
  PublishedModel model_;
  NoiseSchedule schedule_;
};

}  // namespace

Prior make_published_prior(const PublishedModel& model, const std::string& name, at::Device device, at::ScalarType type) {
  if (model.family == "ldm" || model.family == "first_stage") throw ModelError("model '" + name + "' works on the latents of an autoencoder; so far only mgdm evaluate can use it");
  if (!model.denoises()) throw ModelError("model '" + name + "' is for music, not for photos");
  if (model.channels != 3) throw ModelError("model '" + name + "' takes images with " + std::to_string(model.channels) + " channels, not colour photos");
  if (model.adm) model.adm->to(device, type, false);
  if (model.diffusers && !device.is_cpu()) throw ModelError("model '" + name + "' runs on the CPU only");
  std::vector<double> table{1.0};
  const at::Tensor a = model.alphas_cumprod.contiguous();
  table.insert(table.end(), a.data_ptr<double>(), a.data_ptr<double>() + a.numel());
  Prior prior;
  prior.name = name;
  prior.schedule = NoiseSchedule(table);
  prior.denoiser = std::make_shared<NoiseEstimator>(model, prior.schedule);
  prior.device = device;
  prior.precision = model.adm && type == at::kBFloat16 ? "bfloat16" : "float32";
  prior.size_multiple = std::max<int64_t>(8, model.adm ? model.adm->size_multiple() : model.diffusers->size_multiple());
  prior.min_size = 64;
  prior.max_size = 512;
  return prior;
}

at::Tensor PublishedModel::forward(const at::Tensor& x, const at::Tensor& t) const { return adm ? adm->forward(x, t) : diffusers->forward(x, t); }

PublishedModel load_published(const std::filesystem::path& file, const json& config) {
  try {
    const std::shared_ptr<const Pickle> pickled = is_torch_file(file) ? read_torch_file(file).pickle : nullptr;
    Weights weights = pickled ? state_dict_of(*pickled->root, file.string()) : read_weights(file);
    std::string audio;  // prefix of an audio network's weights; they are in the file twice
    for (const auto& [name, tensor] : weights) {
      constexpr std::string_view kTime = "to_time.0.0.weights";
      if (name.size() >= kTime.size() && name.compare(name.size() - kTime.size(), std::string::npos, kTime) == 0) audio = '>' + name.substr(0, name.size() - kTime.size());
    }
    const auto has = [&](const std::string& name) { return weights.count(name) != 0; };
    PublishedModel model;
    if (has("model.diffusion_model.time_embed.0.weight")) {
      model.family = "ldm";
      model.adm = std::make_shared<AdmUnet>(weights, "model.diffusion_model.", adm_options(config, 32));
      double scale = setting(config, "scale_factor", 1.0);
      if (has("scale_factor")) scale = weights.at("scale_factor").item<double>();
      if (has("first_stage_model.decoder.conv_in.weight")) model.first_stage = std::make_shared<const FirstStage>(weights, "first_stage_model.", scale);
      const double start = setting(config, "linear_start", 0.0015), end = setting(config, "linear_end", 0.0195);
      model.alphas_cumprod = cumulative(at::linspace(std::sqrt(start), std::sqrt(end), 1000, at::kDouble).square());
    } else if (has("time_embed.0.weight") && has("input_blocks.0.0.weight")) {
      model.family = "adm";
      model.adm = std::make_shared<AdmUnet>(weights, "", adm_options(config, 64));
      model.alphas_cumprod = cumulative(at::linspace(1e-4, 0.02, 1000, at::kDouble));
    } else if (has("time_embedding.linear_1.weight") && has("conv_in.weight")) {
      model.family = "diffusers";
      DiffusersOptions options;
      options.groups = setting<int64_t>(config, "norm_num_groups", options.groups);
      options.epsilon = setting(config, "norm_eps", options.epsilon);
      options.head_channels = setting<int64_t>(config, "attention_head_dim", -1);
      options.downsample_padding = setting<int64_t>(config, "downsample_padding", options.downsample_padding);
      options.frequency_shift = setting(config, "freq_shift", options.frequency_shift);
      options.cosine_first = setting(config, "flip_sin_to_cos", options.cosine_first);
      model.diffusers = std::make_shared<const DiffusersUnet>(weights, options);
      model.alphas_cumprod = cumulative(at::linspace(1e-4, 0.02, 1000, at::kDouble));
    } else if (!audio.empty()) {
      model.family = "msdm";
      AudioOptions options;
      const auto take = [&](const char* key, std::initializer_list<const char*> also, double otherwise) {
        const auto held = pickled ? number_in(*pickled->root, also) : std::nullopt;
        return setting(config, key, held.value_or(otherwise));
      };
      options.groups = static_cast<int64_t>(take("resnet_groups", {"resnet_groups"}, static_cast<double>(options.groups)));
      options.heads = static_cast<int64_t>(take("attention_heads", {"attention_heads", "num_heads"}, static_cast<double>(options.heads)));
      options.sigma_data = take("diffusion_sigma_data", {"diffusion_sigma_data", "sigma_data"}, options.sigma_data);
      options.skip_scale = setting(config, "use_skip_scale", true);
      model.audio = std::make_shared<const AudioUnet>(weights, audio.substr(1), options);
      model.channels = model.audio->sources();
    } else if (has("decoder.conv_in.weight") && has("post_quant_conv.weight")) {
      model.family = "first_stage";
      model.first_stage = std::make_shared<const FirstStage>(weights, "", setting(config, "scale_factor", 1.0));
    } else {
      throw std::invalid_argument("its " + std::to_string(weights.size()) + " weights are of no network that is known (guided-diffusion, CompVis latent diffusion, diffusers UNet2DModel, MSDM)");
    }
    if (model.adm) model.channels = model.adm->in_channels();
    if (model.diffusers) model.channels = model.diffusers->in_channels();
    return model;
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  } catch (const std::invalid_argument& e) {
    throw ModelError(file.string() + ": " + e.what());
  } catch (const json::exception& e) {
    throw ModelError(file.string() + ": its configuration is not as expected: " + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(file.string() + ": its weights do not fit together: " + e.what_without_backtrace());
  }
}

std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model, const std::map<std::string, at::Tensor>& input) {
  const auto find = [&](const char* name) { return input.count(name) != 0 ? input.at(name) : at::Tensor(); };
  std::map<std::string, at::Tensor> result;
  const auto differentiate = [&](const at::Tensor& given, const std::function<at::Tensor(const at::Tensor&)>& map) {
    const at::Tensor w = find("w");
    if (!w.defined()) {
      at::NoGradGuard no_grad;
      return map(given.to(at::kFloat));
    }
    at::AutoGradMode with_grad(true);
    const at::Tensor leaf = given.to(at::kFloat).detach().clone().requires_grad_(true), out = map(leaf);
    if (w.sizes() != out.sizes()) throw ModelError("the input's w is " + c10::str(w.sizes()) + ", the output " + c10::str(out.sizes()));
    result["grad"] = torch::autograd::grad({out}, {leaf}, {w.to(at::kFloat)})[0].detach();
    return out.detach();
  };
  try {
    if (const at::Tensor x = find("x"), sigma = find("sigma"); x.defined() && sigma.defined()) {
      if (!model.audio) throw ModelError("this model takes t, not sigma");
      if (sigma.numel() != 1 && sigma.numel() != x.size(0)) throw ModelError("sigma must be one number or one for each sample");
      at::Tensor raw;
      result["x0"] = differentiate(x, [&](const at::Tensor& v) { return model.audio->denoise(v, sigma, &raw); });
      result["out"] = raw.detach();
      const at::Tensor s = sigma.to(at::kDouble).reshape({-1, 1, 1});
      result["eps"] = ((x.to(at::kDouble) - result["x0"].to(at::kDouble)) / s).to(at::kFloat);
    } else if (const at::Tensor t = find("t"); x.defined() && t.defined()) {
      if (!model.denoises()) throw ModelError(model.audio ? "this model is of sound; it takes x and sigma" : "this model is an autoencoder alone; it takes z or image");
      const at::Tensor levels = t.reshape({-1}).to(at::kLong);
      if (levels.numel() != 1 && levels.numel() != x.size(0)) throw ModelError("t must be one number or one for each sample");
      if (levels.min().item<int64_t>() < 0 || levels.max().item<int64_t>() > 999) throw ModelError("t must lie between 0 and 999");
      result["out"] = differentiate(x, [&](const at::Tensor& v) { return model.forward(v, levels); });
      result["eps"] = result["out"].slice(1, 0, model.channels).contiguous();
      const at::Tensor a = model.alphas_cumprod.index_select(0, levels).reshape({-1, 1, 1, 1});
      result["x0"] = ((x.to(at::kDouble) - (1 - a).sqrt() * result["eps"].to(at::kDouble)) / a.sqrt()).to(at::kFloat);
    } else if (const at::Tensor z = find("z"); z.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to decode with");
      result["decoded"] = differentiate(z, [&](const at::Tensor& v) { return model.first_stage->decode(v); });
    } else if (const at::Tensor image = find("image"); image.defined()) {
      if (!model.first_stage) throw ModelError("this model has no autoencoder to encode with");
      result["encoded"] = differentiate(image, [&](const at::Tensor& v) { return model.first_stage->encode(v); });
    } else {
      throw ModelError("the input holds none of {x, t}, {x, sigma}, {z}, {image}");
    }
  } catch (const std::invalid_argument& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(std::string("the input does not fit the model: ") + e.what_without_backtrace());
  }
  return result;
}

}  // namespace mgdm
