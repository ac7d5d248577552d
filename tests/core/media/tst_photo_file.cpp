// What a file holds beyond 8-bit RGB comes back from it: depth, alpha, colour profile, text.
#include <lcms2.h>

#include <zlib.h>
#include <QtTest>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "core/media/image_file.h"
#include "core/media/photo_file.h"

using namespace mgdm;

namespace {

cv::Mat noise_image(int type, int rows = 40, int cols = 56) {
  cv::Mat image(rows, cols, type);
  cv::RNG random(7);
  random.fill(image, cv::RNG::UNIFORM, 0, image.depth() == CV_16U ? 65536 : 256);
  return image;
}

bool same(const cv::Mat& a, const cv::Mat& b) {
  return a.size() == b.size() && a.type() == b.type() && cv::norm(a, b, cv::NORM_INF) == 0;
}

/// A wide-gamut RGB profile (the primaries of Adobe RGB 1998, gamma 2.2).
std::string wide_profile() {
  const cmsCIExyY white{0.3127, 0.3290, 1};
  const cmsCIExyYTRIPLE primaries{{0.64, 0.33, 1}, {0.21, 0.71, 1}, {0.15, 0.06, 1}};
  cmsToneCurve* gamma = cmsBuildGamma(nullptr, 2.2);
  cmsToneCurve* curves[3] = {gamma, gamma, gamma};
  cmsHPROFILE p = cmsCreateRGBProfile(&white, &primaries, curves);
  cmsUInt32Number size = 0;
  cmsSaveProfileToMem(p, nullptr, &size);
  std::string bytes(size, '\0');
  cmsSaveProfileToMem(p, bytes.data(), &size);
  cmsCloseProfile(p);
  cmsFreeToneCurve(gamma);
  return bytes;
}

}  // namespace

