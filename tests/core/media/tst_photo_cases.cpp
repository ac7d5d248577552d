// Photos as people bring them (tests/data/cases): each comes out as the picture that it shows, in every reader alike.
#include <ATen/ATen.h>
#include <QtTest>
#include <fstream>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/media/image_file.h"
#include "core/media/photo_colors.h"
#include "core/media/photo_containers.h"
#include "core/media/photo_file.h"
#include "core/media/working_area.h"

using namespace mgdm;

namespace {

const std::filesystem::path kCases = MGDM_SOURCE_DIR "/tests/data/cases/photos";

cv::Mat as_srgb(const Photo& photo) {
  cv::Mat out;
  ColorTransform(photo.color_profile).to_srgb(photo.pixels).convertTo(out, CV_32F, 255);
  return out;
}

/// Mean absolute difference of two pictures, of 255.
double apart(const cv::Mat& a, const cv::Mat& b) {
  if (a.size() != b.size()) return 255;
  return cv::norm(a, b, cv::NORM_L1) / static_cast<double>(a.total() * 3);
}

cv::Mat grey_of(const cv::Mat& rgb) {
  cv::Mat grey, out;
  cv::transform(rgb, grey, cv::Matx13f(1 / 3.0f, 1 / 3.0f, 1 / 3.0f));  // as the file was made
  cv::cvtColor(grey, out, cv::COLOR_GRAY2RGB);
  return out;
}

std::string refusal(const std::filesystem::path& file) {
  try {
    read_photo(file);
  } catch (const MediaError& e) {
    return e.what();
  }
  return {};
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

class TestPhotoCases : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

 private Q_SLOTS:
  void theSamePictureWhateverTheFile_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("reference");
    QTest::addColumn<bool>("grey");
    QTest::addColumn<bool>("deep");
    QTest::addColumn<bool>("profile");
    QTest::addColumn<double>("tolerance");  // what the file's own coding costs
    const auto row = [](const char* file, const char* reference, bool grey, bool deep, bool profile, double tolerance) {
      QTest::newRow(file) << file << reference << grey << deep << profile << tolerance;
    };
    row("romm.png", "photo.png", false, false, true, 0.01);
    row("cmyk.jpg", "cmyk_by_lcms.png", false, false, false, 4.5);
    row("rgb16_planar.tif", "photo.png", false, true, false, 0.3);
    row("grey16_miniswhite.tif", "photo.png", true, true, false, 0.5);
    row("rgb8_bigtiff.tif", "photo.png", false, false, true, 0.01);
    row("rgb32f.tif", "photo.png", false, true, false, 0.3);
    row("two_pages_thumb_first.tif", "photo.png", false, false, false, 0.01);
    row("IMG_0001.HEIC", "photo.png", false, false, false, 8.0);
  }
  void theSamePictureWhateverTheFile() {
    QFETCH(QString, file);
    QFETCH(QString, reference);
    QFETCH(bool, grey);
    QFETCH(bool, deep);
    QFETCH(bool, profile);
    QFETCH(double, tolerance);
#ifndef MGDM_HEIF
    if (file.endsWith("HEIC")) {  // a build without libheif has to name it instead
      const std::string said = refusal(kCases / file.toStdString());
      QVERIFY2(said.find("a HEIC photo; export") != std::string::npos, said.c_str());
      return;
    }
#endif
    const Photo photo = read_photo(kCases / file.toStdString());
    // A file with a profile of its own has photo.png's numbers, which mean other colours there.
    Photo numbers = read_photo(kCases / reference.toStdString());
    numbers.color_profile = photo.color_profile;
    if (profile) {
      QCOMPARE(cv::norm(numbers.pixels, photo.pixels, cv::NORM_INF), 0.0);
      QVERIFY(apart(as_srgb(photo), as_srgb(read_photo(kCases / reference.toStdString()))) > 5);
    }
    cv::Mat expected = as_srgb(numbers);
    if (grey) expected = grey_of(expected);
    QCOMPARE(photo.sixteen_bit(), deep);
    QCOMPARE(!photo.color_profile.empty(), profile);
    QVERIFY(!photo.damaged);
    const double off = apart(as_srgb(photo), expected);
    QVERIFY2(off < tolerance, qPrintable(QString::number(off)));
    // The 8-bit view is of the same photo.
    const at::Tensor view = read_image(kCases / file.toStdString()).permute({1, 2, 0}).contiguous();
    cv::Mat seen;
    cv::Mat(static_cast<int>(view.size(0)), static_cast<int>(view.size(1)), CV_8UC3, view.data_ptr())
        .convertTo(seen, CV_32F);
    QVERIFY(apart(seen, as_srgb(photo)) < 0.6);
  }

