// What of a song is no instrument of a band: told apart by how it moves, for no model of it is needed.
//
// A plucked or struck string holds its pitch until it has died away, a drum has none; a voice has one and does not hold
// it. Seen in long frames it is not steady, seen in short ones it is not struck: two separations of what is steady from
// what is struck, one after the other, leave it (Tachibana, Ono & Sagayama 2014, "Singing voice enhancement in monaural
// music signals based on two-stage harmonic/percussive sound separation"; FitzGerald & Gainza 2010, "Single channel
// vocal separation using median filtering and factorisation techniques"). Speech and what is sung with slides are
// found so; a note that is held without them is steady, and is not. Float32 on the CPU.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// Of magnitudes [bins, frames] the share [0, 1] that is steady in time and not struck, of the same shape: medians of
/// so many `frames` and `bins` (odd; fewer where there are not as many) around each, as Wiener's filter has it
/// (FitzGerald 2010, "Harmonic/percussive separation using median filtering", equations 8 and 9 there).
at::Tensor steady_share(const at::Tensor& magnitudes, int64_t frames, int64_t bins);

/// What of a sound [L] glides, of the same shape.
at::Tensor gliding_part(const at::Tensor& sound, double sample_rate);

/// Seconds of sound to either side on which `gliding_part` hangs, less than.
constexpr double kGlidingReach = 0.8;

}  // namespace mgdm
