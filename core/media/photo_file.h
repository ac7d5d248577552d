// A photo as its file holds it: full resolution, 8 or 16 bit, alpha, colour profile and metadata kept, so that what
// was not restored goes back into the saved file bit for bit. The one reader and the one writer of the program.
//
// JPEG through libjpeg-turbo, PNG through libpng, TIFF through libtiff, WebP through libwebp, HEIC and AVIF through
// libheif, BMP, PNM, Radiance, Sun raster and JPEG 2000 through OpenCV, colour through Little CMS. `image_file.h` is
// the reduced view (8-bit RGB tensors) that the trainer needs, `photo_mask.h` a mask.
#pragma once
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/media/jpeg_photo.h"
#include "core/media/photo_format.h"
#include "core/media/photo_metadata.h"

namespace mgdm {

/// Value type; the bytes of a JPEG are shared among copies.
struct Photo {
  /// Interleaved RGB or RGBA: CV_8UC3, CV_8UC4, CV_16UC3 or CV_16UC4, in the file's own colour space, upright.
  cv::Mat pixels;
  std::string color_profile;       ///< ICC profile of an RGB space; empty = sRGB
  bool damaged = false;            ///< the file ends before the picture does: what is missing is plain grey, or coarse
  bool lossy = false;              ///< JPEG, WebP or HEIC: what was black may be nearly black
  int jpeg_quality = 0;            ///< 1 to 100, guessed from a JPEG's quantisation tables; 0 for other files
  int orientation = 1;             ///< EXIF 1 to 8 as the file says it; `pixels` are turned already
  std::vector<std::string> notes;  ///< sentences of what was done that a person should know (pages, floats, damage)
  PhotoMetadata metadata;          ///< as the file has them
  std::shared_ptr<const std::string> jpeg;  ///< the bytes of a JPEG, so that its untouched blocks can be kept

  bool sixteen_bit() const { return pixels.depth() == CV_16U; }
  bool has_alpha() const { return pixels.channels() == 4; }
};

/// EXIF or TIFF orientation is applied. Grey becomes RGB; grey with a profile, CMYK and Lab become sRGB; floating point
/// 16 bit by the rule in photo_colors.h. Of several pages the largest. The size in the header is checked before memory
/// is taken. Throws MediaError naming the file, and the format where it is one that is known and not read.
Photo read_photo(const std::filesystem::path& file);
/// The same from bytes; `file` is only the name in messages.
Photo read_photo(const std::filesystem::path& file, const std::string& bytes);

/// Writes PNG, JPEG, TIFF or WebP (lossless) by the extension, with profile, metadata, and `description` (UTF-8, e.g. a
/// run.json) as PNG text "mgdm-run", JPEG comment, TIFF image description (XMP where the photo has a description of its
/// own) or in the XMP of a WebP. `model_mark`: XMP says that a model made parts (IPTC's digital source type). Where the
/// format cannot hold 16 bit they are reduced; a JPEG of a transparent photo is over white. WebP has no place for
/// IPTC's older form.
///
/// EXIF says what the file is now: orientation, size, a new thumbnail where there was one.
///
/// A JPEG that was a JPEG has the source's quantisation tables and chroma sampling, and blocks in which no pixel is
/// other than in the source keep their coefficients: an untouched photo decodes to the same pixels bit for bit. It is
/// stored in the source's orientation, which EXIF says: turning blocks would round them anew. Where colours had to be
/// converted (CMYK, grey with a profile) or the source is damaged, only an untouched photo keeps its blocks, and a
/// changed one is encoded anew, upright, by the same tables where they fit. A JPEG of another photo: quality 95, 4:4:4.
///
/// Written beside the file and renamed. Throws MediaError.
void write_photo(const std::filesystem::path& file, const Photo& photo, const std::string& description = {},
                 bool model_mark = false);

/// The text that `write_photo` put into a file; empty if there is none or the file cannot be read.
std::string read_description(const std::filesystem::path& file);

/// `image` turned or mirrored as EXIF orientation 1 to 8 says, to be upright; and back, as it is stored.
cv::Mat turned_upright(const cv::Mat& image, int orientation);
cv::Mat turned_back(const cv::Mat& image, int orientation);

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

}  // namespace mgdm
