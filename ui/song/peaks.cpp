#include "ui/song/peaks.h"

#include <algorithm>

#include "core/media/pcm_file.h"

namespace mgdm::ui {

void Peak::add(const Peak& other) {
  low = std::min(low, other.low);
  high = std::max(high, other.high);
  right_low = std::min(right_low, other.right_low);
  right_high = std::max(right_high, other.right_high);
}

std::vector<Peak> peaks_of(const float* frames, int channels, int64_t n) {
  std::vector<Peak> peaks;
  for (int64_t from = 0; from < n; from += kPeakFrames) {
    const float* p = frames + from * channels;
    const int64_t count = std::min(kPeakFrames, n - from);
    Peak peak{p[0], p[0], p[channels - 1], p[channels - 1]};
    for (int64_t k = 1; k < count; ++k) {
      const float left = p[k * channels], right = p[k * channels + channels - 1];
      peak.add({left, left, right, right});
    }
    peaks.push_back(peak);
  }
  return peaks;
}

std::vector<Peak> peaks_of(const PcmFile& track, int64_t begin, int64_t end) {
  std::vector<Peak> peaks;
  constexpr int64_t kBlock = kPeakFrames * 256;
  std::vector<float> block(static_cast<size_t>(kBlock * track.channels()));
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t n = std::min(kBlock, end - at);
    track.read(at, n, block.data());
    const std::vector<Peak> some = peaks_of(block.data(), track.channels(), n);
    peaks.insert(peaks.end(), some.begin(), some.end());
  }
  return peaks;
}

SongStretch stretch_of(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int64_t begin, int64_t end,
                       int64_t finished) {
  SongStretch stretch;
  stretch.begin = begin / kPeakFrames * kPeakFrames;
  stretch.finished = finished;
  for (const auto& track : tracks)
    stretch.peaks.push_back(peaks_of(*track, stretch.begin,
                                     std::min(track->length(), (end + kPeakFrames - 1) / kPeakFrames * kPeakFrames)));
  return stretch;
}

}  // namespace mgdm::ui
