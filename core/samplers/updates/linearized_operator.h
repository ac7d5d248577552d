// A degradation behind a decoder, linearised at a point.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

#include "core/operators/likelihood.h"
#include "core/priors/prior.h"

namespace mgdm {

/// z -> H(decode(z)) at a point with products by its Jacobian and the transpose. The degradation's Jacobian comes from
/// a graph that is differentiated twice, a decoder's from a graph (transpose) and forward mode: its graph of a graph
/// would need gigabytes. `codec` must outlive it.
class LinearizedOperator {
 public:
  /// z [B, ...]. `linear`: the codec's affine map (Codec::linear), where it has one, stands for the decoder's Jacobian.
  LinearizedOperator(const Likelihood& likelihood, const Codec& codec, const at::Tensor& z, bool linear = false);
  at::Tensor value() const { return h_.detach(); }   ///< [B, m]
  at::Tensor transposed(const at::Tensor& w) const;  ///< J^T w, [B, m] -> [B, ...]
  at::Tensor forward(const at::Tensor& w) const;     ///< J w, [B, ...] -> [B, m]
  /// Mean squared length of the rows of J, by one probe that is always the same.
  double row_norm() const;

 private:
  const Codec& codec_;
  bool identity_ = false;
  const LinearDecoder* linear_ = nullptr;
  at::Tensor z_, decoded_, signal_, h_, cotangent_, pulled_;
};

/// (d map / d z) u at z by forward-mode differentiation: no graph is kept, whatever is inside.
at::Tensor jacobian_product(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& z,
                            const at::Tensor& u);

}  // namespace mgdm
