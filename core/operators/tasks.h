// The tasks a person can choose: one description for each degradation, from which the command line's
// --task, the studio's list and its form are made.
#pragma once
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/operators/operator.h"
#include "core/settings/settings.h"

namespace mgdm {

struct Task {
  std::string name;   ///< as in --task
  std::string label;  ///< for people
  std::string help;
  std::vector<Setting> settings;  ///< --set task.NAME=...
  double noise;                   ///< default standard deviation of the observation noise, in [-1, 1]
  bool adds_noise = true;         ///< false: degrading adds none, `noise` only stands for the model's error
  bool needs_mask = false;        ///< the person paints or loads a mask
  bool same_size = true;          ///< the observation has the size of the photo
  int64_t shrink = 1;             ///< else: by this factor
  bool simulated_only = false;    ///< only clean photos can be degraded so; no photo is such an observation
  bool image_valued =
      true;  ///< H gives a picture in [-1, 1]; false: other numbers, for which photon counts mean nothing
  bool runs_program = false;  ///< its settings hold a command line of the person's system
};

const std::vector<Task>& tasks();
/// Also takes jpegN and super-resolution by another name: "jpeg5" is jpeg with quality 5. The settings
/// implied by the name are written into `settings`. Throws SettingError naming the known tasks.
const Task& find_task(const std::string& name, Settings& settings);

/// How many times each side of the photo was shrunk; 1 for tasks of the same size.
double shrink_factor(const Task& task, const Settings& settings);

/// `mask` [H, W] uint8 or bool, nonzero = to be filled; only for tasks that need one. `settings` as
/// completed by `complete_settings`. `observed` [h, w]: the size of an observation that is given (any-factor
/// super-resolution fits the factor to it). Throws SettingError or OperatorError.
std::shared_ptr<Operator> make_operator(const Task& task, const Settings& settings,
                                        const std::vector<int64_t>& signal_shape, const at::Tensor& mask = {},
                                        std::array<int64_t, 2> observed = {0, 0});

/// The task's operator with its default settings on a small image, to ask what kind of map it is; for tasks that need
/// a person's file or program, a stand-in of the same kind.
std::shared_ptr<const Operator> example_operator(const Task& task);

}  // namespace mgdm
