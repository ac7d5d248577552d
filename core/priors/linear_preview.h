// What a latent looks like without its decoder: at each of its pixels an affine map of its channels, fitted by least
// squares to what the decoder has made of other latents of the same model, enlarged bilinearly. A decoder of a large
// model takes as long as an evaluation of its network or longer; this takes a few milliseconds.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

class LinearPreview {
 public:
  /// z [B, c, h, w] and what it was decoded to, [B, C, f h, f w]. What was learned before counts for half. Any device;
  /// what is kept is on the CPU.
  void learn(const at::Tensor& z, const at::Tensor& signal);
  bool ready() const { return factor_ > 0; }
  /// [B, c, h, w] -> [B, C, f h, f w] on z's device, in [-1, 1]. Only once it has learned.
  at::Tensor operator()(const at::Tensor& z) const;

 private:
  int64_t factor_ = 0;
  at::Tensor moments_, products_;  // float64 [c + 1, c + 1], [c + 1, C]
};

}  // namespace mgdm
