#include "core/checkpoints/song_file.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/checkpoints/safetensors.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> song_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  if (error) throw CheckpointError(folder.string() + ": is no folder of songs (.safetensors)");
  std::sort(files.begin(), files.end());
  return files;
}

NamedSong read_song_file(const fs::path& file) {
  const Checkpoint checkpoint = read_safetensors(file);
  const auto stems = checkpoint.tensors.find("stems");
  if (stems == checkpoint.tensors.end() || stems->second.dim() != 2 || stems->second.scalar_type() != at::kShort) {
    throw CheckpointError(file.string() + ": holds no song (an int16 tensor 'stems' of two dimensions)");
  }
  return {file.stem().string(), stems->second};
}

}  // namespace

std::vector<NamedSong> read_songs(const fs::path& folder) {
  std::vector<NamedSong> songs;
  for (const auto& file : song_files(folder)) songs.push_back(read_song_file(file));
  if (songs.empty()) throw CheckpointError(folder.string() + ": is no folder of songs (.safetensors)");
  return songs;
}

std::vector<NamedSong> GrowingSongFolder::next(size_t most) {
  std::vector<NamedSong> songs;
  for (const auto& file : song_files(folder_)) {
    if (songs.size() == most) break;
    if (given_.contains(file)) continue;
    songs.push_back(read_song_file(file));
    given_.insert(file);
  }
  return songs;
}

}  // namespace mgdm
