// A basis that begins with a given direction.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// An orthonormal, symmetric [n, n] matrix whose first row is `direction` [n] (of length 1): a Householder reflection.
at::Tensor reflection_to(const at::Tensor& direction);

}  // namespace mgdm
