// TIFF in the ways in which it can be written: the same numbers come back, or it is refused by name.
#include <tiffio.h>

#include <QtTest>

#include "core/media/photo_file.h"

using namespace mgdm;

namespace {

struct Kind {
  int samples = 3, bits = 8, photometric = PHOTOMETRIC_RGB, planar = PLANARCONFIG_CONTIG,
      compression = COMPRESSION_NONE, extra = -1, format = SAMPLEFORMAT_UINT;
  bool tiled = false;
  const char* mode = "w";
};

constexpr int kWidth = 50, kHeight = 40;

/// Of a sample, 0 to 1.
double value_of(int x, int y, int channel) { return (x * 3 + y * 2 + channel * 20) % 200 / 255.0; }

void put(std::vector<uint8_t>& block, size_t row, int i, double value, const Kind& k) {
  if (k.format == SAMPLEFORMAT_IEEEFP) {
    const auto real = static_cast<float>(value);
    std::memcpy(&block[row + static_cast<size_t>(i) * 4], &real, 4);
  } else if (k.bits == 16) {
    const auto whole = static_cast<uint16_t>(std::lround(value * 65535));
    std::memcpy(&block[row + static_cast<size_t>(i) * 2], &whole, 2);
  } else {
    const auto whole = static_cast<unsigned>(std::lround(value * ((1 << k.bits) - 1)));
    for (int b = 0; b < k.bits; ++b) {
      const size_t bit = static_cast<size_t>(i) * static_cast<size_t>(k.bits) + static_cast<size_t>(b);
      if ((whole >> (k.bits - 1 - b) & 1U) != 0) block[row + bit / 8] |= static_cast<uint8_t>(0x80 >> bit % 8);
    }
  }
}

void write_tiff(const std::string& file, const Kind& k) {
  TIFF* t = TIFFOpen(file.c_str(), k.mode);
  TIFFSetField(t, TIFFTAG_IMAGEWIDTH, kWidth);
  TIFFSetField(t, TIFFTAG_IMAGELENGTH, kHeight);
  TIFFSetField(t, TIFFTAG_SAMPLESPERPIXEL, k.samples);
  TIFFSetField(t, TIFFTAG_BITSPERSAMPLE, k.bits);
  TIFFSetField(t, TIFFTAG_PHOTOMETRIC, k.photometric);
  TIFFSetField(t, TIFFTAG_PLANARCONFIG, k.planar);
  TIFFSetField(t, TIFFTAG_COMPRESSION, k.compression);
  TIFFSetField(t, TIFFTAG_SAMPLEFORMAT, k.format);
  if (const auto extra = static_cast<uint16_t>(k.extra); k.extra >= 0) TIFFSetField(t, TIFFTAG_EXTRASAMPLES, 1, &extra);
  std::vector<uint16_t> map(256);
  for (size_t i = 0; i < map.size(); ++i) map[i] = static_cast<uint16_t>(i * 257);
  if (k.photometric == PHOTOMETRIC_PALETTE) TIFFSetField(t, TIFFTAG_COLORMAP, map.data(), map.data(), map.data());
  const int planes = k.planar == PLANARCONFIG_SEPARATE ? k.samples : 1, in_block = k.samples / planes;
  constexpr int kTileSide = 16;
  if (k.tiled) {
    TIFFSetField(t, TIFFTAG_TILEWIDTH, kTileSide);
    TIFFSetField(t, TIFFTAG_TILELENGTH, kTileSide);
  } else {
    TIFFSetField(t, TIFFTAG_ROWSPERSTRIP, 8);
  }
  const int width = k.tiled ? kTileSide : kWidth, height = k.tiled ? kTileSide : 1;
  for (int plane = 0; plane < planes; ++plane) {
    for (int y = 0; y < kHeight; y += height) {
      for (int x = 0; x < kWidth; x += width) {
        std::vector<uint8_t> block(static_cast<size_t>(k.tiled ? TIFFTileSize(t) : TIFFScanlineSize(t)));
        const auto row = static_cast<size_t>(k.tiled ? TIFFTileRowSize(t) : 0);
        for (int r = 0; r < height; ++r) {
          for (int i = 0; i < width * in_block; ++i)
            put(block, row * static_cast<size_t>(r), i,
                value_of(x + i / in_block, y + r, planes > 1 ? plane : i % in_block), k);
        }
        const auto ux = static_cast<uint32_t>(x), uy = static_cast<uint32_t>(y);
        if (k.tiled)
          TIFFWriteTile(t, block.data(), ux, uy, 0, static_cast<uint16_t>(plane));
        else
          TIFFWriteScanline(t, block.data(), uy, static_cast<uint16_t>(plane));
      }
    }
  }
  TIFFClose(t);
}

double component(const cv::Mat& pixels, int x, int y, int c) {
  const int at = x * pixels.channels() + c;
  return pixels.depth() == CV_16U ? pixels.ptr<uint16_t>(y)[at] / 65535.0 : pixels.ptr(y)[at] / 255.0;
}

}  // namespace

