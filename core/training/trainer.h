// Trains a network by what its recipe says (core/training/objective.h): AdamW or Muon, warm-up and cosine, exponential
// moving average, mixed precision. Can be killed at any moment and resumed from its output folder.
//
// Output folder: `training.safetensors` (everything needed to go on), `model.safetensors` (the
// averaged weights in float16, what a prior card points to), `loss.csv`, pictures through `write_image`.
//
// On a GPU nothing is read back between reports and the forward and backward pass is one recorded launch
// (core/networks/work_graph.h); core/training/README.md says what each of this is worth.
#pragma once
#include <ATen/core/Tensor.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>

#include "core/training/loss_curve.h"
#include "core/training/recipe.h"
#include "core/training/training_data.h"

namespace mgdm {

struct TrainingProgress {
  const TrainingRow* row;  ///< the row just added
  double fraction;         ///< 0..1 of the planned training
  double seconds_left;
  double samples_per_second;     ///< since the row before, in samples of the recipe's size
  double operations_per_second;  ///< floating-point operations of convolutions and attention, forward and backward
};

struct TrainingHooks {
  std::function<void(const TrainingProgress&)> progress;
  /// Writes a uint8 [3, H, W] picture; the name has no extension. Empty: no pictures.
  std::function<void(const std::filesystem::path& stem, const at::Tensor& pixels)> write_image;
  /// One line that a person should see (what could not be done as planned).
  std::function<void(const std::string&)> notice;
  const std::atomic<bool>* stop = nullptr;  ///< polled each step; a checkpoint is written on stopping
};

/// What makes training on a GPU fast, each to be switched off in a measurement. Results differ by rounding only.
struct TrainingLevers {
  bool graph = true;      ///< forward and backward pass recorded
  bool kernel = true;     ///< our fused group norm + SiLU instead of ATen's operations
  bool cast_once = true;  ///< weights brought to the compute type once a step, not at each use
  bool queue = true;      ///< no value read back between reports
};

/// Trains until the recipe's end or `hooks.stop`. Continues from `folder` (empty: nothing is written) if it holds a
/// training of the same network; else starts from `initial_weights` (may be empty) or at random. Throws
/// CheckpointError, std::invalid_argument, or std::runtime_error on a NaN loss (found at the next report; nothing is
/// saved then).
void train(const TrainingRecipe& recipe, const TrainingData& dataset, const std::filesystem::path& folder,
           const std::filesystem::path& initial_weights, at::Device device, const TrainingHooks& hooks,
           const TrainingLevers& levers = {});

}  // namespace mgdm
