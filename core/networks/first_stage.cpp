#include "core/networks/first_stage.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

namespace mgdm {

namespace {

constexpr int64_t kStageGroups = 32;
constexpr double kStageEpsilon = 1e-6;
const std::string kCodebook = "quantize.embedding.weight";

std::string stage_block(const std::string& stem, int64_t n) { return stem + std::to_string(n) + '.'; }

}  // namespace

FirstStageConfig FirstStageConfig::of(const NamedWeights& w) {
  FirstStageConfig c;
  c.channels.clear();
  c.attention.clear();
  while (w.has("decoder.up." + std::to_string(c.channels.size()) + ".block.0.conv1.weight")) {
    const std::string level = stage_block("decoder.up.", static_cast<int64_t>(c.channels.size()));
    c.channels.push_back(w.size(level + "block.0.conv2.weight", 0));
    c.attention.push_back(w.has(level + "attn.0.q.weight"));
  }
  if (c.channels.empty())
    throw std::invalid_argument("the weights hold no autoencoder (decoder.up.0.block.0.conv1.weight)");
  c.blocks = 0;
  while (w.has(stage_block("decoder.up.0.block.", c.blocks) + "conv1.weight")) ++c.blocks;
  if (--c.blocks < 1)
    throw std::invalid_argument("the decoder has a level with one residual block, which no such autoencoder has");
  c.middle_attention = w.has("decoder.mid.attn_1.q.weight");
  c.first = w.size("encoder.conv_in.weight", 0);
  c.in_channels = w.size("encoder.conv_in.weight", 1);
  c.out_channels = w.size("decoder.conv_out.weight", 0);
  c.z_channels = w.size("decoder.conv_in.weight", 1);
  c.latent_channels = w.size("post_quant_conv.weight", 1);
  c.codes = w.has(kCodebook) ? w.size(kCodebook, 0) : 0;
  return c;
}

FirstStageConfig FirstStageConfig::kl_f8() {
  FirstStageConfig c;
  c.channels = {128, 256, 512, 512};
  c.attention = {false, false, false, false};
  c.z_channels = c.latent_channels = 4;
  c.codes = 0;
  return c;
}

WeightLayout FirstStageConfig::layout() const {
  WeightLayout layout;
  const auto residual = [&](const std::string& prefix, int64_t in, int64_t out) {
    layout.group_norm(prefix + "norm1", in, kStageGroups);
    layout.convolution(prefix + "conv1", in, out, 3);
    layout.group_norm(prefix + "norm2", out, kStageGroups);
    layout.convolution(prefix + "conv2", out, out, 3);
    if (in != out) layout.convolution(prefix + "nin_shortcut", in, out, 1);
  };
  const auto attend = [&](const std::string& prefix, int64_t n) {
    layout.group_norm(prefix + "norm", n, kStageGroups);
    for (const char* map : {"q", "k", "v", "proj_out"}) layout.convolution(prefix + map, n, n, 1);
  };
  const auto middle = [&](const std::string& prefix, int64_t n) {
    residual(prefix + "block_1.", n, n);
    if (middle_attention) attend(prefix + "attn_1.", n);
    residual(prefix + "block_2.", n, n);
  };
  const auto levels = static_cast<int64_t>(channels.size());
  const int64_t moments = codes > 0 ? 1 : 2;
  layout.convolution("encoder.conv_in", in_channels, first, 3);
  int64_t now = first;
  for (int64_t level = 0; level < levels; ++level) {
    const std::string prefix = stage_block("encoder.down.", level);
    for (int64_t b = 0; b < blocks; ++b) {
      residual(stage_block(prefix + "block.", b), now, channels[level]);
      now = channels[level];
      if (attention[level]) attend(stage_block(prefix + "attn.", b), now);
    }
    if (level + 1 < levels) layout.convolution(prefix + "downsample.conv", now, now, 3);
  }
  middle("encoder.mid.", now);
  layout.group_norm("encoder.norm_out", now, kStageGroups);
  layout.convolution("encoder.conv_out", now, moments * z_channels, 3);
  layout.convolution("decoder.conv_in", z_channels, now, 3);
  middle("decoder.mid.", now);
  for (int64_t level = levels - 1; level >= 0; --level) {
    const std::string prefix = stage_block("decoder.up.", level);
    for (int64_t b = 0; b <= blocks; ++b) {
      residual(stage_block(prefix + "block.", b), now, channels[level]);
      now = channels[level];
      if (attention[level]) attend(stage_block(prefix + "attn.", b), now);
    }
    if (level > 0) layout.convolution(prefix + "upsample.conv", now, now, 3);
  }
  layout.group_norm("decoder.norm_out", now, kStageGroups);
  layout.convolution("decoder.conv_out", now, out_channels, 3);
  if (codes > 0) layout.add(kCodebook, {codes, latent_channels});
  layout.convolution("quant_conv", moments * z_channels, moments * latent_channels, 1);
  layout.convolution("post_quant_conv", latent_channels, z_channels, 1);
  return layout;
}

FirstStage::FirstStage(const Weights& weights, const std::string& prefix, double scale_factor)
    : scale_factor_(scale_factor) {
  Weights used;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind(prefix, 0) == 0 && name.rfind("loss.", prefix.size()) != prefix.size()) used[name] = tensor;
  }
  weights_ = NamedWeights(used, prefix);
  config_ = FirstStageConfig::of(weights_);
  config_.layout().check(weights_.all());
  if (!(scale_factor_ > 0))
    throw std::invalid_argument("the autoencoder's scale factor is " + std::to_string(scale_factor_) +
                                ", must be above 0");
}

