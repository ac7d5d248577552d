// What a run will take, told before it is begun.
#pragma once
#include <cstdint>

#include "core/runs/run_request.h"
#include "core/samplers/sampler.h"

namespace mgdm {

struct RunCost {
  double evaluations = 0;  ///< of the network for one pass from pure noise, a way back counted as two forward
  double refining = 0;     ///< the same for one that starts from a guess with noise `sigma`
};

/// Counted by running the request's sampler on a small picture with a denoiser that costs nothing. Throws SettingError,
/// OperatorError; nothing is known (zeros) of a task that needs a person's program or weights that are not there.
RunCost count_evaluations(const RunRequest& request, const Prior& prior, double sigma);

/// Seconds that one evaluation of the prior takes for a megapixel, measured on 256 x 256 pixels (less than a second).
double seconds_per_megapixel(const Prior& prior);

/// Bytes that a run holds at its peak beside the model, for a signal [C, H, W] of so many values.
int64_t run_bytes(int64_t values, int64_t samples);
/// Bytes that could be taken now; a large number where unknown.
int64_t available_bytes();

}  // namespace mgdm
