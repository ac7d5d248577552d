// Missing pixels.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// Keeps the pixels where `keep` [H, W] (bool) is true. Observation order: kept pixels row by row,
/// channel fastest. Throws OperatorError if no pixel is kept or the sizes differ.
std::unique_ptr<Operator> make_inpainting(std::vector<int64_t> shape, const at::Tensor& keep);

}  // namespace mgdm
