// Degradations that act on rows and columns one after the other, Y = A X B^T for each channel: their singular
// value decomposition is the product of the two small ones.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// `rows` [h, H], `columns` [w, W]; singular values of each below `smallest` are dropped, from the map too. Throws
/// OperatorError.
std::unique_ptr<Operator> make_separable(std::vector<int64_t> shape, const at::Tensor& rows, const at::Tensor& columns,
                                         double smallest);

}  // namespace mgdm
