#include "core/media/photo_file.h"

#include <lcms2.h>
#include <tiffio.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/files/atomic_file.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxProfile = 16u << 20, kMaxText = 16u << 20;
const std::string kTextKey = "mgdm-run";
const std::string kIccMarker("ICC_PROFILE\0", 12);
const std::string kPngSignature("\x89PNG\r\n\x1a\n", 8);

[[noreturn]] void refuse(const fs::path& file, const std::string& what) {
  throw MediaError(file.string() + ": " + what);
}

std::string lower_extension(const fs::path& file) {
  std::string e = file.extension().string();
  for (char& c : e) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return e;
}

uint32_t big_endian(const std::string& bytes, size_t at, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<size_t>(i)]);
  return value;
}

std::string to_big_endian(uint32_t value, int count) {
  std::string bytes;
  for (int i = count - 1; i >= 0; --i) bytes.push_back(static_cast<char>(value >> (8 * i) & 0xff));
  return bytes;
}

bool starts_with(const std::string& bytes, const std::string& prefix) {
  return bytes.compare(0, prefix.size(), prefix) == 0;
}
bool is_jpeg(const std::string& bytes) { return starts_with(bytes, "\xff\xd8\xff"); }
bool is_png(const std::string& bytes) { return starts_with(bytes, kPngSignature); }
bool is_tiff(const std::string& bytes) {
  return starts_with(bytes, std::string("II*\0", 4)) || starts_with(bytes, std::string("MM\0*", 4));
}

std::string inflate_all(const std::string& packed, size_t limit) {
  std::string out;
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return {};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::array<char, 1 << 16> buffer;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= limit) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
    stream.avail_out = buffer.size();
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(buffer.data(), buffer.size() - stream.avail_out);
  }
  inflateEnd(&stream);
  return state == Z_STREAM_END && out.size() <= limit ? out : std::string();
}

// Calls visit(type, content) for each chunk or segment before the pixels; stops where it answers false.
template <typename Visit>
void visit_png_chunks(const std::string& bytes, const Visit& visit) {
  for (size_t at = 8; at + 12 <= bytes.size();) {
    const size_t length = big_endian(bytes, at, 4);
    if (length > bytes.size() - at - 12) return;
    const std::string type = bytes.substr(at + 4, 4);
    if (type == "IEND" || !visit(type, bytes.substr(at + 8, length))) return;
    at += length + 12;
  }
}

template <typename Visit>
void visit_jpeg_segments(const std::string& bytes, const Visit& visit) {
  for (size_t at = 2; at + 4 <= bytes.size();) {
    if (static_cast<unsigned char>(bytes[at]) != 0xff) return;
    const int marker = static_cast<unsigned char>(bytes[at + 1]);
    if (marker == 0xff) {  // fill byte
      ++at;
      continue;
    }
    if (marker == 0xda || marker == 0xd9) return;  // the scan begins
    const size_t length = big_endian(bytes, at + 2, 2);
    if (length < 2 || length > bytes.size() - at - 2) return;
    if (!visit(marker, bytes.substr(at + 4, length - 2))) return;
    at += length + 2;
  }
}

std::string jpeg_profile(const std::string& bytes) {
  std::map<int, std::string> parts;
  visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
    if (marker == 0xe2 && content.size() > 14 && starts_with(content, kIccMarker))
      parts[static_cast<unsigned char>(content[12])] = content.substr(14);
    return true;
  });
  std::string profile;
  for (const auto& [number, part] : parts) profile += part;
  return profile;
}

std::string png_profile(const std::string& bytes) {
  std::string profile;
  visit_png_chunks(bytes, [&](const std::string& type, const std::string& content) {
    const size_t name = content.find('\0');
    if (type == "iCCP" && name != std::string::npos && name + 2 < content.size())
      profile = inflate_all(content.substr(name + 2), kMaxProfile);
    return type != "IDAT";
  });
  return profile;
}

std::string webp_profile(const std::string& bytes) {
  for (size_t at = 12; at + 8 <= bytes.size();) {
    uint32_t length = 0;
    std::memcpy(&length, bytes.data() + at + 4, 4);  // little-endian, as this machine
    if (length > bytes.size() - at - 8) break;
    if (bytes.compare(at, 4, "ICCP") == 0) return bytes.substr(at + 8, length);
    at += 8 + length + (length & 1);
  }
  return {};
}

