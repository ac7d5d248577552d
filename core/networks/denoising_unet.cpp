#include "core/networks/denoising_unet.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/version.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "core/files/json_text.h"
#include "core/networks/group_norm_silu.h"
#include "core/networks/mdct.h"

namespace mgdm {

namespace {

constexpr int64_t kFrequencies = 64;
constexpr int64_t kHeadChannels = 32;
constexpr double kSmallestPower = 1e-4;  // keeps the magnitude's gradient finite
constexpr double kLowestFrequency = 1.0, kHighestFrequency = 1000.0;

// [B] -> [B, 2 * kFrequencies]: sines and cosines at geometrically spaced frequencies.
at::Tensor sinusoidal_embedding(const at::Tensor& level) {
  const at::Tensor frequencies = at::exp(at::linspace(std::log(kLowestFrequency), std::log(kHighestFrequency),
                                                      kFrequencies, level.options().dtype(at::kFloat)));
  const at::Tensor angle = level.to(at::kFloat).unsqueeze(1) * frequencies.unsqueeze(0);
  return at::cat({angle.sin(), angle.cos()}, 1);
}

// The files' names have no dots.
std::string key(std::string name) {
  for (char& c : name) {
    if (c == '.') c = '_';
  }
  return name;
}

[[noreturn]] void reject(const std::string& what) { throw std::invalid_argument("denoising U-Net: " + what); }

}  // namespace

void DenoisingUnetOptions::check() const {
  if (image_channels < 1 || image_channels > 64) {
    reject("image_channels is " + std::to_string(image_channels) + ", must be 1 to 64");
  }
  if (patch != 1 && patch != 2 && patch != 4) {
    reject("patch is " + std::to_string(patch) + ", must be 1, 2 or 4");
  }
  if (channels.empty() || channels.size() > 6) {
    reject("channels has " + std::to_string(channels.size()) + " levels, must have 1 to 6");
  }
  if (blocks.size() != channels.size()) {
    reject("blocks has " + std::to_string(blocks.size()) + " entries for " + std::to_string(channels.size()) +
           " levels");
  }
  if (group_channels < 1) reject("group_channels must be at least 1");
  for (size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] < group_channels || channels[i] > 2048 || channels[i] % group_channels != 0) {
      reject("channels has " + std::to_string(channels[i]) + ", must be a multiple of " +
             std::to_string(group_channels) + " up to 2048");
    }
    if (blocks[i] < 1 || blocks[i] > 16) {
      reject("blocks has " + std::to_string(blocks[i]) + ", must be 1 to 16");
    }
  }
  if (embedding < 1 || embedding > 4096) {
    reject("embedding is " + std::to_string(embedding) + ", must be 1 to 4096");
  }
  if (!(sigma_data > 0)) reject("sigma_data must be positive");
  if (position_channels < 0 || position_channels > 64) {
    reject("position_channels is " + std::to_string(position_channels) + ", must be 0 to 64");
  }
  if (attention_blocks < 0 || attention_blocks > 8) {
    reject("attention_blocks is " + std::to_string(attention_blocks) + ", must be 0 to 8");
  }
  if (!attention.empty() && attention.size() != channels.size()) {
    reject("attention has " + std::to_string(attention.size()) + " entries for " + std::to_string(channels.size()) +
           " levels");
  }
  for (const int64_t a : attention) {
    if (a != 0 && a != 1) reject("attention has " + std::to_string(a) + ", must be 0 or 1");
  }
  if (augmentation_labels < 0 || augmentation_labels > 64) {
    reject("augmentation_labels is " + std::to_string(augmentation_labels) + ", must be 0 to 64");
  }
}

