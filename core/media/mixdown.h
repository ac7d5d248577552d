// One sound file out of several tracks, each with its loudness and its place between left and right: what a person
// hears of a song's stems is what is written.
//
// Block by block, so that an hour needs no more memory than a second. Any thread; errors are MediaError.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/media/pcm_file.h"
#include "core/media/sound_file.h"

namespace mgdm {

/// What a track's left and right channels (a mono track: its one, twice) are multiplied with.
struct ChannelGains {
  float left = 1, right = 1;
  bool silent() const { return left == 0 && right == 0; }
  bool operator==(const ChannelGains&) const = default;
};
/// Balance: `place` from -1 (left alone) over 0 (both as they are, so that stems in the middle still add up to their
/// song) to 1 (right alone).
ChannelGains balanced(float gain, float place);

struct MixTrack {
  std::shared_ptr<const PcmFile> track;
  ChannelGains gains = {};
};
/// Tracks of one sample rate and length.
using Mix = std::vector<MixTrack>;

/// 1 if nothing of the mix is stereo, else 2.
int channels_of(const Mix& mix);
/// n interleaved frames from `at`, [n * channels_of(mix)].
void mix_frames(const Mix& mix, int64_t at, int64_t n, std::vector<float>& out);
/// The loudest sample of frames begin to end.
float peak_of(const Mix& mix, int64_t begin, int64_t end);
/// Sums of squares over frames begin to end: of the song, and of what it has more or less than the mix.
struct SumEnergy {
  double difference = 0, song = 0;
};
SumEnergy sum_energy(const PcmFile& song, const Mix& mix, int64_t begin, int64_t end);
/// 10 log10(difference / song), in dB; -infinity: there is none, or no song.
double decibels_of(double difference, double song);

struct MixFile {
  std::filesystem::path file;
  Mix mix;
  int sample_rate = 0;
  int64_t begin = 0, end = 0;
  SoundFormat format = {};
  float gain = 1;                        ///< of all of it
  std::filesystem::path described = {};  ///< the file whose tags and cover this one gets; empty: none
  std::string what = {};                 ///< behind the title: "Title (without bass)"; empty: nothing
};
/// Written beside the file first: what was there stays if this fails. A file beyond 4 GB gets no tags.
void write_mix(const MixFile& wish);

}  // namespace mgdm
