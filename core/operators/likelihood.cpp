#include "core/operators/likelihood.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

namespace mgdm {

namespace {

void check_level(double level) {
  if (!(level > 0)) throw OperatorError("the noise level sigma_y is " + std::to_string(level) + ", must be positive");
}

// log p = k log(lambda) - lambda, lambda = peak (h + 1) / 2.
class PoissonLikelihood : public Likelihood {
 public:
  PoissonLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, const NoiseModel& noise)
      : Likelihood(std::move(op), std::move(y)),
        level_(noise.level),
        peak_(noise.peak()),
        counts_(counts_of(observation(), peak_)) {}

  NoiseLaw law() const override { return NoiseLaw::Poisson; }
  double level() const override { return level_; }
  at::Tensor misfit(const at::Tensor& h) const override {
    const at::Tensor rate = rate_of(h);
    return (counts_ - rate) * rate.clamp_min(kFewest).rsqrt();
  }
  at::Tensor precision(const at::Tensor& h) const override {
    // Of the value in [-1, 1], whose variance is (2 / peak)^2 lambda.
    return (peak_ * peak_ / 4) / (h.defined() ? rate_of(h) : counts_).clamp_min(kFewest);
  }

 protected:
  at::Tensor log_density_at(const at::Tensor& h) const override {
    // Below `kDark` counts the logarithm goes on as its tangent, so that a rate of 0 or less still has a gradient.
    const at::Tensor rate = (peak_ / 2) * (h + 1), dark = rate.clamp_min(kDark);
    const at::Tensor log_rate = dark.log() + (rate - dark) / kDark;
    return (counts_ * log_rate - at::relu(rate)).sum(1);
  }

 private:
  static constexpr double kFewest = 1, kDark = 0.01;
  static at::Tensor counts_of(const at::Tensor& y, double peak) { return ((peak / 2) * (y + 1)).clamp_min(0); }
  at::Tensor rate_of(const at::Tensor& h) const { return ((peak_ / 2) * (h + 1)).clamp_min(0); }

  double level_, peak_;
  at::Tensor counts_;
};

// A mixture for each value: (1 - p) N(y; h, s^2) + p / 2 N(y; -1, s^2) + p / 2 N(y; 1, s^2).
class SaltAndPepperLikelihood : public Likelihood {
 public:
  SaltAndPepperLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, const NoiseModel& noise)
      : Likelihood(std::move(op), std::move(y)), sigma_(noise.level), outliers_(noise.outliers) {
    const at::Tensor& observed = observation();
    const double s2 = sigma_ * sigma_;
    log_lost_ = at::logaddexp(-0.5 * (observed - 1).square() / s2, -0.5 * (observed + 1).square() / s2) +
                std::log(outliers_ / 2);
  }

  NoiseLaw law() const override { return NoiseLaw::SaltAndPepper; }
  double level() const override { return sigma_; }
  bool hidden() const override { return true; }
  at::Tensor misfit(const at::Tensor& h) const override {
    return kept(h, at::zeros({1, 1}, h.options())).sqrt() * (observation() - h) / sigma_;
  }
  at::Tensor precision(const at::Tensor&) const override {
    throw OperatorError("salt and pepper has no precision before it is drawn which values are lost");
  }
  at::Tensor draw_precision(const at::Tensor& centre, const at::Tensor& spread,
                            const at::Tensor& uniform) const override {
    return uniform.lt(kept(centre, spread)).to(centre.scalar_type()) / (sigma_ * sigma_);
  }
  at::Tensor smoothed_log_density(const at::Tensor& h, double spread) const override {
    return at::logaddexp(log_kept(h, at::full({1, 1}, spread, h.options())), log_lost_).sum(1);
  }

 protected:
  at::Tensor log_density_at(const at::Tensor& h) const override { return smoothed_log_density(h, 0); }
  at::Tensor residual_at(const at::Tensor& h) const override {
    const at::Tensor weight = kept(h, at::zeros({1, 1}, h.options()));
    return ((weight * ((observation() - h) / sigma_).square()).sum(1) / weight.sum(1).clamp_min(1e-12)).sqrt();
  }

