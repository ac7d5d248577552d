// A separation that outlives its process: where it stands and what it has finished lie in a file, from which the same
// separation goes on to the same stems, bit for bit. What is lost is the window that it was in.
//
// Needs LibTorch only. For one thread; one process at a time has the file.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>

#include "core/runs/separation.h"

namespace mgdm {

struct SeparationKeeping {
  std::filesystem::path file = {};  ///< empty: nothing is kept
  nlohmann::json origin = {};       ///< what is separated, as the caller will know it again
  bool samples = false;             ///< also the samples of what is finished; else the sink gets none of it again
};

/// As `separate`, from where `keeping.file` says that it was interrupted; the sink is first given what that holds, in
/// the stretches in which it was made. A file that cannot be read, or is of another separation (origin, request,
/// settings, repairs, model, precision), is passed over.
///
/// The file is written in one piece when a window is finished and it is due (StateClock), and when `stop` comes; none
/// while no window is finished. It is removed when all is. Errors of writing it are swallowed: it is a safety net.
/// Memory grows with the song: what is finished is held at the model's rate.
SeparationResult separate_keeping(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                  const SeparationKeeping& keeping,
                                  const std::function<void(const SeparatedStretch&)>& sink,
                                  const std::function<void(const SeparationProgress&)>& observer = {},
                                  std::stop_token stop = {});

}  // namespace mgdm
