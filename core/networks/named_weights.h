// Weights of a published network under the names that its file gives them, with the layers that all of them are made of.
#pragma once
#include <ATen/ATen.h>

#include <map>
#include <string>

namespace mgdm {

class NamedWeights {
 public:
  using Map = std::map<std::string, at::Tensor>;
  NamedWeights() = default;
  /// Those under `prefix`, without it; float32, contiguous, without gradients.
  NamedWeights(const Map& all, const std::string& prefix);

  bool has(const std::string& name) const { return weights_.count(name) != 0; }
  /// Throws std::invalid_argument that names what is lacking.
  const at::Tensor& at(const std::string& name) const;
  const Map& all() const { return weights_; }
  void set(const std::string& name, at::Tensor tensor) { weights_[name] = std::move(tensor); }
  /// Matrices and kernels in `type`, vectors (norms, biases) in float32.
  void to(at::Device device, at::ScalarType type);

  /// NAME.weight and NAME.bias (if there is one) as a convolution of [B, C, L] or [B, C, H, W], by the weight's shape, in x's
  /// type; padding -1: half the kernel.
  at::Tensor convolve(const std::string& name, const at::Tensor& x, int64_t stride = 1, int64_t padding = -1) const;
  at::Tensor linear(const std::string& name, const at::Tensor& x) const;
  at::Tensor group_norm(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon) const;

 private:
  at::Tensor bias(const std::string& name, const at::Tensor& x) const;
  Map weights_;
};

/// Every pixel twice along both axes.
at::Tensor nearest_twice(const at::Tensor& x);
/// Padded by one pixel at the right and the bottom, as strided convolutions of DDPM's code are.
at::Tensor pad_right_bottom(const at::Tensor& x);

}  // namespace mgdm
