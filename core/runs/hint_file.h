// The file of a hint (core/runs/stem_hint.h) as sound.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace mgdm {

/// A sound file, or notes (.mid, .midi) that are played plainly (those of `stem`, see `notes_of_stem`): [1, n] float32
/// at `rate` Hz, from `from` seconds of the file on, silence behind its end. Throws MediaError.
at::Tensor read_hint(const std::filesystem::path& file, const std::string& stem, double rate, double from, int64_t n);

}  // namespace mgdm
