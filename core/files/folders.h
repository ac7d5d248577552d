// Where the program looks for models and keeps the user's own.
#pragma once
#include <filesystem>
#include <vector>

namespace mgdm {

/// In order of precedence: those in $MGDM_MODELS (colon-separated), the user's own, then the shipped one: beside an
/// installed program (../share/mgdm-studio/models), else that of the source tree.
std::vector<std::filesystem::path> model_folders();
/// Where models that a person imports are kept: $XDG_DATA_HOME/mgdm-studio/models, or below ~/.local/share.
std::filesystem::path own_model_folder();

}  // namespace mgdm
