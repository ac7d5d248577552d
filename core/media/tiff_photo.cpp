#include "core/media/tiff_photo.h"

#include <algorithm>
#include <cstring>
#include <opencv2/imgproc.hpp>

#include "core/media/exif.h"
#include "core/media/photo_format.h"
#include "core/media/tiff_memory.h"

namespace mgdm {

namespace {

constexpr uint32_t kMaxBlob = 64U << 20;
constexpr uint32_t kCfa = 32803, kLinearRaw = 34892, kDngVersion = 50706;

template <typename T>
T tiff_field(TIFF* tiff, uint32_t tag, T otherwise) {
  T value{};
  return TIFFGetFieldDefaulted(tiff, tag, &value) == 1 ? value : otherwise;
}

struct TiffPage {
  tdir_t index = 0, pages = 0;
  uint32_t width = 0, height = 0;
};

// The largest page, which is left as the current one.
TiffPage to_largest_page(TIFF* tiff) {
  TiffPage largest;
  tdir_t index = 0;
  constexpr tdir_t kMostPages = 4096;
  do {
    const auto width = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0),
               height = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
    if (uint64_t{width} * height > uint64_t{largest.width} * largest.height)
      largest = {index, largest.pages, width, height};
    ++largest.pages;
    ++index;
  } while (index < kMostPages && TIFFReadDirectory(tiff) == 1);
  if (largest.width > 0 && TIFFSetDirectory(tiff, largest.index) != 1) largest.width = 0;
  return largest;
}

/// How the samples of a page lie in the file.
struct TiffLayout {
  uint32_t width = 0, height = 0;
  int samples = 1, bits = 8, photometric = 0, format = SAMPLEFORMAT_UINT, compression = 0;
  bool separate = false, tiled = false;
  int elem = 0;  ///< OpenCV depth of what is made of a sample
};

TiffLayout layout_of(TIFF* tiff) {
  TiffLayout l;
  l.width = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGEWIDTH, 0);
  l.height = tiff_field<uint32_t>(tiff, TIFFTAG_IMAGELENGTH, 0);
  l.samples = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLESPERPIXEL, 1);
  l.bits = tiff_field<uint16_t>(tiff, TIFFTAG_BITSPERSAMPLE, 1);
  l.format = tiff_field<uint16_t>(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT);
  l.compression = tiff_field<uint16_t>(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  l.photometric =
      tiff_field<uint16_t>(tiff, TIFFTAG_PHOTOMETRIC, l.samples >= 3 ? PHOTOMETRIC_RGB : PHOTOMETRIC_MINISBLACK);
  l.separate =
      tiff_field<uint16_t>(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE && l.samples > 1;
  l.tiled = TIFFIsTiled(tiff) != 0;
  l.elem = l.format == SAMPLEFORMAT_IEEEFP || l.bits > 16 ? CV_32F : l.bits > 8 ? CV_16U : CV_8U;
  return l;
}

// What is known of the page says whether it is a photo that is read here.
void check_tiff(const std::filesystem::path& file, TIFF* tiff, const TiffLayout& l) {
  uint16_t count = 0;
  const uint8_t* version = nullptr;
  if (l.photometric == static_cast<int>(kCfa) || l.photometric == static_cast<int>(kLinearRaw) ||
      TIFFGetField(tiff, kDngVersion, &count, &version) == 1)
    refuse_photo(file, "is a camera's raw photo (a kind of TIFF); develop it and export it as TIFF or JPEG");
  check_photo_size(file, l.width, l.height);
  if (TIFFIsCODECConfigured(static_cast<uint16_t>(l.compression)) == 0) {
    const TIFFCodec* codec = TIFFFindCODEC(static_cast<uint16_t>(l.compression));
    refuse_photo(file, "is a TIFF packed by a method that cannot be read (" +
                           (codec != nullptr ? std::string(codec->name) : "number " + std::to_string(l.compression)) +
                           "); save it uncompressed");
  }
  if (l.photometric == PHOTOMETRIC_LOGL || l.photometric == PHOTOMETRIC_LOGLUV)
    refuse_photo(file, "is a Log-Luv TIFF; export it as a 16-bit TIFF");
  const bool whole = l.format == SAMPLEFORMAT_UINT || l.format == SAMPLEFORMAT_VOID,
             real = l.format == SAMPLEFORMAT_IEEEFP;
  if (!(whole && (l.bits <= 16 || l.bits == 32)) && !(real && (l.bits == 16 || l.bits == 32 || l.bits == 64)))
    refuse_photo(file, "is a TIFF of " + std::to_string(l.bits) + "-bit " +
                           (real    ? "floating point"
                            : whole ? ""
                                    : "signed or complex ") +
                           " numbers; export it with 16 bit");
  if (l.samples < 1 || l.samples > 64)
    refuse_photo(file, "is a damaged TIFF (" + std::to_string(l.samples) + " channels)");
}

// One row of packed samples to 8, 16 or float.
void unpack_row(const uint8_t* from, cv::Mat& to, int y, int first, int count, int step, const TiffLayout& l,
                bool palette) {
  const auto put = [&](auto* row, const auto& value_of) {
    for (int i = 0; i < count; ++i)
      row[static_cast<size_t>(first) + static_cast<size_t>(i) * static_cast<size_t>(step)] = value_of(i);
  };
  const auto as = [from](auto type, int i) {
    std::memcpy(&type, from + sizeof type * static_cast<size_t>(i), sizeof type);
    return type;
  };
  if (l.elem == CV_32F) {
    float* row = to.ptr<float>(y);
    if (l.format != SAMPLEFORMAT_IEEEFP)
      put(row, [&](int i) { return static_cast<float>(as(uint32_t{}, i) / 4294967295.0); });
    else if (l.bits == 16)
      put(row, [&](int i) { return static_cast<float>(as(cv::float16_t{}, i)); });
    else if (l.bits == 64)
      put(row, [&](int i) { return static_cast<float>(as(double{}, i)); });
    else
      put(row, [&](int i) { return as(float{}, i); });
  } else if (l.bits == 8) {
    put(to.ptr<uint8_t>(y), [&](int i) { return from[i]; });
  } else if (l.bits == 16) {
    put(to.ptr<uint16_t>(y), [&](int i) { return as(uint16_t{}, i); });
  } else {
    // 1 to 15 bit, the highest first; spread over the whole range, but for the numbers of a palette.
    const uint32_t top = (1U << l.bits) - 1, range = l.bits > 8 ? 65535 : 255;
    const auto value = [&](int i) {
      uint32_t v = 0;
      for (int64_t bit = int64_t{i} * l.bits; bit < (int64_t{i} + 1) * l.bits; ++bit)
        v = v << 1 | (from[bit / 8] >> (7 - bit % 8) & 1U);
      return palette ? v : (v * range + top / 2) / top;
    };
    if (l.elem == CV_16U)
      put(to.ptr<uint16_t>(y), [&](int i) { return static_cast<uint16_t>(value(i)); });
    else
      put(to.ptr<uint8_t>(y), [&](int i) { return static_cast<uint8_t>(value(i)); });
  }
}

struct ReadBlocks {
  int good = 0, missing = 0;
  int row = 0;  ///< the first that is missing
};

// All strips or tiles into `pixels` (interleaved).
ReadBlocks read_blocks(TIFF* tiff, const TiffLayout& l, cv::Mat& pixels) {
  uint32_t block_width = l.width, block_height = 0;
  if (l.tiled) {
    block_width = tiff_field<uint32_t>(tiff, TIFFTAG_TILEWIDTH, 0);
    block_height = tiff_field<uint32_t>(tiff, TIFFTAG_TILELENGTH, 0);
  } else {
    block_height = std::min(tiff_field<uint32_t>(tiff, TIFFTAG_ROWSPERSTRIP, l.height), l.height);
  }
  const int planes = l.separate ? l.samples : 1, step = pixels.channels(), in_block = l.separate ? 1 : l.samples;
  const tmsize_t row_bytes = l.tiled ? TIFFTileRowSize(tiff) : TIFFScanlineSize(tiff),
                 size = l.tiled ? TIFFTileSize(tiff) : TIFFStripSize(tiff);
  const bool palette = l.photometric == PHOTOMETRIC_PALETTE;
  ReadBlocks read{0, 0, static_cast<int>(l.height)};
  const int64_t needed = (int64_t{block_width} * in_block * l.bits + 7) / 8;
  // A block that is far larger than the picture, or rows that are shorter than their samples: a made-up header.
  if (block_width == 0 || block_height == 0 || size <= 0 || row_bytes < needed ||
      row_bytes * int64_t{block_height} > size || size > (int64_t{1} << 31))
    return {0, 1, 0};
  std::vector<uint8_t> block(static_cast<size_t>(size));
  cv::Mat line(1, static_cast<int>(block_width) * in_block, CV_MAKETYPE(l.elem, 1));
  for (int plane = 0; plane < planes; ++plane) {
    for (uint32_t y = 0; y < l.height; y += block_height) {
      for (uint32_t x = 0; x < l.width; x += block_width) {
        const tmsize_t got =
            l.tiled ? TIFFReadEncodedTile(tiff, TIFFComputeTile(tiff, x, y, 0, static_cast<uint16_t>(plane)),
                                          block.data(), size)
                    : TIFFReadEncodedStrip(tiff, TIFFComputeStrip(tiff, y, static_cast<uint16_t>(plane)), block.data(),
                                           size);
        const auto rows = static_cast<int>(std::min(block_height, l.height - y));
        const int good = got < 0 ? 0 : static_cast<int>(std::min<tmsize_t>(rows, got / row_bytes));
        ++(good < rows ? read.missing : read.good);
        if (good < rows) read.row = std::min(read.row, static_cast<int>(y) + good);
        const int columns = static_cast<int>(std::min(block_width, l.width - x));
        for (int r = 0; r < good; ++r) {
          const uint8_t* from = block.data() + r * row_bytes;
          unpack_row(from, line, 0, 0, columns * in_block, 1, l, palette);
          const size_t bytes = line.elemSize1();
          uint8_t* to = pixels.ptr(static_cast<int>(y) + r) + static_cast<size_t>(x) * pixels.elemSize();
          if (!l.separate && step == l.samples) {
            std::memcpy(to, line.data, static_cast<size_t>(columns) * pixels.elemSize());
            continue;
          }
          for (int i = 0; i < columns; ++i) {
            for (int c = 0; c < in_block; ++c) {
              const int channel = l.separate ? plane : c;
              if (channel < step)
                std::memcpy(to + static_cast<size_t>(i) * pixels.elemSize() + static_cast<size_t>(channel) * bytes,
                            line.data + static_cast<size_t>(i * in_block + c) * bytes, bytes);
            }
          }
        }
      }
    }
  }
  return read;
}

cv::Mat from_palette(const std::filesystem::path& file, TIFF* tiff, const cv::Mat& numbers, int bits) {
  uint16_t *red = nullptr, *green = nullptr, *blue = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue) != 1 || bits > 8)
    refuse_photo(file, "is a TIFF with a palette that is missing or too large");
  const int colors = 1 << bits;
  // Some programs write the palette with 8 bit.
  const auto small = [&](const uint16_t* map) {
    return std::all_of(map, map + colors, [](uint16_t v) { return v < 256; });
  };
  const int shift = small(red) && small(green) && small(blue) ? 0 : 8;
  cv::Mat out(numbers.size(), CV_8UC3);
  for (int y = 0; y < out.rows; ++y) {
    for (int x = 0; x < out.cols; ++x) {
      const uint8_t n = numbers.ptr(y)[x * numbers.channels()];
      out.at<cv::Vec3b>(y, x) = {static_cast<uint8_t>(red[n] >> shift), static_cast<uint8_t>(green[n] >> shift),
                                 static_cast<uint8_t>(blue[n] >> shift)};
    }
  }
  return out;
}

