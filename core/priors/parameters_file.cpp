#include "core/priors/parameters_file.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <vector>

#include "core/checkpoints/safetensors.h"

namespace mgdm {

namespace {

std::string shape_text(const at::Tensor& t) {
  std::string text;
  for (const int64_t n : t.sizes()) {
    if (!text.empty()) text += 'x';
    text += std::to_string(n);
  }
  return text.empty() ? "scalar" : text;
}

}  // namespace

void fill_parameters(Parameters& parameters, const std::map<std::string, at::Tensor>& tensors,
                     const std::filesystem::path& file) {
  std::vector<std::string> problems;
  at::NoGradGuard no_grad;
  for (auto& item : parameters) {
    const auto found = tensors.find(item.name);
    if (found == tensors.end()) {
      problems.push_back("missing " + item.name);
    } else if (found->second.sizes() != item.tensor.sizes()) {
      problems.push_back(item.name + " is " + shape_text(found->second) + ", must be " + shape_text(item.tensor));
    } else {
      item.tensor.copy_(found->second);
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!parameters.has(name)) problems.push_back("surplus " + name);
  }
  if (!problems.empty()) {
    std::string message = file.string() + ": " + std::to_string(problems.size()) + " tensors do not fit the network:";
    for (size_t i = 0; i < problems.size() && i < 10; ++i) message += (i ? ", " : " ") + problems[i];
    throw CheckpointError(message);
  }
}

}  // namespace mgdm
