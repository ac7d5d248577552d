// Inputs of a comparison as tensors, so that a build without OpenCV runs the same cells; and pictures out of cells.
#pragma once
#include <filesystem>
#include <string>

#include "core/compare/cell_store.h"
#include "core/compare/spec.h"
#include "core/runs/model_pool.h"

namespace mgdm {

/// Writes FOLDER/inputs/*.safetensors ("signal" [3, H, W], "hole" [H, W], "reference" [3, H, W]) and
/// FOLDER/comparison.json, the same spec on those. How many inputs. Throws SettingError for cells that are worked on in
/// several passes (a large hole, several holes) and for classical methods; MediaError. In builds with OpenCV; others
/// throw SettingError.
size_t pack(const CompareSpec& spec, const std::vector<Cell>& cells, const std::filesystem::path& folder,
            const ModelPlace& place);

/// The first sample of a finished cell as PNG bytes; empty where it has none, and in builds without OpenCV.
std::string picture_of(const CellStore& store, const Cell& cell);

}  // namespace mgdm