// Alpha is divided out where it was multiplied in.
void divide_alpha(cv::Mat& pixels) {
  const double top = pixels.depth() == CV_16U ? 65535 : pixels.depth() == CV_8U ? 255 : 1;
  cv::Mat real;
  pixels.convertTo(real, CV_32F);
  const int channels = pixels.channels();
  for (int y = 0; y < real.rows; ++y) {
    float* p = real.ptr<float>(y);
    for (int x = 0; x < real.cols; ++x, p += channels) {
      const float a = p[channels - 1];
      for (int c = 0; c + 1 < channels && a > 0; ++c)
        p[c] = std::min(static_cast<float>(p[c] * top / a), static_cast<float>(top));
    }
  }
  real.convertTo(pixels, pixels.depth());
}

// L*a*b* as lcms takes it, from the file's numbers.
cv::Mat real_lab(const cv::Mat& pixels, int photometric) {
  cv::Mat lab;
  pixels.convertTo(lab, CV_32F);
  const bool deep = pixels.depth() == CV_16U, icc = photometric == PHOTOMETRIC_ICCLAB;
  const float top = deep ? 65535.0f : 255.0f, unit = deep ? 256.0f : 1.0f, middle = 128;
  const int channels = lab.channels();
  for (int y = 0; y < lab.rows; ++y) {
    float* p = lab.ptr<float>(y);
    for (int x = 0; x < lab.cols; ++x, p += channels) {
      p[0] *= 100 / top;
      for (int c = 1; c < 3; ++c) {
        const float v = p[c] / unit;
        p[c] = icc ? v - middle : v >= middle ? v - 256 : v;  // CIELAB has them signed
      }
    }
  }
  return lab;
}

