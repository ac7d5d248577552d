// Onset strength and harmony: what core/media/beat_tracking.h finds beats and bars in.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/media/beat_tracking.h"

namespace mgdm {

namespace {

constexpr int kBands = 40;
constexpr double kLowHertz = 150, kHighHertz = 10000;
constexpr double kLowestNote = 80, kHighestNote = 2000;  // Hz, of the harmony
constexpr double kFloor = 50;                            // dB below the loudest so far: what is quieter is no onset

/// Hop of about 10 ms and a window of four of them.
int64_t hop_of(int sample_rate) { return std::max(1, sample_rate / 100); }

double mel(double hertz) { return 2595 * std::log10(1 + hertz / 700); }
double hertz(double mel_value) { return 700 * (std::pow(10, mel_value / 2595) - 1); }

/// [bins, kBands]: triangles that are equally wide on the mel scale, each of sum 1.
at::Tensor mel_filters(int64_t bins, int sample_rate) {
  const double top = mel(std::min(kHighHertz, sample_rate / 2.0));
  at::Tensor filters = at::zeros({bins, kBands}, at::kFloat);
  auto weight = filters.accessor<float, 2>();
  const double bin_hertz = sample_rate / 2.0 / static_cast<double>(bins - 1);
  for (int band = 0; band < kBands; ++band) {
    const auto edge = [&](int k) { return hertz(top * k / (kBands + 1)); };
    const double low = edge(band), middle = edge(band + 1), high = edge(band + 2);
    double sum = 0;
    for (int64_t bin = 0; bin < bins; ++bin) {
      const double f = static_cast<double>(bin) * bin_hertz;
      weight[bin][band] =
          static_cast<float>(std::max(0.0, std::min((f - low) / (middle - low), (high - f) / (high - middle))));
      sum += weight[bin][band];
    }
    // A band between two bins has the nearer one.
    if (sum == 0) weight[std::min<int64_t>(bins - 1, std::llround(middle / bin_hertz))][band] = 1;
    for (int64_t bin = 0; bin < bins && sum > 0; ++bin) weight[bin][band] /= static_cast<float>(sum);
  }
  return filters;
}

/// [bins, 12]: which note of the scale a frequency is, A first.
at::Tensor note_filters(int64_t bins, int sample_rate) {
  at::Tensor filters = at::zeros({bins, 12}, at::kFloat);
  auto weight = filters.accessor<float, 2>();
  for (int64_t bin = 1; bin < bins; ++bin) {
    const double f = static_cast<double>(bin) * sample_rate / 2.0 / static_cast<double>(bins - 1);
    if (f < kLowestNote || f > kHighestNote) continue;
    const int64_t note = std::llround(12 * std::log2(f / 440)) + 1200;
    weight[bin][note % 12] = 1;
  }
  return filters;
}

/// [n] float32, one channel, from frame `at`; silence outside.
at::Tensor mono(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int64_t at, int64_t n) {
  at::Tensor sum = at::zeros({n}, at::kFloat);
  for (const auto& track : tracks) sum += track->read(at, n).mean(0);
  return sum;
}

}  // namespace

Harmony harmony_of(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate,
                   const std::stop_token& stop) {
  const int64_t hop = std::max(1, sample_rate / 10), window = 2 * hop, bins = window / 2 + 1;
  const int64_t length = tracks.empty() ? 0 : tracks.front()->length(), frames = length / hop;
  constexpr int64_t kFramesAtOnce = 128;
  Harmony harmony;
  harmony.rate = static_cast<double>(sample_rate) / static_cast<double>(hop);
  const at::Tensor hann = at::hann_window(window), notes = note_filters(bins, sample_rate);
  for (int64_t first = 0; first < frames && !stop.stop_requested(); first += kFramesAtOnce) {
    const int64_t n = std::min(kFramesAtOnce, frames - first);
    const at::Tensor sound = mono(tracks, first * hop - hop / 2, (n - 1) * hop + window);
    const at::Tensor level = at::fft_rfft(sound.unfold(0, window, hop) * hann).abs().matmul(notes);
    const at::Tensor chroma = (level / level.norm(2, 1, true).clamp_min(1e-3)).contiguous();
    const float* next = chroma.data_ptr<float>();
    for (int64_t i = 0; i < n; ++i, next += 12) std::copy_n(next, 12, harmony.chroma.emplace_back().begin());
  }
  return harmony;
}

OnsetStrength onset_strength(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate,
                             const std::function<void(double)>& progress, const std::stop_token& stop) {
  const int64_t hop = hop_of(sample_rate), window = 4 * hop, bins = window / 2 + 1;
  const int64_t length = tracks.empty() ? 0 : tracks.front()->length(), frames = length / hop + 1;
  constexpr int64_t kAtOnce = 1024;  // frames of the spectrogram
  OnsetStrength onsets;
  onsets.rate = static_cast<double>(sample_rate) / static_cast<double>(hop);
  const at::Tensor hann = at::hann_window(window), filters = mel_filters(bins, sample_rate);
  const auto low_bins = static_cast<int64_t>(std::ceil(kLowHertz * static_cast<double>(window) / sample_rate)) + 1;
  at::Tensor before;  // [1, kBands + 1] dB of the last frame
  double loudest = 1e-4;
  for (int64_t first = 0; first < frames && !stop.stop_requested(); first += kAtOnce) {
    const int64_t n = std::min(kAtOnce, frames - first);
    // Frame i is what lies around i * hop.
    const at::Tensor sound = mono(tracks, first * hop - window / 2, (n - 1) * hop + window);
    const at::Tensor spectrum = at::fft_rfft(sound.unfold(0, window, hop) * hann).abs();
    const at::Tensor bands = at::cat({spectrum.matmul(filters), spectrum.narrow(1, 1, low_bins - 1).mean(1, true)}, 1);
    loudest = std::max(loudest, bands.max().item<double>());
    const at::Tensor level = 20 * at::log10(at::clamp_min(bands, loudest * std::pow(10, -kFloor / 20)));
    const at::Tensor earlier = at::cat({before.defined() ? before : level.narrow(0, 0, 1), level.narrow(0, 0, n - 1)});
    const at::Tensor rise = (level - earlier).clamp_min(0);
    const at::Tensor all = rise.narrow(1, 0, kBands).mean(1).contiguous(), low = rise.select(1, kBands).contiguous();
    onsets.all.insert(onsets.all.end(), all.data_ptr<float>(), all.data_ptr<float>() + n);
    onsets.low.insert(onsets.low.end(), low.data_ptr<float>(), low.data_ptr<float>() + n);
    before = level.narrow(0, n - 1, 1).clone();
    if (progress) progress(static_cast<double>(first + n) / static_cast<double>(frames));
  }
  return onsets;
}

}  // namespace mgdm
