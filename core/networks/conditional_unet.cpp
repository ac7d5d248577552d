#include "core/networks/conditional_unet.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

namespace mgdm {

namespace {

constexpr int64_t kUnetGroups = 32;
constexpr double kResidualEpsilon = 1e-5, kTransformerEpsilon = 1e-6, kLayerNormEpsilon = 1e-5;

std::string unet_block(const char* stem, int64_t n) { return stem + std::to_string(n) + '.'; }
std::string transformer_stem(const std::string& prefix, int64_t k) {
  return prefix + "transformer_blocks." + std::to_string(k) + '.';
}

// How many blocks NAME.0., NAME.1... there are.
int64_t blocks_below(const NamedWeights& weights, const std::string& prefix) {
  int64_t count = 0;
  const auto& all = weights.all();
  for (auto i = all.lower_bound(prefix); i != all.end() && i->first.rfind(prefix, 0) == 0; ++i)
    count = std::max<int64_t>(count, std::atoll(i->first.c_str() + prefix.size()) + 1);
  return count;
}

int64_t depth_of(const NamedWeights& weights, const std::string& prefix) {
  int64_t depth = 0;
  while (weights.has(transformer_stem(prefix, depth) + "norm1.weight")) ++depth;
  return depth;
}

std::string first_transformer(const NamedWeights& weights) {
  for (const auto& [name, tensor] : weights.all()) {
    const auto at = name.find("transformer_blocks.");
    if (at != std::string::npos) return name.substr(0, at);
  }
  throw std::invalid_argument("the U-Net's weights have no transformer");
}

}  // namespace

at::Tensor sinusoids(const at::Tensor& values, int64_t width) {
  const int64_t half = width / 2;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(values.device());
  const at::Tensor frequencies = at::exp(at::arange(half, options) * -std::log(10000.0) / static_cast<double>(half));
  const at::Tensor angles = values.to(at::kFloat).unsqueeze(1) * frequencies;
  return at::cat({angles.cos(), angles.sin()}, 1);
}

ConditionalUnetConfig ConditionalUnetConfig::of(const NamedWeights& w) {
  ConditionalUnetConfig c;
  c.width = w.size("time_embed.0.weight", 1);
  c.in_channels = w.size("input_blocks.0.0.weight", 1);
  c.out_channels = w.size("out.2.weight", 0);
  c.label = w.has("label_emb.0.0.weight") ? w.size("label_emb.0.0.weight", 1) : 0;
  const std::string transformer = first_transformer(w);
  c.context = w.size(transformer_stem(transformer, 0) + "attn2.to_k.weight", 1);
  c.linear_projections = w.at(transformer + "proj_in.weight").dim() == 2;
  // Each level but the last ends its way up with a resampler; each level has one more block up than down.
  const int64_t ups = blocks_below(w, "output_blocks."), downs = blocks_below(w, "input_blocks.");
  int64_t levels = 1;
  for (int64_t n = 0; n < ups; ++n) {
    const std::string prefix = unet_block("output_blocks.", n);
    if (w.has(prefix + "1.conv.weight") || w.has(prefix + "2.conv.weight")) ++levels;
  }
  c.blocks = ups / levels - 1;
  if (c.blocks < 1 || ups % levels != 0 || downs != levels * c.blocks + levels)
    throw std::invalid_argument("the weights have " + std::to_string(downs) + " blocks on the way down and " +
                                std::to_string(ups) + " on the way up in " + std::to_string(levels) +
                                " levels, which is no such U-Net");
  c.channels.clear();
  c.depth.clear();
  for (int64_t level = 0; level < levels; ++level) {
    const std::string last = unet_block("input_blocks.", level * (c.blocks + 1) + c.blocks);  // the level's last block
    c.channels.push_back(w.size(last + "0.out_layers.3.weight", 0));
    c.depth.push_back(depth_of(w, last + "1."));
  }
  c.middle_depth = depth_of(w, "middle_block.1.");
  return c;
}

WeightLayout ConditionalUnetConfig::layout() const {
  WeightLayout layout;
  const int64_t embedding = 4 * width, levels = static_cast<int64_t>(channels.size());
  const auto residual = [&](const std::string& prefix, int64_t in, int64_t out) {
    layout.group_norm(prefix + "in_layers.0", in, kUnetGroups);
    layout.convolution(prefix + "in_layers.2", in, out, 3);
    layout.linear(prefix + "emb_layers.1", embedding, out);
    layout.group_norm(prefix + "out_layers.0", out, kUnetGroups);
    layout.convolution(prefix + "out_layers.3", out, out, 3);
    if (in != out) layout.convolution(prefix + "skip_connection", in, out, 1);
  };
  const auto transform = [&](const std::string& prefix, int64_t n, int64_t blocks_) {
    const auto project = [&](const char* name) {
      linear_projections ? layout.linear(prefix + name, n, n) : layout.convolution(prefix + name, n, n, 1);
    };
    layout.group_norm(prefix + "norm", n, kUnetGroups);
    project("proj_in");
    for (int64_t k = 0; k < blocks_; ++k) {
      const std::string stem = transformer_stem(prefix, k);
      for (const auto& [name, from] : {std::pair{"attn1.", n}, {"attn2.", context}}) {
        layout.linear(stem + name + "to_q", n, n, false);
        layout.linear(stem + name + "to_k", from, n, false);
        layout.linear(stem + name + "to_v", from, n, false);
        layout.linear(stem + name + "to_out.0", n, n);
      }
      layout.linear(stem + "ff.net.0.proj", n, 8 * n);
      layout.linear(stem + "ff.net.2", 4 * n, n);
      for (const char* norm : {"norm1", "norm2", "norm3"}) {
        layout.add(stem + norm + ".weight", {n});
        layout.add(stem + norm + ".bias", {n});
      }
    }
    project("proj_out");
  };
  layout.linear("time_embed.0", width, embedding);
  layout.linear("time_embed.2", embedding, embedding);
  if (label > 0) {
    layout.linear("label_emb.0.0", label, embedding);
    layout.linear("label_emb.0.2", embedding, embedding);
  }
  layout.convolution("input_blocks.0.0", in_channels, width, 3);
  std::vector<int64_t> skips{width};
  int64_t now = width, n = 1;
  for (int64_t level = 0; level < levels; ++level) {
    for (int64_t r = 0; r < blocks; ++r, ++n) {
      const std::string prefix = unet_block("input_blocks.", n);
      residual(prefix + "0.", now, channels[level]);
      now = channels[level];
      if (depth[level] > 0) transform(prefix + "1.", now, depth[level]);
      skips.push_back(now);
    }
    if (level + 1 < levels) {
      layout.convolution(unet_block("input_blocks.", n++) + "0.op", now, now, 3);
      skips.push_back(now);
    }
  }
  residual("middle_block.0.", now, now);
  transform("middle_block.1.", now, middle_depth);
  residual("middle_block.2.", now, now);
  n = 0;
  for (int64_t level = levels - 1; level >= 0; --level) {
    for (int64_t r = 0; r <= blocks; ++r, ++n) {
      const std::string prefix = unet_block("output_blocks.", n);
      residual(prefix + "0.", now + skips.back(), channels[level]);
      skips.pop_back();
      now = channels[level];
      if (depth[level] > 0) transform(prefix + "1.", now, depth[level]);
      if (level > 0 && r == blocks) layout.convolution(prefix + (depth[level] > 0 ? "2.conv" : "1.conv"), now, now, 3);
    }
  }
  layout.group_norm("out.0", now, kUnetGroups);
  layout.convolution("out.2", now, out_channels, 3);
  return layout;
}

ConditionalUnet::ConditionalUnet(const Weights& weights, const std::string& prefix, ConditionalUnetOptions options)
    : weights_(weights, prefix), options_(std::move(options)), config_(ConditionalUnetConfig::of(weights_)) {
  config_.layout().check(weights_.all());
  const size_t levels = config_.channels.size();
  if (!options_.heads_of_level.empty() && options_.heads_of_level.size() != levels)
    throw std::invalid_argument("heads are said for " + std::to_string(options_.heads_of_level.size()) +
                                " levels, the U-Net has " + std::to_string(levels));
  for (size_t level = 0; level < levels; ++level) {
    if (config_.depth[level] > 0 || level + 1 == levels) heads(level);
  }
}

int64_t ConditionalUnet::heads(size_t level) const {
  const int64_t channels = config_.channels[level],
                count = !options_.heads_of_level.empty() ? options_.heads_of_level[level]
                        : options_.heads > 0             ? options_.heads
                        : options_.head_channels > 0     ? channels / options_.head_channels
                                                         : 0;
  const bool by_size = options_.heads_of_level.empty() && options_.heads <= 0;
  if (count < 1 || channels % count != 0 || (by_size && channels % options_.head_channels != 0))
    throw std::invalid_argument("attention over " + std::to_string(channels) + " channels cannot have " +
                                (by_size ? "heads of " + std::to_string(options_.head_channels) + " channels"
                                         : std::to_string(count) + " heads"));
  return count;
}

at::Tensor ConditionalUnet::embed(const at::Tensor& t, const at::Tensor& y, int64_t batch) const {
  const at::Tensor levels = t.reshape({-1}).expand({t.numel() == 1 ? batch : t.numel()});
  const auto two = [&](const std::string& name, const at::Tensor& v) {
    return weights_.linear(name + ".2", at::silu(weights_.linear(name + ".0", v)));
  };
  const at::Tensor embedding = two("time_embed", sinusoids(levels, config_.width));
  return config_.label > 0 ? embedding + two("label_emb.0", y) : embedding;
}

at::Tensor ConditionalUnet::residual(const std::string& prefix, const at::Tensor& input,
                                     const at::Tensor& embedding) const {
  const auto map = [&, prefix, embedding](const at::Tensor& x) {
    at::Tensor h = weights_.convolve(prefix + "in_layers.2",
                                     weights_.norm_silu(prefix + "in_layers.0", x, kUnetGroups, kResidualEpsilon));
    const at::Tensor e = weights_.linear(prefix + "emb_layers.1", at::silu(embedding));
    h = weights_.norm_silu(prefix + "out_layers.0", h + e.unsqueeze(2).unsqueeze(3), kUnetGroups, kResidualEpsilon);
    h = weights_.convolve(prefix + "out_layers.3", h);
    return added(
        h, weights_.has(prefix + "skip_connection.weight") ? weights_.convolve(prefix + "skip_connection", x) : x);
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor ConditionalUnet::attend(const std::string& prefix, const at::Tensor& h, const at::Tensor& context,
                                   int64_t heads) const {
  const int64_t batch = h.size(0), channels = h.size(2), d = channels / heads;
  const auto split = [&](const char* map, const at::Tensor& from) {
    return weights_.linear(prefix + map, from).reshape({batch, from.size(1), heads, d}).transpose(1, 2);
  };
  const at::Tensor attended = attention(split("to_q", h), split("to_k", context), split("to_v", context),
                                        std::pow(static_cast<double>(d), -0.5));
  return weights_.linear(prefix + "to_out.0", attended.transpose(1, 2).reshape({batch, -1, channels}));
}

at::Tensor ConditionalUnet::transformer_block(const std::string& prefix, const at::Tensor& x, const at::Tensor& context,
                                              int64_t heads) const {
  const auto norm = [&](const char* name, const at::Tensor& v) {
    return weights_.layer_norm(prefix + name, v, kLayerNormEpsilon);
  };
  const at::Tensor own = norm("norm1", x);
  at::Tensor h = x + attend(prefix + "attn1.", own, own, heads);
  h = h + attend(prefix + "attn2.", norm("norm2", h), context, heads);
  const auto parts = weights_.linear(prefix + "ff.net.0.proj", norm("norm3", h)).chunk(2, -1);
  return h + weights_.linear(prefix + "ff.net.2", parts[0] * at::gelu(parts[1]));
}

at::Tensor ConditionalUnet::transform(const std::string& prefix, const at::Tensor& input, const at::Tensor& context,
                                      int64_t depth, int64_t heads) const {
  // A convolution of one pixel is a linear map of its channels, so both kinds of projection are computed alike.
  const auto map = [&, prefix, context, depth, heads](const at::Tensor& x) {
    at::Tensor h = weights_.linear(
        prefix + "proj_in",
        weights_.group_norm(prefix + "norm", x, kUnetGroups, kTransformerEpsilon).flatten(2).transpose(1, 2));
    for (int64_t k = 0; k < depth; ++k) h = transformer_block(transformer_stem(prefix, k), h, context, heads);
    h = weights_.linear(prefix + "proj_out", h);
    return added(weights_.enter(h.transpose(1, 2).reshape(x.sizes())), x);
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

void ConditionalUnet::check_input(const at::Tensor& x, const at::Tensor& context, const at::Tensor& y) const {
  if (x.dim() != 4 || x.size(1) != config_.in_channels)
    throw std::invalid_argument("the network takes latents with " + std::to_string(config_.in_channels) + " channels");
  if (x.size(2) % size_multiple() != 0 || x.size(3) % size_multiple() != 0)
    throw std::invalid_argument("the network takes sides that are multiples of " + std::to_string(size_multiple()));
  const auto fits = [&](const at::Tensor& v, int64_t dim, int64_t width) {
    return v.defined() && v.dim() == dim && v.size(dim - 1) == width && (v.size(0) == 1 || v.size(0) == x.size(0));
  };
  if (!fits(context, 3, config_.context))
    throw std::invalid_argument("the network needs a context of tokens " + std::to_string(config_.context) +
                                " wide, [1 or batch, tokens, width]");
  if (config_.label > 0 && !fits(y, 2, config_.label))
    throw std::invalid_argument("the network needs y, pooled text and sizes, of " + std::to_string(config_.label) +
                                " numbers, [1 or batch, width]");
}

at::Tensor ConditionalUnet::forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& context,
                                    const at::Tensor& y) const {
  check_input(x, context, y);
  const at::Tensor embedding = embed(t, y, x.size(0)),
                   tokens = context.to(weights_.type()).expand({x.size(0), -1, -1}).contiguous();
  const auto levels = static_cast<int64_t>(config_.channels.size());
  const auto transformed = [&](const std::string& prefix, const at::Tensor& h, int64_t level) {
    const int64_t depth = config_.depth[level];
    return depth > 0 ? transform(prefix + "1.", h, tokens, depth, heads(static_cast<size_t>(level))) : h;
  };
  at::Tensor h = weights_.convolve("input_blocks.0.0", weights_.enter(x));
  std::vector<at::Tensor> skips{h};
  int64_t n = 1;
  for (int64_t level = 0; level < levels; ++level) {
    for (int64_t r = 0; r < config_.blocks; ++r, ++n) {
      const std::string prefix = unet_block("input_blocks.", n);
      h = transformed(prefix, residual(prefix + "0.", h, embedding), level);
      skips.push_back(h);
    }
    if (level + 1 < levels) {
      h = weights_.convolve(unet_block("input_blocks.", n++) + "0.op", h, 2);
      skips.push_back(h);
    }
  }
  h = residual("middle_block.0.", h, embedding);
  h = transform("middle_block.1.", h, tokens, config_.middle_depth, heads(config_.channels.size() - 1));
  h = residual("middle_block.2.", h, embedding);
  n = 0;
  for (int64_t level = levels - 1; level >= 0; --level) {
    for (int64_t r = 0; r <= config_.blocks; ++r, ++n) {
      const std::string prefix = unet_block("output_blocks.", n);
      h = transformed(prefix, residual(prefix + "0.", concatenated(h, skips.back()), embedding), level);
      skips.pop_back();
      if (level > 0 && r == config_.blocks)
        h = weights_.convolve(prefix + (config_.depth[level] > 0 ? "2.conv" : "1.conv"), nearest_twice(h));
    }
  }
  return weights_.convolve("out.2", weights_.norm_silu("out.0", h, kUnetGroups, kResidualEpsilon))
      .to(at::kFloat)
      .contiguous();
}

}  // namespace mgdm
