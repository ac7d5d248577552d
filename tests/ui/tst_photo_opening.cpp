// Photos and masks as people bring them, in the window: what is said, what is offered, what is kept.
#include <QAction>
#include <QImageReader>
#include <QtTest>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_mask.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/photo/photo_files.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestPhotoOpening : public QObject {
  Q_OBJECT
  static QString photo(const QString& name) {
    return QStringLiteral(MGDM_SOURCE_DIR "/tests/data/cases/photos/") + name;
  }
  static QString said(Studio& s) {
    return s.find<QLabel>("message")->isHidden() ? QString() : s.find<QLabel>("message")->text();
  }
  static cv::Mat maskOf(Studio& s) {
    const QImage& mask = s.page->document()->mask();
    return cv::Mat(mask.height(), mask.width(), CV_8UC1, const_cast<uchar*>(mask.constBits()),
                   static_cast<size_t>(mask.bytesPerLine()))
        .clone();
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void damageAndPagesAreSaid() {
    Studio s;
    s.openFile(photo("truncated.jpg"));
    QVERIFY2(said(s).contains("is damaged") && said(s).contains("shown grey"), qPrintable(said(s)));
    s.openFile(photo("two_pages_thumb_first.tif"));
    QVERIFY2(said(s).contains("page 2, 192x128"), qPrintable(said(s)));
    s.openFile(photo("photo.png"));
    QVERIFY2(said(s).isEmpty(), qPrintable(said(s)));
  }

  void anyPictureIsAMask() {
    Studio s;
    s.openFile(photo("photo.png"));
    s.page->files()->importMask(photo("anim.gif"));
    QTRY_VERIFY2(said(s).contains("is a GIF"), qPrintable(said(s)));
    for (const char* name : {"mask.tif", "mask.webp", "mask_red.png"}) {
      const cv::Mat expected = read_photo_mask(photo(name).toStdString()).mask;
      s.act("clear")->trigger();
      s.page->files()->importMask(photo(name));
      QTRY_VERIFY2(cv::norm(maskOf(s), expected, cv::NORM_INF) == 0, name);
      QVERIFY2(said(s).isEmpty(), qPrintable(said(s)));  // what was wrong before is past
    }
    s.page->files()->importMask(photo("photo_erased_alpha.png"));
    QTRY_VERIFY2(said(s).contains("nearly all"), qPrintable(said(s)));
  }

  void aMaskTurnsWithItsPhoto() {
    Studio s;
    s.openFile(photo("square_phone.jpg"));
    s.page->files()->importMask(photo("square_phone_mask.jpg"));
    const cv::Mat expected = read_photo_mask(photo("square_phone_mask.jpg").toStdString()).mask;
    QTRY_VERIFY(cv::norm(maskOf(s), expected, cv::NORM_INF) == 0);
  }

  void theTransparentPartIsOffered() {
    Studio s;
    s.openFile(photo("photo_erased_alpha.png"));
    QVERIFY2(said(s).contains("is transparent"), qPrintable(said(s)));
    Q_EMIT s.find<QLabel>("message")->linkActivated("resume");
    const cv::Mat hole = transparent_part(*s.page->document()->photo());
    QTRY_VERIFY(cv::norm(maskOf(s), hole, cv::NORM_INF) == 0);
    // What is filled there is seen.
    const auto whole = s.page->document()->area();
    s.page->document()->accept(cv::Mat(whole.height, whole.width, CV_16UC3, cv::Scalar::all(30000)), whole,
                               s.page->document()->mask(), true, "filled");
    QTRY_VERIFY(!s.page->document()->settling());
    cv::Mat alpha;
    cv::extractChannel(s.page->document()->photo()->pixels, alpha, 3);
    cv::Mat core = hole == 255;
    cv::erode(core, core, {}, {-1, -1}, 2);
    QVERIFY(cv::countNonZero(core) > 0);
    QCOMPARE(cv::countNonZero((alpha < 255) & core), 0);
  }

  void theMarkCanBeSwitchedOff() {
    Studio s;
    QTemporaryDir folder;
    s.openFile(photo("photo.png"));
    const auto marked = [&](const QString& name) {
      s.page->files()->save(folder.filePath(name), R"({"seed": 1})");
      s.page->saver()->wait();
      return read_photo(folder.filePath(name).toStdString()).metadata.xmp.find(kMadeInPart) != std::string::npos;
    };
    QVERIFY(s.act("model_mark")->isChecked());
    QVERIFY(marked("a.png"));
    s.act("model_mark")->trigger();
    QVERIFY(!marked("b.png"));
    s.act("model_mark")->trigger();
    QVERIFY(marked("c.jpg"));
  }

  void theSessionsMaskIsReadAtAnySize() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo(1200, 1000).save(file);
    QImage mask;
    {
      Studio s;
      s.openFile(file);
      s.paint();
      mask = s.page->document()->mask();
      QTest::qWait(1500);
      s.page->saver()->wait();
    }
    QImageReader::setAllocationLimit(1);  // megabyte: as 45 megapixels are to Qt's 128
    QVERIFY(QImage(file).isNull());
    {
      MainWindow again;
      again.photoPage()->runs()->setPrior(tiny_prior());
      QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened);
      QVERIFY(again.photoPage()->restoreSession());
      QVERIFY(opened.wait(20000));
      QVERIFY(!again.photoPage()->document()->maskEmpty());
      QVERIFY(again.photoPage()->document()->mask() == mask);
    }
    QImageReader::setAllocationLimit(128);
  }
};

QTEST_MAIN(TestPhotoOpening)
#include "tst_photo_opening.moc"
