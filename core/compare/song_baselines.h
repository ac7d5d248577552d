// Separations without a model, as cells to compare with.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace mgdm {

/// harmonic_percussive, ratio_mask, mix.
const std::vector<std::string>& song_baselines();

/// mix [L] float32, truth [stems, L] (ratio_mask alone needs it) -> [stems, L].
///   harmonic_percussive  Fitzgerald 2010: medians of 17 frames and 17 bins; drums are the percussive part, every other
///                        stem the harmonic one
///   ratio_mask           the oracle: |s_k| / sum |s_j| on the mix's spectrogram, window 2048, hop 512
///   mix                  every stem is the mix
at::Tensor song_baseline(const std::string& name, const at::Tensor& mix, const at::Tensor& truth,
                         const std::vector<std::string>& stems);

}  // namespace mgdm
