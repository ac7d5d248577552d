// log p(y | x) of an observation, for each sample of a batch, under three laws of noise.
#pragma once
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

enum class NoiseLaw {
  Gaussian,      ///< y = h + level n
  Poisson,       ///< photon counts: y = 2 k / peak - 1, k ~ Poisson(peak (h + 1) / 2)
  SaltAndPepper  ///< y = c + level n; c = h, but -1 or 1 (alike) with probability `outliers`, each value on its own
};

/// The names of the laws, in their order, as run files and the command line have them.
const std::vector<std::string>& noise_law_names();

/// How an observation was blurred by chance; h = H(x), images in [-1, 1].
struct NoiseModel {
  NoiseLaw law = NoiseLaw::Gaussian;
  double level = 0.05;    ///< standard deviation, > 0; Poisson: that at white (h = 1), so peak = 4 / level^2 counts
  double outliers = 0.1;  ///< SaltAndPepper: share of the values that are lost, in (0, 1)
  double peak() const { return 4 / (level * level); }
};

/// y ~ p(y | h), h [B, m]. Random numbers of the CPU generator, whatever h's device.
at::Tensor draw_observation(const at::Tensor& h, const NoiseModel& noise, at::Generator generator);

class Likelihood {
 public:
  /// y [1, m] or [B, m]. Throws OperatorError.
  Likelihood(std::shared_ptr<const Operator> op, at::Tensor y);
  virtual ~Likelihood() = default;
  virtual NoiseLaw law() const = 0;
  /// The noise's standard deviation where it is greatest (salt and pepper: of the values that are not lost).
  virtual double level() const = 0;
  /// x [B, signal...] -> [B]; up to a constant. Never summed over the batch. Differentiable.
  at::Tensor log_density(const at::Tensor& x) const { return log_density_at(operator_->apply(x)); }
  /// (y - h) in units of its standard deviation, [B, m] -> [B, m]; 0 in the measure in which a value looks lost.
  virtual at::Tensor misfit(const at::Tensor& h) const = 0;
  /// Root mean square of the misfit at H(x) over the values that are not lost, [B]: 1 where the observation is met
  /// to within its noise.
  at::Tensor residual(const at::Tensor& x) const { return residual_at(operator_->apply(x)); }

  /// The precision (inverse variance) [1 or B, 1 or m] of the Gaussian N(y; h, 1 / precision) that stands for p(y | h)
  /// near `h` [B, m] in one draw of x_tau; h undefined: where nothing is known of it. Gaussian: exact. Poisson: the
  /// Fisher information. Throws OperatorError for a law with hidden indicators.
  virtual at::Tensor precision(const at::Tensor& h) const = 0;
  /// Whether each value has a hidden indicator (lost or not) to be drawn before x_tau: salt and pepper.
  virtual bool hidden() const { return false; }
  /// Such a draw, given h ~ N(centre [B, m], spread [B, 1 or m]); `uniform` [B, m] in (0, 1). Precision 0 where lost.
  virtual at::Tensor draw_precision(const at::Tensor& centre, const at::Tensor& spread,
                                    const at::Tensor& uniform) const;

  /// log E[p(y | h')] for h' ~ N(h, spread I), h [B, m] -> [B], up to a constant; for a law with hidden indicators.
  virtual at::Tensor smoothed_log_density(const at::Tensor& h, double spread) const;

  /// log p(y | h), h [B, m] -> [B].
  at::Tensor log_density_of(const at::Tensor& h) const { return log_density_at(h); }

  /// Whether `log_density` has a gradient.
  bool differentiable() const { return operator_->differentiable(); }
  const Operator& degradation() const { return *operator_; }
  const at::Tensor& observation() const { return y_; }

 protected:
  virtual at::Tensor log_density_at(const at::Tensor& h) const = 0;
  virtual at::Tensor residual_at(const at::Tensor& h) const { return misfit(h).square().mean(1).sqrt(); }

 private:
  std::shared_ptr<const Operator> operator_;
  at::Tensor y_;
};

/// Throws OperatorError for a level that is not positive, a share outside (0, 1), or values that are not numbers.
std::unique_ptr<Likelihood> make_likelihood(std::shared_ptr<const Operator> op, at::Tensor y, const NoiseModel& noise);

/// y = H(x) + sigma n:  log p = -||y - H(x)||^2 / (2 sigma^2).
class GaussianLikelihood : public Likelihood {
 public:
  /// sigma > 0. Throws OperatorError.
  GaussianLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, double sigma);
  NoiseLaw law() const override { return NoiseLaw::Gaussian; }
  double level() const override { return sigma_; }
  double sigma() const { return sigma_; }
  at::Tensor misfit(const at::Tensor& h) const override;
  at::Tensor precision(const at::Tensor& h) const override;

 protected:
  at::Tensor log_density_at(const at::Tensor& h) const override;

 private:
  double sigma_;
};

}  // namespace mgdm
