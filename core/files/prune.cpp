#include "core/files/prune.h"

#include <algorithm>
#include <vector>

namespace mgdm {

namespace fs = std::filesystem;

int64_t prune_folder(const fs::path& folder, int64_t bytes, const std::function<bool(const fs::path&)>& kept) {
  struct File {
    fs::file_time_type written;
    int64_t size;
    fs::path path;
  };
  std::vector<File> files;
  int64_t all = 0, freed = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    std::error_code gone;
    if (!entry.is_regular_file(gone) || gone) continue;
    const File file{entry.last_write_time(gone), static_cast<int64_t>(entry.file_size(gone)), entry.path()};
    if (gone) continue;
    all += file.size;
    if (!kept(file.path)) files.push_back(file);
  }
  std::sort(files.begin(), files.end(), [](const File& a, const File& b) { return a.written < b.written; });
  for (const File& file : files) {
    if (all - freed <= bytes) break;
    if (fs::remove(file.path, error)) freed += file.size;
  }
  return freed;
}

}  // namespace mgdm
