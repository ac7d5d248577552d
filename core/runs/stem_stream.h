// From stems at the model's rate, stretch after stretch, to stems at the song's own rate that add up to the song.
//
// Each stem goes through a resampler of its own (libsoxr, the same result as of the whole at once). What the model's
// rate cannot hold of the song is shared among the stems in proportion to their energy in the treble, or is a track of
// its own. Memory does not grow with the song. For one thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace mgdm {

/// What happens to song - sum of the stems.
enum class Rest { Dropped, Shared, Track };

class StemStream {
 public:
  /// Frames [channels, n] of the song from a frame of it.
  using Read = std::function<at::Tensor(int64_t at, int64_t n)>;
  /// Stems [stems, channels, n] at the song's rate from frame `at`, one more with Rest::Track.
  using Write = std::function<void(int64_t at, const at::Tensor& stems)>;
  /// `length`: of the song, in its own frames; `song` is not called for Rest::Dropped.
  StemStream(int64_t stems, int64_t channels, double model_rate, double song_rate, int64_t length, Rest rest, Read song,
             Write write);
  ~StemStream();

  /// The next stretch, [stems, channels, n] at the model's rate.
  void put(const at::Tensor& stems);
  /// After the last one. True: all `length` frames have been written; false (it was stopped): those of which there is
  /// sound. `written()` says how many.
  bool finish();
  int64_t written() const { return written_; }

 private:
  struct Resampler;
  void flush(bool all);

  double song_rate_, ratio_;
  int64_t length_, put_ = 0, written_ = 0, pending_begin_ = 0;
  Rest rest_;
  Read song_;
  Write write_;
  std::vector<std::unique_ptr<Resampler>> resamplers_;
  at::Tensor pending_;  ///< [stems, channels, n] from `pending_begin_`
};

}  // namespace mgdm
