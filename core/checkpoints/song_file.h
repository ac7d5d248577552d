// Songs in stems as tensor files, the form that training and measuring read: a `.safetensors` with a tensor `stems`,
// int16 [C, L], full scale 32768 (`models/recipes/band_data.py` writes them).
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace mgdm {

struct NamedSong {
  std::string name;
  at::Tensor stems;  ///< int16 [C, L]
};

/// All songs of a folder, by name. Throws CheckpointError naming the file.
std::vector<NamedSong> read_songs(const std::filesystem::path& folder);

/// A folder that may still be filled, each file in one piece (another name until it is whole).
class GrowingSongFolder {
 public:
  explicit GrowingSongFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  /// The songs that were not given yet, by name, at most `most`; empty: nothing new. Throws CheckpointError naming the
  /// file.
  std::vector<NamedSong> next(size_t most);

 private:
  std::filesystem::path folder_;
  std::set<std::filesystem::path> given_;
};

}  // namespace mgdm
