// Convolutions.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// Depth-wise convolution with an odd square kernel, reflect padding (edge pixel not repeated).
std::unique_ptr<Operator> make_blur(std::vector<int64_t> shape, const at::Tensor& kernel);

/// Gaussian blur as X -> K X K^T with zero padding (61 taps, the last dropped), singular values of K below
/// `smallest` dropped: what the public code's blur_svd is meant to be. With decomposition.
std::unique_ptr<Operator> make_blur_svd(std::vector<int64_t> shape, double deviation = 3.0, double smallest = 0.03);

}  // namespace mgdm
