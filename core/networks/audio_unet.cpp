#include "core/networks/audio_unet.h"

#include <cmath>
#include <stdexcept>

namespace mgdm {

namespace {

// Layer normalisation with a gain only, written out: LibTorch 1.13's own gives gradients of rubbish without a bias.
at::Tensor rows_norm(const at::Tensor& x, const at::Tensor& gain) {
  const at::Tensor centred = x - x.mean(-1, true);
  return centred * (centred.square().mean(-1, true) + 1e-5).rsqrt() * gain.flatten();
}
at::Tensor channels_norm(const at::Tensor& x, const at::Tensor& gain) { return rows_norm(x.transpose(1, 2), gain).transpose(1, 2); }

}  // namespace

AudioUnet::AudioUnet(const Weights& weights, const std::string& prefix, const AudioUnetOptions& options) : weights_(weights, prefix), options_(options) {
  const at::Tensor& first = weights_.at("to_in.module_list.0.block.block1.project.weight");
  const int64_t width = weights_.at("to_mapping.0.weight").size(0) / 4;
  sources_ = first.size(1);
  patch_ = width / first.size(0);
  if (patch_ < 1 || patch_ * first.size(0) != width) throw std::invalid_argument("the weights' widths do not fit together (to_in, to_mapping)");
  int64_t levels = 0;
  while (weights_.has("downsamples." + std::to_string(levels) + ".downsample.weight")) ++levels;
  if (levels == 0) throw std::invalid_argument("the weights lack downsamples.0.downsample.weight");
  for (int64_t i = 0; i < levels; ++i) {
    const at::Tensor& up = weights_.at("upsamples." + std::to_string(levels - 1 - i) + ".upsample.weight");
    factors_.push_back(up.size(2) / 2);
  }
}

int64_t AudioUnet::length_multiple() const {
  int64_t multiple = patch_;
  for (const int64_t factor : factors_) multiple *= factor;
  return multiple;
}

at::Tensor AudioUnet::residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& mapping, int64_t groups) const {
  const auto norm = [&](const std::string& name, const at::Tensor& v) { return weights_.group_norm(prefix + name + ".groupnorm", v, groups, 1e-5); };
  at::Tensor h = weights_.convolve(prefix + "block1.project", at::silu(norm("block1", x)));
  const auto parts = weights_.linear(prefix + "to_scale_shift.to_scale_shift.1", at::silu(mapping)).unsqueeze(2).chunk(2, 1);
  h = weights_.convolve(prefix + "block2.project", at::silu(norm("block2", h) * (parts[0] + 1) + parts[1]));
  return h + (weights_.has(prefix + "to_out.weight") ? weights_.convolve(prefix + "to_out", x) : x);
}

at::Tensor AudioUnet::attend(const std::string& prefix, const at::Tensor& x) const {  // [B, C, L]
  const int64_t batch = x.size(0), length = x.size(2);
  const at::Tensor y = rows_norm(x.transpose(1, 2), weights_.at(prefix + "norm.g"));
  const auto split = [&](const at::Tensor& v) { return v.reshape({batch, length, options_.heads, -1}).transpose(1, 2); };
  const at::Tensor q = split(weights_.linear(prefix + "to_q", y));
  const auto kv = weights_.linear(prefix + "to_kv", y).chunk(2, 2);
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  const at::Tensor scores = at::softmax(at::matmul(q * scale, split(kv[0]).transpose(2, 3)), -1);
  const at::Tensor heads = at::matmul(scores, split(kv[1])).transpose(1, 2).reshape({batch, length, -1});
  return rows_norm(weights_.linear(prefix + "attention.to_out.0", heads), weights_.at(prefix + "attention.to_out.1.g")).transpose(1, 2);
}

at::Tensor AudioUnet::transform(const std::string& prefix, const at::Tensor& x) const {
  const at::Tensor h = attend(prefix + "attention.fn.", x) + x;
  at::Tensor f = weights_.convolve(prefix + "feed_forward.1", channels_norm(h, weights_.at(prefix + "feed_forward.0.g")));
  f = weights_.convolve(prefix + "feed_forward.4", channels_norm(at::gelu(f), weights_.at(prefix + "feed_forward.3.g")));
  return h + f;
}