class TestPhotoFile : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

 private Q_SLOTS:
  void depthAndAlphaSurvive_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("type");
    for (const char* extension : {"png", "tif"}) {
      QTest::addRow("%s 8 bit", extension) << QString("a.%1").arg(extension) << CV_8UC3;
      QTest::addRow("%s 8 bit alpha", extension) << QString("b.%1").arg(extension) << CV_8UC4;
      QTest::addRow("%s 16 bit", extension) << QString("c.%1").arg(extension) << CV_16UC3;
      QTest::addRow("%s 16 bit alpha", extension) << QString("d.%1").arg(extension) << CV_16UC4;
    }
  }
  void depthAndAlphaSurvive() {
    QFETCH(QString, name);
    QFETCH(int, type);
    Photo photo;
    photo.pixels = noise_image(type);
    photo.color_profile = wide_profile();
    const std::string text = R"({"seed": 7, "Ä": true})";
    write_photo(path(name), photo, text);
    const Photo back = read_photo(path(name));
    QVERIFY(same(back.pixels, photo.pixels));
    QVERIFY(back.color_profile == photo.color_profile);
    QCOMPARE(read_description(path(name)), text);
    QVERIFY(!std::filesystem::exists(path(name + ".part")));
  }

  void jpegKeepsProfileTextAndQuality() {
    Photo photo;
    photo.pixels = cv::Mat(64, 64, CV_16UC4, cv::Scalar(30000, 20000, 10000, 65535));  // reduced to 8 bit RGB
    photo.color_profile = wide_profile() + std::string(100000, '\1');                  // more than one segment
    write_photo(path("a.jpg"), photo, std::string(70000, 'x'));
    const Photo back = read_photo(path("a.jpg"));
    QCOMPARE(back.pixels.type(), CV_8UC3);
    QVERIFY(back.color_profile == photo.color_profile);
    QCOMPARE(read_description(path("a.jpg")).size(), size_t{70000});
    QCOMPARE(back.jpeg_quality, 95);
    for (const int quality : {5, 30, 50, 77, 100}) {
      cv::imwrite(path("q.jpg").string(), noise_image(CV_8UC3), {cv::IMWRITE_JPEG_QUALITY, quality});
      QCOMPARE(read_photo(path("q.jpg")).jpeg_quality, quality);
    }
    QCOMPARE(guess_jpeg_quality("no jpeg"), 0);
  }

  void orientationIsApplied() {
    Photo photo;
    photo.pixels = noise_image(CV_8UC3, 24, 40);
    write_photo(path("flat.jpg"), photo);
    std::ifstream in(path("flat.jpg"), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), {}};
    // An EXIF segment that says: turn by 90 degrees (orientation 6).
    const std::string exif("Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0", 32);
    bytes.insert(2, std::string("\xff\xe1\0\x22", 4) + exif);
    std::ofstream(path("turned.jpg"), std::ios::binary) << bytes;
    const Photo turned = read_photo(path("turned.jpg"));
    QCOMPARE(turned.pixels.cols, 24);
    QCOMPARE(turned.pixels.rows, 40);
  }

  void orientationIsAppliedWithAlphaToo() {
    // All eight orientations: where does the marked corner (0, 0) of a 40 x 24 picture go?
    const cv::Point corners[] = {{0, 0}, {39, 0}, {39, 23}, {0, 23}, {0, 0}, {23, 0}, {23, 39}, {0, 39}};
    for (const int channels : {3, 4}) {
      for (int orientation = 1; orientation <= 8; ++orientation) {
        Photo photo;
        photo.pixels = cv::Mat(24, 40, channels == 4 ? CV_16UC4 : CV_8UC3, cv::Scalar::all(100));
        photo.pixels(cv::Rect(0, 0, 1, 1)).setTo(cv::Scalar::all(200));
        write_photo(path("flat.png"), photo);
        std::ifstream in(path("flat.png"), std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(in), {}};
        std::string exif("MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0", 26);
        exif[19] = static_cast<char>(orientation);
        std::string chunk = "eXIf" + exif;
        const auto crc = static_cast<uint32_t>(
            crc32(0, reinterpret_cast<const unsigned char*>(chunk.data()), static_cast<unsigned>(chunk.size())));
        const auto word = [](uint32_t v) {
          return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
                             static_cast<char>(v)};
        };
        bytes.insert(33, word(static_cast<uint32_t>(exif.size())) + chunk + word(crc));  // after IHDR
        std::ofstream(path("turned.png"), std::ios::binary) << bytes;
        const Photo turned = read_photo(path("turned.png"));
        QCOMPARE(turned.pixels.cols, orientation < 5 ? 40 : 24);
        QCOMPARE(turned.pixels.channels(), channels);
        std::vector<cv::Mat> planes;
        cv::split(turned.pixels, planes);
        cv::Point brightest;
        cv::minMaxLoc(planes[0], nullptr, nullptr, nullptr, &brightest);
        QCOMPARE(brightest, corners[orientation - 1]);
      }
    }
  }

  void profilesConvertThereAndBack() {
    const ColorTransform none((std::string())), broken("no profile"), wide(wide_profile());
    QVERIFY(none.identity() && broken.identity() && !wide.identity());
    cv::Mat pixels(8, 8, CV_16UC3, cv::Scalar(20000, 30000, 25000));
    const cv::Mat srgb = wide.to_srgb(pixels);
    // A green of the wide space lies further from grey in sRGB.
    const auto value = srgb.at<cv::Vec3f>(3, 3);
    QVERIFY(value[0] < 20000 / 65535.0f - 0.01f);
    const cv::Mat back = wide.from_srgb(srgb);
    QVERIFY(cv::norm(back.at<cv::Vec3f>(3, 3), cv::Vec3f(20000 / 65535.f, 30000 / 65535.f, 25000 / 65535.f),
                     cv::NORM_INF) < 1e-3);
    QVERIFY(std::abs(wide.to_screen(pixels).at<cv::Vec3b>(0, 0)[0] / 255.0f - value[0]) < 0.01f);
    QVERIFY(cv::norm(none.to_srgb(pixels).at<cv::Vec3f>(0, 0),
                     cv::Vec3f(20000 / 65535.f, 30000 / 65535.f, 25000 / 65535.f), cv::NORM_INF) < 1e-6);
  }

  void brokenFilesAreNamed() {
    const auto error_of = [&](const std::filesystem::path& file) -> std::string {
      try {
        read_photo(file);
      } catch (const MediaError& e) {
        return e.what();
      }
      return {};
    };
    QVERIFY(error_of(path("missing.png")).find("missing.png") != std::string::npos);
    std::ofstream(path("text.png")) << "hello";
    QVERIFY(error_of(path("text.png")).find("not an image") != std::string::npos);
    // Truncated anywhere: an error or a picture, never a crash.
    Photo photo;
    photo.pixels = noise_image(CV_8UC3);
    photo.color_profile = wide_profile();
    for (const char* name : {"t.png", "t.jpg", "t.tif"}) {
      write_photo(path(name), photo, "text");
      std::ifstream in(path(name), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      for (size_t length = 1; length < bytes.size(); length += 1 + length / 3) {
        std::ofstream(path("cut"), std::ios::binary) << bytes.substr(0, length);
        error_of(path("cut"));
        read_description(path("cut"));
      }
    }
    QVERIFY(error_of(path("t.png")).empty());
  }

  void aFileThatWasCutOffIsKnown() {
    Photo photo;
    photo.pixels = noise_image(CV_8UC3);
    photo.color_profile = wide_profile();
    write_photo(path("whole.jpg"), photo, "text");
    QVERIFY(!read_photo(path("whole.jpg")).damaged);
    std::ifstream in(path("whole.jpg"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    std::ofstream(path("cut.jpg"), std::ios::binary) << bytes.substr(0, bytes.size() - bytes.size() / 5);
    QVERIFY(read_photo(path("cut.jpg")).damaged);
    std::ofstream(path("more.jpg"), std::ios::binary) << bytes << "some cameras write more behind the picture";
    QVERIFY(!read_photo(path("more.jpg")).damaged);
    write_photo(path("whole.png"), photo);
    QVERIFY(!read_photo(path("whole.png")).damaged);
  }

  void aPictureThatIsTooLargeIsSaidInOneSentence() {
    // The headers alone: nothing of that size is ever asked for.
    const auto big = [](uint32_t v) {
      return std::string{static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8),
                         static_cast<char>(v)};
    };
    std::ofstream(path("huge.png"), std::ios::binary)
        << "\x89PNG\r\n\x1a\n"
        << big(13) << "IHDR" << big(100000) << big(100000) << std::string("\x08\x02\0\0\0", 5) << big(0) << big(0)
        << "IEND" << big(0xae426082);
    std::ofstream(path("huge.jpg"), std::ios::binary)
        << std::string("\xff\xd8\xff\xc0\x00\x11\x08\xff\xdc\xff\xdc\x03", 12) << std::string(40, '\1');
    for (const auto& [name, size] : {std::pair{"huge.png", "100000x100000"}, std::pair{"huge.jpg", "65500x65500"}}) {
      for (const bool deep : {true, false}) {
        QString words;
        try {
          if (deep) {
            read_photo(path(name));
          } else {
            read_image(path(name));
          }
        } catch (const MediaError& e) {
          words = e.what();
        }
        QVERIFY2(words.contains(size) && words.contains("200 megapixels") && !words.contains("OpenCV"),
                 qPrintable(words));
      }
    }
  }

  void aFileThatCannotBeWrittenLeavesTheOldOne() {
    Photo photo;
    photo.pixels = noise_image(CV_8UC3);
    QVERIFY_EXCEPTION_THROWN(write_photo(path("nowhere/a.png"), photo), MediaError);
    QVERIFY_EXCEPTION_THROWN(write_photo(path("a.xyz"), photo), MediaError);
  }
};

QTEST_GUILESS_MAIN(TestPhotoFile)
#include "tst_photo_file.moc"
