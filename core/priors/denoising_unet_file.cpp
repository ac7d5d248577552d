#include "core/priors/denoising_unet_file.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/parameters_file.h"
#include "core/priors/photo_autoencoder_file.h"

namespace mgdm {

namespace {

constexpr const char* kFormat = "mgdm-photo-unet";

}  // namespace

std::shared_ptr<DenoisingUnet> load_denoising_unet(const std::filesystem::path& file,
                                                   std::map<std::string, std::string>* metadata) {
  const Checkpoint checkpoint = read_safetensors(file);
  if (metadata != nullptr) metadata->insert(checkpoint.metadata.begin(), checkpoint.metadata.end());
  const auto format = checkpoint.metadata.find("format");
  const auto description = checkpoint.metadata.find("network");
  if (format == checkpoint.metadata.end() || format->second != kFormat || description == checkpoint.metadata.end()) {
    throw CheckpointError(file.string() + ": does not hold a denoising U-Net (its metadata has no format '" + kFormat +
                          "')");
  }
  DenoisingUnetOptions options;
  try {
    parse_json(description->second).get_to(options);
  } catch (const std::exception& e) {
    throw CheckpointError(file.string() + ": " + e.what());
  }
  auto network = std::make_shared<DenoisingUnet>(options);
  std::map<std::string, at::Tensor> tensors;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.rfind(kAutoencoderPrefix, 0) != 0) tensors[name] = tensor;
  }
  fill_parameters(network->parameters(), tensors, file);
  return network;
}

void save_denoising_unet(const std::filesystem::path& file, DenoisingUnet& network,
                         const std::map<std::string, std::string>& metadata,
                         const std::map<std::string, at::Tensor>& beside) {
  Checkpoint checkpoint;
  checkpoint.metadata = metadata;
  checkpoint.metadata["format"] = kFormat;
  checkpoint.metadata["network"] = json_text(nlohmann::json(network.options()));
  for (const auto& [name, tensor] : beside) checkpoint.tensors[name] = tensor;
  for (const auto& item : network.parameters()) {
    checkpoint.tensors[item.name] = item.tensor.detach().to(at::kHalf);
  }
  write_safetensors(file, checkpoint);
}

}  // namespace mgdm
