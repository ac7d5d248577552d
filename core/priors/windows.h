// A picture larger than a network takes at once, seen through overlapping windows whose results are blended
// (MultiDiffusion, Bar-Tal et al. 2023): with a denoiser the windows agree with each other because every denoising
// blends them anew, so that all of them draw from one posterior.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/priors/prior.h"

namespace mgdm {

/// Where windows of `window` begin that cover `length` with at least `overlap` in common, at multiples of `multiple`,
/// evenly spread. One at 0 if the length fits one window.
std::vector<int64_t> window_begins(int64_t length, int64_t window, int64_t overlap, int64_t multiple = 1);

/// Length of the windows that cover `length`: `windows.side`, the length itself if it fits one, or what is fitted (a
/// multiple; two windows cover a length that is none).
int64_t window_length(int64_t length, const Windows& windows);

/// Pixels that a network computes for one evaluation of a picture, the overlaps counted as often as they are seen.
int64_t pixels_through_windows(int64_t height, int64_t width, const Windows& windows);

/// map(x) of [B, C, H, W] through windows, the results (`enlargement` times as large) blended with weights that fall
/// off linearly towards a window's edges. Differentiable if `map` is: what goes back through several windows is
/// computed anew one window at a time, so that the memory is that of one.
at::Tensor through_windows(const at::Tensor& x, const Windows& windows, int64_t enlargement,
                           const std::function<at::Tensor(const at::Tensor&)>& map);

/// `denoiser` through windows of the prior's space.
std::shared_ptr<Denoiser> windowed(std::shared_ptr<Denoiser> denoiser, const Windows& windows);

}  // namespace mgdm
