// WebP through libwebp. Any thread. Throws MediaError naming the file.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// 8-bit RGB, with alpha where the file has any; of an animation the first picture. Rows that are missing are grey, and
/// `damaged` is set.
DecodedPhoto decode_webp(const std::filesystem::path& file, const std::string& bytes);

/// 8-bit RGB or RGBA, lossless, hidden colours kept; metadata by `Metadata` chunks (photo_metadata.h).
std::string encode_webp(const std::filesystem::path& file, const cv::Mat& pixels);

/// The file with these chunks; an empty one is left out. Throws MediaError.
std::string with_webp_chunks(const std::filesystem::path& file, const std::string& bytes, const std::string& profile,
                             const std::string& exif, const std::string& xmp);

}  // namespace mgdm
