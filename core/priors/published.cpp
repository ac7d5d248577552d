#include "core/priors/published.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <set>

#include "core/checkpoints/torch_file.h"
#include "core/priors/torchscript_prior.h"
#include "core/priors/windows.h"

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

/// A number that the pickle holds under one of the names, wherever it is first met; hyper-parameters of a checkpoint,
/// or attributes of a module.
std::optional<double> number_in(const PickleValue& root, std::initializer_list<const char*> keys) {
  std::deque<const PickleValue*> open{&root};
  std::set<const PickleValue*> seen;
  while (!open.empty()) {
    const PickleValue& value = *open.front();
    open.pop_front();
    if (!seen.insert(&value).second) continue;
    for (const char* key : keys) {
      if (const PickleValue* found = value.find(key)) {
        if (found->is(PickleValue::Kind::Int) || found->is(PickleValue::Kind::Bool))
          return static_cast<double>(found->integer);
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

/// What the weights do not tell: from the person's configuration, else from the file itself, else from the published
/// model of the same signature. What was looked up is collected in `used`.
class Untold {
 public:
  Untold(const json& config, const Pickle* pickled, std::string name)
      : config_(config), pickled_(pickled), name_(std::move(name)) {}
  void set_known(const KnownModel* known) { known_ = known; }

  /// Null counts as said: diffusers writes null for one head.
  const json* find(const char* key) const {
    if (const json* holder = object_with(config_, {key})) return &holder->at(key);
    if (known_ != nullptr && known_->config.contains(key)) return &known_->config.at(key);
    return nullptr;
  }
  template <typename T>
  T get(const char* key, T otherwise) {
    const json* found = find(key);
    const T value = found == nullptr || found->is_null() ? otherwise : found->get<T>();
    used[key] = value;
    return value;
  }
  /// The same, also looked for in the pickle under `also`.
  double number(const char* key, std::initializer_list<const char*> also, double otherwise) {
    const auto held =
        pickled_ != nullptr && object_with(config_, {key}) == nullptr ? number_in(*pickled_->root, also) : std::nullopt;
    if (!held) return get(key, otherwise);
    used[key] = *held;
    return *held;
  }
  bool held(std::initializer_list<const char*> keys) const {
    return pickled_ != nullptr && number_in(*pickled_->root, keys).has_value();
  }
  [[noreturn]] void ask(const std::string& key, const std::string& question) const {
    throw MissingSetting(
        name_ + ": its weights do not tell " + question + "; say so with --set " + key + "=... or --config", key,
        question);
  }

  json used = json::object();

 private:
  const json& config_;
  const Pickle* pickled_;
  std::string name_;
  const KnownModel* known_ = nullptr;
};

AdmOptions adm_options(Untold& untold, const char* published) {
  if (untold.find("num_head_channels") == nullptr && untold.find("num_heads") == nullptr) {
    untold.ask("num_head_channels", std::string("how many channels an attention head has (") + published + ")");
  }
  AdmOptions options;
  options.head_channels = untold.get<int64_t>("num_head_channels", -1);
  options.heads = untold.get<int64_t>("num_heads", 1);
  options.new_attention_order = untold.get("use_new_attention_order", false);
  return options;
}

int64_t parameters_of(const Weights& weights, const std::string& prefix, int64_t& tensors) {
  int64_t count = 0;
  tensors = 0;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind(prefix, 0) != 0 || name.rfind("loss.", prefix.size()) == prefix.size()) continue;
    count += tensor.numel();
    ++tensors;
  }
  return count;
}

/// The weights outside the given prefixes, counted by the first part of their names.
std::vector<std::string> left_out_of(const Weights& weights, const std::vector<std::string>& used) {
  std::map<std::string, int64_t> counts;
  for (const auto& [name, tensor] : weights) {
    if (std::any_of(used.begin(), used.end(),
                    [&, &n = name](const std::string& prefix) { return n.rfind(prefix, 0) == 0; }))
      continue;
    const auto dot = name.find('.');
    ++counts[dot == std::string::npos ? "single values and tables" : name.substr(0, dot)];
  }
  std::vector<std::string> sentences;
  for (const auto& [part, count] : counts) {
    const char* why = part == "model_ema" ? ", the averaged copy, which the paper's code does not use either"
                      : part == "loss"    ? ", which only training needs"
                                          : "";
    sentences.push_back(std::to_string(count) + " of " + part + why);
  }
  return sentences;
}

at::Tensor schedule_of(Untold& untold, const at::Tensor& in_file) {
  const auto given = [&](const char* key) { return untold.find(key) != nullptr && !untold.find(key)->is_null(); };
  if (given("linear_end")) {  // CompVis: linear in the square root
    const double start = untold.get("linear_start", 0.0015), end = untold.get("linear_end", 0.0195);
    return cumulative(at::linspace(std::sqrt(start), std::sqrt(end), 1000, at::kDouble).square());
  }
  if (in_file.defined()) return in_file.to(at::kDouble).clone();
  if (untold.get<std::string>("noise_schedule", "linear") == "cosine") {
    const std::vector<double> table = NoiseSchedule::cosine().table();
    return at::tensor(std::vector<double>(table.begin() + 1, table.end()), at::kDouble);
  }
  return cumulative(at::linspace(untold.get("beta_start", 1e-4), untold.get("beta_end", 0.02), 1000, at::kDouble));
}

/// x_0 from a network that estimates the noise.
class NoiseEstimator : public Denoiser {
 public:
  /// `shift`: 1: a level's integer is that of its own t; 0: the paper's code's, one higher.
  NoiseEstimator(PublishedModel model, NoiseSchedule schedule, int shift)
      : model_(std::move(model)), schedule_(std::move(schedule)), shift_(shift) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> noise, inverse;
    std::vector<float> t;
    bool clean = true;
    for (const int level : levels) {
      const double a = schedule_.alpha_bar(level);
      noise.push_back(std::sqrt(1 - a));
      inverse.push_back(1 / std::sqrt(a));
      t.push_back(static_cast<float>(std::clamp(level - shift_, 0, schedule_.steps() - 1)));
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
    double t = std::min(level - shift_, schedule_.steps() - 1);
    if (level < schedule_.steps()) {
      const double low = std::log(schedule_.sigma(level)), high = std::log(schedule_.sigma(level + 1));
      if (high > low) t += std::clamp((std::log(sigma) - low) / (high - low), 0.0, 1.0);
    }
    const double root = std::sqrt(1 + sigma * sigma);
    return x - sigma * estimate(x / root, {static_cast<float>(t)});
  }

 private:
  at::Tensor estimate(const at::Tensor& x, const std::vector<float>& t) const {
    return model_.forward(x, at::tensor(t, at::TensorOptions().dtype(at::kFloat)).to(x.device()))
        .slice(1, 0, model_.channels);
  }
  PublishedModel model_;
  NoiseSchedule schedule_;
  int shift_;
};

/// An autoencoder as codec; pictures whose latent is larger than `window` are decoded and encoded in windows.
class FirstStageCodec : public Codec {
 public:
  FirstStageCodec(std::shared_ptr<const FirstStage> stage, int64_t window)
      : stage_(std::move(stage)), window_(window) {}
  at::Tensor decode(const at::Tensor& z) const override {
    return through_windows(z, window_, window_ / 4, 1, stage_->factor(),
                           [&](const at::Tensor& part) { return stage_->decode(part); });
  }
  at::Tensor encode(const at::Tensor& x) const override { return stage_->encode(x); }
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override {
    return {stage_->latent_channels(), signal[1] / stage_->factor(), signal[2] / stage_->factor()};
  }

 private:
  std::shared_ptr<const FirstStage> stage_;
  int64_t window_;
};

}  // namespace

PriorTraits traits_of(const PublishedModel& model) {
  const bool latent = model.family == "ldm";
  return {.latent = latent,
          .paper_config = model.known != nullptr ? model.known->paper_config
                          : model.audio          ? "sound"
                          : latent               ? "ffhq_ldm"
                                                 : ""};
}

PhotoSizes photo_sizes(const PublishedModel& model) {
  const int64_t factor = model.family == "ldm" ? model.first_stage->factor() : 1;
  PhotoSizes sizes;
  sizes.multiple = factor * (model.adm ? model.adm->size_multiple() : model.diffusers->size_multiple());
  sizes.native = std::max(sizes.multiple, model.native_size / sizes.multiple * sizes.multiple);
  sizes.smallest = std::min(std::max<int64_t>(64, sizes.multiple) / sizes.multiple * sizes.multiple, sizes.native);
  sizes.largest = 2048 / sizes.multiple * sizes.multiple;
  return sizes;
}

void check_photo_prior(const PublishedModel& model, const std::string& name) {
  if (model.audio) throw ModelError("model '" + name + "' is for music, not for photos");
  if (!model.denoises())
    throw ModelError(
        "model '" + name +
        "' is an autoencoder alone; it belongs to a latent diffusion model and cannot restore anything by itself");
  const bool latent = model.family == "ldm";
  if (latent && !model.first_stage)
    throw ModelError("model '" + name +
                     "' works on latents and its file has no autoencoder; name one with --set first_stage=FILE");
  if (!latent && model.channels != 3)
    throw ModelError("model '" + name + "' takes images with " + std::to_string(model.channels) +
                     " channels, not colour photos");
  if (latent && model.first_stage->latent_channels() != model.channels) {
    throw ModelError("model '" + name + "' denoises latents with " + std::to_string(model.channels) +
                     " channels, but its autoencoder's have " + std::to_string(model.first_stage->latent_channels()));
  }
}

Prior make_published_prior(const PublishedModel& model, const std::string& name, at::Device device,
                           at::ScalarType type) {
  check_photo_prior(model, name);
  const bool latent = model.family == "ldm";
  model.to(device, type, true);
  std::vector<double> table{1.0};
  const at::Tensor a = model.alphas_cumprod.contiguous();
  table.insert(table.end(), a.data_ptr<double>(), a.data_ptr<double>() + a.numel());
  Prior prior;
  prior.name = name;
  prior.schedule = NoiseSchedule(table);
  prior.device = device;
  prior.precision = type == at::kBFloat16 ? "bfloat16" : type == at::kHalf ? "float16" : "float32";
  const PhotoSizes sizes = photo_sizes(model);
  prior.size_multiple = sizes.multiple;
  prior.native_size = sizes.native;
  prior.min_size = sizes.smallest;
  prior.max_size = sizes.largest;
  const int64_t factor = latent ? model.first_stage->factor() : 1, multiple = sizes.multiple / factor;
  prior.traits = traits_of(model);
  const int64_t window = prior.native_size / factor, overlap = window / 4;
  prior.denoiser = windowed(std::make_shared<NoiseEstimator>(model, prior.schedule, 1), window, overlap, multiple);
  prior.reference_denoiser =
      windowed(std::make_shared<NoiseEstimator>(model, prior.schedule, 0), window, overlap, multiple);
  if (latent) prior.codec = std::make_shared<FirstStageCodec>(model.first_stage, window);
  return prior;
}

at::Tensor PublishedModel::forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels) const {
  if (diffusers) return diffusers->forward(x, t);
  at::Tensor y = labels;
  if (!y.defined() && adm->config().classes > 0 && config.contains("class"))
    y = at::tensor({config.at("class").get<int64_t>()}, at::kLong);
  return adm->forward(x, t, y);
}

