// A picture larger than a network's native size, seen through overlapping windows of that size whose results are
// blended (MultiDiffusion, Bar-Tal et al. 2023): what the network was trained on is all that it ever sees, and with a
// denoiser the windows agree with each other because every denoising blends them anew.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/priors/prior.h"

namespace mgdm {

/// Where windows begin that cover `length` with at least `overlap` in common, at multiples of `multiple`, evenly
/// spread. One at 0 if the length fits one window.
std::vector<int64_t> window_begins(int64_t length, int64_t window, int64_t overlap, int64_t multiple = 1);

/// map(x) of [B, C, H, W] through windows of `window` pixels a side, the results (`enlargement` times as large) blended
/// with weights that fall off linearly towards a window's edges. Differentiable if `map` is. A picture that fits one
/// window goes to `map` as it is.
at::Tensor through_windows(const at::Tensor& x, int64_t window, int64_t overlap, int64_t multiple, int64_t enlargement,
                           const std::function<at::Tensor(const at::Tensor&)>& map);

/// `denoiser` through windows of `window` pixels of the prior's space.
std::shared_ptr<Denoiser> windowed(std::shared_ptr<Denoiser> denoiser, int64_t window, int64_t overlap,
                                   int64_t multiple);

}  // namespace mgdm
