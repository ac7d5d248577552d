// A dense linear map of plain vectors: toy problems.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// y = A x for a dense matrix A [m, d] of signals [d], with its decomposition. Throws OperatorError.
std::unique_ptr<Operator> make_matrix(const at::Tensor& a);

}  // namespace mgdm
