#include "core/media/time_stretch.h"

#include <SoundTouch.h>

#include <type_traits>

namespace mgdm {

static_assert(std::is_same_v<soundtouch::SAMPLETYPE, float>, "SoundTouch must be built for float samples");

struct TimeStretch::Machine : soundtouch::SoundTouch {};

TimeStretch::TimeStretch(int sample_rate) : machine_(std::make_unique<Machine>()) {
  machine_->setSampleRate(static_cast<unsigned>(sample_rate));
  machine_->setChannels(2);
}

TimeStretch::~TimeStretch() = default;

void TimeStretch::set_tempo(double tempo) { machine_->setTempo(tempo); }

void TimeStretch::set_key(int semitones) { machine_->setPitchSemiTones(semitones); }

void TimeStretch::put(const float* frames, int n) { machine_->putSamples(frames, static_cast<unsigned>(n)); }

int TimeStretch::ready() const { return static_cast<int>(machine_->numSamples()); }

int TimeStretch::take(float* out, int n) {
  return static_cast<int>(machine_->receiveSamples(out, static_cast<unsigned>(n)));
}

}  // namespace mgdm
