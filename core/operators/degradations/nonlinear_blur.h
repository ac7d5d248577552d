// Blur by a neural network.
#pragma once
#include <memory>
#include <vector>

#include "core/networks/kernel_wizard.h"
#include "core/operators/operator.h"

namespace mgdm {

/// Blur by a neural network that stands for moving scenes (Tran et al. 2021): clip(2 F((x + 1) / 2, k) - 1, -1, 1), the
/// encoded kernel k = 1.2 N(0, I) drawn from `seed` once for all (the public code draws it anew at each call).
std::unique_ptr<Operator> make_nonlinear_blur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network,
                                              uint64_t seed);

}  // namespace mgdm
