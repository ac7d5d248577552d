// Separations without a model, as cells to compare with.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace mgdm {

/// harmonic_percussive, ratio_mask, mix, start.
const std::vector<std::string>& song_baselines();

/// What a baseline may need, float32.
struct BaselineInput {
  at::Tensor mix;    ///< [L]
  at::Tensor truth;  ///< [stems, L], of ratio_mask
  at::Tensor start;  ///< [stems, L], of start
};

/// -> [stems, L]. Throws OperatorError where what it needs is not there.
///   harmonic_percussive  Fitzgerald 2010: medians of 17 frames and 17 bins; drums are the percussive part, every other
///                        stem the harmonic one
///   ratio_mask           the oracle: |s_k| / sum |s_j| on the mix's spectrogram, window 2048, hop 512
///   mix                  every stem is the mix
///   start                the stems to start from, as they are
at::Tensor song_baseline(const std::string& name, const BaselineInput& input, const std::vector<std::string>& stems);

}  // namespace mgdm
