#include "core/networks/adm_unet.h"

#include <cmath>
#include <set>
#include <stdexcept>

namespace mgdm {

namespace {

int64_t count_blocks(const AdmUnet::Weights& weights, const std::string& prefix) {
  int64_t count = 0;
  for (const auto& [name, tensor] : weights) {
    if (name.rfind(prefix, 0) == 0) count = std::max<int64_t>(count, std::atoll(name.c_str() + prefix.size()) + 1);
  }
  return count;
}

}  // namespace

int64_t attention_heads(const AdmOptions& options, int64_t channels) {
  const int64_t heads = options.head_channels > 0 ? channels / options.head_channels : options.heads;
  if (heads < 1 || channels % heads != 0 || (options.head_channels > 0 && channels % options.head_channels != 0)) {
    throw std::invalid_argument("attention over " + std::to_string(channels) + " channels cannot have " +
                                (options.head_channels > 0 ? "heads of " + std::to_string(options.head_channels) + " channels" : std::to_string(options.heads) + " heads"));
  }
  return heads;
}

AdmUnet::AdmUnet(const Weights& weights, const std::string& prefix, const AdmOptions& options) : weights_(weights, prefix), options_(options) {
  width_ = weights_.at("time_embed.0.weight").size(1);
  const at::Tensor& first = weights_.at("input_blocks.0.0.weight");
  if (first.dim() != 4) throw std::invalid_argument("the weights' input_blocks.0.0.weight is no convolution of images");
  in_channels_ = first.size(1);
  out_channels_ = weights_.at("out.2.weight").size(0);
  if (weights_.has("label_emb.weight")) throw std::invalid_argument("the network is conditioned on classes (label_emb.weight); only unconditional ones can be used");

  // Each level but the last ends its way up with a resampler; each level has one more block up than down.
  const int64_t ups = count_blocks(weights_.all(), "output_blocks.");
  std::vector<std::string> resamplers(static_cast<size_t>(ups));
  int64_t resampled = 0;
  for (int64_t n = 0; n < ups; ++n) {
    Block block;
    block.prefix = "output_blocks." + std::to_string(n) + '.';
    block.attention = weights_.has(block.prefix + "1.qkv.weight");
    const std::string next = block.prefix + (block.attention ? "2." : "1.");
    if (weights_.has(next + "in_layers.0.weight") || weights_.has(next + "conv.weight")) {
      block.resample = Block::Resample::Up;
      block.resampler = next;
      resblock_updown_ = weights_.has(next + "in_layers.0.weight");
      ++resampled;
    }
    up_.push_back(block);
  }
  levels_ = resampled + 1;
  blocks_ = ups / levels_ - 1;
  const int64_t downs = count_blocks(weights_.all(), "input_blocks.");
  if (blocks_ < 1 || ups % levels_ != 0 || downs != levels_ * blocks_ + levels_) {
    throw std::invalid_argument("the weights have " + std::to_string(downs) + " blocks on the way down and " + std::to_string(ups) + " with " + std::to_string(resampled) + " enlargements on the way up, which is no such U-Net");
  }
  for (int64_t level = 0, n = 1; level < levels_; ++level) {
    for (int64_t r = 0; r < blocks_; ++r, ++n) {
      Block block;
      block.prefix = "input_blocks." + std::to_string(n) + '.';
      block.attention = weights_.has(block.prefix + "1.qkv.weight");
      down_.push_back(block);
    }
    if (level + 1 < levels_) {
      Block block;
      block.prefix = "input_blocks." + std::to_string(n++) + '.';
      block.resample = Block::Resample::Down;
      down_.push_back(block);
    }
  }
  check_shapes();
  to(at::kCPU, at::kFloat);
}

void AdmUnet::check_shapes() const {
  const Weights& all = weights_.all();
  std::vector<std::string> wrong;
  std::set<std::string> used;
  const auto expect = [&](const std::string& name, at::IntArrayRef shape) {
    used.insert(name);
    const auto found = all.find(name);
    if (found == all.end()) {
      wrong.push_back("missing " + name);
    } else if (found->second.sizes() != shape) {
      wrong.push_back(name + " is " + c10::str(found->second.sizes()) + ", must be " + c10::str(shape));
    }
  };
  const auto convolution = [&](const std::string& name, int64_t in, int64_t out, int64_t kernel) {
    expect(name + ".weight", {out, in, kernel, kernel});
    expect(name + ".bias", {out});
  };
  const auto affine = [&](const std::string& name, int64_t n) {
    expect(name + ".weight", {n});
    expect(name + ".bias", {n});
    if (n % 32 != 0) wrong.push_back(name + " has " + std::to_string(n) + " channels, no multiple of 32");
  };
  const auto dense = [&](const std::string& name, int64_t in, int64_t out) {
    expect(name + ".weight", {out, in});
    expect(name + ".bias", {out});
  };
  const int64_t embedding = 4 * width_;
  const auto out_of = [&](const std::string& prefix) {
    const auto found = all.find(prefix + "out_layers.3.weight");
    return found == all.end() || found->second.dim() != 4 ? int64_t{0} : found->second.size(0);
  };
  const auto res = [&](const std::string& prefix, int64_t in) {
    const int64_t out = out_of(prefix);
    affine(prefix + "in_layers.0", in);
    convolution(prefix + "in_layers.2", in, out, 3);
    const auto emb = all.find(prefix + "emb_layers.1.weight");
    const bool shifts = emb != all.end() && emb->second.dim() == 2 && emb->second.size(0) == 2 * out;
    dense(prefix + "emb_layers.1", embedding, shifts ? 2 * out : out);
    affine(prefix + "out_layers.0", out);
    convolution(prefix + "out_layers.3", out, out, 3);
    if (in != out) convolution(prefix + "skip_connection", in, out, 1);
    return out;
  };
  const auto attention = [&](const std::string& prefix, int64_t n) {
    affine(prefix + "norm", n);
    expect(prefix + "qkv.weight", {3 * n, n, 1});
    expect(prefix + "qkv.bias", {3 * n});
    expect(prefix + "proj_out.weight", {n, n, 1});
    expect(prefix + "proj_out.bias", {n});
    attention_heads(options_, n);
  };
  dense("time_embed.0", width_, embedding);
  dense("time_embed.2", embedding, embedding);
  int64_t channels = weights_.at("input_blocks.0.0.weight").size(0);
  convolution("input_blocks.0.0", in_channels_, channels, 3);
  std::vector<int64_t> skips{channels};
  for (const Block& block : down_) {
    if (block.resample == Block::Resample::Down && !resblock_updown_) {
      convolution(block.prefix + "0.op", channels, channels, 3);
    } else {
      channels = res(block.prefix + "0.", channels);
    }
    if (block.attention) attention(block.prefix + "1.", channels);
    skips.push_back(channels);
  }
  channels = res("middle_block.0.", channels);
  attention("middle_block.1.", channels);
  channels = res("middle_block.2.", channels);
  for (const Block& block : up_) {
    channels = res(block.prefix + "0.", channels + skips.back());
    skips.pop_back();
    if (block.attention) attention(block.prefix + "1.", channels);
    if (block.resample == Block::Resample::Up && resblock_updown_) channels = res(block.resampler, channels);
    if (block.resample == Block::Resample::Up && !resblock_updown_) convolution(block.resampler + "conv", channels, channels, 3);
  }
  affine("out.0", channels);
  convolution("out.2", channels, out_channels_, 3);
  for (const auto& [name, tensor] : all) {
    if (used.count(name) == 0) wrong.push_back("not known: " + name);
  }
  if (wrong.empty()) return;
  std::string table = std::to_string(wrong.size()) + " weights do not fit the network:";
  for (size_t i = 0; i < wrong.size() && i < 10; ++i) table += (i == 0 ? " " : "; ") + wrong[i];
  throw std::invalid_argument(table + (wrong.size() > 10 ? "; ..." : ""));
}

void AdmUnet::to(at::Device device, at::ScalarType type) {
  type_ = type;
  weights_.to(device, type);
}

at::Tensor AdmUnet::convolve(const std::string& name, const at::Tensor& x, int64_t stride) const { return weights_.convolve(name, x.to(type_), stride).to(at::kFloat); }

at::Tensor AdmUnet::linear(const std::string& name, const at::Tensor& x) const { return weights_.linear(name, x.to(type_)).to(at::kFloat); }

at::Tensor AdmUnet::norm(const std::string& name, const at::Tensor& x) const { return weights_.group_norm(name, x, 32, 1e-5); }

at::Tensor AdmUnet::embed(const at::Tensor& t) const {
  const int64_t half = width_ / 2;
  const auto options = at::TensorOptions().dtype(at::kFloat).device(t.device());
  const at::Tensor frequencies = at::exp(at::arange(half, options) * -std::log(10000.0) / static_cast<double>(half));
  const at::Tensor angles = t.to(at::kFloat).unsqueeze(1) * frequencies;
  at::Tensor vector = at::cat({angles.cos(), angles.sin()}, 1);
  if (width_ % 2 != 0) vector = at::constant_pad_nd(vector, {0, 1});
  return linear("time_embed.2", at::silu(linear("time_embed.0", vector)));
}

at::Tensor AdmUnet::residual(const std::string& prefix, const at::Tensor& input, const at::Tensor& embedding, Block::Resample resample) const {
  at::Tensor x = input, h = at::silu(norm(prefix + "in_layers.0", x));
  if (resample == Block::Resample::Down) {
    h = at::avg_pool2d(h, {2, 2});
    x = at::avg_pool2d(x, {2, 2});
  } else if (resample == Block::Resample::Up) {
    h = nearest_twice(h);
    x = nearest_twice(x);
  }
  h = convolve(prefix + "in_layers.2", h);
  const at::Tensor e = linear(prefix + "emb_layers.1", at::silu(embedding)).unsqueeze(2).unsqueeze(3);
  if (e.size(1) == 2 * h.size(1)) {
    const auto parts = e.chunk(2, 1);
    h = norm(prefix + "out_layers.0", h) * (1 + parts[0]) + parts[1];
  } else {
    h = norm(prefix + "out_layers.0", h + e);
  }
  h = convolve(prefix + "out_layers.3", at::silu(h));
  return (weights_.has(prefix + "skip_connection.weight") ? convolve(prefix + "skip_connection", x) : x) + h;
}

at::Tensor AdmUnet::attend(const std::string& prefix, const at::Tensor& x) const {
  const int64_t batch = x.size(0), channels = x.size(1), heads = attention_heads(options_, channels), d = channels / heads;
  const at::Tensor flat = x.flatten(2);
  const at::Tensor qkv = weights_.convolve(prefix + "qkv", norm(prefix + "norm", flat).to(type_));
  at::Tensor q, k, v;  // [B heads, d, T]
  if (options_.new_attention_order) {
    const auto parts = qkv.chunk(3, 1);
    q = parts[0].reshape({batch * heads, d, -1});
    k = parts[1].reshape({batch * heads, d, -1});
    v = parts[2].reshape({batch * heads, d, -1});
  } else {
    const auto parts = qkv.reshape({batch * heads, 3 * d, -1}).chunk(3, 1);
    q = parts[0];
    k = parts[1];
    v = parts[2];
  }
  const double scale = std::pow(static_cast<double>(d), -0.25);
  const at::Tensor scores = at::softmax(at::bmm((q * scale).transpose(1, 2), k * scale).to(at::kFloat), -1);
  const at::Tensor attended = at::bmm(v, scores.to(type_).transpose(1, 2)).reshape({batch, channels, -1});
  const at::Tensor out = weights_.convolve(prefix + "proj_out", attended).to(at::kFloat);
  return (flat + out).reshape(x.sizes());
}

at::Tensor AdmUnet::forward(const at::Tensor& x, const at::Tensor& t) const {
  if (x.dim() != 4 || x.size(1) != in_channels_) throw std::invalid_argument("the network takes images with " + std::to_string(in_channels_) + " channels");
  if (x.size(2) % size_multiple() != 0 || x.size(3) % size_multiple() != 0) throw std::invalid_argument("the network takes sides that are multiples of " + std::to_string(size_multiple()));
  const at::Tensor embedding = embed(t.reshape({-1}).expand({t.numel() == 1 ? x.size(0) : t.numel()}));
  at::Tensor h = convolve("input_blocks.0.0", x.to(at::kFloat));
  std::vector<at::Tensor> skips{h};
  for (const Block& block : down_) {
    if (block.resample == Block::Resample::Down && !resblock_updown_) {
      h = convolve(block.prefix + "0.op", h, 2);
    } else {
      h = residual(block.prefix + "0.", h, embedding, block.resample);
    }
    if (block.attention) h = attend(block.prefix + "1.", h);
    skips.push_back(h);
  }
  h = residual("middle_block.0.", h, embedding, Block::Resample::No);
  h = attend("middle_block.1.", h);
  h = residual("middle_block.2.", h, embedding, Block::Resample::No);
  for (const Block& block : up_) {
    h = residual(block.prefix + "0.", at::cat({h, skips.back()}, 1), embedding, Block::Resample::No);
    skips.pop_back();
    if (block.attention) h = attend(block.prefix + "1.", h);
    if (block.resample == Block::Resample::Up) h = resblock_updown_ ? residual(block.resampler, h, embedding, Block::Resample::Up) : convolve(block.resampler + "conv", nearest_twice(h));
  }
  return convolve("out.2", at::silu(norm("out.0", h)));
}

}  // namespace mgdm
