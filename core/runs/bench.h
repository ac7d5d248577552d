// `mgdm bench`: speed and memory on this machine, as ratios within one run.
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>

#include "core/priors/band_prior.h"
#include "core/priors/prior.h"

namespace mgdm {

struct BenchOptions {
  at::Device device = at::kCPU;
  bool quick = false;  ///< small sizes only
  /// Loads the prior in a precision; empty: a network of the shipped shape with random weights.
  std::function<Prior(const std::string& precision)> load;
};

/// JSON with "network" (rows of size, path, forward and forward+gradient seconds), "ratios", "run"
/// (seconds, seconds to the first iterate, share outside the network) and "peak_memory_bytes".
/// `say` gets a line of text as each part ends.
nlohmann::json bench(const BenchOptions& options, const std::function<void(const std::string&)>& say);

/// Separation of `seconds` of noise with each preset: {"presets": {NAME: {"seconds_per_second", "outside_network" (share of the
/// time), "evaluations"}}, "peak_memory_bytes"}. Noise takes as long as music.
nlohmann::json bench_separation(const BandPrior& band, double seconds, const std::function<void(const std::string&)>& say, std::stop_token stop = {});

}  // namespace mgdm
