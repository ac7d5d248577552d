#include <ATen/ATen.h>
#include <QtTest>
#include <fstream>
#include <opencv2/imgcodecs.hpp>

#include "core/media/image_file.h"
#include "tests/oracle.h"

using namespace mgdm;

class TestImageFile : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }
  QString errorOf(const std::filesystem::path& file) const {
    try {
      read_image(file);
    } catch (const MediaError& e) {
      const QString what = QString::fromUtf8(e.what());
      return what.startsWith(QString::fromStdString(file.string())) ? what : QStringLiteral("does not name the file");
    }
    return {};
  }
  std::filesystem::path bytes(const char* name, const std::string& content) const {
    std::ofstream(path(name), std::ios::binary) << content;
    return path(name);
  }
  static std::string contentOf(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

 private Q_SLOTS:
  void pngSurvivesExactly() {
    const at::Tensor image = at::randint(0, 256, {3, 24, 40}, at::kByte);
    write_image(path("a.png"), image);
    QVERIFY(at::equal(read_image(path("a.png")), image));
    const at::Tensor signal = to_signal(image);
    QVERIFY(at::equal(to_pixels(signal), image));
    QVERIFY(signal.min().item<double>() >= -1 && signal.max().item<double>() <= 1);
  }

  void oddKindsAreConverted() {
    cv::Mat grey16(20, 30, CV_16UC1, cv::Scalar(32896));
    cv::imwrite(path("grey16.png").string(), grey16);
    QCOMPARE(read_image(path("grey16.png"))[1][5][5].item<int>(), 128);
    cv::Mat alpha(20, 30, CV_8UC4, cv::Scalar(10, 20, 30, 0));
    cv::imwrite(path("alpha.png").string(), alpha);
    QCOMPARE(read_image(path("alpha.png"))[0][0][0].item<int>(), 30);  // red first
    QCOMPARE(read_image(path("alpha.png")).size(0), 3);
  }

  void cmykIsConverted() {
    const QString file = QStringLiteral(MGDM_SOURCE_DIR "/tests/data/cmyk.jpg");
    const at::Tensor image = read_image(file.toStdString());
    QCOMPARE(image.size(0), 3);
    QVERIFY(image.size(1) > 0);
  }

  void brokenFilesAreNamed() {
    QVERIFY(errorOf(path("missing.png")).contains("cannot be opened"));
    QVERIFY(errorOf(bytes("empty.png", "")).contains("is empty"));
    QVERIFY(errorOf(bytes("text.jpg", "this is no picture")).contains("not an image"));
    QVERIFY(errorOf(folder_.path().toStdString()).contains("folder"));
    write_image(path("good.png"), at::randint(0, 256, {3, 64, 64}, at::kByte));
    const std::string good = contentOf(path("good.png"));
    QVERIFY(!errorOf(bytes("header_only.png", good.substr(0, 20))).isEmpty());
    // A header that claims 2 billion pixels must not be allocated.
    std::string huge = good;
    huge.replace(16, 8, std::string("\x00\x00\xb0\x00\x00\x00\xb0\x00", 8));
    QVERIFY(!errorOf(bytes("huge.png", huge)).isEmpty());
  }

  void aWrongExtensionIsNoProblem() {
    write_image(path("real.png"), at::randint(0, 256, {3, 16, 16}, at::kByte));
    std::filesystem::copy_file(path("real.png"), path("really_png.jpg"));
    QCOMPARE(read_image(path("really_png.jpg")).size(1), 16);
  }

  void masksMayBeInBrightnessOrAlpha() {
    cv::Mat grey(8, 8, CV_8UC1, cv::Scalar(0));
    grey.at<uchar>(2, 3) = 255;
    cv::imwrite(path("mask.png").string(), grey);
    QCOMPARE(read_mask(path("mask.png")).gt(0).sum().item<int>(), 1);
    cv::Mat alpha(8, 8, CV_8UC4, cv::Scalar(255, 255, 255, 0));
    alpha.at<cv::Vec4b>(1, 1)[3] = 255;
    cv::imwrite(path("alpha_mask.png").string(), alpha);
    const at::Tensor mask = read_mask(path("alpha_mask.png"));
    QCOMPARE(mask.gt(0).sum().item<int>(), 1);
    QCOMPARE(mask[1][1].item<int>(), 255);
  }

  void fittingKeepsMultiplesOfEight_data() {
    QTest::addColumn<int>("height");
    QTest::addColumn<int>("width");
    QTest::addRow("landscape") << 100 << 150;
    QTest::addRow("portrait") << 333 << 250;
    QTest::addRow("1x10000") << 1 << 10000;
    QTest::addRow("tiny") << 3 << 3;
  }
  void fittingKeepsMultiplesOfEight() {
    QFETCH(int, height);
    QFETCH(int, width);
    const at::Tensor fitted = fit_image(at::randint(0, 256, {3, height, width}, at::kByte), 64, false);
    QCOMPARE(std::min(fitted.size(1), fitted.size(2)), 64);
    QCOMPARE(fitted.size(1) % 8, 0);
    QCOMPARE(fitted.size(2) % 8, 0);
  }

  void writingNamesTheProblemAndKeepsTheOldFile() {
    const at::Tensor image = at::zeros({3, 8, 8}, at::kByte);
    QVERIFY_EXCEPTION_THROWN(write_image("/nonexistent-folder/a.png", image), MediaError);
    QVERIFY_EXCEPTION_THROWN(write_image(path("a.nothing"), image), MediaError);
    if (std::filesystem::exists("/dev/full")) {
      write_image(path("old.png"), image);
      std::filesystem::create_symlink("/dev/full", path("old.png.part"));
      QVERIFY_EXCEPTION_THROWN(write_image(path("old.png"), at::ones({3, 8, 8}, at::kByte)), MediaError);
      QVERIFY(at::equal(read_image(path("old.png")), image));
    }
  }
};

QTEST_GUILESS_MAIN(TestImageFile)
#include "tst_image_file.moc"
