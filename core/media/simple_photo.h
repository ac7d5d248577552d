// BMP, PNM, Radiance, Sun raster, JPEG 2000 and OpenEXR, which OpenCV reads. Any thread.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// Throws MediaError; what is cut off is refused, since OpenCV does not tell how far it came.
DecodedPhoto decode_simple(const std::filesystem::path& file, const std::string& bytes);

}  // namespace mgdm
