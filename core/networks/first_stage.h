// `FirstStage`: the autoencoders of latent diffusion (Rombach et al. 2022): VQ (a codebook, "vq-f4") and KL ("kl-f8"), under the
// names that CompVis' files give the weights. Read off the weights: levels, blocks, widths, attention, codebook, and which
// of the two it is.
//
//   decode: z [B, c, h, w] -> image [B, 3, H, W] in about [-1, 1]; with a codebook through its nearest entry (squared
//           Euclidean distance, the first of equals), straight-through for gradients
//   encode: image -> z, not quantised; with KL the mean
//
// Both with the model's scale factor: z is what the diffusion model sees. Differentiable. Weights are frozen.
#pragma once
#include <ATen/ATen.h>

#include <string>

#include "core/networks/named_weights.h"

namespace mgdm {

class FirstStage {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`; "loss." and others that only training needs are left out. Throws
  /// std::invalid_argument that names what is missing.
  FirstStage(const Weights& weights, const std::string& prefix, double scale_factor = 1);

  at::Tensor decode(const at::Tensor& z) const;
  at::Tensor encode(const at::Tensor& image) const;
  /// KL: mean and log variance of the latent before scaling, [B, 2 c, h, w]; VQ: what `encode` gives, unscaled.
  at::Tensor moments(const at::Tensor& image) const;
  /// Index of each latent's nearest code, [B, h, w]; VQ only.
  at::Tensor codes(const at::Tensor& z) const;

  bool has_codebook() const { return weights_.has("quantize.embedding.weight"); }
  int64_t latent_channels() const { return latent_channels_; }
  int64_t factor() const { return int64_t{1} << (levels_ - 1); }  ///< image pixels for a latent's

 private:
  at::Tensor norm(const std::string& name, const at::Tensor& x) const;
  at::Tensor residual(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor middle(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  double scale_factor_;
  int64_t levels_ = 0, latent_channels_ = 0;
};

}  // namespace mgdm
