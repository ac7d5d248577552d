// Tones lie where they are, as loud as they are, however close one looks.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/media/mel_spectrogram.h"

using namespace mgdm;

class TestMelSpectrogram : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  std::shared_ptr<PcmFile> track(const at::Tensor& samples) const {
    auto file =
        std::make_shared<PcmFile>(folder_.path().toStdString(), static_cast<int>(samples.size(0)), samples.size(1));
    file->write(0, samples);
    return file;
  }
  static at::Tensor sine(double hertz, double level, int64_t length = 88200) {
    return ((at::arange(length, at::kDouble) * (2 * M_PI * hertz / 44100)).sin() * level).to(at::kFloat).unsqueeze(0);
  }

 private Q_SLOTS:
  void aToneIsAtItsPitch_data() {
    QTest::addColumn<double>("hertz");
    for (const double hertz : {110.0, 440.0, 1000.0, 4000.0, 12000.0}) QTest::addRow("%g Hz", hertz) << hertz;
  }
  void aToneIsAtItsPitch() {
    QFETCH(double, hertz);
    const MelSpectrogram mel(44100);
    const at::Tensor level = mel.columns(*track(sine(hertz, 0.5)), 0, 2000, 40).to(at::kLong);
    QCOMPARE(level.sizes(), at::IntArrayRef({40, 96}));
    const int64_t loudest = level[20].argmax().item<int64_t>();
    const auto away = [&](int64_t band) { return std::abs(mel.frequency(band) - hertz); };
    for (const int64_t band : {loudest - 1, loudest + 1}) {
      if (band >= 0 && band < 96) QVERIFY(away(loudest) <= away(band) + 44100.0 / 2048);
    }
  }

  // 80 / 255 dB for a step: 6 dB are 19 of them. A tone between two bands and bins is a little lower.
  void levelsAreDecibels() {
    const MelSpectrogram mel(44100);
    const auto loudest = [&](double level) {
      return mel.columns(*track(sine(1000, level)), 20000, 1000, 4).max().item<int64_t>();
    };
    QVERIFY(loudest(1) >= 250);
    QVERIFY(std::abs(loudest(0.5) - loudest(0.25) - 19) <= 1);
    QVERIFY(std::abs(loudest(0.1) - loudest(0.01) - 64) <= 1);
    QCOMPARE(mel.columns(*track(at::zeros({1, 9000})), 0, 1000, 9).max().item<int64_t>(), int64_t{0});
  }

  // A click is in the column in which it is, and nowhere else.
  void timeIsWhereItIs() {
    at::Tensor x = at::zeros({1, 100000});
    x[0][50500] = 1;
    const MelSpectrogram mel(44100);
    const at::Tensor level = mel.columns(*track(x), 0, 1000, 100).to(at::kLong).sum(1);
    QCOMPARE(level.argmax().item<int64_t>(), int64_t{50});
    QCOMPARE(level.slice(0, 0, 49).sum().item<int64_t>(), int64_t{0});
    QCOMPARE(level.slice(0, 52).sum().item<int64_t>(), int64_t{0});
  }

  // Whatever part is computed, a column is the same.
  void partsAreThoseOfTheWhole() {
    at::manual_seed(1);
    const auto noise = track(at::randn({2, 60000}) * 0.1);
    const MelSpectrogram mel(44100);
    const at::Tensor all = mel.columns(*noise, 0, 512, 100);
    QVERIFY(at::equal(all.slice(0, 30, 70), mel.columns(*noise, 30 * 512, 512, 40)));
  }
};

QTEST_MAIN(TestMelSpectrogram)
#include "tst_mel_spectrogram.moc"
