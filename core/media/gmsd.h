// Gradient magnitude similarity deviation (Xue et al. 2014), through OpenCV's quality module.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// a, b [B, 3, H, W] in [-1, 1] (clamped, rounded to 8 bit) -> [B]; 0 is identical, smaller is better.
/// Mean over the three channels.
at::Tensor gmsd(const at::Tensor& a, const at::Tensor& b);

}  // namespace mgdm