// libtiff prints to the terminal by default.
void quiet_tiff() {
  TIFFSetErrorHandler(nullptr);
  TIFFSetWarningHandler(nullptr);
}

std::string tiff_profile(const fs::path& file) {
  quiet_tiff();
  TIFF* tiff = TIFFOpen(file.c_str(), "r");
  if (tiff == nullptr) return {};
  uint32_t length = 0;
  void* data = nullptr;
  std::string profile;
  if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &length, &data) == 1 && length <= kMaxProfile)
    profile.assign(static_cast<const char*>(data), length);
  TIFFClose(tiff);
  return profile;
}

bool is_rgb_profile(const std::string& profile) {
  cmsHPROFILE p = cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size()));
  if (p == nullptr) return false;
  const bool rgb = cmsGetColorSpace(p) == cmsSigRgbData;
  cmsCloseProfile(p);
  return rgb;
}

std::string png_chunk(const std::string& type, const std::string& content) {
  const std::string body = type + content;
  const auto crc =
      static_cast<uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size())));
  return to_big_endian(static_cast<uint32_t>(content.size()), 4) + body + to_big_endian(crc, 4);
}

std::string with_png_extras(const std::string& bytes, const std::string& profile, const std::string& text) {
  std::string extras;
  if (!profile.empty()) {
    uLongf size = compressBound(static_cast<uLong>(profile.size()));
    std::string packed(size, '\0');
    compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(profile.data()),
             static_cast<uLong>(profile.size()));
    packed.resize(size);
    extras += png_chunk("iCCP", std::string("profile\0\0", 9) + packed);
  }
  if (!text.empty()) extras += png_chunk("iTXt", kTextKey + std::string("\0\0\0\0\0", 5) + text);
  constexpr size_t kAfterHeader = 8 + 25;
  return bytes.substr(0, kAfterHeader) + extras + bytes.substr(kAfterHeader);
}

std::string with_jpeg_extras(const std::string& bytes, const std::string& profile, const std::string& text) {
  const auto segment = [](char marker, const std::string& content) {
    return std::string{'\xff', marker} + to_big_endian(static_cast<uint32_t>(content.size() + 2), 2) + content;
  };
  constexpr size_t kPart = 65000;
  std::string extras;
  const size_t parts = (profile.size() + kPart - 1) / kPart;
  for (size_t i = 0; i < parts; ++i) {
    extras += segment(
        '\xe2', kIccMarker + static_cast<char>(i + 1) + static_cast<char>(parts) + profile.substr(i * kPart, kPart));
  }
  for (size_t at = 0; at < text.size(); at += kPart) extras += segment('\xfe', text.substr(at, kPart));
  size_t after = 2;  // after the JFIF header, which must come first
  if (bytes.size() > 6 && static_cast<unsigned char>(bytes[3]) == 0xe0) after = 4 + big_endian(bytes, 4, 2);
  return bytes.substr(0, after) + extras + bytes.substr(after);
}

void add_tiff_extras(const fs::path& file, const std::string& profile, const std::string& text) {
  quiet_tiff();
  TIFF* tiff = TIFFOpen(file.c_str(), "r+");
  if (tiff == nullptr) return;
  if (!profile.empty()) TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<uint32_t>(profile.size()), profile.data());
  if (!text.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, text.c_str());
  TIFFRewriteDirectory(tiff);
  TIFFClose(tiff);
}

cv::Mat alpha_free(const cv::Mat& pixels) {
  if (pixels.channels() == 3) return pixels;
  cv::Mat rgb;
  cv::cvtColor(pixels, rgb, cv::COLOR_RGBA2RGB);
  return rgb;
}

}  // namespace

