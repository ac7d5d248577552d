#include <ATen/ATen.h>
#include <QtTest>
#include <nlohmann/json.hpp>

#include "core/priors/mdct_codec.h"

using namespace mgdm;

class TestMdctCodec : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { at::manual_seed(3); }

  void transformIsOrthonormal_data() {
    QTest::addColumn<int>("frames");
    for (const int frames : {1, 2, 3, 17}) QTest::addRow("%d frames", frames) << frames;
  }
  void transformIsOrthonormal() {
    QFETCH(int, frames);
    const at::Tensor x = at::randn({2, 3, 64 * frames}, at::kDouble), y = at::randn({2, 3, frames, 64}, at::kDouble);
    const at::Tensor z = mdct(x, 64);
    QCOMPARE(z.sizes(), at::IntArrayRef({2, 3, frames, 64}));
    QVERIFY((z.square().sum() - x.square().sum()).abs().item<double>() < 1e-9);
    QVERIFY((inverse_mdct(z) - x).abs().max().item<double>() < 1e-12);
    // the inverse is the adjoint
    QVERIFY(((z * y).sum() - (x * inverse_mdct(y)).sum()).abs().item<double>() < 1e-9);
  }

  // Aliasing cancels and the window is smooth: a sine is a line.
  void aSineIsALine() {
    const at::Tensor t = at::arange(512 * 20, at::kDouble);
    const at::Tensor power = mdct((t * (2 * M_PI * 1000 / 22050)).sin(), 512).slice(0, 2, 18).square().sum(0);
    const int64_t line = static_cast<int64_t>(1000 / (22050.0 / 1024));
    QVERIFY((power.slice(0, line - 3, line + 4).sum() / power.sum()).item<double>() > 0.998);
    QVERIFY((power.slice(0, line + 60).sum() / power.sum()).item<double>() < 1e-6);
  }

  // A steady tone: its coefficients swing from frame to frame, the magnitude with the quadrature stands still.
  void theQuadratureSteadiesATone() {
    const at::Tensor t = at::arange(128 * 24, at::kDouble), z = mdct((t * 0.2345).sin(), 128), q = mdct_quadrature(z);
    const at::Tensor peak = z.square().sum(0).argmax();
    const auto swing = [&](const at::Tensor& x) {
      const at::Tensor inside = x.slice(0, 2, 22).index_select(1, peak.reshape({1})).squeeze(1);
      return (inside.std() / inside.abs().mean()).item<double>();
    };
    QVERIFY2(swing(z.abs()) > 0.4, qPrintable(QString::number(swing(z.abs()))));
    QVERIFY2(swing((z.square() + q.square()).sqrt()) < 0.1,
             qPrintable(QString::number(swing((z.square() + q.square()).sqrt()))));
    const at::Tensor x = at::randn({3, 5, 64}, at::kDouble), y = at::randn({3, 5, 64}, at::kDouble);
    QVERIFY(((mdct_quadrature(x) * mdct_quadrature(y)).sum() - (x * y).sum()).abs().item<double>() <
            1e-9);  // orthogonal
  }

  void theMixIsTheSumOfCoefficients() {
    const MdctCodec codec({});
    const at::Tensor stems = at::randn({1, 4, 512 * 6});
    const at::Tensor sum = codec.encode(stems.sum(1, true)), of_parts = codec.encode(stems).sum(1, true);
    QVERIFY((sum - of_parts).abs().max().item<float>() < 1e-3);
    QVERIFY((codec.decode(codec.encode(stems)) - stems).abs().max().item<float>() < 1e-5);
  }

  void descriptionsAreChecked() {
    MdctOptions options;
    options.bins = 256;
    options.tilt = 0.25;
    QVERIFY(nlohmann::json(options).get<MdctOptions>() == options);
    for (const char* bad : {R"({"bins": 33})", R"({"gain": -1})", R"({"bins": "many"})", R"({"window": 3})", "[]"}) {
      QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(bad).get<MdctOptions>(), std::invalid_argument);
    }
    QVERIFY_EXCEPTION_THROWN(mdct(at::zeros({1, 100}), 64), std::invalid_argument);
  }
};

QTEST_GUILESS_MAIN(TestMdctCodec)
#include "tst_mdct_codec.moc"
