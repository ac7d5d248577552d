#include "core/media/mel_spectrogram.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace mgdm {

namespace {

double mel_of(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertz_of(double mel) { return 700 * (std::pow(10, mel / 2595) - 1); }

// Triangles that overlap by half, each of height 1, [kWindow / 2 + 1, bands].
at::Tensor triangles(int sample_rate, int64_t bands, double top) {
  const double low = mel_of(MelSpectrogram::kLowest), step = (mel_of(top) - low) / static_cast<double>(bands + 1);
  const int64_t bins = MelSpectrogram::kWindow / 2 + 1;
  at::Tensor filters = at::zeros({bins, bands});
  auto weight = filters.accessor<float, 2>();
  for (int64_t band = 0; band < bands; ++band) {
    const double from = hertz_of(low + step * static_cast<double>(band)),
                 middle = hertz_of(low + step * static_cast<double>(band + 1)),
                 to = hertz_of(low + step * static_cast<double>(band + 2));
    bool any = false;
    for (int64_t bin = 0; bin < bins; ++bin) {
      const double at = static_cast<double>(bin) * sample_rate / MelSpectrogram::kWindow;
      const double height = std::min((at - from) / (middle - from), (to - at) / (to - middle));
      if (height <= 0) continue;
      weight[bin][band] = static_cast<float>(height);
      any = true;
    }
    if (!any) {  // narrower than a bin: the nearest one
      const auto bin = std::llround(middle * MelSpectrogram::kWindow / sample_rate);
      weight[std::min<int64_t>(bin, bins - 1)][band] = 1;
    }
  }
  return filters;
}

}  // namespace

MelSpectrogram::MelSpectrogram(int sample_rate, int64_t bands)
    : top_(std::min(16000.0, 0.5 * sample_rate)),
      window_(at::hann_window(kWindow)),
      filters_(triangles(sample_rate, bands, top_)) {}

double MelSpectrogram::frequency(int64_t band) const {
  const double low = mel_of(kLowest), step = (mel_of(top_) - low) / static_cast<double>(bands() + 1);
  return hertz_of(low + step * static_cast<double>(band + 1));
}

at::Tensor MelSpectrogram::columns(const PcmFile& track, double begin, double hop, int64_t n) const {
  const auto parts = static_cast<int64_t>(std::clamp(std::round(hop / static_cast<double>(kWindow)), 1.0, 4.0));
  const int64_t channels = track.channels();
  at::Tensor frames = at::empty({n * parts, channels, kWindow});
  for (int64_t k = 0; k < n * parts; ++k) {
    const double middle = begin + (static_cast<double>(k) + 0.5) * hop / static_cast<double>(parts);
    frames[k].copy_(track.read(std::llround(middle) - kWindow / 2, kWindow));
  }
  // A sine of full scale has its window's sum, halved, in its bin.
  const double whole = 0.5 * window_.sum().item<double>();
  const at::Tensor power = at::fft_rfft(frames * window_).abs().div_(whole).square_().mean(1);
  const at::Tensor level = at::matmul(power.view({n, parts, -1}).mean(1), filters_).clamp_min_(1e-12).log10_().mul_(10);
  return level.sub_(kQuietest).mul_(-255 / kQuietest).round_().clamp_(0, 255).to(at::kByte);
}

}  // namespace mgdm
