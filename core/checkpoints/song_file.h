// Songs in stems as tensor files, the form that training and measuring read: a `.safetensors` with a tensor `stems`,
// int16 [C, L], full scale 32768 (`models/recipes/band_data.py` writes them).
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace mgdm {

struct NamedSong {
  std::string name;
  at::Tensor stems;  ///< int16 [C, L]
};

/// All songs of a folder, by name. Throws CheckpointError naming the file.
std::vector<NamedSong> read_songs(const std::filesystem::path& folder);

}  // namespace mgdm
