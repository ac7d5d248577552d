// Degradations of which only values are known.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// A map without a gradient: `map` takes and gives float32 [C, H, W] on the CPU, on any thread, samples in parallel;
/// `observed_shape`: of what it gives, if that differs from `shape`.
std::unique_ptr<Operator> make_black_box(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map,
                                         std::vector<int64_t> observed_shape = {});

}  // namespace mgdm
