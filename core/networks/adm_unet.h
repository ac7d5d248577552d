// `AdmUnet`: the U-Net of "Diffusion Models Beat GANs on Image Synthesis" (Dhariwal & Nichol 2021, guided-diffusion) and, with
// other options, of latent diffusion (Rombach et al. 2022, CompVis), under the names that their files give the weights.
//
// What the weights tell is read off them: levels, residual blocks, where attention is, widths, whether blocks resample,
// how the embedding enters, the number of outputs. The number of heads and the order of the attention's channels are not
// in them (`AdmOptions`).
//
//   x [B, C, H, W] at noise level t (0 to 999, one for the batch or one each) -> [B, outputs, H, W], float32
//
// H and W must be multiples of `size_multiple()`. Differentiable in x. Weights are frozen. For one thread at a time.
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct AdmOptions {
  int64_t head_channels = -1;  ///< channels of an attention head; -1: `heads` says how many there are
  int64_t heads = 1;
  bool new_attention_order = false;  ///< channels as [all q][all k][all v] instead of head by head
};

class AdmUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`. Throws std::invalid_argument with a table of what is missing, too much or of
  /// another shape.
  AdmUnet(const Weights& weights, const std::string& prefix, const AdmOptions& options);

  at::Tensor forward(const at::Tensor& x, const at::Tensor& t) const;

  int64_t in_channels() const { return in_channels_; }
  int64_t out_channels() const { return out_channels_; }
  int64_t size_multiple() const { return int64_t{1} << (levels_ - 1); }
  /// Moves the weights; convolutions, linear maps and attention run in `type`, norms and sums in float32.
  void to(at::Device device, at::ScalarType type);

 private:
  struct Block {          ///< a place on the way down or up
    std::string prefix;   ///< "input_blocks.3."
    bool attention = false;
    enum class Resample { No, Down, Up } resample = Resample::No;
    std::string resampler;  ///< prefix of the residual block or convolution that resamples; empty: the block itself
  };
  at::Tensor convolve(const std::string& name, const at::Tensor& x, int64_t stride = 1) const;
  at::Tensor linear(const std::string& name, const at::Tensor& x) const;
  at::Tensor norm(const std::string& name, const at::Tensor& x) const;
  at::Tensor embed(const at::Tensor& t) const;
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding, Block::Resample resample) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;
  void check_shapes() const;

  NamedWeights weights_;
  AdmOptions options_;
  int64_t levels_ = 0, blocks_ = 0, width_ = 0, in_channels_ = 0, out_channels_ = 0;
  bool resblock_updown_ = false;
  std::vector<Block> down_, up_;
  at::ScalarType type_ = at::kFloat;
};

/// The channels of an attention over `channels`, checked: heads. Throws std::invalid_argument.
int64_t attention_heads(const AdmOptions& options, int64_t channels);

}  // namespace mgdm
