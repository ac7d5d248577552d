#include "core/samplers/mgdm/denoising.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace mgdm {

std::vector<double> ladder(double first, double last, int n) {
  std::vector<double> sigmas;
  for (int k = 0; k < n; ++k)
    sigmas.push_back(first * std::pow(last / first, n == 1 ? 0.0 : static_cast<double>(k) / (n - 1)));
  return sigmas;
}

namespace {

// Noise levels of a denoising that starts at sigma, the last one 0.
std::vector<double> denoising_ladder(const MgdmSettings& s, double sigma) {
  constexpr double kFinest = 0.01, kLast = 0.02;
  const double share = std::log(sigma / kFinest) / std::log(s.first_sigma / kFinest);
  const int most = s.denoising_steps, least = std::min(most, 2);
  std::vector<double> sigmas = ladder(sigma, std::min(kLast, sigma / 2),
                                      std::clamp(static_cast<int>(std::lround(share * most)), least, 4 * most));
  sigmas.push_back(0);
  return sigmas;
}

// For a Gaussian prior the step from sigma to s has, with r = s^2 / sigma^2 and the denoiser's Jacobian J,
//   mean r x + (1 - r) D(x, sigma),   covariance (sigma^2 - s^2) (r I + (1 - r) J):
// ancestral sampling forgets the part with J, the spread of x_0 itself. Here one noise n goes both straight into the
// result and, through x + a n, through the denoiser: with a = sigma sqrt((1 - sqrt r) / (1 + sqrt r)) it comes out as
// (sqrt r I + (1 - sqrt r) J) n sqrt(sigma^2 - s^2). The mean is exact; so is the covariance where J is 0 or 1 (a
// prior that is a point, or flat, at the scale of sigma), and it is within 3 % for r = 1/2 in between.
at::Tensor moment_matching_denoise(const MgdmSettings& s, StepContext& c, at::Tensor x, double sigma) {
  const std::vector<double> sigmas = denoising_ladder(s, sigma);
  for (size_t k = 0;; ++k) {
    const double now = sigmas[k], root = sigmas[k + 1] / now, r = root * root;
    const double through = now * std::sqrt((1 - root) / (1 + root));
    const at::Tensor n = c.input.noise.normal_like(x);
    const at::Tensor x0 = c.denoise_at(x + through * n, now);
    if (r == 0) return x0;
    x = r * x + (1 - r) * x0 + (now * std::sqrt((1 - r) * r)) * n;
  }
}

// Above `matched_below` the steps are those of SDE-DPM-Solver++(2M) (Lu et al. 2022). They lose part of the spread of
// x_0 | x where the prior is flat at the scale of sigma, which it is at small sigma; there, and in the last step,
// a step to sigma' first adds noise of variance sigma^2 - sigma'^2, as much as the reverse diffusion has in it,
// then follows the probability-flow ODE down to sigma' (Karras et al. 2022, alg. 2, with the noise matched): exact
// however few the steps where the prior is flat and where it is a point.
at::Tensor dpm_solver_denoise(const MgdmSettings& s, StepContext& c, at::Tensor x, double sigma, double matched_below) {
  const std::vector<double> sigmas = denoising_ladder(s, sigma);
  at::Tensor previous;
  double previous_step = 0;
  for (size_t k = 0; k + 1 < sigmas.size(); ++k) {
    const double now = sigmas[k], next = sigmas[k + 1];
    const bool matched = now <= matched_below || next == 0;
    const double added = matched ? std::sqrt(now * now - next * next) : 0, raised = std::hypot(now, added);
    if (matched) x = x + added * c.input.noise.normal_like(x);
    const at::Tensor x0 = c.denoise_at(x, raised);
    if (next == 0) return x0;
    const double step = std::log(raised / next);
    at::Tensor estimate = x0;
    if (!matched && previous.defined() && s.second_order)
      estimate = x0 + (0.5 * step / previous_step) * (x0 - previous);
    if (matched) {
      x = estimate + (next / raised) * (x - estimate);
    } else {
      const double forget = 1 - std::exp(-2 * step);
      x = (1 - forget) * x + forget * estimate + (next * std::sqrt(forget)) * c.input.noise.normal_like(x);
    }
    previous = x0;
    previous_step = step;
  }
  return x;
}

}  // namespace

at::Tensor stochastic_denoise(const MgdmSettings& s, StepContext& c, const at::Tensor& x, double sigma,
                              double matched_below) {
  return s.denoising == Denoising::MomentMatching ? moment_matching_denoise(s, c, x, sigma)
                                                  : dpm_solver_denoise(s, c, x, sigma, matched_below);
}

}  // namespace mgdm