  void theLargestPageIsSaid() {
    const Photo photo = read_photo(kCases / "two_pages_thumb_first.tif");
    QCOMPARE(photo.pixels.size(), cv::Size(192, 128));
    QCOMPARE(photo.notes.size(), size_t{1});
    QVERIFY(QString::fromStdString(photo.notes[0]).contains("page 2, 192x128"));
  }

  void transparencyAndSixteenBitsOfGreyStay() {
    const Photo photo = read_photo(kCases / "greyalpha16_real.tif");
    QCOMPARE(photo.pixels.type(), CV_16UC4);
    cv::Mat planes[4];
    cv::split(photo.pixels, planes);
    double low = 0, high = 0;
    cv::minMaxLoc(planes[3], &low, &high);
    QVERIFY(low < high);
    QCOMPARE(cv::norm(planes[0], planes[2], cv::NORM_INF), 0.0);
    cv::Mat low_bytes = planes[0].clone();
    low_bytes.forEach<uint16_t>([](uint16_t& v, const int*) { v = static_cast<uint16_t>(v % 257); });
    QVERIFY(cv::countNonZero(low_bytes) > 1000);  // really 16 bit
  }

  void orientationCountsInEveryFormat() {
    const Photo webp = read_photo(kCases / "o6.webp"), photo = read_photo(kCases / "photo.png");
    QCOMPARE(webp.orientation, 6);
    QCOMPARE(webp.pixels.size(), cv::Size(128, 192));
    Photo upright;
    upright.pixels = turned_upright(photo.pixels, 6);
    QVERIFY(apart(as_srgb(webp), as_srgb(upright)) < 6);
    const at::Tensor view = read_image(kCases / "o6.webp");
    QCOMPARE(view.sizes(), at::IntArrayRef({3, 192, 128}));
    QCOMPARE(read_photo(kCases / "square_phone.jpg").orientation, 6);
  }

  void whatCannotBeReadIsNamed() {
    const QString gif = QString::fromStdString(refusal(kCases / "anim.gif"));
    QVERIFY2(gif.contains("anim.gif: is a GIF; save one of its pictures as PNG"), qPrintable(gif));
    for (const auto& [start, name] : {std::pair{std::string("8BPS\0\1", 6), "Photoshop"},
                                      {std::string("II*\0\x10\0\0\0CR\2\0", 12), "Canon CR2"},
                                      {std::string("\0\0\0\x18"
                                                   "ftypcrx \0\0\0\1",
                                                   16),
                                       "Canon CR3"},
                                      {std::string("FUJIFILMCCD-RAW 0201"), "Fujifilm"},
                                      {std::string("\xff\x0a\xfa\x1f"), "JPEG XL"},
                                      {std::string("%PDF-1.7\n"), "PDF"},
                                      {std::string("<!DOCTYPE html><html>"), "web page"},
                                      {std::string("\0\0\0\x20"
                                                   "ftypisom\0\0\2\0",
                                                   16),
                                       "video"}}) {
      std::ofstream(path("photo.jpg"), std::ios::binary) << start << std::string(64, '\0');
      const QString said = QString::fromStdString(refusal(path("photo.jpg")));
      QVERIFY2(said.contains(name) && said.contains(';'), qPrintable(said));
    }
  }