void PublishedModel::to(at::Device device, at::ScalarType type, bool fast) const {
  if (adm) adm->to(device, type, fast);
  if (diffusers) diffusers->to(device, type, fast);
  if (audio) audio->to(device, type, fast);
  if (first_stage) first_stage->to(device, type, fast);
}

void PublishedModel::set_recompute(bool recompute) const {
  if (adm) adm->set_recompute(recompute);
  if (diffusers) diffusers->set_recompute(recompute);
  if (audio) audio->set_recompute(recompute);
  if (first_stage) first_stage->set_recompute(recompute);
}

namespace {

/// The prefix of an audio network's weights (MSDM's are in the file twice); nullopt: there is none.
std::optional<std::string> audio_prefix(const Weights& weights) {
  constexpr std::string_view kTime = "to_time.0.0.weights";
  std::optional<std::string> prefix;
  for (const auto& [key, tensor] : weights) {
    if (key.size() >= kTime.size() && key.compare(key.size() - kTime.size(), std::string::npos, kTime) == 0)
      prefix = key.substr(0, key.size() - kTime.size());
  }
  return prefix;
}

PublishedModel recognise(const Weights& weights, const json& config, const Pickle* pickled, const std::string& name) {
  const std::string family = published_family(weights);
  const auto has = [&](const std::string& key) { return weights.count(key) != 0; };
  PublishedModel model;
  Untold untold(config, pickled, name);
  const auto known_as = [&](const std::string& prefix) {
    model.family = family;
    model.parameters = parameters_of(weights, prefix, model.tensors);
    model.known = known_model(family, model.tensors, model.parameters);
    untold.set_known(model.known);
  };
  const auto largest = [](int64_t levels) {
    return int64_t{8} << (levels - 1);
  };  // the coarsest level is 8 pixels wide in published networks
  int64_t guess = 0;
  std::vector<std::string> used{""};
  if (family == "ldm") {
    const std::string prefix = "model.diffusion_model.", stage = "first_stage_model.";
    known_as(prefix);
    model.adm = std::make_shared<AdmUnet>(
        weights, prefix, adm_options(untold, "32 in CompVis' faces; -1 with num_heads for a number of heads"));
    model.channels = model.adm->in_channels();
    double scale = untold.get("scale_factor", 1.0);
    if (has("scale_factor")) scale = weights.at("scale_factor").item<double>();
    untold.used["scale_factor"] = scale;
    if (const json* other = untold.find("first_stage"); other != nullptr && other->is_string()) {
      const auto file = std::filesystem::path(other->get<std::string>());
      model.first_stage = std::make_shared<FirstStage>(read_weights(file), "", scale);
      untold.used["first_stage"] = file.string();
    } else if (has(stage + "decoder.conv_in.weight")) {
      model.first_stage = std::make_shared<FirstStage>(weights, stage, scale);
    }
    model.alphas_cumprod = schedule_of(untold, has("alphas_cumprod") ? weights.at("alphas_cumprod") : at::Tensor());
    guess = largest(static_cast<int64_t>(model.adm->config().channels.size())) *
            (model.first_stage ? model.first_stage->factor() : 1);
    used = {prefix, stage};
  } else if (family == "adm") {
    known_as("");
    model.adm = std::make_shared<AdmUnet>(
        weights, "",
        adm_options(untold, "64 in the published networks of this family; -1 with num_heads for a number of heads"));
    model.channels = model.adm->in_channels();
    if (model.adm->config().classes > 0 && untold.find("class") != nullptr) untold.get<int64_t>("class", 0);
    model.alphas_cumprod = schedule_of(untold, {});
    guess = largest(static_cast<int64_t>(model.adm->config().channels.size()));
  } else if (family == "diffusers") {
    known_as("");
    if (model.known == nullptr &&
        object_with(config, {"attention_head_dim", "norm_num_groups", "block_out_channels"}) == nullptr) {
      untold.ask("attention_head_dim",
                 "what stands in its config.json (attention_head_dim, norm_num_groups, norm_eps, downsample_padding, "
                 "freq_shift, flip_sin_to_cos)");
    }
    DiffusersOptions options;  // what config.json leaves out has the library's own defaults
    options.groups = untold.get<int64_t>("norm_num_groups", 32);
    options.epsilon = untold.get("norm_eps", 1e-5);
    options.head_channels =
        untold.find("attention_head_dim") == nullptr ? 8 : untold.get<int64_t>("attention_head_dim", -1);
    options.downsample_padding = untold.get<int64_t>("downsample_padding", 1);
    options.frequency_shift = untold.get("freq_shift", 0.0);
    options.cosine_first = untold.get("flip_sin_to_cos", true);
    untold.used["attention_head_dim"] = options.head_channels > 0 ? json(options.head_channels) : json();
    model.diffusers = std::make_shared<DiffusersUnet>(weights, options);
    model.channels = model.diffusers->in_channels();
    model.alphas_cumprod = schedule_of(untold, {});
    guess = largest(static_cast<int64_t>(model.diffusers->config().channels.size()));
  } else if (family == "msdm") {
    const std::string audio = audio_prefix(weights).value();
    known_as(audio);
    for (const auto& [key, also, question] :
         {std::tuple{"attention_heads", "num_heads", "how many heads its attention has (8 in MSDM)"},
          std::tuple{"resnet_groups", "num_groups", "how many groups its norms have (8 in MSDM)"}}) {
      if (untold.find(key) == nullptr && !untold.held({key, also})) untold.ask(key, question);
    }
    AudioOptions options;
    options.groups =
        static_cast<int64_t>(untold.number("resnet_groups", {"resnet_groups"}, static_cast<double>(options.groups)));
    options.heads = static_cast<int64_t>(
        untold.number("attention_heads", {"attention_heads", "num_heads"}, static_cast<double>(options.heads)));
    options.sigma_data =
        untold.number("diffusion_sigma_data", {"diffusion_sigma_data", "sigma_data"}, options.sigma_data);
    options.skip_scale = untold.get("use_skip_scale", true);
    model.audio = std::make_shared<AudioUnet>(weights, audio, options);
    model.channels = model.audio->sources();
    guess = 262144;
  } else if (family == "first_stage") {
    known_as("");
    model.first_stage = std::make_shared<FirstStage>(weights, "", untold.get("scale_factor", 1.0));
    used = {"encoder.", "decoder.", "quantize.", "quant_conv.", "post_quant_conv."};
  } else {
    throw std::invalid_argument("its " + std::to_string(weights.size()) +
                                " weights are of no network that is known (guided-diffusion, CompVis latent diffusion, "
                                "diffusers UNet2DModel, MSDM)");
  }
  if (model.known != nullptr) {
    model.native_size = model.known->native_size;
  } else if (guess > 0) {
    const char* key = model.diffusers ? "sample_size" : model.audio ? "length" : "image_size";
    const int64_t factor = model.family == "ldm" && model.first_stage ? model.first_stage->factor() : 1;
    model.native_size = factor * untold.get<int64_t>(key, guess / factor);
  }
  model.left_out = left_out_of(weights, used);
  model.config = std::move(untold.used);
  return model;
}

PublishedModel recognised(const Weights& weights, const json& config, const Pickle* pickled, const std::string& name) {
  try {
    return recognise(weights, config, pickled, name);
  } catch (const std::invalid_argument& e) {
    throw ModelError(name + ": " + e.what());
  } catch (const json::exception& e) {
    throw ModelError(name + ": its configuration is not as expected: " + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(name + ": its weights do not fit together: " + e.what_without_backtrace());
  }
}

}  // namespace

std::string published_family(const Weights& weights) {
  const auto has = [&](const char* key) { return weights.count(key) != 0; };
  if (has("model.diffusion_model.time_embed.0.weight")) return "ldm";
  if (has("time_embed.0.weight") && has("input_blocks.0.0.weight")) return "adm";
  if (has("time_embedding.linear_1.weight") && has("conv_in.weight")) return "diffusers";
  if (audio_prefix(weights)) return "msdm";
  if (has("decoder.conv_in.weight") && has("post_quant_conv.weight")) return "first_stage";
  return {};
}

PublishedModel published_from(const Weights& weights, const json& config, const std::string& name) {
  return recognised(weights, config, nullptr, name);
}

PublishedModel load_published(const std::filesystem::path& file, const json& config) {
  if (is_torchscript(file))
    throw ModelError(file.string() +
                     ": is a TorchScript module, which is a program that would run here; mgdm models import takes it "
                     "with --trust-code");
  try {
    const std::shared_ptr<const Pickle> pickled = is_torch_file(file) ? read_torch_file(file).pickle : nullptr;
    return recognised(pickled ? state_dict_of(*pickled->root, file.string()) : read_weights(file), config,
                      pickled.get(), file.string());
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  }
}

std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model,
                                                     const std::map<std::string, at::Tensor>& input) {
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
    if (w.sizes() != out.sizes())
      throw ModelError("the input's w is " + c10::str(w.sizes()) + ", the output " + c10::str(out.sizes()));
    result["grad"] = torch::autograd::grad({out}, {leaf}, {w.to(at::kFloat)})[0].detach();
    return out.detach();
  };
  try {
    if (const at::Tensor x = find("x"), sigma = find("sigma"); x.defined() && sigma.defined()) {
      if (!model.audio) throw ModelError("this model takes t, not sigma");
      if (sigma.numel() != 1 && sigma.numel() != x.size(0))
        throw ModelError("sigma must be one number or one for each sample");
      at::Tensor raw;
      result["x0"] = differentiate(x, [&](const at::Tensor& v) { return model.audio->denoise(v, sigma, &raw); });
      result["out"] = raw.detach();
      const at::Tensor s = sigma.to(at::kDouble).reshape({-1, 1, 1});
      result["eps"] = ((x.to(at::kDouble) - result["x0"].to(at::kDouble)) / s).to(at::kFloat);
    } else if (const at::Tensor t = find("t"); x.defined() && t.defined()) {
      if (!model.denoises())
        throw ModelError(model.audio ? "this model is of sound; it takes x and sigma"
                                     : "this model is an autoencoder alone; it takes z or image");
      const at::Tensor levels = t.reshape({-1}).to(at::kLong);
      if (levels.numel() != 1 && levels.numel() != x.size(0))
        throw ModelError("t must be one number or one for each sample");
      if (levels.min().item<int64_t>() < 0 || levels.max().item<int64_t>() > 999)
        throw ModelError("t must lie between 0 and 999");
      const at::Tensor y = find("y");
      result["out"] = differentiate(x, [&](const at::Tensor& v) { return model.forward(v, levels, y); });
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
