// A TorchScript module as a prior, the last resort for a network of no family that is known. Such a file is a program:
// it runs when it is loaded and at every step, so it is only loaded where a person has said that they trust it.
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "core/priors/prior.h"

namespace mgdm {

/// True if the file is a TorchScript archive, without loading it.
bool is_torchscript(const std::filesystem::path& file);

/// The module's forward(x, t) is called with x [B, 3, H, W] float32 in [-1, 1] and t [B] int64, 0 to 999, and gives
/// what `config` says: "prediction": "noise" (the default) or "x0"; of more channels than x the first are taken.
/// Further keys: "noise_schedule" (linear, scaled_linear or cosine), "image_size" (native side, default 256),
/// "size_multiple" (default 32). Throws ModelError.
Prior load_torchscript_prior(const std::filesystem::path& file, const nlohmann::json& config, const std::string& name,
                             at::Device device);

}  // namespace mgdm
