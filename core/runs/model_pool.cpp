#include "core/runs/model_pool.h"

#include <ATen/ATen.h>

#include "core/errors.h"
#include "core/priors/catalogue.h"

namespace mgdm {

at::Device model_device(const std::string& name) {
  if (name == "cpu") return at::kCPU;
  if (name != "cuda" && name != "auto") throw SettingError("device is '" + name + "', must be auto, cpu or cuda");
  if (at::hasCUDA()) return at::kCUDA;
  if (name == "auto") return at::kCPU;
  throw SettingError("device cuda: this LibTorch or machine has no CUDA device");
}

Prior load_model(const std::string& name, const ModelPlace& place) {
  return load_prior(find_prior(name), model_device(place.device), place.precision, place.recompute);
}

}  // namespace mgdm
