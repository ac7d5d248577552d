// Whether the border between what was given of a photo and what was filled can be seen.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// Mean |difference| of neighbouring pixels across the border of `hole` [H, W] bool (nonzero: filled), each difference
/// the mean over the channels, horizontally and vertically. `images` [B, C, H, W], any range. [B] float64; NaN where
/// the hole has no border inside the picture.
at::Tensor gradient_across(const at::Tensor& images, const at::Tensor& hole);

/// gradient_across of the images over that of the photo as it was: 1 is a seam like any line of the photo, 2 one that
/// jumps twice as much; below 1 it is smoother than the photo. Where the photo itself jumps by less than one of 256
/// steps, that step stands for it: a fill whose grain is smaller than what a screen shows is not a seam. Values in
/// [-1, 1]; `reference` [C, H, W]. [B] float64.
at::Tensor seam(const at::Tensor& images, const at::Tensor& reference, const at::Tensor& hole);

}  // namespace mgdm
