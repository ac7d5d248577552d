// A folder for what nobody keeps.
#pragma once
#include <filesystem>

namespace mgdm {

/// Made in the system's folder for such things, gone with all that is in it when it is destroyed. Throws MediaError.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace mgdm
