// A checkpoint in several files (shards): NAME.index.json beside them says in its "weight_map" which tensor lies in
// which, as Hugging Face's libraries write it. Any thread.
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace mgdm {

/// By its name, "*.index.json".
bool is_shard_index(const std::filesystem::path& file);

/// The index beside one of its shards ("NAME-00001-of-00003.safetensors" -> "NAME.safetensors.index.json"); empty: the
/// file's name is none of a shard, or there is no index.
std::filesystem::path index_of_shard(const std::filesystem::path& shard);

/// The file of each tensor. Throws CheckpointError where the index cannot be read, names a file of another folder, or
/// one that is not there.
std::map<std::string, std::filesystem::path> shard_map(const std::filesystem::path& index);

/// The files, each once, by name. Throws as `shard_map`.
std::vector<std::filesystem::path> shards_of(const std::filesystem::path& index);

}  // namespace mgdm