// Colour difference in any sampling: libtiff's own way to RGB, or the JPEG codec's.
bool read_by_libtiff(TIFF* tiff, const TiffLayout& l, DecodedPhoto& photo) {
  cv::Mat abgr(static_cast<int>(l.height), static_cast<int>(l.width), CV_8UC4);
  const int done = TIFFReadRGBAImageOriented(tiff, l.width, l.height, abgr.ptr<uint32_t>(), ORIENTATION_TOPLEFT, 1);
  photo.orientation = 1;  // done by libtiff
  cv::cvtColor(abgr, photo.pixels, cv::COLOR_RGBA2RGB);
  return done == 1;
}

// Grey, RGB, CMYK or Lab, and the channel that is transparency.
void interpret(const std::filesystem::path& file, TIFF* tiff, const TiffLayout& l, DecodedPhoto& photo) {
  int colors = 3;
  switch (l.photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
    case PHOTOMETRIC_MASK:
      photo.colors = PhotoColors::Grey;
      colors = 1;
      break;
    case PHOTOMETRIC_SEPARATED:
      photo.colors = PhotoColors::Cmyk;
      colors = 4;
      break;
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
      photo.colors = PhotoColors::Lab;
      break;
    case PHOTOMETRIC_RGB:
      break;
    default:
      refuse_photo(file,
                   "is a TIFF in a colour space that cannot be read (number " + std::to_string(l.photometric) + ")");
  }
  if (l.samples < colors || (photo.colors == PhotoColors::Lab && (l.samples == 2 || l.elem == CV_32F)))
    refuse_photo(file, "is a TIFF with " + std::to_string(l.samples) + " channels in a colour space of " +
                           std::to_string(colors));
  if (photo.colors == PhotoColors::Cmyk && tiff_field<uint16_t>(tiff, TIFFTAG_INKSET, INKSET_CMYK) != INKSET_CMYK)
    refuse_photo(file, "is a TIFF in inks other than CMYK; export it as RGB");
  uint16_t count = 0;
  const uint16_t* kinds = nullptr;
  bool associated = false;
  if (l.samples > colors) {
    if (TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) == 1 && count > 0) {
      photo.alpha = kinds[0] == EXTRASAMPLE_ASSOCALPHA || kinds[0] == EXTRASAMPLE_UNASSALPHA;
      associated = kinds[0] == EXTRASAMPLE_ASSOCALPHA;
    }
    if (!photo.alpha) photo.notes.emplace_back("channels beside the colours were left out");
  }
  // The kept channels, in front.
  const int kept = colors + (photo.alpha ? 1 : 0);
  cv::Mat pixels(static_cast<int>(l.height), static_cast<int>(l.width), CV_MAKETYPE(l.elem, kept));
  // As one channel, since a scalar has four at most and CMYK with alpha five.
  pixels.reshape(1).setTo(l.elem == CV_32F ? 0.5 : l.elem == CV_16U ? kMissing * 257 : kMissing);
  const ReadBlocks read = read_blocks(tiff, l, pixels);
  if (read.good == 0 && read.row == 0) refuse_photo(file, "is a damaged TIFF: the picture's data are missing");
  if (read.missing > 0) {
    photo.damaged = true;
    photo.notes.push_back("the file is damaged or cut off: " + std::to_string(read.missing) +
                          " of its pieces are missing, from row " + std::to_string(read.row) + " of " +
                          std::to_string(l.height) + " on");
  }
  if (l.photometric == PHOTOMETRIC_MINISWHITE) {
    std::vector<cv::Mat> planes;
    cv::split(pixels, planes);
    cv::subtract(cv::Scalar::all(l.elem == CV_32F ? 1 : l.elem == CV_16U ? 65535 : 255), planes[0], planes[0]);
    cv::merge(planes, pixels);
  }
  if (associated && photo.colors != PhotoColors::Lab) divide_alpha(pixels);
  if (l.photometric == PHOTOMETRIC_PALETTE) {
    pixels = from_palette(file, tiff, pixels, l.bits);
    photo.colors = PhotoColors::Rgb;
    photo.alpha = false;
  }
  if (photo.colors == PhotoColors::Lab) pixels = real_lab(pixels, l.photometric);
  photo.pixels = pixels;
}

