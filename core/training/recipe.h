// What a training is told to do: the recipes in `models/recipes`.
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "core/networks/denoising_unet.h"
#include "core/networks/photo_autoencoder.h"
#include "core/priors/mdct_codec.h"
#include "core/training/photo_dataset.h"

namespace mgdm {

/// Everything that decides what a training does; `models/recipes/*.json` are such files.
struct TrainingRecipe {
  std::string trains = "denoiser";      ///< `network`, or "autoencoder": `autoencoder`
  DenoisingUnetOptions network;         ///< of a denoiser
  PhotoAutoencoderOptions autoencoder;  ///< of an autoencoder
  double kl_weight = 0.02;              ///< of an autoencoder's loss, see core/training/autoencoding.h

  /// "photos", "latents": photos through an autoencoder that is there already, or "stems": songs as MDCT coefficients
  std::string data = "photos";
  // photos and latents
  int64_t crop = 64;       ///< pixels, square
  int64_t small_crop = 0;  ///< see PhotoCrops
  double small_share = 0;
  double pyramid_factor = 0.7;
  double augmented = 0;                  ///< see PhotoCrops; positive: network.augmentation_labels must be 4
  std::map<std::string, double> shares;  ///< see PhotoDataset
  // stems
  int64_t frames = 128;  ///< MDCT frames of an excerpt
  MdctOptions codec;
  double muted = 0.04, shuffled = 0.15;  ///< see StemAugmentation
  double hours = 0;  ///< room for songs that are put into the folder while the training runs; 0: none are looked for

  double log_sigma_mean = -0.9;  ///< ln sigma ~ N(mean, std), clamped (Karras et al. 2022, tab. 1)
  double log_sigma_std = 1.5;
  double sigma_min = 0.005, sigma_max = 100.0;

  std::string optimizer = "adamw";  ///< "adamw", or "muon" (3x3 convolutions by Muon, rest AdamW)
  double learning_rate = 1e-3;
  double beta1 = 0.9, beta2 = 0.99, weight_decay = 0.01;
  int64_t warmup_steps = 200;
  double gradient_clip = 1.0;  ///< on the norm of the whole gradient
  double ema = 0.999;          ///< decay a step, smaller during the first steps

  int64_t batch = 16;
  double minutes = 0;  ///< length of the cosine in minutes of training; or
  int64_t steps = 0;   ///< in steps. Exactly one of the two is positive.
  uint64_t seed = 1;
  std::string precision = "bfloat16";  ///< of the convolutions: "bfloat16" or "float32"

  int64_t report_every = 50;    ///< steps between rows of loss.csv
  double validate_minutes = 5;  ///< minutes between validations and (photos) sample sheets
  double checkpoint_minutes = 3;
  std::vector<double> validation_sigmas = {0.1, 0.3, 1.0, 3.0};  ///< of an autoencoder: of noise on its latents
  int64_t validation_photos = 24, validation_size = 128;

  void check() const;  ///< throws std::invalid_argument naming the setting
};
/// The crops that it draws from photos.
PhotoCrops photo_crops(const TrainingRecipe& recipe);

void to_json(nlohmann::json& json, const TrainingRecipe& recipe);
void from_json(const nlohmann::json& json, TrainingRecipe& recipe);

}  // namespace mgdm
