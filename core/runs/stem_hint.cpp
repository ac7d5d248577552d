#include "core/runs/stem_hint.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace mgdm {

namespace {

constexpr double kWindow = 0.093, kLevelTime = 0.5, kLevelBand = 800;  // seconds, seconds, Hz
constexpr int64_t kSpreadBins = 3, kSpreadFrames = 5;

// Odd, so that a mean over so many lies around its middle.
int64_t odd(double n) { return std::max<int64_t>(1, std::llround(n)) / 2 * 2 + 1; }

at::Tensor local_mean(const at::Tensor& x, int64_t bins, int64_t frames) {  // [1, bins, frames]
  return at::avg_pool2d(x, {bins, frames}, {1, 1}, {bins / 2, frames / 2}, false, false);
}

}  // namespace

at::Tensor stem_from_hint(const at::Tensor& hint, const at::Tensor& mix, double rate) {
  int64_t size = 256;
  while (static_cast<double>(2 * size) <= kWindow * rate * 1.01) size *= 2;
  const int64_t hop = size / 4, length = mix.size(1);
  const at::Tensor window = at::hann_window(size);
  const auto spectrum = [&](const at::Tensor& x) {
    return at::stft(at::constant_pad_nd(x, {0, size}), size, hop, size, window, true, "constant", false, true, true);
  };
  const at::Tensor m = spectrum(mix), loud = m.abs().square().mean(0, true).sqrt();
  const at::Tensor h =
      at::max_pool2d(spectrum(hint).abs(), {kSpreadBins, kSpreadFrames}, {1, 1}, {kSpreadBins / 2, kSpreadFrames / 2});
  const int64_t bins = odd(kLevelBand * static_cast<double>(size) / rate),
                frames = odd(kLevelTime * rate / static_cast<double>(hop));
  const double tiny = 1e-8 * h.square().mean().item<double>() + 1e-20;
  const at::Tensor level = local_mean(h * loud, bins, frames) / (local_mean(h.square(), bins, frames) + tiny);
  const at::Tensor mask = (level * h / (loud + 1e-9)).square().clamp_max(1);
  return at::istft(m * mask, size, hop, size, window, true, false, true, length + size)
      .slice(1, 0, length)
      .contiguous();
}

}  // namespace mgdm
