#include "core/files/folders.h"

#include <cstdlib>
#include <sstream>

#include "core/errors.h"

namespace mgdm {

namespace fs = std::filesystem;

std::vector<fs::path> model_folders() {
  std::vector<fs::path> folders;
  if (const char* listed = std::getenv("MGDM_MODELS")) {
    std::istringstream paths(listed);
    for (std::string path; std::getline(paths, path, ':');) {
      if (!path.empty()) folders.emplace_back(path);
    }
  }
  if (std::getenv("XDG_DATA_HOME") != nullptr || std::getenv("HOME") != nullptr) folders.push_back(own_model_folder());
  // Beside an installed program, else in the source tree it was built from.
  std::error_code error;
  const fs::path beside = fs::read_symlink("/proc/self/exe", error).parent_path() / "../share/mgdm-studio/models";
  folders.push_back(!error && fs::is_directory(beside, error) ? beside.lexically_normal() : fs::path(MGDM_MODELS_DIR));
  return folders;
}

fs::path own_model_folder() {
  const char* data = std::getenv("XDG_DATA_HOME");
  if (data != nullptr && *data != '\0') return fs::path(data) / "mgdm-studio/models";
  const char* home = std::getenv("HOME");
  if (home == nullptr) throw ModelError("there is no folder for your models: neither XDG_DATA_HOME nor HOME is set");
  return fs::path(home) / ".local/share/mgdm-studio/models";
}

}  // namespace mgdm
