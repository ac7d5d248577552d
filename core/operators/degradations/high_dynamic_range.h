// Clipped light.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// clip(gain x, -1, 1): "high dynamic range" with gain 2, plain clipping with other gains.
std::unique_ptr<Operator> make_high_dynamic_range(std::vector<int64_t> shape, double gain = 2.0);

}  // namespace mgdm
