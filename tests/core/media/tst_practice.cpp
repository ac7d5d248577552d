// What the player gives to a device while a song is practised: tempo, key, loops with a gap, counting in, clicks.
#include <ATen/ATen.h>

#include <QtTest>

#include <cmath>

#include "core/media/song_mixer.h"
#include "core/media/song_voice.h"

using namespace mgdm;

constexpr int kRate = 44100;

/// What is played: its left channel, and where in the song each frame is.
struct Played {
  std::vector<float> sound;
  std::vector<double> position;
  std::vector<double> tempo;
  std::vector<int> pass;
  bool last = false;
};

static void go_on(SongMixer& mixer, const MixOrders& orders, int64_t frames, Played& played) {
  std::vector<float> block(2 * kVoiceFrames);
  for (int idle = 0; frames > 0 && !played.last && idle < 3;) {
    const MixedStretch s = mixer.next(orders, block.data(), static_cast<int>(std::min<int64_t>(frames, kVoiceFrames)));
    for (int i = 0; i < s.frames; ++i) {
      played.sound.push_back(block[static_cast<size_t>(2 * i)]);
      played.position.push_back(s.begin + i * s.step);
      played.tempo.push_back(s.tempo);
      played.pass.push_back(s.pass);
    }
    idle = s.frames == 0 ? idle + 1 : 0;
    frames -= s.frames;
    played.last = s.last;
  }
}

static Played play(const MixOrders& orders, int64_t from, int64_t frames, bool count_in = false) {
  SongMixer mixer;
  mixer.seek(from, count_in);
  Played played;
  go_on(mixer, orders, frames, played);
  return played;
}

/// The frequency of a tone, from the phase's advance between two stretches of it. Hz.
static double pitch_of(const std::vector<float>& sound, size_t from, double near) {
  const int64_t n = kRate / 2, apart = kRate / 100;
  const at::Tensor t = at::arange(n, at::kDouble) / kRate, hann = at::hann_window(n, at::kDouble);
  const auto phase = [&](size_t at) {
    const at::Tensor x = at::from_blob(const_cast<float*>(sound.data()) + at, {n}, at::kFloat).to(at::kDouble) * hann;
    const at::Tensor w = 2 * M_PI * near * t;
    return std::atan2(-(x * w.sin()).sum().item<double>(), (x * w.cos()).sum().item<double>());
  };
  const double expected = 2 * M_PI * near * static_cast<double>(apart) / kRate;
  const double more = std::remainder(phase(from + static_cast<size_t>(apart)) - phase(from) - expected, 2 * M_PI);
  return near + more / (2 * M_PI) * kRate / static_cast<double>(apart);
}

static double cents(double a, double b) { return 1200 * std::log2(a / b); }

/// Frames where a click begins: silence before, sound behind.
static std::vector<int64_t> onsets(const std::vector<float>& sound, float least = 0.05f) {
  std::vector<int64_t> all;
  for (int64_t i = 0; i < static_cast<int64_t>(sound.size()); ++i) {
    if (std::abs(sound[static_cast<size_t>(i)]) < least || (!all.empty() && i - all.back() < 3000)) continue;
    all.push_back(i);
  }
  return all;
}

