// Few levels.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// Rounds to `levels` even values in [-1, 1]; backward the identity (straight through).
std::unique_ptr<Operator> make_quantisation(std::vector<int64_t> shape, int64_t levels);

}  // namespace mgdm
