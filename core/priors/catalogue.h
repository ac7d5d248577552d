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
  std::filesystem::path file;      ///< the card
  std::filesystem::path weights;
  nlohmann::json all;              ///< everything the card says
};

/// Folders searched for cards: $MGDM_MODELS (colon separated), the source tree's or the installed
/// `models`, and $XDG_DATA_HOME/mgdm-studio/models. Earlier ones win.
std::vector<std::filesystem::path> model_folders();

/// All readable cards; unreadable ones are left out and described in `problems` if given.
std::vector<PriorCard> list_priors(std::vector<std::string>* problems = nullptr);

/// By name, or a path to a card, or a path to weights: ours, or a published network's (family "published", with a `config.json`
/// beside it for what weights do not tell). Throws ModelError.
PriorCard find_prior(const std::string& name_or_path);

/// What a prior models, by its card's family.
enum class Medium { Photo, Music };
Medium medium_of(const PriorCard& card);  ///< throws ModelError for a family we do not know

/// An audio prior. Throws ModelError, or std::invalid_argument for a bad precision.
BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision);

/// An image prior. Throws ModelError, or std::invalid_argument for a bad precision.
Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision);

}  // namespace mgdm
