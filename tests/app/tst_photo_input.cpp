// Photos and masks as people bring them, at the command line: what is said, and where it fills.
#include <ATen/ATen.h>

#include <QtTest>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "core/files/json_text.h"
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
  void initTestCase() {  // 1600 x 200, of which a square from the middle is an eighth
    cv::Mat tile, row;
    cv::resize(read_photo(photo("photo.png").toStdString()).pixels, tile, {400, 200}, 0, 0, cv::INTER_AREA);
    cv::hconcat(std::vector<cv::Mat>(4, tile), row);
    Photo pano;
    pano.pixels = row;
    write_photo(file("pano.png").toStdString(), pano);
  }

  void damageIsSaid() {
    const Answer r = degrade("truncated.jpg", "cut.png", {"--task", "denoising"});
    QCOMPARE(r.code, 0);
    QVERIFY2(one_line(r.error, "are missing and shown grey") && r.error.contains("truncated.jpg"), r.error.constData());
    const Answer pages = degrade("two_pages_thumb_first.tif", "page.png", {"--task", "denoising"});
    QVERIFY2(pages.code == 0 && one_line(pages.error, "page 2, 192x128"), pages.error.constData());
  }

  // What OpenCV reads, and talks about while it does: the program says one sentence.
  void whatIsCutOffIsOneSentence() {
    cv::Mat light;
    const cv::Mat bgr = read_photo(photo("photo.png").toStdString()).pixels;
    bgr.convertTo(light, CV_32F, 1 / 255.0);
    for (const char* ending : {".bmp", ".ppm", ".ras", ".jp2", ".hdr"}) {
      std::vector<uchar> bytes;
      QVERIFY(cv::imencode(ending, std::string(ending) == ".hdr" ? light : bgr, bytes));
      QFile cut(file(QString("cut") + ending));
      QVERIFY(cut.open(QIODevice::WriteOnly));
      cut.write(reinterpret_cast<const char*>(bytes.data()), static_cast<qint64>(bytes.size() / 2));
      cut.close();
      const Answer r = test::mgdm({"degrade", cut.fileName(), "--task", "denoising", "--out", file("cut_out.png")});
      QVERIFY2(r.code == 3 && one_line(r.error, "damaged or cut off"), r.error.constData());
    }
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

  // A panorama whose left end is painted: filled there, at its own pixels, and nothing else of it changes.
  void aPanoramaIsFilledWhereItIsPainted() {
    const QString pano = file("pano.png"), mask = photo("mask_left.png");
    const Answer r = test::mgdm({"restore", pano, "--task", "inpainting", "--observed", "--mask", mask, "--out",
                                 file("pano"), "--preset", "", "--set", "steps=4", "--sampler", "ddrm", "--quiet"});
    QVERIFY2(r.code == 0 && r.error.isEmpty(), r.error.constData());
    const at::Tensor before = read_image(pano.toStdString()),
                     after = read_image(file("pano/sample_0.png").toStdString());
    QCOMPARE(after.sizes(), before.sizes());
    const cv::Mat paint = read_photo_mask(mask.toStdString()).mask;
    const at::Tensor painted =
        at::from_blob(paint.data, {paint.rows, paint.cols}, {static_cast<int64_t>(paint.step), 1},
                      at::TensorOptions().dtype(at::kByte))
            .gt(0);
    const at::Tensor changed = (before != after).any(0);
    QVERIFY((changed & ~painted).sum().item<int64_t>() == 0);
    QVERIFY((changed & painted).sum().item<int64_t>() > painted.sum().item<int64_t>() / 2);
    // At the left end, of which a square from the middle shows nothing.
    QVERIFY(painted.nonzero().select(1, 1).max().item<int64_t>() < before.size(2) / 4);
  }

  // The old way, for experiments: the middle square alone, asked for and said.
  void aCropIsAskedForAndSaid() {
    const QStringList command{"restore", file("pano.png"), "--task",  "denoising", "--sampler", "ddrm",   "--preset",
                              "",        "--set",          "steps=4", "--size",    "64",        "--quiet"};
    Answer r = test::mgdm(command + QStringList{"--crop", "--out", file("crop")});
    QVERIFY2(r.code == 0, r.error.constData());
    const at::Tensor pano = read_image(file("pano.png").toStdString());
    const int64_t side = std::min(pano.size(1), pano.size(2));
    QCOMPARE(read_image(file("crop/sample_0.png").toStdString()).sizes(), at::IntArrayRef({3, 64, 64}));
    const nlohmann::json record = read_json(file("crop/run.json").toStdString());
    QCOMPARE(record.at("files").at("crop"), nlohmann::json("centre"));
    QCOMPARE(record.at("files").at("area").at("rect"),
             nlohmann::json({(pano.size(2) - side) / 2, (pano.size(1) - side) / 2, side, side}));
    // Done again it is the same, and says so again.
    r = test::mgdm({"restore", "--replay", file("crop/run.json"), "--out", file("crop_again"), "--quiet"});
    QVERIFY2(r.code == 0, r.error.constData());
    QVERIFY(at::equal(read_image(file("crop/sample_0.png").toStdString()),
                      read_image(file("crop_again/sample_0.png").toStdString())));
    QCOMPARE(read_json(file("crop_again/run.json").toStdString()).at("files").at("crop"), nlohmann::json("centre"));
    // Without it: all of the panorama.
    r = test::mgdm(command + QStringList{"--out", file("whole")});
    QVERIFY2(r.code == 0, r.error.constData());
    const at::Tensor whole = read_image(file("whole/sample_0.png").toStdString());
    QCOMPARE(whole.size(2) / 64, pano.size(2) / pano.size(1));
    QVERIFY(!read_json(file("whole/run.json").toStdString()).at("files").contains("crop"));
    // A mask of which the middle has nothing.
    r = test::mgdm({"restore", file("pano.png"), "--task", "inpainting", "--observed", "--mask", photo("mask_left.png"),
                    "--crop", "--out", file("none"), "--quiet"});
    QVERIFY2(r.code == 3 && one_line(r.error, "nothing is painted in the middle"), r.error.constData());
    QVERIFY(!test::mgdm(command + QStringList{"--crop", "--area", "0,0,64,64", "--out", file("no")}).error.isEmpty());
  }

  // One pixel across: worked on, or refused in a sentence; never a part of it without a word.
  void extremeShapes_data() {
    QTest::addColumn<int>("width");
    QTest::addColumn<int>("height");
    QTest::newRow("1 x 20000") << 1 << 20000;
    QTest::newRow("20000 x 1") << 20000 << 1;
    QTest::newRow("40000 x 70") << 40000 << 70;
  }
  void extremeShapes() {
    QFETCH(int, width);
    QFETCH(int, height);
    const at::Tensor ramp = (at::arange(int64_t{width} * height) % 256).reshape({height, width}).to(at::kByte);
    write_image(file("thin.png").toStdString(), at::stack({ramp, ramp, ramp}).contiguous());
    QCOMPARE(read_image(file("thin.png").toStdString()).sizes(), at::IntArrayRef({3, height, width}));
    at::Tensor mask = at::zeros({int64_t{width} * height}, at::kByte);
    mask.slice(0, 100, 300).fill_(255);
    write_image(file("thin_mask.png").toStdString(), mask.reshape({height, width}));
    for (const QStringList& more : {QStringList{"--task", "denoising", "--observed"},
                                    {"--task", "denoising", "--size", "64"},
                                    {"--task", "inpainting", "--observed", "--mask", file("thin_mask.png")}}) {
      const QString out = file("thin_out");
      QDir(out).removeRecursively();
      const Answer r = test::mgdm(QStringList{"restore", file("thin.png"), "--sampler", "ddrm", "--preset", "", "--set",
                                              "steps=4", "--out", out, "--quiet"} +
                                  more);
      if (r.code == 0) {
        const at::Tensor result = read_image((out + "/sample_0.png").toStdString());
        if (more.contains("--observed")) QCOMPARE(result.sizes(), at::IntArrayRef({3, height, width}));
      } else {
        QVERIFY2((r.code == 2 || r.code == 3) && r.error.count('\n') == 1, r.error.constData());
        QVERIFY2(more.contains("--mask") || r.error.contains(QString("%1x%2").arg(width).arg(height).toUtf8()),
                 r.error.constData());
      }
    }
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
