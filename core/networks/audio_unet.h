// `AudioUnet`: the network of Multi-Source Diffusion Models (Mariani et al. 2023), audio-diffusion-pytorch 0.0.43's `UNet1d`, under
// the names that library gives the weights, with its EDM preconditioning (Karras et al. 2022, table 1):
//
//   D(x; sigma) = clip(c_skip x + c_out F(c_in x, ln(sigma) / 4), -1, 1)
//   c_skip = d^2 / (s^2 + d^2),  c_out = s d / sqrt(s^2 + d^2),  c_in = 1 / sqrt(s^2 + d^2),  d = sigma_data
//
// x [B, sources, L] in [-1, 1] at 22,050 Hz, L a multiple of `length_multiple()`. Levels, factors, blocks, widths and where
// attention is are read off the weights. Differentiable in x; weights frozen.
#pragma once
#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "core/networks/named_weights.h"

namespace mgdm {

struct AudioUnetOptions {
  int64_t groups = 8;       ///< resnet_groups
  int64_t heads = 8;        ///< attention_heads
  bool skip_scale = true;   ///< skips times 2^-1/2
  double sigma_data = 0.2;
};

class AudioUnet {
 public:
  using Weights = NamedWeights::Map;
  /// Takes the weights under `prefix`. Throws std::invalid_argument that names what is missing.
  AudioUnet(const Weights& weights, const std::string& prefix, const AudioUnetOptions& options);

  /// F: the network itself; `noise_level` [B] = ln(sigma) / 4.
  at::Tensor network(const at::Tensor& x, const at::Tensor& noise_level) const;
  /// D for x = x_0 + sigma n, `sigma` [1] or [B] (float64 or float32). `raw`: takes F's output.
  at::Tensor denoise(const at::Tensor& x, const at::Tensor& sigma, at::Tensor* raw = nullptr) const;

  int64_t sources() const { return sources_; }
  int64_t length_multiple() const;

 private:
  at::Tensor residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& mapping, int64_t groups) const;
  at::Tensor attend(const std::string& prefix, const at::Tensor& x) const;
  at::Tensor transform(const std::string& prefix, const at::Tensor& x) const;

  NamedWeights weights_;
  AudioUnetOptions options_;
  std::vector<int64_t> factors_;
  int64_t sources_ = 0, patch_ = 1;
};

}  // namespace mgdm