  void whatIsCutOffIsSaidAndNotSmeared() {
    const Photo photo = read_photo(kCases / "truncated.jpg");
    QVERIFY(photo.damaged);
    QCOMPARE(photo.notes.size(), size_t{1});
    QVERIFY2(photo.notes[0].find("are missing and shown grey") != std::string::npos, photo.notes[0].c_str());
    QCOMPARE(photo.pixels.at<cv::Vec3b>(photo.pixels.rows - 1, 10), cv::Vec3b(128, 128, 128));
    QVERIFY(photo.pixels.at<cv::Vec3b>(3, 10) != cv::Vec3b(128, 128, 128));
    // The other formats, each cut off at three quarters.
    const Photo whole = read_photo(kCases / "photo.png");
    for (const char* name : {"whole.png", "whole.jpg", "whole.webp", "whole.tif"}) {
      write_photo(path(name), whole);
      QVERIFY(!read_photo(path(name)).damaged);
      QVERIFY(read_photo(path(name)).notes.empty());
      const std::string bytes = bytes_of(path(name));
      std::ofstream(path("cut"), std::ios::binary) << bytes.substr(0, bytes.size() * 3 / 4);
      const std::string refused = refusal(path("cut"));
      if (!refused.empty()) {
        QVERIFY2(refused.find("damaged") != std::string::npos, refused.c_str());
        continue;
      }
      const Photo cut = read_photo(path("cut"));
      QVERIFY(cut.damaged && !cut.notes.empty());
      QCOMPARE(cut.pixels.at<cv::Vec3b>(cut.pixels.rows - 1, 10), cv::Vec3b(128, 128, 128));
      QCOMPARE(cut.pixels.size(), whole.pixels.size());
    }
  }

