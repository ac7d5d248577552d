// Conjugate gradients on a batch.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

namespace mgdm {

using SymmetricMap = std::function<at::Tensor(const at::Tensor&)>;
/// x with A x = b for a symmetric positive A given by its `product`, from zero; each chain of b [B, ...] on its own,
/// done when its residual has shrunk to `tolerance`. `preconditioner`: near to A^-1, symmetric positive; none: I. One
/// that meets a direction of no or negative curvature (a network's Jacobian is only nearly symmetric) stands still.
at::Tensor conjugate_gradients(const SymmetricMap& product, const at::Tensor& b, int steps, double tolerance,
                               const SymmetricMap& preconditioner = {});

}  // namespace mgdm
