#include "core/priors/family.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/errors.h"
#include "core/priors/band_prior.h"
#include "core/priors/known_models.h"
#include "core/priors/published_model.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

/// "(guided-diffusion, ...)": those for photos, then those for music.
std::string known_networks() {
  std::string names;
  for (const auto medium : {Medium::Photo, Medium::Music}) {
    for (const auto& family : prior_families()) {
      if (family->about().medium == medium && !family->about().published.empty())
        names += (names.empty() ? "" : ", ") + family->about().published;
    }
  }
  return "(" + names + ")";
}

}  // namespace

nlohmann::json PriorFamily::describe(const WeightFile& file, const nlohmann::json&, bool) const {
  refuse_unknown(file);
}

PublishedModel PriorFamily::network(const WeightFile& file, const nlohmann::json&) const { refuse_unknown(file); }

Prior PriorFamily::load_photo_prior(const PriorCard& card, const LoadOptions&) const {
  throw ModelError("model '" + card.name + "' is for music, not for photos");
}

BandPrior PriorFamily::load_band_prior(const PriorCard& card, const LoadOptions&) const {
  throw ModelError("model '" + card.name + "' is for photos, not for music");
}

at::Tensor PriorFamily::trial(const PriorCard& card) const {
  throw ModelError("model '" + card.name + "' cannot be tried by itself");
}

bool PriorFamily::keeps(const std::string& weight) const { return weight.rfind("loss.", 0) != 0; }

std::map<std::string, at::Tensor> PriorFamily::kept_weights(const WeightFile& file) const {
  std::map<std::string, at::Tensor> kept;
  for (const auto& [name, tensor] : file.weights()) {
    if (keeps(name)) kept[name] = tensor;
  }
  return kept;
}

std::vector<KnownModel> PriorFamily::known() const { return {}; }

const std::vector<std::shared_ptr<const PriorFamily>>& prior_families() {
  static const auto families = [] {
    auto list = listed_families();
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) {
      return std::pair(a->about().rank, a->about().name) < std::pair(b->about().rank, b->about().name);
    });
    return list;
  }();
  return families;
}

const PriorFamily* find_family(const std::string& name) {
  for (const auto& family : prior_families()) {
    if (family->about().name == name) return family.get();
  }
  return nullptr;
}

const PriorFamily& family_of(const PriorCard& card) {
  if (const PriorFamily* family = find_family(card.family)) return *family;
  if (card.family.empty()) throw ModelError(place_of(card) + ": is of no network that is known " + known_networks());
  throw ModelError(place_of(card) + ": model family '" + card.family + "' is unknown");
}

const PriorFamily* recognised_family(const WeightFile& file) {
  for (const auto& family : prior_families()) {
    if (family->recognise(file)) return family.get();
  }
  return nullptr;
}

void refuse_unknown(const WeightFile& file) {
  const auto adapts = [](const auto& weight) {
    for (const char* part : {"lora_", ".lora.", "hada_w1", "lokr_w", ".alpha_lora"}) {
      if (weight.first.find(part) != std::string::npos) return true;
    }
    return false;
  };
  if (std::any_of(file.weights().begin(), file.weights().end(), adapts)) {
    throw ModelError(file.name() +
                     ": is a LoRA, an addition to another model's weights and no model by itself: merge it into its "
                     "model and import that");
  }
  throw ModelError(file.name() + ": its " + std::to_string(file.weights().size()) +
                   " weights are of no network that is known " + known_networks());
}

}  // namespace mgdm
