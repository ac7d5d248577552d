// Full disks and folders that are gone, in the window: no result is lost, an older file stays, and what could not be
// written is offered again in one sentence.
#include <QFileDialog>
#include <QLineEdit>
#include <QRadioButton>
#include <QUndoStack>
#include <QtTest>
#include <opencv2/core.hpp>

#include "core/media/photo_file.h"
#include "core/media/sound_file.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/song/song_runs.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

namespace {

/// Chooses this file or folder in the file dialog that comes next.
class NextFile : public QTimer {
 public:
  explicit NextFile(const QString& path) {
    setInterval(10);
    callOnTimeout([this, path] {
      auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      asked_ = true;
      stop();
      auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
      name->setText(path);
      QTest::keyClick(name, Qt::Key_Return);
    });
    start();
  }
  bool asked() const { return asked_; }

 private:
  bool asked_ = false;
};

/// The file that is written to before it is renamed is the device that is always full.
bool fill_disk_for(const QString& file) { return QFile::link(QStringLiteral("/dev/full"), file + ".part"); }

QByteArray content_of(const QString& file) {
  QFile in(file);
  return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

void put_file(const QString& file, const QByteArray& bytes) {
  QFile out(file);
  QVERIFY(out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size());
}

}  // namespace

class TestWriting : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  QString path(const QString& name) const { return folder_.filePath(name); }

  static QString said(const QWidget& window, const char* bar = "message") {
    const auto* message = window.findChild<QLabel*>(QString::fromLatin1(bar));
    return message == nullptr || message->isHidden() ? QString() : message->text();
  }
  /// A click on what the message offers, which asks for `path`.
  static bool take(QWidget& window, const QString& path, const char* bar = "message") {
    const NextFile next(path);
    Q_EMIT window.findChild<QLabel*>(QString::fromLatin1(bar))->linkActivated("resume");
    return next.asked();
  }
  /// With a result in the photo that was not saved.
  static bool haveResult(Studio& s) {
    s.page->chooseWay(Way::Fill);
    s.paint();
    s.settings(4);
    if (s.run().samples.empty()) return false;
    s.act("accept")->trigger();
    return s.page->document()->unsaved();
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void aPhotoIsKeptAndOfferedAgain() {
    Studio s;
    QVERIFY(haveResult(s));
    const cv::Mat result = s.page->document()->photo()->pixels.clone();
    put_file(path("old.png"), "what was there");
    QVERIFY(fill_disk_for(path("old.png")));
    s.page->saveTo(path("old.png"));
    QTRY_VERIFY2(said(s.window).contains("cannot be written"), qPrintable(said(s.window)));
    QVERIFY2(said(s.window).contains("old.png") && said(s.window).contains("It is kept."), qPrintable(said(s.window)));
    QCOMPARE(content_of(path("old.png")), QByteArray("what was there"));
    QVERIFY(s.page->document()->unsaved());
    QVERIFY(take(s.window, path("elsewhere.png")));
    QTRY_VERIFY(!s.page->document()->unsaved());
    QCOMPARE(cv::norm(read_photo(path("elsewhere.png").toStdString()).pixels, result, cv::NORM_INF), 0.0);
    QVERIFY2(said(s.window).isEmpty(), qPrintable(said(s.window)));
    QVERIFY(!QFile::exists(path("old.png.part")));
  }

  void aFolderThatIsGoneTakesNothingAlong() {
    Studio s;
    QVERIFY(haveResult(s));
    QVERIFY(QDir().mkpath(path("gone")));
    const QString file = path("gone/photo.jpg");
    QVERIFY(QDir(path("gone")).removeRecursively());
    s.page->saveTo(file);
    QTRY_VERIFY2(said(s.window).contains("cannot be written"), qPrintable(said(s.window)));
    // Closing now asks, as for everything that was not saved.
    NextQuestion question("no such button");
    QTimer::singleShot(500, [] {
      if (QWidget* box = QApplication::activeModalWidget()) QTest::keyClick(box, Qt::Key_Escape);
    });
    QVERIFY(!s.window.close());
    QVERIFY(question.asked());
    // What is offered first fails again, and is offered again.
    QVERIFY(take(s.window, path("gone/again.jpg")) || !said(s.window).isEmpty());
    QTRY_VERIFY(said(s.window).contains("It is kept."));
    QVERIFY(QDir().mkpath(path("back")));
    QVERIFY(take(s.window, path("back/photo.jpg")));
    QTRY_VERIFY(QFile::exists(path("back/photo.jpg")));
    QTRY_VERIFY(!s.page->document()->unsaved());
  }

  void enlargedResultsRunFilesAndMasksToo() {
    Studio s;
    s.page->chooseWay(Way::Fill);
    s.paint();
    const cv::Mat large(64, 80, CV_16UC3, cv::Scalar(1000, 20000, 60000));
    PhotoFiles* files = s.page->files();
    const QString none = path("nowhere/");
    const auto kept = [&](const std::function<void()>& write, const QString& name) {
      write();
      [&] { QTRY_VERIFY2(said(s.window).contains("It is kept."), qPrintable(said(s.window))); }();
      return take(s.window, path(name)) && QTest::qWaitFor([&] { return QFile::exists(path(name)); });
    };
    QVERIFY(kept([&] { files->saveResult(none + "large.png", large, "{}"); }, "large.png"));
    QCOMPARE(cv::norm(read_photo(path("large.png").toStdString()).pixels, large, cv::NORM_INF), 0.0);
    QVERIFY(kept([&] { files->exportRun(none + "run.json", "{\"a\": 1}"); }, "run.json"));
    QCOMPARE(content_of(path("run.json")), QByteArray("{\"a\": 1}"));
    const QImage mask = s.page->document()->mask();
    QVERIFY(kept(
        [&] {
          files->exportMask(none + "mask.png");
          s.act("clear")->trigger();  // it is the mask as it was then
        },
        "mask.png"));
    QCOMPARE(QImage(path("mask.png")).convertToFormat(QImage::Format_Grayscale8), mask);
  }

  void aPresetStaysInTheForm() {
    Studio s;
    s.page->chooseWay(Way::Fill);
    s.settings(17);
    s.window.findChild<TaskPanel*>()->exportPreset(path("nowhere/preset.json"));
    QVERIFY2(said(s.window).contains("cannot be written") && said(s.window).contains("stay in the form"),
             qPrintable(said(s.window)));
    QCOMPARE(s.find<QSpinBox>("steps")->value(), 17);
    QVERIFY(take(s.window, path("preset.json")));
    QTRY_VERIFY(content_of(path("preset.json")).contains("17"));
  }

  void aBatchWaitsWithItsResult() {
    QTemporaryDir in, full, other;
    QStringList files;
    for (int k = 0; k < 2; ++k) {
      files << in.filePath(QString("%1.png").arg(k));
      test_photo(200 + 8 * k, 200).save(files.last());
    }
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(4);
    QVERIFY(fill_disk_for(full.filePath("0_restored.png")));
    QSignalSpy runs(s.page->runs(), &PhotoRuns::finished);
    s.page->startBatch(files, full.path());
    QTRY_VERIFY_WITH_TIMEOUT(s.page->batch()->waiting(), 60000);
    QVERIFY2(said(s.window).contains("0_restored.png") && said(s.window).contains("the queue waits"),
             qPrintable(said(s.window)));
    QVERIFY(s.page->document()->unsaved());
    QCOMPARE(s.page->document()->path(), files[0]);
    QVERIFY(take(s.window, other.path()));
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->batch()->on(), 60000);
    QCOMPARE(runs.count(), 2);  // nothing was computed again
    for (const char* name : {"0_restored.png", "1_restored.png"})
      QVERIFY2(!QImage(other.filePath(name)).isNull(), name);
    const QList<QByteArray> lines = content_of(full.filePath("batch.csv")).split('\n');
    QVERIFY2(lines[1].contains(",done,") && lines[1].contains(other.path().toUtf8()), lines[1].constData());
    QVERIFY2(lines[2].contains(",done,"), lines[2].constData());
  }

