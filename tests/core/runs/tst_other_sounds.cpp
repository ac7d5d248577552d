#include <ATen/ATen.h>
#include <QtTest>

#include "core/runs/other_sounds.h"

using namespace mgdm;

namespace {

constexpr double kRate = 22050;

double energy(const at::Tensor& x) { return x.square().sum().item<double>(); }
double kept(const at::Tensor& sound) { return energy(gliding_part(sound, kRate)) / energy(sound); }

at::Tensor seconds(double n) { return at::arange(std::lround(n * kRate), at::kDouble) / kRate; }

// Sound whose pitch rises by so many octaves in a second, with three harmonics.
at::Tensor tone(double octaves) {
  const at::Tensor t = seconds(4);
  const double rate = octaves * M_LN2;
  const at::Tensor phase = 2 * M_PI * 200 * (rate > 0 ? ((rate * t).exp() - 1) / rate : t);
  at::Tensor x = at::zeros_like(t);
  for (int h = 1; h <= 3; ++h) x += (h * phase).sin() / h;
  return x.to(at::kFloat) * 0.1;
}

at::Tensor beats() {
  at::manual_seed(1);
  const at::Tensor t = seconds(4);
  return (at::randn(t.sizes()) * (-60 * (t - (t * 4).floor() / 4)).exp() * 0.3).to(at::kFloat);
}

}  // namespace

class TestOtherSounds : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void whatHoldsItsPitchIsSteady() { QVERIFY2(kept(tone(0)) < 0.01, qPrintable(QString::number(kept(tone(0))))); }
  void whatIsStruckHasNoPitch() { QVERIFY2(kept(beats()) < 0.15, qPrintable(QString::number(kept(beats())))); }
  void whatGlidesIsFound() {
    QVERIFY2(kept(tone(1)) > 0.5, qPrintable(QString::number(kept(tone(1)))));
    QVERIFY(kept(tone(1)) > kept(tone(0.1)));
  }
  void amongOthersToo() {
    const at::Tensor voice = tone(1),
                     mix = voice + beats() + (seconds(4) * (2 * M_PI * 1000)).sin().to(at::kFloat) * 0.2;
    const at::Tensor found = gliding_part(mix, kRate);
    const double before = energy(mix - voice), after = energy(found - voice);
    QVERIFY2(after < energy(voice) && after < before / 4, qPrintable(QString("%1 %2").arg(before).arg(after)));
  }

  // Of part of a song it is what it is of the whole, but for the reach at its ends.
  void itHangsOnWhatIsNear() {
    const at::Tensor mix = tone(1) + beats();
    const int64_t reach = std::lround(kGlidingReach * kRate), cut = 22 * 1024;  // where frames begin, too
    const at::Tensor whole = gliding_part(mix, kRate), part = gliding_part(mix.slice(0, cut), kRate);
    QVERIFY((whole.slice(0, cut + reach) - part.slice(0, reach)).abs().max().item<float>() < 1e-5);
    QVERIFY((whole.slice(0, cut, cut + 2048) - part.slice(0, 0, 2048)).abs().max().item<float>() > 1e-4);
  }

  void lengthAndSilenceStay_data() {
    QTest::addColumn<int>("length");
    for (const int length : {1, 700, 5000}) QTest::addRow("%d", length) << length;
  }
  void lengthAndSilenceStay() {
    QFETCH(int, length);
    QCOMPARE(gliding_part(at::zeros({length}), kRate).abs().max().item<float>(), 0.0f);
    const at::Tensor x = gliding_part(at::randn({length}), 8000);
    QCOMPARE(x.size(0), int64_t{length});
    QVERIFY(x.isfinite().all().item<bool>());
  }

  void aLineInTimeIsSteadyAndOneInFrequencyIsNot() {
    at::Tensor magnitudes = at::zeros({40, 30});
    magnitudes[10].fill_(1);
    magnitudes.select(1, 20).fill_(1);
    const at::Tensor share = steady_share(magnitudes, 7, 9);
    QVERIFY(std::abs(share[10][5].item<double>() - 1) < 1e-6);
    QVERIFY(share[30][20].item<double>() < 1e-6);
    QVERIFY(std::abs(share[10][20].item<double>() - 0.5) < 1e-6);  // where they cross
  }
};

QTEST_GUILESS_MAIN(TestOtherSounds)
#include "tst_other_sounds.moc"