void to_json(nlohmann::json& json, const DenoisingUnetOptions& o) {
  json = {{"image_channels", o.image_channels},
          {"patch", o.patch},
          {"channels", o.channels},
          {"blocks", o.blocks},
          {"group_channels", o.group_channels},
          {"embedding", o.embedding},
          {"sigma_data", o.sigma_data}};
  // Left out where absent, so that the description of an older network stays what it was.
  if (o.position_channels != 0) json["position_channels"] = o.position_channels;
  if (o.attention_blocks != 0) json["attention_blocks"] = o.attention_blocks;
  if (o.complex_gates) json["complex_gates"] = true;
  if (!o.attention.empty()) json["attention"] = o.attention;
  if (!o.convolution_bias) json["convolution_bias"] = false;
  if (o.augmentation_labels != 0) json["augmentation_labels"] = o.augmentation_labels;
}

void from_json(const nlohmann::json& json, DenoisingUnetOptions& o) {
  if (!json.is_object()) reject("its description must be a JSON object");
  for (const auto& [name, value] : json.items()) {
    try {
      if (name == "image_channels")
        value.get_to(o.image_channels);
      else if (name == "patch")
        value.get_to(o.patch);
      else if (name == "channels")
        value.get_to(o.channels);
      else if (name == "blocks")
        value.get_to(o.blocks);
      else if (name == "group_channels")
        value.get_to(o.group_channels);
      else if (name == "embedding")
        value.get_to(o.embedding);
      else if (name == "sigma_data")
        value.get_to(o.sigma_data);
      else if (name == "position_channels")
        value.get_to(o.position_channels);
      else if (name == "attention_blocks")
        value.get_to(o.attention_blocks);
      else if (name == "complex_gates")
        value.get_to(o.complex_gates);
      else if (name == "attention")
        value.get_to(o.attention);
      else if (name == "convolution_bias")
        value.get_to(o.convolution_bias);
      else if (name == "augmentation_labels")
        value.get_to(o.augmentation_labels);
      else
        reject("unknown setting '" + name + "'");
    } catch (const nlohmann::json::exception&) {
      reject("setting '" + name + "' has the wrong type: " + json_text(value));
    }
  }
  o.check();
}

DenoisingUnet::DenoisingUnet(DenoisingUnetOptions options) : options_(std::move(options)) {
  options_.check();
  const auto& c = options_.channels;
  const int64_t e = options_.embedding, parts = options_.complex_gates ? 3 : 1;
  const int64_t patch_channels = parts * options_.image_channels * options_.patch * options_.patch;
  add_linear("embed.0", 2 * kFrequencies, e, 1.0);
  add_linear("embed.1", e, e, 1.0);
  if (options_.augmentation_labels > 0) {
    parameters_.add(key("embed.labels.weight"), at::zeros({e, options_.augmentation_labels}));
  }
  add_convolution("in", patch_channels + options_.position_channels, c[0], 3, 1.0, true);
  const int levels = static_cast<int>(c.size());
  for (int l = 0; l < levels; ++l) {
    const std::string level = std::to_string(l);
    const bool attention = !options_.attention.empty() && options_.attention[l] != 0;
    for (int64_t b = 0; b < options_.blocks[l]; ++b) {
      add_block("down." + level + "." + std::to_string(b), c[l], attention);
      add_block("up." + level + "." + std::to_string(b), c[l], attention);
    }
    if (l + 1 < levels) {
      add_convolution("down." + level + ".resample", c[l], c[l + 1], 2, 1.0, options_.convolution_bias);
      add_convolution("up." + level + ".resample", c[l + 1], c[l], 1, 1.0, options_.convolution_bias);
    }
  }
  for (int64_t b = 0; b < options_.attention_blocks; ++b) {
    add_attention("middle." + std::to_string(b) + ".attention", c.back());
    add_block("middle." + std::to_string(b), c.back(), false);
  }
  add_norm("out.norm", c[0]);
  add_convolution("out", c[0], patch_channels, 3, 0.0, true);
}

