// What the lanes of a song show: channels, spectrograms, where samples lie apart, and which part of the song.
#include <ATen/ATen.h>

#include <QPainter>
#include <QScrollBar>
#include <QtTest>

#include "core/media/pcm_file.h"
#include "core/threads/worker.h"
#include "tests/ui/studio_fixture.h"
#include "ui/song/overview.h"
#include "ui/song/spectrogram.h"

using namespace mgdm;
using namespace mgdm::ui;
using namespace mgdm::ui::fixture;

class TestLanes : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  static constexpr int kRate = 44100;

  std::shared_ptr<PcmFile> track(const at::Tensor& samples) const {
    auto file =
        std::make_shared<PcmFile>(folder_.path().toStdString(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    return file;
  }
  static at::Tensor sine(double hertz, int64_t length, double level = 0.5) {
    return ((at::arange(length, at::kDouble) * (2 * M_PI * hertz / kRate)).sin() * level).to(at::kFloat).unsqueeze(0);
  }
  // How much of a picture's rows [from, to) is coloured.
  static int64_t coloured(const QImage& image, int from, int to) {
    int64_t sum = 0;
    for (int y = from; y < to; ++y) {
      for (int x = 0; x < image.width(); ++x) sum += qBlue(image.pixel(x, y)) > qRed(image.pixel(x, y)) + 60;
    }
    return sum;
  }
  static QImage picture(Spectrogram& spectrogram, double begin, double span, const QSize& size) {
    QImage image(size, QImage::Format_RGB32);
    image.fill(Qt::black);
    QPainter p(&image);
    spectrogram.paint(p, QRectF(QPointF(0, 0), QSizeF(size)), begin, span);
    return image;
  }

 private Q_SLOTS:
  void initTestCase() { prepare(); }

  // The left channel is silent, so what is drawn is in the lower half; in a flat lane both share the middle.
  void stereoHasALineForEachChannel() {
    TimeAxis axis;
    axis.setSong(kRate, kRate);
    const at::Tensor right = sine(440, kRate), stereo = at::cat({at::zeros_like(right), right});
    const auto file = track(stereo);
    Lane lane(&axis, QColor("#4c9aff"));
    lane.resize(300, 120);
    lane.setTrack(file, kRate, std::make_shared<Worker>());
    lane.setPeaks(peaks_of(*file, 0, kRate));
    lane.setHeard(1, true);
    axis.setPlayhead(kRate - 1, false);
    QImage tall = lane.grab().toImage();
    QVERIFY(coloured(tall, 0, 58) < 300 * 2);
    QVERIFY(coloured(tall, 62, 120) > 300 * 20);
    lane.setMinimumHeight(20);
    lane.resize(300, 40);
    const QImage flat = lane.grab().toImage();
    QVERIFY(std::abs(coloured(flat, 0, 20) - coloured(flat, 20, 40)) < 300 * 2);
    lane.resize(300, 120);
    axis.zoomHeight(2);  // half of full scale fills its half now
    QVERIFY(coloured(lane.grab().toImage(), 62, 120) > 1.7 * static_cast<double>(coloured(tall, 62, 120)));
    axis.zoomHeight(1000);
    QCOMPARE(axis.height(), 32.0);
    axis.zoomHeight(0.001);
    QCOMPARE(axis.height(), 1.0);
  }

  void aSpectrogramShowsPitchAtItsHeight() {
    const auto file = track(at::cat({sine(200, kRate), sine(6000, kRate)}, 1));
    Spectrogram spectrogram(std::make_shared<Worker>());
    spectrogram.setTrack(file, kRate);
    spectrogram.setColours(Qt::black, QColor("#4c9aff"));
    QSignalSpy ready(&spectrogram, &Spectrogram::ready);
    const auto loudest = [](const QImage& image, int x) {
      int best = 0;
      for (int y = 0; y < image.height(); ++y) {
        if (qGray(image.pixel(x, y)) > qGray(image.pixel(x, best))) best = y;
      }
      return best;
    };
    picture(spectrogram, 0, 2 * kRate, QSize(400, 96));
    QTRY_VERIFY(spectrogram.columnsComputed() >= 2 * kRate / 128);
    const QImage image = picture(spectrogram, 0, 2 * kRate, QSize(400, 96));
    QVERIFY2(loudest(image, 100) > 75, qPrintable(QString::number(loudest(image, 100))));  // low: at the bottom
    QVERIFY2(loudest(image, 300) < 40, qPrintable(QString::number(loudest(image, 300))));
  }

  // Looking closer costs no more than looking at all of it, and what is new costs only its own columns.
  void onlyWhatIsNewIsComputed() {
    at::manual_seed(1);
    const auto file = track(at::randn({1, 60 * kRate}) * 0.1);
    Spectrogram spectrogram(std::make_shared<Worker>());
    spectrogram.setTrack(file, kRate);
    spectrogram.setColours(Qt::black, QColor("#4c9aff"));
    const auto settled = [&](double begin, double span) {
      int64_t before = -1;
      while (before != spectrogram.columnsComputed()) {
        before = spectrogram.columnsComputed();
        picture(spectrogram, begin, span, QSize(500, 96));
        QTest::qWait(300);
      }
      return before;
    };
    const int64_t all = settled(0, 60.0 * kRate);
    QVERIFY(all > 0 && all <= 6 * Spectrogram::kColumns);
    QCOMPARE(settled(0, 60.0 * kRate), all);  // nothing to do
    const int64_t closer = settled(20.0 * kRate, 2.0 * kRate);
    QVERIFY(closer > all && closer - all <= 6 * Spectrogram::kColumns);
    QCOMPARE(settled(0, 60.0 * kRate), closer);  // and back: still there
    // A second of new sound: as many columns as it has, and those that hear it, at both zooms.
    file->write(30 * kRate, sine(1000, kRate));
    spectrogram.changed(30 * kRate, 31 * kRate);
    const int64_t newer = settled(0, 60.0 * kRate);
    QVERIFY2(newer - closer <= 40, qPrintable(QString::number(newer - closer)));
    QVERIFY(newer > closer);
    QCOMPARE(qGray(picture(spectrogram, 0, 60.0 * kRate, QSize(500, 96)).pixel(100, 5)) > 0, true);
  }

  void whereSamplesLieApartIsSeen() {
    TimeAxis axis;
    axis.setSong(10000, 1000);
    Lane lane(&axis, QColor("#4c9aff"));
    lane.resize(200, 80);
    const QImage before = lane.grab().toImage();
    std::vector<float> values(100, std::nanf(""));
    for (size_t i = 50; i < 100; ++i) values[i] = i < 75 ? 0.0f : 1.0f;
    lane.setSpread({values, 0, 100});
    const QImage after = lane.grab().toImage();
    QCOMPARE(after.pixel(40, 77), before.pixel(40, 77));  // nothing is known
    QVERIFY(qGray(after.pixel(120, 77)) < 40);            // they agree: dark
    QVERIFY(qGray(after.pixel(180, 77)) > 180);           // they do not: bright
    lane.setSpread({});
    QCOMPARE(lane.grab().toImage(), before);
  }

  void theOverviewAndTheScrollBarMoveWhatIsSeen() {
    SongStudio s(3);
    TimeAxis* axis = s.page->axis();
    auto* bar = s.find<QScrollBar>("song_scroll");
    QVERIFY(!bar->isVisible());
    axis->zoomAt(0, 4);
    QVERIFY(bar->isVisible());
    bar->setValue(bar->maximum());
    QVERIFY(std::abs(axis->begin() + axis->span() - static_cast<double>(axis->length())) < 50);
    auto* overview = s.page->findChild<Overview*>();
    const int y = overview->height() / 2;
    QTest::mousePress(overview, Qt::LeftButton, {}, QPoint(overview->width() / 2, y));
    QVERIFY(std::abs(axis->begin() + axis->span() / 2 - static_cast<double>(axis->length()) / 2) < 500);
    QTest::mouseMove(overview, QPoint(overview->width() / 2 + 40, y));
    QTest::mouseRelease(overview, Qt::LeftButton, {}, QPoint(overview->width() / 2 + 40, y));
    QTest::mouseDClick(overview, Qt::LeftButton, {}, QPoint(overview->width() / 2, y));
    QCOMPARE(axis->begin(), 0.0);
    QVERIFY(!bar->isVisible());
  }
};

QTEST_MAIN(TestLanes)
#include "tst_lanes.moc"
