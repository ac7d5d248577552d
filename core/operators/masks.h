// Which pixels of a picture are known.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace mgdm {

class Operator;

/// Rows and columns [top, bottom) x [left, right), as fractions of the paper's 256x256 images, of a signal [C, H, W]:
/// bool [H, W].
at::Tensor box_mask(const std::vector<int64_t>& shape, double top, double bottom, double left, double right);

/// False at `rate` (0 to 1) of the pixels of a signal [C, H, W], drawn from `seed`: bool [H, W].
at::Tensor random_keep(const std::vector<int64_t>& shape, double rate, int64_t seed);

/// Of a degradation that keeps some values of the signal as they are and loses the others: which, bool [signal...];
/// undefined for every other degradation. Found by trying it.
at::Tensor kept_values(const Operator& degradation);

}  // namespace mgdm