void DenoisingUnet::add_convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, double gain,
                                    bool bias) {
  const double bound = gain * std::sqrt(3.0 / static_cast<double>(in * kernel * kernel));
  parameters_.add(
      key(name + ".weight"),
      at::empty({out, in, kernel, kernel}).uniform_(-bound, bound).contiguous(at::MemoryFormat::ChannelsLast));
  if (bias) parameters_.add(key(name + ".bias"), at::zeros({out}));
}

void DenoisingUnet::add_linear(const std::string& name, int64_t in, int64_t out, double gain) {
  const double bound = gain * std::sqrt(3.0 / static_cast<double>(in));
  parameters_.add(key(name + ".weight"), at::empty({out, in}).uniform_(-bound, bound));
  parameters_.add(key(name + ".bias"), at::zeros({out}));
}

void DenoisingUnet::add_norm(const std::string& name, int64_t channels) {
  parameters_.add(key(name + ".weight"), at::ones({channels}));
  parameters_.add(key(name + ".bias"), at::zeros({channels}));
}

void DenoisingUnet::add_attention(const std::string& name, int64_t channels) {
  add_norm(name + ".norm", channels);
  add_convolution(name + ".qkv", channels, 3 * channels, 1, 1.0, options_.convolution_bias);
  add_convolution(name + ".out", channels, channels, 1, 0.0, options_.convolution_bias);
}

void DenoisingUnet::add_block(const std::string& name, int64_t channels, bool attention) {
  const bool bias = options_.convolution_bias;
  add_norm(name + ".norm_1", channels);
  add_convolution(name + ".conv_1", channels, channels, 3, 1.0, bias);
  add_norm(name + ".norm_2", channels);
  add_linear(name + ".modulation", options_.embedding, 2 * channels, 0.0);
  add_convolution(name + ".conv_2", channels, channels, 3, 0.0, bias);  // every block starts as identity
  if (attention) add_attention(name + ".attention", channels);
}

const at::Tensor& DenoisingUnet::parameter(const std::string& name) const { return parameters_[key(name)]; }

at::Tensor DenoisingUnet::convolve(const std::string& layer, const at::Tensor& x, int64_t stride) {
  const at::Tensor& weight = parameter(layer + ".weight");
  const int64_t padding = weight.size(2) == 3 ? 1 : 0;
  const std::string bias = key(layer + ".bias");
  const at::Tensor y =
      at::conv2d(x, weight.to(x.scalar_type()),
                 parameters_.has(bias) ? parameters_[bias].to(x.scalar_type()) : at::Tensor(), stride, padding);
  operations_ += 2.0 * static_cast<double>(weight.numel()) * static_cast<double>(y.size(0) * y.size(2) * y.size(3));
  return y;
}

at::Tensor DenoisingUnet::residual_block(const std::string& name, const at::Tensor& x, const at::Tensor& embedding) {
  const int64_t batch = x.size(0), groups = x.size(1) / options_.group_channels;
  at::Tensor h = group_norm_silu(x, parameter(name + ".norm_1.weight").expand({batch, -1}),
                                 parameter(name + ".norm_1.bias").expand({batch, -1}), groups);
  h = convolve(name + ".conv_1", h);
  const auto modulation =
      at::linear(embedding, parameter(name + ".modulation.weight"), parameter(name + ".modulation.bias")).chunk(2, 1);
  const at::Tensor factor = modulation[0] + 1.0;
  h = group_norm_silu(h, parameter(name + ".norm_2.weight") * factor,
                      parameter(name + ".norm_2.bias") * factor + modulation[1], groups);
  return x + convolve(name + ".conv_2", h);
}

