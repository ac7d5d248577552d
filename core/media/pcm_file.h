// One track of sound on disk: what is too long for memory, is still being computed, and is already listened to.
//
// A file without a name, so nothing is left behind however the program ends; or one with a name, which stays and is
// opened again. Frames that were never written are silence and take no room. Reading and writing at once, from any
// threads, is safe; a reader may meet a stretch half new, half old. Who fills one from its beginning says how far it is
// (`set_filled`), so that what is there can be listened to meanwhile.
#pragma once
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>

namespace mgdm {

class PcmFile {
 public:
  /// In `folder`, which must exist. Throws MediaError.
  /// `name`: of the file that stays, in the place of one that is there; empty: none.
  PcmFile(const std::filesystem::path& folder, int channels, int64_t length, const std::string& name = {});
  /// One that has stayed, to be read. Throws MediaError.
  static std::shared_ptr<const PcmFile> open(const std::filesystem::path& file, int channels);
  ~PcmFile();
  PcmFile(const PcmFile&) = delete;
  PcmFile& operator=(const PcmFile&) = delete;

  int channels() const { return channels_; }
  int64_t length() const { return length_; }  ///< frames

  /// Longer or shorter; beside other threads that read it. Throws MediaError.
  void set_length(int64_t length);
  /// It is being filled from its beginning and so far done.
  void set_filled(int64_t frames) { filled_ = frames; }
  void set_complete() { filled_ = kComplete; }
  bool complete() const { return filled_ == kComplete; }
  /// Frames from the beginning that hold what they are to hold.
  int64_t filled() const { return std::min(filled_.load(), length_.load()); }
  /// n interleaved frames from frame `at`; what lies outside the track is dropped. Throws MediaError (a full disk).
  void write(int64_t at, const float* frames, int64_t n);
  /// [channels, n] float32, or [1, n] for every channel, from frame `at`; what lies outside the track is dropped.
  /// Throws MediaError (a full disk).
  void write(int64_t at, const at::Tensor& samples);
  /// n frames from `at`, interleaved, into `out` [n * channels]; silence outside the track and where reading fails.
  /// Allocates nothing.
  void read(int64_t at, int64_t n, float* out) const;
  /// The same as [channels, n].
  at::Tensor read(int64_t at, int64_t n) const;

 private:
  PcmFile(int file, int channels, int64_t length) : file_(file), channels_(channels), length_(length) {}
  static constexpr int64_t kComplete = std::numeric_limits<int64_t>::max();
  int file_ = -1, channels_;
  std::atomic<int64_t> length_, filled_{kComplete};
};

}  // namespace mgdm
