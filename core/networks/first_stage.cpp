#include "core/networks/first_stage.h"

#include <cmath>
#include <stdexcept>

namespace mgdm {

FirstStage::FirstStage(const Weights& weights, const std::string& prefix, double scale_factor) : scale_factor_(scale_factor) {
  for (const auto& [name, tensor] : weights) {
    if (name.rfind(prefix, 0) != 0) continue;
    const std::string own = name.substr(prefix.size());
    for (const char* part : {"encoder.", "decoder.", "quant_conv.", "post_quant_conv.", "quantize."}) {
      if (own.rfind(part, 0) == 0) weights_[own] = tensor.detach().to(at::kFloat).contiguous();
    }
  }
  while (has("decoder.up." + std::to_string(levels_) + ".block.0.conv1.weight")) ++levels_;
  if (levels_ == 0) throw std::invalid_argument("the weights hold no autoencoder (" + prefix + "decoder.up.0.block.0.conv1.weight)");
  for (const char* name : {"decoder.conv_in.weight", "decoder.conv_out.weight", "decoder.norm_out.weight", "decoder.mid.block_1.conv1.weight", "post_quant_conv.weight"}) weight(name);
  latent_channels_ = weight("post_quant_conv.weight").size(1);
  if (has_codebook() && weight("quantize.embedding.weight").size(1) != latent_channels_) throw std::invalid_argument("the codebook's entries have " + std::to_string(weight("quantize.embedding.weight").size(1)) + " values, the latent has " + std::to_string(latent_channels_) + " channels");
}

const at::Tensor& FirstStage::weight(const std::string& name) const {
  const auto found = weights_.find(name);
  if (found == weights_.end()) throw std::invalid_argument("the autoencoder's weights lack " + name);
  return found->second;
}

at::Tensor FirstStage::convolve(const std::string& name, const at::Tensor& x, int64_t stride, int64_t padding) const {
  const at::Tensor& w = weight(name + ".weight");
  const int64_t p = padding < 0 ? w.size(2) / 2 : padding;
  return at::conv2d(x, w, weight(name + ".bias"), {stride, stride}, {p, p});
}

at::Tensor FirstStage::norm(const std::string& name, const at::Tensor& x) const { return at::group_norm(x, 32, weight(name + ".weight"), weight(name + ".bias"), 1e-6); }

at::Tensor FirstStage::residual(const std::string& prefix, const at::Tensor& x) const {
  at::Tensor h = convolve(prefix + "conv1", at::silu(norm(prefix + "norm1", x)));
  h = convolve(prefix + "conv2", at::silu(norm(prefix + "norm2", h)));
  return (has(prefix + "nin_shortcut.weight") ? convolve(prefix + "nin_shortcut", x) : x) + h;
}

at::Tensor FirstStage::attend(const std::string& prefix, const at::Tensor& x) const {
  const at::Tensor y = norm(prefix + "norm", x);
  const at::Tensor q = convolve(prefix + "q", y).flatten(2), k = convolve(prefix + "k", y).flatten(2), v = convolve(prefix + "v", y).flatten(2);  // [B, C, T]
  const at::Tensor scores = at::softmax(at::bmm(q.transpose(1, 2), k) * std::pow(static_cast<double>(x.size(1)), -0.5), -1);
  return x + convolve(prefix + "proj_out", at::bmm(v, scores.transpose(1, 2)).reshape(x.sizes()));
}

at::Tensor FirstStage::middle(const std::string& prefix, const at::Tensor& x) const {
  at::Tensor h = residual(prefix + "block_1.", x);
  if (has(prefix + "attn_1.q.weight")) h = attend(prefix + "attn_1.", h);
  return residual(prefix + "block_2.", h);
}

at::Tensor FirstStage::codes(const at::Tensor& z) const {
  const at::Tensor flat = (z / scale_factor_).permute({0, 2, 3, 1}).reshape({-1, latent_channels_}), book = weight("quantize.embedding.weight");
  const at::Tensor distance = flat.square().sum(1, true) + book.square().sum(1) - 2 * at::matmul(flat, book.t());
  return distance.argmin(1).reshape({z.size(0), z.size(2), z.size(3)});
}

at::Tensor FirstStage::decode(const at::Tensor& z) const {
  if (z.dim() != 4 || z.size(1) != latent_channels_) throw std::invalid_argument("the autoencoder takes latents with " + std::to_string(latent_channels_) + " channels");
  at::Tensor latent = z / scale_factor_;
  if (has_codebook()) {
    const at::Tensor nearest = at::embedding(weight("quantize.embedding.weight"), codes(z.detach())).permute({0, 3, 1, 2});
    latent = latent + (nearest - latent).detach();
  }
  at::Tensor h = middle("decoder.mid.", convolve("decoder.conv_in", convolve("post_quant_conv", latent)));
  for (int64_t level = levels_ - 1; level >= 0; --level) {
    const std::string prefix = "decoder.up." + std::to_string(level) + '.';
    for (int64_t b = 0; has(prefix + "block." + std::to_string(b) + ".conv1.weight"); ++b) {
      h = residual(prefix + "block." + std::to_string(b) + '.', h);
      if (has(prefix + "attn." + std::to_string(b) + ".q.weight")) h = attend(prefix + "attn." + std::to_string(b) + '.', h);
    }
    if (level > 0) h = convolve(prefix + "upsample.conv", at::upsample_nearest2d(h, {h.size(2) * 2, h.size(3) * 2}));
  }
  return convolve("decoder.conv_out", at::silu(norm("decoder.norm_out", h)));
}

at::Tensor FirstStage::moments(const at::Tensor& image) const {
  at::Tensor h = convolve("encoder.conv_in", image);
  for (int64_t level = 0; level < levels_; ++level) {
    const std::string prefix = "encoder.down." + std::to_string(level) + '.';
    for (int64_t b = 0; has(prefix + "block." + std::to_string(b) + ".conv1.weight"); ++b) {
      h = residual(prefix + "block." + std::to_string(b) + '.', h);
      if (has(prefix + "attn." + std::to_string(b) + ".q.weight")) h = attend(prefix + "attn." + std::to_string(b) + '.', h);
    }
    // Padded at the right and the bottom only.
    if (level + 1 < levels_) h = convolve(prefix + "downsample.conv", at::constant_pad_nd(h, {0, 1, 0, 1}), 2, 0);
  }
  h = middle("encoder.mid.", h);
  return convolve("quant_conv", convolve("encoder.conv_out", at::silu(norm("encoder.norm_out", h))));
}

at::Tensor FirstStage::encode(const at::Tensor& image) const {
  const at::Tensor m = moments(image);
  return scale_factor_ * (has_codebook() ? m : m.slice(1, 0, latent_channels_));
}

}  // namespace mgdm
