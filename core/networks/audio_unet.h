// `AudioUnet`: the network of Multi-Source Diffusion Models (Mariani et al. 2023), audio-diffusion-pytorch 0.0.43's
// `UNet1d`, under the names that library gives the weights, with its EDM preconditioning (Karras et al. 2022, table 1):
//
//   D(x; sigma) = clip(c_skip x + c_out F(c_in x, ln(sigma) / 4), -1, 1)
//   c_skip = d^2 / (s^2 + d^2),  c_out = s d / sqrt(s^2 + d^2),  c_in = 1 / sqrt(s^2 + d^2),  d = sigma_data
//
// x [B, sources, L] in [-1, 1] at 22,050 Hz, L a multiple of `length_multiple()`. The structure is read off the weights
// (`AudioConfig`), but for `AudioOptions`. Differentiable in x; weights frozen.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct AudioOptions {
  int64_t groups = 8;      ///< resnet_groups
  int64_t heads = 8;       ///< attention_heads
  bool skip_scale = true;  ///< skips times 2^-1/2
  double sigma_data = 0.2;
};

/// The structure. Level 0 is the finest.
struct AudioConfig {
  int64_t sources = 4;
  int64_t width = 256;                                               ///< channels
  int64_t patch = 16;                                                ///< samples of a patch
  std::vector<int64_t> channels{512, 1024, 1024, 1024, 1024, 1024};  ///< of each level, behind its downsampling
  std::vector<int64_t> factors{4, 4, 4, 2, 2, 2};
  std::vector<int64_t> blocks{2, 2, 2, 2, 2, 2};
  std::vector<bool> attention{false, false, false, true, true, true};
  bool middle_attention = true;
  int64_t attention_width = 1024;  ///< heads times their size
  int64_t feed_forward = 2;        ///< its width, in those of the level
  int64_t kernel_multiplier = 2;   ///< a downsampling by f has a kernel of f times this + 1

  /// `groups` must divide the widths.
  WeightLayout layout(int64_t groups) const;
  /// Throws std::invalid_argument if the weights are of no such network.
  static AudioConfig of(const NamedWeights& weights);
};

class AudioUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`. Throws std::invalid_argument with a table of what is missing, too much or of
  /// another shape.
  AudioUnet(const Weights& weights, const std::string& prefix, const AudioOptions& options);

  /// F: the network itself; `noise_level` [B] = ln(sigma) / 4. float32.
  at::Tensor network(const at::Tensor& x, const at::Tensor& noise_level) const;
  /// D for x = x_0 + sigma n, `sigma` [1] or [B] (float64 or float32). `raw`: takes F's output.
  at::Tensor denoise(const at::Tensor& x, const at::Tensor& sigma, at::Tensor* raw = nullptr) const;

  const AudioConfig& config() const { return config_; }
  int64_t sources() const { return config_.sources; }
  int64_t length_multiple() const;
  double sigma_data() const { return options_.sigma_data; }
  /// See `NamedWeights::to` and `AdmUnet::set_recompute`.
  void to(at::Device device, at::ScalarType type, bool fast) { weights_.to(device, type, fast); }
  void set_recompute(bool recompute) { recompute_ = recompute; }

 private:
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& mapping, int64_t groups) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& rows) const;
  at::Tensor transform(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor rows_of(const at::Tensor& x) const { return x.flatten(2).transpose(1, 2); }  ///< [B, L, C]
  at::Tensor back(const at::Tensor& rows) const { return weights_.enter(rows.transpose(1, 2)); }

  NamedWeights weights_;
  AudioOptions options_;
  AudioConfig config_;
  bool recompute_ = false;
};

}  // namespace mgdm