 private:
  at::Tensor log_kept(const at::Tensor& h, const at::Tensor& spread) const {
    const at::Tensor variance = spread + sigma_ * sigma_;
    return std::log1p(-outliers_) -
           0.5 * ((observation() - h).square() / variance + (variance / (sigma_ * sigma_)).log());
  }
  /// P(not lost | y, h ~ N(h, spread)).
  at::Tensor kept(const at::Tensor& h, const at::Tensor& spread) const {
    return (log_kept(h, spread) - log_lost_).sigmoid();
  }

  double sigma_, outliers_;
  at::Tensor log_lost_;
};

}  // namespace

const std::vector<std::string>& noise_law_names() {
  static const std::vector<std::string> names{"gaussian", "poisson", "salt_and_pepper"};
  return names;
}

at::Tensor draw_observation(const at::Tensor& h, const NoiseModel& noise, at::Generator generator) {
  at::NoGradGuard no_grad;
  const at::Tensor clean = h.to(at::kCPU);
  const auto normal = [&] { return at::randn(clean.sizes(), generator, clean.options()); };
  at::Tensor y;
  switch (noise.law) {
    case NoiseLaw::Gaussian:
      y = clean + noise.level * normal();
      break;
    case NoiseLaw::Poisson:
      y = at::poisson(((noise.peak() / 2) * (clean + 1)).clamp_min(0), generator) * (2 / noise.peak()) - 1;
      break;
    case NoiseLaw::SaltAndPepper: {
      const at::Tensor u = at::rand(clean.sizes(), generator, clean.options());
      const at::Tensor lost = at::where(u < noise.outliers / 2, -at::ones_like(clean), at::ones_like(clean));
      y = at::where(u < noise.outliers, lost, clean) + noise.level * normal();
      break;
    }
  }
  return y.to(h.device());
}

Likelihood::Likelihood(std::shared_ptr<const Operator> op, at::Tensor y) : operator_(std::move(op)), y_(std::move(y)) {
  if (y_.dim() != 2) throw OperatorError("the observation must be a batch of flat vectors");
  if (!y_.isfinite().all().item<bool>()) throw OperatorError("the observation holds values that are not numbers");
}

at::Tensor Likelihood::draw_precision(const at::Tensor& centre, const at::Tensor&, const at::Tensor&) const {
  return precision(centre);
}

at::Tensor Likelihood::smoothed_log_density(const at::Tensor&, double) const {
  throw OperatorError("this law of noise has no hidden indicators");
}

std::unique_ptr<Likelihood> make_likelihood(std::shared_ptr<const Operator> op, at::Tensor y, const NoiseModel& noise) {
  check_level(noise.level);
  switch (noise.law) {
    case NoiseLaw::Gaussian:
      break;
    case NoiseLaw::Poisson:
      return std::make_unique<PoissonLikelihood>(std::move(op), std::move(y), noise);
    case NoiseLaw::SaltAndPepper:
      if (!(noise.outliers > 0 && noise.outliers < 1))
        throw OperatorError("the share of outliers is " + std::to_string(noise.outliers) +
                            ", must lie between 0 and 1");
      return std::make_unique<SaltAndPepperLikelihood>(std::move(op), std::move(y), noise);
  }
  return std::make_unique<GaussianLikelihood>(std::move(op), std::move(y), noise.level);
}

GaussianLikelihood::GaussianLikelihood(std::shared_ptr<const Operator> op, at::Tensor y, double sigma)
    : Likelihood(std::move(op), std::move(y)), sigma_(sigma) {
  check_level(sigma);
}

at::Tensor GaussianLikelihood::log_density_at(const at::Tensor& h) const {
  return (observation() - h).square().sum(1) * (-0.5 / (sigma_ * sigma_));
}

at::Tensor GaussianLikelihood::misfit(const at::Tensor& h) const { return (observation() - h) / sigma_; }

at::Tensor GaussianLikelihood::precision(const at::Tensor&) const {
  return at::full({1, 1}, 1 / (sigma_ * sigma_), observation().options());
}

}  // namespace mgdm
