// Weights of a `DenoisingUnet` on disk: a `.safetensors` file whose metadata describes the network, so that
// the file alone is enough to rebuild it.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/networks/denoising_unet.h"

namespace mgdm {

/// Loads `.safetensors` weights into a network of the file's own description. Missing, surplus and
/// mis-shaped tensors are a CheckpointError that lists them. `metadata`: everything else the file says.
std::shared_ptr<DenoisingUnet> load_denoising_unet(const std::filesystem::path& file,
                                                   std::map<std::string, std::string>* metadata = nullptr);
/// Writes weights with their description, as float16; `beside`: tensors of other things that belong to the model
/// ("autoencoder."..., see photo_autoencoder_file.h), which loading leaves alone.
void save_denoising_unet(const std::filesystem::path& file, DenoisingUnet& network,
                         const std::map<std::string, std::string>& metadata = {},
                         const std::map<std::string, at::Tensor>& beside = {});

}  // namespace mgdm
