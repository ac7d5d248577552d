// What a training makes better: a network, the loss of a batch, and what is shown and kept of it. The trainer
// (core/training/trainer.h) does the rest alike for all of them. On one thread, but for `draw`'s data.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/networks/parameters.h"
#include "core/training/recipe.h"
#include "core/training/training_data.h"

namespace mgdm {

class Objective {
 public:
  virtual ~Objective() = default;
  /// Of the network that is trained and of another one, which is given the averaged weights before `validate`,
  /// `pictures` and `save`.
  virtual Parameters& parameters() = 0;
  virtual Parameters& averaged_parameters() = 0;
  /// Names the network; a training that was saved goes on with the same one only.
  virtual std::string description() const = 0;

  /// What a pass reads: the clean samples [N, C, H, W] first, then whatever the loss wants beside them, on the device.
  /// Always as many tensors, of shapes that follow from the first one's; undefined ones are passed on as they are.
  /// Everything random is drawn from `seed`.
  virtual std::vector<at::Tensor> draw(uint64_t seed) = 0;
  /// Scalar; differentiable in the parameters. Reads no value back from the device.
  virtual at::Tensor loss(const std::vector<at::Tensor>& inputs) = 0;
  /// Floating-point operations of a forward pass for each pixel of a sample.
  virtual double operations_per_pixel() = 0;

  /// Of the averaged network: quality in dB at the recipe's `validation_sigmas`, empty without held-out data.
  virtual std::vector<double> validate() = 0;
  /// uint8 [3, H, W]: what it makes; undefined: nothing to see.
  virtual at::Tensor picture() { return {}; }
  /// Writes the averaged network as float16 with the recipe and `step`.
  virtual void save(const std::filesystem::path& file, int64_t step) = 0;
};

/// What `recipe.trains` names. `initial_weights`: to start from, or empty. Throws CheckpointError if they are of
/// another network.
std::unique_ptr<Objective> make_objective(const TrainingRecipe& recipe, const TrainingData& data,
                                          const std::filesystem::path& initial_weights, at::Device device,
                                          at::ScalarType compute);

/// [N, 3, H, W] in [-1, 1] side by side: uint8 [3, rows H, columns W].
at::Tensor contact_sheet(const at::Tensor& images);

}  // namespace mgdm
