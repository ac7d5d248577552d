#include "core/networks/diffusers_unet.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

namespace mgdm {

namespace {

std::string numbered(const std::string& stem, int64_t n) { return stem + std::to_string(n) + '.'; }

// New names of the attention's maps are taken to the old ones.
NamedWeights::Map old_names(const NamedWeights::Map& weights) {
  const std::pair<std::string, std::string> renamed[] = {
      {".to_q.", ".query."}, {".to_k.", ".key."}, {".to_v.", ".value."}, {".to_out.0.", ".proj_attn."}};
  NamedWeights::Map named;
  for (const auto& [name, tensor] : weights) {
    std::string own = name;
    for (const auto& [now, then] : renamed) {
      if (const auto at = own.find(now); at != std::string::npos && own.find("attentions.") != std::string::npos)
        own.replace(at, now.size(), then);
    }
    named[own] = tensor;
  }
  return named;
}

}  // namespace

DiffusersConfig DiffusersConfig::of(const NamedWeights& w) {
  DiffusersConfig c;
  c.channels.clear();
  c.down_attention.clear();
  c.up_attention.clear();
  c.in_channels = w.size("conv_in.weight", 1);
  c.out_channels = w.size("conv_out.weight", 0);
  c.layers = 0;
  while (w.has("down_blocks.0.resnets." + std::to_string(c.layers) + ".conv1.weight")) ++c.layers;
  if (c.layers == 0) throw std::invalid_argument("the weights lack down_blocks.0.resnets.0.conv1.weight");
  int64_t levels = 0;
  while (w.has(numbered("down_blocks.", levels) + "resnets.0.conv1.weight")) ++levels;
  for (int64_t i = 0; i < levels; ++i) {
    c.channels.push_back(w.size(numbered("down_blocks.", i) + "resnets.0.conv1.weight", 0));
    c.down_attention.push_back(w.has(numbered("down_blocks.", i) + "attentions.0.query.weight"));
    c.up_attention.push_back(w.has(numbered("up_blocks.", levels - 1 - i) + "attentions.0.query.weight"));
  }
  c.middle_attention = w.has("mid_block.attentions.0.query.weight");
  return c;
}

WeightLayout DiffusersConfig::layout(int64_t groups) const {
  WeightLayout layout;
  const int64_t embedding = 4 * channels[0], levels = static_cast<int64_t>(channels.size());
  const auto residual = [&](const std::string& prefix, int64_t in, int64_t out) {
    layout.group_norm(prefix + "norm1", in, groups);
    layout.convolution(prefix + "conv1", in, out, 3);
    layout.linear(prefix + "time_emb_proj", embedding, out);
    layout.group_norm(prefix + "norm2", out, groups);
    layout.convolution(prefix + "conv2", out, out, 3);
    if (in != out) layout.convolution(prefix + "conv_shortcut", in, out, 1);
  };
  const auto attend = [&](const std::string& prefix, int64_t n) {
    layout.group_norm(prefix + "group_norm", n, groups);
    for (const char* map : {"query", "key", "value", "proj_attn"}) layout.linear(prefix + map, n, n);
  };
  layout.convolution("conv_in", in_channels, channels[0], 3);
  layout.linear("time_embedding.linear_1", channels[0], embedding);
  layout.linear("time_embedding.linear_2", embedding, embedding);
  std::vector<int64_t> skips{channels[0]};
  int64_t now = channels[0];
  for (int64_t i = 0; i < levels; ++i) {
    const std::string prefix = numbered("down_blocks.", i);
    for (int64_t j = 0; j < layers; ++j) {
      residual(numbered(prefix + "resnets.", j), now, channels[i]);
      now = channels[i];
      if (down_attention[i]) attend(numbered(prefix + "attentions.", j), now);
      skips.push_back(now);
    }
    if (i + 1 < levels) {
      layout.convolution(prefix + "downsamplers.0.conv", now, now, 3);
      skips.push_back(now);
    }
  }
  residual("mid_block.resnets.0.", now, now);
  if (middle_attention) attend("mid_block.attentions.0.", now);
  residual("mid_block.resnets.1.", now, now);
  for (int64_t u = 0; u < levels; ++u) {
    const int64_t i = levels - 1 - u;
    const std::string prefix = numbered("up_blocks.", u);
    for (int64_t j = 0; j <= layers; ++j) {
      residual(numbered(prefix + "resnets.", j), now + skips.back(), channels[i]);
      skips.pop_back();
      now = channels[i];
      if (up_attention[i]) attend(numbered(prefix + "attentions.", j), now);
    }
    if (i > 0) layout.convolution(prefix + "upsamplers.0.conv", now, now, 3);
  }
  layout.group_norm("conv_norm_out", now, groups);
  layout.convolution("conv_out", now, out_channels, 3);
  return layout;
}

DiffusersUnet::DiffusersUnet(const Weights& weights, const DiffusersOptions& options)
    : weights_(old_names(weights), ""), options_(options), config_(DiffusersConfig::of(weights_)) {
  config_.layout(options_.groups).check(weights_.all());
}

at::Tensor DiffusersUnet::residual(const std::string& prefix, const at::Tensor& input,
                                   const at::Tensor& embedding) const {
  const auto map = [&, prefix, embedding](const at::Tensor& x) {
    at::Tensor h =
        weights_.convolve(prefix + "conv1", weights_.norm_silu(prefix + "norm1", x, options_.groups, options_.epsilon));
    h = h + weights_.linear(prefix + "time_emb_proj", at::silu(embedding)).unsqueeze(2).unsqueeze(3);
    h = weights_.convolve(prefix + "conv2", weights_.norm_silu(prefix + "norm2", h, options_.groups, options_.epsilon));
    return (weights_.has(prefix + "conv_shortcut.weight") ? weights_.convolve(prefix + "conv_shortcut", x) : x) + h;
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor DiffusersUnet::attend(const std::string& prefix, const at::Tensor& input) const {
  const auto map = [&, prefix](const at::Tensor& x) {
    const int64_t batch = x.size(0), channels = x.size(1),
                  d = options_.head_channels > 0 ? options_.head_channels : channels, heads = channels / d;
    if (heads * d != channels)
      throw std::invalid_argument("attention over " + std::to_string(channels) + " channels cannot have heads of " +
                                  std::to_string(d));
    const at::Tensor y = weights_.group_norm(prefix + "group_norm", x, options_.groups, options_.epsilon)
                             .flatten(2)
                             .transpose(1, 2);  // [B, T, C]
    const auto split = [&](const char* name) {
      return weights_.linear(prefix + name, y).reshape({batch, -1, heads, d}).transpose(1, 2);
    };
    const at::Tensor attended =
        attention(split("query"), split("key"), split("value"), 1 / std::sqrt(static_cast<double>(d)));
    const at::Tensor out =
        weights_.linear(prefix + "proj_attn", attended.transpose(1, 2).reshape({batch, -1, channels}));
    return x + weights_.enter(out.transpose(1, 2).reshape(x.sizes()));
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor DiffusersUnet::forward(const at::Tensor& x, const at::Tensor& t) const {
  if (x.dim() != 4 || x.size(1) != in_channels())
    throw std::invalid_argument("the network takes images with " + std::to_string(in_channels()) + " channels");
  if (x.size(2) % size_multiple() != 0 || x.size(3) % size_multiple() != 0)
    throw std::invalid_argument("the network takes sides that are multiples of " + std::to_string(size_multiple()));
  const int64_t half = config_.channels[0] / 2;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(x.device());
  const at::Tensor frequencies =
      at::exp(at::arange(half, options) * -std::log(10000.0) / (static_cast<double>(half) - options_.frequency_shift));
  const at::Tensor angles =
      t.reshape({-1}).expand({t.numel() == 1 ? x.size(0) : t.numel()}).to(at::kFloat).unsqueeze(1) * frequencies;
  const at::Tensor vector =
      options_.cosine_first ? at::cat({angles.cos(), angles.sin()}, 1) : at::cat({angles.sin(), angles.cos()}, 1);
  const at::Tensor embedding =
      weights_.linear("time_embedding.linear_2", at::silu(weights_.linear("time_embedding.linear_1", vector)));
  const auto levels = static_cast<int64_t>(config_.channels.size());
  at::Tensor h = weights_.convolve("conv_in", weights_.enter(x));
  std::vector<at::Tensor> skips{h};
  const auto block = [&](const std::string& prefix, int64_t j, const at::Tensor& in, bool attention) {
    const at::Tensor out = residual(numbered(prefix + "resnets.", j), in, embedding);
    return attention ? attend(numbered(prefix + "attentions.", j), out) : out;
  };
  for (int64_t i = 0; i < levels; ++i) {
    const std::string prefix = numbered("down_blocks.", i), down = prefix + "downsamplers.0.conv";
    for (int64_t j = 0; j < config_.layers; ++j) skips.push_back(h = block(prefix, j, h, config_.down_attention[i]));
    if (i + 1 < levels)
      skips.push_back(h = options_.downsample_padding == 0 ? weights_.convolve(down, pad_right_bottom(h), 2, 0)
                                                           : weights_.convolve(down, h, 2));
  }
  h = residual("mid_block.resnets.0.", h, embedding);
  if (config_.middle_attention) h = attend("mid_block.attentions.0.", h);
  h = residual("mid_block.resnets.1.", h, embedding);
  for (int64_t u = 0; u < levels; ++u) {
    const int64_t i = levels - 1 - u;
    const std::string prefix = numbered("up_blocks.", u);
    for (int64_t j = 0; j <= config_.layers; ++j) {
      h = block(prefix, j, concatenated(h, skips.back()), config_.up_attention[i]);
      skips.pop_back();
    }
    if (i > 0) h = weights_.convolve(prefix + "upsamplers.0.conv", nearest_twice(h));
  }
  return weights_.convolve("conv_out", weights_.norm_silu("conv_norm_out", h, options_.groups, options_.epsilon))
      .to(at::kFloat)
      .contiguous();
}

}  // namespace mgdm
