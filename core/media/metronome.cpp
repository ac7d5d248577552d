#include "core/media/metronome.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mgdm {

namespace {

/// A decaying tone of 60 ms with an overtone, which is heard through a band. It begins within half a millisecond and
/// so without a crack.
std::vector<float> click_sound(int sample_rate, double hertz) {
  constexpr double kSeconds = 0.06, kDecay = 0.011, kAttack = 0.0005;
  std::vector<float> sound(static_cast<size_t>(kSeconds * sample_rate));
  for (size_t i = 0; i < sound.size(); ++i) {
    const double t = static_cast<double>(i) / sample_rate, phase = 2 * std::numbers::pi * hertz * t;
    const double envelope = std::min(1.0, t / kAttack) * std::exp(-t / kDecay) * (1 - t / kSeconds);
    sound[i] = static_cast<float>(0.8 * envelope * (0.75 * std::sin(phase) + 0.25 * std::sin(2.7 * phase)));
  }
  return sound;
}

}  // namespace

Metronome::Metronome(int sample_rate)
    : plain_(click_sound(sample_rate, 1200)), accented_(click_sound(sample_rate, 1900)) {}

void Metronome::click(int offset, bool accent) { sounding_.push_back({-offset, accent}); }

void Metronome::add_to(float* stereo, int n, float volume) {
  for (Click& click : sounding_) {
    const std::vector<float>& sound = click.accent ? accented_ : plain_;
    for (int i = std::max(0, -click.at); i < n && click.at + i < static_cast<int>(sound.size()); ++i) {
      const float sample = volume * sound[static_cast<size_t>(click.at + i)];
      stereo[2 * i] += sample;
      stereo[2 * i + 1] += sample;
    }
    click.at += n;
  }
  std::erase_if(sounding_, [&](const Click& c) { return c.at >= static_cast<int>(plain_.size()); });
}

}  // namespace mgdm
