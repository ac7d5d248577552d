// The studio on a screen with two pixels for each unit.

#include <QtTest>

#include "tests/ui/studio_fixture.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestDoubleScale : public QObject {
  Q_OBJECT
 public:
  static void initMain() { qputenv("QT_SCALE_FACTOR", "2"); }

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  void aHundredPercentIsAPixelForAPixel() {
    Studio s;
    Canvas* canvas = s.page->canvas();
    QCOMPARE(canvas->devicePixelRatioF(), 2.0);
    QSignalSpy told(canvas, &Canvas::zoomChanged);
    QTest::keyClick(canvas, Qt::Key_1);
    QCOMPARE(told.last()[0].toDouble(), 1.0);
    const QPointF step = canvas->toWidget({101, 100}) - canvas->toWidget({100, 100});
    QCOMPARE(step.x() * canvas->devicePixelRatioF(), 1.0);
    // Seen: a photo pixel is a screen pixel.
    s.act("clear")->trigger();
    QTest::qWait(200);
    const QImage seen = canvas->grab().toImage();
    const QPointF at = canvas->toWidget({60, 50}) * 2;
    for (int x = 0; x < 20; ++x) {
      const QRgb shown = seen.pixel(static_cast<int>(std::lround(at.x())) + x, static_cast<int>(std::lround(at.y())));
      const QRgb photo = test_photo().pixel(60 + x, 50);
      QVERIFY2(std::abs(qRed(shown) - qRed(photo)) <= 1,
               qPrintable(QString("%1: %2 %3").arg(x).arg(qRed(shown)).arg(qRed(photo))));
    }
  }
};

QTEST_MAIN(TestDoubleScale)
#include "tst_double_scale.moc"
