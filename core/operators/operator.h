// Degradations: the known map H from a clean signal to what was observed, y = H(x) + sigma_y n.
//
// Images are float tensors [B, 3, H, W] nominally in [-1, 1]; observations are flat, [B, m]. All
// operators are stateless after construction, differentiable in x and safe to share between threads.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "core/errors.h"

namespace mgdm {

class Operator {
 public:
  explicit Operator(std::vector<int64_t> signal_shape) : signal_shape_(std::move(signal_shape)) {}
  virtual ~Operator() = default;

  /// [B, signal...] -> [B, m].
  virtual at::Tensor apply(const at::Tensor& x) const = 0;
  /// What degrading the clean signal x gives before noise is added; `apply`, but where `apply` is a model of it.
  virtual at::Tensor observe(const at::Tensor& x) const { return apply(x); }
  /// The observation [B, m] that a degraded photo [B, 3, h, w] stands for: its values, or what is seen of them.
  virtual at::Tensor from_photo(const at::Tensor& photo) const { return photo.flatten(1); }
  virtual bool linear() const { return true; }
  /// False: `apply` is a black box without a gradient.
  virtual bool differentiable() const { return true; }
  /// False: the gradient is that of another map, which stands for `apply` (rounding, passed straight through).
  virtual bool exact_gradient() const { return differentiable(); }
  /// H^T y, [B, m] -> [B, signal...]. The default differentiates `apply`; linear operators only.
  virtual at::Tensor adjoint(const at::Tensor& y) const;
  virtual bool has_pseudo_inverse() const { return false; }
  /// H^+ y, [B, m] -> [B, signal...]. Throws OperatorError where none is known.
  virtual at::Tensor pseudo_inverse(const at::Tensor& y) const;
  /// Singular value decomposition H = U diag(s) V[:, :m]^T of a linear operator: U [m, m], V [d, d] orthonormal.
  /// Spectral coordinate i < m of the signal (V^T x, flattened [B, d]) belongs to coordinate i of the
  /// observation (U^T y, [B, m]) and to s[i]; the others are not seen. Throw OperatorError where none is known.
  virtual bool has_svd() const { return false; }
  virtual at::Tensor singular_values() const;                             ///< [m], not sorted
  virtual at::Tensor to_spectral(const at::Tensor& x) const;              ///< V^T x: [B, signal...] -> [B, d]
  virtual at::Tensor from_spectral(const at::Tensor& z) const;            ///< V z: [B, d] -> [B, signal...]
  virtual at::Tensor observation_to_spectral(const at::Tensor& y) const;  ///< U^T y: [B, m] -> [B, m]
  /// What a person sees of an observation: [B, 3, h, w] in the signal's range. Masked pixels are 0.
  virtual at::Tensor display(const at::Tensor& y) const;

  const std::vector<int64_t>& signal_shape() const { return signal_shape_; }  ///< without the batch
  int64_t signal_size() const;

 protected:
  at::Tensor as_signal(const at::Tensor& flat) const;

 private:
  std::vector<int64_t> signal_shape_;
};

}  // namespace mgdm
