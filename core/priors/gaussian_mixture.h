// A Gaussian mixture as a prior whose denoiser is known in closed form, for tests and `selftest`.
//
// x_0 ~ sum_k w_k N(mu_k, C_k). Then x_t given component k is N(sqrt(a) mu_k, a C_k + (1 - a) I) and
// E[x_0 | x_t] is the responsibility-weighted mean of the components' linear estimates.
#pragma once
#include <ATen/core/Tensor.h>

#include "core/priors/prior.h"

namespace mgdm {

struct GaussianMixture {
  at::Tensor weights;      ///< [K], sum 1, float64
  at::Tensor means;        ///< [K, d], float64
  at::Tensor covariances;  ///< [K, d, d], symmetric positive semi-definite, float64

  /// n samples [n, d], float64.
  at::Tensor sample(int64_t n, at::Generator generator) const;
  /// The posterior for y = A x + sigma n: again a mixture. A [m, d], y [m], float64.
  GaussianMixture posterior(const at::Tensor& a, const at::Tensor& y, double sigma) const;
};

Prior make_mixture_prior(const GaussianMixture& mixture, NoiseSchedule schedule);

}  // namespace mgdm
