#include "core/priors/catalogue.h"

#include <algorithm>

#include "core/checkpoints/shards.h"
#include "core/files/folders.h"
#include "core/priors/family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace fs = std::filesystem;

std::vector<PriorCard> list_priors(std::vector<std::string>* problems) {
  std::vector<PriorCard> cards;
  for (const auto& folder : model_folders()) {
    std::error_code error;
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      try {
        PriorCard card = read_card(file);
        const bool known =
            std::any_of(cards.begin(), cards.end(), [&](const PriorCard& c) { return c.name == card.name; });
        if (!known) cards.push_back(std::move(card));
      } catch (const ModelError& e) {
        if (problems != nullptr) problems->push_back(e.what());
      }
    }
  }
  return cards;
}

PriorCard find_prior(const std::string& name_or_path) {
  std::error_code error;
  const fs::path given(name_or_path), found = weights_at(given);
  const fs::path path = found.empty() ? given : found;
  if (path.extension() == ".json" && !is_shard_index(path) && fs::exists(path, error)) return read_card(path);
  if (path.extension() == ".safetensors" || (path.has_extension() && fs::is_regular_file(path, error))) {
    PriorCard card;
    // A folder of many files is called as itself, not as the file that each such folder has.
    const fs::path folder = fs::absolute(given, error).lexically_normal();
    card.name = found != given ? (folder.has_filename() ? folder : folder.parent_path()).filename().string()
                               : path.stem().string();
    card.weights = path;
    try {
      const PriorFamily* family = recognised_family(WeightFile(path));
      card.family = family != nullptr ? family->about().name : "";
    } catch (const CheckpointError&) {
      card.family = "photo-unet";  // what is wrong is said when it is loaded
    }
    card.all = {{"name", card.name}, {"family", card.family}};
    return card;
  }
  std::string known;
  for (auto& card : list_priors()) {
    if (card.name == name_or_path) return card;
    known += (known.empty() ? "" : ", ") + card.name;
  }
  throw ModelError("model '" + name_or_path + "' is unknown; " +
                   (known.empty() ? "no model is installed" : "known are " + known));
}

Medium medium_of(const PriorCard& card) {
  const FamilyDescription& family = family_of(card).about();
  if (!family.medium) throw ModelError(place_of(card) + ": " + family.no_prior);
  return *family.medium;
}

PriorTraits traits_of(const PriorCard& card) {
  const auto config = card.all.find("paper_config");
  const PriorFamily* family = find_family(card.family);
  return {.latent = family != nullptr && family->about().latent,
          .paper_config = config != card.all.end() && config->is_string() ? config->get<std::string>() : ""};
}

std::vector<Setting> settings_of(const PriorCard& card) {
  const PriorFamily* family = find_family(card.family);
  return family != nullptr ? family->prior_settings() : std::vector<Setting>{};
}

const std::vector<Setting>& all_prior_settings() {
  static const std::vector<Setting> list = [] {
    std::vector<Setting> all;
    for (const auto& family : prior_families()) {
      for (const Setting& setting : family->prior_settings()) {
        if (std::none_of(all.begin(), all.end(), [&](const Setting& s) { return s.name == setting.name; }))
          all.push_back(setting);
      }
    }
    return all;
  }();
  return list;
}

std::string uses_of(const PriorCard& card) {
  return card.family.empty() ? "Nothing: its network is not known." : family_of(card).about().uses;
}

void check_use(const PriorCard& card, Medium wanted) {
  if (medium_of(card) != wanted) {
    throw ModelError("model '" + card.name + "' is for " +
                     (wanted == Medium::Photo ? "music, not for photos" : "photos, not for music"));
  }
  std::error_code error;
  if (!fs::exists(card.weights, error))
    throw ModelError(card.weights.string() + ": the weights of model '" + card.name + "' are missing");
  if (const auto bytes = card.all.find("bytes"); bytes != card.all.end() && bytes->is_number_unsigned() &&
                                                 fs::file_size(card.weights, error) != bytes->get<uint64_t>()) {
    throw ModelError(card.weights.string() + ": is not the file any more that was imported as '" + card.name +
                     "' (another size); import it again");
  }
}

BandPrior load_band_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute) {
  check_use(card, Medium::Music);
  return family_of(card).load_band_prior(card, {device, precision, recompute});
}

Prior load_prior(const PriorCard& card, at::Device device, const std::string& precision, bool recompute) {
  check_use(card, Medium::Photo);
  return family_of(card).load_photo_prior(card, {device, precision, recompute});
}

}  // namespace mgdm