int guess_jpeg_quality(const std::string& bytes) {
  if (!is_jpeg(bytes)) return 0;
  // Annex K.1 of the JPEG standard, in zigzag order as in the file.
  constexpr std::array<int, 64> kLuminance{16, 11, 12,  14,  12,  10, 16, 14,  13,  14,  18,  17,  16, 19,  24,  40,
                                           26, 24, 22,  22,  24,  49, 35, 37,  29,  40,  58,  51,  61, 60,  57,  51,
                                           56, 55, 64,  72,  92,  78, 64, 68,  87,  69,  55,  56,  80, 109, 81,  87,
                                           95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99};
  std::array<int, 64> table{};
  bool found = false;
  visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
    if (marker != 0xdb) return true;
    for (size_t at = 0; at < content.size();) {
      const int kind = static_cast<unsigned char>(content[at]), width = (kind >> 4) != 0 ? 2 : 1;
      if (at + 1 + static_cast<size_t>(64 * width) > content.size()) return true;
      if ((kind & 15) == 0) {
        for (int i = 0; i < 64; ++i)
          table[static_cast<size_t>(i)] =
              static_cast<int>(big_endian(content, at + 1 + static_cast<size_t>(i * width), width));
        found = true;
      }
      at += 1 + static_cast<size_t>(64 * width);
    }
    return true;
  });
  if (!found) return 0;
  int best = 0;
  long best_distance = 0;
  for (int quality = 1; quality <= 100; ++quality) {
    const int scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
    long distance = 0;
    for (size_t i = 0; i < 64; ++i)
      distance += std::abs(std::clamp((kLuminance[i] * scale + 50) / 100, 1, 255) - table[i]);
    if (best == 0 || distance < best_distance) {
      best = quality;
      best_distance = distance;
    }
  }
  return best;
}

namespace {

// The EXIF block of a PNG ("eXIf" chunk) or WebP ("EXIF" chunk): a small TIFF file whose first directory
// has the orientation, tag 0x0112. 1, upright, where there is none.
int exif_orientation(const std::string& bytes) {
  const bool png = is_png(bytes);
  std::string exif;
  for (size_t at = png ? 8 : 12; exif.empty() && at + 8 <= bytes.size();) {
    const auto* p = reinterpret_cast<const unsigned char*>(bytes.data()) + at;
    const auto little = [](const unsigned char* q) {
      return size_t{q[0]} | size_t{q[1]} << 8 | size_t{q[2]} << 16 | size_t{q[3]} << 24;
    };
    const size_t length = png ? static_cast<size_t>(big_endian(bytes, at, 4)) : little(p + 4);
    if (length > bytes.size() - at - 8) break;
    if (bytes.compare(png ? at + 4 : at, 4, png ? "eXIf" : "EXIF") == 0) exif = bytes.substr(at + 8, length);
    at += 8 + length + (png ? 4 : length % 2);
  }
  if (starts_with(exif, std::string("Exif\0\0", 6))) exif.erase(0, 6);
  if (exif.size() < 10 || (exif.compare(0, 2, "II") != 0 && exif.compare(0, 2, "MM") != 0)) return 1;
  const bool swapped = exif[0] == 'M';
  const auto number = [&](size_t at, size_t width) {
    size_t value = 0;
    for (size_t i = 0; i < width; ++i)
      value |= size_t{static_cast<unsigned char>(exif[at + i])} << 8 * (swapped ? width - 1 - i : i);
    return value;
  };
  const size_t directory = number(4, 4);
  if (directory > exif.size() - 2) return 1;
  for (size_t i = 0; i < number(directory, 2) && directory + 14 + 12 * i <= exif.size(); ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (number(entry, 2) == 0x0112 && number(entry + 2, 2) == 3) return static_cast<int>(number(entry + 8, 2));
  }
  return 1;
}

// EXIF orientations 1 to 8; anything else is upright.
cv::Mat turned(const cv::Mat& image, int orientation) {
  if (orientation < 2 || orientation > 8 || image.empty()) return image;
  cv::Mat out = image;
  if (orientation >= 5) cv::transpose(image, out);  // 5 is that; 6 and 8 are turns, 7 is both
  constexpr int kNone = 2;
  const int flips[] = {kNone, 1, -1, 0, kNone, 1, -1, 0};
  if (flips[orientation - 1] != kNone) cv::flip(out, out, flips[orientation - 1]);
  return out;
}

// Whether a JPEG or PNG was cut off. Decoders fill up what is missing without a word.
bool ends_early(const std::string& bytes) {
  if (is_png(bytes)) return bytes.find("IEND", 8) == std::string::npos;
  if (!is_jpeg(bytes)) return false;
  size_t scan = 2;
  visit_jpeg_segments(bytes, [&](int, const std::string& content) {
    scan += content.size() + 4;  // the thumbnail in one of them has an end of its own
    return true;
  });
  return bytes.find("\xff\xd9", scan) == std::string::npos;
}

}  // namespace

