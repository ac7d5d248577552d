// The walk of a separation over the windows of a song whose channels are in phase. `separate` (core/runs/separation.h)
// is the way in.
#pragma once
#include <functional>
#include <stop_token>

#include "core/runs/separation.h"

namespace mgdm {

/// As `separate`.
SeparationResult separate_in_phase(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                   const SeparationContinuation& continuation,
                                   const std::function<void(const SeparatedStretch&)>& sink,
                                   const std::function<void(const SeparationProgress&)>& observer,
                                   std::stop_token stop);

}  // namespace mgdm
