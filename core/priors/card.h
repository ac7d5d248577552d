// A card: the JSON file that says what a model is, where its weights lie, and everything that they do not tell.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/priors/prior.h"

namespace mgdm {

struct PriorCard {
  std::string name, label, family, license, description;
  std::filesystem::path file;  ///< the card
  std::filesystem::path weights;
  nlohmann::json all;  ///< everything the card says
};

/// What a prior models.
enum class Medium { Photo, Music };

/// Throws ModelError for a file that cannot be read or is no card.
PriorCard read_card(const std::filesystem::path& file);

/// What a published network's weights do not tell: the card's "config", else `config.json` and `scheduler_config.json`
/// beside the weights, else nothing. Throws ModelError for one that is no JSON object.
nlohmann::json config_of(const PriorCard& card);

/// As the card says; of our own models where it does not.
PhotoSizes photo_sizes(const PriorCard& card);

/// For messages: the card's file, of weights without a card theirs.
std::string place_of(const PriorCard& card);

}  // namespace mgdm
