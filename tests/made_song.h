// A song whose stems are known: plucked low notes, clicks, broken chords and chords.
#pragma once
#include <ATen/ATen.h>

#include <vector>

namespace mgdm::test {

constexpr int kSongRate = 44100;
constexpr const char* kSongStems[] = {"bass", "drums", "guitar", "piano"};

/// dB of SI-SDR over the mix that a separation by the shipped model, preset quick, is at least to reach on it. Measured
/// over three seeds: bass 5, drums 7.5 to 9, guitar 1 to 2, piano 3.5 to 4.5.
constexpr double kSongFloor[] = {2.5, 4, 0, 1};

/// [4, L] in the order of `kSongStems`, full scale 1; always the same.
inline at::Tensor made_stems(double seconds) {
  const auto length = static_cast<int64_t>(seconds * kSongRate);
  at::Tensor stems = at::zeros({4, length}, at::kDouble);
  const auto note = [&](int stem, double begin, double lasts, const std::vector<double>& hertz, int partials,
                        double fall, double decay, double loud) {
    const auto from = static_cast<int64_t>(begin * kSongRate);
    const auto n = std::min<int64_t>(static_cast<int64_t>(lasts * kSongRate), length - from);
    if (n <= 0) return;
    const at::Tensor t = at::arange(n, at::kDouble) / kSongRate;
    at::Tensor sum = at::zeros({n}, at::kDouble);
    for (const double f : hertz) {
      for (int h = 1; h <= partials; ++h) sum += (t * (2 * M_PI * f * h)).sin() / std::pow(h, fall);
    }
    stems[stem].narrow(0, from, n) += sum * (t * -decay).exp() * (t * 250).clamp_max(1) * loud;
  };
  const double bass[] = {41.2, 55, 49, 61.7}, guitar[] = {196, 247, 294, 392};
  auto generator = at::detail::createCPUGenerator(1);
  for (int i = 0; i * 0.25 < seconds; ++i) {
    if (i % 2 == 0) note(0, i * 0.25, 0.5, {bass[i / 2 % 4]}, 6, 1.3, 2, 0.25);
    note(2, i * 0.25, 0.25, {guitar[i % 4]}, 9, 1, 4, 0.12);
    if (i % 2 == 0) note(3, i * 0.25, 0.5, {523, 659, 784}, 4, 2, 3, 0.07);
    const auto from = static_cast<int64_t>(i * 0.25 * kSongRate);
    const int64_t n = std::min<int64_t>(kSongRate / 5, length - from);
    const at::Tensor t = at::arange(n, at::kDouble) / kSongRate;
    stems[1].narrow(0, from, n) += at::randn({n}, generator, at::kDouble) * (t * -60).exp() * 0.15;
  }
  return stems.to(at::kFloat);
}

}  // namespace mgdm::test
