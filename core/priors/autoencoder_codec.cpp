#include "core/priors/autoencoder_codec.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "core/priors/linear_decoder.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

struct Autoencoder {
  std::function<at::Tensor(const at::Tensor&)> decode, encode;
  int64_t factor, channels;
};

class AutoencoderCodec : public Codec {
 public:
  AutoencoderCodec(Autoencoder autoencoder, const Windows& windows)
      : autoencoder_(std::move(autoencoder)), windows_(windows) {}
  at::Tensor decode(const at::Tensor& z) const override {
    const auto clock = std::chrono::steady_clock::now();
    const at::Tensor signal = through_windows(z, windows_, autoencoder_.factor, autoencoder_.decode);
    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
    linear_.learn(z, signal);
    seconds_per_value_ = took / static_cast<double>(z.numel());
    return signal;
  }
  at::Tensor preview(const at::Tensor& z) const override {
    return linear_.ready() ? linear_.decode(z).clamp(-1, 1) : decode(z);
  }
  const LinearDecoder* linear() const override { return linear_.ready() ? &linear_ : nullptr; }
  double decode_seconds(const at::Tensor& z) const override {
    return seconds_per_value_ * static_cast<double>(z.numel());
  }
  at::Tensor encode(const at::Tensor& x) const override {
    // Windows of the latents' grid: each of its cells is a block of pixels.
    const int64_t f = autoencoder_.factor;
    return through_windows(at::pixel_unshuffle(x, f), windows_, 1, [this, f](const at::Tensor& blocks) {
      return autoencoder_.encode(at::pixel_shuffle(blocks.contiguous(), f));  // and again when gradients come back
    });
  }
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override {
    return {autoencoder_.channels, signal[1] / autoencoder_.factor, signal[2] / autoencoder_.factor};
  }

 private:
  Autoencoder autoencoder_;
  Windows windows_;
  mutable LinearDecoder linear_;
  mutable double seconds_per_value_ = 0;
};

}  // namespace

std::shared_ptr<Codec> make_autoencoder_codec(std::shared_ptr<const FirstStage> stage, int64_t window) {
  return std::make_shared<AutoencoderCodec>(
      Autoencoder{[stage](const at::Tensor& z) { return stage->decode(z); },
                  [stage](const at::Tensor& x) { return stage->encode(x); }, stage->factor(), stage->latent_channels()},
      Windows{.side = window, .overlap = window / 4});
}

std::shared_ptr<Codec> make_autoencoder_codec(std::shared_ptr<PhotoAutoencoder> autoencoder, int64_t window) {
  return std::make_shared<AutoencoderCodec>(
      Autoencoder{[autoencoder](const at::Tensor& z) { return autoencoder->decode(z); },
                  [autoencoder](const at::Tensor& x) { return autoencoder->encode(x); },
                  autoencoder->options().factor(), autoencoder->options().latent_channels},
      Windows{.side = window, .overlap = std::min(2 * autoencoder->reach(), window / 2), .fitted = true});
}

}  // namespace mgdm
