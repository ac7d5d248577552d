// Photos and masks as people bring them, in the window: what is said, what is offered, what is kept.
#include <QAction>
#include <QImageReader>
#include <QRegularExpression>
#include <QtTest>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_mask.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/photo/photo_files.h"
#include "ui/shell/translation.h"
#include "ui/widgets/words.h"

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

  // What the readers say, in the person's language.
  void theReadersSpeakGerman() {
    Translator core, studio;
    QVERIFY(core.load(":/translations/core_de") && studio.load(":/translations/studio_de"));
    QCoreApplication::installTranslator(&core);
    QCoreApplication::installTranslator(&studio);
    {
      Studio s;
      s.openFile(photo("truncated.jpg"));
      QVERIFY2(said(s).contains("von 256 Zeilen fehlen 144, sie sind grau"), qPrintable(said(s)));
      s.openFile(photo("two_pages_thumb_first.tif"));
      QVERIFY2(said(s).contains("von ihren 2 Seiten wurde die größte geöffnet (Seite 2, 192x128)"),
               qPrintable(said(s)));
      s.openFile(photo("photo.png"));
      s.page->files()->importMask(photo("photo_erased_alpha.png"));
      QTRY_VERIFY2(said(s).contains("% der Maske sind gemalt, fast alles: genommen wurde"), qPrintable(said(s)));
      s.page->files()->importMask(photo("anim.gif"));
      QTRY_VERIFY2(said(s).contains("ist ein GIF; sichern Sie eines seiner Bilder als PNG"), qPrintable(said(s)));
    }
    // Every sentence that core/media puts together, with any numbers: no part stays English.
    for (const char* note :
         {"the file is damaged or cut off: of 40 rows 28 are missing and shown grey",
          "the file is damaged or cut off: some of the picture is missing or coarse",
          "the file is damaged or cut off: some of the picture is wrong or coarse",
          "the file is damaged or cut off: some of the picture is missing",
          "the file is damaged or cut off: 3 of its pieces are missing, from row 16 of 64 on",
          "channels beside the colours were left out", "an animation: its first picture was opened",
          "12 of its values are no numbers (NaN or infinite) and shown black",
          "its values go up to 6.02e+23 and were taken as 0 to 65535",
          "5 of its values lie outside 0 to 255 and were cut",
          "its colour profile is damaged or of another colour space and was left out",
          "its inks (CMYK) come without a profile that can be used: the colours are approximate",
          "all of it is marked transparent, which was taken for a mistake",
          "nothing is painted in the mask: taken was what is brighter (brightest value 76 of 255)",
          "nothing is painted in the mask: taken was brightness, which is 0 of 255 everywhere",
          "the mask is faint: taken was labels other than 0 (up to 7)",
          "98 % of the mask is painted, nearly all: taken was colours other than the background (255, 255, 255)",
          "98 % of the mask is painted, nearly all: taken was what is opaque (the picture is transparent in parts); to "
          "fill the transparent part of a photo, open it without a mask",
          "98 % of the mask is painted, nearly all: taken was what is brighter (brightest value 255 of 255); white is "
          "what is filled"}) {
      const QStringList english = QString(note).split(QRegularExpression("[:;] ")),
                        german = spoken_sentence(note).split(QRegularExpression("[:;] "));
      QCOMPARE(german.size(), english.size());
      for (qsizetype k = 0; k < english.size(); ++k) {
        QVERIFY2(german[k] != english[k], note);
        QVERIFY2(!german[k].contains('%') || english[k].contains('%'), qPrintable(german[k]));
      }
    }
    QCOMPARE(spoken_sentence("/a: b/1.gif: is a GIF; x 7 y"), QString("/a: b/1.gif: ist ein GIF; x 7 y"));
    QCoreApplication::removeTranslator(&core);
    QCoreApplication::removeTranslator(&studio);
    QCOMPARE(spoken_sentence("it is 5"), QString("it is 5"));
  }

  // One pixel across: opened, painted on, and worked on or refused in one sentence.
  void extremeShapesAreOpened() {
    QTemporaryDir folder;
    for (const QSize size : {QSize(1, 20000), QSize(20000, 1), QSize(1, 1)}) {
      QImage thin(size, QImage::Format_RGB888);
      thin.fill(QColor(90, 120, 150));
      const QString file = folder.filePath("thin.png");
      QVERIFY(thin.save(file));
      Studio s;
      s.openFile(file);
      QCOMPARE(s.page->document()->size(), size);
      for (const auto way : {Way::Repair, Way::Fill}) {
        s.page->chooseWay(way);
        if (way == Way::Fill) {
          QImage mask(size, QImage::Format_Grayscale8);
          mask.fill(255);
          s.page->document()->replaceMask(mask, "all");
        }
        QSignalSpy finished(s.page->runs(), &PhotoRuns::finished), failed(s.page->runs(), &PhotoRuns::failed);
        s.settings(4);
        s.find<QPushButton>("run")->click();
        QTRY_VERIFY_WITH_TIMEOUT(finished.count() + failed.count() > 0 || !said(s).isEmpty(), 60000);
        if (finished.isEmpty()) QVERIFY2(!said(s).isEmpty() && !said(s).contains('\n'), qPrintable(said(s)));
        QTRY_VERIFY(s.ready());
      }
    }
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
