#include "core/priors/published_model.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/errors.h"
#include "core/networks/adm_unet.h"
#include "core/networks/audio_unet.h"
#include "core/networks/conditional_unet.h"
#include "core/networks/diffusers_unet.h"
#include "core/networks/first_stage.h"
#include "core/priors/family.h"
#include "core/priors/text/text_conditioner.h"
#include "core/priors/weight_file.h"

namespace mgdm {

at::Tensor PublishedModel::forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels) const {
  if (diffusers) return diffusers->forward(x, t);
  if (conditional) {
    if (!guidance) throw std::invalid_argument("the network needs a context, and has been told none");
    return guided_output(*conditional, x, t, *guidance, first_stage ? first_stage->factor() : 1);
  }
  at::Tensor y = labels;
  if (!y.defined() && adm->config().classes > 0 && config.contains("class"))
    y = at::tensor({config.at("class").get<int64_t>()}, at::kLong);
  return adm->forward(x, t, y);
}

int64_t PublishedModel::size_multiple() const {
  return adm ? adm->size_multiple() : conditional ? conditional->size_multiple() : diffusers->size_multiple();
}

void PublishedModel::to(at::Device device, at::ScalarType type, bool fast) const {
  if (adm) adm->to(device, type, fast);
  if (diffusers) diffusers->to(device, type, fast);
  if (audio) audio->to(device, type, fast);
  if (conditional) conditional->to(device, type, fast);
  if (text) text->compute_on(device);
  if (first_stage) first_stage->to(device, wide_first_stage && type == at::kHalf ? at::kFloat : type, fast);
}

void PublishedModel::set_recompute(bool recompute) const {
  if (adm) adm->set_recompute(recompute);
  if (diffusers) diffusers->set_recompute(recompute);
  if (audio) audio->set_recompute(recompute);
  if (conditional) conditional->set_recompute(recompute);
  if (first_stage) first_stage->set_recompute(recompute);
}

PublishedModel load_published(const std::filesystem::path& file, const nlohmann::json& config) {
  try {
    const WeightFile weights(file);
    const PriorFamily* family = recognised_family(weights);
    if (family == nullptr) refuse_unknown(weights);
    return family->network(weights, config);
  } catch (const CheckpointError& e) {
    throw ModelError(e.what());
  }
}

PublishedModel published_from(const std::map<std::string, at::Tensor>& weights, const nlohmann::json& config,
                              const std::string& name) {
  const WeightFile file(weights, name);
  const PriorFamily* family = recognised_family(file);
  if (family == nullptr) refuse_unknown(file);
  return family->network(file, config);
}

}  // namespace mgdm
