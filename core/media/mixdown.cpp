#include "core/media/mixdown.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "core/media/sound_tags.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {
constexpr int64_t kMixBlock = 1 << 16;  // frames at once
}

ChannelGains balanced(float gain, float place) {
  return {gain * std::min(1.0f, 1 - place), gain * std::min(1.0f, 1 + place)};
}

int channels_of(const Mix& mix) {
  const bool mono = std::all_of(mix.begin(), mix.end(), [](const MixTrack& part) {
    return part.track->channels() == 1 && part.gains.left == part.gains.right;
  });
  return mono ? 1 : 2;
}

void mix_frames(const Mix& mix, int64_t at, int64_t n, std::vector<float>& out) {
  const int channels = channels_of(mix);
  out.assign(static_cast<size_t>(n * channels), 0.0f);
  std::vector<float> one;
  for (const auto& [track, gains] : mix) {
    if (gains.silent()) continue;
    const int64_t width = track->channels();
    one.resize(static_cast<size_t>(n * width));
    track->read(at, n, one.data());
    for (int64_t i = 0; i < n; ++i) {
      const float* frame = one.data() + i * width;
      float* to = out.data() + i * channels;
      to[0] += gains.left * frame[0];
      if (channels == 2) to[1] += gains.right * frame[width - 1];
    }
  }
}

float peak_of(const Mix& mix, int64_t begin, int64_t end) {
  float peak = 0;
  std::vector<float> block;
  for (int64_t at = begin; at < end; at += kMixBlock) {
    mix_frames(mix, at, std::min(kMixBlock, end - at), block);
    for (const float sample : block) peak = std::max(peak, std::abs(sample));
  }
  return peak;
}

SumEnergy sum_energy(const PcmFile& song, const Mix& mix, int64_t begin, int64_t end) {
  Mix both = mix;  // the song itself, turned round, beside the mix: both have the same channels then
  for (MixTrack& part : both) part.gains = {-part.gains.left, -part.gains.right};
  const std::shared_ptr<const PcmFile> whole(std::shared_ptr<const PcmFile>(), &song);
  both.push_back({whole, {}});
  SumEnergy energy;
  std::vector<float> block;
  const auto squares = [&block] {
    double sum = 0;
    for (const float sample : block) sum += static_cast<double>(sample) * sample;
    return sum;
  };
  for (int64_t at = begin; at < end; at += kMixBlock) {
    const int64_t n = std::min(kMixBlock, end - at);
    mix_frames(both, at, n, block);
    energy.difference += squares();
    // In as many channels as the difference has.
    mix_frames({both.back()}, at, n, block);
    energy.song += squares() * channels_of(both) / song.channels();
  }
  return energy;
}

double decibels_of(double difference, double song) {
  if (song == 0 || difference == 0) return -std::numeric_limits<double>::infinity();
  return 10 * std::log10(difference / song);
}

void write_mix(const MixFile& wish) {
  int64_t at = wish.begin;
  std::vector<float> block;
  const auto next = [&](int64_t n) {
    mix_frames(wish.mix, std::exchange(at, at + n), n, block);
    for (float& sample : block) sample *= wish.gain;
    return block.data();
  };
  write_sound(wish.file, wish.format, channels_of(wish.mix), wish.sample_rate, wish.end - wish.begin, next,
              [&](const fs::path& written) {
                if (!wish.described.empty()) copy_tags(wish.described, written, wish.what);
              });
}

}  // namespace mgdm
