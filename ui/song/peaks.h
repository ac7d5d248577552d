// What of a track is drawn: the lowest and highest sample of each short stretch. Any thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace mgdm {
class PcmFile;
}

namespace mgdm::ui {

/// Lowest and highest sample of a stretch of `kPeakFrames` frames.
struct Peak {
  float low = 0, high = 0;              ///< of the left channel, or of the only one
  float right_low = 0, right_high = 0;  ///< of the right one; mono: the same again
  float lowest() const { return std::min(low, right_low); }
  float highest() const { return std::max(high, right_high); }
  void add(const Peak& other);  ///< becomes that of both stretches
};
inline constexpr int64_t kPeakFrames = 256;

/// What of the stems is new, from a frame that is a multiple of `kPeakFrames`.
struct SongStretch {
  int64_t begin = 0;
  std::vector<std::vector<Peak>> peaks;  ///< of each track
  int64_t finished = 0;                  ///< frame up to which the stems are finished
};

/// Where the samples lie apart (core/runs/sample_spread.h): for each stem a value for each `frames` frames from `begin`
/// on, NaN where nothing is known.
struct SongSpread {
  std::vector<std::vector<float>> values;
  double begin = 0, frames = 1;
};

/// Of n interleaved frames.
std::vector<Peak> peaks_of(const float* frames, int channels, int64_t n);
/// Frames [begin, end) of a track, in whole stretches of kPeakFrames.
std::vector<Peak> peaks_of(const PcmFile& track, int64_t begin, int64_t end);
SongStretch stretch_of(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int64_t begin, int64_t end,
                       int64_t finished);

}  // namespace mgdm::ui
