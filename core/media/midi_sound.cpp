#include "core/media/midi_sound.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace mgdm {

namespace {

constexpr int kHarmonics = 12;
constexpr double kAttack = 0.005, kRelease = 0.05, kHalfLife = 0.5, kDrumHalfLife = 0.03;  // seconds

at::Tensor tone(const MidiNote& note, double rate, const at::Tensor& t) {
  const double hertz = 440 * std::pow(2.0, (note.pitch - 69) / 12.0);
  at::Tensor sum = at::zeros_like(t);
  for (int h = 1; h <= kHarmonics && h * hertz < rate / 2; ++h) sum += (t * (2 * M_PI * h * hertz)).sin() / h;
  const at::Tensor release = ((note.end - note.begin + kRelease - t) / kRelease).clamp(0, 1);
  return sum * (t / kAttack).clamp_max(1) * release * (t * (-std::log(2.0) / kHalfLife)).exp();
}

at::Tensor burst(const at::Tensor& t, at::Generator& generator) {
  return at::randn(t.sizes(), generator, t.options()) * (t * (-std::log(2.0) / kDrumHalfLife)).exp();
}

}  // namespace

std::vector<MidiNote> notes_of_stem(const std::vector<MidiNote>& notes, const std::string& stem) {
  static const std::map<std::string, std::pair<int, int>> families{
      {"piano", {0, 7}}, {"guitar", {24, 31}}, {"bass", {32, 39}}};
  std::vector<MidiNote> own, pitched;
  for (const MidiNote& note : notes) {
    const bool drum = note.channel == kDrumChannel;
    const auto family = families.find(stem);
    if (drum
            ? stem == "drums"
            : family != families.end() && note.program >= family->second.first && note.program <= family->second.second)
      own.push_back(note);
    if (!drum) pitched.push_back(note);
  }
  return own.empty() ? pitched : own;
}

at::Tensor play_notes(const std::vector<MidiNote>& notes, double rate, double from, int64_t n) {
  constexpr double kDrumLasts = 0.3;
  at::Tensor sound = at::zeros({1, n});
  at::Generator generator = at::detail::createCPUGenerator(1);
  for (const MidiNote& note : notes) {
    const bool drum = note.channel == kDrumChannel;
    const double lasts = drum ? kDrumLasts : note.end - note.begin + kRelease;
    const auto at = static_cast<int64_t>(std::llround((note.begin - from) * rate));
    const int64_t begin = std::max<int64_t>(0, at);
    const int64_t end = std::min<int64_t>(n, at + static_cast<int64_t>(std::ceil(lasts * rate)));
    if (end <= begin) continue;
    const at::Tensor t = (at::arange(begin - at, end - at, at::kDouble) / rate);
    sound.narrow(1, begin, end - begin)
        .add_((note.loud * (drum ? burst(t, generator) : tone(note, rate, t))).to(at::kFloat).unsqueeze(0));
  }
  return sound;
}

}  // namespace mgdm
