// Sound files to tensors and back (libsndfile), and change of sample rate (libsoxr).
//
// Samples are float32 [channels, L], full scale [-1, 1]. WAV, AIFF, FLAC, OGG (Vorbis, Opus) and MP3 are read in any
// rate and sample format. Errors are MediaError with one sentence that names the file.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "core/media/pcm_file.h"

namespace mgdm {

struct Sound {
  at::Tensor samples;   ///< float32 [channels, L]
  int sample_rate = 0;  ///< Hz
};

/// A sound file from its beginning, block by block, so that no more than that is in memory. One thread.
class SoundReader {
 public:
  /// Throws MediaError where it is no sound that can be used.
  explicit SoundReader(const std::filesystem::path& file);
  ~SoundReader();
  SoundReader(const SoundReader&) = delete;
  SoundReader& operator=(const SoundReader&) = delete;

  int channels() const;
  int sample_rate() const;
  int64_t frames() const;  ///< as the header says, which may lie; 0: unknown
  /// At most n frames, interleaved, into `out` [n * channels]: how many there were; 0: the end. Throws MediaError
  /// (samples that are not numbers).
  int64_t read(float* out, int64_t n);

 private:
  struct File;
  std::unique_ptr<File> file_;
};

/// One or two channels; more, no samples, or samples that are not numbers are errors. A truncated file gives what there
/// is.
Sound read_sound(const std::filesystem::path& file);
/// 24-bit WAV, or 32-bit float if a sample exceeds full scale; written beside the file first, so that a full disk
/// leaves what was there.
void write_sound(const std::filesystem::path& file, const Sound& sound);
/// The same of a track's frames begin to end, without all of it in memory. The extension chooses .wav (RF64 beyond 4
/// GB) or .flac (24 bit; a sample beyond full scale is an error there).
void write_sound(const std::filesystem::path& file, const PcmFile& track, int sample_rate, int64_t begin, int64_t end);
/// [channels, L] at `from` Hz -> [channels, `length`] at `to` Hz (very high quality); `length` < 0: as it comes out.
at::Tensor resample(const at::Tensor& samples, double from, double to, int64_t length = -1);
/// The same of a track's frames begin to end; beside the result only blocks are in memory.
at::Tensor resample(const PcmFile& track, int64_t begin, int64_t end, double from, double to);

}  // namespace mgdm