at::Tensor AudioUnet::network(const at::Tensor& x, const at::Tensor& noise_level) const {
  if (x.dim() != 3 || x.size(1) != sources_) throw std::invalid_argument("the network takes sound with " + std::to_string(sources_) + " sources");
  if (x.size(2) % length_multiple() != 0) throw std::invalid_argument("the network takes lengths that are multiples of " + std::to_string(length_multiple()));
  const at::Tensor s = noise_level.to(at::kFloat).reshape({-1, 1}).expand({x.size(0), 1});
  const at::Tensor angles = s * weights_.at("to_time.0.0.weights").unsqueeze(0) * (2 * M_PI);
  at::Tensor mapping = at::gelu(weights_.linear("to_time.0.1", at::cat({s, angles.sin(), angles.cos()}, 1)));
  mapping = at::gelu(weights_.linear("to_mapping.2", at::gelu(weights_.linear("to_mapping.0", mapping))));

  at::Tensor h = residual("to_in.module_list.0.block.", x, mapping, std::min(patch_, sources_));
  const int64_t batch = x.size(0), inner = h.size(1), patches = h.size(2) / patch_;
  h = h.reshape({batch, inner, patches, patch_}).permute({0, 1, 3, 2}).reshape({batch, inner * patch_, patches});
  const at::Tensor first = h;
  const auto levels = static_cast<int64_t>(factors_.size());
  std::vector<std::vector<at::Tensor>> skips;
  for (int64_t i = 0; i < levels; ++i) {
    const std::string prefix = "downsamples." + std::to_string(i) + '.';
    h = weights_.convolve(prefix + "downsample", h, factors_[static_cast<size_t>(i)]);
    skips.emplace_back();
    for (int64_t j = 0; weights_.has(prefix + "blocks." + std::to_string(j) + ".block1.project.weight"); ++j) skips.back().push_back(h = residual(prefix + "blocks." + std::to_string(j) + '.', h, mapping, options_.groups));
    if (weights_.has(prefix + "transformer.feed_forward.0.g")) skips.back().push_back(h = transform(prefix + "transformer.", h));
  }
  h = residual("bottleneck.pre_block.", h, mapping, options_.groups);
  if (weights_.has("bottleneck.attention.fn.to_q.weight")) h = attend("bottleneck.attention.fn.", h);
  h = residual("bottleneck.post_block.", h, mapping, options_.groups);
  for (int64_t u = 0; u < levels; ++u) {
    const std::string prefix = "upsamples." + std::to_string(u) + '.';
    auto& level = skips[static_cast<size_t>(levels - 1 - u)];
    for (int64_t j = 0; weights_.has(prefix + "blocks." + std::to_string(j) + ".block1.project.weight"); ++j) {
      if (level.empty()) throw std::invalid_argument("the network has more blocks on its way up than on its way down");
      h = residual(prefix + "blocks." + std::to_string(j) + '.', at::cat({h, level.back() * (options_.skip_scale ? std::sqrt(0.5) : 1.0)}, 1), mapping, options_.groups);
      level.pop_back();
    }
    if (weights_.has(prefix + "transformer.feed_forward.0.g")) h = transform(prefix + "transformer.", h);
    const int64_t f = factors_[static_cast<size_t>(levels - 1 - u)];
    h = at::conv_transpose1d(h, weights_.at(prefix + "upsample.weight"), weights_.at(prefix + "upsample.bias"), {f}, {f / 2 + f % 2}, {f % 2});
  }
  h = h + first;
  h = h.reshape({batch, inner, patch_, patches}).permute({0, 1, 3, 2}).reshape({batch, inner, patches * patch_});
  return residual("to_out.module_list.0.block.", h, mapping, std::min(patch_, sources_));
}

at::Tensor AudioUnet::denoise(const at::Tensor& x, const at::Tensor& sigma, at::Tensor* raw) const {
  const at::Tensor s = sigma.to(at::kDouble).reshape({-1, 1, 1});
  if (!(s.min().item<double>() > 0)) throw std::invalid_argument("sigma must be above 0");
  const double d = options_.sigma_data;
  const at::Tensor root = (s * s + d * d).sqrt();
  const auto narrow = [](const at::Tensor& v) { return v.to(at::kFloat); };
  const at::Tensor out = network(narrow(1 / root) * x, narrow(s.log() * 0.25).flatten());
  if (raw != nullptr) *raw = out;
  return (narrow(d * d / (root * root)) * x + narrow(s * d / root) * out).clamp(-1, 1);
}

}  // namespace mgdm
