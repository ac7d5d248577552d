// `TextEncoder`: the text transformers of CLIP (Radford et al. 2021) that condition latent diffusion: CLIP ViT-L/14
// (Stable Diffusion 1, SDXL) and OpenCLIP ViT-H/14 and bigG/14 (2, SDXL), under the names that Hugging Face's
// transformers gives the weights, without prefix ("text_model.encoder.layers.0..."). `text_names` makes these of the
// others'.
//
//   ids int64 [B, 77] -> a state for each token [B, 77, width], and one for the whole prompt [B, embedding]
//
// Pre-norm layers with a causal mask; padding is not masked. The number of heads is not in the weights. The result is
// float32. Weights are frozen. For one thread at a time.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "core/networks/named_weights.h"

namespace mgdm {

struct TextEncoderOptions {
  int64_t heads = 12;
  bool quick_gelu = true;  ///< x sigmoid(1.702 x) instead of GELU
  int64_t left_out = 0;    ///< layers at the end that the states are not from
  bool normalised = true;  ///< the states have gone through the final norm
};

/// The structure.
struct TextEncoderConfig {
  int64_t vocabulary = 49408, width = 768, layers = 12, hidden = 3072;
  int64_t embedding = 0;  ///< of the text projection; 0: there is none
  bool has_projection() const { return embedding > 0; }
  int64_t positions = 77;

  WeightLayout layout() const;
  /// Throws std::invalid_argument if the weights are of no such encoder.
  static TextEncoderConfig of(const NamedWeights& weights);
};

class TextEncoder {
 public:
  using Weights = NamedWeights::Map;
  struct States {
    at::Tensor tokens;  ///< [B, 77, width]
    at::Tensor pooled;  ///< [B, width or embedding]: of all layers, normed and projected, at the end token
  };
  /// Throws std::invalid_argument with a table of what is missing, too much or of another shape.
  TextEncoder(const Weights& weights, const TextEncoderOptions& options);

  /// The end token is the first of the largest id. `pooled` is left undefined unless `pool`. Throws
  /// std::invalid_argument for ids that are no prompt of its vocabulary.
  ///
  /// The layers are computed on `device`, where the result is then, too. Their weights stay where they are (the CPU):
  /// each layer's visit the device for its turn, so that a device that is full of a U-Net holds one layer at a time
  /// (bigG's: 79 MB of 2.8 GB in float32).
  States encode(const at::Tensor& ids, bool pool, at::Device device = at::kCPU) const;

  const TextEncoderConfig& config() const { return config_; }
  const TextEncoderOptions& options() const { return options_; }

 private:
  at::Tensor layer(const NamedWeights& weights, const at::Tensor& x, const at::Tensor& mask) const;

  NamedWeights weights_;
  TextEncoderOptions options_;
  TextEncoderConfig config_;
};

/// The encoder's weights under `prefix`, by Hugging Face's names; from OpenCLIP's names (in_proj cut in three, the
/// projection transposed) or their own, with or without "text_model.". Positions and the logit scale are left out.
TextEncoder::Weights text_names(const TextEncoder::Weights& all, const std::string& prefix);

}  // namespace mgdm
