// Beats are found where they were put: made clicks and drum patterns, and the shipped song.
#include <ATen/ATen.h>

#include <QtTest>

#include <cmath>

#include "core/media/beat_tracking.h"
#include "core/media/sound_file.h"

using namespace mgdm;

constexpr int kRate = 44100;

/// Share of beats found and of found ones that are right, within 70 ms, as one number (the F-measure of the
/// literature on beat tracking: Dixon 2007).
static double f_measure(const std::vector<int64_t>& found, const std::vector<double>& truth) {
  std::vector<bool> taken(found.size(), false);
  int hits = 0;
  for (const double t : truth) {
    for (size_t i = 0; i < found.size(); ++i) {
      if (taken[i] || std::abs(static_cast<double>(found[i]) / kRate - t) > 0.07) continue;
      taken[i] = true;
      ++hits;
      break;
    }
  }
  return 2.0 * hits / static_cast<double>(std::max<size_t>(1, found.size() + truth.size()));
}

/// Adds a drum: noise or a low tone that dies away.
static void hit(at::Tensor& song, double seconds, bool kick, double level) {
  const auto at = static_cast<int64_t>(std::llround(seconds * kRate));
  const int64_t n = std::min<int64_t>(kRate / 5, song.size(1) - at);
  if (n <= 0) return;
  const at::Tensor t = at::arange(n, at::kFloat) / kRate;
  const at::Tensor sound = kick ? at::sin(2 * M_PI * 60 * t) * at::exp(-t / 0.06) : at::randn({n}) * at::exp(-t / 0.02);
  song.narrow(1, at, n) += static_cast<float>(level) * sound;
}

struct Made {
  at::Tensor song;
  std::vector<double> beats;  ///< seconds
};

/// A rock beat: bass drum on one and three, snare on two and four, hi-hat on eighths; or a waltz. The tempo goes
/// evenly from `from` to `to`.
static Made drums(double seconds, double from, double to, double offset, int per_bar, double noise) {
  at::manual_seed(5);
  Made made{at::randn({1, static_cast<int64_t>(seconds * kRate)}) * noise, {}};
  double at = offset;
  for (int beat = 0; at < seconds - 0.1; ++beat) {
    const double period = 60 / (from + (to - from) * at / seconds);
    made.beats.push_back(at);
    if (per_bar == 3) {
      hit(made.song, at, beat % 3 == 0, beat % 3 == 0 ? 0.8 : 0.25);
    } else {
      hit(made.song, at, beat % 2 == 0, beat % 4 == 0 ? 0.9 : 0.5);
      hit(made.song, at + period / 2, false, 0.08);
    }
    hit(made.song, at, false, 0.1);
    at += period;
  }
  return made;
}

