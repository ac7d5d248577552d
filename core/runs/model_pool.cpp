#include "core/runs/model_pool.h"

#include <ATen/ATen.h>

#include "core/errors.h"
#include "core/priors/catalogue.h"

namespace mgdm {

namespace {

at::Device device_of(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name != "cuda" && name != "auto") throw SettingError("device is '" + name + "', must be auto, cpu or cuda");
  if (at::hasCUDA()) return at::kCUDA;
  if (name == "auto") return at::kCPU;
  throw SettingError("device cuda: this LibTorch or machine has no CUDA device");
}

}  // namespace

Prior load_model(const std::string& name, const ModelPlace& place) {
  return load_prior(find_prior(name), device_of(place.device), place.precision, place.recompute);
}

ModelPool::ModelPool(Loader loader) : loader_(loader ? std::move(loader) : load_model) {}

bool ModelPool::holds(const std::string& name, const ModelPlace& place) const {
  return prior_ != nullptr && name == name_ && place == place_;
}

std::shared_ptr<const Prior> ModelPool::get(const std::string& name, const ModelPlace& place,
                                            const std::function<void(const std::string&)>& loading) {
  if (holds(name, place)) return prior_;
  prior_.reset();  // never two at once
  if (loading) loading(name);
  prior_ = std::make_shared<const Prior>(loader_(name, place));
  name_ = name;
  place_ = place;
  return prior_;
}

void ModelPool::drop() { prior_.reset(); }

}  // namespace mgdm