at::Tensor DenoisingUnet::attention_block(const std::string& name, const at::Tensor& x) {
  const int64_t batch = x.size(0), channels = x.size(1), tokens = x.size(2) * x.size(3);
  const int64_t heads = std::max<int64_t>(1, channels / kHeadChannels), width = channels / heads;
  at::Tensor h = at::group_norm(x.to(at::kFloat).contiguous(), channels / options_.group_channels,
                                parameter(name + ".norm.weight"), parameter(name + ".norm.bias"));
#if TORCH_VERSION_MAJOR >= 2
  if (x.is_cuda() &&
      memory_format_ == at::MemoryFormat::ChannelsLast) {  // the same in one kernel that never writes the weights
    h = convolve(name + ".qkv", h.to(x.scalar_type()).contiguous(memory_format_));
    const auto qkv =
        h.permute({0, 2, 3, 1}).reshape({batch, tokens, 3, heads, width}).permute({2, 0, 3, 1, 4}).unbind(0);
    operations_ += 4.0 * static_cast<double>(batch * tokens) * static_cast<double>(tokens * channels);
    h = at::scaled_dot_product_attention(qkv[0], qkv[1], qkv[2]);  // [B, heads, tokens, width]
    h = h.transpose(1, 2).reshape({batch, x.size(2), x.size(3), channels}).permute({0, 3, 1, 2});
    return x + convolve(name + ".out", h);
  }
#endif
  h = convolve(name + ".qkv", h.to(x.scalar_type()));
  const auto qkv = h.reshape({batch, 3, heads, width, tokens}).transpose(3, 4).unbind(1);  // [B, heads, tokens, width]
  const at::Tensor weights =
      at::matmul(qkv[0] / std::sqrt(static_cast<double>(width)), qkv[1].transpose(2, 3)).to(at::kFloat).softmax(3);
  operations_ += 4.0 * static_cast<double>(batch * tokens) * static_cast<double>(tokens * channels);
  h = at::matmul(weights.to(x.scalar_type()), qkv[2]).transpose(2, 3).reshape({batch, channels, x.size(2), x.size(3)});
  return x + convolve(name + ".out", h.contiguous(memory_format_));
}

at::Tensor DenoisingUnet::level_block(const std::string& level, int64_t block, const at::Tensor& x,
                                      const at::Tensor& embedding) {
  const std::string name = level + std::to_string(block);
  const at::Tensor h = residual_block(name, x, embedding);
  return parameters_.has(key(name + ".attention.out.weight")) ? attention_block(name + ".attention", h) : h;
}

at::Tensor DenoisingUnet::network(const at::Tensor& features, const at::Tensor& noise_level, const at::Tensor& labels) {
  at::Tensor e = sinusoidal_embedding(noise_level);
  e = at::linear(e, parameter("embed.0.weight"), parameter("embed.0.bias"));
  if (labels.defined()) e = e + at::linear(labels, parameter("embed.labels.weight"));
  e = at::silu(e);
  e = at::silu(at::linear(e, parameter("embed.1.weight"), parameter("embed.1.bias")));

  at::Tensor h = at::pixel_unshuffle(features, options_.patch);
  if (options_.position_channels > 0) {
    const int64_t n = options_.position_channels, width = h.size(3);
    const at::Tensor u = (at::arange(width, h.options()) + 0.5) / static_cast<double>(width);
    const at::Tensor position = (M_PI * at::arange(1, n + 1, h.options()).unsqueeze(1) * u).cos();
    h = at::cat({h, position.reshape({1, n, 1, width}).expand({h.size(0), n, h.size(2), width})}, 1);
  }
  h = h.to(compute_type_).contiguous(memory_format_);
  h = convolve("in", h);
  std::vector<at::Tensor> skips;
  const int levels = static_cast<int>(options_.channels.size());
  for (int l = 0; l < levels; ++l) {
    const std::string level = "down." + std::to_string(l) + ".";
    for (int64_t b = 0; b < options_.blocks[l]; ++b) {
      h = level_block(level, b, h, e);
    }
    if (l + 1 < levels) {
      skips.push_back(h);
      h = convolve(level + "resample", h, 2);
    }
  }
  for (int64_t b = 0; b < options_.attention_blocks; ++b) {
    const std::string name = "middle." + std::to_string(b);
    h = residual_block(name, attention_block(name + ".attention", h), e);
  }
  for (int l = levels - 1; l >= 0; --l) {
    const std::string level = "up." + std::to_string(l) + ".";
    if (l + 1 < levels) {
      h = at::upsample_nearest2d(convolve(level + "resample", h), {h.size(2) * 2, h.size(3) * 2}) + skips.back();
      skips.pop_back();
    }
    for (int64_t b = 0; b < options_.blocks[l]; ++b) {
      h = level_block(level, b, h, e);
    }
  }
  const int64_t batch = h.size(0);
  h = group_norm_silu(h, parameter("out.norm.weight").expand({batch, -1}),
                      parameter("out.norm.bias").expand({batch, -1}), h.size(1) / options_.group_channels);
  return at::pixel_shuffle(convolve("out", h).to(at::kFloat).contiguous(), options_.patch);
}

