#include <ATen/ATen.h>
#include <QDropEvent>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <ATen/Parallel.h>
#include <QAccessible>
#include <QAction>
#include <QButtonGroup>
#include <QClipboard>
#include <QComboBox>
#include <QCryptographicHash>
#include <QDialogButtonBox>
#include <QDir>
#include <QDoubleSpinBox>
#include <QKeySequenceEdit>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSettings>
#include <QSlider>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QStandardPaths>
#include <QThread>
#include <QThreadPool>
#include <QTimer>
#include <QUndoStack>
#include <QUrl>
#include <limits>
#include <opencv2/imgcodecs.hpp>

#include <QCheckBox>
#include <QToolButton>
#include "core/checkpoints/safetensors.h"
#include "core/checkpoints/torch_file.h"
#include "core/media/photo_file.h"
#include "core/media/player.h"
#include "core/media/sound_file.h"
#include "core/networks/denoising_unet.h"
#include "core/priors/band_prior.h"
#include "core/priors/model_import.h"
#include "core/priors/photo_prior.h"
#include "core/runs/photo_job.h"
#include "core/runs/run_session.h"
#include "core/samplers/description.h"
#include "tests/oracle.h"
#include "ui/jobs/saver.h"
#include "ui/models/models_dialog.h"
#include "ui/photo/canvas.h"
#include "ui/photo/document.h"
#include "ui/photo/history.h"
#include "ui/photo/photo_files.h"
#include "ui/photo/photo_page.h"
#include "ui/photo/photo_runs.h"
#include "ui/photo/task_panel.h"
#include "ui/photo/timeline.h"
#include "ui/shell/main_window.h"
#include "ui/shell/shortcuts_dialog.h"
#include "ui/shell/translation.h"
#include "ui/song/lanes.h"
#include "ui/song/song_page.h"
#include "ui/song/stem_rows.h"
#include "ui/widgets/kernel_editor.h"
#include "ui/widgets/look.h"
#include "ui/widgets/settings_form.h"

using namespace mgdm;
using namespace mgdm::ui;

namespace {

std::shared_ptr<const Prior> tiny_prior(const std::string& name = "photo") {
  DenoisingUnetOptions o;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<const Prior>(make_photo_prior(std::make_shared<DenoisingUnet>(o), name, at::kCPU, "float32"));
}

/// The shipped network's shape with random weights: the load of a real run.
std::shared_ptr<const Prior> full_size_prior() {
  at::manual_seed(1);
  return std::make_shared<const Prior>(
      make_photo_prior(std::make_shared<DenoisingUnet>(DenoisingUnetOptions{}), "photo", at::kCPU, "auto"));
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
  PhotoPage* page = window.photoPage();
  Studio() {
    page->runs()->setPrior(tiny_prior());
    window.show();
    openImage(test_photo());
  }
  void openImage(const QImage& image) {
    QSignalSpy opened(window.photoPage()->runs(), &PhotoRuns::photoOpened);
    window.photoPage()->runs()->openImage(image);
    if (opened.isEmpty()) opened.wait(60000);
  }
  QAction* act(const char* name) { return window.findChild<QAction*>(QString::fromLatin1(name)); }
  void drag(const QPointF& from, const QPointF& to, Qt::KeyboardModifiers modifiers = {}) {  // photo pixels
    Canvas* canvas = window.photoPage()->canvas();
    const QPoint a = canvas->toWidget(from).toPoint(), b = canvas->toWidget(to).toPoint();
    QTest::mousePress(canvas, Qt::LeftButton, modifiers, a);
    QTest::mouseMove(canvas, (a + b) / 2);
    QTest::mouseMove(canvas, b);
    QTest::mouseRelease(canvas, Qt::LeftButton, modifiers, b);
  }
  int painted(int x, int y) { return qGray(window.photoPage()->document()->mask().pixel(x, y)); }
  RunOutcome run() {
    QSignalSpy finished(window.photoPage()->runs(), &PhotoRuns::finished);
    QTest::mouseClick(find<QPushButton>("run"), Qt::LeftButton);
    if (!finished.wait(120000)) return {};
    return finished[0][0].value<RunOutcome>();
  }
  template <typename T>
  T* find(const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
  }
  void paint() { drag(QPointF(100, 100), QPointF(160, 130)); }
  void settings(int steps) {
    find<QSpinBox>("steps")->setValue(steps);
    find<QSpinBox>("denoising_steps")->setValue(2);
  }
  bool ready() { return window.photoPage()->runs()->state() == PhotoRuns::State::Ready; }
};

/// A small network with random weights in place of the shipped one.
std::shared_ptr<const BandPrior> tiny_band() {
  DenoisingUnetOptions o;
  o.image_channels = 4;
  o.channels = {16, 32};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<const BandPrior>(make_band_prior(std::make_shared<DenoisingUnet>(o), MdctOptions{},
                                                           {"bass", "drums", "guitar", "piano"}, 0.1, "band", at::kCPU,
                                                           "float32"));
}

/// A window with a song of three seconds open.
struct SongStudio {
  QTemporaryDir folder;
  MainWindow window;
  SongPage* page = window.songPage();
  explicit SongStudio(double seconds = 3) {
    page->runs()->setBand(tiny_band());
    page->runs()->setFolder(folder.filePath("tracks"));
    window.show();
    const auto length = static_cast<int64_t>(seconds * 44100);
    const at::Tensor t = at::arange(length, at::kDouble);
    write_sound(folder.filePath("song.wav").toStdString(),
                {at::stack({(t * 0.02).sin() * 0.4, (t * 0.05).sin() * 0.3}).to(at::kFloat), 44100});
    open("song.wav");
  }
  bool open(const char* name) {
    QSignalSpy opened(page->runs(), &SongRuns::opened), failed(page->runs(), &SongRuns::failed);
    window.open(folder.filePath(name));
    while (opened.isEmpty() && failed.isEmpty()) QTest::qWait(10);
    return !opened.isEmpty();
  }
  template <typename T>
  T* find(const char* name) {
    return window.findChild<T*>(QString::fromLatin1(name));
  }
  bool run() {
    QSignalSpy finished(page->runs(), &SongRuns::finished), failed(page->runs(), &SongRuns::failed);
    QTest::mouseClick(find<QPushButton>("song_run"), Qt::LeftButton);
    while (finished.isEmpty() && failed.isEmpty()) QTest::qWait(10);
    return !finished.isEmpty();
  }
  Lane* lane(int k) { return page->findChildren<Lane*>().at(k); }
  QToolButton* button(const QString& kind, const QString& track) {
    for (auto* b : page->findChildren<QToolButton*>("lane")) {
      if (b->property("track").toString() == track && b->text() == kind) return b;
    }
    return nullptr;
  }
};

}  // namespace