std::string blob(TIFF* tiff, uint32_t tag) {
  uint32_t count = 0;
  const void* data = nullptr;
  if (TIFFGetField(tiff, tag, &count, &data) != 1 || data == nullptr || count > kMaxBlob) return {};
  return {static_cast<const char*>(data), count};
}

void set_blob(TIFF* tiff, uint32_t tag, const std::string& bytes, uint32_t unit = 1) {
  if (!bytes.empty()) TIFFSetField(tiff, tag, static_cast<uint32_t>(bytes.size() / unit), bytes.data());
}

void set_extras(TIFF* tiff, const TiffExtras& extras, const ExifTags& tags, uint64_t exif_at, uint64_t gps_at) {
  set_blob(tiff, TIFFTAG_ICCPROFILE, extras.profile);
  set_blob(tiff, TIFFTAG_XMLPACKET, extras.xmp);
  // LONG in older libtiffs, bytes in newer ones.
  const bool longs = TIFFFieldDataType(TIFFFieldWithTag(tiff, TIFFTAG_RICHTIFFIPTC)) == TIFF_LONG;
  const std::string padding(longs ? (4 - extras.iptc.size() % 4) % 4 : 0, '\0');
  set_blob(tiff, TIFFTAG_RICHTIFFIPTC, extras.iptc.empty() ? std::string() : extras.iptc + padding, longs ? 4 : 1);
  for (const auto& [tag, value] : tags.photo) {
    if (value.type == TIFF_ASCII && value.bytes.find('\0') != std::string::npos)
      TIFFSetField(tiff, static_cast<uint32_t>(tag), value.bytes.c_str());
  }
  if (!extras.description.empty()) TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, extras.description.c_str());
  if (extras.dpi_x > 0 && extras.dpi_y > 0) {
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH);
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, extras.dpi_x);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, extras.dpi_y);
  }
  if (!tags.exif.empty()) TIFFSetField(tiff, TIFFTAG_EXIFIFD, exif_at);
  if (!tags.gps.empty()) TIFFSetField(tiff, TIFFTAG_GPSIFD, gps_at);
}

}  // namespace

