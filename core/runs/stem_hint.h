// A hint for one stem (somebody hums along, notes played plainly) made into what a separation of it can begin from.
//
// A hint tells where in time and pitch the stem sounds, not its timbre or phase. So its spectrogram becomes a mask on
// the mix's (informed separation, Ewert et al. 2014, "Score-informed source separation for musical audio recordings"):
// with |H| of the hint, a little spread over time and pitch, and |M| of the mix, the level g solves least squares
// |M| = g |H| around each time and frequency, and the stem is M min(1, (g |H| / |M|)^2).
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// hint [1, L], mix [channels, L] float32 at `rate` Hz -> the stem's start [channels, L]; the hint's own level does not
/// matter. Silence where the hint is silent. LibTorch only.
at::Tensor stem_from_hint(const at::Tensor& hint, const at::Tensor& mix, double rate);

}  // namespace mgdm
