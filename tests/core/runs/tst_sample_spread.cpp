// Where samples agree and where they do not.
#include <ATen/ATen.h>

#include <QtTest>

#include "core/runs/sample_spread.h"

using namespace mgdm;

class TestSampleSpread : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void itSaysHowMuchOfTheSamplesIsTheirOwn() {
    at::manual_seed(3);
    // Three stems of 4 samples: the same in all, half of the power their own, all of it their own.
    const at::Tensor common = at::randn({1, 1, 1, 22050}).expand({4, 1, 1, 22050}), own = at::randn({4, 1, 1, 22050});
    const at::Tensor samples = at::cat({common, (common + own) / std::sqrt(2.0), own}, 1);
    SampleSpread spread(3, 22050);
    spread.add(samples, 22050);
    const double expected[] = {0, std::sqrt(0.5), 1};
    for (int64_t k = 0; k < 3; ++k) {
      const std::vector<float> values = spread.of(k);
      QCOMPARE(values.size(), size_t{10});
      for (const float v : values) QVERIFY2(std::abs(v - expected[k]) < 0.06, qPrintable(QString::number(v)));
    }
  }

  void stretchesOfAnyLengthComeToTheSame() {
    at::manual_seed(4);
    const at::Tensor samples = at::randn({2, 2, 2, 10000});
    SampleSpread whole(2, 22050), parts(2, 22050);
    whole.add(samples, 10000);
    int64_t at = 0;
    for (const int64_t n : {1, 2204, 1, 3000, 4794}) {
      parts.add(samples.slice(3, at, at + n), n);
      at += n;
    }
    QCOMPARE(whole.of(1).size(), size_t{4});
    for (size_t i = 0; i < 4; ++i) QVERIFY(std::abs(whole.of(1)[i] - parts.of(1)[i]) < 1e-5);
  }

  void whatIsNotKnownIsNotSaid() {
    SampleSpread spread(2, 1000);
    spread.add({}, 150);
    spread.add(at::cat({at::randn({3, 1, 1, 250}), at::zeros({3, 1, 1, 250})}, 1), 250);
    QCOMPARE(spread.of(0).size(), size_t{4});
    QVERIFY(std::isnan(spread.of(0)[0]));
    QVERIFY(!std::isnan(spread.of(0)[1]) && !std::isnan(spread.of(0)[3]));
    for (const float v : spread.of(1)) QVERIFY(std::isnan(v));  // silence
    SampleSpread one(1, 1000);
    one.add(at::randn({1, 1, 1, 300}), 300);
    for (const float v : one.of(0)) QVERIFY(std::isnan(v));
  }
};

QTEST_MAIN(TestSampleSpread)
#include "tst_sample_spread.moc"
