// Sound files to tensors and back (libsndfile; libmpg123 for MP3), and change of sample rate (libsoxr).
//
// Samples are float32 [channels, L], full scale [-1, 1]. WAV, AIFF, FLAC, OGG (Vorbis, Opus) and MP3 are read in any
// rate and sample format. Errors are MediaError with one sentence that names the file.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/media/pcm_file.h"

namespace mgdm {

struct Sound {
  at::Tensor samples;   ///< float32 [channels, L]
  int sample_rate = 0;  ///< Hz
  /// What could not be read and is silence: frames from, to.
  std::vector<std::pair<int64_t, int64_t>> damage = {};
};

/// How a sound file is read.
struct SoundWish {
  bool downmix = false;  ///< more than two channels become two; else they are an error
};

struct SoundSource;

/// A sound file from its beginning to where its sound ends, block by block, so that no more than that is in memory.
/// What is damaged in the middle is silence, and what is behind it is read. One thread.
class SoundReader {
 public:
  /// Throws MediaError where it is no sound that can be used, naming what it is where its first bytes tell.
  explicit SoundReader(const std::filesystem::path& file, SoundWish wish = {});
  ~SoundReader();
  SoundReader(const SoundReader&) = delete;
  SoundReader& operator=(const SoundReader&) = delete;

  int channels() const;       ///< 1 or 2
  int file_channels() const;  ///< those of the file
  int sample_rate() const;
  int64_t frames() const;  ///< as the header says, which may lie; 0: unknown
  /// At most n frames, interleaved, into `out` [n * channels]: how many there were; 0: the end. Throws MediaError
  /// (samples that are not numbers).
  int64_t read(float* out, int64_t n);
  /// Frames that could not be read, so far: from, to. The last one may end where the file does. Of an MP3 all from the
  /// beginning (core/media/mended_mpeg.h says what is damage there).
  const std::vector<std::pair<int64_t, int64_t>>& damage() const;

 private:
  std::unique_ptr<SoundSource> source_;
  std::string name_;
  std::vector<float> wide_;          ///< of all channels, before they become two
  std::vector<float> left_, right_;  ///< weight of each channel in either
  int64_t read_ = 0;
};

/// "0:01.8 to 0:02.4, 0:05.0 to 0:06.0": what could not be read, the first ten and how many more; empty: nothing.
std::string damage_words(const std::vector<std::pair<int64_t, int64_t>>& damage, int sample_rate);

/// How a sound is written.
struct SoundFormat {
  std::string ending = "wav";  ///< "wav", "flac", or "ogg" (Vorbis, about 190 kbit/s)
  int bits = 24;               ///< of a sample: 16 (dithered), 24, or 32 (float; WAV only); nothing to Vorbis
  bool beyond_full_scale() const { return ending == "wav" && bits == 32; }  ///< whether it holds that
};

/// One or two channels; more (without `wish.downmix`), no samples, or samples that are not numbers are errors. A
/// truncated file gives what there is.
Sound read_sound(const std::filesystem::path& file, SoundWish wish = {});
/// 24-bit WAV, or 32-bit float if a sample exceeds full scale; written beside the file first, so that a full disk
/// leaves what was there.
void write_sound(const std::filesystem::path& file, const Sound& sound);
/// The same of a track's frames begin to end, without all of it in memory. The extension chooses .wav (RF64 beyond 4
/// GB) or .flac (24 bit; a sample beyond full scale is an error there).
void write_sound(const std::filesystem::path& file, const PcmFile& track, int sample_rate, int64_t begin, int64_t end);
/// `frames` interleaved frames in a format; `block(n)` gives the next n of them, n at most 2^18. What the format cannot
/// hold is cut off. `finish` may still change the file before it takes the place of what was there. Throws MediaError;
/// what was there stays then.
void write_sound(const std::filesystem::path& file, const SoundFormat& format, int channels, int sample_rate,
                 int64_t frames, const std::function<const float*(int64_t n)>& block,
                 const std::function<void(const std::filesystem::path& written)>& finish = {});
/// Whether one of these frames is beyond full scale: what FLAC would cut off.
bool beyond_full_scale(const PcmFile& track, int64_t begin, int64_t end);
/// [channels, L] at `from` Hz -> [channels, `length`] at `to` Hz (very high quality); `length` < 0: as it comes out.
at::Tensor resample(const at::Tensor& samples, double from, double to, int64_t length = -1);
/// The same of a track's frames begin to end; beside the result only blocks are in memory.
at::Tensor resample(const PcmFile& track, int64_t begin, int64_t end, double from, double to);

}  // namespace mgdm
