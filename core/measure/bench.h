// `mgdm bench`: speed and memory on this machine, as ratios within one run.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
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
  bool quick = false;              ///< small sizes only
  std::string precision = "auto";  ///< of the model and the run; the network's table has them all
  /// Loads the prior; empty: a network of the shipped shape with random weights.
  std::function<Prior()> load;
};

/// JSON with "network" (rows of size, path, forward and forward+gradient seconds), "ratios", "model" (the prior's own
/// network and decoder, the same), "run"
/// (seconds, seconds to the first iterate, share outside the network) and "peak_memory_bytes".
/// `say` gets a line of text as each part ends. Stopped: what was measured.
nlohmann::json bench(const BenchOptions& options, const std::function<void(const std::string&)>& say,
                     std::stop_token stop = {});

/// A published network of full size with random weights on `device`, batch 1 at its native size: {"device",
/// "parameters", "gflop" (of a forward pass), "paths": {"float32" | "bfloat16" | "float16" (a GPU only): {"forward_s",
/// "gradient_s" (forward and input gradient), "gflops", "share_of_peak" (of the fastest convolution measured here in
/// that type), "forward_bytes", "gradient_bytes", "recomputed_gradient_bytes" (more memory than before the call)}},
/// "load": {"bytes", "read_s" (the file's bytes from the disk), "load_s" (the file to a network in the last type)}}. Of
/// a latent model "paths" is of the network that denoises, and "decoder" and "decoder_gflop" are the same of its
/// decoder for a picture of the native size; "text_s" is what its text encoders take for a prompt. Each stage is told
/// as soon as it is measured. `folder` is for the file. Throws std::invalid_argument for an unknown name.
nlohmann::json bench_network(const std::string& name, const std::filesystem::path& folder, at::Device device,
                             const std::function<void(const std::string&)>& say, std::stop_token stop = {});

/// Separation of `seconds` of noise with each preset: {"presets": {NAME: {"seconds_per_second", "outside_network"
/// (share of the time), "evaluations"}}, "peak_memory_bytes"}. Noise takes as long as music.
nlohmann::json bench_separation(const BandPrior& band, double seconds,
                                const std::function<void(const std::string&)>& say, std::stop_token stop = {});

}  // namespace mgdm
