// Pictures that were shrunk.
#pragma once
#include <array>
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// Mean over factor x factor blocks ("average pooling"). H and W must be multiples of the factor.
std::unique_ptr<Operator> make_super_resolution(std::vector<int64_t> shape, int64_t factor);

enum class ResizeFilter { Box, Bicubic, Lanczos };
/// Shrinks both sides by any factor >= 1 (rounded to whole pixels) with an antialiasing filter: area mean, Keys'
/// cubic (a = -1/2) or Lanczos 3, mirrored at the border. With decomposition.
std::unique_ptr<Operator> make_resize(std::vector<int64_t> shape, double factor, ResizeFilter filter);
/// The same to a given size [h, w], no side larger than the signal's.
std::unique_ptr<Operator> make_resize_to(std::vector<int64_t> shape, std::array<int64_t, 2> size, ResizeFilter filter);

}  // namespace mgdm
