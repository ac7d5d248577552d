// How fast a recipe trains on a device, and what each lever of the trainer is worth.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/training/trainer.h"

namespace mgdm {

/// Operations a second of a large matrix product in this type: what the device can do at best. Takes a second or two.
double matrix_product_rate(at::Device device, at::ScalarType type);

struct TrainingSpeed {
  std::string name;  ///< "all levers", or what was left out
  double samples_per_second, operations_per_second;
  double loss;  ///< of the last steps: the levers must not change it by more than rounding
};

/// Trains `steps` steps with all levers and without each; the last half is timed. Nothing is written.
std::vector<TrainingSpeed> training_speeds(const TrainingRecipe& recipe, const TrainingData& data, at::Device device,
                                           int64_t steps, const std::function<void(const std::string&)>& notice);

/// Random data for measuring where the real ones are not at hand.
std::unique_ptr<TrainingData> synthetic_data(const TrainingRecipe& recipe, at::Device device);

}  // namespace mgdm
