// The tasks a person can choose: one description for each degradation, from which the command line's
// --task, the studio's list and its form are made. A degradation, or several of a kind, is one file in
// core/operators/degradations, which the build lists (core/registry.cmake).
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/operators/operator.h"
#include "core/settings/settings.h"

namespace mgdm {

/// What a task is given beside its settings.
struct Given {
  at::Tensor mask;                          ///< [H, W] uint8 or bool, nonzero = to be filled; may be undefined
  std::array<int64_t, 2> observed{{0, 0}};  ///< [h, w] of an observation that is given; 0: there is none
};

struct Task {
  std::string name;   ///< as in --task
  std::string label;  ///< for people
  std::string help;
  int rank = 215;                      ///< place in the list; equal ones by their files' names
  std::string group = "Other";         ///< for people: those of one group stand together under its name
  std::vector<Setting> settings = {};  ///< --set task.NAME=...
  double noise = 0.05;                 ///< default standard deviation of the observation noise, in [-1, 1]
  bool adds_noise = true;              ///< false: degrading adds none, `noise` only stands for the model's error
  bool needs_mask = false;             ///< the person paints or loads a mask
  int64_t shrink = 1;                  ///< each side of the observation is the photo's by this factor
  /// Instead of `shrink`, by any factor; an observation that is given decides it.
  std::function<double(const Settings&)> any_shrink = {};
  bool simulated_only = false;  ///< only clean photos can be degraded so; no photo is such an observation
  bool image_valued =
      true;  ///< H gives a picture in [-1, 1]; false: other numbers, for which photon counts mean nothing
  bool runs_program = false;  ///< its settings hold a command line of the person's system
  bool repairs = true;        ///< undoes what happened to a whole photo, rather than fills or simulates
  int64_t unit = 1;  ///< a photo is continued at its right and lower edge up to a multiple of this, on a grid from its
                     ///< top left
  double example_noise = 0;  ///< for a small picture of what it does
  std::string why_not = {};  ///< why it cannot be done in this build; empty: it can
  /// Whether `name` means this task too; what it says of the settings is written there.
  std::function<bool(const std::string& name, Settings& settings)> also_named = {};
  /// Throws OperatorError. `settings` complete, `shape` of the signal [C, H, W].
  std::function<std::unique_ptr<Operator>(const Settings& settings, const std::vector<int64_t>& shape,
                                          const Given& given)>
      make;
  /// An operator of the same kind, where `make` needs a person's file or program.
  std::function<std::unique_ptr<Operator>(const std::vector<int64_t>& shape)> stand_in = {};
};

/// In the order in which people see them; the same ones in every build.
const std::vector<Task>& tasks();
/// What the build has listed, in the order of the files' names.
std::vector<std::vector<Task>> listed_degradations();
/// Also takes jpegN: "jpeg5" is jpeg with quality 5. The settings implied by the name are written into `settings`.
/// Throws SettingError naming the known tasks.
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

// ---- for descriptions ----

Setting real_setting(std::string name, std::string label, std::string help, double value, double low, double high);
/// Why what reads and writes picture files cannot be done in this build; empty: it can.
std::string no_picture_files();

}  // namespace mgdm
