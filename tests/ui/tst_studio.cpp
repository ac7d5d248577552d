#include <QtTest>
#include <QJsonDocument>
#include <QJsonObject>
#include <QDropEvent>

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMimeData>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardPaths>
#include <QTimer>
#include <QUndoStack>
#include <QUrl>

#include "core/networks/photo_unet.h"
#include "core/priors/photo_prior.h"
#include "core/samplers/sampler.h"
#include "ui/canvas.h"
#include "ui/look.h"
#include "ui/main_window.h"
#include "ui/settings_form.h"

using namespace mgdm;
using namespace mgdm::ui;

namespace {

std::shared_ptr<const Prior> tiny_prior(const std::string& name = "photo") {
  PhotoUnetOptions o;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<const Prior>(make_photo_prior(std::make_shared<PhotoUnet>(o), name, at::kCPU, "float32"));
}

/// The shipped network's shape with random weights: the load of a real run.
std::shared_ptr<const Prior> full_size_prior() {
  at::manual_seed(1);
  return std::make_shared<const Prior>(make_photo_prior(std::make_shared<PhotoUnet>(PhotoUnetOptions{}), "photo", at::kCPU, "auto"));
}

QImage test_photo(int width = 320, int height = 256) {
  QImage image(width, height, QImage::Format_RGB888);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) image.setPixel(x, y, qRgb(x * 255 / width, y * 255 / height, 128));
  }
  return image;
}

/// A window with a photo open and a tiny prior in place of the shipped one.
struct Studio {
  MainWindow window;
  Studio() {
    window.controller()->setPrior(tiny_prior());
    window.show();
    QSignalSpy opened(window.controller(), &RunController::photoOpened);
    window.controller()->openImage(test_photo());
    if (opened.isEmpty()) opened.wait(20000);
  }
  template <typename T>
  T* find(const char* name) { return window.findChild<T*>(QString::fromLatin1(name)); }
  void paint() {
    Canvas* canvas = window.canvas();
    const QPoint a = canvas->toWidget(QPointF(100, 100)).toPoint(), b = canvas->toWidget(QPointF(160, 130)).toPoint();
    QTest::mousePress(canvas, Qt::LeftButton, {}, a);
    QTest::mouseMove(canvas, b);
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, b);
  }
  void settings(int steps) {
    find<QSpinBox>("steps")->setValue(steps);
    find<QSpinBox>("denoising_steps")->setValue(2);
  }
  bool ready() { return window.controller()->state() == RunController::State::Ready; }
};

}  // namespace

