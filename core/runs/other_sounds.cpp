#include "core/runs/other_sounds.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace mgdm {

namespace {

// Median along the last dimension, [R, n] -> [R, n]; the borders are mirrored.
at::Tensor running_median(const at::Tensor& x, int64_t width) {
  const int64_t half = std::min(width / 2, x.size(1) - 1);
  return std::get<0>(at::reflection_pad1d(x.unsqueeze(0), {half, half})[0].unfold(1, 2 * half + 1, 1).median(-1));
}

int64_t odd_width(double wanted) { return std::max<int64_t>(3, static_cast<int64_t>(wanted) | 1); }

// `kept` makes a mask of the share that is steady; `time` and `band`, in s and Hz, are the widths of the medians.
struct Stage {
  double frame, time, band;  // s, s, Hz
  bool steady;               // what is kept of it, else the rest
};

at::Tensor filtered(const at::Tensor& sound, double rate, const Stage& stage) {
  const auto size = int64_t{1} << std::max(4l, std::lround(std::log2(stage.frame * rate)));
  const int64_t hop = size / 4;
  const at::Tensor window = at::hann_window(size);
  const at::Tensor spectrum = at::stft(sound, size, hop, size, window, true, "constant", false, true, true);
  const at::Tensor share = steady_share(spectrum.abs(), odd_width(stage.time * rate / static_cast<double>(hop)),
                                        odd_width(stage.band * static_cast<double>(size) / rate));
  return at::istft(spectrum * (stage.steady ? share : 1 - share), size, hop, size, window, true, false, true,
                   sound.size(0));
}

}  // namespace

at::Tensor steady_share(const at::Tensor& magnitudes, int64_t frames, int64_t bins) {
  const at::Tensor steady = running_median(magnitudes, frames).square(),
                   struck = running_median(magnitudes.t(), bins).t().square();
  return steady / (steady + struck + 1e-12);
}

at::Tensor gliding_part(const at::Tensor& sound, double sample_rate) {
  constexpr Stage kLong{.frame = 0.186, .time = 0.8, .band = 200, .steady = false};
  constexpr Stage kShort{.frame = 0.046, .time = 0.15, .band = 700, .steady = true};
  return filtered(filtered(sound.to(at::kFloat), sample_rate, kLong), sample_rate, kShort);
}

}  // namespace mgdm
