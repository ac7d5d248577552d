// A stand-in for the decoder of a latent model that costs next to nothing: an affine map from each latent with its
// eight neighbours to its block of f x f pixels, fitted by least squares to what the decoder has made of other latents.
// A decoder of a large model takes as long as an evaluation of its network or longer; this takes a few milliseconds.
// For the eye, and as the decoder's Jacobian where that itself would take too long (MGDM's setting `decoder`).
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

class LinearDecoder {
 public:
  /// z [B, c, h, w] and what it was decoded to, [B, C, f h, f w]. What was learned before counts for half. Any device;
  /// what is kept is on the CPU.
  void learn(const at::Tensor& z, const at::Tensor& signal);
  bool ready() const { return factor_ > 0; }

  // Only once it has learned; all on the argument's device, float32.
  /// [B, c, h, w] -> [B, C, f h, f w], not clamped.
  at::Tensor decode(const at::Tensor& z) const;
  /// The map without its offset, W dz, and W^T w for [B, C, f h, f w].
  at::Tensor forward(const at::Tensor& dz) const;
  at::Tensor transposed(const at::Tensor& w) const;

 private:
  int64_t factor_ = 0;
  at::Tensor moments_, products_;  // float64 [9 c + 1, 9 c + 1], [9 c + 1, C f^2]
  at::Tensor weight_, offset_;     // float32 [C f^2, c, 3, 3], [C f^2]
};

}  // namespace mgdm
