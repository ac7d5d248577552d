#include "core/priors/photo_autoencoder_file.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/parameters_file.h"

namespace mgdm {

namespace {

constexpr const char* kAutoencoderFormat = "mgdm-photo-autoencoder";
constexpr const char* kDescription = "autoencoder";

}  // namespace

std::shared_ptr<PhotoAutoencoder> load_photo_autoencoder(const std::filesystem::path& file) {
  const Checkpoint checkpoint = read_safetensors(file);
  const auto description = checkpoint.metadata.find(kDescription);
  if (description == checkpoint.metadata.end()) {
    throw CheckpointError(file.string() + ": does not hold a photo autoencoder (its metadata has no '" + kDescription +
                          "')");
  }
  PhotoAutoencoderOptions options;
  try {
    parse_json(description->second).get_to(options);
  } catch (const std::exception& e) {
    throw CheckpointError(file.string() + ": " + e.what());
  }
  auto network = std::make_shared<PhotoAutoencoder>(options);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.rfind(kAutoencoderPrefix, 0) == 0) tensors[name.substr(std::string(kAutoencoderPrefix).size())] = tensor;
  }
  fill_parameters(network->parameters(), tensors, file);
  return network;
}

std::map<std::string, at::Tensor> autoencoder_tensors(const PhotoAutoencoder& network) {
  std::map<std::string, at::Tensor> tensors;
  for (const auto& item : network.parameters()) {
    tensors[kAutoencoderPrefix + item.name] = item.tensor.detach().cpu().to(at::kHalf, false, /*copy=*/true);
  }
  return tensors;
}

std::map<std::string, std::string> autoencoder_metadata(const PhotoAutoencoder& network) {
  return {{kDescription, json_text(nlohmann::json(network.options()))}};
}

void save_photo_autoencoder(const std::filesystem::path& file, const PhotoAutoencoder& network,
                            std::map<std::string, std::string> metadata) {
  Checkpoint checkpoint;
  checkpoint.metadata = std::move(metadata);
  checkpoint.metadata.merge(autoencoder_metadata(network));
  checkpoint.metadata["format"] = kAutoencoderFormat;
  for (const auto& [name, tensor] : autoencoder_tensors(network)) checkpoint.tensors[name] = tensor;
  write_safetensors(file, checkpoint);
}

}  // namespace mgdm
