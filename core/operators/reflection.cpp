#include "core/operators/reflection.h"

#include <ATen/ATen.h>

namespace mgdm {

at::Tensor reflection_to(const at::Tensor& direction) {
  const int64_t n = direction.numel();
  at::Tensor v = -direction.clone();
  v[0] += 1;
  const at::Tensor norm = v.square().sum();
  return norm.item<double>() < 1e-30 ? at::eye(n, direction.options())
                                     : at::eye(n, direction.options()) - 2 * at::outer(v, v) / norm;
}

}  // namespace mgdm
