#include "core/media/png_photo.h"

#include <png.h>

#include <csetjmp>
#include <cstring>

#include <lcms2.h>

#include <array>
#include <cmath>
#include <memory>

#include "core/media/photo_format.h"

namespace mgdm {

namespace {

// What outlives libpng's jump out of an error.
struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const std::string& bytes;
  size_t at = 0;
  cv::Mat pixels;
  std::vector<png_bytep> rows;
  int passes = 1, pass = 0, row = 0;
  bool started = false, damaged = false;
  char words[128] = {};

  explicit PngReader(const std::string& b) : bytes(b) {
    png = png_create_read_struct(
        PNG_LIBPNG_VER_STRING, this,
        [](png_structp p, png_const_charp what) {
          auto* reader = static_cast<PngReader*>(png_get_error_ptr(p));
          std::strncpy(reader->words, what, sizeof reader->words - 1);
          longjmp(png_jmpbuf(p), 1);
        },
        [](png_structp p, png_const_charp what) {
          // Others are about profiles and texts, which are read elsewhere.
          if (std::strstr(what, "CRC") != nullptr || std::strstr(what, "IDAT") != nullptr)
            static_cast<PngReader*>(png_get_error_ptr(p))->damaged = true;
        });
    if (png != nullptr) info = png_create_info_struct(png);
  }
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  bool header() {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    png_set_read_fn(png, this, [](png_structp p, png_bytep to, size_t count) {
      auto* reader = static_cast<PngReader*>(png_get_io_ptr(p));
      if (count > reader->bytes.size() - reader->at) png_error(p, "the file ends early");
      std::memcpy(to, reader->bytes.data() + reader->at, count);
      reader->at += count;
    });
    png_set_crc_action(png, PNG_CRC_WARN_USE, PNG_CRC_WARN_DISCARD);
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_chunk_malloc_max(png, 64U << 20);
    // Profiles and texts are taken from the chunks themselves; libpng drops some of them.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, 0);
    png_read_info(png, info);
    return true;
  }

  void prepare() {
    if (setjmp(png_jmpbuf(png)) != 0) return;
    png_set_expand(png);  // palette to RGB, 1 to 4 bit to 8, a transparent colour to alpha
    png_set_swap(png);    // 16 bit as this machine has them
    passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    started = true;
  }

