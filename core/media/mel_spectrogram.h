// A track as loudness over time and pitch, on the mel scale: 2595 log10(1 + f / 700 Hz) (O'Shaughnessy 1987), on which
// equal steps sound alike.
//
// Columns are computed one by one where they are wanted, so that looking closer at a long song costs no more than
// looking at all of it. Any thread; one object for each.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "core/media/pcm_file.h"

namespace mgdm {

class MelSpectrogram {
 public:
  static constexpr int64_t kWindow = 2048;  ///< frames of a Hann window
  static constexpr double kLowest = 30;     ///< Hz, where the first band begins
  static constexpr double kQuietest = -80;  ///< dB below full scale: level 0 of 255
  explicit MelSpectrogram(int sample_rate, int64_t bands = 96);

  int64_t bands() const { return filters_.size(1); }
  /// Hz in the middle of a band.
  double frequency(int64_t band) const;
  /// uint8 [n, bands], the lowest band first: column k is the mean power of the channels around frame
  /// begin + (k + 1/2) hop, over one window, or up to four where a column is wider than that. A sine of full scale
  /// reaches 255, each step is 80 / 255 dB.
  at::Tensor columns(const PcmFile& track, double begin, double hop, int64_t n) const;

 private:
  double top_;
  at::Tensor window_, filters_;  // float [kWindow], [kWindow / 2 + 1, bands]
};

}  // namespace mgdm
