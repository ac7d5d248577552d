// `FirstStage`: the autoencoders of latent diffusion (Rombach et al. 2022): VQ (a codebook, "vq-f4") and KL ("kl-f8"),
// under the names that CompVis' files give the weights. Everything is read off the weights (`FirstStageConfig`).
//
//   decode: z [B, c, h, w] -> image [B, 3, H, W] in about [-1, 1]; with a codebook through its nearest entry (squared
//           Euclidean distance, the first of equals), straight-through for gradients
//   encode: image -> z, not quantised; with KL the mean
//
// Both with the model's scale factor: z is what the diffusion model sees. Differentiable, in the layers' type (results
// are float32). Weights are frozen.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

/// The structure. Level 0 is the finest.
struct FirstStageConfig {
  int64_t in_channels = 3, out_channels = 3;
  int64_t first = 128;  ///< channels behind the encoder's first convolution
  std::vector<int64_t> channels{128, 256, 512};
  std::vector<bool> attention{false, false, false};  ///< by level
  bool middle_attention = true;
  int64_t blocks = 2;  ///< residual blocks of a level of the encoder; one more in the decoder
  int64_t z_channels = 3;
  int64_t latent_channels = 3;  ///< embed_dim: what the diffusion model sees
  int64_t codes = 8192;         ///< entries of the codebook; 0: KL, whose encoder gives mean and log variance

  WeightLayout layout() const;
  /// "kl-f8"; the default is "vq-f4".
  static FirstStageConfig kl_f8();
  /// Throws std::invalid_argument if the weights are of no such autoencoder.
  static FirstStageConfig of(const NamedWeights& weights);
};

class FirstStage {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`; what only training needs ("loss...") is left out. Throws std::invalid_argument
  /// with a table of what is missing, too much or of another shape.
  FirstStage(const Weights& weights, const std::string& prefix, double scale_factor = 1);

  at::Tensor decode(const at::Tensor& z) const;
  at::Tensor encode(const at::Tensor& image) const;
  /// KL: mean and log variance of the latent before scaling, [B, 2 c, h, w]; VQ: what `encode` gives, unscaled.
  at::Tensor moments(const at::Tensor& image) const;
  /// Index of each latent's nearest code, [B, h, w]; VQ only.
  at::Tensor codes(const at::Tensor& z) const;

  const FirstStageConfig& config() const { return config_; }
  bool has_codebook() const { return config_.codes > 0; }
  int64_t latent_channels() const { return config_.latent_channels; }
  int64_t factor() const { return int64_t{1} << (config_.channels.size() - 1); }  ///< image pixels for a latent's
  double scale_factor() const { return scale_factor_; }
  /// See `NamedWeights::to`; the codebook stays float32.
  void to(at::Device device, at::ScalarType type, bool fast);
  /// See `AdmUnet::set_recompute`.
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  at::Tensor residual(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor middle(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  FirstStageConfig config_;
  double scale_factor_;
  bool recompute_ = false;
};

/// Weights of diffusers' `AutoencoderKL`, old (query, key, value, proj_attn) or new (to_q...), under CompVis' names
/// behind `prefix`; what is not known keeps its name.
FirstStage::Weights first_stage_names(const FirstStage::Weights& diffusers, const std::string& prefix);

}  // namespace mgdm
