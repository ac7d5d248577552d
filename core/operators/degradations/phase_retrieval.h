// Amplitudes without phases.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// |F(pad(0.5 (x + 1)))| for each channel, F the centred orthonormal 2-D Fourier transform: [B, 3 (H + 2 pad) (W + 2
/// pad)].
std::unique_ptr<Operator> make_phase_retrieval(std::vector<int64_t> shape, int64_t pad);

}  // namespace mgdm
