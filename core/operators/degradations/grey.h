// Pictures without colours.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// Weighted mean of the colours, .3333 R + .3334 G + .3333 B; [B, H W].
std::unique_ptr<Operator> make_grey(std::vector<int64_t> shape);

}  // namespace mgdm
