#include "core/media/time_stretch.h"

#include <SoundTouch.h>

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace mgdm {

static_assert(std::is_same_v<soundtouch::SAMPLETYPE, float>, "SoundTouch must be built for float samples");

namespace {

constexpr int kStretch = 50, kSearch = 15, kOverlap = 10;  // ms

}  // namespace

struct TimeStretch::Machine : soundtouch::SoundTouch {
  double tempo = 1, pitch = 1, rate = 44100;
};

TimeStretch::TimeStretch(int sample_rate) : machine_(std::make_unique<Machine>()) {
  machine_->rate = sample_rate;
  machine_->setSampleRate(static_cast<unsigned>(sample_rate));
  machine_->setChannels(2);
  machine_->setSetting(SETTING_SEQUENCE_MS, kStretch);
  machine_->setSetting(SETTING_SEEKWINDOW_MS, kSearch);
  machine_->setSetting(SETTING_OVERLAP_MS, kOverlap);
}

TimeStretch::~TimeStretch() = default;

void TimeStretch::set_tempo(double tempo) {
  machine_->tempo = tempo;
  machine_->setTempo(tempo);
}

void TimeStretch::set_key(int semitones) {
  machine_->pitch = std::exp2(semitones / 12.0);
  machine_->setPitchSemiTones(semitones);
}

// A stretch of so many frames goes through `pitch` frames of the song for each, and should go through `tempo`. What
// begins suddenly is besides found by the search as early as it may be: measured, half its window
// (`clicksFallOnTheDrums`).
double TimeStretch::lead() const {
  const double search = kSearch / 2e3 * machine_->rate * std::min(1.0, machine_->pitch);
  return machine_->getSetting(SETTING_NOMINAL_OUTPUT_SEQUENCE) * (machine_->pitch - machine_->tempo) / 2 + search;
}

void TimeStretch::put(const float* frames, int n) { machine_->putSamples(frames, static_cast<unsigned>(n)); }

int TimeStretch::ready() const { return static_cast<int>(machine_->numSamples()); }

int TimeStretch::take(float* out, int n) {
  return static_cast<int>(machine_->receiveSamples(out, static_cast<unsigned>(n)));
}

}  // namespace mgdm
