#include "core/priors/photo_prior.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

#include "core/priors/autoencoder_codec.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

constexpr int64_t kPhotoOverlap = 48;  // of windows, in pixels: the network's estimates hardly look further

class UnetDenoiser : public Denoiser {
 public:
  UnetDenoiser(std::shared_ptr<DenoisingUnet> network, NoiseSchedule schedule)
      : network_(std::move(network)), schedule_(std::move(schedule)) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> scale, sigma;
    bool clean = true;
    for (const int t : levels) {
      scale.push_back(1.0 / std::sqrt(schedule_.alpha_bar(t)));
      sigma.push_back(std::max(schedule_.sigma(t), 1e-4));  // ln(0) never reaches the network
      clean = clean && t == 0;
    }
    if (clean) return x_t;
    at::Tensor s = at::tensor(sigma, at::TensorOptions().dtype(at::kFloat)).to(x_t.device());
    return network_->forward(x_t * per_sample(scale, x_t), s.expand({x_t.size(0)}));
  }

  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    if (sigma <= 0) return x;
    return network_->forward(
        x, at::full({x.size(0)}, std::max(sigma, 1e-4), at::TensorOptions().dtype(at::kFloat).device(x.device())));
  }

 private:
  std::shared_ptr<DenoisingUnet> network_;
  NoiseSchedule schedule_;
};

}  // namespace

std::shared_ptr<Denoiser> make_unet_denoiser(std::shared_ptr<DenoisingUnet> network, NoiseSchedule schedule) {
  return std::make_shared<UnetDenoiser>(std::move(network), std::move(schedule));
}

at::ScalarType resolve_precision(const std::string& precision, at::Device device) {
  if (precision == "float32") return at::kFloat;
  if (precision == "bfloat16") return at::kBFloat16;
  if (precision == "float16") {
    if (device.is_cpu())
      throw std::invalid_argument("precision float16 needs a GPU; bfloat16 is what processors compute");
    return at::kHalf;
  }
  if (precision != "auto") {
    throw std::invalid_argument("precision is '" + precision + "', must be auto, bfloat16, float16 or float32");
  }
  if (!device.is_cpu()) return at::kBFloat16;
#if defined(__x86_64__)
  // oneDNN emulates bfloat16 slowly on CPUs without these instructions.
  if (__builtin_cpu_supports("avx512bf16")) return at::kBFloat16;
#endif
  return at::kFloat;
}

namespace {

// `factor`: pixels of a cell of the network's space.
Prior own_prior(std::shared_ptr<DenoisingUnet> network, int64_t factor, const std::string& name, at::Device device,
                at::ScalarType type, const PhotoSizes& sizes) {
  network->to(device);
  network->freeze(type);
  Prior prior;
  prior.name = name;
  prior.windows = {.side = sizes.window / factor,
                   .overlap = std::min(kPhotoOverlap, sizes.window / 4) / factor,
                   .multiple = std::max<int64_t>(1, sizes.multiple / factor),
                   .fitted = true};
  prior.denoiser = windowed(make_unet_denoiser(std::move(network), prior.schedule), prior.windows);
  prior.device = device;
  prior.precision = type == at::kBFloat16 ? "bfloat16" : "float32";
  prior.size_multiple = sizes.multiple;
  prior.min_size = sizes.smallest;
  prior.max_size = sizes.largest;
  prior.any_size = true;
  return prior;
}

}  // namespace

Prior make_photo_prior(std::shared_ptr<DenoisingUnet> network, const std::string& name, at::Device device,
                       const std::string& precision, const PhotoSizes& sizes) {
  return own_prior(std::move(network), 1, name, device, resolve_precision(precision, device), sizes);
}

Prior make_latent_prior(std::shared_ptr<DenoisingUnet> network, std::shared_ptr<PhotoAutoencoder> autoencoder,
                        const std::string& name, at::Device device, const std::string& precision,
                        const PhotoSizes& sizes) {
  const int64_t factor = autoencoder->options().factor(), channels = autoencoder->options().latent_channels;
  if (network->options().image_channels != channels) {
    throw std::invalid_argument("the network denoises " + std::to_string(network->options().image_channels) +
                                " channels, but its autoencoder's latents have " + std::to_string(channels));
  }
  const int64_t multiple = factor * network->options().patch;
  if (sizes.multiple % multiple != 0 || sizes.window % sizes.multiple != 0 ||
      sizes.smallest < factor * network->options().size_multiple()) {
    throw std::invalid_argument("sizes must be multiples of " + std::to_string(multiple) + " from " +
                                std::to_string(factor * network->options().size_multiple()) + " pixels on");
  }
  const at::ScalarType type = resolve_precision(precision, device);
  Prior prior = own_prior(std::move(network), factor, name, device, type, sizes);
  autoencoder->to(device);
  autoencoder->freeze(type);
  prior.codec = make_autoencoder_codec(std::move(autoencoder), sizes.window / factor);
  prior.traits.latent = true;
  return prior;
}

}  // namespace mgdm
