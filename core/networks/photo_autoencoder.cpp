#include "core/networks/photo_autoencoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/files/json_text.h"

namespace mgdm {

namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument("photo autoencoder: " + what); }

template <typename Options, typename Visitor>
void visit_autoencoder_options(Options& o, const Visitor& visit) {
  visit("image_channels", o.image_channels);
  visit("patch", o.patch);
  visit("channels", o.channels);
  visit("encoder_blocks", o.encoder_blocks);
  visit("decoder_blocks", o.decoder_blocks);
  visit("latent_channels", o.latent_channels);
  visit("latent_mean", o.latent_mean);
  visit("latent_deviation", o.latent_deviation);
}

void check_range(const char* name, int64_t value, int64_t lowest, int64_t highest) {
  if (value < lowest || value > highest) {
    refuse(std::string(name) + " is " + std::to_string(value) + ", must be " + std::to_string(lowest) + " to " +
           std::to_string(highest));
  }
}

}  // namespace

void PhotoAutoencoderOptions::check() const {
  check_range("image_channels", image_channels, 1, 64);
  if (patch != 1 && patch != 2 && patch != 4) refuse("patch is " + std::to_string(patch) + ", must be 1, 2 or 4");
  check_range("latent_channels", latent_channels, 1, 64);
  if (channels.empty() || channels.size() > 4) {
    refuse("channels has " + std::to_string(channels.size()) + " levels, must have 1 to 4");
  }
  for (const auto* blocks : {&encoder_blocks, &decoder_blocks}) {
    if (blocks->size() != channels.size()) {
      refuse("encoder_blocks and decoder_blocks must have an entry for each of the " + std::to_string(channels.size()) +
             " levels");
    }
    for (const int64_t n : *blocks) check_range("a level's blocks", n, 0, 16);
  }
  for (const int64_t c : channels) check_range("channels", c, 1, 2048);
  for (const auto* scale : {&latent_mean, &latent_deviation}) {
    if (!scale->empty() && scale->size() != static_cast<size_t>(latent_channels)) {
      refuse("latent_mean and latent_deviation must have an entry for each of the " + std::to_string(latent_channels) +
             " latent channels");
    }
  }
  for (const double deviation : latent_deviation) {
    if (!(deviation > 0)) refuse("latent_deviation must be positive");
  }
}

void to_json(nlohmann::json& json, const PhotoAutoencoderOptions& options) {
  json = nlohmann::json::object();
  visit_autoencoder_options(options, [&](const char* name, const auto& value) { json[name] = value; });
  for (const char* measured : {"latent_mean", "latent_deviation"}) {
    if (json[measured].empty()) json.erase(measured);
  }
}

void from_json(const nlohmann::json& json, PhotoAutoencoderOptions& options) {
  if (!json.is_object()) refuse("its description must be a JSON object");
  for (const auto& [name, value] : json.items()) {
    bool known = false;
    visit_autoencoder_options(options, [&, &name = name, &value = value](const char* key, auto& member) {
      if (name != key) return;
      known = true;
      try {
        value.get_to(member);
      } catch (const nlohmann::json::exception&) {
        refuse("setting '" + name + "' has the wrong type: " + json_text(value));
      }
    });
    if (!known) refuse("unknown setting '" + name + "'");
  }
  options.check();
}

PhotoAutoencoder::PhotoAutoencoder(PhotoAutoencoderOptions options) : options_(std::move(options)) {
  options_.check();
  const auto& c = options_.channels;
  const int64_t patch_channels = options_.image_channels * options_.patch * options_.patch;
  const int levels = static_cast<int>(c.size());
  add_convolution("in_encoder", patch_channels, c[0], 3);
  add_convolution("in_decoder", options_.latent_channels, c.back(), 3);
  for (int l = 0; l < levels; ++l) {
    const std::string level = std::to_string(l);
    for (int64_t b = 0; b < options_.encoder_blocks[l]; ++b)
      add_block("encoder_" + level + "_" + std::to_string(b), c[l]);
    for (int64_t b = 0; b < options_.decoder_blocks[l]; ++b)
      add_block("decoder_" + level + "_" + std::to_string(b), c[l]);
    if (l + 1 < levels) {
      add_convolution("encoder_" + level + "_resample", c[l], c[l + 1], 2);
      add_convolution("decoder_" + level + "_resample", c[l + 1], 4 * c[l], 1);
    }
  }
  add_convolution("out_encoder", c.back(), 2 * options_.latent_channels, 3);
  add_convolution("out_decoder", c[0], patch_channels, 3);
}

void PhotoAutoencoder::add_convolution(const std::string& name, int64_t in, int64_t out, int64_t kernel, double gain) {
  const double bound = gain * std::sqrt(3.0 / static_cast<double>(in * kernel * kernel));
  parameters_.add(
      name + "_weight",
      at::empty({out, in, kernel, kernel}).uniform_(-bound, bound).contiguous(at::MemoryFormat::ChannelsLast));
  parameters_.add(name + "_bias", at::zeros({out}));
}

void PhotoAutoencoder::add_block(const std::string& name, int64_t channels) {
  add_convolution(name + "_conv_1", channels, channels, 3);
  add_convolution(name + "_conv_2", channels, channels, 3, 0.0);  // every block starts as identity
}

