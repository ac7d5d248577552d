// Separation measured on held-out songs whose stems are known: a comparison (core/compare) of songs and methods.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <stop_token>
#include <string>

#include "core/compare/spec.h"
#include "core/runs/model_pool.h"
#include "core/runs/separation.h"

namespace mgdm {

struct SeparationQualityOptions {
  std::filesystem::path songs;       ///< folder of songs as models/recipes/band_data.py writes them
  int64_t count = 10;                ///< songs, evenly spread over the sorted names
  double seconds = 6;                ///< excerpt from the middle of each
  std::filesystem::path start = {};  ///< folder of stems to start from, by the songs' names, as they are; or empty
  std::string prior = "band";
  SeparationRequest request;
  ModelPlace place;
};

/// The comparison that is measured: axes song, method. Throws MediaError, SettingError.
CompareSpec separation_spec(const SeparationQualityOptions& options);

/// For every song SI-SDRi (dB) of each stem by one posterior sample, by the mean of the samples, by what they are
/// combined to (SeparatedStretch::estimate), by harmonic-percussive separation and by the oracle ratio mask
/// (core/compare/song_baselines.h), then their means: {"songs": [...], "stems": [...], "mean": {"sample": {stem: dB,
/// "all": dB}, "mean_of_samples": ..., "estimate": ..., "harmonic_percussive": ..., "ratio_mask": ...}, ...}. The mix
/// itself is 0 dB. A stem that is silent in the excerpt counts in none of them. Stopped: the songs that were finished.
/// "median_sdr" is as "mean", the median over the songs of `median_sdr` (core/metrics/audio_metrics.h) in dB, which is
/// what other programs' tables hold. With `start` "start" is how good the stems to start from are.
nlohmann::json separation_quality(const SeparationQualityOptions& options,
                                  const std::function<void(const std::string&)>& progress = {},
                                  std::stop_token stop = {});

}  // namespace mgdm