at::Tensor DenoisingUnet::forward(const at::Tensor& x, const at::Tensor& sigma, const at::Tensor& labels) {
  const int64_t patch = options_.patch, multiple = options_.size_multiple();
  if (x.dim() != 4 || x.size(1) != options_.image_channels || x.size(0) == 0 || x.size(2) % patch != 0 ||
      x.size(3) % patch != 0 || x.size(2) < multiple || x.size(3) < multiple) {
    std::string shape;
    for (const int64_t n : x.sizes()) {
      if (!shape.empty()) shape += 'x';
      shape += std::to_string(n);
    }
    reject("input is " + shape + ", must be Bx" + std::to_string(options_.image_channels) +
           "xHxW with H and W multiples of " + std::to_string(patch) + " of at least " + std::to_string(multiple));
  }
  if (labels.defined() &&
      (labels.dim() != 2 || labels.size(0) != x.size(0) || labels.size(1) != options_.augmentation_labels)) {
    reject("labels must be [" + std::to_string(x.size(0)) + ", " + std::to_string(options_.augmentation_labels) + "]");
  }
  const double d = options_.sigma_data;
  const at::Tensor s = sigma.to(x.options().dtype(at::kFloat)).reshape({-1, 1, 1, 1});
  const at::Tensor total = s * s + d * d, root = total.sqrt();
  const at::Tensor input = x.to(at::kFloat);
  const at::Tensor scaled = input / root;
  at::Tensor quadrature, f = scaled;
  if (options_.complex_gates) {
    quadrature = mdct_quadrature(scaled);
    f = at::cat({scaled, quadrature, (scaled.square() + quadrature.square() + kSmallestPower).sqrt()}, 1);
  }
  const int64_t height = x.size(2), width = x.size(3);
  const int64_t pad_h = (multiple - height % multiple) % multiple;
  const int64_t pad_w = (multiple - width % multiple) % multiple;
  if (pad_h != 0 || pad_w != 0) f = at::reflection_pad2d(f, {0, pad_w, 0, pad_h});
  f = network(f, s.flatten().log() / 4.0, labels);
  if (pad_h != 0 || pad_w != 0) f = f.slice(2, 0, height).slice(3, 0, width);
  if (options_.complex_gates) {
    const auto parts = f.chunk(3, 1);
    f = parts[0] + parts[1] * scaled + parts[2] * quadrature;
  }
  return input * (d * d / total) + f * (s * d / root);
}

double DenoisingUnet::take_operations() { return std::exchange(operations_, 0.0); }

void DenoisingUnet::freeze(at::ScalarType compute_type) {
  compute_type_ = compute_type;
  at::NoGradGuard no_grad;
  for (auto& [name, p] : parameters_) {
    const bool convolution = p.dim() == 4;
    p = convolution ? p.detach().to(compute_type).contiguous(memory_format_) : p.detach();
    p.set_requires_grad(false);
  }
}

}  // namespace mgdm
