// PNG through libpng: every depth, palette, transparency and interlacing. Any thread. Throws MediaError naming the
// file.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// Grey or RGB, 8 or 16 bit, with alpha where the file has any. Rows that are missing are grey, and `damaged` is set.
DecodedPhoto decode_png(const std::filesystem::path& file, const std::string& bytes);

}  // namespace mgdm
