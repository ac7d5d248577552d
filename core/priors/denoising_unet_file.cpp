#include "core/priors/denoising_unet_file.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace {

constexpr const char* kFormat = "mgdm-photo-unet";

std::string shape_text(const at::Tensor& t) {
  std::string text;
  for (const int64_t n : t.sizes()) {
    if (!text.empty()) text += 'x';
    text += std::to_string(n);
  }
  return text.empty() ? "scalar" : text;
}

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
  std::vector<std::string> problems;
  at::NoGradGuard no_grad;
  for (auto& item : network->parameters()) {
    const auto found = checkpoint.tensors.find(item.name);
    if (found == checkpoint.tensors.end()) {
      problems.push_back("missing " + item.name);
    } else if (found->second.sizes() != item.tensor.sizes()) {
      problems.push_back(item.name + " is " + shape_text(found->second) + ", must be " + shape_text(item.tensor));
    } else {
      item.tensor.copy_(found->second);
    }
  }
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (!network->parameters().has(name)) problems.push_back("surplus " + name);
  }
  if (!problems.empty()) {
    std::string message = file.string() + ": " + std::to_string(problems.size()) + " tensors do not fit the network:";
    for (size_t i = 0; i < problems.size() && i < 10; ++i) message += (i ? ", " : " ") + problems[i];
    throw CheckpointError(message);
  }
  return network;
}

void save_denoising_unet(const std::filesystem::path& file, DenoisingUnet& network,
                         const std::map<std::string, std::string>& metadata) {
  Checkpoint checkpoint;
  checkpoint.metadata = metadata;
  checkpoint.metadata["format"] = kFormat;
  checkpoint.metadata["network"] = json_text(nlohmann::json(network.options()));
  for (const auto& item : network.parameters()) {
    checkpoint.tensors[item.name] = item.tensor.detach().to(at::kHalf);
  }
  write_safetensors(file, checkpoint);
}

}  // namespace mgdm
