// The published models that people have: how to know them by their weights, what the weights do not tell, where they
// are from. Each family lists its own (core/priors/families).
//
// A file is known by its network's family and by how many weights with how many numbers it has, a signature that no two
// of these share. Networks of the same structure with random weights, for measuring, come from the same descriptions.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mgdm {

struct KnownModel {
  std::string name;    ///< "adm-ffhq"
  std::string label;   ///< "Faces (FFHQ), 256x256"
  std::string file;    ///< as it is distributed
  std::string source;  ///< who publishes it, and where
  std::string license;
  int64_t tensors = 0, parameters = 0;  ///< of the network that denoises (of an autoencoder alone: of it)
  double gigabytes = 0;                 ///< of the file, about
  int64_t native_size = 0;              ///< pixels of a side; samples for sound
  nlohmann::json config{};              ///< what the weights do not tell, under the keys that a configuration file has
  /// What a file of this signature leaves to be asked, as it is in `file`; for measuring.
  nlohmann::json asked = nlohmann::json::object();
  std::string paper_config{};  ///< whose settings in the paper's code are for it: "ffhq", "imagenet", "ffhq_ldm",
                               ///< "sound"; empty: none
  /// Weights drawn at random under the names of the model's file (for latent models with their autoencoder).
  std::function<std::map<std::string, at::Tensor>(uint64_t seed)> random;
  std::string family{};  ///< see `FamilyDescription::name`; said by the list
};

/// Of all families, by their rank.
const std::vector<KnownModel>& known_models();
/// nullptr if there is none of that signature.
const KnownModel* known_model(const std::string& family, int64_t tensors, int64_t parameters);
/// Throws std::invalid_argument that names the known ones.
const KnownModel& known_model(const std::string& name);
/// See `KnownModel::random`.
std::map<std::string, at::Tensor> random_weights(const KnownModel& model, uint64_t seed);

}  // namespace mgdm
