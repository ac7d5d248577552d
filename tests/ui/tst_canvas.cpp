// The photo, its mask and its layers, under mouse and keys.

#include <QPainter>
#include <QtTest>

#include <QClipboard>
#include <QListWidget>
#include <QSlider>
#include <QUndoStack>

#include "core/media/working_area.h"
#include "tests/ui/studio_fixture.h"
#include "ui/photo/photo_files.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestCanvas : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { prepare(); }

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

  void heldKeysAndTheWheelWithControl() {
    Studio s;
    s.paint();
    s.settings(5);
    s.run();
    Canvas* canvas = s.page->canvas();
    const QPoint inside = canvas->toWidget({130, 115}).toPoint();
    const QImage with_result = canvas->grab().toImage();
    for (const Qt::Key key : {Qt::Key_O, Qt::Key_Backslash}) {
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

  // How long the window's thread is busy in one piece, while twelve megapixels are put in over a run's result.
  void theWindowIsFreeWhileTwelveMegapixelsArePutIn() {
    Studio s;
    const QSize size(4000, 3000);
    s.openImage(test_photo(size.width(), size.height()));
    Document* document = s.page->document();
    const WorkingArea area{{0, 0, size.width(), size.height()}, size.width(), size.height()};
    cv::Mat result(size.height(), size.width(), CV_16UC3);
    cv::randu(result, 0, 65536);
    for (const char* what : {"first", "second"}) {
      const cv::Mat weight(result.size(), CV_16UC1, cv::Scalar(65535));
      QElapsedTimer clock;
      clock.start();
      document->accept(result, weight, area, what);
      double longest = clock.nsecsElapsed() / 1e6;
      const double put = longest;
      QVERIFY(document->settling());
      const int waits = document->waits();
      while (document->settling()) {
        clock.start();
        QCoreApplication::processEvents();
        longest = std::max(longest, clock.nsecsElapsed() / 1e6);
      }
      QCOMPARE(document->waits(), waits);  // nobody stood still for it
      clock.start();
      s.page->canvas()->repaint();
      qInfo() << what << "put in:" << put << "ms, longest piece" << longest << "ms, repainted in"
              << clock.nsecsElapsed() / 1e6 << "ms";
      QCOMPARE(document->photo()->pixels.at<cv::Vec3b>(1500, 2000)[0],
               static_cast<uchar>((result.at<cv::Vec3w>(1500, 2000)[0] + 128) / 257));
    }
    QCOMPARE(s.find<QListWidget>("layers")->count(), 2);
  }

  void aLargeResultIsPutInBesideTheWindow() {
    Studio s;
    QImage large(1600, 1200, QImage::Format_RGB888);
    large.fill(QColor(90, 120, 150));
    s.openImage(large);
    Document* document = s.page->document();
    const WorkingArea area{{0, 0, 1600, 1200}, 1600, 1200};
    cv::Mat result(1200, 1600, CV_16UC3, cv::Scalar(60000, 100, 100)), weight(1200, 1600, CV_16UC1, cv::Scalar(65535));
    weight(cv::Rect(0, 0, 800, 1200)).setTo(0);
    QSignalSpy changed(document, &Document::photoChanged);
    document->accept(result, weight, area, "half");
    QVERIFY(document->settling() && changed.isEmpty());  // the window goes on
    QVERIFY(changed.wait(20000));
    QVERIFY(!document->settling());
    const auto at = [&](int x) { return document->photo()->pixels.at<cv::Vec3b>(600, x); };
    QCOMPARE(at(100), cv::Vec3b(90, 120, 150));
    QCOMPARE(at(1500), cv::Vec3b(233, 0, 0));
    QCOMPARE(document->pyramid().front().pixelColor(1500, 600), QColor(233, 0, 0));
    QCOMPARE(document->pyramid().back().pixelColor(document->pyramid().back().width() - 2, 100), QColor(233, 0, 0));
    // What was opened is still there to be held against it.
    QCOMPARE(document->originalPyramid().front().pixelColor(1500, 600), QColor(90, 120, 150));
    QVERIFY(document->changed());
    // Whoever needs the photo waits for it; steps in a row come one after the other.
    s.act("undo")->trigger();
    QCOMPARE(at(1500), cv::Vec3b(90, 120, 150));
    s.act("redo")->trigger();
    s.act("undo")->trigger();
    s.act("redo")->trigger();
    QCOMPARE(at(1500), cv::Vec3b(233, 0, 0));
    QVERIFY(!document->settling());
  }

  void theOriginalIsHeldAgainstThePhoto() {
    Studio s;
    Document* document = s.page->document();
    document->accept(cv::Mat(256, 320, CV_16UC3, cv::Scalar(65535, 0, 0)), {{0, 0, 320, 256}, 320, 256}, {}, false,
                     "red");
    Canvas* canvas = s.page->canvas();
    canvas->setOverlay({});
    const QPoint left = canvas->toWidget({20, 128}).toPoint(), right = canvas->toWidget({300, 128}).toPoint();
    const auto seen = [&](const QPoint& at) {
      return canvas->grab().toImage().pixelColor(at * canvas->devicePixelRatio());
    };
    const QColor red(255, 0, 0);
    QCOMPARE(seen(left), red);
    s.act("slider")->trigger();  // before on the left, the photo as it is on the right
    QVERIFY(seen(left) != red);
    QCOMPARE(seen(right), red);
    s.act("slider")->trigger();
    QTest::keyPress(canvas, Qt::Key_Backslash);
    QVERIFY(seen(right) != red);
    QTest::keyRelease(canvas, Qt::Key_Backslash);
    QCOMPARE(seen(right), red);
  }

  void anObjectIsSelected() {
    Studio s;
    QImage photo(640, 480, QImage::Format_RGB888);
    photo.fill(QColor(60, 150, 70));
    QPainter painter(&photo);
    painter.setBrush(QColor(220, 40, 40));
    painter.setPen(Qt::NoPen);
    painter.drawEllipse(QPoint(300, 240), 70, 70);
    painter.end();
    s.openImage(photo);
    const auto covered = [&](int x, int y) { return qGray(s.page->document()->mask().pixel(x, y)) > 0; };
    s.act("select")->trigger();
    s.drag({200, 140}, {400, 340});
    QTRY_VERIFY_WITH_TIMEOUT(covered(300, 240), 20000);
    QVERIFY(covered(250, 240) && !covered(215, 155));
    // Grown, shrunk, softened: each a step of undo.
    const QImage selected = s.page->document()->mask();
    s.act("grow")->trigger();
    QVERIFY(s.page->document()->mask() != selected && covered(300, 240));
    s.act("undo")->trigger();
    QVERIFY(s.page->document()->mask() == selected);
    s.act("shrink")->trigger();
    s.act("feather")->trigger();
    QVERIFY(covered(300, 240));
    // A click does as well.
    s.act("clear")->trigger();
    QVERIFY(!covered(300, 240));
    const QPoint at = s.page->canvas()->toWidget({300, 240}).toPoint();
    QTest::mouseClick(s.page->canvas(), Qt::LeftButton, {}, at);
    QTRY_VERIFY_WITH_TIMEOUT(covered(260, 240), 20000);
    QVERIFY(!covered(150, 100));
  }

  void theMaskStandsOutFromThePhoto() {
    Studio s;
    const auto colour_on = [&](const QColor& photo) {
      QImage image(400, 300, QImage::Format_RGB888);
      image.fill(photo);
      s.openImage(image);
      return s.page->canvas()->maskColour();
    };
    const auto far = [](const QColor& a, const QColor& b) {
      return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) + std::abs(a.blue() - b.blue());
    };
    for (const QColor& photo : {QColor(250, 90, 90), QColor(60, 160, 250), QColor(40, 200, 110), QColor(250, 220, 50)})
      QVERIFY(far(colour_on(photo), photo) > 200);
    s.page->canvas()->setMaskLook(QColor(1, 2, 3), 0.7);
    QCOMPARE(s.page->canvas()->maskColour(), QColor(1, 2, 3));
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
};

QTEST_MAIN(TestCanvas)
#include "tst_canvas.moc"
