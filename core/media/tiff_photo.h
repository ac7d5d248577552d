// TIFF through libtiff: strips and tiles, one plane or several, BigTIFF, 1 to 64 bit, grey either way round, palette,
// RGB, CMYK, Lab, YCbCr; of several pages the largest. Any thread. Throws MediaError naming the file.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// 8 bit, 16 bit, or 32-bit float as the file has it. Camera raw, Log-Luv, signed and complex numbers and what this
/// libtiff cannot decompress are refused by name. Strips that are missing are grey, and `damaged` is set.
DecodedPhoto decode_tiff(const std::filesystem::path& file, const std::string& bytes);

/// The size of the largest page; 0x0 where none can be read.
cv::Size tiff_size(const std::string& bytes);

/// What goes into a TIFF beside its pixels.
struct TiffExtras {
  std::string profile, description, xmp, iptc;
  std::string exif;  ///< an EXIF block (exif.h): its tags become the file's own
  double dpi_x = 0, dpi_y = 0;
};

/// RGB or RGBA, 8 or 16 bit, deflated. Throws MediaError.
std::string encode_tiff(const std::filesystem::path& file, const cv::Mat& pixels, const TiffExtras& extras);

/// XMP, IPTC (as raw datasets), ICC and the description of the largest page.
TiffExtras tiff_extras(const std::string& bytes);

}  // namespace mgdm