Photo read_photo(const fs::path& file) {
  const std::string bytes = read_file_bytes(file);
  check_image_size(file, bytes);
  const cv::Mat buffer(1, static_cast<int>(bytes.size()), CV_8U, const_cast<char*>(bytes.data()));
  cv::Mat image;
  try {
    // Only "unchanged" keeps alpha; it never turns the picture (a TIFF's own orientation tag apart).
    image = cv::imdecode(buffer, is_jpeg(bytes) ? cv::IMREAD_COLOR : cv::IMREAD_UNCHANGED);
    if (image.channels() != 4 && !is_jpeg(bytes))
      image = cv::imdecode(buffer, cv::IMREAD_COLOR | cv::IMREAD_ANYDEPTH | cv::IMREAD_IGNORE_ORIENTATION);
    if (is_png(bytes) || starts_with(bytes, "RIFF")) image = turned(image, exif_orientation(bytes));
  } catch (const cv::Exception& e) {
    refuse(file, e.code == cv::Error::StsNoMem ? "is too large for the memory" : kNotDecoded);
  }
  if (image.empty()) refuse(file, "is not an image that can be read (damaged, or an unknown format)");
  if (static_cast<int64_t>(image.rows) * image.cols > kMaxPixels) {
    refuse(file, "has " + std::to_string(image.cols) + "x" + std::to_string(image.rows) + " pixels; at most " +
                     std::to_string(kMaxPixels / 1'000'000) + " megapixels can be opened");
  }
  if (image.depth() != CV_8U && image.depth() != CV_16U) {  // floating point TIFF and HDR files, 0 to 1
    cv::Mat converted;
    image.convertTo(converted, CV_16U, 65535.0);
    image = converted;
  }
  Photo photo;
  cv::cvtColor(image, photo.pixels, image.channels() == 4 ? cv::COLOR_BGRA2RGBA : cv::COLOR_BGR2RGB);
  photo.jpeg_quality = guess_jpeg_quality(bytes);
  photo.damaged = ends_early(bytes);
  photo.color_profile = is_jpeg(bytes)               ? jpeg_profile(bytes)
                        : is_png(bytes)              ? png_profile(bytes)
                        : is_tiff(bytes)             ? tiff_profile(file)
                        : starts_with(bytes, "RIFF") ? webp_profile(bytes)
                                                     : std::string();
  if (!photo.color_profile.empty() && !is_rgb_profile(photo.color_profile)) photo.color_profile.clear();
  return photo;
}

void write_photo(const fs::path& file, const Photo& photo, const std::string& description) {
  const std::string extension = lower_extension(file);
  const bool jpeg = extension == ".jpg" || extension == ".jpeg", png = extension == ".png",
             tiff = extension == ".tif" || extension == ".tiff";
  if (!jpeg && !png && !tiff && extension != ".webp")
    refuse(file, "has an extension that names no image format (use .png, .jpg, .tif or .webp)");
  cv::Mat pixels = jpeg ? alpha_free(photo.pixels) : photo.pixels;
  if (pixels.depth() == CV_16U && !png && !tiff) {
    cv::Mat reduced;
    pixels.convertTo(reduced, CV_8U, 1.0 / 257);
    pixels = reduced;
  }
  cv::Mat bgr;
  cv::cvtColor(pixels, bgr, pixels.channels() == 4 ? cv::COLOR_RGBA2BGRA : cv::COLOR_RGB2BGR);
  std::vector<unsigned char> encoded;
  try {
    if (!cv::imencode(extension, bgr, encoded, {cv::IMWRITE_JPEG_QUALITY, 95, cv::IMWRITE_PNG_COMPRESSION, 3}))
      refuse(file, "cannot be encoded");
  } catch (const cv::Exception& e) {
    refuse(file, "cannot be encoded (OpenCV: " + e.err + ")");
  }
  std::string bytes(reinterpret_cast<const char*>(encoded.data()), encoded.size());
  encoded = {};
  if (png) bytes = with_png_extras(bytes, photo.color_profile, description);
  if (jpeg) bytes = with_jpeg_extras(bytes, photo.color_profile, description);

  write_file_bytes(file, bytes, [&](const fs::path& temporary) {
    if (tiff) add_tiff_extras(temporary, photo.color_profile, description);
  });
}

