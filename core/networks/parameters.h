// The parameters of a network that is trained here: tensors by name, in the order they were added.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mgdm {

class Parameters {
 public:
  struct Item {
    std::string name;
    at::Tensor tensor;
  };

  /// Adds a leaf that gathers gradients. Throws std::logic_error if the name is taken.
  void add(std::string name, at::Tensor tensor);
  bool has(const std::string& name) const { return places_.count(name) != 0; }
  /// Throws std::out_of_range naming it.
  const at::Tensor& operator[](const std::string& name) const;
  void to(at::Device device);

  size_t size() const { return items_.size(); }
  std::vector<Item>::iterator begin() { return items_.begin(); }
  std::vector<Item>::iterator end() { return items_.end(); }
  std::vector<Item>::const_iterator begin() const { return items_.begin(); }
  std::vector<Item>::const_iterator end() const { return items_.end(); }

 private:
  std::vector<Item> items_;
  std::unordered_map<std::string, size_t> places_;
};

}  // namespace mgdm
