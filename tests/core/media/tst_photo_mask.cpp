// What is painted in a mask, whatever kind of picture it is; and which way up.
#include <QtTest>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_mask.h"

using namespace mgdm;

namespace {

const std::filesystem::path kMaskCases = MGDM_SOURCE_DIR "/tests/data/cases/photos";

/// Of `on` where a rectangle of 40 x 30 at (20, 10) is, else `off`.
Photo painted(cv::Scalar off, cv::Scalar on, int type = CV_8UC3) {
  Photo photo;
  photo.pixels = cv::Mat(100, 120, type, off);
  photo.pixels(cv::Rect(20, 10, 40, 30)).setTo(on);
  return photo;
}

}  // namespace

class TestPhotoMask : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

 private Q_SLOTS:
  void paintOfAnyKind_data() {
    QTest::addColumn<QVariantList>("off");
    QTest::addColumn<QVariantList>("on");
    QTest::newRow("white on black") << QVariantList{0, 0, 0} << QVariantList{255, 255, 255};
    QTest::newRow("red on black") << QVariantList{0, 0, 0} << QVariantList{255, 0, 0};
    QTest::newRow("dark blue on black") << QVariantList{0, 0, 0} << QVariantList{0, 0, 120};
    QTest::newRow("red on white") << QVariantList{255, 255, 255} << QVariantList{255, 0, 0};
    QTest::newRow("green on grey") << QVariantList{90, 90, 90} << QVariantList{0, 200, 0};
    QTest::newRow("0 and 1") << QVariantList{0, 0, 0} << QVariantList{1, 1, 1};
    QTest::newRow("0 and 76") << QVariantList{0, 0, 0} << QVariantList{76, 76, 76};
    QTest::newRow("opaque") << QVariantList{10, 20, 30, 0} << QVariantList{10, 20, 30, 255};
  }
  void paintOfAnyKind() {
    QFETCH(QVariantList, off);
    QFETCH(QVariantList, on);
    const auto scalar = [](const QVariantList& v) {
      return cv::Scalar(v[0].toInt(), v[1].toInt(), v[2].toInt(), v.size() > 3 ? v[3].toInt() : 0);
    };
    const PhotoMask mask = mask_of(painted(scalar(off), scalar(on), off.size() == 4 ? CV_8UC4 : CV_8UC3));
    QCOMPARE(cv::countNonZero(mask.mask == 255), 1200);
    QCOMPARE(cv::countNonZero(mask.mask), 1200);
    QCOMPARE(mask.mask.at<uchar>(11, 21), uchar{255});
    QVERIFY2(mask.warning.empty(), mask.warning.c_str());
    QCOMPARE(mask.painted, 0.1);
  }

  void softEdgesStaySoft() {
    Photo grey = painted({0, 0, 0}, {255, 255, 255}), red = painted({0, 0, 0}, {248, 0, 0});
    for (Photo* photo : {&grey, &red}) {
      cv::GaussianBlur(photo->pixels, photo->pixels, {9, 9}, 2);
      const PhotoMask mask = mask_of(*photo);
      int between = 0;
      for (int y = 0; y < mask.mask.rows; ++y) {
        for (int x = 0; x < mask.mask.cols; ++x) {
          const int expected = photo->pixels.at<cv::Vec3b>(y, x)[0] * 255 / (photo == &grey ? 255 : 248),
                    v = mask.mask.at<uchar>(y, x);
          QVERIFY2(std::abs(v - expected) <= 4, qPrintable(QString("%1 for %2").arg(v).arg(expected)));
          between += v > 10 && v < 245 ? 1 : 0;
        }
      }
      QVERIFY(between > 100);
    }
    Photo deep = painted({0, 0, 0}, {65535, 65535, 65535}, CV_16UC3);
    deep.pixels.at<cv::Vec3w>(0, 0) = {32896, 32896, 32896};
    QCOMPARE(mask_of(deep).mask.at<uchar>(0, 0), uchar{128});
  }

  void labelsAreAllPaint() {
    Photo numbers = painted({0, 0, 0}, {1, 1, 1});
    numbers.pixels(cv::Rect(70, 50, 10, 10)).setTo(cv::Scalar(2, 2, 2));
    numbers.pixels(cv::Rect(90, 50, 10, 10)).setTo(cv::Scalar(17, 17, 17));
    const PhotoMask mask = mask_of(numbers);
    QCOMPARE(cv::countNonZero(mask.mask == 255), 1400);
    QVERIFY(QString::fromStdString(mask.seen).contains("labels other than 0 (up to 17)"));
    Photo colored = painted({0, 0, 0}, {128, 0, 0});
    colored.pixels(cv::Rect(70, 50, 10, 10)).setTo(cv::Scalar(0, 128, 0));
    colored.pixels(cv::Rect(90, 50, 10, 10)).setTo(cv::Scalar(192, 224, 0));
    QCOMPARE(cv::countNonZero(mask_of(colored).mask == 255), 1400);
  }

  void whatWasSeenIsSaid() {
    const PhotoMask nothing = mask_of(painted({76, 76, 76}, {76, 76, 76}));
    QCOMPARE(nothing.painted, 0.0);
    QVERIFY2(nothing.warning.find("76 of 255") != std::string::npos, nothing.warning.c_str());
    Photo faint = painted({0, 0, 0}, {76, 76, 76});
    cv::GaussianBlur(faint.pixels, faint.pixels, {9, 9}, 2);
    faint.pixels.at<cv::Vec3b>(0, 0) = {70, 70, 70};
    const PhotoMask pale = mask_of(faint);
    QVERIFY2(pale.warning.find("brightest value 76 of 255") != std::string::npos, pale.warning.c_str());
    const PhotoMask all = mask_of(painted({255, 255, 255}, {0, 0, 0}, CV_8UC3));
    QVERIFY2(all.warning.empty() || all.painted > 0.9, all.warning.c_str());
    Photo negative = painted({255, 255, 255}, {255, 255, 255});
    negative.pixels(cv::Rect(0, 0, 10, 10)).setTo(cv::Scalar::all(0));
    QVERIFY2(mask_of(negative).warning.find("nearly all") != std::string::npos, mask_of(negative).warning.c_str());
  }

  void whatAJpegMakesOfBlackIsNoPaint() {
    Photo mask = painted({0, 0, 0}, {255, 255, 255});
    const std::filesystem::path file = folder_.filePath("mask.jpg").toStdString();
    cv::imwrite(file.string(), mask.pixels, {cv::IMWRITE_JPEG_QUALITY, 50});
    const cv::Mat read = read_photo_mask(file).mask;
    QVERIFY(std::abs(cv::countNonZero(read > 127) - 1200) < 30);
    QCOMPARE(cv::countNonZero(read(cv::Rect(80, 60, 40, 40))), 0);
    QCOMPARE(cv::countNonZero(read(cv::Rect(24, 14, 30, 20)) == 255), 600);
  }

  void masksOfTheCases() {
    for (const char* name : {"mask.tif", "mask.webp", "mask_red.png"}) {
      const PhotoMask mask = read_photo_mask(kMaskCases / name);
      QVERIFY2(mask.warning.empty() && mask.painted > 0.01 && mask.painted < 0.5,
               qPrintable(QString("%1: %2 %3").arg(name).arg(mask.painted).arg(mask.warning.c_str())));
      QCOMPARE(mask.mask.size(), cv::Size(192, 128));
      QVERIFY(cv::countNonZero(mask.mask == 255) > 100);
    }
    const PhotoMask erased = read_photo_mask(kMaskCases / "photo_erased_alpha.png");
    QVERIFY2(erased.warning.find("transparent part of a photo") != std::string::npos,
             qPrintable(QString::number(erased.painted)));
    const cv::Mat hole = transparent_part(read_photo(kMaskCases / "photo_erased_alpha.png"));
    QCOMPARE(cv::countNonZero(hole), static_cast<int>(hole.total()) - cv::countNonZero(erased.mask == 255));
    QVERIFY(cv::countNonZero(hole) > 0);
    QVERIFY(transparent_part(read_photo(kMaskCases / "photo.png")).empty());
  }

  void aMaskTurnsWithItsPhoto() {
    // Both say orientation 6; as they are stored, the paint is elsewhere.
    const PhotoMask mask = read_photo_mask(kMaskCases / "square_phone_mask.jpg");
    QCOMPARE(mask.orientation, 6);
    const cv::Mat stored = cv::imread((kMaskCases / "square_phone_mask.jpg").string(),
                                      cv::IMREAD_GRAYSCALE | cv::IMREAD_IGNORE_ORIENTATION);
    const cv::Rect box = cv::boundingRect(stored > 127), upright = cv::boundingRect(mask.mask > 127);
    QVERIFY(box != upright);
    QCOMPARE(upright.x, stored.rows - box.br().y);  // a quarter to the right
    QCOMPARE(upright.y, box.x);
    // One without an orientation, of the stored photo's size.
    Photo photo;
    photo.pixels = cv::Mat(120, 80, CV_8UC3, cv::Scalar::all(0));
    photo.orientation = 6;
    PhotoMask loose;
    loose.mask = cv::Mat(80, 120, CV_8UC1, cv::Scalar(0));
    loose.mask.at<uchar>(0, 0) = 255;
    const cv::Mat turned = oriented_as(photo, loose);
    QCOMPARE(turned.size(), cv::Size(80, 120));
    QCOMPARE(turned.at<uchar>(0, 79), uchar{255});
  }

  void aLargeMaskIsRead() {
    // Above 33.5 megapixels, Qt's limit of old.
    const std::filesystem::path file = folder_.filePath("large.png").toStdString();
    cv::Mat large(6000, 6000, CV_8UC1, cv::Scalar(0));
    large(cv::Rect(100, 200, 300, 400)).setTo(255);
    cv::imwrite(file.string(), large, {cv::IMWRITE_PNG_COMPRESSION, 1});
    const PhotoMask mask = read_photo_mask(file);
    QCOMPARE(mask.mask.size(), cv::Size(6000, 6000));
    QCOMPARE(cv::countNonZero(mask.mask == 255), 120000);
  }
};

QTEST_GUILESS_MAIN(TestPhotoMask)
#include "tst_photo_mask.moc"
