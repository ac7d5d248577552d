// What is known of the stems of a song.
#pragma once
#include <functional>
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

/// What is known of the stems of a piece of music, frame by frame; signals [stems, frames, bins], the coefficients of
/// a codec that is linear and the same for every stem (core/priors/mdct_codec.h). `known` [stems, frames] (bool):
/// stems observed themselves; `mix` [frames] (bool): where the sum of the other stems is observed. All of `mix`
/// and nothing `known` is source separation; a stem known throughout and no `mix` asks for an accompaniment;
/// a gap in `mix` is to be filled. Observation order: frame by frame, known stems before the sum, bins fastest.
/// `weights` [bins], >= 0: what each bin of the sum is multiplied by, undefined for 1; 0 where it is not observed (a
/// lost band), less where its noise is more. With decomposition (a sum of u stems has the singular value sqrt(u) times
/// its weight). Throws OperatorError.
std::unique_ptr<Operator> make_stems(std::vector<int64_t> shape, const at::Tensor& known, const at::Tensor& mix,
                                     const at::Tensor& weights = {});
/// y = the sum of the stems (Multi-Source Diffusion Models, Mariani et al. 2023); signals [stems, frames, bins].
std::unique_ptr<Operator> make_mixture(std::vector<int64_t> shape);

/// A mix that was cut off at a level (clipped): y = `gain` clip(s, -level, level), s the sum of the stems as sound
/// [frames bins], its samples `seen` (bool) only, followed by the `known` stems' own coefficients as in `make_stems`.
/// `decode` makes sound [B, 1, frames bins] of coefficients [B, 1, frames, bins], differentiable and linear; the whole
/// is nonlinear. Throws OperatorError.
std::unique_ptr<Operator> make_clipped_mix(std::vector<int64_t> shape,
                                           std::function<at::Tensor(const at::Tensor&)> decode, double level,
                                           double gain, const at::Tensor& known, const at::Tensor& seen);

}  // namespace mgdm
