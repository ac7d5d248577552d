#include "core/priors/band_prior.h"

#include <ATen/ATen.h>

#include <cmath>
#include <numeric>

#include "core/networks/audio_unet.h"
#include "core/networks/denoising_unet.h"
#include "core/priors/photo_prior.h"

namespace mgdm {

namespace {

class WaveformDenoiser : public Denoiser {
 public:
  WaveformDenoiser(std::shared_ptr<const AudioUnet> network, NoiseSchedule schedule, int64_t bins)
      : network_(std::move(network)), schedule_(std::move(schedule)), bins_(bins) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> scale, sigma;
    bool clean = true;
    for (const int t : levels) {
      scale.push_back(1 / std::sqrt(schedule_.alpha_bar(t)));
      sigma.push_back(std::max(schedule_.sigma(t), kSmallest));
      clean = clean && t == 0;
    }
    return clean ? x_t : run(x_t * per_sample(scale, x_t), at::tensor(sigma, at::kDouble));
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return sigma <= 0 ? x : run(x, at::full({1}, std::max(sigma, kSmallest), at::kDouble));
  }

 private:
  static constexpr double kSmallest = 1e-5;  // ln(0) never reaches the network
  at::Tensor run(const at::Tensor& z, const at::Tensor& sigma) const {
    return mdct(network_->denoise(inverse_mdct(z), sigma), bins_);
  }

  std::shared_ptr<const AudioUnet> network_;
  NoiseSchedule schedule_;
  int64_t bins_;
};

constexpr int64_t kWindow = 131072, kOverlap = 16384;  // samples: twice what the network is trained on, and an eighth

class RandomPolarities : public Denoiser {
 public:
  RandomPolarities(std::shared_ptr<Denoiser> inner, uint64_t seed)
      : inner_(std::move(inner)), generator_(at::detail::createCPUGenerator(seed)) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    const at::Tensor signs = draw(x_t);
    return signs * inner_->predict_x0(signs * x_t, levels);
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    const at::Tensor signs = draw(x);
    return signs * inner_->denoise(signs * x, sigma);
  }

 private:
  at::Tensor draw(const at::Tensor& x) {
    std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
    shape[0] = x.size(0);
    shape[1] = x.size(1);
    return (at::randint(0, 2, shape, generator_) * 2 - 1).to(x.options());
  }

  std::shared_ptr<Denoiser> inner_;
  at::Generator generator_;
};

}  // namespace

std::shared_ptr<Denoiser> with_random_polarities(std::shared_ptr<Denoiser> inner, uint64_t seed) {
  return std::make_shared<RandomPolarities>(std::move(inner), seed);
}

BandPrior make_band_prior(std::shared_ptr<DenoisingUnet> network, const MdctOptions& codec,
                          std::vector<std::string> stems, double level, const std::string& name, at::Device device,
                          const std::string& precision) {
  const auto type = resolve_precision(precision, device);
  network->to(device);
  network->freeze(type);
  auto prior = std::make_shared<Prior>();
  prior->name = name;
  prior->schedule = NoiseSchedule::karras(0.002, 100.0, 1000, 7.0);
  prior->denoiser = make_unet_denoiser(network, prior->schedule);
  prior->device = device;
  prior->precision = type == at::kBFloat16 ? "bfloat16" : "float32";
  const int64_t multiple = network->options().size_multiple();
  const auto frames = [&](int64_t samples) { return std::max<int64_t>(1, samples / codec.bins / multiple) * multiple; };
  return {.prior = prior,
          .codec = MdctCodec(codec),
          .stems = std::move(stems),
          .level = level,
          .frame_multiple = multiple,
          .frames = frames(kWindow),
          .overlap = frames(kOverlap),
          .either_polarity = true};
}

BandPrior make_waveform_prior(std::shared_ptr<const AudioUnet> network, std::vector<std::string> stems,
                              const std::string& name, at::Device device, at::ScalarType type, int64_t native_length) {
  constexpr int64_t kBins = 512;
  auto prior = std::make_shared<Prior>();
  prior->name = name;
  prior->schedule = NoiseSchedule::karras(5e-4, 20.0, 1000, 3.0);
  prior->denoiser = std::make_shared<WaveformDenoiser>(network, prior->schedule, kBins);
  prior->device = device;
  prior->precision = type == at::kBFloat16 ? "bfloat16" : "float32";
  prior->traits.paper_config = "sound";
  const int64_t multiple = std::lcm(network->length_multiple(), kBins) / kBins,
                frames = std::max(multiple, native_length / kBins / multiple * multiple);
  return {.prior = prior,
          .codec = MdctCodec({.bins = kBins, .sample_rate = 22050, .gain = 1, .corner = 200, .tilt = 0}),
          .stems = std::move(stems),
          .level = 0,
          .frame_multiple = multiple,
          .sigma_data = network->sigma_data(),
          .noise = 1e-3,
          .frames = frames,
          .overlap = frames / 8 / multiple * multiple};
}

}  // namespace mgdm
