#include "core/networks/parameters.h"

#include <ATen/ATen.h>

#include <stdexcept>

namespace mgdm {

void Parameters::add(std::string name, at::Tensor tensor) {
  if (!places_.emplace(name, items_.size()).second) throw std::logic_error("parameter " + name + " is there already");
  items_.push_back({std::move(name), tensor.requires_grad_(true)});
}

const at::Tensor& Parameters::operator[](const std::string& name) const {
  const auto found = places_.find(name);
  if (found == places_.end()) throw std::out_of_range("the network has no parameter " + name);
  return items_[found->second].tensor;
}

void Parameters::to(at::Device device) {
  for (Item& item : items_) item.tensor.set_data(item.tensor.to(device));
}

}  // namespace mgdm