  void aBatchThatWaitsIsEndedOrGoesOnWhenItIsSaved() {
    QTemporaryDir in, full;
    QStringList files;
    for (int k = 0; k < 2; ++k) {
      files << in.filePath(QString("%1.png").arg(k));
      test_photo(200, 200).save(files.last());
    }
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(4);
    for (const char* name : {"0_restored.png", "1_restored.png"}) QVERIFY(fill_disk_for(full.filePath(name)));
    s.page->startBatch(files, full.path());
    QTRY_VERIFY_WITH_TIMEOUT(s.page->batch()->waiting(), 60000);
    s.page->saveTo(path("by_hand.png"));  // as "Save the photo…" does
    QTRY_VERIFY_WITH_TIMEOUT(s.page->batch()->number() == 2 && s.page->batch()->waiting(), 60000);
    QVERIFY(QFile::exists(path("by_hand.png")));
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QTRY_VERIFY(!s.page->batch()->on());
    QVERIFY(s.page->document()->unsaved());  // the last result is still there
    const QByteArray list = content_of(full.filePath("batch.csv"));
    QVERIFY2(list.contains("by_hand.png") && list.contains(",not saved,"), list.constData());
  }

  void stemsAreKeptAndOfferedAgain() {
    SongStudio s(1);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    const QString full = s.folder.filePath("full"), other = s.folder.filePath("other");
    QVERIFY(QDir().mkpath(full) && QDir().mkpath(other));
    put_file(full + "/drums.wav", "an older file");
    QVERIFY(fill_disk_for(full + "/drums.wav"));
    s.page->exportTo(exportOf(s.page, full, "wav"));
    const auto words = [&] { return said(s.window, "song_message"); };
    QTRY_VERIFY2(words().contains("drums.wav"), qPrintable(words()));
    QVERIFY2(words().contains("cannot be written") && words().contains("The stems are kept."), qPrintable(words()));
    QCOMPARE(content_of(full + "/drums.wav"), QByteArray("an older file"));
    QCOMPARE(exported.count(), 0);
    bool asked = false;
    QTimer::singleShot(200, qApp, [&] {
      auto* dialog = qobject_cast<ExportDialog*>(QApplication::activeModalWidget());
      if (dialog == nullptr) return;
      asked = dialog->findChild<QRadioButton*>("export_stems")->isChecked();
      dialog->findChild<QLineEdit*>("export_folder")->setText(other);
      QTest::keyClick(dialog, Qt::Key_Return);
    });
    Q_EMIT s.window.findChild<QLabel*>("song_message")->linkActivated("resume");
    QVERIFY(asked);
    QTRY_COMPARE_WITH_TIMEOUT(exported.count(), 1, 20000);
    for (const char* stem : {"bass", "drums", "guitar", "piano"})
      QCOMPARE(read_sound((other + "/song_stems/" + stem + ".wav").toStdString()).samples.size(1), int64_t{44100});
  }
};

QTEST_MAIN(TestWriting)
#include "tst_writing.moc"
