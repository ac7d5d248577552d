#include "core/media/photo_file.h"

#include <algorithm>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/files/atomic_file.h"
#include "core/media/exif.h"
#include "core/media/heif_photo.h"
#include "core/media/photo_colors.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_xmp_extension.h"
#include "core/media/png_photo.h"
#include "core/media/simple_photo.h"
#include "core/media/tiff_photo.h"
#include "core/media/webp_photo.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;

std::string lower_extension(const fs::path& file) {
  std::string e = file.extension().string();
  for (char& c : e) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return e;
}

DecodedPhoto decode_photo(const fs::path& file, const std::string& bytes) {
  const cv::Size size = size_in_header(bytes);
  check_photo_size(file, static_cast<uint64_t>(size.width), static_cast<uint64_t>(size.height));
  switch (photo_format(bytes)) {
    case PhotoFormat::Jpeg:
      return decode_jpeg(file, bytes);
    case PhotoFormat::Png:
      return decode_png(file, bytes);
    case PhotoFormat::Webp:
      return decode_webp(file, bytes);
    case PhotoFormat::Tiff:
      return decode_tiff(file, bytes);
    case PhotoFormat::Heif:
      return decode_heif(file, bytes);
    case PhotoFormat::Simple:
      return decode_simple(file, bytes);
    case PhotoFormat::Foreign:
      refuse_photo(file, "is " + foreign_format(bytes));
    case PhotoFormat::Unknown:
      break;
  }
  refuse_photo(file, "is not an image that can be read (damaged, or an unknown format)");
}

cv::Mat eight_bit(const cv::Mat& pixels) {
  if (pixels.depth() == CV_8U) return pixels;
  cv::Mat reduced;
  pixels.convertTo(reduced, CV_8U, 1.0 / 257);
  return reduced;
}

std::string encode_png(const fs::path& file, const cv::Mat& pixels) {
  cv::Mat bgr;
  cv::cvtColor(pixels, bgr, pixels.channels() == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  std::vector<unsigned char> encoded;
  try {
    if (!cv::imencode(".png", bgr, encoded, {cv::IMWRITE_PNG_COMPRESSION, 3})) refuse_photo(file, "cannot be encoded");
  } catch (const cv::Exception& e) {
    refuse_photo(file, "cannot be encoded (OpenCV: " + e.err + ")");
  }
  return {reinterpret_cast<const char*>(encoded.data()), encoded.size()};
}

/// A JPEG without metadata, and what they must say of it.
struct EncodedJpeg {
  std::string bytes, profile;
  int orientation = 1;
};

// CV_8UC1: where two pictures of one size and type differ.
cv::Mat differing(const cv::Mat& a, const cv::Mat& b) {
  cv::Mat out(a.size(), CV_8UC1);
  cv::parallel_for_(cv::Range(0, a.rows), [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y) {
      const uint8_t *p = a.ptr(y), *q = b.ptr(y);
      uint8_t* to = out.ptr(y);
      for (int x = 0; x < a.cols; ++x, p += 3, q += 3) to[x] = p[0] != q[0] || p[1] != q[1] || p[2] != q[2] ? 255 : 0;
    }
  });
  return out;
}

bool is_grey(const cv::Mat& rgb) {
  cv::Mat planes[3];
  cv::split(rgb, planes);
  return cv::norm(planes[0], planes[1], cv::NORM_INF) == 0 && cv::norm(planes[0], planes[2], cv::NORM_INF) == 0;
}

// The source with what was changed in it; no bytes where it has to be encoded anew.
EncodedJpeg jpeg_from_source(const fs::path& file, const Photo& photo, const cv::Mat& pixels) {
  DecodedPhoto source = decode_jpeg(file, *photo.jpeg);
  const PhotoColors colors = source.colors;
  source.profile = embedded_profile(*photo.jpeg);
  const std::string profile = source.profile;
  const bool damaged = source.damaged;
  make_rgb(source);
  const bool converted = colors == PhotoColors::Cmyk || (colors == PhotoColors::Grey && source.profile != profile);
  const cv::Mat before = turned_upright(source.pixels, photo.orientation);
  if (damaged || before.size() != pixels.size() || source.profile != photo.color_profile) return {};
  const cv::Mat changed = differing(before, pixels);
  cv::Mat stored = pixels;
  if (cv::countNonZero(changed) > 0) {
    if (converted) return {};
    stored = turned_back(pixels, photo.orientation);
    if (colors == PhotoColors::Grey) {
      if (!is_grey(stored)) return {};
      cv::extractChannel(stored, stored, 0);
    }
    if (!stored.isContinuous()) stored = stored.clone();
  }
  return {patch_jpeg(*photo.jpeg, stored, turned_back(changed, photo.orientation)), profile, photo.orientation};
}

EncodedJpeg encode_as_jpeg(const fs::path& file, const Photo& photo) {
  const cv::Mat pixels = eight_bit(over_white(photo.pixels));
  if (photo.jpeg != nullptr && !photo.has_alpha()) {
    if (EncodedJpeg kept = jpeg_from_source(file, photo, pixels); !kept.bytes.empty()) return kept;
  }
  return {encode_jpeg(file, pixels, photo.jpeg == nullptr ? std::string() : *photo.jpeg), photo.color_profile, 1};
}

// What the photo looks like now, small enough for 64 kB with the rest of the block.
std::string thumbnail_of(const fs::path& file, const Photo& photo, int orientation) {
  constexpr double kLongest = 160;
  const double scale = kLongest / std::max({photo.pixels.cols, photo.pixels.rows, static_cast<int>(kLongest)});
  const auto side = [scale](int pixels) { return std::max(1, static_cast<int>(pixels * scale)); };
  cv::Mat small;
  cv::resize(photo.pixels, small, {side(photo.pixels.cols), side(photo.pixels.rows)}, 0, 0, cv::INTER_AREA);
  const cv::Mat shown = ColorTransform(photo.color_profile).to_screen(over_white(small));
  return encode_jpeg(file, turned_back(shown, orientation), {});
}

