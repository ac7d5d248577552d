#include "core/compare/song_baselines.h"

#include <ATen/ATen.h>

#include "core/errors.h"
#include "core/runs/other_sounds.h"

namespace mgdm {

namespace {

at::Tensor spectrum_of(const at::Tensor& x, const at::Tensor& window) {
  return at::stft(x, 2048, 512, 2048, window, true, "reflect", false, true, true);
}

at::Tensor sound_of(const at::Tensor& spectrum, const at::Tensor& window, int64_t length) {
  return at::istft(spectrum, 2048, 512, 2048, window, true, false, true, length);
}

at::Tensor ratio_mask(const at::Tensor& stems, const at::Tensor& mix) {
  const at::Tensor window = at::hann_window(2048);
  const at::Tensor magnitude = spectrum_of(stems, window).abs();
  const at::Tensor mask = magnitude / (magnitude.sum(0, true) + 1e-9);
  return sound_of(mask * spectrum_of(mix.unsqueeze(0), window), window, stems.size(1));
}

// Drums are what is short in time, the other stems what is narrow in frequency.
at::Tensor harmonic_percussive(const at::Tensor& mix, const std::vector<std::string>& stems) {
  const at::Tensor window = at::hann_window(2048);
  const at::Tensor spectrum = spectrum_of(mix.unsqueeze(0), window)[0], mask = steady_share(spectrum.abs(), 17, 17);
  const at::Tensor parts = sound_of(at::stack({mask, 1 - mask}) * spectrum, window, mix.size(0));
  std::vector<at::Tensor> estimates;
  for (const auto& stem : stems) estimates.push_back(parts[stem == "drums" ? 1 : 0]);
  return at::stack(estimates);
}

}  // namespace

const std::vector<std::string>& song_baselines() {
  static const std::vector<std::string> list{"harmonic_percussive", "ratio_mask", "mix", "start"};
  return list;
}

at::Tensor song_baseline(const std::string& name, const BaselineInput& input, const std::vector<std::string>& stems) {
  if (name == "harmonic_percussive") return harmonic_percussive(input.mix, stems);
  if (name == "mix") return input.mix.unsqueeze(0).repeat({static_cast<int64_t>(stems.size()), 1});
  if (name == "start") {
    if (!input.start.defined()) throw OperatorError("there are no stems to start from");
    return input.start;
  }
  if (!input.truth.defined()) throw OperatorError("the oracle ratio mask needs the true stems");
  return ratio_mask(input.truth, input.mix);
}

}  // namespace mgdm
