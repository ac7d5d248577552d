// Runs on a photo: asked for, watched, ended, branched from.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>

#include <QApplication>
#include <QButtonGroup>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QCryptographicHash>
#include <QJsonDocument>
#include <QJsonObject>
#include <QListWidget>
#include <QMessageBox>
#include <QSettings>
#include <QSlider>
#include <QThread>
#include <QThreadPool>
#include <QToolButton>
#include <cmath>
#include <ctime>
#include <limits>

#include "core/media/image_file.h"
#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "core/runs/photo_job.h"
#include "core/runs/photo_run.h"
#include "core/runs/run_session.h"
#include "tests/ui/studio_fixture.h"
#include "ui/jobs/saver.h"
#include "ui/models/model_choice.h"
#include "ui/photo/history.h"
#include "ui/photo/pace.h"
#include "ui/photo/photo_batch.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/timeline.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

namespace {

// Says that it takes an hour; previews are dim.
class SlowDecoder : public Codec {
 public:
  at::Tensor decode(const at::Tensor& z) const override { return z.clone(); }
  at::Tensor encode(const at::Tensor& x) const override { return x.clone(); }
  at::Tensor preview(const at::Tensor& z) const override { return z * 0.25; }
  double decode_seconds(const at::Tensor& /*z*/) const override { return 3600; }
};

}  // namespace

