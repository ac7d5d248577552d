// From a photo and what is said of its damage to a `Problem`.
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "core/operators/tasks.h"
#include "core/priors/prior.h"
#include "core/problems/problem.h"

namespace mgdm {

/// What a person says of a photo; part of every `RunRequest`.
struct ProblemRequest {
  std::string task = "inpainting";
  Settings task_settings = nlohmann::json::object();
  bool observed = false;  ///< the input already is the observation
  double noise = -1;      ///< level of the noise (NoiseModel::level) in [-1, 1] units; < 0 = the task's default
  std::string noise_law = "gaussian";  ///< gaussian, poisson or salt_and_pepper
  double outliers = 0.1;               ///< salt_and_pepper: share of the values that are lost
  uint64_t seed = 0;                   ///< of the noise that is drawn where the input is clean
  int64_t observation_seed = -1;       ///< of that noise alone, so that runs of other seeds see the same; < 0: `seed`
  nlohmann::json mask;                 ///< the painted mask as `pack_mask` gives it; null where none
};

/// What of a `ProblemRequest` is a number or a name, by its key in run.json: noise, noise_law, outliers, seed.
const std::vector<Setting>& photo_problem_settings();

/// Fills in the defaults (the task's settings and noise) and checks everything that can be checked without a photo.
/// Throws SettingError.
NoiseModel complete_problem_request(ProblemRequest& request);

/// The problem of `photo` [3, H, W] float32 in [-1, 1]: the clean photo, which is degraded, or with `request.observed`
/// the observation (for the shrinking tasks [3, h, w]). `mask` [H, W], nonzero = fill; undefined: the request's packed
/// one, if the task needs any; the mask that is used is put into the request. `prior` says which sizes can be and where
/// y is wanted; nullptr: any size, the CPU. Throws SettingError, OperatorError.
Problem photo_problem(ProblemRequest& request, const at::Tensor& photo, at::Tensor mask, const Prior* prior);

/// A mask [H, W] (nonzero = painted) as {"size": [W, H], "runs": [unpainted, painted, unpainted, ...]}, row by
/// row; the way back gives uint8, 255 where painted, and throws SettingError for what is no such thing.
nlohmann::json pack_mask(const at::Tensor& mask);
at::Tensor unpack_mask(const nlohmann::json& packed);

}  // namespace mgdm