class TestStudio : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() {
    QCoreApplication::setOrganizationName("mgdm-studio-test");
    QStandardPaths::setTestModeEnabled(true);
    QDir(QStandardPaths::writableLocation(QStandardPaths::AppDataLocation)).removeRecursively();  // of earlier tests
    QSettings().clear();
    applyLook(*qApp);
  }

  void aStrokeIsOneUndoStep() {
    Studio s;
    Canvas* canvas = s.page->canvas();
    auto* undo = s.window.findChild<QUndoStack*>();
    QVERIFY(s.page->document()->maskEmpty());
    QVERIFY(!s.find<QPushButton>("run")->isEnabled());
    s.paint();
    QVERIFY(!s.page->document()->maskEmpty());
    QCOMPARE(undo->count(), 1);
    QVERIFY(qGray(s.page->document()->mask().pixel(100, 100)) == 255 &&
            qGray(s.page->document()->mask().pixel(130, 115)) == 255 &&
            qGray(s.page->document()->mask().pixel(300, 20)) == 0);
    QVERIFY(s.find<QPushButton>("run")->isEnabled());
    QTest::keyClick(&s.window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(s.page->document()->maskEmpty());
    undo->redo();
    QVERIFY(!s.page->document()->maskEmpty());
    canvas->setTool(Canvas::Tool::Eraser);
    canvas->setBrushSize(120);
    s.paint();
    QVERIFY(s.page->document()->maskEmpty());
    QCOMPARE(undo->count(), 2);
  }

  void keysAndWheelDoWhatPeopleExpect() {
    Studio s;
    Canvas* canvas = s.page->canvas();
    const int size = canvas->brushSize();
    QTest::keyClick(canvas, Qt::Key_BracketRight);
    QCOMPARE(canvas->brushSize(), size + 1);
    QTest::keyClick(canvas, Qt::Key_BracketRight, Qt::ShiftModifier);
    QCOMPARE(canvas->brushSize(), size + 11);
    QTest::keyClick(canvas, Qt::Key_1);
    QCOMPARE(canvas->zoom(), 1.0);
    const QPointF at(200, 150), before = canvas->toPhoto(at);
    QWheelEvent wheel(at, canvas->mapToGlobal(at), {}, {0, 120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase,
                      false);
    QCoreApplication::sendEvent(canvas, &wheel);
    QVERIFY(canvas->zoom() > 1.0);
    QVERIFY((canvas->toPhoto(at) - before).manhattanLength() < 1e-6);  // the pixel under the pointer stays
    QTest::mousePress(canvas, Qt::MiddleButton, {}, QPoint(100, 100));
    QTest::mouseMove(canvas, QPoint(140, 110));
    QTest::mouseRelease(canvas, Qt::MiddleButton, {}, QPoint(140, 110));
    QVERIFY((canvas->toPhoto(at + QPointF(40, 10)) - before).manhattanLength() < 1e-6);
    QVERIFY(s.page->document()->maskEmpty());  // panning does not paint
    QTest::keyClick(canvas, Qt::Key_0);
    QVERIFY(canvas->toWidget(QPointF(0, 0)).x() > 0);
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
        const bool hole = s.painted(x, y) != 0;
        QCOMPARE(qAlpha(sample.pixel(x, y)), hole ? 255 : 0);
        changed = changed || (hole && sample.pixel(x, y) != test_photo().pixel(x, y));
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

  void theWindowNeverStallsAndThePreviewIsCheap_data() {
    QTest::addColumn<QSize>("photo");
    QTest::addColumn<int>("detail");
    QTest::newRow("320x256") << QSize(320, 256) << 256;
    QTest::newRow("512x512 in 100 megapixels") << QSize(10000, 10000) << 512;
  }
  void theWindowNeverStallsAndThePreviewIsCheap() {
    QFETCH(QSize, photo);
    QFETCH(int, detail);
    Studio s;
    s.page->runs()->setPrior(full_size_prior());
    if (photo.width() > 1000) {
      QImage large(photo, QImage::Format_RGB888);
      large.fill(QColor(90, 120, 150));
      s.openImage(large);
    }
    s.find<QComboBox>("detail")->setCurrentIndex(s.find<QComboBox>("detail")->findData(detail));
    QCOMPARE(std::min(s.page->document()->area().width, s.page->document()->area().height), detail);
    s.drag({photo.width() * 0.3, photo.height() * 0.4}, {photo.width() * 0.5, photo.height() * 0.5});
    s.settings(detail > 256 ? 4 : 6);
    QSignalSpy finished(s.page->runs(), &PhotoRuns::finished);
    QElapsedTimer clock;
    std::vector<double> gaps;
    QTimer tick;
    tick.setTimerType(Qt::PreciseTimer);
    connect(&tick, &QTimer::timeout, this, [&] {
      gaps.push_back(static_cast<double>(clock.nsecsElapsed()) / 1e6);
      clock.restart();
    });
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    clock.start();
    tick.start(1);
    QVERIFY(finished.wait(240000));
    tick.stop();
    std::sort(gaps.begin(), gaps.end());
    QVERIFY(gaps.size() > 50);
    const double p99 = gaps[gaps.size() * 99 / 100];
    const auto outcome = finished[0][0].value<RunOutcome>();
    qInfo() << "event loop gaps in a run: 99th percentile" << p99 << "ms, longest" << gaps.back() << "ms; preview"
            << 100 * outcome.preview_seconds / outcome.seconds << "% of the run";
    // On a shared machine a tight bound on the longest gap measures the scheduler. A GUI thread that waits
    // for the sampler (an evaluation is far longer than 16 ms) fails this one just as surely.
    QVERIFY2(p99 < 16, qPrintable(QString::number(p99)));
    QVERIFY2(gaps.back() < 1500, qPrintable(QString::number(gaps.back())));  // one long wait is one too many
    QVERIFY2(outcome.preview_seconds < 0.02 * outcome.seconds, qPrintable(QString::number(outcome.preview_seconds)));
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
      QVERIFY2(editor != nullptr && editor->toolTip().contains(QString::fromStdString(s.help)) &&
                   !editor->accessibleName().isEmpty(),
               s.name.c_str());
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
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    QMimeData mime;
    mime.setUrls({QUrl::fromLocalFile(file)});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.page->canvas(), &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(s.page->canvas(), &drop);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size(), QSize(300, 300));
    QCOMPARE(s.page->document()->area().width, 256);
  }

  void shapesFillAndHardness() {
    Studio s;
    s.act("rectangle")->trigger();
    s.drag({40, 40}, {90, 80});
    QVERIFY(s.painted(41, 41) == 255 && s.painted(88, 78) == 255 && s.painted(95, 60) == 0);
    s.drag({50, 50}, {70, 70}, Qt::AltModifier);  // takes away
    QVERIFY(s.painted(60, 60) == 0 && s.painted(45, 45) == 255);
    s.act("fill")->trigger();
    s.drag({60, 60}, {60, 60});
    QVERIFY(s.painted(60, 60) == 255 && s.painted(200, 200) == 0);
    s.act("lasso")->trigger();
    Canvas* canvas = s.page->canvas();
    QTest::mousePress(canvas, Qt::LeftButton, {}, canvas->toWidget({200, 50}).toPoint());
    for (const QPointF& p : {QPointF(260, 50), QPointF(260, 110)})
      QTest::mouseMove(canvas, canvas->toWidget(p).toPoint());
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, canvas->toWidget({260, 110}).toPoint());
    QVERIFY(s.painted(250, 60) == 255 && s.painted(205, 105) == 0);
    s.act("clear")->trigger();
    QVERIFY(s.page->document()->maskEmpty());
    s.act("invert")->trigger();
    QVERIFY(s.painted(0, 0) == 255 && s.painted(319, 255) == 255);
    s.act("clear")->trigger();
    s.act("brush")->trigger();
    canvas->setBrushSize(60);
    canvas->setHardness(0.2);
    s.drag({160, 130}, {160, 130});
    QVERIFY(s.painted(160, 130) > 250);
    QVERIFY(s.painted(180, 130) > 20 && s.painted(180, 130) < 200);
    auto* undo = s.window.findChild<QUndoStack*>();
    while (undo->canUndo()) undo->undo();
    QVERIFY(s.page->document()->maskEmpty());
    while (undo->canRedo()) undo->redo();
    QVERIFY(s.painted(160, 130) > 250);
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
    s.drag({1200, 900}, {800, 650});
    const cv::Rect small = document->area().rect;
    QVERIFY(small.width == small.height && small.width < 450);
    s.drag({small.x + 20.0, small.y + 20.0}, {small.x + 120.0, small.y + 20.0});
    QVERIFY(std::abs(document->area().rect.x - small.x - 100) <= 3);
    auto* detail = s.find<QComboBox>("detail");
    detail->setCurrentIndex(detail->findData(128));
    QCOMPARE(document->area().width, 128);
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
    const auto record = nlohmann::json::parse(outcome.record.toStdString());
    at::set_num_threads(record.at("threads"));
    const Photo photo = read_photo(record.at("files").at("photo").get<std::string>());
    const at::Tensor working = cut(photo, ColorTransform(photo.color_profile),
                                   area_from_json(record.at("files").at("area"), photo.pixels.size()));
    ModelPool pool([](const std::string&, const ModelPlace&) { return *tiny_prior(); });
    GivenInput input(working);
    const RunResult again = RunSession(pool).run(record.at("request").get<RunRequest>(), input).result;
    const at::Tensor pixels = to_pixels(again.samples[0]);
    for (int y = 0; y < 128; ++y) {
      for (int x = 0; x < 128; ++x) {
        const QRgb p = outcome.samples[0].image.pixel(x, y);
        if (qAlpha(p) == 255) QCOMPARE(qRed(p), pixels[0][y][x].item<int>());
      }
    }
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
    s.drag({200, 150}, {280, 220});
    QVERIFY(run->isEnabled());
    QTest::mouseClick(run, Qt::LeftButton);
    const int before = frames.count();
    QTRY_VERIFY_WITH_TIMEOUT(frames.count() > before + 2, 60000);
    const Frame frame = frames.last()[0].value<Frame>();
    QCOMPARE(qAlpha(frame.samples[0].pixel(240, 190)), 255);  // the new part is the model's now
    QVERIFY(frame.step > 5);                                  // and it went on from where it was
    QTest::mouseClick(s.find<QPushButton>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    QCOMPARE(finished.count(), 1);
    QVERIFY(finished[0][0].value<RunOutcome>().record.contains("branch"));
  }

  void damageIsEstimated() {
    Studio s;
    at::manual_seed(2);
    QImage noisy(256, 256, QImage::Format_RGB888);
    const at::Tensor noise = (0.15 * 127.5 * at::randn({256, 256, 3})).add(128).clamp(0, 255).to(at::kByte);
    std::memcpy(noisy.bits(), noise.data_ptr(), 256 * 256 * 3);
    s.openImage(noisy);
    s.page->chooseWay(Way::Repair);
    QCOMPARE(s.find<QComboBox>("task")->currentData().toString(), QString("denoising"));
    QVERIFY2(std::abs(s.find<QDoubleSpinBox>("noise")->value() - 0.15) < 0.01,
             qPrintable(QString::number(s.find<QDoubleSpinBox>("noise")->value())));
    QTemporaryDir folder;
    cv::imwrite(folder.filePath("q.jpg").toStdString(), cv::Mat(128, 128, CV_8UC3, cv::Scalar(9, 99, 199)),
                {cv::IMWRITE_JPEG_QUALITY, 17});
    QSignalSpy opened(s.page->runs(), &PhotoRuns::estimated);
    s.window.open(folder.filePath("q.jpg"));
    QVERIFY(opened.wait(20000));
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("jpeg"));
    QCOMPARE(s.find<QDoubleSpinBox>("quality")->value(), 17.0);
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

  void finishedRunsSurviveARestart() {
    RunOutcome outcome;
    {
      Studio s;
      s.paint();
      s.settings(5);
      s.find<QSpinBox>("samples_count")->setValue(2);
      QSignalSpy kept(s.page->history(), &History::changed);
      outcome = s.run();
      if (kept.isEmpty()) QVERIFY(kept.wait(20000));
      s.page->history()->setFavourite(0, true);
    }
    MainWindow again;
    QVERIFY(!again.photoPage()->history()->entries().empty());
    const HistoryEntry entry = again.photoPage()->history()->entries().front();
    QVERIFY(entry.favourite && !entry.thumbnail.isNull());
    const RunOutcome back = History::read(entry.folder);
    QCOMPARE(back.samples.size(), size_t{2});
    QCOMPARE(cv::norm(back.samples[1].deep, outcome.samples[1].deep, cv::NORM_INF), 0.0);
    QVERIFY(back.samples[1].image.convertToFormat(QImage::Format_ARGB32) ==
            outcome.samples[1].image.convertToFormat(QImage::Format_ARGB32));
    QVERIFY(back.masked && back.mask == outcome.mask && back.area == outcome.area);
    again.photoPage()->history()->remove(0);
    QTRY_VERIFY(!QFile::exists(entry.folder + "/run.json"));
  }

  void theSessionIsReopened() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo(400, 300).save(file);
    QImage mask;
    cv::Mat pixels;
    {
      Studio s;
      QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
      s.window.open(file);
      QVERIFY(opened.wait(20000));
      s.paint();
      s.find<QSpinBox>("seed")->setValue(42);
      s.page->document()->setArea(square_area({400, 300}, {150, 150}, 200, 128));
      cv::Mat red(128, 128, CV_16UC3, cv::Scalar(60000, 1000, 1000));
      s.page->document()->accept(red, s.page->document()->area(), s.page->document()->mask(), false, "red");
      s.page->document()->setLayerOpacity(0, 0.5);
      pixels = s.page->document()->photo()->pixels.clone();
      mask = s.page->document()->mask();
      QTest::qWait(1500);  // no closing: as if it had been killed
      s.page->saver()->wait();
    }
    MainWindow again;
    again.photoPage()->runs()->setPrior(tiny_prior());
    QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened);
    QVERIFY(again.photoPage()->restoreSession());
    QVERIFY(opened.wait(20000));
    QCOMPARE(again.photoPage()->document()->size(), QSize(400, 300));
    QVERIFY(again.photoPage()->document()->mask() == mask);
    QCOMPARE(again.photoPage()->document()->area().rect, cv::Rect(50, 50, 200, 200));
    QCOMPARE(again.photoPage()->document()->layers().size(), size_t(1));
    QVERIFY(cv::norm(again.photoPage()->document()->photo()->pixels, pixels, cv::NORM_INF) == 0);
    QVERIFY(again.photoPage()->document()->unsaved());
    QCOMPARE(again.findChild<QSpinBox*>("seed")->value(), 42);
  }

  void zoomAndPanOfAHundredMegapixelsAreSmooth() {
    Studio s;
    s.openImage(QImage());  // refused, and said so
    QVERIFY(s.find<QLabel>("message")->isVisible());
    QImage large(12000, 8400, QImage::Format_RGB888);
    for (int y = 0; y < large.height(); ++y)
      std::memset(large.scanLine(y), y & 255, static_cast<size_t>(large.bytesPerLine()));
    s.openImage(large);
    QCOMPARE(s.page->document()->size(), large.size());
    large = QImage();
    Canvas* canvas = s.page->canvas();
    canvas->resize(1000, 700);
    QVERIFY(canvas->zoom() < 0.1);
    std::vector<double> times;
    const auto frame = [&] {
      canvas->repaint();
      times.push_back(canvas->lastFrameMs());
    };
    const QPointF at(400, 300);
    for (int k = 0; k < 24; ++k) {
      QWheelEvent wheel(at, canvas->mapToGlobal(at), {}, {0, k < 12 ? 120 : -120}, Qt::NoButton, Qt::NoModifier,
                        Qt::NoScrollPhase, false);
      QCoreApplication::sendEvent(canvas, &wheel);
      frame();
      QTest::mousePress(canvas, Qt::MiddleButton, {}, QPoint(300, 300));
      const QPoint to(k % 2 == 0 ? QPoint(340, 320) : QPoint(260, 280));
      QTest::mouseMove(canvas, to);
      frame();
      QTest::mouseRelease(canvas, Qt::MiddleButton, {}, to);
    }
    QVERIFY(QRectF(canvas->toWidget({0, 0}), canvas->toWidget({12000, 8400}))
                .contains(QPointF(500, 350)));  // still in view
    std::sort(times.begin(), times.end());
    qInfo() << "frames of a 100 megapixel photo: median" << times[times.size() / 2] << "ms, longest" << times.back()
            << "ms";
    canvas->fit();
    QTest::qWait(200);
    canvas->repaint();
    qInfo() << "smooth frame at rest" << canvas->lastFrameMs() << "ms";
    // A view that touched the whole photo would take far longer; the bound is loose for shared machines.
    QVERIFY2(times[times.size() / 2] < 100, qPrintable(QString::number(times[times.size() / 2])));
    s.drag({6000, 4000}, {6100, 4100});
    QVERIFY(!s.page->document()->maskEmpty());
    s.act("undo")->trigger();
    QVERIFY(s.page->document()->maskEmpty());
  }

  void compareViews() {
    Studio s;
    s.paint();
    s.settings(5);
    s.run();
    Canvas* canvas = s.page->canvas();
    s.act("slider")->trigger();
    QVERIFY(canvas->compare() == Canvas::Compare::Slider);
    const QPoint handle(static_cast<int>(canvas->split() * canvas->width()), canvas->height() / 2);
    QTest::mousePress(canvas, Qt::LeftButton, {}, handle);
    QTest::mouseMove(canvas, QPoint(canvas->width() / 4, handle.y()));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, QPoint(canvas->width() / 4, handle.y()));
    QVERIFY(std::abs(canvas->split() - 0.25) < 0.01);
    s.act("side_by_side")->trigger();
    QVERIFY(canvas->compare() == Canvas::Compare::SideBySide && !s.act("slider")->isChecked());
    // Both halves show the same part: the same distance from their left edges is the same photo pixel.
    const double middle = std::floor(canvas->width() / 2.0);
    QVERIFY((canvas->toPhoto({100, 100}) - canvas->toPhoto({middle + 100, 100})).manhattanLength() < 1e-6);
    s.act("side_by_side")->trigger();
    QVERIFY(canvas->compare() == Canvas::Compare::None);
  }

  void everyActionHasAWordAndNoKeyIsTwice() {
    MainWindow window;
    int named = 0;
    for (const Page* page : {static_cast<Page*>(window.photoPage()), static_cast<Page*>(window.songPage())}) {
      QSet<QString> keys;
      for (const QAction* action : window.actions() + page->pageActions()) {
        if (action->objectName().isEmpty()) continue;
        ++named;
        QVERIFY2(!action->text().isEmpty(), qPrintable(action->objectName()));
        const QString key = action->shortcut().toString();
        QVERIFY2(key.isEmpty() || !keys.contains(key), qPrintable(key));
        keys.insert(key);
      }
    }
    QVERIFY(named > 40);
    ShortcutsDialog dialog(window.allActions(), window.photoPage()->canvas(), &window);
    auto* edit = dialog.findChild<QKeySequenceEdit*>("lasso");
    QVERIFY(edit != nullptr);
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    edit->setKeySequence(QKeySequence(Qt::Key_B));  // the brush's
    QVERIFY(!ok->isEnabled());
    edit->setKeySequence(QKeySequence(Qt::Key_J));
    QVERIFY(ok->isEnabled());
    auto* erase = dialog.findChild<QComboBox*>("held_erase");
    erase->setCurrentIndex(erase->findData(static_cast<int>(Qt::ShiftModifier)));
    ok->click();
    QCOMPARE(window.findChild<QAction*>("lasso")->shortcut(), QKeySequence(Qt::Key_J));
    MainWindow next;
    QCOMPARE(next.findChild<QAction*>("lasso")->shortcut(), QKeySequence(Qt::Key_J));
    QCOMPARE(next.photoPage()->canvas()->held().erase, Qt::ShiftModifier);
    QSettings().remove("shortcuts");
    QSettings().remove("held");
  }

  void keysHeldWithTheMouseCanBeChanged() {
    Studio s;
    s.paint();
    QCOMPARE(s.painted(130, 115), 255);
    s.drag(QPointF(100, 100), QPointF(160, 130), Qt::AltModifier);  // the brush, too, erases then
    QVERIFY(s.page->document()->maskEmpty());
    s.page->canvas()->setHeld({Qt::ShiftModifier, Qt::NoModifier});
    s.drag(QPointF(100, 100), QPointF(160, 130), Qt::AltModifier);
    QCOMPARE(s.painted(130, 115), 255);
    s.drag(QPointF(100, 100), QPointF(160, 130), Qt::ShiftModifier);
    QVERIFY(s.page->document()->maskEmpty());
    const int before = s.page->canvas()->brushSize();
    QWheelEvent wheel(QPointF(200, 200), s.page->canvas()->mapToGlobal(QPointF(200, 200)), {}, {0, 120}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(s.page->canvas(), &wheel);
    QCOMPARE(s.page->canvas()->brushSize(), before);
  }

  void acceptedSamplesAreLayers() {
    Studio s;
    Document* document = s.page->document();
    const cv::Mat original = document->photo()->pixels.clone();
    const auto pixels = [&] { return document->photo()->pixels.clone(); };
    const auto same = [](const cv::Mat& a, const cv::Mat& b) {
      return a.size() == b.size() && cv::norm(a, b, cv::NORM_INF) == 0;
    };
    s.settings(3);
    for (int seed = 0; seed < 2; ++seed) {
      s.drag(QPointF(100, 100), QPointF(160 + 40 * seed, 130));
      s.find<QSpinBox>("seed")->setValue(seed);
      s.run();
      s.page->acceptSample();
    }
    auto* list = s.find<QListWidget>("layers");
    auto* undo = s.window.findChild<QUndoStack*>();
    QCOMPARE(document->layers().size(), size_t(2));
    QCOMPARE(list->count(), 2);
    QCOMPARE(list->currentRow(), 0);
    const cv::Mat both = pixels();
    list->item(0)->setCheckState(Qt::Unchecked);  // the upper one
    const cv::Mat lower = pixels();
    QVERIFY(!same(lower, both) && !same(lower, original));
    list->item(1)->setCheckState(Qt::Unchecked);
    QVERIFY(same(pixels(), original));  // bit for bit
    list->item(1)->setCheckState(Qt::Checked);
    list->item(0)->setCheckState(Qt::Checked);
    QVERIFY(same(pixels(), both));
    const int steps = undo->count();
    auto* opacity = s.find<QSlider>("layer_opacity");
    opacity->setValue(70);
    opacity->setValue(50);
    QCOMPARE(undo->count(), steps + 1);  // one step
    QVERIFY(!same(pixels(), both) && !same(pixels(), lower));
    opacity->setValue(0);
    QVERIFY(same(pixels(), lower));
    s.act("undo")->trigger();
    QVERIFY(same(pixels(), both));
    QTest::mouseClick(s.find<QPushButton>("layer_down"), Qt::LeftButton);
    QCOMPARE(list->currentRow(), 1);
    QVERIFY(!same(pixels(), both));  // they overlap
    QTest::mouseClick(s.find<QPushButton>("layer_remove"), Qt::LeftButton);
    QCOMPARE(list->count(), 1);
    while (undo->canUndo()) s.act("undo")->trigger();
    QVERIFY(same(pixels(), original) && document->layers().empty() && !document->unsaved());
    while (undo->canRedo()) s.act("redo")->trigger();
    QCOMPARE(list->count(), 1);
  }

  void paintOutsideTheAreaIsSaid() {
    Studio s;
    s.paint();
    s.page->document()->setArea(square_area({320, 256}, {270, 200}, 64, 64));
    QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
    QVERIFY(s.ready() && s.find<QLabel>("message")->isVisible() &&
            s.find<QLabel>("message")->text().contains("working area"));
  }

  void aRunThatWasKilledIsGoneOnWith() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png"),
                  data = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation),
                  state = data + "/session_run.safetensors";
    test_photo().save(file);
    int step = 0;
    {
      Studio s;
      QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
      s.window.open(file);
      QVERIFY(opened.wait(20000));
      s.paint();
      s.settings(1000);
      QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(state), 60000);
      // What a kill leaves: the files as they are now.
      QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(data + "/session.json"), 5000);
      QTest::qWait(1200);
      QVERIFY(QFile::copy(state, folder.filePath("state")));
      QTest::mouseClick(s.find<QPushButton>("discard"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(state), 20000);  // ended by the person: nothing to go on with
    }
    QVERIFY(QFile::copy(folder.filePath("state"), state));
    MainWindow again;
    again.photoPage()->runs()->setPrior(tiny_prior());
    again.show();
    QSignalSpy opened(again.photoPage()->runs(), &PhotoRuns::photoOpened);
    QVERIFY(again.photoPage()->restoreSession());
    QVERIFY(opened.wait(20000));
    const auto run = again.photoPage()->runs()->interrupted();
    QVERIFY(run && run->steps > 100 && run->step >= 1);
    step = run->step;
    auto* message = again.findChild<QLabel*>("message");
    QVERIFY(message->isVisible() && message->text().contains("resume"));
    QSignalSpy iterates(again.photoPage()->runs(), &PhotoRuns::iterate),
        finished(again.photoPage()->runs(), &PhotoRuns::finished),
        failed(again.photoPage()->runs(), &PhotoRuns::failed);
    Q_EMIT message->linkActivated("resume");
    QTRY_VERIFY_WITH_TIMEOUT(!iterates.isEmpty() || !failed.isEmpty(), 60000);
    QVERIFY2(failed.isEmpty(), failed.isEmpty() ? "" : qPrintable(failed[0][0].toString()));
    QTest::mouseClick(again.findChild<QPushButton*>("stop"), Qt::LeftButton);
    QVERIFY(finished.wait(20000));
    const auto record = QJsonDocument::fromJson(finished[0][0].value<RunOutcome>().record.toUtf8()).object();
    QCOMPARE(record["request"].toObject()["branch"].toObject()["step"].toInt(), step);
    QTRY_VERIFY(!QFile::exists(state));
  }

  // With real events: a checkpoint dropped on the photo is imported, used, checked and removed.
  void aDroppedCheckpointIsImportedUsedAndRemoved() {
    NEEDS_PARITY();
    QTemporaryDir data;
    const QByteArray before = qgetenv("XDG_DATA_HOME");
    qputenv("XDG_DATA_HOME", data.path().toUtf8());
    {
      Studio s;
      auto* model = s.find<QComboBox>("model");
      QCOMPARE(model->currentIndex(), 0);
      const int had = model->count();
      QMimeData mime;
      mime.setUrls({QUrl::fromLocalFile(QString::fromStdString(test::parity_path("adm_ffhq/ffhq_10m.pt")))});
      QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
      QCoreApplication::sendEvent(s.page->canvas(), &enter);
      QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &mime, Qt::LeftButton, Qt::NoModifier);
      QCoreApplication::sendEvent(s.page->canvas(), &drop);
      ModelsDialog* dialog = s.window.models();
      QVERIFY(dialog->isVisible());
      QSignalSpy ended(dialog, &ModelsDialog::importEnded);
      QVERIFY(!ended.isEmpty() || ended.wait(30000));
      QVERIFY(ended[0][0].toBool());
      QCOMPARE(model->count(), had + 1);
      QTest::mouseClick(dialog->findChild<QPushButton*>("use_model"), Qt::LeftButton);
      QVERIFY(!dialog->isVisible());
      QCOMPARE(model->currentText(), QString("ffhq_10m"));
      // It was trained on 64 pixels: that is what it is shown, in tiles where more is wanted.
      QCOMPARE(s.find<QComboBox>("detail")->itemText(0), QString("64 px, the model's own"));
      QCOMPARE(std::min(s.page->document()->area().width, s.page->document()->area().height), 64);
      s.page->chooseWay(Way::Try);
      s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
      s.settings(5);
      const RunOutcome outcome = s.run();
      QCOMPARE(outcome.samples.size(), size_t{1});
      QCOMPARE(QString::fromStdString(nlohmann::json::parse(outcome.record.toStdString()).at("request").at("prior")),
               QString("ffhq_10m"));
      QCOMPARE(outcome.samples[0].image.height(), 64);

      // Checked, then removed; the window goes back to the model that is left.
      dialog->show();
      auto* list = dialog->findChild<QListWidget*>("models");
      for (int i = 0; i < list->count(); ++i) {
        if (list->item(i)->text().startsWith("ffhq_10m")) list->setCurrentRow(i);
      }
      QTest::mouseClick(dialog->findChild<QPushButton*>("verify_model"), Qt::LeftButton);
      QTRY_VERIFY_WITH_TIMEOUT(!dialog->busy(), 30000);
      QVERIFY2(dialog->findChild<QLabel*>("message")->text().contains("as its card says"),
               qPrintable(dialog->findChild<QLabel*>("message")->text()));
      QTimer::singleShot(200, [] {
        auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
        if (box != nullptr) box->buttons().constFirst()->click();
      });
      QTest::mouseClick(dialog->findChild<QPushButton*>("remove_model"), Qt::LeftButton);
      QCOMPARE(model->count(), had);
      QCOMPARE(model->currentIndex(), 0);
      QVERIFY(QDir(data.filePath("mgdm-studio/models")).isEmpty());
      QVERIFY(!dialog->findChild<QPushButton*>("remove_model")->isEnabled());  // the shipped ones stay

      // What the weights do not tell is asked for.
      const QString bare = data.filePath("bare.pt");
      write_torch_file(bare.toStdString(), read_weights(test::parity_path("adm_ffhq/ffhq_10m.pt")));
      ended.clear();
      dialog->importFiles({bare});
      QVERIFY(ended.wait(30000) && !ended[0][0].toBool());
      QVERIFY(dialog->findChild<QLineEdit*>("model_answer")->isVisible());
      QTest::keyClicks(dialog->findChild<QLineEdit*>("model_answer"), "32");
      ended.clear();
      QTest::mouseClick(dialog->findChild<QPushButton*>("model_answer_given"), Qt::LeftButton);
      QVERIFY(ended.wait(30000) && ended[0][0].toBool());
      QVERIFY(QFile::exists(data.filePath("mgdm-studio/models/bare.json")));
      // And what is no model says so.
      QFile(data.filePath("text.ckpt")).open(QIODevice::WriteOnly);
      ended.clear();
      dialog->importFiles({data.filePath("text.ckpt")});
      QVERIFY(ended.wait(30000) && !ended[0][0].toBool());
      QVERIFY(dialog->findChild<QLabel*>("message")->text().contains("is empty"));
    }
    before.isEmpty() ? qunsetenv("XDG_DATA_HOME") : qputenv("XDG_DATA_HOME", before);
    QSettings().remove("model");
  }

  void germanIsComplete() {
    Translator core, studio;
    QVERIFY(core.load(":/translations/core_de") && studio.load(":/translations/studio_de"));
    const auto check = [&](const std::string& words) {
      QVERIFY2(!core.translate("core", words.c_str()).isEmpty(), words.c_str());
    };
    const auto check_settings = [&](const std::vector<Setting>& settings) {
      for (const Setting& s : settings) {
        check(s.label);
        check(s.help);
      }
    };
    for (const Task& task : tasks()) {
      check(task.label);
      check(task.help);
      check_settings(task.settings);
    }
    for (const auto& sampler : samplers()) {
      check(sampler.help);
      check_settings(sampler.settings);
    }
    for (const char* family : {"adm", "ldm", "msdm", "first_stage", ""}) {
      PriorCard card;
      card.family = family;
      check(uses_of(card));
    }
    QFile sources(QStringLiteral(MGDM_SOURCE_DIR "/resources/translations/studio_de.ts"));
    QVERIFY(sources.open(QIODevice::ReadOnly));
    QVERIFY(!sources.readAll().contains("unfinished"));
    // Words wider than the English ones must not make the window wider.
    QCoreApplication::installTranslator(&core);
    QCoreApplication::installTranslator(&studio);
    {
      Studio s;
      QCOMPARE(s.find<QPushButton>("run")->text(), QString("Starten"));
      for (const auto way : {Way::Fill, Way::Repair, Way::Try}) {
        s.page->chooseWay(way);
        QVERIFY2(s.find<QWidget>("left")->minimumSizeHint().width() <= 300,
                 qPrintable(QString::number(s.find<QWidget>("left")->minimumSizeHint().width())));
      }
      s.window.resize(1280, 800);
      QTest::qWait(50);
      QVERIFY2(s.window.minimumSizeHint().width() <= 1280 && s.window.width() == 1280,
               qPrintable(QString::number(s.window.minimumSizeHint().width())));
    }
    QCoreApplication::removeTranslator(&core);
    QCoreApplication::removeTranslator(&studio);
  }

  void everythingCanBeReachedAndIsNamed() {
    Studio s;
    int reachable = 0;
    for (QWidget* widget : s.window.findChildren<QWidget*>()) {
      if (widget->focusPolicy() == Qt::NoFocus || !widget->isEnabled() || widget->inherits("QScrollArea") ||
          widget->objectName().startsWith("qt_"))
        continue;
      if (widget->inherits("QMenu") || widget->inherits("QTabBar") || widget->inherits("QTabWidget") ||
          widget->inherits("QComboBoxListView") || widget->inherits("QScrollBar"))
        continue;
      QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
      const QString name = face != nullptr ? face->text(QAccessible::Name) : QString();
      QVERIFY2(!name.isEmpty(), qPrintable(QString("%1 '%2' has no name for a screen reader")
                                               .arg(widget->metaObject()->className(), widget->objectName())));
      reachable += widget->focusPolicy() & Qt::TabFocus ? 1 : 0;
    }
    QVERIFY(reachable > 15);
  }

  void unsavedResultsAreAskedFor() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("denoising"));
    s.settings(5);
    s.run();
    QVERIFY(!s.page->document()->unsaved());
    s.page->acceptSample();
    QVERIFY(s.page->document()->unsaved() && s.window.isWindowModified());
    bool asked = false;
    QTimer::singleShot(200, [&] {
      auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
      asked = box != nullptr;
      if (box != nullptr) box->button(QMessageBox::Cancel)->click();
    });
    QVERIFY(!s.window.close());
    QVERIFY(asked && s.window.isVisible());
    s.act("undo")->trigger();
    QVERIFY(!s.page->document()->unsaved());
    s.act("redo")->trigger();
    QTemporaryDir folder;
    QSignalSpy saved(s.page->files(), &PhotoFiles::saved);
    s.page->saveTo(folder.filePath("a.tif"));
    QVERIFY(saved.wait(20000));
    QVERIFY(!s.page->document()->unsaved());
    QVERIFY(s.window.close());  // no question
  }

  void heldKeysAndTheWheelWithControl() {
    Studio s;
    s.paint();
    s.settings(5);
    s.run();
    Canvas* canvas = s.page->canvas();
    const QPoint inside = canvas->toWidget({130, 115}).toPoint();
    const QImage with_result = canvas->grab().toImage();
    for (const Qt::Key key : {Qt::Key_Tab, Qt::Key_Backslash}) {
      QTest::keyPress(canvas, key);
      const QImage original = canvas->grab().toImage();
      QVERIFY(original.pixel(inside) != with_result.pixel(inside));
      QTest::keyRelease(canvas, key);
      QVERIFY(canvas->grab().toImage().pixel(inside) == with_result.pixel(inside));
    }
    const int before = canvas->brushSize();
    QWheelEvent wheel(QPointF(200, 200), canvas->mapToGlobal(QPointF(200, 200)), {}, {0, 120}, Qt::NoButton,
                      Qt::ControlModifier, Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(canvas, &wheel);
    QVERIFY(canvas->brushSize() > before);
    // Space + drag pans and paints nothing.
    const QImage mask = s.page->document()->mask();
    const QPointF at = canvas->toPhoto({100, 100});
    QTest::keyPress(canvas, Qt::Key_Space);
    QTest::mousePress(canvas, Qt::LeftButton, {}, QPoint(100, 100));
    QTest::mouseMove(canvas, QPoint(150, 120));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, QPoint(150, 120));
    QTest::keyRelease(canvas, Qt::Key_Space);
    QVERIFY((canvas->toPhoto({150, 120}) - at).manhattanLength() < 1e-6);
    QVERIFY(s.page->document()->mask() == mask);
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
    for (const char* words : {"Noisy xₜ", "Residual", "Clean x₀"}) {
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
    QCOMPARE(outcome.deviation.pixel(10, 10), outcome.deviation.pixel(20, 10));  // no spread where the photo is known
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
    QVERIFY(s.page->history()->entries().front().favourite);
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

  void masksGoOutAndComeBack() {
    Studio s;
    QTemporaryDir folder;
    s.paint();
    const QImage mask = s.page->document()->mask();
    s.page->files()->exportMask(folder.filePath("mask.png"));
    s.act("clear")->trigger();
    s.page->files()->importMask(folder.filePath("mask.png"));
    QTRY_VERIFY(s.page->document()->mask() == mask);
    QImage alpha(160, 128, QImage::Format_ARGB32);  // half the size, in the transparency
    alpha.fill(Qt::transparent);
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 50; ++x) alpha.setPixel(x, y, qRgba(0, 0, 0, 255));
    }
    alpha.save(folder.filePath("alpha.png"));
    s.page->files()->importMask(folder.filePath("alpha.png"));
    QTRY_VERIFY(s.painted(50, 40) == 255 && s.painted(200, 200) == 0);
    s.page->files()->importMask(folder.filePath("missing.png"));
    QTRY_VERIFY(s.find<QLabel>("message")->text().contains("missing.png"));
    QVERIFY(s.painted(50, 40) == 255);
    s.page->files()->exportMask("/nonexistent/mask.png");
    QTRY_VERIFY(s.find<QLabel>("message")->text().contains("/nonexistent/mask.png"));
  }

  void theClipboardIsAPhoto() {
    Studio s;
    QGuiApplication::clipboard()->setImage(test_photo(128, 96));
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.act("paste")->trigger();
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size(), QSize(128, 96));
    QVERIFY(s.page->document()->path().isEmpty());
  }

  void historyEntriesAreShownAgain() {
    Studio s;
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png");
    test_photo().save(file);
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(file);
    QVERIFY(opened.wait(20000));
    s.paint();
    s.settings(5);
    QSignalSpy kept(s.page->history(), &History::changed);
    const RunOutcome outcome = s.run();
    if (kept.isEmpty()) QVERIFY(kept.wait(20000));
    s.run();  // another one is on screen now
    auto* list = s.find<QListWidget>("history");
    QTRY_COMPARE_WITH_TIMEOUT(s.page->history()->entries().size(), static_cast<size_t>(list->count()), 20000);
    for (int row = 0; row < list->count(); ++row) {
      if (s.page->history()->entries()[static_cast<size_t>(row)].photo == file)
        Q_EMIT list->itemActivated(list->item(row));
    }
    QTRY_VERIFY(!s.find<QListWidget>("samples")->selectedItems().isEmpty());
    QTRY_VERIFY(s.page->canvas()->overlay().image.convertToFormat(QImage::Format_ARGB32) ==
                outcome.samples[0].image.convertToFormat(QImage::Format_ARGB32));
    s.page->acceptSample();  // and can still be put in
    QVERIFY(s.page->document()->unsaved());
  }

  void onlySamplersThatCanAreOffered() {
    Studio s;
    s.page->chooseWay(Way::Try);
    auto *task = s.find<QComboBox>("task"), *sampler = s.find<QComboBox>("sampler"),
         *preset = s.find<QComboBox>("preset");
    const auto offered = [&](const char* name) {
      return qobject_cast<QStandardItemModel*>(sampler->model())
          ->item(sampler->findData(QString::fromLatin1(name)))
          ->isEnabled();
    };
    task->setCurrentIndex(task->findData("sr4"));
    QVERIFY(offered("ddrm") && offered("dps") && offered("diffpir"));
    sampler->setCurrentIndex(sampler->findData("ddrm"));
    QVERIFY(preset->count() == 4 && s.find<QSpinBox>("steps") != nullptr && s.find<QDoubleSpinBox>("eta_b") != nullptr);
    const RunOutcome outcome = s.run();
    QVERIFY(outcome.samples[0].psnr > 5);
    QVERIFY(outcome.record.contains("ddrm"));
    task->setCurrentIndex(task->findData("jpeg"));
    QVERIFY(offered("ddrm") && offered("diffpir") && offered("dps") &&
            offered("mgdm"));  // a JPEG's coefficients are decomposed
    task->setCurrentIndex(task->findData("blur"));
    QVERIFY(!offered("ddrm") && offered("diffpir") && offered("dps") && offered("mgdm"));
    QCOMPARE(sampler->currentData().toString(), QString("mgdm"));  // what cannot do it is not kept
    QVERIFY(qobject_cast<QStandardItemModel*>(sampler->model())
                ->item(sampler->findData("ddrm"))
                ->toolTip()
                .contains("singular value"));
    task->setCurrentIndex(task->findData("high_dynamic_range"));
    QVERIFY(!offered("diffpir") && offered("dps"));
  }

  void aBlurKernelIsDrawn() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("motion_blur"));
    auto* line = s.find<QLineEdit>("kernel_text");
    auto* canvas = s.find<QWidget>("kernel_canvas");
    QVERIFY(line != nullptr && canvas != nullptr && line->text().isEmpty());
    const QImage empty = canvas->grab().toImage();
    const QPoint middle = canvas->rect().center();
    QTest::mousePress(canvas, Qt::LeftButton, {}, middle + QPoint(-20, -6));
    for (int i = -18; i <= 20; i += 2) QTest::mouseMove(canvas, middle + QPoint(i, i / 3));
    QTest::mouseRelease(canvas, Qt::LeftButton, {}, middle + QPoint(20, 6));
    QVERIFY2(line->text().startsWith("-10") && line->text().contains(' '), qPrintable(line->text()));
    QVERIFY(canvas->grab().toImage() != empty);
    s.settings(5);
    const RunOutcome drawn = s.run();
    QCOMPARE(QString::fromStdString(nlohmann::json::parse(drawn.record.toStdString())
                                        .at("request")
                                        .at("task_settings")
                                        .at("kernel")
                                        .get<std::string>()),
             line->text());
    // What is no kernel is marked and not taken; a picture of one is.
    const QString good = line->text();
    line->setText("1 2; 3");
    QVERIFY(line->styleSheet().contains("border") && line->toolTip().contains("rows"));
    auto* editor = qobject_cast<KernelEditor*>(canvas->parentWidget());
    QCOMPARE(QString::fromStdString(editor->kernel()), good);
    QTemporaryDir folder;
    QImage picture(5, 5, QImage::Format_Grayscale8);
    picture.fill(0);
    picture.setPixel(2, 2, qRgb(255, 255, 255));
    picture.setPixel(3, 2, qRgb(51, 51, 51));
    QVERIFY(picture.save(folder.filePath("kernel.png")));
    editor->load(folder.filePath("kernel.png"));
    QCOMPARE(line->text(), QString("0 0 0; 0 1 0.2; 0 0 0"));
    QVERIFY(line->styleSheet().isEmpty());
    editor->load(folder.filePath("none.png"));
    QVERIFY(line->styleSheet().contains("border") && line->toolTip().contains("none.png"));
    QCOMPARE(line->text(), QString("0 0 0; 0 1 0.2; 0 0 0"));
  }

  void theKindOfNoiseIsChosen() {
    Studio s;
    auto* law = s.find<QComboBox>("noise_law");
    auto* lost = s.find<QDoubleSpinBox>("outliers");
    QVERIFY(!law->isVisible() && !lost->isVisible());  // filling has no noise to choose
    s.page->chooseWay(Way::Try);
    auto* task = s.find<QComboBox>("task");
    task->setCurrentIndex(task->findData("denoising"));
    QVERIFY(law->isVisible() && !lost->isVisible());
    law->setCurrentIndex(law->findData("salt_and_pepper"));
    QVERIFY(lost->isVisible());
    lost->setValue(20);
    auto* samplers = s.find<QComboBox>("sampler");
    const auto* items = qobject_cast<QStandardItemModel*>(samplers->model());
    QVERIFY(!items->item(samplers->findData("ddrm"))->isEnabled() &&
            items->item(samplers->findData("mgdm"))->isEnabled());
    s.settings(5);
    const RunOutcome outcome = s.run();
    const auto request = nlohmann::json::parse(outcome.record.toStdString()).at("request");
    QCOMPARE(request.at("noise_law").get<std::string>(), std::string("salt_and_pepper"));
    QCOMPARE(request.at("outliers").get<double>(), 0.2);
    // A degradation without noise of its own takes no other law.
    task->setCurrentIndex(task->findData("jpeg"));
    QCOMPARE(law->currentIndex(), 0);
    QVERIFY(!qobject_cast<QStandardItemModel*>(law->model())->item(1)->isEnabled());
    s.page->chooseWay(Way::Fill);
    QVERIFY(!law->isVisible());
  }

  void aProgramThatFailsIsSaid() {
    Studio s;
    s.page->chooseWay(Way::Try);
    s.find<QComboBox>("task")->setCurrentIndex(s.find<QComboBox>("task")->findData("program"));
    s.settings(5);
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    const auto complaint = [&](const char* command) {
      failed.clear();
      s.find<QLineEdit>("command")->clear();
      QTest::keyClicks(s.find<QLineEdit>("command"), command);
      QTest::mouseClick(s.find<QPushButton>("run"), Qt::LeftButton);
      return failed.wait(60000) ? failed[0][0].toString() : QString();
    };
    QVERIFY(complaint("").contains("missing"));
    QVERIFY(complaint("echo no lens >&2; false #").contains("no lens"));
    QVERIFY(s.ready());
    s.find<QLineEdit>("command")->clear();
    QTest::keyClicks(s.find<QLineEdit>("command"), "cp");
    QVERIFY(!s.run().samples.empty());
  }

  void severalFilesAreAQueue() {
    Studio s;
    QTemporaryDir folder;
    QStringList files;
    for (int k = 0; k < 3; ++k) {
      files << folder.filePath(QString("%1.png").arg(k));
      test_photo(200 + 8 * k, 200).save(files.last());
    }
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.openAll(files);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size().width(), 200);
    QTest::mouseClick(s.find<QPushButton>("next_photo"), Qt::LeftButton);
    QVERIFY(opened.wait(20000));
    QCOMPARE(s.page->document()->size().width(), 208);
  }

  void mailboxKeepsOnlyTheLatest() {
    Mailbox<int> box;
    QVERIFY(box.put(1));
    QVERIFY(!box.put(2));
    QCOMPARE(box.take().value(), 2);
    QVERIFY(!box.take().has_value());
  }

  // ---- what was once wrong ----

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

  void everySettingIsInTheSession() {
    QTemporaryDir folder;
    const QString file = folder.filePath("photo.png"),
                  session = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation) + "/session.json";
    test_photo().save(file);
    Studio s;
    QSignalSpy opened(s.page->runs(), &PhotoRuns::photoOpened);
    s.window.open(file);
    QVERIFY(opened.wait(20000));
    QTest::qWait(1300);  // what opening has to write
    s.page->saver()->wait();
    const auto written = [&](const char* key) {
      s.page->saver()->wait();
      QFile in(session);
      const auto json = in.open(QIODevice::ReadOnly) ? nlohmann::json::parse(in.readAll().toStdString(), nullptr, false)
                                                     : nlohmann::json();
      return json.is_object() && json.contains(key) ? json[key] : nlohmann::json();
    };
    s.find<QSpinBox>("seed")->setValue(77);
    QTRY_VERIFY_WITH_TIMEOUT(written("seed") == 77, 5000);
    s.find<QSpinBox>("steps")->setValue(33);  // of the sampler's own form
    QTRY_VERIFY_WITH_TIMEOUT(written("settings").value("steps", 0) == 33, 5000);
    s.find<QSpinBox>("samples_count")->setValue(3);
    QVERIFY(s.window.close());  // at once
    QCOMPARE(written("samples"), nlohmann::json(3));
  }

  void taskPicturesGoOnAfterOneThatFails() {
    MainWindow window;
    auto* task = window.findChild<QComboBox*>("task");
    window.photoPage()->chooseWay(Way::Try);
    const auto last = [&] {  // after the tasks that need a person's program or weights
      for (int i = task->count() - 1; i >= 0; --i) {
        if (!task->itemIcon(i).isNull()) return i;
      }
      return -1;
    };
    QTRY_COMPARE_WITH_TIMEOUT(last(), task->count() - 1, 60000);
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

  void filesAreWrittenInTheOrderInWhichTheyWereAskedFor() {
    QTemporaryDir folder;
    QStringList answers;
    const QString file = folder.filePath("file");
    {
      Saver saver;
      for (int i = 0; i < 20; ++i) {
        saver.post(
            [file, i] {
              QFile out(file);
              if (!out.open(QIODevice::WriteOnly)) throw std::runtime_error("cannot be written");
              if (i % 3 == 0) QThread::msleep(5);
              out.write(QByteArray::number(i));
              if (i == 7) throw std::runtime_error("seven\nis told");
            },
            [&answers, i](const QString& error) { answers << QString::number(i) + error; });
      }
      saver.wait();
      QCOMPARE(answers.size(), 20);
      QCOMPARE(answers[7], QString("7seven"));
      for (int i = 0; i < 20; ++i) QVERIFY(answers[i].startsWith(QString::number(i)));
      saver.post([file] {
        QThread::msleep(50);
        QFile::remove(file);
      });
    }  // waits
    QVERIFY(!QFile::exists(file));
  }

  void aBrokenStateIsNotOfferedForEver() {
    Studio s;
    QTemporaryDir folder;
    const std::string state = folder.filePath("state.safetensors").toStdString();
    // Its summary can be read, its tensors are not there.
    const nlohmann::json run = {{"request", nlohmann::json::object()},
                                {"origin", {{"photo", ""}}},
                                {"precision", "float32"},
                                {"step", 3},
                                {"steps", 10},
                                {"gibbs", 1},
                                {"t", 500},
                                {"alpha_bar", 0.5}};
    write_safetensors(state, {{{"other", at::zeros({1})}}, {{"run", run.dump()}}});
    s.page->runs()->setStateFile(QString::fromStdString(state));
    QVERIFY(s.page->runs()->interrupted());
    s.paint();
    QSignalSpy failed(s.page->runs(), &PhotoRuns::failed);
    s.page->resumeInterrupted();
    QVERIFY(failed.wait(20000));
    QVERIFY(!s.page->runs()->interrupted() && s.ready());
  }

  void aSnapshotOfThePhotoStaysAsItIs() {
    Studio s;
    Document* document = s.page->document();
    const auto accept = [&](int value) {
      document->accept(cv::Mat(64, 64, CV_16UC3, cv::Scalar(value, value, value)),
                       square_area({320, 256}, {100, 100}, 64, 64), {}, false, "a layer");
    };
    auto snapshot = document->photo();
    const cv::Mat before = snapshot->pixels.clone();
    accept(60000);
    QCOMPARE(cv::norm(snapshot->pixels, before, cv::NORM_INF), 0.0);
    QVERIFY(cv::norm(document->photo()->pixels, before, cv::NORM_INF) > 0);
    snapshot.reset();
    const uchar* place = document->photo()->pixels.data;
    accept(20000);  // nobody reads it: no copy of all of it
    QVERIFY(document->photo()->pixels.data == place);
  }

  void aKeyMayMeanSomethingOnEachPage() {
    MainWindow window;
    ShortcutsDialog dialog(window.allActions(), window.photoPage()->canvas(), &window);
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    dialog.findChild<QKeySequenceEdit*>("eraser")->setKeySequence(QKeySequence(Qt::Key_J));
    QVERIFY(ok->isEnabled());  // L is the lasso's and the loop's, 0 fits the photo and the song
    dialog.findChild<QKeySequenceEdit*>("song_fit")->setKeySequence(QKeySequence(Qt::CTRL | Qt::Key_O));
    QVERIFY(!ok->isEnabled());  // opening is everywhere
  }

  // ---- songs ----

  void aSongIsSeparatedWhileYouWatch() {
    SongStudio s;
    QCOMPARE(s.page->runs()->state(), SongRuns::State::Ready);
    QVERIFY(s.page->isVisible() && !s.window.photoPage()->canvas()->isVisible());
    QVERIFY(!s.window.findChild<QAction*>("brush")->isVisible());  // the photo's keys do nothing here
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QSignalSpy frames(s.page->runs(), &SongRuns::iterate);
    QVERIFY(s.run());
    QVERIFY(frames.count() >= 3);
    const auto lanes = s.page->findChildren<Lane*>();
    QCOMPARE(lanes.size(), 5);
    for (Lane* lane : lanes)
      QVERIFY(std::any_of(lane->peaks().begin(), lane->peaks().end(), [](const Peak& p) { return p.high > 1e-4f; }));

    // Exported stems are the song, at its rate and length; a muted one stays out.
    const QString out = s.folder.filePath("out");
    QSignalSpy exported(s.page->runs(), &SongRuns::exported);
    s.page->exportTo(out, "wav");
    QVERIFY(exported.wait(20000));
    const Sound song = read_sound(s.folder.filePath("song.wav").toStdString());
    at::Tensor sum = at::zeros_like(song.samples);
    for (const char* stem : {"bass", "drums", "guitar", "piano"}) {
      const Sound sound = read_sound((out + '/' + stem + ".wav").toStdString());
      QCOMPARE(sound.sample_rate, 44100);
      QCOMPARE(sound.samples.sizes(), song.samples.sizes());
      sum += sound.samples;
    }
    QVERIFY2((sum - song.samples).abs().max().item<float>() < 1e-3f,
             qPrintable(QString::number((sum - song.samples).abs().max().item<float>())));
    QVERIFY(QFile::exists(out + "/run.json"));
    QTest::mouseClick(s.button("M", "drums"), Qt::LeftButton);
    s.page->exportTo(s.folder.filePath("three"), "flac");
    QVERIFY(exported.wait(20000));
    QVERIFY(QFile::exists(s.folder.filePath("three/bass.flac")) &&
            !QFile::exists(s.folder.filePath("three/drums.flac")));
  }

  void onlyTheMarkedPartIsDone() {
    SongStudio s;
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    Lane* lane = s.lane(0);
    QTest::mousePress(lane, Qt::LeftButton, {}, QPoint(lane->width() / 3, 20));
    QTest::mouseMove(lane, QPoint(lane->width() / 2, 20));
    QTest::mouseMove(lane, QPoint(lane->width() * 2 / 3, 20));
    QTest::mouseRelease(lane, Qt::LeftButton, {}, QPoint(lane->width() * 2 / 3, 20));
    QVERIFY(std::abs(s.page->axis()->markBegin() - 44100) < 1000 && std::abs(s.page->axis()->markEnd() - 88200) < 1000);
    QCOMPARE(s.find<QComboBox>("song_part")->currentIndex(), 1);
    s.find<QCheckBox>("song_keep")->setChecked(true);
    QSignalSpy finished(s.page->runs(), &SongRuns::finished);
    QVERIFY(s.run());
    const auto outcome = finished[0][0].value<SongOutcome>();
    QCOMPARE(outcome.begin, s.page->axis()->markBegin());
    QCOMPARE(outcome.end, s.page->axis()->markEnd());
    QCOMPARE(s.page->findChildren<Lane*>().size(), 6);  // with the rest
    // A click outside ends the mark and seeks.
    lane = s.lane(0);
    QTest::mouseClick(lane, Qt::LeftButton, {}, QPoint(lane->width() / 10, 20));
    QVERIFY(!s.page->axis()->hasMark());
    QVERIFY(std::abs(s.page->player()->position() - 13230) < 1000);
  }

  void muteSoloAndTheOriginalChooseWhatIsHeard() {
    SongStudio s(2);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    auto* original = s.find<QPushButton>("song_original_button");
    const auto heard = [&] { return s.page->findChild<StemRows*>()->gains(original->isChecked()); };
    using Gains = std::vector<float>;  // of the song, bass, drums, guitar, piano
    QVERIFY(!original->isChecked());   // the stems
    QVERIFY(heard() == Gains({0, 1, 1, 1, 1}));
    QTest::keyClick(&s.window, Qt::Key_A);
    QVERIFY(original->isChecked());
    QVERIFY(heard() == Gains({1, 0, 0, 0, 0}));
    QTest::keyClick(&s.window, Qt::Key_A);
    QTest::mouseClick(s.button("S", "bass"), Qt::LeftButton);
    QTest::mouseClick(s.button("M", "piano"), Qt::LeftButton);
    QVERIFY(heard() == Gains({0, 1, 0, 0, 0}));
    QTest::keyClick(&s.window, Qt::Key_S, Qt::ShiftModifier);
    QVERIFY(!s.button("S", "bass")->isChecked() && s.button("M", "piano")->isChecked());
    QVERIFY(heard() == Gains({0, 1, 1, 1, 0}));
    QTest::keyClick(&s.window, Qt::Key_U, Qt::ShiftModifier);
    QVERIFY(!s.button("M", "piano")->isChecked());
    for (auto* loudness : s.page->findChildren<QSlider*>()) loudness->setValue(50);
    QVERIFY(heard() == Gains({0, 0.5f, 0.5f, 0.5f, 0.5f}));
    // And the player is given that.
    QVERIFY(!s.lane(0)->audible() && s.lane(1)->audible());
  }

  void aSongRunCanBeStoppedAndDiscarded() {
    SongStudio s(12);  // more than one window
    s.find<QComboBox>("song_preset")->setCurrentText("best");
    QSignalSpy frames(s.page->runs(), &SongRuns::iterate), finished(s.page->runs(), &SongRuns::finished),
        discarded(s.page->runs(), &SongRuns::discarded);
    QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
    QVERIFY(frames.wait(30000));
    QElapsedTimer timer;
    timer.start();
    QTest::keyClick(&s.window, Qt::Key_Escape);
    QVERIFY(finished.wait(20000));
    QVERIFY(finished[0][0].value<SongOutcome>().stopped);
    QVERIFY(!s.find<QPushButton>("song_export_button")->isEnabled());  // nothing was finished
    frames.clear();
    QTest::mouseClick(s.find<QPushButton>("song_run"), Qt::LeftButton);
    QVERIFY(frames.wait(30000));
    QTest::mouseClick(s.find<QPushButton>("song_discard"), Qt::LeftButton);
    QCOMPARE(discarded.count(), 1);
    QCOMPARE(s.page->findChildren<QToolButton*>("lane").size() > 0 && s.page->runs()->busy(), false);
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());  // and it can be run again
  }

  void brokenSongsKeepTheOpenOne() {
    SongStudio s(1);
    QFile file(s.folder.filePath("broken.wav"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("RIFF no sound");
    file.close();
    QVERIFY(!s.open("broken.wav"));
    QCOMPARE(s.page->runs()->state(), SongRuns::State::Ready);
    QVERIFY(s.find<QLabel>("song_message")->isVisible() &&
            s.find<QLabel>("song_message")->text().contains("broken.wav"));
    s.page->exportTo(s.folder.filePath("out"), "wav");  // nothing was run: there is no stem yet
    QVERIFY(!s.find<QPushButton>("song_export_button")->isEnabled());
    QVERIFY(!QFile::exists(s.folder.filePath("out")));
  }

  void withoutASoundDeviceEverythingElseWorks() {
    const QByteArray conf = qgetenv("ALSA_CONFIG_PATH");
    QTemporaryDir folder;
    QFile file(folder.filePath("none.conf"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("pcm.!default { type hw\n card 77\n}\n");
    file.close();
    qputenv("ALSA_CONFIG_PATH", folder.filePath("none.conf").toUtf8());
    SongStudio s(1);
    QTRY_VERIFY_WITH_TIMEOUT(s.page->player()->looked(), 20000);
    QTest::keyClick(&s.window, Qt::Key_Space);
    QTRY_VERIFY_WITH_TIMEOUT(s.find<QLabel>("song_device_problem")->isVisible(), 10000);
    QVERIFY(s.find<QLabel>("song_device_problem")->text().contains("No sound device"));
    s.find<QComboBox>("song_preset")->setCurrentText("quick");
    QVERIFY(s.run());
    qputenv("ALSA_CONFIG_PATH", conf);
  }

  void photosAndSongsStandSideBySide() {
    SongStudio s(1);
    QTest::keyClick(&s.window, Qt::Key_1, Qt::ControlModifier);
    QVERIFY(s.window.photoPage()->canvas()->isVisible() && !s.page->isVisible());
    QVERIFY(s.window.findChild<QAction*>("brush")->isVisible());
    QTest::keyClick(&s.window, Qt::Key_2, Qt::ControlModifier);
    QVERIFY(s.page->isVisible() && !s.page->isEmpty());
  }
};

QTEST_MAIN(TestStudio)
#include "tst_studio.moc"
