#include "core/samplers/updates/update.h"

#include <ATen/ATen.h>

#include <cmath>

namespace mgdm {

void need_gradient(const StepContext& c, const char* update) {
  if (!c.input.likelihood->differentiable()) {
    throw OperatorError(
        std::string("the update ") + update +
        " needs the degradation's gradient and this one has none; choose update ensemble_kalman or elliptical_slice");
  }
}

at::Tensor uniform_like(StepContext& c, const at::Tensor& like) {
  return (0.5 * (1 + at::erf(c.input.noise.normal_like(like) / std::sqrt(2.0)))).clamp(1e-12, 1 - 1e-12);
}

std::vector<int64_t> broadcast_shape(const at::Tensor& x) {
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return shape;
}

}  // namespace mgdm