class TestPractice : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  MixOrders orders_of(const at::Tensor& samples) {
    auto file =
        std::make_shared<PcmFile>(folder_.path().toStdString(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    MixOrders orders;
    orders.tracks = {file};
    orders.gains = {{1, 1}};
    orders.sample_rate = kRate;
    return orders;
  }
  static at::Tensor tone(double seconds, double hertz) {
    return (at::arange(static_cast<int64_t>(seconds * kRate), at::kDouble) * (2 * M_PI * hertz / kRate))
               .sin()
               .to(at::kFloat)
               .unsqueeze(0) *
           0.5;
  }
  /// Beats every half second from `first` on, in a song that is silent.
  MixOrders counted(double seconds, int64_t first = 0) {
    MixOrders orders = orders_of(at::zeros({2, static_cast<int64_t>(seconds * kRate)}));
    auto grid = std::make_shared<BeatGrid>();
    for (int64_t at = first; at < static_cast<int64_t>(seconds * kRate); at += kRate / 2) grid->beats.push_back(at);
    orders.practice.beats = grid;
    orders.practice.click_volume = 1;
    return orders;
  }

 private Q_SLOTS:
  void asItIsNothingIsChanged() {
    at::manual_seed(1);
    const at::Tensor song = at::rand({2, 30000}) - 0.5;
    const Played played = play(orders_of(song), 1000, 1 << 20);
    QVERIFY(played.last);
    QCOMPARE(played.sound.size(), size_t{29000});
    for (size_t i = 0; i < played.sound.size(); ++i) {
      QCOMPARE(played.sound[i], song[0][static_cast<int64_t>(i) + 1000].item<float>());
      QCOMPARE(played.position[i], static_cast<double>(i + 1000));
      if (i > 2000) break;  // QCOMPARE takes its time
    }
    const at::Tensor heard = at::from_blob(const_cast<float*>(played.sound.data()), {29000}, at::kFloat);
    QVERIFY(at::equal(heard, song[0].slice(0, 1000)));
  }

  void tempoChangesTheLengthAndNotThePitch_data() {
    QTest::addColumn<double>("tempo");
    QTest::addColumn<int>("key");
    for (const double tempo : {0.5, 0.75, 1.0, 1.25, 1.5}) {
      for (const int key : {-12, -3, 0, 5, 12}) {
        if (tempo != 1 || key != 0) QTest::addRow("%.2f, %+d", tempo, key) << tempo << key;
      }
    }
  }
  void tempoChangesTheLengthAndNotThePitch() {
    QFETCH(double, tempo);
    QFETCH(int, key);
    MixOrders orders = orders_of(tone(6, 440));
    orders.practice.tempo = tempo;
    orders.practice.key = key;
    const Played played = play(orders, 0, 1 << 24);
    QVERIFY(played.last);
    const double wanted = 6 * kRate / tempo;
    QVERIFY2(std::abs(static_cast<double>(played.sound.size()) - wanted) <= 1,
             qPrintable(QString("%1 frames instead of %2").arg(played.sound.size()).arg(wanted)));
    const double expected = 440 * std::exp2(key / 12.0), heard = pitch_of(played.sound, kRate, expected);
    QVERIFY2(std::abs(cents(heard, expected)) < 5, qPrintable(QString("%1 Hz").arg(heard)));
  }

  // A burst of noise every second: it is heard when the position says so, at any tempo and after changes of it.
  void thePositionIsWhatIsHeard() {
    at::manual_seed(2);
    at::Tensor song = at::zeros({1, 40 * kRate});
    for (int k = 1; k < 40; ++k) song.narrow(1, k * kRate, 400) = at::rand({1, 400}) * 1.6 - 0.8;
    MixOrders orders = orders_of(song);
    SongMixer mixer;
    mixer.seek(kRate / 2, false);
    Played played;
    for (const auto& [tempo, key] : {std::pair{1.0, 0}, {0.5, 0}, {0.8, 0}, {1.3, 0}, {1.3, 4}, {0.7, -5}, {1.0, 0}}) {
      orders.practice.tempo = tempo;
      orders.practice.key = key;
      go_on(mixer, orders, 4 * kRate, played);
    }
    int seen = 0;
    for (const int64_t at : onsets(played.sound, 0.2f)) {
      const double where = played.position[static_cast<size_t>(at)] / kRate;
      if (std::abs(where - std::round(where)) < 0.02) ++seen;
      QVERIFY2(std::abs(where - std::round(where)) < 0.04, qPrintable(QString("heard at %1 s").arg(where)));
    }
    QVERIFY2(seen >= 22, qPrintable(QString::number(seen)));
  }

  // Clicks and drums fall together, at any tempo: half of them within 10 ms, nine of ten within 25.
  void clicksFallOnTheDrums_data() {
    QTest::addColumn<double>("tempo");
    QTest::addColumn<int>("key");
    QTest::newRow("half") << 0.5 << 0;
    QTest::newRow("0.7") << 0.7 << 0;
    QTest::newRow("1.4") << 1.4 << 0;
    QTest::newRow("up") << 1.0 << 7;
    QTest::newRow("down") << 0.8 << -7;
  }
  void clicksFallOnTheDrums() {
    QFETCH(double, tempo);
    QFETCH(int, key);
    at::manual_seed(4);
    at::Tensor song = at::randn({1, 60 * kRate}) * 0.01;
    auto grid = std::make_shared<BeatGrid>();
    for (int k = 1; k < 115; ++k) {
      grid->beats.push_back(static_cast<int64_t>(k * 0.517 * kRate));
      song.narrow(1, grid->beats.back(), 4000) +=
          at::randn({1, 4000}) * at::exp(-at::arange(4000, at::kFloat) / 900) * 0.4;
    }
    MixOrders orders = orders_of(song);
    orders.practice.tempo = tempo;
    orders.practice.key = key;
    const std::vector<int64_t> drums = onsets(play(orders, 0, 1 << 24).sound, 0.25f);
    orders.practice.beats = grid;
    orders.practice.metronome = true;
    orders.practice.click_volume = 1;
    orders.gains = {{0, 0}};
    const std::vector<int64_t> clicks = onsets(play(orders, 0, 1 << 24).sound);
    QVERIFY(clicks.size() > 100);
    std::vector<double> apart;  // ms, from a click to the drum that is nearest
    for (const int64_t click : clicks) {
      double nearest = 1e9;
      for (const int64_t drum : drums) {
        if (std::abs(drum - click) < std::abs(nearest)) nearest = static_cast<double>(drum - click);
      }
      if (std::abs(nearest) < 0.1 * kRate) apart.push_back(1000 * nearest / kRate);
    }
    QVERIFY2(apart.size() > 100, qPrintable(QString::number(apart.size())));  // of 114
    std::sort(apart.begin(), apart.end());
    const double middle = apart[apart.size() / 2], early = apart[apart.size() / 20],
                 late = apart[apart.size() * 19 / 20];
    const QString words = QString("%1 ms, %2 to %3").arg(middle).arg(early).arg(late);
    QVERIFY2(std::abs(middle) < 10 && early > -25 && late < 25, qPrintable(words));
  }

  // No step in the sound that is larger than a tone's own, however tempo and key are turned.
  void changesDoNotClick() {
    MixOrders orders = orders_of(tone(60, 220));
    SongMixer mixer;
    mixer.seek(0, false);
    Played played;
    go_on(mixer, orders, kRate, played);
    for (int k = 0; k < 60; ++k) {
      orders.practice.tempo = std::clamp(1 + 0.05 * (k % 21 - 10), 0.5, 1.5);
      orders.practice.key = k < 20 ? 0 : k % 7 - 3;
      go_on(mixer, orders, 7000, played);
    }
    float largest = 0, silent = 0;
    for (size_t i = 1; i < played.sound.size(); ++i) {
      largest = std::max(largest, std::abs(played.sound[i] - played.sound[i - 1]));
      silent = std::abs(played.sound[i]) < 1e-4f && i > 10 ? silent + 1 : 0;
      QVERIFY2(silent < 100, qPrintable(QString("a gap at %1").arg(i)));
    }
    const double own = 0.5 * 2 * M_PI * 220 * std::exp2(3 / 12.0) / kRate;
    QVERIFY2(largest < 2.5 * own, qPrintable(QString("%1 against %2").arg(largest).arg(own)));
  }

  void loopsKeepTheirLength_data() {
    QTest::addColumn<double>("tempo");
    QTest::newRow("as it is") << 1.0;
    QTest::newRow("half") << 0.5;
    QTest::newRow("0.8") << 0.8;
    QTest::newRow("1.5") << 1.5;
  }
  void loopsKeepTheirLength() {
    QFETCH(double, tempo);
    at::Tensor song = at::zeros({1, 10 * kRate});
    song.narrow(1, 2 * kRate, 300).fill_(0.7f);  // a mark at the loop's beginning
    MixOrders orders = orders_of(song);
    orders.loop_begin = 2 * kRate;
    orders.loop_end = 3 * kRate;
    orders.practice.tempo = tempo;
    const Played played = play(orders, 2 * kRate, 8 * kRate);
    const std::vector<int64_t> marks = onsets(played.sound, 0.4f);
    QVERIFY(marks.size() >= 4);
    const double pass = std::ceil(kRate / tempo - 1e-6);
    for (size_t k = 0; k < marks.size(); ++k)
      QVERIFY2(std::abs(static_cast<double>(marks[k]) - static_cast<double>(k) * pass) <= 300,
               qPrintable(QString("pass %1 at %2").arg(k).arg(marks[k])));
    const auto second = std::find(played.pass.begin(), played.pass.end(), 1) - played.pass.begin();
    QCOMPARE(static_cast<double>(second), pass);
    QCOMPARE(played.position[static_cast<size_t>(second)], 2.0 * kRate);
  }

  void aGapIsSilentAndAsLongAsItSays() {
    MixOrders orders = orders_of(tone(10, 440));
    orders.loop_begin = 0;
    orders.loop_end = kRate;
    orders.practice.gap = 1.5;
    for (const double tempo : {1.0, 0.5}) {
      orders.practice.tempo = tempo;
      const Played played = play(orders, 0, 6 * kRate);
      const auto end = static_cast<size_t>(kRate / tempo), gap = static_cast<size_t>(1.5 * kRate);
      float loudest = 0;
      for (size_t i = end + 600; i < end + gap; ++i) loudest = std::max(loudest, std::abs(played.sound[i]));
      QCOMPARE(loudest, 0.0f);
      QCOMPARE(played.position[end + gap - 1], 0.0);  // it waits where it goes on
      QCOMPARE(played.position[end + gap], 0.0);
      QVERIFY(played.position[end + gap + 1] > 0);
    }
  }

  void clicksAreOnTheBeats_data() {
    QTest::addColumn<double>("tempo");
    QTest::newRow("as it is") << 1.0;
    QTest::newRow("half") << 0.5;
    QTest::newRow("1.5") << 1.5;
  }
  void clicksAreOnTheBeats() {
    QFETCH(double, tempo);
    MixOrders orders = counted(6, 1000);
    orders.practice.metronome = true;
    orders.practice.tempo = tempo;
    const Played played = play(orders, 0, 1 << 24);
    const std::vector<int64_t> clicks = onsets(played.sound);
    QCOMPARE(clicks.size(), orders.practice.beats->beats.size());
    for (size_t k = 0; k < clicks.size(); ++k) {
      // What is stretched is heard a little before; at the song's own tempo it is exact.
      const double wanted = static_cast<double>(orders.practice.beats->beats[k]) / tempo;
      const double most = tempo == 1 ? 30 : 0.04 * kRate;
      QVERIFY2(std::abs(static_cast<double>(clicks[k]) - wanted) < most,
               qPrintable(QString("%1 instead of %2").arg(clicks[k]).arg(wanted)));
      if (k > 1) QVERIFY(std::abs(static_cast<double>(clicks[k] - clicks[k - 1]) - kRate / 2.0 / tempo) < 30);
    }
    // A bar's first beat sounds otherwise than the others, and they alike.
    const auto click = [&](size_t k) {
      return std::vector<float>(played.sound.begin() + clicks[k], played.sound.begin() + clicks[k] + 500);
    };
    const auto differs = [&](size_t a, size_t b) {
      double sum = 0;
      for (size_t i = 0; i < 500; ++i) sum += std::abs(click(a)[i] - click(b)[i]);
      return sum > 5;
    };
    QVERIFY(differs(0, 1) && !differs(0, 4));
    orders.practice.metronome = false;
    QVERIFY(onsets(play(orders, 0, 1 << 24).sound).empty());
  }

  // Two bars are counted, and the song's own beats follow as if they had been counted on.
  void countingInLeadsIntoTheBeats() {
    MixOrders orders = counted(20);
    orders.practice.metronome = true;
    orders.practice.count_in = 2;
    for (const int64_t from : {int64_t{4 * kRate}, int64_t{4 * kRate + 9000}, int64_t{4 * kRate + 500}}) {
      for (const double tempo : {1.0, 0.5}) {
        orders.practice.tempo = tempo;
        const Played played = play(orders, from, 16 * kRate, true);
        const std::vector<int64_t> clicks = onsets(played.sound);
        QVERIFY(clicks.size() >= 10);
        for (size_t k = 1; k < clicks.size(); ++k) {
          if (from % kRate == 500 && k == 8) continue;  // just behind a beat: that one was not heard
          const double most = tempo == 1 || k < 8 ? 60 : 0.04 * kRate;
          QVERIFY2(std::abs(static_cast<double>(clicks[k] - clicks[k - 1]) - kRate / 2.0 / tempo) < most,
                   qPrintable(QString("%1 from %2").arg(clicks[k] - clicks[k - 1]).arg(from)));
        }
        const auto begins = std::find_if(played.position.begin(), played.position.end(),
                                         [&](double p) { return p > static_cast<double>(from); }) -
                            played.position.begin();
        const double lead = 8 * kRate / 2.0 / tempo;
        QVERIFY2(begins > lead - kRate / 2.0 / tempo && begins < lead + 0.1 * kRate,
                 qPrintable(QString::number(begins)));
      }
    }
    QCOMPARE(play(orders, 0, 1000, false).position[999], 500.0 - 0.5);  // a seek is not counted in, at half the tempo
  }

  void eachPassIsCountedWhereThatIsWished() {
    MixOrders orders = counted(20);
    orders.loop_end = 2 * kRate;
    orders.practice.count_in = 1;
    orders.practice.count_in_each_pass = true;
    orders.practice.gap = 1;
    const Played played = play(orders, 0, 12 * kRate, false);
    const std::vector<int64_t> clicks = onsets(played.sound);
    // Two seconds of song, one of silence, four clicks in two seconds, and again.
    QVERIFY(clicks.size() >= 8);
    for (size_t k = 0; k < 8; ++k)
      QVERIFY2(std::abs(static_cast<double>(clicks[k]) -
                        (3 + 5.0 * static_cast<double>(k / 4) + 0.5 * static_cast<double>(k % 4)) * kRate) < 60,
               qPrintable(QString::number(clicks[k])));
  }

  void theTrainerBecomesFaster() {
    QCOMPARE(tempo_of({true, 0.6, 1.0, 0.1, 2}, 0), 0.6);
    QCOMPARE(tempo_of({true, 0.6, 1.0, 0.1, 2}, 1), 0.6);
    QCOMPARE(tempo_of({true, 0.6, 1.0, 0.1, 2}, 2), 0.7);
    QCOMPARE(tempo_of({true, 0.6, 1.0, 0.1, 2}, 100), 1.0);
    QCOMPARE(tempo_of({true, 1.0, 0.5, 0.2, 1}, 2), 0.6);
    QCOMPARE(tempo_of({true, 1.0, 0.5, 0.2, 1}, 9), 0.5);
    MixOrders orders = orders_of(at::zeros({1, 10 * kRate}));
    orders.loop_end = kRate / 2;
    orders.practice.trainer = {true, 0.5, 1.0, 0.25, 2};
    SongMixer mixer;
    mixer.seek(0, false);
    Played played;
    go_on(mixer, orders, 5 * kRate, played);
    const auto frames_at = [&](double tempo) { return std::count(played.tempo.begin(), played.tempo.end(), tempo); };
    QCOMPARE(frames_at(0.5), 2 * kRate);
    QVERIFY(std::abs(frames_at(0.75) - 4 * kRate / 3) <= 2);
    QVERIFY(frames_at(1.0) > kRate);
    // Stopped, it is the tempo that is set; without a loop it is no trainer.
    orders.practice.trainer.on = false;
    orders.practice.tempo = 0.9;
    go_on(mixer, orders, 1000, played);
    QCOMPARE(played.tempo.back(), 0.9);
    orders.practice.trainer.on = true;
    orders.loop_end = 0;
    go_on(mixer, orders, 1000, played);
    QCOMPARE(played.tempo.back(), 0.9);
    orders.loop_end = kRate / 2;  // switched on again, it begins anew
    go_on(mixer, orders, 1000, played);
    QCOMPARE(played.tempo.back(), 0.5);
  }

  void whatIsNotReadYetIsWaitedFor() {
    at::manual_seed(3);
    for (const double tempo : {1.0, 0.5}) {
      MixOrders orders = orders_of(tone(4, 300));
      auto song = std::const_pointer_cast<PcmFile>(orders.tracks[0]);
      song->set_filled(kRate);
      orders.practice.tempo = tempo;
      SongMixer mixer;
      mixer.seek(0, false);
      Played played;
      go_on(mixer, orders, 1 << 24, played);
      QVERIFY(!played.last);
      QVERIFY(played.position.back() < kRate && played.position.back() > 0.7 * kRate);
      std::vector<float> block(2 * kVoiceFrames);
      QVERIFY(mixer.next(orders, block.data(), kVoiceFrames).waits);
      song->set_complete();
      go_on(mixer, orders, 1 << 24, played);
      QVERIFY(played.last);
      QCOMPARE(static_cast<double>(played.sound.size()), 4 * kRate / tempo);
      QVERIFY(std::abs(cents(pitch_of(played.sound, static_cast<size_t>(0.5 * kRate), 300), 300)) < 5);
    }
  }
};

QTEST_GUILESS_MAIN(TestPractice)
#include "tst_practice.moc"
