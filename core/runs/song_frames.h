// A song as the coefficients of its model: how loud, in which windows, and what of it is known.
//
// Frames are those of the MDCT, counted from the song's first; a window is `window()` of them from one of `begins()`,
// and windows overlap. Channels are mid and, for two, side. Everything is float32 on the CPU. For one thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "core/runs/separation.h"

namespace mgdm {

class SongFrames {
 public:
  /// `request`: complete. The song's channels are in phase (see out_of_phase); both must outlive this. Throws
  /// OperatorError for a song that cannot be separated so, or does not fit the model.
  SongFrames(const BandPrior& band, const Song& song, const SeparationRequest& request);

  int64_t channels() const { return channels_; }       ///< 1 or 2
  int64_t length() const { return length_; }           ///< samples of a channel
  int64_t window() const { return window_; }           ///< frames
  double gain() const { return gain_; }                ///< from full scale 1 to the level that the model knows
  double noise_level() const { return noise_level_; }  ///< sigma_y of the mid channel's coefficients
  /// Of the windows, ascending, the first is 0. The last window ends at the last frame, or behind it in a short song.
  const std::vector<int64_t>& begins() const { return begins_; }
  /// The first frame that window `w`, counted from 0, leaves to the one after it; the song's end for the last.
  int64_t next(size_t w) const { return w + 1 < begins_.size() ? begins_[w + 1] : frames_; }
  double seconds(int64_t frame) const;  ///< where a frame begins

  /// [channels, window, bins] from frame `begin`; undefined where there is no mix.
  at::Tensor mix(int64_t begin) const;
  /// The same of the stems that are given, by their number among the model's.
  std::map<int64_t, at::Tensor> given(int64_t begin) const;
  /// [stems, window, bins], the mid channel: what the chain begins from; undefined where nothing is given for that.
  at::Tensor start(int64_t begin) const;
  /// [stems, window, bins]: the share of each stem's coefficients that is the track "other"'s, at most the request's.
  at::Tensor other(int64_t begin) const;
  /// bool [window]: which frames of the mix are there and undamaged.
  at::Tensor seen(int64_t begin) const;
  /// float64 [bins]: how each bin of the stems' sum is weighted where a repair needs it; else undefined.
  const at::Tensor& weights() const { return weights_; }
  /// The mix's own samples [channels, window * bins], full scale 1; silence behind the song's end.
  at::Tensor sound(int64_t begin) const;

 private:
  void cut_into_windows(const SeparationRequest& request);
  void weigh(double noise);
  at::Tensor encode(const at::Tensor& x, int64_t begin) const;
  at::Tensor part(const at::Tensor& x, int64_t from, int64_t to) const;

  const BandPrior& band_;
  const Song& song_;
  std::map<int64_t, at::Tensor> given_, start_;  // sound
  at::Tensor other_;                             // the same, to tell what is no stem; or undefined
  double most_other_ = 0;
  int64_t channels_ = 1, length_ = 0, frames_ = 0, window_ = 0;
  double gain_ = 1, noise_level_ = 0;
  std::vector<int64_t> begins_;
  std::vector<char> damaged_;  // by frame
  at::Tensor weights_;
};

}  // namespace mgdm
