// log p(y | x) of an observation, for each sample of a batch.
#pragma once
#include <ATen/ATen.h>

#include <memory>

#include "core/operators/operator.h"

namespace mgdm {

class Likelihood {
 public:
  virtual ~Likelihood() = default;
  /// x [B, signal...] -> [B]; up to a constant. Never summed over the batch. Differentiable.
  virtual at::Tensor log_density(const at::Tensor& x) const = 0;
  /// Root mean square of (y - H(x)) / sigma_y for each sample, [B]: 1 where the observation is met to
  /// within its noise.
  virtual at::Tensor residual(const at::Tensor& x) const = 0;
  /// Whether `log_density` has a gradient.
  virtual bool differentiable() const { return true; }
};

/// y = H(x) + sigma n:  log p = -||y - H(x)||^2 / (2 sigma^2).
class GaussianLikelihood : public Likelihood {
 public:
  /// y [1, m] or [B, m]; sigma > 0. Throws OperatorError.
  GaussianLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, double sigma);
  at::Tensor log_density(const at::Tensor& x) const override;
  at::Tensor residual(const at::Tensor& x) const override;

  bool differentiable() const override { return operator_->differentiable(); }
  const Operator& degradation() const { return *operator_; }
  const at::Tensor& observation() const { return y_; }
  double sigma() const { return sigma_; }

 private:
  std::shared_ptr<const Operator> operator_;
  at::Tensor y_;
  double sigma_;
};

}  // namespace mgdm
