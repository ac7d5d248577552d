// Problems whose posterior is known: a Gaussian-mixture prior, a linear observation with Gaussian noise. Any
// sampler runs on them through the same `Prior` and `Likelihood` as on photos, and its distance to the exact
// posterior is measured.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/operators/likelihood.h"
#include "core/priors/gaussian_mixture.h"
#include "core/settings/settings.h"

namespace mgdm {

struct ToyProblem {
  std::string name;
  GaussianMixture prior, posterior;  ///< posterior exact: again a mixture
  Prior denoiser;                    ///< closed form
  std::shared_ptr<GaussianLikelihood> likelihood;
  int64_t dim() const { return prior.means.size(1); }
};

/// x ~ mixture, y = A x + sigma n. a [m, d], y [m], float64; schedule: DDPM's linear one unless given.
ToyProblem make_toy_problem(const std::string& name, const GaussianMixture& prior, const at::Tensor& a,
                            const at::Tensor& y, double sigma, NoiseSchedule schedule = NoiseSchedule::vp_linear());

/// Reads {"name", "weights" [K], "means" [K][d], "covs" [K][d][d] or "covs_diag" [K][d], "A" [m][d], "y" [m],
/// "sigma_y"} (other keys are ignored). Throws ToyError.
ToyProblem read_toy_problem(const std::filesystem::path& file);

/// Mean over `directions` [P, d] (unit rows) of the 1-D Wasserstein-1 distance of the projections of two sample
/// sets [n, d] of the same size (Bonneel et al. 2015). Rows that are not numbers make it NaN.
double sliced_wasserstein(const at::Tensor& a, const at::Tensor& b, const at::Tensor& directions);

/// P unit directions [P, d], the same for the same seed.
at::Tensor random_directions(int64_t count, int64_t dim, uint64_t seed = 0);

struct ToyReport {
  at::Tensor samples;                 ///< [chains, d] float64
  double distance = 0;                ///< sliced Wasserstein-1 to 8 exact sets of as many samples, mean
  double floor = 0, floor_std = 0;    ///< the same for 8 other exact sets: mean and standard deviation
  double prior_distance = 0;          ///< the same for samples of the prior
  double mode_error = 0;              ///< total variation between the modes' shares and their exact weights
  double residual = 0;                ///< rms of (A x - y) / sigma over all chains
  double exact_residual = 0;          ///< the same for exact samples; not 1 where the prior and y disagree
  int64_t forward = 0, backward = 0;  ///< network evaluations of the batch
  double seconds = 0;
};

/// Runs `chains` chains as one batch. `precision`: kDouble or kFloat. Throws SettingError, OperatorError,
/// NumericalError.
ToyReport run_toy(const ToyProblem& problem, const std::string& sampler, const std::string& preset,
                  const Settings& settings, int64_t chains, uint64_t seed, at::ScalarType precision = at::kFloat,
                  std::stop_token stop = {});

/// NumPy's .npy format 1.0: a float64 array. Throws ToyError.
void write_npy(const std::filesystem::path& file, const at::Tensor& array);

}  // namespace mgdm