std::string encode_tiff(const std::filesystem::path& file, const cv::Mat& pixels, const TiffExtras& extras) {
  const ExifTags tags = exif_tags(extras.exif);
  constexpr uint64_t kHeader = 8;
  const std::string exif = tags.exif.empty() ? std::string() : exif_directory(tags.exif, kHeader);
  const uint64_t gps_at = kHeader + exif.size();
  TiffInMemory memory(tags.gps.empty() ? exif : exif + exif_directory(tags.gps, gps_at), TiffInMemory::ToWrite{});
  TIFF* tiff = memory.get();
  if (tiff == nullptr) refuse_photo(file, "cannot be encoded as TIFF");
  const auto rows = static_cast<uint32_t>(
      std::max<size_t>(1, (size_t{1} << 19) / (static_cast<size_t>(pixels.cols) * pixels.elemSize())));
  TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, static_cast<uint32_t>(pixels.cols));
  TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, static_cast<uint32_t>(pixels.rows));
  TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, pixels.channels());
  TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, pixels.depth() == CV_16U ? 16 : 8);
  TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, PHOTOMETRIC_RGB);
  TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows);
  TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
  TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
  TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, 3);
  const uint16_t alpha = EXTRASAMPLE_UNASSALPHA;
  if (pixels.channels() == 4) TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &alpha);
  set_extras(tiff, extras, tags, kHeader, gps_at);
  cv::Mat line;  // libtiff's predictor changes what it is given
  bool done = true;
  for (int y = 0; y < pixels.rows && done; ++y) {
    pixels.row(y).copyTo(line);
    done = TIFFWriteScanline(tiff, line.data, static_cast<uint32_t>(y), 0) == 1;
  }
  done = done && TIFFWriteDirectory(tiff) == 1;
  memory.close();
  if (!done) refuse_photo(file, "cannot be encoded as TIFF");
  return memory.written();
}

