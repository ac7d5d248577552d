#include "core/files/scratch_folder.h"

#include <cstdlib>

#include "core/errors.h"

namespace mgdm {

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "mgdm-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw MediaError(name + ": a temporary folder cannot be made");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace mgdm
