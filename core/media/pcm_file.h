// One track of sound on disk: what is too long for memory, is still being computed, and is already listened to.
//
// A file without a name, so nothing is left behind however the program ends. Frames that were never written are
// silence. Reading and writing at once, from any threads, is safe; a reader may meet a stretch half new, half old.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

namespace mgdm {

class PcmFile {
 public:
  /// In `folder`, which must exist. Throws MediaError.
  PcmFile(const std::filesystem::path& folder, int channels, int64_t length);
  ~PcmFile();
  PcmFile(const PcmFile&) = delete;
  PcmFile& operator=(const PcmFile&) = delete;

  int channels() const { return channels_; }
  int64_t length() const { return length_; }  ///< frames

  /// [channels, n] float32, or [1, n] for every channel, from frame `at`; what lies outside the track is dropped.
  /// Throws MediaError (a full disk).
  void write(int64_t at, const at::Tensor& samples);
  /// n frames from `at`, interleaved, into `out` [n * channels]; silence outside the track and where reading fails.
  /// Allocates nothing.
  void read(int64_t at, int64_t n, float* out) const;
  /// The same as [channels, n].
  at::Tensor read(int64_t at, int64_t n) const;

 private:
  int file_ = -1, channels_;
  int64_t length_;
};

}  // namespace mgdm
