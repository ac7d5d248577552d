#include "core/networks/diffusers_unet.h"

#include <cmath>
#include <stdexcept>

namespace mgdm {

DiffusersUnet::DiffusersUnet(const Weights& weights, const DiffusersOptions& options) : options_(options) {
  // New names of the attention's maps are taken to the old ones.
  const std::pair<const char*, const char*> renamed[] = {{".to_q.", ".query."}, {".to_k.", ".key."}, {".to_v.", ".value."}, {".to_out.0.", ".proj_attn."}};
  Weights named;
  for (const auto& [name, tensor] : weights) {
    std::string own = name;
    for (const auto& [now, then] : renamed) {
      if (const auto at = own.find(now); at != std::string::npos && own.find("attentions.") != std::string::npos) own.replace(at, std::string(now).size(), then);
    }
    named[own] = tensor;
  }
  weights_ = NamedWeights(named, "");
  in_channels_ = weights_.at("conv_in.weight").size(1);
  width_ = weights_.at("time_embedding.linear_1.weight").size(1);
  while (weights_.has("down_blocks." + std::to_string(levels_) + ".resnets.0.conv1.weight")) ++levels_;
  if (levels_ == 0) throw std::invalid_argument("the weights lack down_blocks.0.resnets.0.conv1.weight");
  for (const char* name : {"mid_block.resnets.0.conv1.weight", "mid_block.resnets.1.conv1.weight", "conv_norm_out.weight", "conv_out.weight"}) weights_.at(name);
  for (const auto& [name, tensor] : weights_.all()) {
    bool known = false;
    for (const char* part : {"conv_in.", "time_embedding.linear_", "down_blocks.", "mid_block.", "up_blocks.", "conv_norm_out.", "conv_out."}) known = known || name.rfind(part, 0) == 0;
    if (!known) throw std::invalid_argument("the weights hold " + name + ", which is of no such network");
  }
}

at::Tensor DiffusersUnet::norm(const std::string& name, const at::Tensor& x) const { return weights_.group_norm(name, x, options_.groups, options_.epsilon); }

at::Tensor DiffusersUnet::residual(const std::string& prefix, const at::Tensor& x, const at::Tensor& embedding) const {
  at::Tensor h = weights_.convolve(prefix + "conv1", at::silu(norm(prefix + "norm1", x)));
  h = h + weights_.linear(prefix + "time_emb_proj", at::silu(embedding)).unsqueeze(2).unsqueeze(3);
  h = weights_.convolve(prefix + "conv2", at::silu(norm(prefix + "norm2", h)));
  return (weights_.has(prefix + "conv_shortcut.weight") ? weights_.convolve(prefix + "conv_shortcut", x) : x) + h;
}

at::Tensor DiffusersUnet::attend(const std::string& prefix, const at::Tensor& x) const {
  const int64_t batch = x.size(0), channels = x.size(1), d = options_.head_channels > 0 ? options_.head_channels : channels, heads = channels / d;
  if (heads * d != channels) throw std::invalid_argument("attention over " + std::to_string(channels) + " channels cannot have heads of " + std::to_string(d));
  const at::Tensor y = norm(prefix + "group_norm", x).flatten(2).transpose(1, 2);  // [B, T, C]
  const auto split = [&](const char* name) { return weights_.linear(prefix + name, y).reshape({batch, -1, heads, d}).transpose(1, 2); };
  const at::Tensor q = split("query"), k = split("key"), v = split("value");
  const at::Tensor scores = at::softmax(at::matmul(q, k.transpose(2, 3)) * (1 / std::sqrt(static_cast<double>(d))), -1);
  const at::Tensor out = weights_.linear(prefix + "proj_attn", at::matmul(scores, v).transpose(1, 2).reshape({batch, -1, channels}));
  return x + out.transpose(1, 2).reshape(x.sizes());
}

at::Tensor DiffusersUnet::forward(const at::Tensor& x, const at::Tensor& t) const {
  if (x.dim() != 4 || x.size(1) != in_channels_) throw std::invalid_argument("the network takes images with " + std::to_string(in_channels_) + " channels");
  if (x.size(2) % size_multiple() != 0 || x.size(3) % size_multiple() != 0) throw std::invalid_argument("the network takes sides that are multiples of " + std::to_string(size_multiple()));
  const int64_t half = width_ / 2;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(x.device());
  const at::Tensor frequencies = at::exp(at::arange(half, options) * -std::log(10000.0) / (static_cast<double>(half) - options_.frequency_shift));
  const at::Tensor angles = t.reshape({-1}).expand({t.numel() == 1 ? x.size(0) : t.numel()}).to(at::kFloat).unsqueeze(1) * frequencies;
  const at::Tensor vector = options_.cosine_first ? at::cat({angles.cos(), angles.sin()}, 1) : at::cat({angles.sin(), angles.cos()}, 1);
  const at::Tensor embedding = weights_.linear("time_embedding.linear_2", at::silu(weights_.linear("time_embedding.linear_1", vector)));
  at::Tensor h = weights_.convolve("conv_in", x.to(at::kFloat));
  std::vector<at::Tensor> skips{h};
  const auto block = [&](const std::string& prefix, int64_t j, const at::Tensor& in) {
    at::Tensor out = residual(prefix + "resnets." + std::to_string(j) + '.', in, embedding);
    if (const std::string attention = prefix + "attentions." + std::to_string(j) + '.'; weights_.has(attention + "query.weight")) out = attend(attention, out);
    return out;
  };
  const auto there = [&](const std::string& prefix, int64_t j) { return weights_.has(prefix + "resnets." + std::to_string(j) + ".conv1.weight"); };
  for (int64_t i = 0; i < levels_; ++i) {
    const std::string prefix = "down_blocks." + std::to_string(i) + '.';
    for (int64_t j = 0; there(prefix, j); ++j) skips.push_back(h = block(prefix, j, h));
    if (i + 1 < levels_) {
      h = options_.downsample_padding == 0 ? weights_.convolve(prefix + "downsamplers.0.conv", pad_right_bottom(h), 2, 0) : weights_.convolve(prefix + "downsamplers.0.conv", h, 2);
      skips.push_back(h);
    }
  }
  h = residual("mid_block.resnets.0.", h, embedding);
  if (weights_.has("mid_block.attentions.0.query.weight")) h = attend("mid_block.attentions.0.", h);
  h = residual("mid_block.resnets.1.", h, embedding);
  for (int64_t i = 0; i < levels_; ++i) {
    const std::string prefix = "up_blocks." + std::to_string(i) + '.';
    for (int64_t j = 0; there(prefix, j); ++j) {
      if (skips.empty()) throw std::invalid_argument("the network has more blocks on its way up than on its way down");
      h = block(prefix, j, at::cat({h, skips.back()}, 1));
      skips.pop_back();
    }
    if (i + 1 < levels_) h = weights_.convolve(prefix + "upsamplers.0.conv", nearest_twice(h));
  }
  return weights_.convolve("conv_out", at::silu(norm("conv_norm_out", h)));
}

}  // namespace mgdm
