// Photos and masks as people bring them, at the command line: what is said, and where it fills.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/media/image_file.h"
#include "core/media/photo_mask.h"
#include "tests/app/programs.h"

using namespace mgdm;
using test::Answer;
using test::one_line;

class TestPhotoInput : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  static QString photo(const QString& name) {
    return QStringLiteral(MGDM_SOURCE_DIR "/tests/data/cases/photos/") + name;
  }
  QString file(const QString& name) const { return dir_.filePath(name); }
  Answer degrade(const QString& name, const QString& out, const QStringList& more) const {
    return test::mgdm(QStringList{"degrade", photo(name), "--out", file(out), "--noise", "0.001", "--quiet"} + more);
  }
  /// Where a degraded photo is not the photo.
  at::Tensor dropped(const QString& name, const QString& out) const {
    const at::Tensor whole = read_image(photo(name).toStdString()).to(at::kInt),
                     holed = read_image(file(out).toStdString()).to(at::kInt);
    return (whole - holed).abs().amax(0) > 12;
  }

 private Q_SLOTS:
  void damageIsSaid() {
    const Answer r = degrade("truncated.jpg", "cut.png", {"--task", "denoising"});
    QCOMPARE(r.code, 0);
    QVERIFY2(one_line(r.error, "are missing and shown grey") && r.error.contains("truncated.jpg"), r.error.constData());
    const Answer pages = degrade("two_pages_thumb_first.tif", "page.png", {"--task", "denoising"});
    QVERIFY2(pages.code == 0 && one_line(pages.error, "page 2, 192x128"), pages.error.constData());
  }

  void aFormatThatIsNotReadIsNamed() {
    const Answer r = degrade("anim.gif", "gif.png", {"--task", "denoising"});
    QCOMPARE(r.code, 3);
    QVERIFY2(one_line(r.error, "is a GIF; save one of its pictures as PNG"), r.error.constData());
  }

  void aPhotosTransparentPartIsItsMask() {
    const Answer r = degrade("photo_erased_alpha.png", "hole.png", {"--task", "inpainting"});
    QVERIFY2(r.code == 0 && one_line(r.error, "its transparent part is filled"), r.error.constData());
    const cv::Mat hole = transparent_part(read_photo(photo("photo_erased_alpha.png").toStdString()));
    const at::Tensor gone = dropped("photo.png", "hole.png");
    int64_t inside = 0, outside = 0;
    for (int y = 0; y < hole.rows; ++y) {
      for (int x = 0; x < hole.cols; ++x)
        (hole.at<uchar>(y, x) > 0 ? inside : outside) += gone[y][x].item<bool>() ? 1 : 0;
    }
    QVERIFY(inside > cv::countNonZero(hole) / 2);
    QCOMPARE(outside, 0);
    const Answer none = degrade("photo.png", "none.png", {"--task", "inpainting"});
    QVERIFY2(none.code == 2 && one_line(none.error, "needs --mask"), none.error.constData());
    const Answer all =
        degrade("photo.png", "all.png", {"--task", "inpainting", "--mask", photo("photo_erased_alpha.png")});
    QVERIFY2(all.error.contains("nearly all"), all.error.constData());
  }

  void masksOfEveryKind() {
    for (const char* mask : {"mask.tif", "mask.webp", "mask_red.png"}) {
      const Answer r = degrade("photo.png", "masked.png", {"--task", "inpainting", "--mask", photo(mask), "--force"});
      QVERIFY2(r.code == 0 && r.error.isEmpty(), r.error.constData());
      const cv::Mat paint = read_photo_mask(photo(mask).toStdString()).mask;
      const at::Tensor gone = dropped("photo.png", "masked.png");
      for (int y = 0; y < paint.rows; ++y) {
        for (int x = 0; x < paint.cols; ++x) QVERIFY(!gone[y][x].item<bool>() || paint.at<uchar>(y, x) > 0);
      }
      QVERIFY(gone.sum().item<int64_t>() > cv::countNonZero(paint) / 2);
    }
  }

  void aMaskTurnsWithItsPhoto() {
    const Answer r =
        degrade("square_phone.jpg", "turned.png", {"--task", "inpainting", "--mask", photo("square_phone_mask.jpg")});
    QVERIFY2(r.code == 0 && r.error.isEmpty(), r.error.constData());
    const cv::Mat paint = read_photo_mask(photo("square_phone_mask.jpg").toStdString()).mask;
    const at::Tensor gone = dropped("square_phone.jpg", "turned.png");
    int64_t inside = 0, outside = 0;
    for (int y = 0; y < paint.rows; ++y) {
      for (int x = 0; x < paint.cols; ++x)
        (paint.at<uchar>(y, x) > 0 ? inside : outside) += gone[y][x].item<bool>() ? 1 : 0;
    }
    QVERIFY(inside > 0);
    QCOMPARE(outside, 0);
  }

  void anEmptyMaskSaysWhatWasSeen() {
    write_image(file("dim.png").toStdString(), at::full({128, 192}, 76, at::kByte));
    const Answer r = test::mgdm({"restore", photo("photo.png"), "--task", "inpainting", "--mask", file("dim.png"),
                                 "--out", file("never.png"), "--quiet"});
    QCOMPARE(r.code, 3);
    QVERIFY2(r.error.contains("76 of 255"), r.error.constData());
  }

  void resultsSayThatAModelMadeParts() {
    const QStringList command{"restore", photo("photo.png"), "--task", "denoising", "--sampler", "ddrm", "--preset", "",
                              "--set",   "steps=4",          "--size", "64",        "--quiet"};
    const auto marked = [&](const QString& out) {
      return read_photo(file(out).toStdString()).metadata.xmp.find(kMadeInPart) != std::string::npos;
    };
    for (const char* out : {"marked.png", "marked.jpg", "marked.tif", "marked.webp"}) {
      const Answer r = test::mgdm(command + QStringList{"--out", file(out)});
      QVERIFY2(r.code == 0, r.error.constData());
      QVERIFY(marked(out));
      QVERIFY(read_description(file(out).toStdString()).find("\"seed\"") != std::string::npos);
    }
    QCOMPARE(test::mgdm(command + QStringList{"--out", file("plain.png"), "--no-ai-mark"}).code, 0);
    QVERIFY(!marked("plain.png"));
    QCOMPARE(test::mgdm(command + QStringList{"--out", file("folder")}).code, 0);
    QVERIFY(marked("folder/sample_0.png") && !marked("folder/observation.png"));
  }
};

QTEST_GUILESS_MAIN(TestPhotoInput)
#include "tst_photo_input.moc"
