#include "core/samplers/updates/linearized_operator.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include "core/networks/group_norm_silu.h"
#include "core/priors/linear_decoder.h"

namespace mgdm {

namespace {

at::Tensor gradient_of(const at::Tensor& output, const at::Tensor& input, const at::Tensor& cotangent) {
  return torch::autograd::grad({output}, {input}, {cotangent}, true)[0].detach();
}

}  // namespace

LinearizedOperator::LinearizedOperator(const Likelihood& likelihood, const Codec& codec, const at::Tensor& z,
                                       bool linear)
    : codec_(codec) {
  if (linear) {
    at::NoGradGuard no_grad;
    decoded_ = codec.decode(z.detach());
    linear_ = codec.linear();
  }
  at::AutoGradMode with_grad(true);
  z_ = z.detach().requires_grad_(true);
  if (linear_ == nullptr) decoded_ = codec.decode(z_);
  identity_ = decoded_.is_same(z_);
  signal_ = identity_ ? z_ : decoded_.detach().requires_grad_(true);
  h_ = likelihood.degradation().apply(signal_);
  cotangent_ = at::zeros_like(h_).requires_grad_(true);
  pulled_ = torch::autograd::grad({h_}, {signal_}, {cotangent_}, true, true)[0];  // J^T w, linear in w
}

at::Tensor LinearizedOperator::transposed(const at::Tensor& w) const {
  const at::Tensor pulled = gradient_of(h_, signal_, w);
  return identity_ ? pulled : linear_ != nullptr ? linear_->transposed(pulled) : gradient_of(decoded_, z_, pulled);
}

at::Tensor LinearizedOperator::forward(const at::Tensor& w) const {
  const at::Tensor pushed =
      identity_            ? w
      : linear_ != nullptr ? linear_->forward(w)
                           : jacobian_product([&](const at::Tensor& z) { return codec_.decode(z); }, z_.detach(), w);
  return gradient_of(pulled_, cotangent_, pushed);
}

double LinearizedOperator::row_norm() const {
  at::Generator generator = at::detail::createCPUGenerator(1);
  const at::Tensor w = at::randn({1, h_.size(1)}, generator, at::TensorOptions().dtype(at::kFloat))
                           .sign()
                           .to(h_.options())
                           .expand_as(h_);
  return transposed(w).square().sum().item<double>() / static_cast<double>(h_.numel());
}

at::Tensor jacobian_product(const std::function<at::Tensor(const at::Tensor&)>& map, const at::Tensor& z,
                            const at::Tensor& u) {
  at::NoGradGuard no_grad;
  const PlainDerivatives no_kernels;
  const uint64_t level = torch::autograd::forward_ad::enter_dual_level();
  at::Tensor tangent, result;
  try {
    result = map(at::_make_dual(z, u, static_cast<int64_t>(level)));
    tangent = std::get<1>(at::_unpack_dual(result, static_cast<int64_t>(level)));
    if (tangent.defined()) tangent = tangent.clone();
  } catch (...) {
    torch::autograd::forward_ad::exit_dual_level(level);
    throw;
  }
  torch::autograd::forward_ad::exit_dual_level(level);
  return tangent.defined() ? tangent : at::zeros_like(result);
}

}  // namespace mgdm
