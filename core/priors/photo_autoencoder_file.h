// Weights of a `PhotoAutoencoder` on disk: a `.safetensors` file with its description in the metadata ("autoencoder")
// and its tensors under "autoencoder.". A latent prior's file has them beside its network's, so that it is whole by
// itself.
#pragma once
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/networks/photo_autoencoder.h"

namespace mgdm {

constexpr const char* kAutoencoderPrefix = "autoencoder.";

/// From a file of its own or a latent prior's. Missing, surplus and mis-shaped tensors are a CheckpointError that lists
/// them.
std::shared_ptr<PhotoAutoencoder> load_photo_autoencoder(const std::filesystem::path& file);
/// Writes a file of its own, as float16.
void save_photo_autoencoder(const std::filesystem::path& file, const PhotoAutoencoder& network,
                            std::map<std::string, std::string> metadata);

/// What such a file has, for another one to have it too. Tensors are float16 and keep no part of the network alive.
std::map<std::string, at::Tensor> autoencoder_tensors(const PhotoAutoencoder& network);
std::map<std::string, std::string> autoencoder_metadata(const PhotoAutoencoder& network);

}  // namespace mgdm