void FirstStage::to(at::Device device, at::ScalarType type, bool fast) {
  const at::Tensor book = has_codebook() ? weights_.at(kCodebook).to(device, at::kFloat) : at::Tensor();
  weights_.to(device, type, fast);
  if (book.defined()) weights_.set(kCodebook, book);
}

at::Tensor FirstStage::residual(const std::string& prefix, const at::Tensor& input) const {
  const auto map = [&, prefix](const at::Tensor& x) {
    at::Tensor h =
        weights_.convolve(prefix + "conv1", weights_.norm_silu(prefix + "norm1", x, kStageGroups, kStageEpsilon));
    h = weights_.convolve(prefix + "conv2", weights_.norm_silu(prefix + "norm2", h, kStageGroups, kStageEpsilon));
    return (weights_.has(prefix + "nin_shortcut.weight") ? weights_.convolve(prefix + "nin_shortcut", x) : x) + h;
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor FirstStage::attend(const std::string& prefix, const at::Tensor& x) const {
  const at::Tensor y = weights_.group_norm(prefix + "norm", x, kStageGroups, kStageEpsilon)
                           .flatten(2)
                           .transpose(1, 2)
                           .unsqueeze(1);  // [B, 1, T, C]
  const at::Tensor attended =
      attention(weights_.linear(prefix + "q", y), weights_.linear(prefix + "k", y), weights_.linear(prefix + "v", y),
                std::pow(static_cast<double>(x.size(1)), -0.5));
  return x +
         weights_.enter(weights_.linear(prefix + "proj_out", attended).squeeze(1).transpose(1, 2).reshape(x.sizes()));
}

at::Tensor FirstStage::middle(const std::string& prefix, const at::Tensor& x) const {
  at::Tensor h = residual(prefix + "block_1.", x);
  if (config_.middle_attention) h = attend(prefix + "attn_1.", h);
  return residual(prefix + "block_2.", h);
}

at::Tensor FirstStage::codes(const at::Tensor& z) const {
  const at::Tensor flat = (z.to(at::kFloat) / scale_factor_).permute({0, 2, 3, 1}).reshape({-1, latent_channels()}),
                   book = weights_.at(kCodebook);
  const at::Tensor distance = flat.square().sum(1, true) + book.square().sum(1) - 2 * at::matmul(flat, book.t());
  return distance.argmin(1).reshape({z.size(0), z.size(2), z.size(3)});
}

at::Tensor FirstStage::decode(const at::Tensor& z) const {
  if (z.dim() != 4 || z.size(1) != latent_channels())
    throw std::invalid_argument("the autoencoder takes latents with " + std::to_string(latent_channels()) +
                                " channels");
  at::Tensor latent = z / scale_factor_;
  if (has_codebook()) {
    const at::Tensor nearest = at::embedding(weights_.at(kCodebook), codes(z.detach())).permute({0, 3, 1, 2});
    latent = latent + (nearest - latent).detach();
  }
  at::Tensor h =
      middle("decoder.mid.",
             weights_.convolve("decoder.conv_in", weights_.convolve("post_quant_conv", weights_.enter(latent))));
  for (auto level = static_cast<int64_t>(config_.channels.size()) - 1; level >= 0; --level) {
    const std::string prefix = stage_block("decoder.up.", level);
    for (int64_t b = 0; b <= config_.blocks; ++b) {
      h = residual(stage_block(prefix + "block.", b), h);
      if (config_.attention[level]) h = attend(stage_block(prefix + "attn.", b), h);
    }
    if (level > 0) h = weights_.convolve(prefix + "upsample.conv", nearest_twice(h));
  }
  return weights_.convolve("decoder.conv_out", weights_.norm_silu("decoder.norm_out", h, kStageGroups, kStageEpsilon))
      .to(at::kFloat)
      .contiguous();
}

at::Tensor FirstStage::moments(const at::Tensor& image) const {
  const auto levels = static_cast<int64_t>(config_.channels.size());
  if (image.dim() != 4 || image.size(1) != config_.in_channels || image.size(2) % factor() != 0 ||
      image.size(3) % factor() != 0) {
    throw std::invalid_argument("the autoencoder takes images with " + std::to_string(config_.in_channels) +
                                " channels whose sides are multiples of " + std::to_string(factor()));
  }
  at::Tensor h = weights_.convolve("encoder.conv_in", weights_.enter(image));
  for (int64_t level = 0; level < levels; ++level) {
    const std::string prefix = stage_block("encoder.down.", level);
    for (int64_t b = 0; b < config_.blocks; ++b) {
      h = residual(stage_block(prefix + "block.", b), h);
      if (config_.attention[level]) h = attend(stage_block(prefix + "attn.", b), h);
    }
    if (level + 1 < levels) h = weights_.convolve(prefix + "downsample.conv", pad_right_bottom(h), 2, 0);
  }
  h = middle("encoder.mid.", h);
  return weights_
      .convolve("quant_conv", weights_.convolve("encoder.conv_out",
                                                weights_.norm_silu("encoder.norm_out", h, kStageGroups, kStageEpsilon)))
      .to(at::kFloat)
      .contiguous();
}

at::Tensor FirstStage::encode(const at::Tensor& image) const {
  const at::Tensor m = moments(image);
  return scale_factor_ * (has_codebook() ? m : m.slice(1, 0, latent_channels()));
}

}  // namespace mgdm
