// `DiffusersUnet`: the `UNet2DModel` of Hugging Face's diffusers (google/ddpm-celebahq-256, ddpm-cifar10-32), DDPM's U-Net (Ho et
// al. 2020) under the names that library gives the weights, old (query, key, value, proj_attn) and new (to_q, to_k,
// to_v, to_out.0).
//
//   x [B, C, H, W] at noise level t (0 to 999, one for the batch or one each) -> noise estimate, same shape, float32
//
// Levels, blocks, widths and attention are read off the weights; the rest is `config.json`'s. Differentiable in x.
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct DiffusersOptions {
  int64_t groups = 32;           ///< norm_num_groups
  double epsilon = 1e-6;         ///< norm_eps
  int64_t head_channels = -1;    ///< attention_head_dim; -1 (null): one head
  int64_t downsample_padding = 0;
  double frequency_shift = 1;    ///< freq_shift
  bool cosine_first = false;     ///< flip_sin_to_cos
};

class DiffusersUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Throws std::invalid_argument that names what is missing or not known.
  DiffusersUnet(const Weights& weights, const DiffusersOptions& options);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t) const;
  int64_t size_multiple() const { return int64_t{1} << (levels_ - 1); }
  int64_t in_channels() const { return in_channels_; }

 private:
  at::Tensor norm(const std::string& name, const at::Tensor& x) const;
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  DiffusersOptions options_;
  int64_t levels_ = 0, in_channels_ = 0, width_ = 0;
};

}  // namespace mgdm
