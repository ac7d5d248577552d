#include "core/priors/weight_file.h"

#include <algorithm>

#include "core/checkpoints/safetensors.h"
#include "core/checkpoints/shards.h"
#include "core/checkpoints/torch_file.h"

namespace mgdm {

namespace {

using NamedTensors = std::map<std::string, at::Tensor>;

bool name_begins(const std::string& name, const std::string& with) { return name.compare(0, with.size(), with) == 0; }

bool all_begin(const NamedTensors& weights, const std::string& with) {
  return !weights.empty() && std::all_of(weights.begin(), weights.end(),
                                         [&](const auto& weight) { return name_begins(weight.first, with); });
}

NamedTensors without_beginning(const NamedTensors& weights, size_t length) {
  NamedTensors out;
  for (const auto& [name, tensor] : weights) out.emplace(name.substr(length), tensor);
  return out;
}

}  // namespace

NamedTensors without_wrappers(NamedTensors weights) {
  // torch.compile names the module that it wraps, wherever that is in the network.
  const std::string compiled = "_orig_mod.";
  NamedTensors plain;
  for (const auto& [name, tensor] : weights) {
    std::string shorter = name;
    for (size_t at = 0; (at = shorter.find(compiled, at)) != std::string::npos;) {
      if (at == 0 || shorter[at - 1] == '.')
        shorter.erase(at, compiled.size());
      else
        ++at;
    }
    plain.emplace(shorter, tensor);
  }
  if (plain.size() == weights.size()) weights = std::move(plain);  // else two weights would become one
  for (bool again = true; again;) {
    again = false;
    if (all_begin(weights, "module.")) {
      weights = without_beginning(weights, 7);
      again = true;
    }
    // Families know the names of Lightning's modules: only a network by itself has lost its "model.".
    const bool network = std::none_of(weights.begin(), weights.end(), [](const auto& weight) {
      return name_begins(weight.first, "model.diffusion") || name_begins(weight.first, "model.unet.");
    });
    if (network && all_begin(weights, "model.")) {
      weights = without_beginning(weights, 6);
      again = true;
    }
  }
  return weights;
}

std::filesystem::path weights_at(const std::filesystem::path& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    const std::filesystem::path index = index_of_shard(path);
    return index.empty() ? path : index;
  }
  for (const auto& folder : {path, path / "unet"}) {
    for (const char* name :
         {"diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.fp16.safetensors",
          "diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "model.safetensors", "model.ckpt"}) {
      if (std::filesystem::is_regular_file(folder / name, error)) return folder / name;
    }
    std::vector<std::filesystem::path> indices;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
      if (is_shard_index(entry.path())) indices.push_back(entry.path());
    }
    // Of several the shortest name: the others are of another precision (.fp16.).
    const auto shortest = std::min_element(indices.begin(), indices.end(), [](const auto& a, const auto& b) {
      return std::pair(a.string().size(), a) < std::pair(b.string().size(), b);
    });
    if (shortest != indices.end()) return *shortest;
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
  if (path_.extension() != ".safetensors") weights_ = without_wrappers(read_weights(path_));  // says what it is not
  if (is_shard_index(path_)) return;
  metadata_ = read_safetensors_metadata(path_);
}

WeightFile::WeightFile(std::map<std::string, at::Tensor> weights, std::string name)
    : name_(std::move(name)), weights_(without_wrappers(std::move(weights))) {}

const std::map<std::string, at::Tensor>& WeightFile::weights() const {
  if (!weights_) weights_ = without_wrappers(pickled_ ? state_dict_of(*pickled_->root, name_) : read_weights(path_));
  return *weights_;
}

bool has_transformers(const WeightFile& file) {
  for (const auto& [name, tensor] : file.weights()) {
    if (name.find(".transformer_blocks.") != std::string::npos) return true;
  }
  return false;
}

}  // namespace mgdm