PhotoMetadata metadata_for(const fs::path& file, const Photo& photo, int orientation, bool model_mark) {
  PhotoMetadata m = photo.metadata;
  cv::Size stored = photo.pixels.size();
  if (orientation >= 5) std::swap(stored.width, stored.height);
  if (!m.exif.empty()) {
    const std::string thumbnail = exif_has_thumbnail(m.exif) ? thumbnail_of(file, photo, orientation) : std::string();
    m.exif = renewed_exif(m.exif, orientation, stored, thumbnail);
  }
  if (!m.xmp.empty()) m.xmp = oriented_xmp(m.xmp, orientation);
  if (model_mark) m.xmp = marked_xmp(m.xmp);
  return m;
}

// The same for a format that holds a packet of any length.
PhotoMetadata metadata_for_whole(const fs::path& file, const Photo& photo, bool model_mark) {
  PhotoMetadata m = metadata_for(file, photo, 1, model_mark);
  m.xmp = merged_xmp(m.xmp, m.xmp_extension);
  m.xmp_extension.clear();
  return m;
}

}  // namespace

cv::Mat turned_upright(const cv::Mat& image, int orientation) {
  if (orientation < 2 || orientation > 8 || image.empty()) return image;
  cv::Mat out = image;
  if (orientation >= 5) cv::transpose(image, out);  // 5 is that; 6 and 8 are turns, 7 is both
  constexpr int kNone = 2;
  const int flips[] = {kNone, 1, -1, 0, kNone, 1, -1, 0};
  if (flips[orientation - 1] != kNone) cv::flip(out, out, flips[orientation - 1]);
  return out;
}

cv::Mat turned_back(const cv::Mat& image, int orientation) {
  // The turns by 90 degrees undo each other, all others themselves.
  return turned_upright(image, orientation == 6 ? 8 : orientation == 8 ? 6 : orientation);
}

Photo read_photo(const fs::path& file) { return read_photo(file, read_file_bytes(file)); }

namespace {

Photo photo_of(const fs::path& file, const std::string& bytes) {
  const PhotoFormat format = photo_format(bytes);
  DecodedPhoto decoded = decode_photo(file, bytes);
  Photo photo;
  photo.metadata = read_metadata(bytes);
  if (format == PhotoFormat::Jpeg || format == PhotoFormat::Png || format == PhotoFormat::Webp) {
    if (std::string embedded = embedded_profile(bytes); !embedded.empty()) decoded.profile = std::move(embedded);
    decoded.orientation = exif_orientation(photo.metadata.exif);
  }
  make_rgb(decoded);
  photo.pixels = turned_upright(decoded.pixels, decoded.orientation);
  photo.color_profile = std::move(decoded.profile);
  photo.orientation = decoded.orientation;
  photo.damaged = decoded.damaged;
  photo.lossy = format == PhotoFormat::Jpeg || format == PhotoFormat::Webp || format == PhotoFormat::Heif;
  photo.notes = std::move(decoded.notes);
  photo.jpeg_quality = guess_jpeg_quality(bytes);
  if (format == PhotoFormat::Jpeg) photo.jpeg = std::make_shared<const std::string>(bytes);
  return photo;
}

}  // namespace

Photo read_photo(const fs::path& file, const std::string& bytes) {
  try {
    return photo_of(file, bytes);
  } catch (const cv::Exception& e) {
    refuse_photo(file,
                 e.code == cv::Error::StsNoMem ? "is too large for the memory" : "cannot be read (" + e.err + ")");
  }
}

void write_photo(const fs::path& file, const Photo& photo, const std::string& description, bool model_mark) {
  const std::string extension = lower_extension(file);
  std::string bytes;
  if (extension == ".jpg" || extension == ".jpeg") {
    const EncodedJpeg encoded = encode_as_jpeg(file, photo);
    bytes = with_jpeg_metadata(encoded.bytes, metadata_for(file, photo, encoded.orientation, model_mark),
                               encoded.profile, description);
  } else if (extension == ".png") {
    bytes = with_png_metadata(encode_png(file, photo.pixels), metadata_for_whole(file, photo, model_mark),
                              photo.color_profile, description);
  } else if (extension == ".tif" || extension == ".tiff") {
    PhotoMetadata m = metadata_for_whole(file, photo, model_mark);
    const bool own_words = exif_tags(m.exif).photo.count(kDescriptionTag) != 0;
    if (own_words && !description.empty()) m.xmp = described_xmp(m.xmp, description);
    bytes = encode_tiff(
        file, photo.pixels,
        {photo.color_profile, own_words ? std::string() : description, m.xmp, m.iptc, m.exif, m.dpi_x, m.dpi_y});
  } else if (extension == ".webp") {
    PhotoMetadata m = metadata_for_whole(file, photo, model_mark);
    if (!description.empty()) m.xmp = described_xmp(m.xmp, description);
    m.exif = with_exif_dpi(m.exif, m.dpi_x, m.dpi_y);  // WebP has no other place for it
    bytes = with_webp_chunks(file, encode_webp(file, eight_bit(photo.pixels)), photo.color_profile, m.exif, m.xmp);
  } else {
    refuse_photo(file, "has an extension that names no image format (use .png, .jpg, .tif or .webp)");
  }
  write_file_bytes(file, bytes);
}

std::string read_description(const fs::path& file) {
  try {
    return embedded_description(read_file_bytes(file));
  } catch (const MediaError&) {
    return {};
  }
}

}  // namespace mgdm
