// Separation measured on held-out songs whose stems are known.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "core/runs/separation.h"

namespace mgdm {

struct SeparationQualityOptions {
  std::filesystem::path songs;  ///< folder of songs as models/recipes/band_data.py writes them
  int64_t count = 10;           ///< songs, evenly spread over the sorted names
  double seconds = 6;           ///< excerpt from the middle of each
  SeparationRequest request;
};

/// For every song SI-SDRi (dB) of each stem by one posterior sample, by the mean of the samples, by harmonic-percussive
/// separation (Fitzgerald 2010: medians of 17 frames and 17 bins; drums are the percussive part, every other stem the
/// harmonic one), and by the oracle ratio mask (|s_k| / sum |s_j| on the mix's spectrogram, window 2048, hop 512), then
/// their means: {"songs": [...], "mean": {"sample": {stem: dB, "all": dB}, "mean_of_samples": ...,
/// "harmonic_percussive": ..., "ratio_mask": ...}, ...}. The mix itself is 0 dB. A stem that is silent in the excerpt
/// counts in none of them. Stopped: the songs that were finished.
nlohmann::json separation_quality(const BandPrior& band, const SeparationQualityOptions& options,
                                  const std::function<void(const std::string&)>& progress = {},
                                  std::stop_token stop = {});

}  // namespace mgdm