std::string read_description(const fs::path& file) {
  std::string bytes;
  try {
    bytes = read_file_bytes(file);
  } catch (const MediaError&) {
    return {};
  }
  std::string text;
  if (is_png(bytes)) {
    visit_png_chunks(bytes, [&](const std::string& type, const std::string& content) {
      const std::string head = kTextKey + std::string("\0\0\0\0\0", 5);
      if (type == "iTXt" && starts_with(content, head)) text = content.substr(head.size());
      return true;
    });
  } else if (is_jpeg(bytes)) {
    visit_jpeg_segments(bytes, [&](int marker, const std::string& content) {
      if (marker == 0xfe && text.size() < kMaxText) text += content;
      return true;
    });
  } else if (is_tiff(bytes)) {
    quiet_tiff();
    if (TIFF* tiff = TIFFOpen(file.c_str(), "r")) {
      char* words = nullptr;
      if (TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &words) == 1) text = words;
      TIFFClose(tiff);
    }
  }
  return text;
}

ColorTransform::ColorTransform(const std::string& profile) {
  if (profile.empty()) return;
  cmsHPROFILE photo = cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size())),
              srgb = cmsCreate_sRGBProfile();
  if (photo != nullptr) {
    const auto make = [](cmsHPROFILE from, cmsUInt32Number in, cmsHPROFILE to, cmsUInt32Number out) {
      return cmsCreateTransform(from, in, to, out, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    };
    to_ = make(photo, TYPE_RGB_FLT, srgb, TYPE_RGB_FLT);
    from_ = make(srgb, TYPE_RGB_FLT, photo, TYPE_RGB_FLT);
    screen_ = make(photo, TYPE_RGB_8, srgb, TYPE_RGB_8);
    if (to_ == nullptr || from_ == nullptr || screen_ == nullptr) *this = ColorTransform(std::string());
    cmsCloseProfile(photo);
  }
  cmsCloseProfile(srgb);
}

ColorTransform::~ColorTransform() {
  for (void* transform : {to_, from_, screen_}) {
    if (transform != nullptr) cmsDeleteTransform(transform);
  }
}

ColorTransform::ColorTransform(ColorTransform&& other) noexcept { *this = std::move(other); }

ColorTransform& ColorTransform::operator=(ColorTransform&& other) noexcept {
  std::swap(to_, other.to_);
  std::swap(from_, other.from_);
  std::swap(screen_, other.screen_);
  return *this;
}

namespace {
// Row bands through a transform, `bytes` of the element type given by the transform itself.
void transform_rows(void* transform, const cv::Mat& from, cv::Mat& to) {
  cv::parallel_for_(cv::Range(0, from.rows), [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y)
      cmsDoTransform(transform, from.ptr(y), to.ptr(y), static_cast<cmsUInt32Number>(from.cols));
  });
}
}  // namespace

cv::Mat ColorTransform::to_srgb(const cv::Mat& pixels) const {
  cv::Mat unit;
  alpha_free(pixels).convertTo(unit, CV_32F, pixels.depth() == CV_16U ? 1.0 / 65535 : 1.0 / 255);
  if (identity()) return unit;
  cv::Mat out(unit.size(), CV_32FC3);
  transform_rows(to_, unit, out);
  return cv::min(cv::max(out, 0.0), 1.0);
}

cv::Mat ColorTransform::from_srgb(const cv::Mat& srgb) const {
  if (identity()) return srgb.clone();
  cv::Mat out(srgb.size(), CV_32FC3);
  transform_rows(from_, srgb, out);
  return cv::min(cv::max(out, 0.0), 1.0);
}

cv::Mat ColorTransform::to_screen(const cv::Mat& pixels) const {
  cv::Mat rgb = alpha_free(pixels);
  if (rgb.depth() == CV_16U) {
    cv::Mat reduced;
    rgb.convertTo(reduced, CV_8U, 1.0 / 257);
    rgb = reduced;
  }
  if (identity()) return rgb;
  cv::Mat out(rgb.size(), CV_8UC3);
  transform_rows(screen_, rgb, out);
  return out;
}

}  // namespace mgdm
