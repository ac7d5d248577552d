#include "core/priors/weight_file.h"

#include "core/checkpoints/safetensors.h"
#include "core/checkpoints/torch_file.h"

namespace mgdm {

std::filesystem::path weights_at(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return path;
  for (const auto& folder : {path, path / "unet"}) {
    for (const char* name :
         {"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors",
          "diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "model.safetensors", "model.ckpt"}) {
      if (std::filesystem::is_regular_file(folder / name, error)) return folder / name;
    }
  }
  return {};
}

WeightFile::WeightFile(std::filesystem::path file) : path_(std::move(file)), name_(path_.string()) {
  if (is_torch_file(path_)) {
    try {
      pickled_ = read_torch_file(path_).pickle;
    } catch (const ProgramError&) {
      program_ = true;
      weights_.emplace();
    }
    return;
  }
  if (path_.extension() != ".safetensors") weights_ = read_weights(path_);  // says what else it is not
  metadata_ = read_safetensors_metadata(path_);
}

WeightFile::WeightFile(std::map<std::string, at::Tensor> weights, std::string name)
    : name_(std::move(name)), weights_(std::move(weights)) {}

const std::map<std::string, at::Tensor>& WeightFile::weights() const {
  if (!weights_) weights_ = pickled_ ? state_dict_of(*pickled_->root, name_) : read_weights(path_);
  return *weights_;
}

bool has_transformers(const WeightFile& file) {
  for (const auto& [name, tensor] : file.weights()) {
    if (name.find(".transformer_blocks.") != std::string::npos) return true;
  }
  return false;
}

}  // namespace mgdm
