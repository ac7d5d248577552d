// The newest iterate of a run that is on, in a file, so that the run can be gone on with after a crash or a kill.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "core/runs/trajectory.h"

namespace mgdm {

struct RunState {
  KeptIterate iterate;
  nlohmann::json request;  ///< the run's, complete
  nlohmann::json origin;   ///< its input's, the record's "files"
  std::string precision;   ///< that its model ran in
};

/// When the state of a run is to be written: every two seconds at most, and so seldom that it takes a twentieth of the
/// time (a large photo on a slow disk).
class StateClock {
 public:
  /// Calls `write` where that is due, `seconds` after the clock was made.
  void tick(double seconds, const std::function<void()>& write);

 private:
  static constexpr double kInterval = 2, kShare = 20;
  double due_ = kInterval;
};

/// In one piece. Errors are swallowed: it is a safety net, the run itself does not need it.
void write_run_state(const std::filesystem::path& file, const RunState& state);
/// Throws CheckpointError, MediaError.
RunState read_run_state(const std::filesystem::path& file);
/// The same without its tensors.
RunState read_run_state_summary(const std::filesystem::path& file);

}  // namespace mgdm
