// Nothing but noise.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// y = x.
std::unique_ptr<Operator> make_identity(std::vector<int64_t> shape);

}  // namespace mgdm
