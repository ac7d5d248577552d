#include "core/networks/audio_unet.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

namespace mgdm {

namespace {

constexpr double kEpsilon = 1e-5;
const std::string kIn = "to_in.module_list.0.block.", kOut = "to_out.module_list.0.block.";

std::string numbered_block(const std::string& stem, int64_t n) { return stem + std::to_string(n) + '.'; }

// Layer normalisation of the last dimension with a gain only, in float32, written out: LibTorch 1.13's own gives
// gradients of rubbish without a bias.
at::Tensor rows_norm(const at::Tensor& given, const at::Tensor& gain) {
  const at::Tensor x = given.to(at::kFloat), centred = x - x.mean(-1, true);
  return centred * (centred.square().mean(-1, true) + kEpsilon).rsqrt() * gain.to(at::kFloat).flatten();
}

}  // namespace

AudioConfig AudioConfig::of(const NamedWeights& w) {
  AudioConfig c;
  c.channels.clear();
  c.factors.clear();
  c.blocks.clear();
  c.attention.clear();
  c.width = w.size("to_mapping.0.weight", 0) / 4;
  c.sources = w.size(kIn + "block1.project.weight", 1);
  const int64_t inner = w.size(kIn + "block1.project.weight", 0);
  c.patch = inner > 0 ? c.width / inner : 0;
  if (c.patch < 1 || c.patch * inner != c.width)
    throw std::invalid_argument("the weights' widths do not fit together (to_in, to_mapping)");
  int64_t levels = 0;
  while (w.has(numbered_block("downsamples.", levels) + "downsample.weight")) ++levels;
  if (levels == 0) throw std::invalid_argument("the weights lack downsamples.0.downsample.weight");
  c.middle_attention = w.has("bottleneck.attention.fn.to_q.weight");
  if (c.middle_attention) c.attention_width = w.size("bottleneck.attention.fn.to_q.weight", 0);
  for (int64_t i = 0; i < levels; ++i) {
    const std::string down = numbered_block("downsamples.", i);
    c.factors.push_back(w.size(numbered_block("upsamples.", levels - 1 - i) + "upsample.weight", 2) / 2);
    if (c.factors.back() < 1)
      throw std::invalid_argument("the weights' " + numbered_block("upsamples.", levels - 1 - i) +
                                  "upsample.weight has a kernel that is too small");
    c.channels.push_back(w.size(down + "downsample.weight", 0));
    if (i == 0) c.kernel_multiplier = (w.size(down + "downsample.weight", 2) - 1) / c.factors[0];
    int64_t blocks = 0;
    while (w.has(numbered_block(down + "blocks.", blocks) + "block1.project.weight")) ++blocks;
    c.blocks.push_back(blocks);
    const std::string transformer = down + "transformer.";
    c.attention.push_back(w.has(transformer + "attention.fn.to_q.weight"));
    if (c.attention.back()) {
      c.attention_width = w.size(transformer + "attention.fn.to_q.weight", 0);
      c.feed_forward = w.size(transformer + "feed_forward.1.weight", 0) / std::max<int64_t>(1, c.channels.back());
    }
  }
  return c;
}

WeightLayout AudioConfig::layout(int64_t groups) const {
  WeightLayout layout;
  const int64_t mapping = 4 * width, inner = width / patch, levels = static_cast<int64_t>(channels.size());
  const auto residual = [&](const std::string& prefix, int64_t in, int64_t out, int64_t in_groups) {
    layout.group_norm(prefix + "block1.groupnorm", in, in_groups);
    layout.convolution(prefix + "block1.project", in, out, 3, 1);
    layout.linear(prefix + "to_scale_shift.to_scale_shift.1", mapping, 2 * out);
    layout.group_norm(prefix + "block2.groupnorm", out, in_groups);
    layout.convolution(prefix + "block2.project", out, out, 3, 1);
    if (in != out) layout.convolution(prefix + "to_out", in, out, 1, 1);
  };
  const auto attend = [&](const std::string& prefix, int64_t n) {
    layout.add(prefix + "norm.g", {n});
    layout.linear(prefix + "to_q", n, attention_width, false);
    layout.linear(prefix + "to_kv", n, 2 * attention_width, false);
    layout.linear(prefix + "attention.to_out.0", attention_width, n, false);
    layout.add(prefix + "attention.to_out.1.g", {n});
  };
  const auto transform = [&](const std::string& prefix, int64_t n) {
    attend(prefix + "attention.fn.", n);
    layout.add(prefix + "feed_forward.0.g", {1, n, 1});
    layout.convolution(prefix + "feed_forward.1", n, feed_forward * n, 1, 1, false);
    layout.add(prefix + "feed_forward.3.g", {1, feed_forward * n, 1});
    layout.convolution(prefix + "feed_forward.4", feed_forward * n, n, 1, 1, false);
  };
  layout.add("to_time.0.0.weights", {width / 2});
  layout.linear("to_time.0.1", 2 * (width / 2) + 1, mapping);
  layout.linear("to_mapping.0", mapping, mapping);
  layout.linear("to_mapping.2", mapping, mapping);
  residual(kIn, sources, inner, std::min(patch, sources));
  int64_t now = inner * patch;
  for (int64_t i = 0; i < levels; ++i) {
    const std::string prefix = numbered_block("downsamples.", i);
    layout.convolution(prefix + "downsample", now, channels[i], factors[i] * kernel_multiplier + 1, 1);
    now = channels[i];
    for (int64_t j = 0; j < blocks[i]; ++j) residual(numbered_block(prefix + "blocks.", j), now, now, groups);
    if (attention[i]) transform(prefix + "transformer.", now);
  }
  residual("bottleneck.pre_block.", now, now, groups);
  if (middle_attention) attend("bottleneck.attention.fn.", now);
  residual("bottleneck.post_block.", now, now, groups);
  for (int64_t u = 0; u < levels; ++u) {
    const int64_t i = levels - 1 - u, out = i > 0 ? channels[i - 1] : inner * patch;
    const std::string prefix = numbered_block("upsamples.", u);
    for (int64_t j = 0; j < blocks[i] + (attention[i] ? 1 : 0); ++j)
      residual(numbered_block(prefix + "blocks.", j), 2 * channels[i], channels[i], groups);
    if (attention[i]) transform(prefix + "transformer.", channels[i]);
    layout.add(prefix + "upsample.weight", {channels[i], out, 2 * factors[i]});
    layout.add(prefix + "upsample.bias", {out});
  }
  residual(kOut, inner, sources, std::min(patch, sources));
  return layout;
}

AudioUnet::AudioUnet(const Weights& weights, const std::string& prefix, const AudioOptions& options)
    : weights_(weights, prefix), options_(options), config_(AudioConfig::of(weights_)) {
  config_.layout(options_.groups).check(weights_.all());
  if (options_.heads < 1 || config_.attention_width % options_.heads != 0) {
    throw std::invalid_argument("attention over " + std::to_string(config_.attention_width) + " features cannot have " +
                                std::to_string(options_.heads) + " heads");
  }
  if (!(options_.sigma_data > 0))
    throw std::invalid_argument("sigma_data is " + std::to_string(options_.sigma_data) + ", must be above 0");
}

int64_t AudioUnet::length_multiple() const {
  int64_t multiple = config_.patch;
  for (const int64_t factor : config_.factors) multiple *= factor;
  return multiple;
}

at::Tensor AudioUnet::residual(const std::string& prefix, const at::Tensor& input, const at::Tensor& mapping,
                               int64_t groups) const {
  const auto map = [&, prefix, mapping, groups](const at::Tensor& x) {
    at::Tensor h = weights_.convolve(prefix + "block1.project",
                                     weights_.norm_silu(prefix + "block1.groupnorm", x, groups, kEpsilon));
    const auto parts = weights_.linear(prefix + "to_scale_shift.to_scale_shift.1", at::silu(mapping)).chunk(2, 1);
    h = weights_.convolve(prefix + "block2.project",
                          weights_.norm_silu(prefix + "block2.groupnorm", h, groups, kEpsilon, parts[0], parts[1]));
    return h + (weights_.has(prefix + "to_out.weight") ? weights_.convolve(prefix + "to_out", x) : x);
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor AudioUnet::attend(const std::string& prefix, const at::Tensor& rows) const {
  const int64_t batch = rows.size(0), length = rows.size(1);
  const at::Tensor y = rows_norm(rows, weights_.at(prefix + "norm.g"));
  const auto split = [&](const at::Tensor& v) {
    return v.reshape({batch, length, options_.heads, -1}).transpose(1, 2);
  };
  const at::Tensor q = split(weights_.linear(prefix + "to_q", y));
  const auto kv = weights_.linear(prefix + "to_kv", y).chunk(2, 2);
  const at::Tensor heads = attention(q, split(kv[0]), split(kv[1]), 1 / std::sqrt(static_cast<double>(q.size(3))));
  return rows_norm(weights_.linear(prefix + "attention.to_out.0", heads.transpose(1, 2).reshape({batch, length, -1})),
                   weights_.at(prefix + "attention.to_out.1.g"));
}

at::Tensor AudioUnet::transform(const std::string& prefix, const at::Tensor& input) const {
  const auto map = [&, prefix](const at::Tensor& x) {
    const at::Tensor rows = rows_of(x), h = rows + attend(prefix + "attention.fn.", rows);
    const at::Tensor wide =
        at::gelu(weights_.linear(prefix + "feed_forward.1", rows_norm(h, weights_.at(prefix + "feed_forward.0.g"))));
    return back(h +
                weights_.linear(prefix + "feed_forward.4", rows_norm(wide, weights_.at(prefix + "feed_forward.3.g"))));
  };
  return recompute_ ? recomputed(map, input) : map(input);
}

at::Tensor AudioUnet::network(const at::Tensor& x, const at::Tensor& noise_level) const {
  if (x.dim() != 3 || x.size(1) != sources())
    throw std::invalid_argument("the network takes sound with " + std::to_string(sources()) + " sources");
  if (x.size(2) % length_multiple() != 0)
    throw std::invalid_argument("the network takes lengths that are multiples of " + std::to_string(length_multiple()));
  const at::Tensor s = noise_level.to(at::kFloat).reshape({-1, 1}).expand({x.size(0), 1});
  const at::Tensor angles = s * weights_.at("to_time.0.0.weights").unsqueeze(0) * (2 * M_PI);
  at::Tensor mapping = at::gelu(weights_.linear("to_time.0.1", at::cat({s, angles.sin(), angles.cos()}, 1)));
  mapping = at::gelu(weights_.linear("to_mapping.2", at::gelu(weights_.linear("to_mapping.0", mapping))));

  const int64_t edge_groups = std::min(config_.patch, sources());
  at::Tensor h = residual(kIn, weights_.enter(x), mapping, edge_groups);
  const int64_t batch = x.size(0), inner = h.size(1), patch = config_.patch, patches = x.size(2) / patch;
  h = weights_.enter(
      h.reshape({batch, inner, patches, patch}).permute({0, 1, 3, 2}).reshape({batch, inner * patch, patches}));
  const at::Tensor first = h;
  const auto levels = static_cast<int64_t>(config_.factors.size());
  std::vector<std::vector<at::Tensor>> skips;
  for (int64_t i = 0; i < levels; ++i) {
    const std::string prefix = numbered_block("downsamples.", i);
    h = weights_.convolve(prefix + "downsample", h, config_.factors[i]);
    skips.emplace_back();
    for (int64_t j = 0; j < config_.blocks[i]; ++j)
      skips.back().push_back(h = residual(numbered_block(prefix + "blocks.", j), h, mapping, options_.groups));
    if (config_.attention[i]) skips.back().push_back(h = transform(prefix + "transformer.", h));
  }
  h = residual("bottleneck.pre_block.", h, mapping, options_.groups);
  if (config_.middle_attention) h = back(attend("bottleneck.attention.fn.", rows_of(h)));
  h = residual("bottleneck.post_block.", h, mapping, options_.groups);
  for (int64_t u = 0; u < levels; ++u) {
    const int64_t i = levels - 1 - u, f = config_.factors[i];
    const std::string prefix = numbered_block("upsamples.", u);
    for (int64_t j = 0; !skips[i].empty(); ++j) {
      h = residual(numbered_block(prefix + "blocks.", j),
                   concatenated(h, skips[i].back() * (options_.skip_scale ? std::sqrt(0.5) : 1.0)), mapping,
                   options_.groups);
      skips[i].pop_back();
    }
    if (config_.attention[i]) h = transform(prefix + "transformer.", h);
    h = weights_.convolve_transposed(prefix + "upsample", h, f, f / 2 + f % 2, f % 2);
  }
  h = (h + first).reshape({batch, inner, patch, patches}).transpose(2, 3).reshape({batch, inner, patches * patch});
  return residual(kOut, weights_.enter(h), mapping, edge_groups).reshape({batch, sources(), -1}).to(at::kFloat);
}

at::Tensor AudioUnet::denoise(const at::Tensor& x, const at::Tensor& sigma, at::Tensor* raw) const {
  const at::Tensor s = sigma.to(at::kDouble).reshape({-1, 1, 1});
  if (!(s.min().item<double>() > 0)) throw std::invalid_argument("sigma must be above 0");
  const double d = options_.sigma_data;
  const at::Tensor root = (s * s + d * d).sqrt();
  const auto narrow = [&](const at::Tensor& v) { return v.to(x.device(), at::kFloat); };
  const at::Tensor out = network(narrow(1 / root) * x, narrow(s.log() * 0.25).flatten());
  if (raw != nullptr) *raw = out;
  return (narrow(d * d / (root * root)) * x + narrow(s * d / root) * out).clamp(-1, 1);
}

}  // namespace mgdm
