// The priors a person has: cards (JSON) in the program's `models` folder and the person's own.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/priors/band_prior.h"
#include "core/priors/prior.h"
#include "core/priors/published.h"

namespace mgdm {

struct PriorCard {
  std::string name, label, family, license, description;
  std::filesystem::path file;  ///< the card
  std::filesystem::path weights;
  nlohmann::json all;  ///< everything the card says
};

/// All readable cards; unreadable ones are left out and described in `problems` if given.
std::vector<PriorCard> list_priors(std::vector<std::string>* problems = nullptr);

/// By name, or a path to a card, or a path to weights: ours, or a published network's (with a `config.json` beside it
/// for what weights do not tell). Throws ModelError.
PriorCard find_prior(const std::string& name_or_path);

/// What a published network's weights do not tell: the card's "config", else `config.json` and `scheduler_config.json`
/// beside the weights, else nothing. Throws ModelError for one that is no JSON object.
nlohmann::json config_of(const PriorCard& card);

/// What a prior models, by its card's family.
enum class Medium { Photo, Music };
Medium medium_of(
    const PriorCard& card);  ///< throws ModelError for a family we do not know, and for an autoencoder alone
PriorTraits traits_of(const PriorCard& card);
PhotoSizes photo_sizes(const PriorCard& card);  ///< as the card says; of our own models where it does not

/// An audio prior. `recompute`: published networks keep less for gradients and compute it again
/// (`AdmUnet::set_recompute`). Throws ModelError, or std::invalid_argument for a bad precision.
BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision,
                          bool recompute = false);

/// An image prior; the same.
Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute = false);

}  // namespace mgdm
