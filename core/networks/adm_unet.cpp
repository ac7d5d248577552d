#include "core/networks/adm_unet.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

namespace mgdm {

namespace {

std::string numbered(const char* stem, int64_t n) { return stem + std::to_string(n) + '.'; }

int64_t count_blocks(const NamedWeights& weights, const std::string& prefix) {
  int64_t count = 0;
  for (const auto& [name, tensor] : weights.all()) {
    if (name.rfind(prefix, 0) == 0) count = std::max<int64_t>(count, std::atoll(name.c_str() + prefix.size()) + 1);
  }
  return count;
}

constexpr int64_t kGroups = 32;

}  // namespace

int64_t attention_heads(const AdmOptions& options, int64_t channels) {
  const int64_t heads = options.head_channels > 0 ? channels / options.head_channels : options.heads;
  if (heads < 1 || channels % heads != 0 || (options.head_channels > 0 && channels % options.head_channels != 0)) {
    throw std::invalid_argument("attention over " + std::to_string(channels) + " channels cannot have " +
                                (options.head_channels > 0
                                     ? "heads of " + std::to_string(options.head_channels) + " channels"
                                     : std::to_string(options.heads) + " heads"));
  }
  return heads;
}

AdmConfig AdmConfig::of(const NamedWeights& w) {
  AdmConfig c;
  if (w.has("label_emb.weight")) c.classes = w.size("label_emb.weight", 0);
  c.width = w.size("time_embed.0.weight", 1);
  if (w.at("input_blocks.0.0.weight").dim() != 4)
    throw std::invalid_argument("the weights' input_blocks.0.0.weight is no convolution of images");
  c.first = w.size("input_blocks.0.0.weight", 0);
  c.in_channels = w.size("input_blocks.0.0.weight", 1);
  c.out_channels = w.size("out.2.weight", 0);
  // Each level but the last ends its way up with a resampler; each level has one more block up than down.
  const int64_t ups = count_blocks(w, "output_blocks."), downs = count_blocks(w, "input_blocks.");
  int64_t resampled = 0;
  c.resblock_updown = false;
  for (int64_t n = 0; n < ups; ++n) {
    const std::string prefix = numbered("output_blocks.", n),
                      next = prefix + (w.has(prefix + "1.qkv.weight") ? "2." : "1.");
    const bool by_block = w.has(next + "in_layers.0.weight");
    if (by_block || w.has(next + "conv.weight")) ++resampled;
    c.resblock_updown = c.resblock_updown || by_block;
  }
  const int64_t levels = resampled + 1;
  c.blocks = ups / levels - 1;
  if (c.blocks < 1 || ups % levels != 0 || downs != levels * c.blocks + levels) {
    throw std::invalid_argument("the weights have " + std::to_string(downs) + " blocks on the way down and " +
                                std::to_string(ups) + " with " + std::to_string(resampled) +
                                " enlargements on the way up, which is no such U-Net");
  }
  c.channels.clear();
  c.attention.clear();
  for (int64_t level = 0; level < levels; ++level) {
    const std::string last = numbered("input_blocks.", level * (c.blocks + 1) + c.blocks);  // the level's last block
    c.channels.push_back(w.size(last + "0.out_layers.3.weight", 0));
    c.attention.push_back(w.has(last + "1.qkv.weight"));
  }
  c.scale_shift = w.size("middle_block.0.emb_layers.1.weight", 0) == 2 * c.channels.back();
  return c;
}

WeightLayout AdmConfig::layout() const {
  WeightLayout layout;
  const int64_t embedding = 4 * width, levels = static_cast<int64_t>(channels.size());
  const auto residual = [&](const std::string& prefix, int64_t in, int64_t out) {
    layout.group_norm(prefix + "in_layers.0", in, kGroups);
    layout.convolution(prefix + "in_layers.2", in, out, 3);
    layout.linear(prefix + "emb_layers.1", embedding, scale_shift ? 2 * out : out);
    layout.group_norm(prefix + "out_layers.0", out, kGroups);
    layout.convolution(prefix + "out_layers.3", out, out, 3);
    if (in != out) layout.convolution(prefix + "skip_connection", in, out, 1);
  };
  const auto attend = [&](const std::string& prefix, int64_t n) {
    layout.group_norm(prefix + "norm", n, kGroups);
    layout.convolution(prefix + "qkv", n, 3 * n, 1, 1);
    layout.convolution(prefix + "proj_out", n, n, 1, 1);
  };
  layout.linear("time_embed.0", width, embedding);
  layout.linear("time_embed.2", embedding, embedding);
  if (classes > 0) layout.add("label_emb.weight", {classes, embedding});
  layout.convolution("input_blocks.0.0", in_channels, first, 3);
  std::vector<int64_t> skips{first};
  int64_t now = first, n = 1;
  for (int64_t level = 0; level < levels; ++level) {
    for (int64_t r = 0; r < blocks; ++r, ++n) {
      const std::string prefix = numbered("input_blocks.", n);
      residual(prefix + "0.", now, channels[level]);
      now = channels[level];
      if (attention[level]) attend(prefix + "1.", now);
      skips.push_back(now);
    }
    if (level + 1 < levels) {
      const std::string prefix = numbered("input_blocks.", n++) + "0.";
      resblock_updown ? residual(prefix, now, now) : layout.convolution(prefix + "op", now, now, 3);
      skips.push_back(now);
    }
  }
  residual("middle_block.0.", now, now);
  attend("middle_block.1.", now);
  residual("middle_block.2.", now, now);
  n = 0;
  for (int64_t level = levels - 1; level >= 0; --level) {
    for (int64_t r = 0; r <= blocks; ++r, ++n) {
      const std::string prefix = numbered("output_blocks.", n);
      residual(prefix + "0.", now + skips.back(), channels[level]);
      skips.pop_back();
      now = channels[level];
      if (attention[level]) attend(prefix + "1.", now);
      if (level > 0 && r == blocks) {
        const std::string up = prefix + (attention[level] ? "2." : "1.");
        resblock_updown ? residual(up, now, now) : layout.convolution(up + "conv", now, now, 3);
      }
    }
  }
  layout.group_norm("out.0", now, kGroups);
  layout.convolution("out.2", now, out_channels, 3);
  return layout;
}

AdmUnet::AdmUnet(const Weights& weights, const std::string& prefix, const AdmOptions& options)
    : weights_(weights, prefix), options_(options), config_(AdmConfig::of(weights_)) {
  config_.layout().check(weights_.all());
  attention_heads(options_, config_.channels.back());
  for (size_t level = 0; level < config_.channels.size(); ++level) {
    if (config_.attention[level]) attention_heads(options_, config_.channels[level]);
  }
}

at::Tensor AdmUnet::embed(const at::Tensor& t) const {
  const int64_t half = config_.width / 2;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(t.device());
  const at::Tensor frequencies = at::exp(at::arange(half, options) * -std::log(10000.0) / static_cast<double>(half));
  const at::Tensor angles = t.to(at::kFloat).unsqueeze(1) * frequencies;
  at::Tensor vector = at::cat({angles.cos(), angles.sin()}, 1);
  if (config_.width % 2 != 0) vector = at::constant_pad_nd(vector, {0, 1});
  return weights_.linear("time_embed.2", at::silu(weights_.linear("time_embed.0", vector)));
}

at::Tensor AdmUnet::residual(const std::string& prefix, const at::Tensor& input, const at::Tensor& embedding,
                             Resample resample) const {
  const auto map = [&, prefix, embedding, resample](const at::Tensor& given) {
    at::Tensor x = given, h = weights_.norm_silu(prefix + "in_layers.0", x, kGroups, 1e-5);
    if (resample == Resample::Down) {
      h = at::avg_pool2d(h, {2, 2});
      x = at::avg_pool2d(x, {2, 2});
    } else if (resample == Resample::Up) {
      h = nearest_twice(h);
      x = nearest_twice(x);
    }
    h = weights_.convolve(prefix + "in_layers.2", h);
    const at::Tensor e = weights_.linear(prefix + "emb_layers.1", at::silu(embedding));
    if (config_.scale_shift) {
      const auto parts = e.chunk(2, 1);
      h = weights_.norm_silu(prefix + "out_layers.0", h, kGroups, 1e-5, parts[0], parts[1]);
    } else {
      h = weights_.norm_silu(prefix + "out_layers.0", h + e.unsqueeze(2).unsqueeze(3), kGroups, 1e-5);
    }
    h = weights_.convolve(prefix + "out_layers.3", h);
    return added(
        h, weights_.has(prefix + "skip_connection.weight") ? weights_.convolve(prefix + "skip_connection", x) : x);
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor AdmUnet::attend(const std::string& prefix, const at::Tensor& input) const {
  const auto map = [&, prefix](const at::Tensor& x) {
    const int64_t batch = x.size(0), channels = x.size(1), heads = attention_heads(options_, channels),
                  d = channels / heads;
    const at::Tensor y =
        weights_.group_norm(prefix + "norm", x, kGroups, 1e-5).flatten(2).transpose(1, 2);  // [B, T, C]
    const at::Tensor qkv = weights_.linear(prefix + "qkv", y);
    const auto parts = options_.new_attention_order ? qkv.reshape({batch, -1, 3, heads, d}).permute({2, 0, 3, 1, 4})
                                                    : qkv.reshape({batch, -1, heads, 3, d}).permute({3, 0, 2, 1, 4});
    const at::Tensor attended = attention(parts[0], parts[1], parts[2], 1 / std::sqrt(static_cast<double>(d)));
    const at::Tensor out =
        weights_.linear(prefix + "proj_out", attended.transpose(1, 2).reshape({batch, -1, channels}));
    return added(weights_.enter(out.transpose(1, 2).reshape(x.sizes())), x);
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor AdmUnet::forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels) const {
  if (x.dim() != 4 || x.size(1) != config_.in_channels)
    throw std::invalid_argument("the network takes images with " + std::to_string(config_.in_channels) + " channels");
  if (x.size(2) % size_multiple() != 0 || x.size(3) % size_multiple() != 0)
    throw std::invalid_argument("the network takes sides that are multiples of " + std::to_string(size_multiple()));
  const auto for_each = [&](const at::Tensor& v) {
    return v.reshape({-1}).expand({v.numel() == 1 ? x.size(0) : v.numel()});
  };
  at::Tensor embedding = embed(for_each(t));
  if (config_.classes > 0) {
    if (!labels.defined())
      throw std::invalid_argument("the network is conditioned on one of " + std::to_string(config_.classes) +
                                  " classes and needs to be told which");
    const at::Tensor y = for_each(labels).to(at::kLong);
    if (y.min().item<int64_t>() < 0 || y.max().item<int64_t>() >= config_.classes)
      throw std::invalid_argument("the class must lie between 0 and " + std::to_string(config_.classes - 1));
    embedding = embedding + at::embedding(weights_.at("label_emb.weight"), y);
  }
  const auto levels = static_cast<int64_t>(config_.channels.size());
  at::Tensor h = weights_.convolve("input_blocks.0.0", weights_.enter(x));
  std::vector<at::Tensor> skips{h};
  int64_t n = 1;
  for (int64_t level = 0; level < levels; ++level) {
    for (int64_t r = 0; r < config_.blocks; ++r, ++n) {
      const std::string prefix = numbered("input_blocks.", n);
      h = residual(prefix + "0.", h, embedding);
      if (config_.attention[level]) h = attend(prefix + "1.", h);
      skips.push_back(h);
    }
    if (level + 1 < levels) {
      const std::string prefix = numbered("input_blocks.", n++) + "0.";
      h = config_.resblock_updown ? residual(prefix, h, embedding, Resample::Down)
                                  : weights_.convolve(prefix + "op", h, 2);
      skips.push_back(h);
    }
  }
  h = residual("middle_block.0.", h, embedding);
  h = attend("middle_block.1.", h);
  h = residual("middle_block.2.", h, embedding);
  n = 0;
  for (int64_t level = levels - 1; level >= 0; --level) {
    for (int64_t r = 0; r <= config_.blocks; ++r, ++n) {
      const std::string prefix = numbered("output_blocks.", n);
      h = residual(prefix + "0.", concatenated(h, skips.back()), embedding);
      skips.pop_back();
      if (config_.attention[level]) h = attend(prefix + "1.", h);
      if (level > 0 && r == config_.blocks) {
        const std::string up = prefix + (config_.attention[level] ? "2." : "1.");
        h = config_.resblock_updown ? residual(up, h, embedding, Resample::Up)
                                    : weights_.convolve(up + "conv", nearest_twice(h));
      }
    }
  }
  return weights_.convolve("out.2", weights_.norm_silu("out.0", h, kGroups, 1e-5)).to(at::kFloat).contiguous();
}

}  // namespace mgdm
