// Sound files to tensors and back (libsndfile), and change of sample rate (libsoxr).
//
// Samples are float32 [channels, L], full scale [-1, 1]. WAV, AIFF, FLAC, OGG (Vorbis, Opus) and MP3 are read in any
// rate and sample format. Errors are MediaError with one sentence that names the file.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "core/media/pcm_file.h"

namespace mgdm {

struct Sound {
  at::Tensor samples;   ///< float32 [channels, L]
  int sample_rate = 0;  ///< Hz
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

}  // namespace mgdm
