// `PhotoAutoencoder`: the KL autoencoder of our own latent prior (Kingma & Welling 2014; as the first stage of latent
// diffusion, Rombach et al. 2022), made small enough for a processor: MGDM needs the decoder's gradient at every step.
//
// Residual blocks of two 3x3 convolutions at 1 / patch of the picture's size, 1 / (2 patch) and so on, without
// normalisation: what a latent decodes to depends on its neighbourhood alone, so that a picture in windows is the
// picture in one piece but for a frame of `reach()` latents.
//
//   moments: image [B, 3, H, W] in [-1, 1] -> mean and log variance of the latent, [B, 2 c, H / f, W / f]
//   encode:  the mean, brought to mean 0 and deviation 1 over photos (`latent_mean`, `latent_deviation`), [B, c, h, w]
//   decode:  such latents -> image, not clamped
//
// All float32 outside, differentiable in the input and in the parameters.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <utility>
#include <vector>

#include "core/networks/parameters.h"

namespace mgdm {

struct PhotoAutoencoderOptions {
  int64_t image_channels = 3;
  int64_t patch = 2;                             ///< pixel-unshuffle factor, 1, 2 or 4
  std::vector<int64_t> channels = {64, 128};     ///< width of each level, from fine to coarse
  std::vector<int64_t> encoder_blocks = {1, 2};  ///< residual blocks of each level
  std::vector<int64_t> decoder_blocks = {2, 4};
  int64_t latent_channels = 4;
  /// Of the encoder's mean over photos, one for each latent channel; empty: not measured yet, 0 and 1.
  std::vector<double> latent_mean, latent_deviation;

  /// Pixels of a latent's side; H and W must be multiples of it.
  int64_t factor() const { return patch << (channels.size() - 1); }
  /// Throws std::invalid_argument naming the key, the value and what is allowed.
  void check() const;
};

void to_json(nlohmann::json& json, const PhotoAutoencoderOptions& options);
/// Unknown keys and wrong types throw std::invalid_argument that names the key.
void from_json(const nlohmann::json& json, PhotoAutoencoderOptions& options);

class PhotoAutoencoder {
 public:
  explicit PhotoAutoencoder(PhotoAutoencoderOptions options);

  at::Tensor moments(const at::Tensor& image);
  at::Tensor encode(const at::Tensor& image);
  at::Tensor decode(const at::Tensor& z);
  /// The same of latents as the encoder gives them, before they are brought to deviation 1.
  at::Tensor decode_unscaled(const at::Tensor& z);
  /// From now on `encode` and `decode` are with this scale, [c] each.
  void set_latent_scale(const at::Tensor& mean, const at::Tensor& deviation);
  /// Latents on each side that a decoded pixel depends on, at most.
  int64_t reach() const;

  /// See DenoisingUnet.
  double take_operations() { return std::exchange(operations_, 0.0); }
  const PhotoAutoencoderOptions& options() const { return options_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  void to(at::Device device) { parameters_.to(device); }
  void set_compute_type(at::ScalarType type) { compute_type_ = type; }
  void freeze(at::ScalarType compute_type);

 private:
  void add_convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, double gain = 1.0);
  void add_block(const std::string& name, int64_t channels);
  at::Tensor convolve(const std::string& layer, const at::Tensor& x, int64_t stride = 1);
  at::Tensor blocks(const std::string& level, int64_t count, at::Tensor x);
  /// [c] of `values` shaped to broadcast over x, on its device.
  static at::Tensor by_channel(const std::vector<double>& values, double otherwise, const at::Tensor& x);

  PhotoAutoencoderOptions options_;
  Parameters parameters_;
  at::ScalarType compute_type_ = at::kFloat;
  double operations_ = 0;
};

}  // namespace mgdm
