#include "core/networks/first_stage.h"

#include <cmath>
#include <stdexcept>

namespace mgdm {

FirstStage::FirstStage(const Weights& weights, const std::string& prefix, double scale_factor) : scale_factor_(scale_factor) {
  const NamedWeights given(weights, prefix);  // with what only training needs
  for (const auto& [name, tensor] : given.all()) {
    for (const char* part : {"encoder.", "decoder.", "quant_conv.", "post_quant_conv.", "quantize."}) {
      if (name.rfind(part, 0) == 0) weights_.set(name, tensor);
    }
  }
  while (weights_.has("decoder.up." + std::to_string(levels_) + ".block.0.conv1.weight")) ++levels_;
  if (levels_ == 0) throw std::invalid_argument("the weights hold no autoencoder (" + prefix + "decoder.up.0.block.0.conv1.weight)");
  for (const char* name : {"decoder.conv_in.weight", "decoder.conv_out.weight", "decoder.norm_out.weight", "decoder.mid.block_1.conv1.weight", "post_quant_conv.weight"}) weights_.at(name);
  latent_channels_ = weights_.at("post_quant_conv.weight").size(1);
  if (has_codebook() && weights_.at("quantize.embedding.weight").size(1) != latent_channels_) throw std::invalid_argument("the codebook's entries have " + std::to_string(weights_.at("quantize.embedding.weight").size(1)) + " values, the latent has " + std::to_string(latent_channels_) + " channels");
}

at::Tensor FirstStage::norm(const std::string& name, const at::Tensor& x) const { return weights_.group_norm(name, x, 32, 1e-6); }

at::Tensor FirstStage::residual(const std::string& prefix, const at::Tensor& x) const {
  at::Tensor h = weights_.convolve(prefix + "conv1", at::silu(norm(prefix + "norm1", x)));
  h = weights_.convolve(prefix + "conv2", at::silu(norm(prefix + "norm2", h)));
  return (weights_.has(prefix + "nin_shortcut.weight") ? weights_.convolve(prefix + "nin_shortcut", x) : x) + h;
}

at::Tensor FirstStage::attend(const std::string& prefix, const at::Tensor& x) const {
  const at::Tensor y = norm(prefix + "norm", x);
  const at::Tensor q = weights_.convolve(prefix + "q", y).flatten(2), k = weights_.convolve(prefix + "k", y).flatten(2), v = weights_.convolve(prefix + "v", y).flatten(2);  // [B, C, T]
  const at::Tensor scores = at::softmax(at::bmm(q.transpose(1, 2), k) * std::pow(static_cast<double>(x.size(1)), -0.5), -1);
  return x + weights_.convolve(prefix + "proj_out", at::bmm(v, scores.transpose(1, 2)).reshape(x.sizes()));
}

at::Tensor FirstStage::middle(const std::string& prefix, const at::Tensor& x) const {
  at::Tensor h = residual(prefix + "block_1.", x);
  if (weights_.has(prefix + "attn_1.q.weight")) h = attend(prefix + "attn_1.", h);
  return residual(prefix + "block_2.", h);
}

at::Tensor FirstStage::codes(const at::Tensor& z) const {
  const at::Tensor flat = (z / scale_factor_).permute({0, 2, 3, 1}).reshape({-1, latent_channels_}), book = weights_.at("quantize.embedding.weight");
  const at::Tensor distance = flat.square().sum(1, true) + book.square().sum(1) - 2 * at::matmul(flat, book.t());
  return distance.argmin(1).reshape({z.size(0), z.size(2), z.size(3)});
}

at::Tensor FirstStage::decode(const at::Tensor& z) const {
  if (z.dim() != 4 || z.size(1) != latent_channels_) throw std::invalid_argument("the autoencoder takes latents with " + std::to_string(latent_channels_) + " channels");
  at::Tensor latent = z / scale_factor_;
  if (has_codebook()) {
    const at::Tensor nearest = at::embedding(weights_.at("quantize.embedding.weight"), codes(z.detach())).permute({0, 3, 1, 2});
    latent = latent + (nearest - latent).detach();
  }
  at::Tensor h = middle("decoder.mid.", weights_.convolve("decoder.conv_in", weights_.convolve("post_quant_conv", latent)));
  for (int64_t level = levels_ - 1; level >= 0; --level) {
    const std::string prefix = "decoder.up." + std::to_string(level) + '.';
    for (int64_t b = 0; weights_.has(prefix + "block." + std::to_string(b) + ".conv1.weight"); ++b) {
      h = residual(prefix + "block." + std::to_string(b) + '.', h);
      if (weights_.has(prefix + "attn." + std::to_string(b) + ".q.weight")) h = attend(prefix + "attn." + std::to_string(b) + '.', h);
    }
    if (level > 0) h = weights_.convolve(prefix + "upsample.conv", nearest_twice(h));
  }
  return weights_.convolve("decoder.conv_out", at::silu(norm("decoder.norm_out", h)));
}

at::Tensor FirstStage::moments(const at::Tensor& image) const {
  at::Tensor h = weights_.convolve("encoder.conv_in", image);
  for (int64_t level = 0; level < levels_; ++level) {
    const std::string prefix = "encoder.down." + std::to_string(level) + '.';
    for (int64_t b = 0; weights_.has(prefix + "block." + std::to_string(b) + ".conv1.weight"); ++b) {
      h = residual(prefix + "block." + std::to_string(b) + '.', h);
      if (weights_.has(prefix + "attn." + std::to_string(b) + ".q.weight")) h = attend(prefix + "attn." + std::to_string(b) + '.', h);
    }
    // Padded at the right and the bottom only.
    if (level + 1 < levels_) h = weights_.convolve(prefix + "downsample.conv", pad_right_bottom(h), 2, 0);
  }
  h = middle("encoder.mid.", h);
  return weights_.convolve("quant_conv", weights_.convolve("encoder.conv_out", at::silu(norm("encoder.norm_out", h))));
}

at::Tensor FirstStage::encode(const at::Tensor& image) const {
  const at::Tensor m = moments(image);
  return scale_factor_ * (has_codebook() ? m : m.slice(1, 0, latent_channels_));
}

}  // namespace mgdm
