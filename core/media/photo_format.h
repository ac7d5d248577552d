// Which format a file is, by its first bytes, and how large its header says the picture is: before a decoder sees it.
// Any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

namespace mgdm {

/// Largest photo that is opened, in pixels.
inline constexpr int64_t kMaxPixels = 200'000'000;

enum class PhotoFormat {
  Jpeg,
  Png,
  Tiff,
  Webp,
  Heif,     ///< HEIC and AVIF
  Simple,   ///< BMP, PNM, Radiance, Sun raster, JPEG 2000, OpenEXR: OpenCV reads them
  Foreign,  ///< known by name, and not read
  Unknown
};

/// By the first bytes; the name of the file plays no part.
PhotoFormat photo_format(const std::string& bytes);

/// What a format that is not read is called and what to do, "a camera's raw photo (Canon CR2); export it as TIFF or
/// JPEG"; empty for those that are read and for unknown ones.
std::string foreign_format(const std::string& bytes);

/// Width and height that the header says; 0x0 where it says none or is cut off. A TIFF says that of each page when it
/// is read (tiff_photo.h), a HEIC or AVIF in heif_photo.h.
cv::Size size_in_header(const std::string& bytes);

/// Throws MediaError where so many pixels are more than can be opened. 64 bits, since files say what they like.
void check_photo_size(const std::filesystem::path& file, uint64_t width, uint64_t height);

/// Throws MediaError: the file, and what is wrong with it.
[[noreturn]] void refuse_photo(const std::filesystem::path& file, const std::string& what);

/// `count` bytes from `at` as an unsigned number; 0 beyond the end.
uint64_t big_number(const std::string& bytes, size_t at, int count);
uint64_t little_number(const std::string& bytes, size_t at, int count);

}  // namespace mgdm