class TestPhotoPage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

  // A face is worked on with the model that knows faces; that is said, and a click takes the other one.
  void aFaceProposesTheModelForPortraits() {
    Studio s;
    s.page->chooseWay(Way::Fill);
    auto* model = s.find<ModelChoice>("model");
    auto* line = s.find<QLabel>("portrait_line");
    QVERIFY(model->name() == "photo" && !line->isVisible());
    s.openFile(MGDM_SOURCE_DIR "/resources/photos/portrait.jpg");
    QTest::qWait(1500);
    QCOMPARE(model->name(), QString("photo"));  // all of the photo is no face
    s.drag(QPointF(200, 100), QPointF(240, 130));
    QTRY_COMPARE_WITH_TIMEOUT(model->name(), QString("portrait"), 10000);
    QVERIFY(line->isVisible() && line->text().contains("A face"));
    QVERIFY(QSettings().value("model", "photo").toString() == "photo");  // nobody has chosen it for good
    s.act("clear")->trigger();
    s.drag(QPointF(20, 400), QPointF(60, 430));  // not on the face any more
    QTRY_COMPARE_WITH_TIMEOUT(model->name(), QString("photo"), 10000);
    QVERIFY(!line->isVisible());
    s.act("clear")->trigger();
    s.drag(QPointF(200, 100), QPointF(240, 130));
    QTRY_COMPARE_WITH_TIMEOUT(model->name(), QString("portrait"), 10000);
    Q_EMIT line->linkActivated("photo");
    QVERIFY(model->name() == "photo" && !line->isVisible());
    s.drag(QPointF(200, 110), QPointF(240, 140));
    QTest::qWait(800);
    QCOMPARE(model->name(), QString("photo"));  // it stays with what was chosen
    s.openImage(test_photo());
    s.openFile(MGDM_SOURCE_DIR "/resources/photos/portrait.jpg");
    s.drag(QPointF(200, 100), QPointF(240, 130));
    QTRY_COMPARE_WITH_TIMEOUT(model->name(), QString("portrait"), 10000);  // another photo is asked anew
  }

  void aRunShowsIteratesAndSamples() {
    Studio s;
    s.paint();
    s.settings(8);
    s.find<QSpinBox>("samples_count")->setValue(2);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(!s.find<QPushButton>("run")->isEnabled() && s.find<QPushButton>("stop")->isEnabled());
    QVERIFY(finished.wait(60000));
    QVERIFY(frames.count() >= 1);
    const auto outcome = finished[0][0].value<RunOutcome>();
    QCOMPARE(outcome.samples.size(), size_t{2});
    QCOMPARE(s.find<QListWidget>("samples")->count(), 5);  // two samples, their mean and spread, the observation
    // Transparent where nothing was painted, a new picture where it was.
    const QImage sample = outcome.samples[0].image;
    bool changed = false;
    for (int y = 0; y < sample.height(); ++y) {
      for (int x = 0; x < sample.width(); ++x) {
        const int px = x + outcome.area.rect.x, py = y + outcome.area.rect.y;
        const bool hole = s.painted(px, py) != 0;
        QCOMPARE(qAlpha(sample.pixel(x, y)), s.painted(px, py));
        changed = changed || (hole && sample.pixel(x, y) != test_photo().pixel(px, py));
      }
    }
    QVERIFY(changed);
    QVERIFY(QJsonDocument::fromJson(outcome.record.toUtf8()).object().contains("request"));
  }

  void stopKeepsAndDiscardForgets() {
    Studio s;
    s.paint();
    s.settings(500);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished),
        discarded(s.page->runs(), &PhotoRuns::discarded);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QElapsedTimer timer;
    timer.start();
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QVERIFY(finished[0][0].value<RunOutcome>().stopped);
    qInfo() << "stopped after" << timer.elapsed() << "ms";
    QVERIFY(s.ready());

    frames.clear();
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
    QCOMPARE(discarded.count(), 1);
    QVERIFY(s.ready());
    frames.clear();
    QTest::qWait(300);
    QCOMPARE(finished.count(), 1);  // nothing of the discarded run arrives
    QCOMPARE(frames.count(), 0);
  }

  void stoppingARunThatStillWaitsIsAnswered() {
    Studio s;
    s.paint();
    s.settings(500);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished),
        discarded(s.page->runs(), &PhotoRuns::discarded);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);  // waits for the discarded one to end
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(s.ready(), 20000);
    QVERIFY(finished.count() + discarded.count() == 2);
  }

  void aModelThatIsMissingIsNamed() {
    Studio s;
    s.page->runs()->setPrior(tiny_prior("another"));
    qputenv("MGDM_MODELS", "/nonexistent");
    RunRequest request;
    request.task = "denoising";
    request.prior = "no-such-model";
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    s.page->runs()->run(request);
    QVERIFY(failed.wait(20000));
    QVERIFY(failed[0][0].toString().contains("no-such-model"));
    QVERIFY(s.ready());
    QVERIFY(s.find<QLabel>("message")->isVisible());
    qunsetenv("MGDM_MODELS");
  }

  void brokenPhotosAreNamedAndTheOldOneStays() {
    Studio s;
    QTemporaryDir folder;
    QFile file(folder.filePath("broken.png"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no picture");
    file.close();
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    s.window.open(file.fileName());
    QVERIFY(failed.wait(20000));
    QVERIFY(failed[0][0].toString().contains("broken.png"));
    QCOMPARE(s.page->document()->size().width(), 320);
    QVERIFY(s.ready());
  }

  void aLargePhotoIsWorkedOnInPartAndKeepsTheRest() {
    Studio s;
    QTemporaryDir folder;
    Photo original;
    original.pixels = cv::Mat(900, 1200, CV_16UC4);
    cv::RNG random(4);
    random.fill(original.pixels, cv::RNG::UNIFORM, 0, 65536);
    const std::string file = folder.filePath("deep.png").toStdString(), out = folder.filePath("out.png").toStdString();
    write_photo(file, original);
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(QString::fromStdString(file));
    QVERIFY(opened.wait(20000));
    Document* document = s.page->document();
    QVERIFY(document->areaIsWholePhoto());
    // The area tool: a corner makes it smaller, dragging moves it.
    s.act("area")->trigger();
    s.drag({1200, 900}, {500, 350});
    const cv::Rect small = document->area().rect;
    QVERIFY(std::abs(small.width - 500) < 5 && std::abs(small.height - 350) < 5 && small.x == 0 && small.y == 0);
    QCOMPARE(document->area().width, small.width);  // at its own pixels, in any shape
    s.drag({small.x + 20.0, small.y + 20.0}, {small.x + 120.0, small.y + 20.0});
    QVERIFY(std::abs(document->area().rect.x - small.x - 100) <= 3);
    auto* detail = s.find<QComboBox>("detail");
    detail->setCurrentIndex(detail->findData(128));
    QCOMPARE(document->area().width, 128);  // scaled it is square
    QCOMPARE(document->area().rect.width, document->area().rect.height);
    const cv::Rect area = document->area().rect;
    s.act("rectangle")->trigger();
    s.drag({area.x + 30.0, area.y + 30.0}, {area.x + 130.0, area.y + 90.0});
    const QImage mask = document->mask();
    s.settings(6);
    const RunOutcome outcome = s.run();
    QCOMPARE(outcome.samples.size(), size_t{1});
    QCOMPARE(outcome.samples[0].image.size(), QSize(128, 128));
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(QString::fromStdString(out));  // with the shown sample put in
    QVERIFY(saved.wait(20000));
    const Photo result = read_photo(out);
    QCOMPARE(result.pixels.type(), CV_16UC4);
    qint64 changed = 0;
    for (int y = 0; y < 900; ++y) {
      for (int x = 0; x < 1200; ++x) {
        const bool same = result.pixels.at<cv::Vec4w>(y, x) == original.pixels.at<cv::Vec4w>(y, x);
        if (!same && qGray(mask.pixel(x, y)) == 0) QFAIL("a pixel that was not painted changed");
        changed += !same;
      }
    }
    QVERIFY(changed > 4000);
    QVERIFY(QJsonDocument::fromJson(QByteArray::fromStdString(read_description(out))).object().contains("request"));
    QVERIFY(document->maskEmpty());
    s.act("undo")->trigger();  // takes sample and mask back in one step
    QVERIFY(!document->maskEmpty());
    QCOMPARE(cv::norm(document->photo()->pixels, original.pixels, cv::NORM_INF), 0.0);
  }

  void enlargingMakesANewPhoto() {
    Studio s;
    s.openImage(test_photo(96, 80));
    s.page->chooseWay(Way::Repair);
    auto* task = s.find<QComboBox>("task");
    task->setCurrentIndex(task->findData("sr4"));
    s.settings(5);
    const RunOutcome outcome = s.run();
    QVERIFY(outcome.enlarged);
    QCOMPARE(outcome.samples[0].image.size(), QSize(384, 320));
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.act("accept")->trigger();
    QVERIFY(opened.wait(20000));
    // Larger, with a name, and not saved yet.
    QCOMPARE(s.page->document()->size(), QSize(384, 320));
    QVERIFY(s.page->document()->name().contains("enlarged"));
    QVERIFY(s.page->document()->unsaved() && s.window.isWindowModified());
    QVERIFY(s.window.windowTitle().contains("enlarged"));
    QTemporaryDir folder;
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(folder.filePath("large.png"));
    QVERIFY(saved.wait(20000));
    QVERIFY(!s.page->document()->unsaved());
  }

  void iteratesAreScrubbedAndBranchedFrom() {
    Studio s;
    s.paint();
    s.settings(10);
    const RunOutcome first = s.run();
    auto* slider = s.find<QSlider>("iterates");
    QVERIFY(slider->isVisible() && slider->maximum() >= 2);
    slider->setValue(2);
    const QImage at_two = s.page->canvas()->overlay().image;
    slider->setValue(slider->maximum());
    QVERIFY(s.page->canvas()->overlay().image != at_two);
    slider->setValue(2);
    QVERIFY(s.page->canvas()->overlay().image == at_two);
    s.find<QSpinBox>("seed")->setValue(5);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("branch"), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    const auto branched = finished[0][0].value<RunOutcome>();
    QVERIFY(branched.samples[0].image != first.samples[0].image);
    const QJsonObject request = QJsonDocument::fromJson(branched.record.toUtf8()).object()["request"].toObject();
    QCOMPARE(request["branch"].toObject()["request"].toObject()["seed"].toInt(), 0);
    QCOMPARE(request["seed"].toInt(), 5);
  }

  void whatIsShownIsPutIn() {
    Studio s;
    s.paint();
    s.settings(10);
    const RunOutcome outcome = s.run();
    auto* strip = s.find<QListWidget>("samples");
    auto* slider = s.find<QSlider>("iterates");
    slider->setValue(2);
    const QImage shown = s.page->canvas()->overlay().image;
    QVERIFY(shown != outcome.samples[0].image);
    const int step = s.window.findChild<Timeline*>()->current()->step;
    QVERIFY2(s.find<QPushButton>("accept")->text().contains(QString::number(step)),
             qPrintable(s.find<QPushButton>("accept")->text()));
    QTest::mouseClick(s.find<QPushButton>("accept"), Qt::LeftButton);
    const Layer& layer = *s.page->document()->layers().back();
    QVERIFY2(layer.name.contains(QString::number(step)), qPrintable(layer.name));
    const QPoint painted(130, 115);
    const auto value = layer.result.at<cv::Vec3w>(painted.y(), painted.x());
    QCOMPARE(value[0] / 257, qRed(shown.pixel(painted)));
    s.act("undo")->trigger();
    // A click on what is selected all the time brings it back.
    slider->setValue(1);
    QVERIFY(s.page->canvas()->overlay().image != outcome.samples[0].image);
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, {}, strip->visualItemRect(strip->item(0)).center());
    QVERIFY(s.page->canvas()->overlay().image == outcome.samples[0].image);
    QTest::mouseClick(s.find<QPushButton>("accept"), Qt::LeftButton);
    QCOMPARE(cv::norm(s.page->document()->layers().back()->result, outcome.samples[0].deep, cv::NORM_INF), 0.0);
  }

  void timeGoesOnInABranch() {
    Studio s;
    s.paint();
    s.settings(60);
    s.run();
    auto* slider = s.find<QSlider>("iterates");
    slider->setValue(slider->maximum() * 2 / 3);
    const Frame from = *s.window.findChild<Timeline*>()->current();
    std::vector<Frame> frames;
    QStringList words;
    connect(s.page->runs(), &PhotoRuns::iterate, s.page, [&](const Frame& f) { frames.push_back(f); });
    connect(s.page, &Page::status, s.page, [&](const QString& w) {
      if (w.startsWith("Step")) words << w;
    });
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    s.act("branch")->trigger();
    QVERIFY(finished.wait(60000));
    QVERIFY(frames.size() >= 3 && words.size() == static_cast<qsizetype>(frames.size()));
    for (size_t k = 0; k < frames.size(); ++k) {
      const Frame& f = frames[k];
      QVERIFY(f.seconds > from.seconds && f.evaluations > from.evaluations);
      const double left = (f.seconds - from.seconds) / (f.share - from.share) * (1 - f.share);
      const QString expected = aboutTime(left) + " left";
      QVERIFY2(words[static_cast<qsizetype>(k)].endsWith(expected),
               qPrintable(words[static_cast<qsizetype>(k)] + " / " + expected));
    }
  }

  void aRunCanBePaused() {
    Studio s;
    QVERIFY(s.beInARun());
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTRY_VERIFY(frames.count() > 2);
    auto* pause = s.find<QToolButton>("pause");
    QTest::mouseClick(pause, Qt::LeftButton);
    QVERIFY(s.page->runs()->paused() && pause->isChecked());
    QTest::qWait(500);  // the evaluation that was on
    const auto held = frames.count();
    const double seconds = frames.last()[0].value<Frame>().seconds;
    const std::clock_t busy = std::clock();
    QTest::qWait(1000);
    QCOMPARE(frames.count(), held);
    const double used = static_cast<double>(std::clock() - busy) / CLOCKS_PER_SEC;
    QVERIFY2(used < 0.5, qPrintable(QString::number(used)));  // the machine is free
    QTest::keyClick(&s.window, Qt::Key_P);
    QVERIFY(!s.page->runs()->paused());
    QTRY_VERIFY(frames.count() > held + 2);
    // The pause is no part of the run's time.
    QVERIFY2(frames[held][0].value<Frame>().seconds < seconds + 1,
             qPrintable(QString::number(frames[held][0].value<Frame>().seconds - seconds)));
    QTest::mouseClick(pause, Qt::LeftButton);
    QTest::keyClick(&s.window, Qt::Key_Escape);  // ends it all the same
    QVERIFY(finished.wait(20000));
    QVERIFY(!pause->isChecked() && !pause->isEnabled());
  }

  // What a run takes is told of the next one of its kind, and below the model's name.
  void theTimeOfARunIsRemembered() {
    QCOMPARE(KnownTimes::corrected("slow", "mgdm", 4), 4.0);
    QVERIFY(!KnownTimes::latest("slow", "inpainting"));
    KnownTimes::learn("slow", "mgdm", "inpainting", 10, 25);
    QCOMPARE(KnownTimes::corrected("slow", "mgdm", 4), 10.0);
    QCOMPARE(KnownTimes::corrected("slow", "ddrm", 4), 4.0);
    QCOMPARE(*KnownTimes::latest("slow", "inpainting"), 25.0);
    KnownTimes::learn("slow", "mgdm", "sr4", 0, 7);  // nothing was foreseen of it
    QCOMPARE(KnownTimes::corrected("slow", "mgdm", 4), 10.0);
    QCOMPARE(*KnownTimes::latest("slow", "sr4"), 7.0);

    Studio s;
    auto* models = s.find<ModelChoice>("model");
    const auto below = [&] {
      models->showPopup();
      QStringList words;
      for (int i = 0; i < models->count(); ++i) words << models->itemData(i, Qt::UserRole + 1).toString();
      models->hidePopup();
      return words.at(models->currentIndex());
    };
    QVERIFY2(below().startsWith("any size · ") && below().endsWith("All tasks for photos, with every sampler"),
             qPrintable(below()));
    QSettings().remove("times");
    QVERIFY(!below().contains("for this task"));
    s.paint();
    s.settings(8);
    s.run();
    QVERIFY(KnownTimes::latest("photo", "inpainting"));
    QVERIFY2(below().contains(" s for this task · All tasks"), qPrintable(below()));
  }

  // A decoder that takes longer than the run's share for looking on: previews, until a person pauses, and at the end.
  void aSlowDecoderIsPreviewed() {
    Studio s;
    Prior prior = *tiny_prior();
    prior.codec = std::make_shared<SlowDecoder>();
    s.page->runs()->setPrior(std::make_shared<const Prior>(prior));
    QVERIFY(s.beInARun());
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTRY_VERIFY(frames.count() > 3);
    const auto frame = [&](qsizetype i) { return frames[i][0].value<Frame>(); };
    for (qsizetype i = 0; i < 3; ++i) QVERIFY(frame(i).linear && frame(i).reduced && std::isnan(frame(i).residual));
    QVERIFY(frame(0).residual_map.isNull() && !frame(0).samples.front().isNull() && !frame(0).noisy.isNull());
    auto* timeline = s.window.findChild<Timeline*>();
    QVERIFY(timeline != nullptr);

    QTest::mouseClick(s.find<QToolButton>("pause"), Qt::LeftButton);
    QTRY_VERIFY(!frame(frames.count() - 1).linear);
    const Frame full = frame(frames.count() - 1), before = frame(frames.count() - 2);
    QVERIFY(before.linear && before.step == full.step && before.gibbs == full.gibbs);
    QVERIFY(full.residual > 0 && !full.residual_map.isNull() && full.samples.front() != before.samples.front());
    // It took the preview's place.
    QVERIFY(timeline->frames().size() < 2 || timeline->frames()[timeline->frames().size() - 2].step < full.step ||
            timeline->frames()[timeline->frames().size() - 2].gibbs < full.gibbs);
    QVERIFY(!timeline->current()->linear);
    QTest::keyClick(&s.window, Qt::Key_P);
    const auto held = frames.count();
    QTRY_VERIFY(frames.count() > held + 2);
    QVERIFY(frame(frames.count() - 1).linear);
    timeline->goTo(0);
    QVERIFY(timeline->current()->linear);
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QVERIFY(finished.wait(20000));
  }

  void manyPhotosRunByThemselves() {
    QTemporaryDir folder, out;
    QStringList files;
    for (int k = 0; k < 3; ++k) {
      files << folder.filePath(QString("%1.png").arg(k));
      test_photo(200 + 8 * k, 200).save(files.last());
    }
    QFile broken(folder.filePath("broken.png"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("no picture");
    broken.close();
    files.insert(1, broken.fileName());
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(4);
    QVERIFY(QFile(out.filePath("2_restored.png")).open(QIODevice::WriteOnly));  // is not written over
    s.page->startBatch(files, out.path());
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->batch()->on(), 120000);
    for (const char* name : {"0_restored.png", "1_restored.png", "2_restored_2.png"})
      QVERIFY2(!QImage(out.filePath(name)).isNull(), name);
    QCOMPARE(QFileInfo(out.filePath("2_restored.png")).size(), 0);
    QFile list(out.filePath("batch.csv"));
    QVERIFY(list.open(QIODevice::ReadOnly));
    const QStringList lines = QString::fromUtf8(list.readAll()).trimmed().split('\n');
    QCOMPARE(lines.size(), 5);
    QVERIFY2(lines[1].contains("0_restored.png") && lines[1].contains(",done,"), qPrintable(lines[1]));
    QVERIFY2(lines[2].contains(",failed,") && lines[2].contains("not an image"), qPrintable(lines[2]));
    QVERIFY2(lines[4].contains(",done,"), qPrintable(lines[4]));
    QVERIFY(s.find<QLabel>("message")->text().contains("batch.csv"));
  }

  void aBatchEndsWhenItIsStopped() {
    QTemporaryDir folder, out;
    QStringList files;
    for (int k = 0; k < 3; ++k) {
      files << folder.filePath(QString("%1.png").arg(k));
      test_photo(200, 200).save(files.last());
    }
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(1000);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate);
    s.page->startBatch(files, out.path());
    QVERIFY(frames.wait(60000));
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->batch()->on(), 60000);
    QFile list(out.filePath("batch.csv"));
    QVERIFY(list.open(QIODevice::ReadOnly));
    const QString words = QString::fromUtf8(list.readAll());
    QVERIFY2(words.contains(",stopped,") && words.count("not begun") == 2, qPrintable(words));
    QVERIFY(QFile::exists(out.filePath("0_restored.png")));  // what there was of it
  }

  void aPhotoThatWasCutOffSaysSo() {
    Studio s;
    QTemporaryDir folder;
    test_photo(600, 400).save(folder.filePath("whole.jpg"), "JPG", 95);
    QFile whole(folder.filePath("whole.jpg")), cut(folder.filePath("cut.jpg"));
    QVERIFY(whole.open(QIODevice::ReadOnly) && cut.open(QIODevice::WriteOnly));
    const QByteArray bytes = whole.readAll();
    cut.write(bytes.left(bytes.size() / 2));
    cut.close();
    s.openFile(whole.fileName());
    auto* message = s.find<QLabel>("message");
    QVERIFY(!message->isVisible());
    const QRect canvas = s.page->canvas()->geometry();
    s.openFile(cut.fileName());
    QVERIFY(message->isVisible() && message->text().contains("cut.jpg is damaged"));
    QCOMPARE(s.page->canvas()->geometry(), canvas);  // nothing moves
    QTest::mouseClick(message->findChild<QToolButton*>(), Qt::LeftButton);
    QVERIFY(!message->isVisible());
  }

  void whatCannotBeReadIsNotAskedFor() {
    Studio s;
    QTemporaryDir folder;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(4);
    s.run();
    s.page->acceptSample();
    QVERIFY(s.page->document()->unsaved() && s.window.isWindowModified());
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    s.window.open(folder.filePath("missing.png"));
    QVERIFY(failed.wait(20000));  // a question would have blocked
    auto* message = s.find<QLabel>("message");
    QVERIFY(message->isVisible());
    // What succeeds ends it.
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(folder.filePath("a.png"));
    QVERIFY(saved.wait(20000));
    QVERIFY(!message->isVisible());
  }

  void anotherPhotoTakesTheMarkOff() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("next.png");
    test_photo(200, 200).save(file);
    s.paint();
    s.settings(4);
    s.run();
    s.page->acceptSample();
    QVERIFY(s.window.isWindowModified());
    bool asked = false;
    QTimer::singleShot(300, [&] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      asked = box != nullptr && box->text().endsWith('?');
      if (box != nullptr) box->button(QMessageBox::Discard)->click();
    });
    s.openFile(file);
    QVERIFY(asked);
    QVERIFY(!s.window.isWindowModified());
    QVERIFY2(s.window.windowTitle().startsWith("next.png[*]"), qPrintable(s.window.windowTitle()));
    QTest::qWait(1500);  // nor does it come back
    QVERIFY(!s.window.isWindowModified());
  }

  void thePhotoIsCopiedWithItsResults() {
    Studio s;
    s.paint();
    s.settings(4);
    s.run();
    QTest::keyClick(&s.window, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(s.page->document()->unsaved());  // the shown sample is in it, as in a saved one
    const QImage copied = QApplication::clipboard()->image();
    QVERIFY(copied.convertToFormat(QImage::Format_RGB32) ==
            s.page->document()->pyramid().front().convertToFormat(QImage::Format_RGB32));
    QVERIFY(copied.pixel(130, 115) != test_photo().pixel(130, 115));
  }

  void anExportedRunFileGivesTheSamePicture() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo(500, 400).save(file);
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(file);
    QVERIFY(opened.wait(20000));
    s.page->document()->setArea(square_area({500, 400}, {200, 150}, 250, 128));
    s.paint();
    s.settings(8);
    s.run();
    s.find<QSlider>("iterates")->setValue(1);
    s.find<QSpinBox>("seed")->setValue(9);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    s.act("branch")->trigger();
    QVERIFY(finished.wait(60000));
    const auto outcome = finished[0][0].value<RunOutcome>();
    // What `mgdm restore --replay` does with the file.
    const RunRecord record = parse_run_record(nlohmann::json::parse(outcome.record.toStdString()), "run.json");
    at::set_num_threads(record.threads);
    PhotoSource source = photo_source(record.files.at("photo").get<std::string>(), {});
    ModelPool pool([](const std::string&, const ModelPlace&) { return *tiny_prior(); });
    RunSession session(pool);
    const PhotoResult again = run_photo(session, record.request, source,
                                        {.plan = plan_from_json(record.files.at("plan"), source.photo->pixels.size())});
    QVERIFY(again.patches[0].area == outcome.area);
    const at::Tensor pixels = to_pixels(again.patches[0].samples[0]);
    int64_t compared = 0;
    for (int y = 0; y < outcome.area.height; ++y) {
      for (int x = 0; x < outcome.area.width; ++x) {
        const QRgb p = outcome.samples[0].image.pixel(x, y);
        if (qAlpha(p) != 255) continue;
        QCOMPARE(qRed(p), pixels[0][y][x].item<int>());
        ++compared;
      }
    }
    QVERIFY(compared > 100);
  }

  void failuresAreSurvived() {
    // NaN: once more in float32 where that is another precision, else said with the step.
    class Broken : public Denoiser {
     public:
      at::Tensor predict_x0(const at::Tensor& x, const Levels&) override {
        return x * std::numeric_limits<float>::quiet_NaN();
      }
    };
    class Greedy : public Denoiser {  // takes at most two samples at once
     public:
      at::Tensor predict_x0(const at::Tensor& x, const Levels&) override {
        if (x.size(0) > 2) throw std::bad_alloc();
        return x * 0.5;
      }
    };
    Prior prior = *tiny_prior();
    prior.denoiser = std::make_shared<Broken>();
    Studio s;
    s.page->runs()->setPrior(std::make_shared<const Prior>(prior));
    s.paint();
    s.settings(6);
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed), finished(s.page->runs(), &PhotoRuns::finished),
        notice(s.page->runs(), &PhotoRuns::notice);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(failed.wait(20000));
    QVERIFY2(failed[0][0].toString().contains("not a number"), qPrintable(failed[0][0].toString()));
    QVERIFY(s.ready() && !s.page->document()->maskEmpty());

    prior.denoiser = std::make_shared<Greedy>();
    s.page->runs()->setPrior(std::make_shared<const Prior>(prior));
    s.find<QSpinBox>("samples_count")->setValue(8);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QCOMPARE(notice.count(), 2);  // 8, 4, then 2 fit
    QCOMPARE(finished[0][0].value<RunOutcome>().samples.size(), size_t{2});

    // A folder that cannot be written, and a photo that is no longer there.
    s.page->saveTo("/nonexistent/folder/out.png");
    QTRY_VERIFY_WITH_TIMEOUT(s.find<QLabel>("message")->text().contains("/nonexistent/folder/out.png"), 20000);
    QVERIFY(!s.page->document()->isEmpty());
    s.act("undo")->trigger();  // the sample that saving had put in
    s.window.open("/nonexistent/photo.png");
    QVERIFY(failed.wait(20000));
    QVERIFY(failed.last()[0].toString().contains("photo.png") && !s.page->document()->isEmpty());
  }

  void runningAndStoppingLeaksNothing() {
    // MGDM_SOAK_CYCLES=10000 is the long form.
    const int cycles = std::max(40, qEnvironmentVariableIntValue("MGDM_SOAK_CYCLES"));
    Studio s;
    s.paint();
    s.settings(40);
    s.find<QComboBox>("detail")->setCurrentIndex(0);  // 64 pixels
    auto *run = s.find<QPushButton>("run"), *stop = s.find<QPushButton>("stop"),
         *discard = s.find<QPushButton>("discard");
    const auto threads = [] { return QDir("/proc/self/task").entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(); };
    const auto resident = [] {
      QFile file("/proc/self/statm");
      return file.open(QIODevice::ReadOnly) ? file.readAll().split(' ')[1].toLongLong() * 4096 : 0;
    };
    qsizetype threads_before = 0;
    qint64 resident_before = 0;
    for (int k = 0; k < cycles; ++k) {
      QTest::mouseClick(run, Qt::LeftButton);
      QTest::qWait(k % 7);
      QTest::mouseClick(k % 2 == 0 ? stop : discard, Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(s.ready(), 20000);
      if (k == cycles / 4) {
        s.page->saver()->wait();
        threads_before = threads();
        resident_before = resident();
      }
    }
    s.page->saver()->wait();
    qInfo() << cycles << "cycles, resident memory grew by" << (resident() - resident_before) / 1024 << "KiB, threads"
            << threads_before << "->" << threads();
    QVERIFY(threads() <=
            threads_before + QThreadPool::globalInstance()->maxThreadCount() + 1);  // its threads come and go
    QVERIFY2(resident() - resident_before < (32ll << 20), qPrintable(QString::number(resident() - resident_before)));
  }

  void theMaskMayChangeInARun() {
    Studio s;
    s.paint();
    s.settings(400);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    auto* run = s.find<QPushButton>("run");
    QTest::mouseClick(run, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(frames.count() > 5, 60000);
    QVERIFY(!run->isEnabled());
    s.act("rectangle")->trigger();
    const cv::Rect seen = frames.last()[0].value<Frame>().area;
    const QPointF corner(seen.x + 30, seen.y + 20);
    s.drag(corner, corner + QPointF(20, 15));
    QVERIFY(run->isEnabled());
    QTest::mouseClick(run, Qt::LeftButton);
    const int before = frames.count();
    QTRY_VERIFY_WITH_TIMEOUT(frames.count() > before + 2, 60000);
    const Frame frame = frames.last()[0].value<Frame>();
    QCOMPARE(frame.area, seen);
    const QImage& sample = frame.samples[0];
    QCOMPARE(qAlpha(sample.pixel(40 * sample.width() / seen.width, 27 * sample.height() / seen.height)),
             255);            // the new part is the model's now
    QVERIFY(frame.step > 5);  // and it went on from where it was
    // What is painted elsewhere comes after it.
    s.drag({290, 225}, {310, 245});
    QTest::mouseClick(run, Qt::LeftButton);
    const int then = frames.count();
    QTRY_VERIFY_WITH_TIMEOUT(frames.count() > then + 2, 60000);
    const Frame later = frames.last()[0].value<Frame>();
    QVERIFY(later.passes > frame.passes && later.pass == frame.pass && later.step > frame.step);
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QCOMPARE(finished.count(), 1);
    QVERIFY(finished[0][0].value<RunOutcome>().record.contains("branch"));
  }

  void aCleanPhotoIsMeasured() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(5);
    const RunOutcome outcome = s.run();
    QVERIFY(outcome.samples[0].psnr > 5 && outcome.samples[0].ssim > 0);
    QVERIFY(!outcome.masked);
    // Without a mask the whole area is the result's.
    s.page->acceptSample();
    QVERIFY(cv::norm(s.page->document()->photo()->pixels, load_photo(test_photo()).photo->pixels, cv::NORM_INF) > 0);
  }

  void paintOutsideTheAreaIsSaid() {
    Studio s;
    s.paint();
    s.page->document()->setArea(square_area({320, 256}, {270, 200}, 64, 64));
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(s.ready() && s.find<QLabel>("message")->isVisible() &&
            s.find<QLabel>("message")->text().contains("working area"));
  }

  void viewsOfAnIterateAndWatchedSamples() {
    Studio s;
    s.paint();
    s.settings(12);
    s.find<QSpinBox>("samples_count")->setValue(3);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate);
    const RunOutcome outcome = s.run();
    QVERIFY(frames.count() >= 2);
    const auto frame = frames.last()[0].value<Frame>();
    QCOMPARE(frame.samples.size(), size_t{3});
    QVERIFY(frame.noisy.size() == frame.samples[0].size() && !frame.residual_map.isNull() && frame.tau > 0 &&
            frame.update > 0);
    auto* slider = s.find<QSlider>("iterates");
    slider->setValue(0);
    slider->setValue(1);
    const auto views = s.window.findChildren<QButtonGroup*>();
    QSet<QString> seen;
    for (const char* words : {"With noise", "Misfit", "Result"}) {
      for (auto* button : s.window.findChildren<QPushButton*>()) {
        if (button->text() == QString::fromUtf8(words)) QTest::mouseClick(button, Qt::LeftButton);
      }
      const QImage image = s.page->canvas()->overlay().image;
      seen.insert(QString::fromLatin1(
          QCryptographicHash::hash(QByteArray(reinterpret_cast<const char*>(image.constBits()), image.sizeInBytes()),
                                   QCryptographicHash::Md5)
              .toHex()));
    }
    QCOMPARE(seen.size(), 3);
    // Mean and spread are the samples'.
    auto* strip = s.find<QListWidget>("samples");
    QCOMPARE(strip->count(), 6);
    strip->setCurrentRow(3);
    QVERIFY(s.page->canvas()->overlay().image == outcome.mean.image);
    const int x = 130, y = 115;
    double mean = 0;
    for (const Sample& sample : outcome.samples) mean += qRed(sample.image.pixel(x, y)) / 3.0;
    QVERIFY(std::abs(qRed(outcome.mean.image.pixel(x, y)) - mean) <= 1.5);
    strip->setCurrentRow(4);
    QVERIFY(s.page->canvas()->overlay().image == outcome.deviation);
    const QPoint far(outcome.deviation.width() - 1, 0), near(0, outcome.deviation.height() - 1);  // beside the stroke
    QCOMPARE(qAlpha(outcome.samples[0].image.pixel(far)), 0);
    QCOMPARE(outcome.deviation.pixel(far), outcome.deviation.pixel(near));  // no spread where the photo is known
    // The mean can be put in, too.
    strip->setCurrentRow(3);
    s.page->acceptSample();
    QVERIFY(s.page->document()->unsaved());
    s.act("undo")->trigger();
    // Difference view and favourite.
    strip->setCurrentRow(1);
    s.find<QPushButton>("difference")->setChecked(true);
    QVERIFY(s.page->canvas()->overlay().image != outcome.samples[1].image);
    s.find<QPushButton>("difference")->setChecked(false);
    QVERIFY(s.page->canvas()->overlay().image == outcome.samples[1].image);
    QTRY_VERIFY_WITH_TIMEOUT(!s.page->history()->entries().empty(), 20000);
    s.act("favourite")->trigger();
    QTRY_VERIFY(s.page->history()->entries().front().favourite);
  }

  void previewsCanBeRarerOrOff() {
    Studio s;
    s.paint();
    s.settings(30);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate);
    s.find<QSpinBox>("preview")->setValue(10);
    s.run();
    QVERIFY(frames.count() >= 1 && frames.count() <= 3);
    frames.clear();
    s.find<QSpinBox>("preview")->setValue(0);
    s.run();
    QCOMPARE(frames.count(), 0);
  }

  void aFrameOfAnOlderRunIsNotShown() {
    Studio s;
    s.paint();
    s.settings(300);
    s.find<QSpinBox>("samples_count")->setValue(2);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QThread::msleep(100);  // one lies in the mailbox, not yet shown
    QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
    s.find<QSpinBox>("samples_count")->setValue(1);
    s.settings(6);
    frames.clear();
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QVERIFY(!frames.isEmpty());
    for (const auto& frame : frames) QCOMPARE(frame[0].value<Frame>().samples.size(), size_t{1});
  }

  void whatWasRunGivesTheTitle() {
    Studio s;
    s.paint();
    s.settings(12);
    s.find<QSpinBox>("seed")->setValue(4);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished), kept(s.page->history(), &History::changed);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    s.find<QSpinBox>("seed")->setValue(9);  // already for the next one
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY_WITH_TIMEOUT(!kept.isEmpty(), 20000);
    const QString title = s.page->history()->entries().front().title;
    QVERIFY2(title.endsWith("seed 4"), qPrintable(title));
    s.page->chooseWay(Way::Try);
    s.page->acceptSample();
    const QString layer = s.page->document()->layers().back()->name;
    QVERIFY2(layer.contains(title.section(',', 0, 0)), qPrintable(layer));
  }

  void theTimelineKnowsWhatItHolds() {
    Frame frame;
    frame.samples = {QImage(64, 64, QImage::Format_RGB32)};
    frame.steps = 100;
    Timeline timeline(20 * frame.bytes());
    QSignalSpy thinned(&timeline, &Timeline::thinned);
    const auto sum = [&] {
      qint64 bytes = 0;
      for (const Frame& f : timeline.frames()) bytes += f.bytes();
      return bytes;
    };
    for (int i = 0; i < 18; ++i) timeline.add(frame);
    timeline.clear();
    QCOMPARE(timeline.bytes(), 0);
    for (int i = 0; i < 18; ++i) timeline.add(frame);
    QVERIFY(thinned.isEmpty());  // those of the run before do not count
    timeline.goTo(9);
    timeline.endHere();
    QCOMPARE(timeline.frames().size(), size_t{10});
    QCOMPARE(timeline.bytes(), sum());
    for (int i = 0; i < 30; ++i) timeline.add(frame);
    QVERIFY(!thinned.isEmpty() && timeline.bytes() == sum() && timeline.bytes() <= 20 * frame.bytes());
  }

  // ---- some of the samples go on ----

  static void mark(Studio& s, int row) {
    auto* strip = s.find<QListWidget>("samples");
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, {}, strip->visualItemRect(strip->item(row)).center());
    QTest::mouseClick(s.find<QPushButton>("favourite"), Qt::LeftButton);
  }

  void aRunStopsAtAThirdAndGoesOnWithTheMarked() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    s.openFile(file);
    s.paint();
    s.settings(30);
    auto* choose = s.find<QCheckBox>("stop_to_choose");
    QVERIFY(!choose->isVisible());  // of one there is nothing to choose
    s.find<QSpinBox>("samples_count")->setValue(4);
    QVERIFY(choose->isVisible());
    QTest::mouseClick(choose, Qt::LeftButton, {}, QPoint(8, choose->height() / 2));
    QVERIFY(choose->isChecked());
    QSignalSpy choosing(s.page->runs(), &PhotoRuns::choosing), frames(s.page->runs(), &PhotoRuns::iterate),
        finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(choosing.wait(60000));
    QVERIFY(s.page->runs()->paused() && s.find<QLabel>("message")->isVisible());
    QCOMPARE(frames.last()[0].value<Frame>().step, 10);  // what is seen is where it waits
    auto* go_on = s.find<QPushButton>("go_on_with");
    QVERIFY(go_on->isVisible() && !go_on->isEnabled() && !s.find<QPushButton>("accept")->isVisible());
    mark(s, 1);
    mark(s, 2);
    mark(s, 2);  // taken back
    mark(s, 3);
    QVERIFY2(go_on->isEnabled() && go_on->text().contains("2"), qPrintable(go_on->text()));
    frames.clear();
    QTest::mouseClick(go_on, Qt::LeftButton);
    QVERIFY(!s.page->runs()->paused());
    QVERIFY(finished.wait(60000));
    QCOMPARE(choosing.count(), 1);  // nobody is asked twice
    QVERIFY(!frames.isEmpty());
    for (const auto& frame : frames) {
      QCOMPARE(frame[0].value<Frame>().samples.size(), size_t{2});
      QVERIFY(frame[0].value<Frame>().step > 10);
    }
    const auto outcome = finished[0][0].value<RunOutcome>();
    QCOMPARE(outcome.samples.size(), size_t{2});
    QVERIFY(outcome.samples[0].image != outcome.samples[1].image);
    QVERIFY(s.find<QPushButton>("accept")->isVisible() && !go_on->isVisible());
    // Its run file gives the same bytes.
    const RunRecord record = parse_run_record(nlohmann::json::parse(outcome.record.toStdString()), "run.json");
    QVERIFY(record.request.branch.at("chains") == nlohmann::json({1, 3}));
    at::set_num_threads(record.threads);
    PhotoSource source = photo_source(record.files.at("photo").get<std::string>(), {});
    ModelPool pool([](const std::string&, const ModelPlace&) { return *tiny_prior(); });
    RunSession session(pool);
    const PhotoResult again = run_photo(session, record.request, source,
                                        {.plan = plan_from_json(record.files.at("plan"), source.photo->pixels.size())});
    for (int k = 0; k < 2; ++k) {
      const cv::Mat deep = make_sample(again.patches[0].samples[k], {}).deep;
      QCOMPARE(cv::norm(deep, outcome.samples[static_cast<size_t>(k)].deep, cv::NORM_INF), 0.0);
    }
  }

  // Of a fill in several regions, what is finished keeps the same samples.
  void theMarkedGoOnInThePassThatIsOn() {
    Studio s;
    s.openImage(test_photo(900, 256));
    s.drag({60, 100}, {110, 130});
    s.drag({790, 100}, {840, 130});
    s.settings(120);
    s.find<QSpinBox>("samples_count")->setValue(3);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    std::vector<Frame> frames;
    connect(s.page->runs(), &PhotoRuns::iterate, s.page, [&](const Frame& f) { frames.push_back(f); });
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!frames.empty() && frames.back().pass == 1 && frames.back().step > 42, 240000);
    QTest::keyClick(&s.window, Qt::Key_P);
    QVERIFY(s.page->runs()->paused());
    const auto first_of_second = std::find_if(frames.begin(), frames.end(), [](const Frame& f) { return f.pass == 1; });
    const Frame last = *(first_of_second - 1);
    auto* strip = s.find<QListWidget>("samples");
    QTest::mouseClick(strip->viewport(), Qt::LeftButton, {}, strip->visualItemRect(strip->item(2)).center());
    QTest::keyClick(&s.window, Qt::Key_F);
    QTest::mouseClick(s.find<QPushButton>("go_on_with"), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    const auto outcome = finished[0][0].value<RunOutcome>();
    QCOMPARE(outcome.samples.size(), size_t{1});
    const QPoint p(85, 115);
    const auto in_frame = [&](size_t k) {
      const QImage& image = last.samples[k];
      return image.pixel((p.x() - last.area.x) * image.width() / last.area.width,
                         (p.y() - last.area.y) * image.height() / last.area.height);
    };
    const QRgb kept = outcome.samples[0].image.pixel(p.x() - outcome.area.rect.x, p.y() - outcome.area.rect.y);
    const auto distance = [&](QRgb a) {
      return std::abs(qRed(a) - qRed(kept)) + std::abs(qGreen(a) - qGreen(kept)) + std::abs(qBlue(a) - qBlue(kept));
    };
    QVERIFY2(distance(in_frame(2)) <= 6 && distance(in_frame(0)) > 6 && distance(in_frame(1)) > 6,
             qPrintable(
                 QString("%1 %2 %3").arg(distance(in_frame(0))).arg(distance(in_frame(1))).arg(distance(in_frame(2)))));
    QVERIFY(s.ready() && !s.find<QLabel>("message")->isVisible());
  }

  void starsGivenWhileItRunsAreFavourites() {
    Studio s;
    s.paint();
    s.settings(300);
    s.find<QSpinBox>("samples_count")->setValue(2);
    QSignalSpy frames(s.page->runs(), &PhotoRuns::iterate), finished(s.page->runs(), &PhotoRuns::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    auto* go_on = s.find<QPushButton>("go_on_with");
    mark(s, 1);
    QVERIFY(!go_on->isEnabled() && go_on->toolTip().contains("third"));  // nothing is known of them yet
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(60000));
    QTRY_VERIFY(!s.page->history()->entries().empty());
    QTRY_VERIFY(s.page->history()->entries().front().favourites == std::set<int>{1});
  }
};

QTEST_MAIN(TestPhotoPage)
#include "tst_photo_page.moc"
