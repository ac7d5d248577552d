// HEIC and AVIF through libheif, where the program was built with it. Any thread. Throws MediaError naming the file.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// The primary picture, upright, 8 or 16 bit (10 and 12 bit spread over 16). Without libheif: refused by name.
DecodedPhoto decode_heif(const std::filesystem::path& file, const std::string& bytes);

/// EXIF block and XMP packet; empty where there are none or without libheif.
void heif_metadata(const std::string& bytes, std::string& exif, std::string& xmp);

}  // namespace mgdm