class TestBeats : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  BeatGrid beats_of(const at::Tensor& samples, int rate = kRate) {
    auto file =
        std::make_shared<PcmFile>(folder_.path().toStdString(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    return find_beats(onset_strength({file}, rate), harmony_of({file}, rate), rate);
  }

 private Q_SLOTS:
  void madeDrumsAreFollowed_data() {
    QTest::addColumn<double>("from");
    QTest::addColumn<double>("to");
    QTest::addColumn<double>("offset");
    QTest::addColumn<int>("per_bar");
    QTest::addColumn<double>("noise");
    QTest::newRow("120") << 120.0 << 120.0 << 0.0 << 4 << 0.0;
    QTest::newRow("72") << 72.0 << 72.0 << 0.3 << 4 << 0.0;
    QTest::newRow("97.3, late") << 97.3 << 97.3 << 1.7 << 4 << 0.0;
    QTest::newRow("148") << 148.0 << 148.0 << 0.1 << 4 << 0.0;
    QTest::newRow("drifts up") << 100.0 << 116.0 << 0.2 << 4 << 0.0;
    QTest::newRow("drifts down") << 140.0 << 118.0 << 0.2 << 4 << 0.0;
    QTest::newRow("in noise") << 110.0 << 110.0 << 0.4 << 4 << 0.05;
    QTest::newRow("waltz") << 132.0 << 132.0 << 0.25 << 3 << 0.01;
  }
  void madeDrumsAreFollowed() {
    QFETCH(double, from);
    QFETCH(double, to);
    QFETCH(double, offset);
    QFETCH(int, per_bar);
    QFETCH(double, noise);
    const Made made = drums(40, from, to, offset, per_bar, noise);
    const BeatGrid grid = beats_of(made.song);
    const double f = f_measure(grid.beats, made.beats);
    if (from == to)
      QVERIFY2(std::abs(beats_per_minute(grid, kRate) - from) < 0.5,
               qPrintable(QString::number(beats_per_minute(grid, kRate))));
    QVERIFY2(f > 0.95, qPrintable(QString("F %1, %2 bpm").arg(f).arg(beats_per_minute(grid, kRate))));
    QCOMPARE(grid.per_bar, per_bar);
    // The one is where the loud bass drum is.
    const int64_t one = grid.beats[static_cast<size_t>(grid.one)];
    const auto nearest = std::min_element(made.beats.begin(), made.beats.end(), [&](double a, double b) {
      return std::abs(a - static_cast<double>(one) / kRate) < std::abs(b - static_cast<double>(one) / kRate);
    });
    QCOMPARE((nearest - made.beats.begin()) % per_bar, 0);
    // And clicks on the beats are heard with them, not before or after: half of the beats are within 15 ms.
    std::vector<double> errors;
    for (const int64_t beat : grid.beats) {
      double least = 1;
      for (const double t : made.beats) {
        const double error = static_cast<double>(beat) / kRate - t;
        if (std::abs(error) < std::abs(least)) least = error;
      }
      errors.push_back(least);
    }
    std::nth_element(errors.begin(), errors.begin() + static_cast<ptrdiff_t>(errors.size() / 2), errors.end());
    QVERIFY2(std::abs(errors[errors.size() / 2]) < 0.015, qPrintable(QString::number(errors[errors.size() / 2])));
  }

  void theMeasureCanTellWrongFromRight() {
    const Made made = drums(40, 120, 120, 0, 4, 0);
    std::vector<int64_t> off, half;
    for (size_t i = 0; i < made.beats.size(); ++i) {
      off.push_back(static_cast<int64_t>((made.beats[i] + 0.25) * kRate));
      if (i % 2 == 0) half.push_back(static_cast<int64_t>(made.beats[i] * kRate));
    }
    QVERIFY(f_measure(off, made.beats) < 0.1);
    QVERIFY(std::abs(f_measure(half, made.beats) - 2.0 / 3) < 0.02);
  }

  void silenceHasNoBeats() {
    QVERIFY(beats_of(at::zeros({2, 20 * kRate})).beats.empty());
    QVERIFY(beats_of(at::zeros({1, 100})).beats.empty());
    QVERIFY(find_beats({}, {}, kRate).beats.empty());
  }

  // A pause in the middle, another rate: the beats go on in the same places behind it.
  void aPauseIsBridged() {
    Made made = drums(60, 104, 104, 0.2, 4, 0.001);
    made.song.slice(1, 20 * kRate, 26 * kRate).zero_();
    const BeatGrid grid = beats_of(made.song);
    QVERIFY(f_measure(grid.beats, made.beats) > 0.9);
    const at::Tensor slow = resample(made.song, kRate, 22050);
    BeatGrid other = beats_of(slow, 22050);
    for (int64_t& beat : other.beats) beat *= 2;
    QVERIFY(f_measure(other.beats, made.beats) > 0.9);
  }

  void theShippedSongIsFollowed() {
    const Sound song = read_sound(MGDM_SOURCE_DIR "/resources/songs/sample.ogg");
    const BeatGrid grid = beats_of(song.samples);
    // It was made at 94 beats a minute, from a beat on.
    QVERIFY2(std::abs(beats_per_minute(grid, kRate) - 94) < 0.5,
             qPrintable(QString::number(beats_per_minute(grid, kRate))));
    QCOMPARE(grid.per_bar, 4);
    std::vector<double> truth;
    for (int k = 0; k * 60 / 94.0 < static_cast<double>(song.samples.size(1)) / kRate; ++k)
      truth.push_back(k * 60 / 94.0);
    QVERIFY(f_measure(grid.beats, truth) > 0.95);
    QVERIFY(begins_bar(grid, 0));  // chords change there; the bass drum is as strong on the third beat
  }

  // ---- what a person corrects ----

  void correctionsKeepTheBars() {
    const BeatGrid grid{{100, 200, 300, 400, 500, 600, 700, 800}, 4, 2};
    QVERIFY(begins_bar(grid, 2) && begins_bar(grid, 6) && begins_bar(grid, -2) && !begins_bar(grid, 0));
    QCOMPARE(beats_per_minute(grid, 100), 60.0);
    const BeatGrid twice = doubled(grid), back = halved(twice);
    QCOMPARE(twice.beats.size(), size_t{15});
    QVERIFY(begins_bar(twice, 4));  // 300
    QVERIFY(back == grid);
    const BeatGrid half = halved(grid);
    QVERIFY(half.beats == (std::vector<int64_t>{100, 300, 500, 700}) && begins_bar(half, 1));
    const BeatGrid odd = halved(BeatGrid{{0, 100, 200, 300, 400}, 4, 1});  // the one must not be lost
    QVERIFY(odd.beats == (std::vector<int64_t>{100, 300}) && begins_bar(odd, 0));
    const BeatGrid earlier = moved(grid, -150);
    QCOMPARE(earlier.beats.front(), int64_t{50});
    QVERIFY(begins_bar(earlier, 1));  // 150, which was 300
    QVERIFY(begins_bar(with_one_at(grid, 390), 3) && begins_bar(with_one_at(grid, 790), 3));
    const BeatGrid even = evened(grid, 30, 410, 1000, 100);
    QVERIFY(even.beats == (std::vector<int64_t>{0, 200, 400, 600, 800}));
    QVERIFY(begins_bar(even, 1) && !begins_bar(even, 2));  // 400 is the second beat of its bar as before
    QVERIFY(evened({}, 60, 50, 300, 100).beats == (std::vector<int64_t>{50, 150, 250}));
    QCOMPARE(snapped(grid, 249), int64_t{200});
    QCOMPARE(snapped(grid, 251), int64_t{300});
    QCOMPARE(snapped(grid, -50), int64_t{100});
    QCOMPARE(snapped(grid, 5000), int64_t{800});
    QCOMPARE(snapped(BeatGrid{}, 7), int64_t{7});
    QCOMPARE(beat_period(BeatGrid{{0, 100, 300}, 4, 0}, 100), 200.0);
    QCOMPARE(beat_period(BeatGrid{{0, 100, 300}, 4, 0}, 99.5), 100.0);
    QCOMPARE(beat_period(BeatGrid{{0, 100, 300}, 4, 0}, 900), 200.0);
  }
};

QTEST_GUILESS_MAIN(TestBeats)
#include "tst_beats.moc"
