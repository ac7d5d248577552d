#include "core/priors/published_family.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "core/errors.h"
#include "core/priors/known_models.h"
#include "core/priors/noise_estimator.h"
#include "core/priors/photo_prior.h"
#include "core/priors/weight_file.h"
#include "core/priors/windows.h"

namespace mgdm {

using nlohmann::json;

namespace {

// Nichol & Dhariwal 2021, capped at 0.999.
at::Tensor cosine_betas(int64_t steps) {
  const auto bar = [](double u) { return std::pow(std::cos((u + 0.008) / 1.008 * M_PI / 2), 2); };
  std::vector<double> betas;
  for (int64_t t = 0; t < steps; ++t) {
    const double now = static_cast<double>(t) / static_cast<double>(steps),
                 next = static_cast<double>(t + 1) / static_cast<double>(steps);
    betas.push_back(std::min(1 - bar(next) / bar(now), 0.999));
  }
  return at::tensor(betas, at::kDouble);
}

at::Tensor cumulative(const at::Tensor& betas) { return at::cumprod(1 - betas, 0); }

int64_t parameters_of(const PublishedFamily::Weights& weights, const std::string& prefix, int64_t& tensors) {
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
std::vector<std::string> left_out_of(const PublishedFamily::Weights& weights, const std::vector<std::string>& used) {
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

}  // namespace

PublishedFamily::Parts PublishedFamily::parts(const WeightFile& file, const json& config) const {
  return {file.weights(), config};
}

PublishedModel PublishedFamily::network(const WeightFile& file, const json& config) const {
  const std::string& name = file.name();
  try {
    const Parts given = parts(file, config);
    const Weights& weights = given.weights;
    Untold untold(given.config, file.pickled(), name);
    PublishedModel model;
    model.family = this;
    model.parameters = parameters_of(weights, prefix(weights), model.tensors);
    model.known = known_model(about().name, model.tensors, model.parameters);
    untold.set_known(model.known);
    build(weights, untold, model);
    model.left_out = left_out_of(weights, used_prefixes());
    model.config = std::move(untold.used);
    return model;
  } catch (const CheckpointError& e) {  // of another file, an autoencoder's
    throw ModelError(e.what());
  } catch (const std::invalid_argument& e) {
    throw ModelError(name + ": " + e.what());
  } catch (const json::exception& e) {
    throw ModelError(name + ": its configuration is not as expected: " + e.what());
  } catch (const c10::Error& e) {
    throw ModelError(name + ": its weights do not fit together: " + e.what_without_backtrace());
  }
}

json PublishedFamily::describe(const WeightFile& file, const json& config, bool) const {
  const PublishedModel model = network(file, config);
  json card{{"config", model.config},
            {"parameters", model.parameters},
            {"schedule", nullptr},
            {"native_size", model.native_size},
            {"not_used", model.left_out}};
  if (model.alphas_cumprod.defined()) {
    const at::Tensor a = model.alphas_cumprod.contiguous();
    card["schedule"] = {{"steps", a.numel()},
                        {"alpha_bar_first", a[0].item<double>()},
                        {"alpha_bar_last", a[a.numel() - 1].item<double>()}};
  }
  const std::string& paper = model.known != nullptr ? model.known->paper_config : about().paper_config;
  if (!paper.empty()) card["paper_config"] = paper;
  if (model.known != nullptr)
    card.update({{"known_as", model.known->name},
                 {"label", model.known->label},
                 {"license", model.known->license},
                 {"source", model.known->source}});
  complete_card(model, file.path().stem().string(), card);
  return card;
}

void PublishedFamily::complete_card(const PublishedModel& model, const std::string& name, json& card) const {
  check_photo_prior(model, name);
  const PhotoSizes s = sizes(model);
  card.update(
      {{"native_size", s.native}, {"size_multiple", s.multiple}, {"min_size", s.smallest}, {"max_size", s.largest}});
}

void PublishedFamily::check_photo_prior(const PublishedModel& model, const std::string& name) const {
  if (model.channels != 3)
    throw ModelError("model '" + name + "' takes images with " + std::to_string(model.channels) +
                     " channels, not colour photos");
}

PhotoSizes PublishedFamily::sizes(const PublishedModel& model) const {
  PhotoSizes sizes;
  sizes.multiple = factor(model) * model.size_multiple();
  sizes.native = std::max(sizes.multiple, model.native_size / sizes.multiple * sizes.multiple);
  sizes.smallest = std::min(std::max<int64_t>(64, sizes.multiple) / sizes.multiple * sizes.multiple, sizes.native);
  sizes.largest = sizes.largest / sizes.multiple * sizes.multiple;
  return sizes;
}

Prior PublishedFamily::load_photo_prior(const PriorCard& card, const LoadOptions& options) const {
  const PublishedModel model = load_published(card.weights, config_of(card));
  model.set_recompute(options.recompute);
  return model.family->photo_prior(model, card.name, options.device,
                                   resolve_precision(options.precision, options.device));
}

Prior PublishedFamily::photo_prior(const PublishedModel& model, const std::string& name, at::Device device,
                                   at::ScalarType type) const {
  check_photo_prior(model, name);
  model.to(device, type, true);
  std::vector<double> table{1.0};
  const at::Tensor a = model.alphas_cumprod.contiguous();
  table.insert(table.end(), a.data_ptr<double>(), a.data_ptr<double>() + a.numel());
  Prior prior;
  prior.name = name;
  prior.schedule = NoiseSchedule(table);
  prior.device = device;
  prior.precision = type == at::kBFloat16 ? "bfloat16" : type == at::kHalf ? "float16" : "float32";
  const PhotoSizes s = sizes(model);
  prior.size_multiple = s.multiple;
  prior.native_size = s.native;
  prior.min_size = s.smallest;
  prior.max_size = s.largest;
  prior.traits = {.latent = about().latent,
                  .paper_config = model.known != nullptr ? model.known->paper_config : about().paper_config};
  const int64_t window = s.native / factor(model), multiple = s.multiple / factor(model);
  prior.windows = {.side = window, .overlap = window / 4, .multiple = multiple};
  prior.denoiser = windowed(make_noise_estimator(model, prior.schedule, 1), prior.windows);
  prior.reference_denoiser = windowed(make_noise_estimator(model, prior.schedule, 0), prior.windows);
  return prior;
}

at::Tensor PublishedFamily::scaled_linear_schedule(double start, double end, int64_t steps) {
  return cumulative(at::linspace(std::sqrt(start), std::sqrt(end), steps, at::kDouble).square());
}

at::Tensor PublishedFamily::trained_schedule(Untold& untold, const at::Tensor& in_file) {
  const auto given = [&](const char* key) { return untold.find(key) != nullptr && !untold.find(key)->is_null(); };
  if (given("linear_end")) {  // CompVis: linear in the square root
    const double start = untold.get("linear_start", 0.0015), end = untold.get("linear_end", 0.0195);
    return scaled_linear_schedule(start, end);
  }
  if (in_file.defined()) return in_file.to(at::kDouble).clone();
  const auto steps = untold.get<int64_t>("num_train_timesteps", 1000);
  if (steps < 10 || steps > 100000)
    throw std::invalid_argument("num_train_timesteps is " + std::to_string(steps) + ", must be from 10 to 100000");
  if (given("trained_betas")) {
    const auto betas = untold.get<std::vector<double>>("trained_betas", {});
    if (betas.size() < 10) throw std::invalid_argument("trained_betas is no list of numbers");
    return cumulative(at::tensor(betas, at::kDouble));
  }
  if (untold.get("rescale_betas_zero_snr", false))
    throw std::invalid_argument("rescale_betas_zero_snr (a last level without any signal) is not computed");
  const auto name = untold.get<std::string>("beta_schedule", untold.get<std::string>("noise_schedule", "linear"));
  const double start = untold.get("beta_start", 1e-4), end = untold.get("beta_end", 0.02);
  if (name == "linear") return cumulative(at::linspace(start, end, steps, at::kDouble));
  if (name == "scaled_linear") return scaled_linear_schedule(start, end, steps);
  if (name == "sigmoid") return cumulative(at::linspace(-6, 6, steps, at::kDouble).sigmoid() * (end - start) + start);
  if (name == "cosine" || name == "squaredcos_cap_v2") return cumulative(cosine_betas(steps));
  throw std::invalid_argument("the noise schedule '" + name +
                              "' is not known; known are linear, scaled_linear, "
                              "squaredcos_cap_v2 (cosine), sigmoid");
}

Prediction PublishedFamily::trained_prediction(Untold& untold) {
  const auto name = untold.get<std::string>("prediction_type", "epsilon");
  if (name == "epsilon") return Prediction::Noise;
  if (name == "v_prediction") return Prediction::Velocity;
  if (name == "sample") return Prediction::Sample;
  throw std::invalid_argument("prediction_type '" + name + "' is not known; known are epsilon, v_prediction, sample");
}

int64_t PublishedFamily::trained_size(Untold& untold, const char* key, int64_t guess, int64_t factor) {
  if (untold.known() != nullptr) return untold.known()->native_size;
  return factor * untold.get<int64_t>(key, guess / factor);
}

}  // namespace mgdm
