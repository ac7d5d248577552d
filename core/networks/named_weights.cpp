#include "core/networks/named_weights.h"

#include <stdexcept>

namespace mgdm {

NamedWeights::NamedWeights(const Map& all, const std::string& prefix) {
  for (const auto& [name, tensor] : all) {
    if (name.rfind(prefix, 0) == 0) weights_[name.substr(prefix.size())] = tensor.detach().to(at::kFloat).contiguous();
  }
}

const at::Tensor& NamedWeights::at(const std::string& name) const {
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw std::invalid_argument("the weights lack " + name);
  return found->second;
}

void NamedWeights::to(at::Device device, at::ScalarType type) {
  for (auto& [name, tensor] : weights_) tensor = tensor.to(device, tensor.dim() > 1 ? type : at::kFloat).contiguous();
}

at::Tensor NamedWeights::bias(const std::string& name, const at::Tensor& x) const { return has(name + ".bias") ? at(name + ".bias").to(x.scalar_type()) : at::Tensor(); }

at::Tensor NamedWeights::convolve(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const {
  const at::Tensor& w = at(name + ".weight");
  const int64_t p = padding < 0 ? w.size(2) / 2 : padding;
  return w.dim() == 3 ? at::conv1d(x, w, bias(name, x), {stride}, {p}) : at::conv2d(x, w, bias(name, x), {stride, stride}, {p, p});
}

at::Tensor NamedWeights::linear(const std::string& name, const at::Tensor& x) const { return at::linear(x, at(name + ".weight"), bias(name, x)); }

at::Tensor NamedWeights::group_norm(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon) const {
  return at::group_norm(x, groups, at(name + ".weight"), at(name + ".bias"), epsilon);
}

at::Tensor nearest_twice(const at::Tensor& x) { return at::upsample_nearest2d(x, {x.size(2) * 2, x.size(3) * 2}); }

at::Tensor pad_right_bottom(const at::Tensor& x) { return at::constant_pad_nd(x, {0, 1, 0, 1}); }

}  // namespace mgdm
