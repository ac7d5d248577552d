// `NoiseSchedule`: the discrete noise levels of a diffusion prior, in double.
//
//   x_t = sqrt(abar_t) x_0 + sqrt(1 - abar_t) n,   n ~ N(0, I),   t = 0..T,   abar_0 = 1
//
// the variance-preserving form of Ho et al. 2020 (DDPM) with a leading 1, so that level 0 is the clean
// signal. A variance-exploding prior x_0 + sigma n is the same thing scaled:
// abar = 1 / (1 + sigma^2), x_VE = x_t / sqrt(abar_t). Immutable; safe to share between threads.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace mgdm {

class NoiseSchedule {
 public:
  /// betas = linspace(1e-4, 0.02, 1000): DDPM, ADM, and our own pixel priors.
  static NoiseSchedule vp_linear(int steps = 1000, double first = 1e-4, double last = 0.02);
  /// betas = linspace(sqrt first, sqrt last, steps)^2: latent diffusion (Rombach et al. 2022).
  static NoiseSchedule vp_scaled_linear(int steps = 1000, double first = 0.0015, double last = 0.0195);
  /// Nichol & Dhariwal 2021, eq. 17, betas capped at 0.999.
  static NoiseSchedule cosine(int steps = 1000);
  /// Karras et al. 2022, eq. 5, with exponent rho, from sigma_min to sigma_max.
  static NoiseSchedule karras(double sigma_min, double sigma_max, int steps = 1000, double rho = 3.0);
  /// From a table; must start with 1, never increase, and stay positive (published float32
  /// tables repeat levels near 1). Throws
  /// std::invalid_argument otherwise.
  explicit NoiseSchedule(std::vector<double> alpha_bar);
  /// By name: "vp_linear", "vp_scaled_linear", "cosine". Throws std::invalid_argument.
  static NoiseSchedule named(const std::string& name);

  int steps() const { return static_cast<int>(alpha_bar_.size()) - 1; }  ///< T
  double alpha_bar(int t) const { return alpha_bar_.at(t); }
  double sigma(int t) const;              ///< sqrt((1 - abar) / abar), the noise level of x_t / sqrt(abar_t)
  int nearest_level(double sigma) const;  ///< the level, at least 1, whose `sigma` is nearest
  const std::vector<double>& table() const { return alpha_bar_; }

  /// n levels trunc(linspace(0, T - 1, n)), ascending, the first one 0. 2 <= n <= T.
  std::vector<int> timesteps(int n) const;

 private:
  std::vector<double> alpha_bar_;
};

}  // namespace mgdm
