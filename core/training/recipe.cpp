#include "core/training/recipe.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace mgdm {

using nlohmann::json;

namespace {

[[noreturn]] void reject(const std::string& what) { throw std::invalid_argument("training recipe: " + what); }

template <typename Recipe, typename Visitor>
void visit_settings(Recipe& r, const Visitor& visit) {
  visit("trains", r.trains);
  visit("network", r.network);
  visit("autoencoder", r.autoencoder);
  visit("kl_weight", r.kl_weight);
  visit("data", r.data);
  visit("crop", r.crop);
  visit("small_crop", r.small_crop);
  visit("small_share", r.small_share);
  visit("pyramid_factor", r.pyramid_factor);
  visit("augmented", r.augmented);
  visit("shares", r.shares);
  visit("frames", r.frames);
  visit("codec", r.codec);
  visit("muted", r.muted);
  visit("shuffled", r.shuffled);
  visit("hours", r.hours);
  visit("log_sigma_mean", r.log_sigma_mean);
  visit("log_sigma_std", r.log_sigma_std);
  visit("sigma_min", r.sigma_min);
  visit("sigma_max", r.sigma_max);
  visit("optimizer", r.optimizer);
  visit("learning_rate", r.learning_rate);
  visit("beta1", r.beta1);
  visit("beta2", r.beta2);
  visit("weight_decay", r.weight_decay);
  visit("warmup_steps", r.warmup_steps);
  visit("gradient_clip", r.gradient_clip);
  visit("ema", r.ema);
  visit("batch", r.batch);
  visit("minutes", r.minutes);
  visit("steps", r.steps);
  visit("seed", r.seed);
  visit("precision", r.precision);
  visit("report_every", r.report_every);
  visit("validate_minutes", r.validate_minutes);
  visit("checkpoint_minutes", r.checkpoint_minutes);
  visit("validation_sigmas", r.validation_sigmas);
  visit("validation_photos", r.validation_photos);
  visit("validation_size", r.validation_size);
}

}  // namespace

void TrainingRecipe::check() const {
  network.check();
  autoencoder.check();
  if (trains != "denoiser" && trains != "autoencoder")
    reject("trains is '" + trains + "', must be denoiser or autoencoder");
  if (trains == "autoencoder" && data != "photos") reject("an autoencoder is trained on photos, not on " + data);
  if (!(kl_weight >= 0)) reject("kl_weight must not be negative");
  const auto positive = [](const char* name, double value) {
    if (!(value > 0)) reject(std::string(name) + " is " + std::to_string(value) + ", must be positive");
  };
  if (data != "photos" && data != "latents" && data != "stems")
    reject("data is '" + data + "', must be photos, latents or stems");
  if (data == "stems") {
    codec.check();
    const int64_t multiple = network.size_multiple();
    if (frames < multiple || frames % multiple != 0 || codec.bins % multiple != 0) {
      reject("frames and codec.bins must be multiples of " + std::to_string(multiple));
    }
    if (!(muted >= 0 && muted < 1) || !(shuffled >= 0 && shuffled <= 1)) reject("muted and shuffled must be 0 to 1");
    if (!(hours >= 0 && hours <= 1000)) reject("hours must be 0 to 1000");
  } else {
    const int64_t multiple = trains == "autoencoder" ? autoencoder.factor() : network.size_multiple();
    const auto sized = [&](const char* name, int64_t size) {
      if (size < multiple || size % multiple != 0) {
        reject(std::string(name) + " is " + std::to_string(size) + ", must be a multiple of " +
               std::to_string(multiple));
      }
    };
    sized("crop", crop);
    if (!(small_share >= 0 && small_share <= 1)) reject("small_share must be 0 to 1");
    if (small_share > 0) sized("small_crop", small_crop);
    if (!(augmented >= 0 && augmented <= 1)) reject("augmented must be 0 to 1");
    if (augmented > 0 && trains == "denoiser" && network.augmentation_labels != kPhotoAugmentationLabels) {
      reject("augmented is positive, then network.augmentation_labels must be " +
             std::to_string(kPhotoAugmentationLabels));
    }
  }
  if (optimizer != "adamw" && optimizer != "muon") reject("optimizer is '" + optimizer + "', must be adamw or muon");
  if (precision != "bfloat16" && precision != "float32")
    reject("precision is '" + precision + "', must be bfloat16 or float32");
  if ((minutes > 0) == (steps > 0)) reject("exactly one of minutes and steps must be positive");
  if (!(pyramid_factor > 0.1 && pyramid_factor < 1)) reject("pyramid_factor must be 0.1 to 1");
  if (!(ema >= 0 && ema < 1)) reject("ema must be in 0 to 1");
  positive("learning_rate", learning_rate);
  positive("batch", static_cast<double>(batch));
  positive("gradient_clip", gradient_clip);
  positive("report_every", static_cast<double>(report_every));
  positive("sigma_min", sigma_min);
  if (!(sigma_max > sigma_min)) reject("sigma_max must be above sigma_min");
}

PhotoCrops photo_crops(const TrainingRecipe& recipe) {
  return {recipe.crop, recipe.small_crop, recipe.small_share, recipe.pyramid_factor, recipe.augmented};
}

void to_json(json& j, const TrainingRecipe& recipe) {
  j = json::object();
  visit_settings(recipe, [&](const char* name, const auto& value) { j[name] = value; });
}

void from_json(const json& j, TrainingRecipe& recipe) {
  if (!j.is_object()) reject("must be a JSON object");
  size_t known = 0;
  visit_settings(recipe, [&](const char* name, auto& value) {
    const auto found = j.find(name);
    if (found == j.end()) return;
    ++known;
    try {
      found->get_to(value);
    } catch (const json::exception&) {
      reject(std::string("setting '") + name + "' has the wrong type: " + found->dump());
    }
  });
  if (known != j.size()) {
    const json all = recipe;
    for (const auto& [name, value] : j.items()) {
      if (!all.contains(name)) reject("unknown setting '" + name + "'");
    }
  }
  recipe.check();
}

}  // namespace mgdm
