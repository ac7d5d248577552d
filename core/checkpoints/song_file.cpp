#include "core/checkpoints/song_file.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/checkpoints/safetensors.h"

namespace mgdm {

namespace fs = std::filesystem;

std::vector<NamedSong> read_songs(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  if (error || files.empty()) throw CheckpointError(folder.string() + ": is no folder of songs (.safetensors)");
  std::sort(files.begin(), files.end());
  std::vector<NamedSong> songs;
  for (const auto& file : files) {
    const Checkpoint checkpoint = read_safetensors(file);
    const auto stems = checkpoint.tensors.find("stems");
    if (stems == checkpoint.tensors.end() || stems->second.dim() != 2 || stems->second.scalar_type() != at::kShort) {
      throw CheckpointError(file.string() + ": holds no song (an int16 tensor 'stems' of two dimensions)");
    }
    songs.push_back({file.stem().string(), stems->second});
  }
  return songs;
}

}  // namespace mgdm
