// What the files of our own networks have in common.
#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "core/networks/parameters.h"

namespace mgdm {

/// Copies `tensors` by name. Missing, surplus and mis-shaped ones are a CheckpointError that names `file` and lists
/// them; nothing of use is in `parameters` then.
void fill_parameters(Parameters& parameters, const std::map<std::string, at::Tensor>& tensors,
                     const std::filesystem::path& file);

}  // namespace mgdm
