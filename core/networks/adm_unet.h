// `AdmUnet`: the U-Net of "Diffusion Models Beat GANs on Image Synthesis" (Dhariwal & Nichol 2021, guided-diffusion)
// and, with other options, of latent diffusion (Rombach et al. 2022, CompVis), under the names that their files give
// the weights.
//
// What the weights tell is read off them (`AdmConfig`). The number of heads and the order of the attention's channels
// are not in them (`AdmOptions`).
//
//   x [B, C, H, W] at noise level t (0 to 999, one for the batch or one each) -> [B, outputs, H, W], float32
//
// A network that knows classes takes one for each image, too.
// H and W must be multiples of `size_multiple()`. Differentiable in x. Weights are frozen. For one thread at a time.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct AdmOptions {
  int64_t head_channels = -1;  ///< channels of an attention head; -1: `heads` says how many there are
  int64_t heads = 1;
  bool new_attention_order = false;  ///< channels as [all q][all k][all v] instead of head by head
};

/// The structure. Level 0 is the finest.
struct AdmConfig {
  int64_t in_channels = 3, out_channels = 6;
  int64_t width = 128;  ///< model_channels: of the embedding's sinusoids
  int64_t first = 128;  ///< channels behind the first convolution
  std::vector<int64_t> channels{128, 128, 256, 256, 512, 512};
  std::vector<bool> attention{false, false, false, false, true, false};  ///< by level
  int64_t blocks = 1;           ///< residual blocks of a level on the way down; one more on the way up
  bool scale_shift = true;      ///< the embedding scales and shifts behind the norm, else it is added before it
  bool resblock_updown = true;  ///< residual blocks resample, else convolutions
  int64_t classes = 0;          ///< that the network is conditioned on; 0: on none

  WeightLayout layout() const;
  /// Throws std::invalid_argument if the weights are of no such U-Net.
  static AdmConfig of(const NamedWeights& weights);
};

class AdmUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`. Throws std::invalid_argument with a table of what is missing, too much or of
  /// another shape.
  AdmUnet(const Weights& weights, const std::string& prefix, const AdmOptions& options);

  /// `labels`: classes [1] or [B], needed if and only if the network knows any.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels = {}) const;

  const AdmConfig& config() const { return config_; }
  int64_t in_channels() const { return config_.in_channels; }
  int64_t size_multiple() const { return int64_t{1} << (config_.channels.size() - 1); }
  /// Moves the weights; convolutions, linear maps and attention run in `type`, norms in float32. `fast`: channels_last
  /// with the fused norm, see `NamedWeights::to`.
  void to(at::Device device, at::ScalarType type, bool fast) { weights_.to(device, type, fast); }
  /// Whether blocks are computed again on the way back instead of keeping what is inside them: less memory, a third
  /// more time.
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  enum class Resample { No, Down, Up };
  at::Tensor embed(const at::Tensor& t) const;
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding,
                      Resample resample = Resample::No) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  AdmOptions options_;
  AdmConfig config_;
  bool recompute_ = false;
};

/// The heads of an attention over `channels`. Throws std::invalid_argument if they do not come out even.
int64_t attention_heads(const AdmOptions& options, int64_t channels);

}  // namespace mgdm
