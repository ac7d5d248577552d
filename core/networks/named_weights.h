// Weights of a published network under the names that its file gives them, with the layers that all of them are made
// of.
//
// Layers run in the type and memory layout that `to` gave the weights: float32 contiguous (the reference), or bfloat16
// and channels_last (fast on CPUs with AVX512-BF16). Norms are in float32 whatever the type; biases and norms stay
// float32.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <string>

#include "core/networks/weight_layout.h"

namespace mgdm {

/// Counts the multiply-accumulates of the layers below that run on this thread while it lives.
class MacCounter {
 public:
  MacCounter();
  ~MacCounter();
  MacCounter(const MacCounter&) = delete;
  MacCounter& operator=(const MacCounter&) = delete;
  double count() const { return count_; }
  /// For products outside `NamedWeights` (attention): tells the innermost counter, if there is one.
  static void add(double multiplications);

 private:
  double count_ = 0;
  MacCounter* outer_;
};

class NamedWeights {
 public:
  using Map = std::map<std::string, at::Tensor>;
  NamedWeights() = default;
  /// Those under `prefix`, without it; float32, contiguous, without gradients. Tensors that are so already are shared.
  NamedWeights(const Map& all, const std::string& prefix);

  bool has(const std::string& name) const { return weights_.count(name) != 0; }
  /// Throws std::invalid_argument that names what is lacking.
  const at::Tensor& at(const std::string& name) const;
  const Map& all() const { return weights_; }
  void set(const std::string& name, at::Tensor tensor) { weights_[name] = std::move(tensor); }
  /// Matrices and kernels in `type`, vectors (norms, biases) in float32. `fast`: kernels in channels_last, those of
  /// sounds as kernels of images with one row, and the fused norm (which has no second derivative).
  void to(at::Device device, at::ScalarType type, bool fast);
  /// Those under `prefix`, without it, on `device`: copies, or shared where they are there already.
  NamedWeights below(const std::string& prefix, at::Device device) const;
  /// Side `dim` of a weight. Throws std::invalid_argument if it is lacking or has fewer dimensions.
  int64_t size(const std::string& name, int64_t dim) const;

  at::ScalarType type() const { return type_; }
  bool fast() const { return fast_; }
  /// An image or a sound in the layers' type and layout; a sound [B, C, L] becomes [B, C, 1, L] if they are fast.
  at::Tensor enter(const at::Tensor& x) const;

  /// NAME.weight and NAME.bias (if there is one) as a convolution of [B, C, L], [B, C, 1, L] or [B, C, H, W], by the
  /// weight's shape, in the layers' type; padding -1: half the kernel.
  at::Tensor convolve(const std::string& name, const at::Tensor& x, int64_t stride = 1, int64_t padding = -1) const;
  at::Tensor convolve_transposed(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding,
                                 int64_t output_padding) const;
  /// [..., in] -> [..., out]; also with the weight of a convolution whose kernel is one point.
  at::Tensor linear(const std::string& name, const at::Tensor& x) const;
  /// Group norm with NAME.weight and NAME.bias, result in x's type.
  at::Tensor group_norm(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon) const;
  /// Layer norm over the last dimension with NAME.weight and NAME.bias, result in x's type.
  at::Tensor layer_norm(const std::string& name, const at::Tensor& x, double epsilon) const;
  /// SiLU(group norm * (1 + scale) + shift); scale and shift [B, C], or undefined. x [B, C, H, W] or [B, C, L].
  at::Tensor norm_silu(const std::string& name, const at::Tensor& x, int64_t groups, double epsilon,
                       const at::Tensor& scale = {}, const at::Tensor& shift = {}) const;

 private:
  at::Tensor bias(const std::string& name, const at::Tensor& x) const;
  Map weights_;
  at::ScalarType type_ = at::kFloat;
  bool fast_ = false;
};

/// softmax(scale q k^T) v for q [B, heads, T, d], k and v [B, heads, S, d], the softmax in float32. Where B heads T S
/// scores are more than `kScoresAtOnce`, T goes by in tiles whose scores are forgotten and computed again on the way
/// back (there is no second derivative then).
constexpr int64_t kScoresAtOnce = int64_t{1} << 25;
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale);
/// x + y; into x, which must not be used any more, if no graph is recorded.
at::Tensor added(const at::Tensor& x, const at::Tensor& y);
/// Channels of a, then of b. On the CPU in channels_last by plain copies, each way: LibTorch 1.13's own takes five
/// times as long.
at::Tensor concatenated(const at::Tensor& a, const at::Tensor& b);
/// Every pixel twice along both axes.
at::Tensor nearest_twice(const at::Tensor& x);
/// Padded by one pixel at the right and the bottom, as strided convolutions of DDPM's code are.
at::Tensor pad_right_bottom(const at::Tensor& x);
/// map(x), of which nothing but x is kept for the way back: it is computed again there (Chen et al. 2016, "Training
/// deep nets with sublinear memory cost"). `map` must hold no other tensor that needs a gradient.
at::Tensor recomputed(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& x);

}  // namespace mgdm
