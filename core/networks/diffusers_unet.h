// `DiffusersUnet`: the `UNet2DModel` of Hugging Face's diffusers (google/ddpm-celebahq-256, ddpm-cifar10-32), DDPM's
// U-Net (Ho et al. 2020) under the names that library gives the weights, old (query, key, value, proj_attn) and new
// (to_q, to_k, to_v, to_out.0).
//
//   x [B, C, H, W] at noise level t (0 to 999, one for the batch or one each) -> noise estimate, same shape, float32
//
// The structure is read off the weights (`DiffusersConfig`); the rest is `config.json`'s. Differentiable in x.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct DiffusersOptions {
  int64_t groups = 32;         ///< norm_num_groups
  double epsilon = 1e-6;       ///< norm_eps
  int64_t head_channels = -1;  ///< attention_head_dim; -1 (null): one head
  int64_t downsample_padding = 0;
  double frequency_shift = 1;  ///< freq_shift
  bool cosine_first = false;   ///< flip_sin_to_cos
};

/// The structure. Level 0 is the finest.
struct DiffusersConfig {
  int64_t in_channels = 3, out_channels = 3;
  std::vector<int64_t> channels{128, 128, 256, 256, 512, 512};                ///< block_out_channels
  std::vector<bool> down_attention{false, false, false, false, true, false};  ///< by level
  std::vector<bool> up_attention{false, false, false, false, true, false};    ///< by level
  bool middle_attention = true;
  int64_t layers = 2;  ///< layers_per_block

  WeightLayout layout(int64_t groups) const;
  /// Throws std::invalid_argument if the weights are of no such network.
  static DiffusersConfig of(const NamedWeights& weights);
};

class DiffusersUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Throws std::invalid_argument with a table of what is missing, too much or of another shape.
  DiffusersUnet(const Weights& weights, const DiffusersOptions& options);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t) const;
  const DiffusersConfig& config() const { return config_; }
  int64_t size_multiple() const { return int64_t{1} << (config_.channels.size() - 1); }
  int64_t in_channels() const { return config_.in_channels; }
  /// See `NamedWeights::to` and `AdmUnet::set_recompute`.
  void to(at::Device device, at::ScalarType type, bool fast) { weights_.to(device, type, fast); }
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  DiffusersOptions options_;
  DiffusersConfig config_;
  bool recompute_ = false;
};

}  // namespace mgdm
