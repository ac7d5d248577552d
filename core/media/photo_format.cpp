#include "core/media/photo_format.h"

#include <array>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "core/errors.h"

namespace mgdm {

namespace {

bool has_at(const std::string& bytes, size_t at, std::string_view what) {
  return bytes.size() >= at && bytes.compare(at, what.size(), what) == 0;
}

// The four letters after "ftyp" of an ISO media file, and those it says it is compatible with.
std::string media_brands(const std::string& bytes) {
  if (!has_at(bytes, 4, "ftyp")) return {};
  return bytes.substr(8, std::min<uint64_t>(big_number(bytes, 0, 4), 128) - std::min<uint64_t>(8, bytes.size()));
}

bool is_heif(const std::string& bytes) {
  const std::string brands = media_brands(bytes);
  if (brands.compare(0, 4, "crx ") == 0) return false;
  for (const char* brand : {"heic", "heix", "heim", "heis", "hevc", "mif1", "msf1", "avif", "avis"}) {
    if (brands.find(brand) != std::string::npos) return true;
  }
  return false;
}

bool is_simple(const std::string& bytes) {
  if (has_at(bytes, 0, "BM") || has_at(bytes, 0, "#?RADIANCE") || has_at(bytes, 0, "#?RGBE") ||
      has_at(bytes, 0, "\x59\xa6\x6a\x95") || has_at(bytes, 0, std::string_view("\0\0\0\x0cjP  ", 8)) ||
      has_at(bytes, 0, "\xff\x4f\xff\x51") || has_at(bytes, 0, "\x76\x2f\x31\x01"))
    return true;
  return bytes.size() > 2 && bytes[0] == 'P' && bytes[1] >= '1' && bytes[1] <= '7' &&
         std::isspace(static_cast<unsigned char>(bytes[2])) != 0;
}

int clamped(uint64_t side) { return static_cast<int>(std::min<uint64_t>(side, INT_MAX)); }

// "WIDTH 640\nHEIGHT 480\n" in the header of a PAM.
cv::Size pam_size(const std::string& bytes) {
  const std::string header = bytes.substr(0, std::min<size_t>(bytes.find("ENDHDR"), 4096));
  const auto side = [&](const char* name) {
    const size_t at = header.find(std::string("\n") + name);
    return at == std::string::npos ? 0
                                   : clamped(std::strtoull(header.c_str() + at + 1 + std::strlen(name), nullptr, 10));
  };
  return {side("WIDTH"), side("HEIGHT")};
}

// "P6 # a comment\n 640 480": two numbers after the letters.
cv::Size pnm_size(const std::string& bytes) {
  std::array<int64_t, 2> sides{};
  size_t at = 2;
  for (int64_t& side : sides) {
    while (at < bytes.size() && (std::isspace(static_cast<unsigned char>(bytes[at])) != 0 || bytes[at] == '#')) {
      if (bytes[at] == '#') at = std::min(bytes.find('\n', at), bytes.size() - 1);
      ++at;
    }
    while (at < bytes.size() && bytes[at] >= '0' && bytes[at] <= '9' && side < INT_MAX / 16)
      side = side * 10 + (bytes[at++] - '0');
  }
  return {static_cast<int>(sides[0]), static_cast<int>(sides[1])};
}

cv::Size jpeg_size(const std::string& bytes) {
  for (size_t at = 2; at + 9 < bytes.size() && static_cast<unsigned char>(bytes[at]) == 0xff;) {
    const uint64_t marker = big_number(bytes, at + 1, 1);
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      return {static_cast<int>(big_number(bytes, at + 7, 2)), static_cast<int>(big_number(bytes, at + 5, 2))};
    at += marker == 0xff ? 1 : 2 + big_number(bytes, at + 2, 2);
  }
  return {};
}

cv::Size webp_size(const std::string& bytes) {
  if (has_at(bytes, 12, "VP8X"))
    return {clamped(little_number(bytes, 24, 3) + 1), clamped(little_number(bytes, 27, 3) + 1)};
  if (has_at(bytes, 12, "VP8L")) {
    const uint64_t bits = little_number(bytes, 21, 4);
    return {clamped((bits & 0x3fff) + 1), clamped((bits >> 14 & 0x3fff) + 1)};
  }
  return {clamped(little_number(bytes, 26, 2) & 0x3fff), clamped(little_number(bytes, 28, 2) & 0x3fff)};
}

cv::Size simple_size(const std::string& bytes) {
  if (has_at(bytes, 0, "BM")) {
    if (little_number(bytes, 14, 4) == 12)
      return {clamped(little_number(bytes, 18, 2)), clamped(little_number(bytes, 20, 2))};
    const auto side = [&](size_t at) {
      return clamped(static_cast<uint64_t>(std::llabs(static_cast<int32_t>(little_number(bytes, at, 4)))));
    };
    return {side(18), side(22)};
  }
  if (bytes[0] == 'P') return bytes[1] == '7' ? pam_size(bytes) : pnm_size(bytes);
  if (has_at(bytes, 0, "\x59\xa6")) return {clamped(big_number(bytes, 4, 4)), clamped(big_number(bytes, 8, 4))};
  if (has_at(bytes, 0, "\xff\x4f")) return {clamped(big_number(bytes, 8, 4)), clamped(big_number(bytes, 12, 4))};
  if (const size_t box = bytes.substr(0, 4096).find("ihdr"); has_at(bytes, 4, "jP") && box != std::string::npos)
    return {clamped(big_number(bytes, box + 8, 4)), clamped(big_number(bytes, box + 4, 4))};
  if (has_at(bytes, 0, "#?")) {
    const size_t line = bytes.substr(0, 65536).find("\n\n");
    int height = 0, width = 0;
    if (line != std::string::npos &&
        std::sscanf(bytes.substr(line + 2, 64).c_str(), "%*[-+]Y %9d %*[-+]X %9d", &height, &width) == 2)
      return {width, height};
  }
  return {};
}

}  // namespace

uint64_t big_number(const std::string& bytes, size_t at, int count) {
  uint64_t value = 0;
  for (size_t i = at; i < at + static_cast<size_t>(count); ++i)
    value = value << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  return value;
}

uint64_t little_number(const std::string& bytes, size_t at, int count) {
  uint64_t value = 0;
  for (size_t i = at + static_cast<size_t>(count); i-- > at;)
    value = value << 8 | (i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0U);
  return value;
}

PhotoFormat photo_format(const std::string& bytes) {
  if (has_at(bytes, 0, "\xff\xd8\xff")) return PhotoFormat::Jpeg;
  if (has_at(bytes, 0, "\x89PNG\r\n\x1a\n")) return PhotoFormat::Png;
  if (has_at(bytes, 0, "RIFF") && has_at(bytes, 8, "WEBP")) return PhotoFormat::Webp;
  if (!foreign_format(bytes).empty()) return PhotoFormat::Foreign;
  for (const std::string_view start : {std::string_view("II*\0", 4), std::string_view("MM\0*", 4),
                                       std::string_view("II+\0", 4), std::string_view("MM\0+", 4)}) {
    if (has_at(bytes, 0, start)) return PhotoFormat::Tiff;
  }
  if (is_heif(bytes)) return PhotoFormat::Heif;
  return is_simple(bytes) ? PhotoFormat::Simple : PhotoFormat::Unknown;
}

std::string foreign_format(const std::string& bytes) {
  struct Known {
    size_t at;
    std::string_view start;
    const char* name;
    const char* advice;
  };
  static constexpr const char *kRaw = "develop it and export it as TIFF or JPEG", *kExport = "export it as PNG or TIFF",
                              *kStill = "save one of its pictures as PNG", *kPage = "export its page as PNG",
                              *kVideo = "save one of its pictures as PNG";
  static const Known kKnown[] = {
      {0, "GIF8", "a GIF", kStill},
      {0, "8BPS", "a Photoshop file", kExport},
      {0, "gimp xcf", "a GIMP file", kExport},
      {0, "%PDF", "a PDF", kPage},
      {0, "%!PS", "a PostScript file", kPage},
      {0, "<svg", "an SVG drawing", kExport},
      {0, "<?xml", "an XML or SVG file", kExport},
      {0, "<!DOCTYPE", "a web page", "save the picture itself"},
      {0, "<html", "a web page", "save the picture itself"},
      {0, std::string_view("\0\0\1\0", 4), "an icon", kExport},
      {0, "\xff\x0a", "a JPEG XL photo", kExport},
      {0, std::string_view("\0\0\0\x0cJXL ", 8), "a JPEG XL photo", kExport},
      {8, "CR\2", "a camera's raw photo (Canon CR2)", kRaw},
      {4, "ftypcrx ", "a camera's raw photo (Canon CR3)", kRaw},
      {0, "FUJIFILMCCD-RAW", "a camera's raw photo (Fujifilm RAF)", kRaw},
      {0, "IIRO", "a camera's raw photo (Olympus ORF)", kRaw},
      {0, "IIRS", "a camera's raw photo (Olympus ORF)", kRaw},
      {0, std::string_view("IIU\0", 4), "a camera's raw photo (Panasonic RW2)", kRaw},
      {0, "FOVb", "a camera's raw photo (Sigma X3F)", kRaw},
      {4, "ftypisom", "a video", kVideo},
      {4, "ftypmp4", "a video", kVideo},
      {4, "ftypqt  ", "a video", kVideo},
      {0, "\x1a\x45\xdf\xa3", "a video", kVideo},
      {0, "PK\3\4", "a ZIP archive", "unpack it first"},
      {0, "version https://git-lfs", "a Git LFS pointer and not the file itself", "fetch it with git lfs pull"},
  };
  for (const Known& k : kKnown) {
    if (has_at(bytes, k.at, k.start)) return std::string(k.name) + "; " + k.advice;
  }
  return {};
}

cv::Size size_in_header(const std::string& bytes) {
  switch (photo_format(bytes)) {
    case PhotoFormat::Jpeg:
      return jpeg_size(bytes);
    case PhotoFormat::Png:
      return {clamped(big_number(bytes, 16, 4)), clamped(big_number(bytes, 20, 4))};
    case PhotoFormat::Webp:
      return webp_size(bytes);
    case PhotoFormat::Simple:
      return simple_size(bytes);
    default:
      return {};
  }
}

void check_photo_size(const std::filesystem::path& file, uint64_t width, uint64_t height) {
  if (width == 0 || height == 0 || height <= static_cast<uint64_t>(kMaxPixels) / width) return;
  refuse_photo(file, "has " + std::to_string(width) + "x" + std::to_string(height) + " pixels; at most " +
                         std::to_string(kMaxPixels / 1'000'000) + " megapixels can be opened");
}

void refuse_photo(const std::filesystem::path& file, const std::string& what) {
  throw MediaError(file.string() + ": " + what);
}

}  // namespace mgdm