class TestStudio : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName("mgdm-studio-test");
    QStandardPaths::setTestModeEnabled(true);
    applyLook(*qApp);
  }

  void aStrokeIsOneUndoStep() {
    Studio s;
    Canvas* canvas = s.window.canvas();
    auto* undo = s.window.findChild<QUndoStack*>();
    QVERIFY(canvas->maskEmpty());
    QVERIFY(!s.find<QPushButton>("run")->isEnabled());
    s.paint();
    QVERIFY(!canvas->maskEmpty());
    QCOMPARE(undo->count(), 1);
    QVERIFY(qGray(canvas->mask().pixel(100, 100)) == 255 && qGray(canvas->mask().pixel(130, 115)) == 255 && qGray(canvas->mask().pixel(300, 20)) == 0);
    QVERIFY(s.find<QPushButton>("run")->isEnabled());
    QTest::keyClick(&s.window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(canvas->maskEmpty());
    undo->redo();
    QVERIFY(!canvas->maskEmpty());
    canvas->setTool(Canvas::Tool::Eraser);
    canvas->setBrushSize(120);
    s.paint();
    QVERIFY(canvas->maskEmpty());
    QCOMPARE(undo->count(), 2);
  }

  void keysAndWheelDoWhatPeopleExpect() {
    Studio s;
    Canvas* canvas = s.window.canvas();
    const int size = canvas->brushSize();
    QTest::keyClick(canvas, Qt::Key_BracketRight);
    QCOMPARE(canvas->brushSize(), size + 1);
    QTest::keyClick(canvas, Qt::Key_BracketRight, Qt::ShiftModifier);
    QCOMPARE(canvas->brushSize(), size + 11);
    QTest::keyClick(canvas, Qt::Key_1);
    QCOMPARE(canvas->zoom(), 1.0);
    const QPointF at(200, 150), before = canvas->toPhoto(at);
    QWheelEvent wheel(at, canvas->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas, &wheel);
    QVERIFY(canvas->zoom() > 1.0);
    QVERIFY((canvas->toPhoto(at) - before).manhattanLength() < 1e-6);  // the pixel under the pointer stays
    QTest::mousePress(canvas, Qt::MiddleButton, {}, QPoint(100, 100));
    QTest::mouseMove(canvas, QPoint(140, 110));
    QTest::mouseRelease(canvas, Qt::MiddleButton, {}, QPoint(140, 110));
    QVERIFY((canvas->toPhoto(at + QPointF(40, 10)) - before).manhattanLength() < 1e-6);
    QVERIFY(canvas->maskEmpty());  // panning does not paint
    QTest::keyClick(canvas, Qt::Key_0);
    QVERIFY(canvas->toWidget(QPointF(0, 0)).x() > 0);
  }

  void aRunShowsIteratesAndSamples() {
    Studio s;
    s.paint();
    s.settings(8);
    s.find<QSpinBox>("samples_count")->setValue(2);
    QSignalSpy frames(s.window.controller(), &RunController::iterate), finished(s.window.controller(), &RunController::finished);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(!s.find<QPushButton>("run")->isEnabled() && s.find<QPushButton>("stop")->isEnabled());
    QVERIFY(finished.wait(60000));
    QVERIFY(frames.count() >= 1);
    const auto outcome = finished[0][0].value<RunOutcome>();
    QCOMPARE(outcome.samples.size(), size_t{2});
    QCOMPARE(s.find<QListWidget>("samples")->count(), 3);
    // What was not painted is kept bit for bit.
    const QImage photo = s.window.controller()->photo().convertToFormat(QImage::Format_RGB32), sample = outcome.samples[0].convertToFormat(QImage::Format_RGB32);
    bool changed = false;
    for (int y = 0; y < photo.height(); ++y) {
      for (int x = 0; x < photo.width(); ++x) {
        if (qGray(s.window.canvas()->mask().pixel(x, y)) == 0) {
          if (photo.pixel(x, y) != sample.pixel(x, y)) QFAIL("a pixel outside the mask changed");
        } else {
          changed = changed || photo.pixel(x, y) != sample.pixel(x, y);
        }
      }
    }
    QVERIFY(changed);
    QVERIFY(QJsonDocument::fromJson(outcome.record.toUtf8()).object().contains("request"));
  }

  void stopKeepsAndDiscardForgets() {
    Studio s;
    s.paint();
    s.settings(500);
    QSignalSpy frames(s.window.controller(), &RunController::iterate), finished(s.window.controller(), &RunController::finished), discarded(s.window.controller(), &RunController::discarded);
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
    QSignalSpy frames(s.window.controller(), &RunController::iterate), finished(s.window.controller(), &RunController::finished), discarded(s.window.controller(), &RunController::discarded);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(frames.wait(60000));
    QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);  // waits for the discarded one to end
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(s.ready(), 20000);
    QVERIFY(finished.count() + discarded.count() == 2);
  }

  void closingInARunIsClean() {
    for (int k = 0; k < 3; ++k) {
      auto s = std::make_unique<Studio>();
      s->paint();
      s->settings(500);
      QTest::mouseClick(s->find<QPushButton>("run"), Qt::LeftButton);
      QTest::qWait(30 * k);
      s->window.close();
      s.reset();
    }
  }

  void theWindowNeverStallsAndThePreviewIsCheap() {
    Studio s;
    s.window.controller()->setPrior(full_size_prior());
    s.paint();
    s.settings(6);
    QSignalSpy finished(s.window.controller(), &RunController::finished);
    QElapsedTimer clock;
    std::vector<double> gaps;
    QTimer tick;
    tick.setTimerType(Qt::PreciseTimer);
    connect(&tick, &QTimer::timeout, this, [&] { gaps.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6); clock.restart(); });
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    clock.start();
    tick.start(1);
    QVERIFY(finished.wait(240000));
    tick.stop();
    std::sort(gaps.begin(), gaps.end());
    QVERIFY(gaps.size() > 50);
    const double p99 = gaps[gaps.size() * 99 / 100];
    const auto outcome = finished[0][0].value<RunOutcome>();
    qInfo() << "event loop gaps in a run at 320x256: 99th percentile" << p99 << "ms, longest" << gaps.back() << "ms; preview"
            << 100 * outcome.preview_seconds / outcome.seconds << "% of the run";
    // On a shared machine a bound on the longest gap measures the scheduler. A GUI thread that waits
    // for the sampler (an evaluation is far longer than 16 ms) fails this one just as surely.
    QVERIFY2(p99 < 16, qPrintable(QString::number(p99)));
    QVERIFY2(outcome.preview_seconds < 0.02 * outcome.seconds, qPrintable(QString::number(outcome.preview_seconds)));
  }

  void aModelThatIsMissingIsNamed() {
    Studio s;
    s.window.controller()->setPrior(tiny_prior("another"));
    qputenv("MGDM_MODELS", "/nonexistent");
    RunRequest request;
    request.task = "denoising";
    request.prior = "no-such-model";
    QSignalSpy failed(s.window.controller(), &RunController::failed);
    s.window.controller()->run(request, {});
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
    QSignalSpy failed(s.window.controller(), &RunController::failed);
    s.window.open(file.fileName());
    QVERIFY(failed.wait(20000));
    QVERIFY(failed[0][0].toString().contains("broken.png"));
    QCOMPARE(s.window.controller()->photo().width(), 320);
    QVERIFY(s.ready());
  }

  void theFormIsMadeFromTheDescription() {
    SettingsForm form;
    const auto& sampler = find_sampler("mgdm");
    form.describe(sampler.settings);
    QVERIFY(form.values() == complete_settings(sampler.settings, {}, "x"));
    for (const auto& [name, values] : sampler.presets) {
      form.setValues(values);
      QVERIFY2(form.values() == complete_settings(sampler.settings, values, "x"), name.c_str());
    }
    for (const auto& s : sampler.settings) {
      auto* editor = form.findChild<QWidget*>(QString::fromStdString(s.name));
      QVERIFY2(editor != nullptr && editor->toolTip().contains(QString::fromStdString(s.help)) && !editor->accessibleName().isEmpty(), s.name.c_str());
    }
    auto* rules = form.findChild<QLineEdit*>("gradient_steps");
    const auto before = form.values();
    rules->setFocus();
    rules->selectAll();
    QTest::keyClicks(rules, "not a rule");
    QVERIFY(rules->property("invalid").toBool());
    QVERIFY(form.values() == before);
    rules->selectAll();
    QTest::keyClicks(rules, "7");
    QVERIFY(!rules->property("invalid").toBool());
    QCOMPARE(form.values().at("gradient_steps").get<int>(), 7);
  }

  void aDroppedFileOpens() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("dropped.png");
    test_photo(300, 300).save(file);
    QSignalSpy opened(s.window.controller(), &RunController::photoOpened);
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.window.canvas(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.window.canvas(), &drop);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.window.controller()->photo().size(), QSize(256, 256));
  }

  void mailboxKeepsOnlyTheLatest() {
    Mailbox<int> box;
    QVERIFY(box.put(1));
    QVERIFY(!box.put(2));
    QCOMPARE(box.take().value(), 2);
    QVERIFY(!box.take().has_value());
  }
};

QTEST_MAIN(TestStudio)
#include "tst_studio.moc"