  void theSizeIsCheckedBeforeMemoryIsTaken_data() {
    QTest::addColumn<QByteArray>("bytes");
    const auto big = [](uint32_t v) {
      return QByteArray::fromStdString(
          {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)});
    };
    const auto little = [](uint32_t v) {
      return QByteArray::fromStdString(
          {static_cast<char>(v), static_cast<char>(v >> 8), static_cast<char>(v >> 16), static_cast<char>(v >> 24)});
    };
    const auto entry = [&](int tag, uint32_t value) {
      return QByteArray::fromStdString({static_cast<char>(tag), static_cast<char>(tag >> 8), 4, 0}) + little(1) +
             little(value);
    };
    QTest::newRow("png") << QByteArray("\x89PNG\r\n\x1a\n") + big(13) + "IHDR" + big(60000) + big(60000) +
                                QByteArray("\x08\x02\0\0\0", 5) + big(0);
    QTest::newRow("tiff") << QByteArray("II*\0\x08\0\0\0\x06\0", 10) + entry(256, 60000) + entry(257, 60000) +
                                 entry(258, 8) + entry(262, 1) + entry(273, 8) + entry(279, 100) + little(0);
    QTest::newRow("webp") << QByteArray("RIFF") + little(100) + "WEBPVP8X" + little(10) + QByteArray("\0\0\0\0", 4) +
                                 QByteArray("\x5f\xea\0\x5f\xea\0", 6) + QByteArray(80, '\0');
    QTest::newRow("bmp") << QByteArray("BM") + QByteArray(12, '\0') + little(40) + little(60000) + little(60000) +
                                QByteArray("\1\0\x18\0", 4) + QByteArray(24, '\0');
    QTest::newRow("pnm") << QByteArray("P6\n# a comment\n60000 60000\n255\n");
    QTest::newRow("pam") << QByteArray("P7\nWIDTH 60000\nHEIGHT 60000\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n");
    QTest::newRow("hdr") << QByteArray("#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 60000 +X 60000\n");
    QTest::newRow("jp2") << QByteArray("\0\0\0\x0cjP  \r\n\x87\n", 12) +
                                QByteArray(
                                    "\0\0\0\x14"
                                    "ftypjp2 \0\0\0\0jp2 ",
                                    20) +
                                QByteArray("\0\0\0\x2djp2h\0\0\0\x16ihdr", 16) + big(60000) + big(60000) +
                                QByteArray("\0\3\7\7\0\0", 6);
  }
  void theSizeIsCheckedBeforeMemoryIsTaken() {
    QFETCH(QByteArray, bytes);
    std::ofstream(path("huge"), std::ios::binary) << bytes.toStdString();
    const QString said = QString::fromStdString(refusal(path("huge")));
    QVERIFY2(said.contains("has 60000x60000 pixels; at most 200 megapixels"), qPrintable(said));
  }

  // BMP, PNM and the others that OpenCV reads: cut off anywhere they are refused, never shown in part without a word.
  void whatOpenCvReadsIsWholeOrRefused() {
    cv::Mat bgr = read_photo(kCases / "photo.png").pixels, grey;
    cv::cvtColor(bgr, grey, cv::COLOR_BGR2GRAY);
    cv::Mat light;
    bgr.convertTo(light, CV_32F, 1 / 255.0);
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& [ending, image, parameters] :
         std::vector<std::tuple<std::string, cv::Mat, std::vector<int>>>{{".bmp", bgr, {}},
                                                                         {".ppm", bgr, {}},
                                                                         {".pgm", grey, {}},
                                                                         {".pbm", grey, {}},
                                                                         {".pam", bgr, {}},
                                                                         {".ras", bgr, {}},
                                                                         {".hdr", light, {}},
                                                                         {".jp2", bgr, {}},
                                                                         {".ppm", bgr, {cv::IMWRITE_PXM_BINARY, 0}},
                                                                         {".pgm", grey, {cv::IMWRITE_PXM_BINARY, 0}}}) {
      std::vector<uchar> bytes;
      QVERIFY2(cv::imencode(ending, image, bytes, parameters), ending.c_str());
      files.emplace_back(ending, std::string(bytes.begin(), bytes.end()));
    }
    // 8 x 4 pixels in runs, as older programs write a BMP: the end of the picture is a code of its own.
    std::string runs("BM", 2);
    const auto number = [&](uint32_t v, int count) {
      for (int i = 0; i < count; ++i) runs += static_cast<char>(v >> (8 * i));
    };
    number(54 + 1024 + 18, 4), number(0, 4), number(54 + 1024, 4), number(40, 4), number(8, 4), number(4, 4);
    number(1, 2), number(8, 2), number(1, 4), number(18, 4), number(2835, 4), number(2835, 4), number(256, 4);
    number(256, 4);
    for (uint32_t v = 0; v < 256; ++v) number(v * 0x010101, 4);
    for (int y = 0; y < 4; ++y) runs += std::string{8, static_cast<char>(40 * (y + 1)), 0, 0};
    runs += std::string("\0\1", 2);
    files.emplace_back("runs.bmp", runs);
    for (const auto& [name, bytes] : files) {
      const auto file = path(QString::fromStdString("whole" + name));
      std::ofstream(file, std::ios::binary) << bytes;
      QVERIFY2(refusal(file).empty(), refusal(file).c_str());
      for (const double share : {0.95, 0.7, 0.4, 0.1}) {
        std::ofstream(file, std::ios::binary) << bytes.substr(0, static_cast<size_t>(bytes.size() * share));
        const std::string said = refusal(file);
        QVERIFY2(said.find("damaged") != std::string::npos, (name + ": " + said).c_str());
      }
    }
  }

  // gAMA and cHRM, where there is no profile: colours as lcms has them from a profile of the same numbers.
  void colourChunksOfAPngCount() {
    const std::string whole = bytes_of(kCases / "photo.png");
    const auto with = [&](const std::string& chunks) {
      // In front of the pixels, without what the file says itself.
      std::string out = whole.substr(0, 8);
      visit_png_chunks(whole, [&](const std::string& type, const std::string& content) {
        if (type == "IDAT" && out.find("IDAT") == std::string::npos) out += chunks;
        if (type == "IHDR" || type == "IDAT") out += png_chunk(type, content);
        return true;
      });
      std::ofstream(path("chunks.png"), std::ios::binary) << out + png_chunk("IEND", {});
      return read_photo(path("chunks.png"));
    };
    const auto gamma = [](uint32_t v) { return png_chunk("gAMA", big_bytes(v, 4)); };
    const auto primaries = [](const std::vector<uint32_t>& xy) {
      std::string content;
      for (const uint32_t v : xy) content += big_bytes(v, 4);
      return png_chunk("cHRM", content);
    };
    const std::vector<uint32_t> srgb{31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000},
        adobe{31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000};
    // Nothing, or sRGB said in other words.
    const cv::Mat plain = with({}).pixels;
    for (const std::string& same : {std::string(), gamma(45455), gamma(45455) + primaries(srgb),
                                    gamma(100000) + primaries(adobe) + png_chunk("sRGB", std::string(1, '\0'))})
      QVERIFY(with(same).color_profile.empty());
    // Linear light: a half is what sRGB calls 188.
    const Photo linear = with(gamma(100000));
    QVERIFY(!linear.color_profile.empty());
    QCOMPARE(cv::norm(linear.pixels, plain, cv::NORM_INF), 0.0);  // the file's numbers
    cv::Mat expected, unit;
    plain.convertTo(unit, CV_32F, 1 / 255.0);
    expected = unit.clone();
    expected.reshape(1).forEach<float>([](float& v, const int*) {
      v = 255 * (v <= 0.0031308f ? 12.92f * v : 1.055f * std::pow(v, 1 / 2.4f) - 0.055f);
    });
    QVERIFY2(apart(as_srgb(linear), expected) < 0.5, qPrintable(QString::number(apart(as_srgb(linear), expected))));
    // Adobe RGB's primaries with its gamma: green lies outside sRGB, grey stays grey.
    const Photo wide = with(gamma(45471) + primaries(adobe));
    Photo probe = wide;
    probe.pixels = cv::Mat(1, 2, CV_8UC3, cv::Scalar(128, 128, 128));
    probe.pixels.at<cv::Vec3b>(0, 1) = {200, 100, 50};
    const cv::Mat seen = as_srgb(probe);
    const auto grey = seen.at<cv::Vec3f>(0, 0), orange = seen.at<cv::Vec3f>(0, 1);
    QVERIFY(std::abs(grey[0] - grey[1]) < 1 && std::abs(grey[1] - grey[2]) < 1 && std::abs(grey[0] - 128) < 3);
    QVERIFY2(orange[0] > 220 && std::abs(orange[1] - 100) < 4, qPrintable(QString::number(orange[0])));
    // The same file is the same photo each time, and the profile goes into what is saved.
    QVERIFY(with(gamma(100000)).color_profile == linear.color_profile);
    write_photo(path("saved.png"), linear);
    QVERIFY(read_photo(path("saved.png")).color_profile == linear.color_profile);
    write_photo(path("saved.jpg"), linear);
    QVERIFY(apart(as_srgb(read_photo(path("saved.jpg"))), expected) < 6);
    // Nonsense is none.
    for (const std::string& bad : {gamma(0), gamma(4000000000u), primaries({0, 0, 0, 0, 0, 0, 0, 0}),
                                   primaries({1, 1, 1, 1, 1, 1, 1, 1}), png_chunk("gAMA", "x")})
      QCOMPARE(cv::norm(with(bad).pixels, plain, cv::NORM_INF), 0.0);
    // Grey goes through its curve.
    cv::Mat half(8, 8, CV_8UC1, cv::Scalar(128));
    std::vector<uchar> encoded;
    cv::imencode(".png", half, encoded);
    std::string bytes(encoded.begin(), encoded.end());
    bytes.insert(33, gamma(100000));
    std::ofstream(path("grey.png"), std::ios::binary) << bytes;
    QVERIFY(std::abs(read_photo(path("grey.png")).pixels.at<cv::Vec3b>(4, 4)[0] - 188) <= 1);
  }

  void floatingPointByOneRule() {
    // Through the format that holds it in one line of code: PFM is none of ours, a float TIFF is.
    const Photo photo = read_photo(kCases / "rgb32f.tif");
    QVERIFY(photo.sixteen_bit());
    DecodedPhoto decoded;
    for (const auto& [value, top, words] :
         {std::tuple{1.0f, 1.0f, ""}, {200.0f, 255.0f, "0 to 255"}, {40000.0f, 65535.0f, "0 to 65535"}}) {
      decoded = {};
      decoded.pixels = cv::Mat(4, 4, CV_32FC3, cv::Scalar::all(value));
      decoded.pixels.at<cv::Vec3f>(0, 0) = {value / 2, -1, std::numeric_limits<float>::quiet_NaN()};
      make_rgb(decoded);
      QCOMPARE(decoded.pixels.type(), CV_16UC3);
      QCOMPARE(decoded.pixels.at<cv::Vec3w>(1, 1)[0], static_cast<uint16_t>(std::lround(value / top * 65535)));
      QVERIFY(std::abs(decoded.pixels.at<cv::Vec3w>(0, 0)[0] - value / 2 / top * 65535) < 1);
      QCOMPARE(decoded.pixels.at<cv::Vec3w>(0, 0)[1], uint16_t{0});
      QCOMPARE(decoded.pixels.at<cv::Vec3w>(0, 0)[2], uint16_t{0});
      std::string all;
      for (const std::string& note : decoded.notes) all += note + "\n";
      QVERIFY2(all.find("1 of its values are no numbers") != std::string::npos, all.c_str());
      QVERIFY2(all.find("1 of its values lie outside") != std::string::npos, all.c_str());
      QVERIFY2(all.find(words) != std::string::npos, all.c_str());
    }
  }

  void hiddenColoursAreNeverShown() {
    const Photo photo = read_photo(kCases / "logo_alpha_hidden.png");
    QVERIFY(photo.has_alpha());
    const auto magenta = [](float r, float g, float b) { return r > 200 && b > 200 && g < 60; };
    // It is there, hidden.
    cv::Mat alpha;
    cv::extractChannel(photo.pixels, alpha, 3);
    int hidden = 0;
    for (int y = 0; y < photo.pixels.rows; ++y) {
      for (int x = 0; x < photo.pixels.cols; ++x) {
        const auto p = photo.pixels.at<cv::Vec4b>(y, x);
        hidden += p[3] == 0 && magenta(p[0], p[1], p[2]) ? 1 : 0;
      }
    }
    QVERIFY(hidden > 100);
    const auto shown = [&](const at::Tensor& image) {  // float [3, H, W] of 255
      return ((image[0] > 200) & (image[2] > 200) & (image[1] < 60)).sum().item<int>();
    };
    const WorkingArea area{{0, 0, photo.pixels.cols, photo.pixels.rows}, photo.pixels.cols, photo.pixels.rows};
    QCOMPARE(shown((cut(photo, ColorTransform(photo.color_profile), area) + 1) * 127.5), 0);
    const WorkingArea half{{0, 0, photo.pixels.cols, photo.pixels.rows}, photo.pixels.cols / 2, photo.pixels.rows / 2};
    QCOMPARE(shown((cut(photo, ColorTransform(photo.color_profile), half) + 1) * 127.5), 0);
    QCOMPARE(shown(read_image(kCases / "logo_alpha_hidden.png").to(at::kFloat)), 0);
    // A PNG keeps it all; a JPEG is over white.
    write_photo(path("logo.png"), photo);
    QCOMPARE(cv::norm(read_photo(path("logo.png")).pixels, photo.pixels, cv::NORM_INF), 0.0);
    write_photo(path("logo.jpg"), photo);
    const Photo jpeg = read_photo(path("logo.jpg"));
    for (int y = 0; y < alpha.rows; ++y) {
      for (int x = 0; x < alpha.cols; ++x) {
        const auto p = jpeg.pixels.at<cv::Vec3b>(y, x);
        QVERIFY(!magenta(p[0], p[1], p[2]));
      }
    }
    QVERIFY(jpeg.pixels.at<cv::Vec3b>(0, 0)[1] > 250);
  }
};

QTEST_GUILESS_MAIN(TestPhotoCases)
#include "tst_photo_cases.moc"
