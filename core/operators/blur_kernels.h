// Kernels of blur: square, of an odd side, with sum 1.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace mgdm {

/// [size, size] Gaussian with the given standard deviation in pixels, cut at 4 deviations, sum 1.
at::Tensor gaussian_kernel(int64_t size, double deviation);
/// [size, size] straight motion of `length` pixels at `angle` degrees (counter-clockwise from right).
at::Tensor motion_kernel(int64_t size, double length, double angle);
/// A kernel drawn or loaded, [size, size] with sum 1, from its text: a motion path "x,y x,y ..." in pixels (y down), at
/// even speed and centred on its mean; or values >= 0 as rows "0 1 0; 1 2 1; 0 1 0". Throws OperatorError for other
/// text, or what does not fit `size` (odd).
at::Tensor parse_kernel(const std::string& text, int64_t size);
/// The largest side of a kernel that a signal [C, H, W] takes, at most 61.
int64_t kernel_size_for(const std::vector<int64_t>& shape);

}  // namespace mgdm
