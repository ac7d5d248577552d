#include "core/operators/operator.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <torch/csrc/autograd/autograd.h>

namespace mgdm {

int64_t Operator::signal_size() const {
  int64_t n = 1;
  for (const int64_t d : signal_shape_) n *= d;
  return n;
}

at::Tensor Operator::as_signal(const at::Tensor& flat) const {
  std::vector<int64_t> shape{flat.size(0)};
  shape.insert(shape.end(), signal_shape_.begin(), signal_shape_.end());
  return flat.reshape(shape);
}

at::Tensor Operator::adjoint(const at::Tensor& y) const {
  if (!linear()) throw OperatorError("this degradation is not linear and has no adjoint");
  // For linear H the Jacobian is H everywhere, so H^T y is the gradient of <H x, y>.
  at::AutoGradMode with_grad(true);
  const at::Tensor x = as_signal(at::zeros({y.size(0), signal_size()}, y.options())).requires_grad_(true);
  return torch::autograd::grad({apply(x)}, {x}, {y})[0];
}

at::Tensor Operator::pseudo_inverse(const at::Tensor&) const {
  throw OperatorError("this degradation has no pseudo-inverse");
}

namespace {
[[noreturn]] void no_svd() { throw OperatorError("the singular value decomposition of this degradation is not known"); }
}  // namespace

at::Tensor Operator::singular_values() const { no_svd(); }
at::Tensor Operator::to_spectral(const at::Tensor&) const { no_svd(); }
at::Tensor Operator::from_spectral(const at::Tensor&) const { no_svd(); }
at::Tensor Operator::observation_to_spectral(const at::Tensor&) const { no_svd(); }

at::Tensor Operator::display(const at::Tensor& y) const { return as_signal(y); }

}  // namespace mgdm