DecodedPhoto decode_tiff(const std::filesystem::path& file, const std::string& bytes) {
  const TiffInMemory memory(bytes);
  TIFF* tiff = memory.get();
  if (tiff == nullptr) refuse_photo(file, "is a damaged TIFF");
  const TiffPage page = to_largest_page(tiff);
  if (page.width == 0) refuse_photo(file, "is a damaged TIFF: it has no page that can be read");
  TiffLayout l = layout_of(tiff);
  check_tiff(file, tiff, l);
  DecodedPhoto photo;
  photo.orientation = tiff_field<uint16_t>(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
  photo.profile = blob(tiff, TIFFTAG_ICCPROFILE);
  if (page.pages > 1)
    photo.notes.push_back("of its " + std::to_string(page.pages) + " pages the largest was opened (page " +
                          std::to_string(page.index + 1) + ", " + std::to_string(page.width) + "x" +
                          std::to_string(page.height) + ")");
  if (l.photometric == PHOTOMETRIC_YCBCR && l.compression == COMPRESSION_JPEG && l.bits == 8) {
    TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    l.photometric = PHOTOMETRIC_RGB;
  }
  if (l.photometric == PHOTOMETRIC_YCBCR) {
    if (!read_by_libtiff(tiff, l, photo)) {
      photo.damaged = true;
      photo.notes.emplace_back("the file is damaged or cut off: some of the picture is missing");
    }
  } else {
    interpret(file, tiff, l, photo);
  }
  return photo;
}

cv::Size tiff_size(const std::string& bytes) {
  const TiffInMemory memory(bytes);
  if (memory.get() == nullptr) return {};
  const TiffPage page = to_largest_page(memory.get());
  return {static_cast<int>(std::min<uint32_t>(page.width, INT_MAX)),
          static_cast<int>(std::min<uint32_t>(page.height, INT_MAX))};
}

TiffExtras tiff_extras(const std::string& bytes) {
  TiffExtras extras;
  const TiffInMemory memory(bytes);
  TIFF* tiff = memory.get();
  if (tiff == nullptr || to_largest_page(tiff).width == 0) return extras;
  extras.profile = blob(tiff, TIFFTAG_ICCPROFILE);
  extras.xmp = blob(tiff, TIFFTAG_XMLPACKET);
  extras.iptc = exif_raw(bytes, TIFFTAG_RICHTIFFIPTC);  // whose type differs from program to program
  if (const char* words = nullptr; TIFFGetField(tiff, TIFFTAG_IMAGEDESCRIPTION, &words) == 1 && words != nullptr)
    extras.description = words;
  const double unit = tiff_field<uint16_t>(tiff, TIFFTAG_RESOLUTIONUNIT, RESUNIT_INCH) == RESUNIT_CENTIMETER ? 2.54 : 1;
  extras.dpi_x = static_cast<double>(tiff_field<float>(tiff, TIFFTAG_XRESOLUTION, 0)) * unit;
  extras.dpi_y = static_cast<double>(tiff_field<float>(tiff, TIFFTAG_YRESOLUTION, 0)) * unit;
  return extras;
}

}  // namespace mgdm