Q_DECLARE_METATYPE(Kind)

class TestTiffPhoto : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::string file() const { return folder_.filePath("a.tif").toStdString(); }

 private Q_SLOTS:
  void everyLayoutHasTheSameNumbers_data() {
    QTest::addColumn<Kind>("kind");
    for (const int planar : {PLANARCONFIG_CONTIG, PLANARCONFIG_SEPARATE}) {
      for (const bool tiled : {false, true}) {
        for (const int compression :
             {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
          for (const int bits : {8, 16})
            QTest::addRow("planar %d, tiled %d, packing %d, %d bit", planar, tiled, compression, bits)
                << Kind{.bits = bits, .planar = planar, .compression = compression, .tiled = tiled};
        }
      }
    }
    const auto row = [](const char* name, const Kind& kind) { QTest::newRow(name) << kind; };
    row("1 bit", {.samples = 1, .bits = 1, .photometric = PHOTOMETRIC_MINISBLACK});
    row("1 bit, fax, white is 0",
        {.samples = 1, .bits = 1, .photometric = PHOTOMETRIC_MINISWHITE, .compression = COMPRESSION_CCITTFAX4});
    row("2 bit", {.samples = 1, .bits = 2, .photometric = PHOTOMETRIC_MINISBLACK});
    row("4 bit, white is 0, tiled", {.samples = 1, .bits = 4, .photometric = PHOTOMETRIC_MINISWHITE, .tiled = true});
    row("10 bit", {.bits = 10});
    row("12 bit", {.samples = 1, .bits = 12, .photometric = PHOTOMETRIC_MINISBLACK});
    row("palette", {.samples = 1, .photometric = PHOTOMETRIC_PALETTE});
    row("palette, tiled", {.samples = 1, .photometric = PHOTOMETRIC_PALETTE, .tiled = true});
    row("alpha", {.samples = 4, .extra = EXTRASAMPLE_UNASSALPHA});
    row("alpha, planes, tiled, 16 bit",
        {.samples = 4, .bits = 16, .planar = PLANARCONFIG_SEPARATE, .extra = EXTRASAMPLE_UNASSALPHA, .tiled = true});
    row("grey with alpha",
        {.samples = 2, .bits = 16, .photometric = PHOTOMETRIC_MINISBLACK, .extra = EXTRASAMPLE_UNASSALPHA});
    row("multiplied alpha", {.samples = 4, .extra = EXTRASAMPLE_ASSOCALPHA});
    row("another channel", {.samples = 4, .extra = EXTRASAMPLE_UNSPECIFIED});
    row("floats in planes, tiled",
        {.bits = 32, .planar = PLANARCONFIG_SEPARATE, .format = SAMPLEFORMAT_IEEEFP, .tiled = true});
    row("BigTIFF", {.bits = 16, .tiled = true, .mode = "w8"});
    row("big-endian", {.bits = 16, .mode = "wb"});
  }
  void everyLayoutHasTheSameNumbers() {
    QFETCH(Kind, kind);
    write_tiff(file(), kind);
    const Photo photo = read_photo(file());
    QCOMPARE(photo.pixels.size(), cv::Size(kWidth, kHeight));
    QCOMPARE(photo.sixteen_bit(), kind.bits > 8);
    QVERIFY(!photo.damaged);
    const bool alpha = kind.extra > 0, grey = kind.samples < 3;
    QCOMPARE(photo.has_alpha(), alpha);
    const double step = 1.0 / ((1 << std::min(kind.bits, 16)) - 1);
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        for (int c = 0; c < 3; ++c) {
          double expected = value_of(x, y, grey ? 0 : c);
          if (kind.extra == EXTRASAMPLE_ASSOCALPHA) {
            const double a = value_of(x, y, 3);
            expected = a > 0 ? std::min(1.0, expected / a) : expected;
          }
          if (kind.photometric == PHOTOMETRIC_MINISWHITE) expected = 1 - expected;
          const double got = component(photo.pixels, x, y, c),
                       room = kind.extra == EXTRASAMPLE_ASSOCALPHA ? 0.003 : step / 2 + 1e-4;
          QVERIFY2(std::abs(got - expected) <= room,
                   qPrintable(QString("%1, %2: %3 for %4").arg(x).arg(y).arg(got).arg(expected)));
        }
        if (alpha)
          QVERIFY(std::abs(component(photo.pixels, x, y, 3) - value_of(x, y, kind.samples - 1)) <= step / 2 + 1e-4);
      }
    }
  }

  void inksAndLab() {
    write_tiff(file(), {.samples = 5, .photometric = PHOTOMETRIC_SEPARATED, .extra = EXTRASAMPLE_UNASSALPHA});
    const Photo cmyk = read_photo(file());
    QVERIFY(cmyk.has_alpha() && !cmyk.notes.empty());
    const double c = value_of(9, 7, 0), k = value_of(9, 7, 3);
    QVERIFY(std::abs(component(cmyk.pixels, 9, 7, 0) - (1 - c) * (1 - k)) < 0.01);
    for (const int bits : {8, 16}) {
      write_tiff(file(), {.bits = bits, .photometric = PHOTOMETRIC_CIELAB});
      const Photo lab = read_photo(file());
      // At (10, 0) a* is 50 and b* 70, an orange; at (30, 0) b* is 130 of 255, signed: -126, a violet.
      QVERIFY(lab.sixteen_bit());
      QVERIFY(component(lab.pixels, 10, 0, 0) > component(lab.pixels, 10, 0, 2) + 0.3);
      QVERIFY(component(lab.pixels, 30, 0, 2) > component(lab.pixels, 30, 0, 1) + 0.3);
    }
  }

  void jpegInTiff() {
    write_tiff(file(), {.compression = COMPRESSION_JPEG});
    const Photo photo = read_photo(file());
    QVERIFY(!photo.damaged);
    double sum = 0;
    for (int x = 0; x < kWidth; ++x) sum += std::abs(component(photo.pixels, x, 20, 1) - value_of(x, 20, 1));
    QVERIFY(sum / kWidth < 0.1);
  }

  void whatCannotBeReadIsNamed() {
    write_tiff(file(), {.bits = 16, .format = SAMPLEFORMAT_INT});
    QString said;
    try {
      read_photo(file());
    } catch (const MediaError& e) {
      said = e.what();
    }
    QVERIFY2(said.contains("16-bit signed") && said.contains("export"), qPrintable(said));
  }
};

QTEST_GUILESS_MAIN(TestTiffPhoto)
#include "tst_tiff_photo.moc"
