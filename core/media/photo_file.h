// A photo as its file holds it: full resolution, 8 or 16 bit, alpha and colour profile kept, so that what
// was not restored goes back into the saved file bit for bit.
//
// Pixels through OpenCV, TIFF tags through libtiff, colour through Little CMS. `image_file.h` is the
// reduced view (8-bit RGB tensors) that the command line and the trainer need.
#pragma once
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

#include "core/media/image_file.h"

namespace mgdm {

struct Photo {
  /// Interleaved RGB or RGBA: CV_8UC3, CV_8UC4, CV_16UC3 or CV_16UC4, in the file's own colour space.
  cv::Mat pixels;
  std::string color_profile;  ///< ICC profile of an RGB space; empty = sRGB
  bool damaged = false;       ///< the file ends before the picture does: the rest is what the decoder made of nothing
  int jpeg_quality = 0;       ///< 1 to 100, guessed from a JPEG's quantisation tables; 0 for other files
  bool sixteen_bit() const { return pixels.depth() == CV_16U; }
  bool has_alpha() const { return pixels.channels() == 4; }
};

/// EXIF orientation is applied (files with alpha: as stored). Grey becomes RGB. A profile that is not one
/// of an RGB space, or is damaged, is dropped. Throws MediaError naming the file.
Photo read_photo(const std::filesystem::path& file);

/// Writes PNG, JPEG, TIFF or WebP by the extension, with the profile, and `description` (UTF-8, e.g. a
/// run.json) as PNG text "mgdm-run", JPEG comment or TIFF image description. Where the format cannot hold
/// 16 bit or alpha they are reduced. Written beside the file and renamed. Throws MediaError.
void write_photo(const std::filesystem::path& file, const Photo& photo, const std::string& description = {});

/// The text that `write_photo` put into a file; empty if there is none or the file cannot be read.
std::string read_description(const std::filesystem::path& file);

/// Colour conversion between a photo's space and sRGB. Value type; thread-safe once made.
class ColorTransform {
 public:
  /// `profile`: ICC bytes; empty = sRGB, for which both directions copy.
  explicit ColorTransform(const std::string& profile);
  ~ColorTransform();
  ColorTransform(ColorTransform&&) noexcept;
  ColorTransform& operator=(ColorTransform&&) noexcept;

  bool identity() const { return to_ == nullptr; }
  /// RGB(A), 8 or 16 bit -> CV_32FC3 sRGB in [0, 1].
  cv::Mat to_srgb(const cv::Mat& pixels) const;
  /// CV_32FC3 sRGB in [0, 1] -> CV_32FC3 in the photo's space in [0, 1].
  cv::Mat from_srgb(const cv::Mat& srgb) const;
  /// RGB(A), 8 or 16 bit -> CV_8UC3 sRGB, for a screen; row bands in parallel.
  cv::Mat to_screen(const cv::Mat& pixels) const;

 private:
  void *to_ = nullptr, *from_ = nullptr, *screen_ = nullptr;  // cmsHTRANSFORM
};

/// JPEG quality 1 to 100 whose IJG luminance table is nearest to the one in these JPEG bytes; 0 if there
/// is none.
int guess_jpeg_quality(const std::string& bytes);

}  // namespace mgdm
