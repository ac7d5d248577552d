#include "core/operators/likelihood.h"

namespace mgdm {

GaussianLikelihood::GaussianLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, double sigma)
    : operator_(std::move(op)), y_(std::move(y)), sigma_(sigma) {
  if (!(sigma > 0)) throw OperatorError("the noise level sigma_y is " + std::to_string(sigma) + ", must be positive");
  if (y_.dim() != 2) throw OperatorError("the observation must be a batch of flat vectors");
  if (!y_.isfinite().all().item<bool>()) throw OperatorError("the observation holds values that are not numbers");
}

at::Tensor GaussianLikelihood::log_density(const at::Tensor& x) const {
  return (y_ - operator_->apply(x)).square().sum(1) * (-0.5 / (sigma_ * sigma_));
}

at::Tensor GaussianLikelihood::residual(const at::Tensor& x) const {
  return (y_ - operator_->apply(x)).square().mean(1).sqrt() / sigma_;
}

}  // namespace mgdm
