// A separation that outlives its process: where it stands lies in a file, what it has finished in another beside it,
// and from both the same separation goes on to the same stems, bit for bit. What is lost is the window that it was in.
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
  std::filesystem::path file = {};  ///< empty: nothing is kept. FILE.sound lies beside it
  nlohmann::json origin = {};       ///< what is separated, as the caller will know it again
  bool samples = false;             ///< also the samples of what is finished; else the sink gets none of it again
};

/// As `separate`, from where `keeping.file` says that it was interrupted; the sink is first given what that holds, in
/// the stretches in which it was made. A file that cannot be read, or is of another separation (origin, request,
/// settings, repairs, model, precision), is passed over.
///
/// The file is written in one piece when a window is finished and it is due (StateClock), and when `stop` comes; none
/// while no window is finished. FILE.sound grows with each stretch, float32 at the model's rate; what lies in it behind
/// the state that was written last is dropped. Both are removed when all is finished. Errors of writing them are
/// swallowed: they are a safety net. Memory does not grow with the song.
std::filesystem::path sound_beside(const std::filesystem::path& state);
SeparationResult separate_keeping(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                  const SeparationKeeping& keeping,
                                  const std::function<void(const SeparatedStretch&)>& sink,
                                  const std::function<void(const SeparationProgress&)>& observer = {},
                                  std::stop_token stop = {});

}  // namespace mgdm
