// Trains a `DenoisingUnet` denoiser: EDM's loss, AdamW or Muon, warm-up and cosine, exponential moving
// average, mixed precision. Can be killed at any moment and resumed from its output folder.
//
// Output folder: `training.safetensors` (everything needed to go on), `model.safetensors` (the
// averaged weights in float16, what a prior card points to), `loss.csv`, pictures through `write_image`.
#pragma once
#include <ATen/ATen.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/networks/denoising_unet.h"
#include "core/training/loss_curve.h"
#include "core/training/photo_dataset.h"
#include "core/training/stem_dataset.h"

namespace mgdm {

/// Everything that decides what a training does; `models/recipes/*.json` are such files.
struct TrainingRecipe {
  DenoisingUnetOptions network;

  std::string data = "photos";           ///< "photos", or "stems": songs as MDCT coefficients
  // photos
  int64_t crop = 64;                     ///< pixels, square
  double pyramid_factor = 0.7;
  std::map<std::string, double> shares;  ///< see PhotoDataset
  // stems
  int64_t frames = 128;                  ///< MDCT frames of an excerpt
  MdctOptions codec;
  double muted = 0.04, shuffled = 0.15;  ///< see StemAugmentation

  double log_sigma_mean = -0.9;          ///< ln sigma ~ N(mean, std), clamped (Karras et al. 2022, tab. 1)
  double log_sigma_std = 1.5;
  double sigma_min = 0.005, sigma_max = 100.0;

  std::string optimizer = "adamw";       ///< "adamw", or "muon" (3x3 convolutions by Muon, rest AdamW)
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.99, weight_decay = 0.01;
  int64_t warmup_steps = 200;
  double gradient_clip = 1.0;            ///< on the norm of the whole gradient
  double ema = 0.999;                    ///< decay a step, smaller during the first steps

  int64_t batch = 16;
  double minutes = 0;                    ///< length of the cosine in minutes of training; or
  int64_t steps = 0;                     ///< in steps. Exactly one of the two is positive.
  uint64_t seed = 1;
  std::string precision = "bfloat16";    ///< of the convolutions: "bfloat16" or "float32"

  int64_t report_every = 50;             ///< steps between rows of loss.csv
  double validate_minutes = 5;           ///< minutes between validations and (photos) sample sheets
  double checkpoint_minutes = 3;
  std::vector<double> validation_sigmas = {0.1, 0.3, 1.0, 3.0};
  int64_t validation_photos = 24, validation_size = 128;

  void check() const;  ///< throws std::invalid_argument naming the setting
};
void to_json(nlohmann::json& json, const TrainingRecipe& recipe);
void from_json(const nlohmann::json& json, TrainingRecipe& recipe);

struct TrainingProgress {
  const TrainingRow* row;  ///< the row just added
  double fraction;         ///< 0..1 of the planned training
  double seconds_left;
  double samples_per_second;
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;
  /// Writes a uint8 [3, H, W] picture; the name has no extension. Empty: no pictures.
  std::function<void(const std::filesystem::path& stem, const at::Tensor& pixels)> write_image;
  const std::atomic<bool>* stop = nullptr;  ///< polled each step; a checkpoint is written on stopping
};

/// Unconditional samples by EDM's deterministic Heun sampler (alg. 1): [count, C, size, size].
at::Tensor sample_unconditional(DenoisingUnet& network, int64_t count, int64_t size, int64_t steps = 24,
                                uint64_t seed = 3);

/// Trains until the recipe's end or `hooks.stop`. Continues from `folder` if it holds a training of
/// the same network; else starts from `initial_weights` (may be empty) or at random. Throws
/// CheckpointError, std::invalid_argument, or std::runtime_error on a NaN loss.
void train(const TrainingRecipe& recipe, const TrainingData& dataset, const std::filesystem::path& folder, const std::filesystem::path& initial_weights,
           at::Device device, const TrainingHooks& hooks);

}  // namespace mgdm
