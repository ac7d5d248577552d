// `ConditionalUnet`: the U-Net of text-conditioned latent diffusion (Rombach et al. 2022, Stable Diffusion 1 and 2;
// Podell et al. 2023, SDXL), under the names that CompVis' and Stability AI's files give the weights.
// `conditional_unet_names` makes these of diffusers'.
//
//   x [B, C, H, W] at noise level t (0 to 999, one for the batch or one each), context [1 or B, T, width] -> [B, C, H,
//   W] float32; y [1 or B, label width] for a network with a label embedding
//
// The structure is read off the weights (`ConditionalUnetConfig`); heads are not in them. H and W must be multiples of
// `size_multiple()`. Differentiable in x. Weights are frozen. For one thread at a time.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

/// Heads of the spatial transformers: a number for every level, else by level, else of `head_channels` each.
struct ConditionalUnetOptions {
  int64_t heads = -1;
  std::vector<int64_t> heads_of_level;
  int64_t head_channels = 64;
};

/// The structure. Level 0 is the finest. The default is Stable Diffusion 1.
struct ConditionalUnetConfig {
  int64_t in_channels = 4, out_channels = 4;
  int64_t width = 320;  ///< model_channels: of the embedding's sinusoids, and behind the first convolution
  std::vector<int64_t> channels{320, 640, 1280, 1280};
  std::vector<int64_t> depth{1, 1, 1, 0};  ///< transformer blocks by level
  int64_t middle_depth = 1;
  int64_t blocks = 2;               ///< residual blocks of a level on the way down; one more on the way up
  int64_t context = 768;            ///< width of a token's state
  int64_t label = 0;                ///< width of y; 0: no label embedding
  bool linear_projections = false;  ///< into and out of a transformer; else convolutions of one pixel

  WeightLayout layout() const;
  /// Throws std::invalid_argument if the weights are of no such U-Net.
  static ConditionalUnetConfig of(const NamedWeights& weights);
};

class ConditionalUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`. Throws std::invalid_argument with a table of what is missing, too much or of
  /// another shape, or for heads that do not come out even.
  ConditionalUnet(const Weights& weights, const std::string& prefix, ConditionalUnetOptions options);

  at::Tensor forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& context,
                     const at::Tensor& y = {}) const;

  const ConditionalUnetConfig& config() const { return config_; }
  int64_t in_channels() const { return config_.in_channels; }
  int64_t size_multiple() const { return int64_t{1} << (config_.channels.size() - 1); }
  /// See `AdmUnet::to` and `AdmUnet::set_recompute`; here whole transformers are computed again, too.
  void to(at::Device device, at::ScalarType type, bool fast) { weights_.to(device, type, fast); }
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  at::Tensor embed(const at::Tensor& t, const at::Tensor& y, int64_t batch) const;
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding) const;
  at::Tensor transform(const std::string& prefix, const at::Tensor& x, const at::Tensor& context, int64_t depth,
                       int64_t heads) const;
  at::Tensor transformer_block(const std::string& prefix, const at::Tensor& h, const at::Tensor& context,
                               int64_t heads) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& h, const at::Tensor& context, int64_t heads) const;
  int64_t heads(size_t level) const;
  void check_input(const at::Tensor& x, const at::Tensor& context, const at::Tensor& y) const;

  NamedWeights weights_;
  ConditionalUnetOptions options_;
  ConditionalUnetConfig config_;
  bool recompute_ = false;
};

/// [cos(v f), sin(v f)] with f_i = 10000^(-i / (width / 2)) for values [N] -> [N, width] (Vaswani et al. 2017).
at::Tensor sinusoids(const at::Tensor& values, int64_t width);

/// Weights of diffusers' `UNet2DConditionModel` under the names above, behind `prefix`; what is not known keeps its
/// name.
ConditionalUnet::Weights conditional_unet_names(const ConditionalUnet::Weights& diffusers, const std::string& prefix);

}  // namespace mgdm
