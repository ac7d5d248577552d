#include "core/priors/known_models.h"

#include <stdexcept>

#include "core/priors/family.h"

namespace mgdm {

const std::vector<KnownModel>& known_models() {
  static const std::vector<KnownModel> list = [] {
    std::vector<KnownModel> all;
    for (const auto& family : prior_families()) {
      for (KnownModel model : family->known()) {
        model.family = family->about().name;
        all.push_back(std::move(model));
      }
    }
    return all;
  }();
  return list;
}

const KnownModel* known_model(const std::string& family, int64_t tensors, int64_t parameters) {
  for (const auto& model : known_models()) {
    if (model.family == family && model.tensors == tensors && model.parameters == parameters) return &model;
  }
  return nullptr;
}

const KnownModel& known_model(const std::string& name) {
  std::string known;
  for (const auto& model : known_models()) {
    if (model.name == name) return model;
    known += (known.empty() ? "" : ", ") + model.name;
  }
  throw std::invalid_argument("no published model is called '" + name + "'; known are " + known);
}

std::map<std::string, at::Tensor> random_weights(const KnownModel& model, uint64_t seed) { return model.random(seed); }

}  // namespace mgdm
