// The EXIF block of a photo: a small TIFF file without a picture. Changed in place, so that what a camera's maker wrote
// in its own way (offsets and all) stays readable. Damaged blocks are left as they are or dropped. Any thread.
#pragma once
#include <cstdint>
#include <map>
#include <opencv2/core.hpp>
#include <string>

namespace mgdm {

/// 1 to 8; 1, upright, where the block says nothing or nonsense. `exif` begins with "II" or "MM".
int exif_orientation(const std::string& exif);

/// Pixels an inch from the block; 0 where it says none.
cv::Size2d exif_dpi(const std::string& exif);

/// Whether the block holds a small picture of the photo.
bool exif_has_thumbnail(const std::string& exif);

/// The block with a resolution where it says none, one from nothing if it is empty. As it is where that is 0.
std::string with_exif_dpi(const std::string& exif, double dpi_x, double dpi_y);

/// The tag of a photo's description.
inline constexpr int kDescriptionTag = 0x010e;

/// The block for a photo as it is now: this orientation, this size, and `thumbnail` (JPEG bytes; empty: none) in the
/// place of the old one, which is wiped out: it shows what the photo was. An empty block stays empty.
std::string renewed_exif(const std::string& exif, int orientation, cv::Size size, const std::string& thumbnail);

/// One value of a directory, little-endian, with its TIFF type.
struct ExifValue {
  int type = 0;
  uint64_t count = 0;
  std::string bytes;
};
using ExifDirectory = std::map<int, ExifValue>;

/// The tags that say something of a photo and not of how its pixels are stored: of the first directory (a TIFF's page
/// too, BigTIFF included), of EXIF and of GPS.
struct ExifTags {
  ExifDirectory photo, exif, gps;
};
ExifTags exif_tags(const std::string& tiff);

/// The bytes of one tag of the first directory as they are in the file; empty: it has none.
std::string exif_raw(const std::string& tiff, int tag);

/// A directory as bytes that begin at `offset` of a little-endian TIFF; the numbers of bytes are even.
std::string exif_directory(const ExifDirectory& tags, uint64_t offset);

/// A whole block of these tags; empty where there are none.
std::string exif_block(const ExifTags& tags);

}  // namespace mgdm