  bool read() {
    if (setjmp(png_jmpbuf(png)) != 0) return false;
    for (; pass < passes; ++pass) {
      for (row = 0; row < pixels.rows; ++row) png_read_row(png, pixels.ptr(row), nullptr);
    }
    png_read_end(png, nullptr);
    return true;
  }
};

// What the chunks gAMA and cHRM say of the colours, where no profile and no sRGB chunk says more. Numbers that are
// those of sRGB, as many programs write them, are none.
struct PngColors {
  double gamma = 0;                        // of the display: value ^ gamma is light; 0: not said
  std::array<double, 8> whitepoint_rgb{};  // x and y of white, red, green, blue
  bool primaries = false;                  // those are said
};

PngColors png_colors(const PngReader& reader) {
  PngColors said;
  if (png_get_valid(reader.png, reader.info, PNG_INFO_iCCP | PNG_INFO_sRGB) != 0) return said;
  double file_gamma = 0;
  if (png_get_gAMA(reader.png, reader.info, &file_gamma) != 0 && file_gamma > 0.01 && file_gamma < 100)
    said.gamma = 1 / file_gamma;
  auto& p = said.whitepoint_rgb;
  constexpr std::array<double, 8> kSrgb{0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06};
  if (png_get_cHRM(reader.png, reader.info, &p[0], &p[1], &p[2], &p[3], &p[4], &p[5], &p[6], &p[7]) != 0) {
    for (size_t i = 0; i < p.size(); ++i) said.primaries = said.primaries || std::abs(p[i] - kSrgb[i]) > 0.002;
  }
  if (std::abs(said.gamma - 2.2) < 0.11) said.gamma = 0;  // libpng's own threshold, 5 %: its curve is not told exactly
  if (!said.primaries) p = kSrgb;
  return said;
}

// An ICC profile that says the same; empty: there is nothing to say, or it makes no sense.
std::string png_colors_as_profile(const PngColors& said, bool grey) {
  if (said.gamma <= 0 && (grey || !said.primaries)) return {};
  const auto& p = said.whitepoint_rgb;
  const cmsCIExyY white{p[0], p[1], 1};
  const cmsCIExyYTRIPLE primaries{{p[2], p[3], 1}, {p[4], p[5], 1}, {p[6], p[7], 1}};
  constexpr cmsFloat64Number kSrgbCurve[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
  cmsToneCurve* curve =
      said.gamma > 0 ? cmsBuildGamma(nullptr, said.gamma) : cmsBuildParametricToneCurve(nullptr, 4, kSrgbCurve);
  if (curve == nullptr) return {};
  cmsToneCurve* curves[] = {curve, curve, curve};
  const std::unique_ptr<void, decltype(&cmsCloseProfile)> profile(
      grey ? cmsCreateGrayProfile(&white, curve) : cmsCreateRGBProfile(&white, &primaries, curves), cmsCloseProfile);
  cmsFreeToneCurve(curve);
  cmsUInt32Number size = 0;
  if (profile == nullptr || cmsSaveProfileToMem(profile.get(), nullptr, &size) == 0) return {};
  std::string bytes(size, '\0');
  if (cmsSaveProfileToMem(profile.get(), bytes.data(), &size) == 0) return {};
  // The time at which it was made would make every reading another file.
  constexpr size_t kDate = 24;
  return bytes.replace(kDate, 12, std::string("\x07\xd0\0\1\0\1\0\0\0\0\0\0", 12));
}

}  // namespace

DecodedPhoto decode_png(const std::filesystem::path& file, const std::string& bytes) {
  PngReader reader(bytes);
  if (reader.png == nullptr || reader.info == nullptr) refuse_photo(file, "is too large for the memory");
  if (!reader.header()) refuse_photo(file, std::string("is a damaged PNG (") + reader.words + ")");
  check_photo_size(file, png_get_image_width(reader.png, reader.info), png_get_image_height(reader.png, reader.info));
  reader.prepare();
  if (!reader.started) refuse_photo(file, std::string("is a damaged PNG (") + reader.words + ")");
  DecodedPhoto photo;
  const int channels = png_get_channels(reader.png, reader.info),
            depth = png_get_bit_depth(reader.png, reader.info) == 16 ? CV_16U : CV_8U;
  photo.colors = channels < 3 ? PhotoColors::Grey : PhotoColors::Rgb;
  photo.alpha = channels == 2 || channels == 4;
  photo.profile = png_colors_as_profile(png_colors(reader), photo.colors == PhotoColors::Grey);
  reader.pixels.create(static_cast<int>(png_get_image_height(reader.png, reader.info)),
                       static_cast<int>(png_get_image_width(reader.png, reader.info)), CV_MAKETYPE(depth, channels));
  reader.pixels.setTo(cv::Scalar::all(depth == CV_16U ? kMissing * 257 : kMissing));
  if (photo.alpha) {
    // What is missing is no hole.
    cv::Mat opaque(reader.pixels.size(), depth, cv::Scalar(depth == CV_16U ? 65535 : 255));
    const int to[] = {0, channels - 1};
    cv::mixChannels(&opaque, 1, &reader.pixels, 1, to, 1);
  }
  photo.pixels = reader.pixels;
  const bool whole = reader.read();
  photo.damaged = !whole || reader.damaged;
  if (!whole && reader.pass == 0 && reader.passes == 1 && reader.row < photo.pixels.rows)
    photo.notes.push_back(missing_rows(reader.row, photo.pixels.rows));
  else if (photo.damaged)
    photo.notes.emplace_back("the file is damaged or cut off: some of the picture is wrong or coarse");
  return photo;
}

}  // namespace mgdm
