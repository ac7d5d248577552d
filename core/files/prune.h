// Keeps the folders that the program fills by itself from growing without end.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>

namespace mgdm {

/// Removes files that lie in `folder` itself, those written longest ago first, until all of them take at most `bytes`;
/// never one that `kept` is true of. Returns the bytes that are free now. What cannot be removed stays. Any thread.
int64_t prune_folder(const std::filesystem::path& folder, int64_t bytes,
                     const std::function<bool(const std::filesystem::path&)>& kept);

}  // namespace mgdm