at::Tensor PhotoAutoencoder::convolve(const std::string& layer, const at::Tensor& x, int64_t stride) {
  const at::Tensor& weight = parameters_[layer + "_weight"];
  const int64_t padding = weight.size(2) == 3 ? 1 : 0;
  const at::Tensor y =
      at::conv2d(x, weight.to(x.scalar_type()), parameters_[layer + "_bias"].to(x.scalar_type()), stride, padding);
  operations_ += 2.0 * static_cast<double>(weight.numel()) * static_cast<double>(y.size(0) * y.size(2) * y.size(3));
  return y;
}

at::Tensor PhotoAutoencoder::blocks(const std::string& level, int64_t count, at::Tensor x) {
  for (int64_t b = 0; b < count; ++b) {
    const std::string name = level + std::to_string(b);
    x = x + convolve(name + "_conv_2", at::silu(convolve(name + "_conv_1", at::silu(x))));
  }
  return x;
}

at::Tensor PhotoAutoencoder::moments(const at::Tensor& image) {
  const int64_t factor = options_.factor();
  if (image.dim() != 4 || image.size(1) != options_.image_channels || image.size(2) % factor != 0 ||
      image.size(3) % factor != 0 || image.numel() == 0) {
    refuse("a picture must be Bx" + std::to_string(options_.image_channels) + "xHxW with H and W multiples of " +
           std::to_string(factor));
  }
  at::Tensor h = at::pixel_unshuffle(image.to(at::kFloat), options_.patch)
                     .to(compute_type_)
                     .contiguous(at::MemoryFormat::ChannelsLast);
  h = convolve("in_encoder", h);
  const int levels = static_cast<int>(options_.channels.size());
  for (int l = 0; l < levels; ++l) {
    const std::string level = "encoder_" + std::to_string(l) + "_";
    h = blocks(level, options_.encoder_blocks[l], h);
    if (l + 1 < levels) h = convolve(level + "resample", h, 2);
  }
  return convolve("out_encoder", at::silu(h)).to(at::kFloat).contiguous();
}

at::Tensor PhotoAutoencoder::by_channel(const std::vector<double>& values, double otherwise, const at::Tensor& x) {
  const at::Tensor v = values.empty() ? at::full({x.size(1)}, otherwise, at::kFloat)
                                      : at::tensor(values, at::TensorOptions().dtype(at::kFloat));
  return v.to(x.device()).reshape({1, -1, 1, 1});
}

at::Tensor PhotoAutoencoder::encode(const at::Tensor& image) {
  const at::Tensor mean = moments(image).narrow(1, 0, options_.latent_channels);
  return (mean - by_channel(options_.latent_mean, 0, mean)) / by_channel(options_.latent_deviation, 1, mean);
}

at::Tensor PhotoAutoencoder::decode(const at::Tensor& z) {
  if (z.dim() != 4 || z.size(1) != options_.latent_channels || z.numel() == 0)
    refuse("a latent must be Bx" + std::to_string(options_.latent_channels) + "xHxW");
  return decode_unscaled(z * by_channel(options_.latent_deviation, 1, z) + by_channel(options_.latent_mean, 0, z));
}

at::Tensor PhotoAutoencoder::decode_unscaled(const at::Tensor& z) {
  at::Tensor h = z.to(compute_type_).contiguous(at::MemoryFormat::ChannelsLast);
  h = convolve("in_decoder", h);
  for (int l = static_cast<int>(options_.channels.size()) - 1; l >= 0; --l) {
    const std::string level = "decoder_" + std::to_string(l) + "_";
    if (l + 1 < static_cast<int>(options_.channels.size())) {
      h = at::pixel_shuffle(convolve(level + "resample", h), 2).contiguous(at::MemoryFormat::ChannelsLast);
    }
    h = blocks(level, options_.decoder_blocks[l], h);
  }
  return at::pixel_shuffle(convolve("out_decoder", at::silu(h)).to(at::kFloat).contiguous(), options_.patch);
}

void PhotoAutoencoder::set_latent_scale(const at::Tensor& mean, const at::Tensor& deviation) {
  const auto list = [](const at::Tensor& t) {
    const at::Tensor values = t.to(at::kCPU, at::kDouble).contiguous();
    return std::vector<double>(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  };
  options_.latent_mean = list(mean);
  options_.latent_deviation = list(deviation);
  options_.check();
}

int64_t PhotoAutoencoder::reach() const {
  // In pixels of each level: its blocks' two convolutions each, and the last one; then up to the latent's.
  double latents = 1;  // in_decoder
  double side = 1;     // of a pixel of the level, in latents
  for (int l = static_cast<int>(options_.channels.size()) - 1; l >= 0; --l) {
    latents += side * 2.0 * static_cast<double>(options_.decoder_blocks[l]);
    if (l > 0) side /= 2;
  }
  return static_cast<int64_t>(std::ceil(latents + side));
}

void PhotoAutoencoder::freeze(at::ScalarType compute_type) {
  compute_type_ = compute_type;
  at::NoGradGuard no_grad;
  for (auto& [name, p] : parameters_) {
    p = p.detach().to(compute_type);
    if (p.dim() == 4) p = p.contiguous(at::MemoryFormat::ChannelsLast);
    p.set_requires_grad(false);
  }
}

}  // namespace mgdm
