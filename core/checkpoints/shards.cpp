#include "core/checkpoints/shards.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "core/errors.h"
#include "core/files/json_text.h"

namespace mgdm {

namespace fs = std::filesystem;

bool is_shard_index(const fs::path& file) {
  const std::string name = file.filename().string(), ending = ".index.json";
  return name.size() > ending.size() && name.compare(name.size() - ending.size(), ending.size(), ending) == 0;
}

fs::path index_of_shard(const fs::path& shard) {
  static const std::regex part("(.+)-[0-9]+-of-[0-9]+(\\.[A-Za-z0-9]+)");
  const std::string name = shard.filename().string();
  std::smatch found;
  if (!std::regex_match(name, found, part)) return {};
  const fs::path index = shard.parent_path() / (found[1].str() + found[2].str() + ".index.json");
  std::error_code error;
  return fs::is_regular_file(index, error) ? index : fs::path();
}

std::map<std::string, fs::path> shard_map(const fs::path& index) {
  const auto fail = [&](const std::string& what) { throw CheckpointError(index.string() + ": " + what); };
  const nlohmann::json read = read_json(index);
  if (!read.is_object() || !read.contains("weight_map") || !read["weight_map"].is_object() ||
      read["weight_map"].empty())
    fail("is no index of shards (no \"weight_map\")");
  std::map<std::string, fs::path> files;
  std::set<std::string> there, missing;
  for (const auto& [tensor, shard] : read["weight_map"].items()) {
    const std::string name = shard.is_string() ? shard.get<std::string>() : std::string();
    if (name.empty() || fs::path(name).filename() != name) fail("'" + tensor + "' lies in no file beside it");
    files[tensor] = index.parent_path() / name;
    std::error_code error;
    (fs::is_regular_file(files[tensor], error) ? there : missing).insert(name);
  }
  if (!missing.empty()) {
    fail(std::to_string(missing.size()) + " of its " + std::to_string(missing.size() + there.size()) +
         " files are missing, among them " + *missing.begin() + ": download all of them into one folder");
  }
  return files;
}

std::vector<fs::path> shards_of(const fs::path& index) {
  std::set<fs::path> files;
  for (const auto& [tensor, file] : shard_map(index)) files.insert(file);
  return {files.begin(), files.end()};
}

}  // namespace mgdm
