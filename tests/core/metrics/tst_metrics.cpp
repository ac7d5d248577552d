#include <ATen/ATen.h>
#include <QtTest>

#include "core/metrics/audio_metrics.h"
#include "core/metrics/image_metrics.h"
#include "core/metrics/seam.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

// The formula images of the reference numbers.
at::Tensor formula(int which) {
  at::Tensor x = at::empty({1, 3, 64, 64}, at::kDouble);
  auto v = x.accessor<double, 4>();
  for (int c = 0; c < 3; ++c) {
    for (int i = 0; i < 64; ++i) {
      for (int j = 0; j < 64; ++j) {
        v[0][c][i][j] =
            which == 1
                ? 0.5 * std::sin(0.11 * i + 0.07 * j * (c + 1) + 0.9 * c) + 0.35 * std::cos(0.23 * j - 0.05 * i * c) +
                      0.1 * ((7 * i + 13 * j + 29 * c) % 31) / 30 - 0.05
                : 0.45 * std::cos(0.17 * i - 0.09 * j + 1.1 * c) + 0.3 * std::sin(0.31 * i + 0.02 * j * (c + 2)) +
                      0.2 * ((i * i + 3 * j + 17 * c) % 23) / 22 - 0.1;
      }
    }
  }
  return x.to(at::kFloat);
}

}  // namespace

class TestMetrics : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void soundMatchesTheReference() {
    NEEDS_ORACLE("metrics.json");
    const int64_t length = 262144;
    const at::Tensor t = at::arange(length, at::kDouble);
    std::vector<at::Tensor> rows;
    for (int k = 0; k < 4; ++k) rows.push_back(0.3 * (0.02 * (k + 1) * t + k).sin() * (0.0003 * t * (k + 2)).cos());
    at::Tensor reference = at::stack(rows);
    for (int k = 0; k < 4; ++k)
      rows[k] = 0.9 * reference[k] + 0.02 * (0.11 * (k + 2) * t).sin() + 0.01 * reference[(k + 3) % 4];
    const at::Tensor found = at::stack(rows);
    reference[3].zero_();
    reference[2].slice(0, 0, length / 2).zero_();
    reference[1].slice(0, 0, length / 2).zero_();
    const auto expected = test::oracle_json("metrics.json")["sound"];
    const at::Tensor ratio = si_sdr(found, reference), gain = si_sdr_improvement(found, reference, reference.sum(0));
    for (int k = 0; k < 4; ++k) {
      QVERIFY2(std::abs(ratio[k].item<double>() - expected["si_sdr_full_track_f64"][k].get<double>()) < 1e-3,
               qPrintable(QString("stem %1").arg(k)));
      QVERIFY2(std::abs(gain[k].item<double>() - expected["si_sdri_f64"][k].get<double>()) < 1e-3,
               qPrintable(QString("stem %1: %2").arg(k).arg(gain[k].item<double>())));
    }
  }

  // Errors of 20, 0 and 40 dB in three seconds, silence, and half a second that does not count.
  void theMedianOfSecondsLeavesSilenceOut() {
    constexpr int64_t rate = 1000;
    const at::Tensor t = at::arange(4 * rate + rate / 2, at::kDouble);
    at::Tensor reference = at::stack({(0.3 * t).sin(), (0.3 * t).cos()}).unsqueeze(0), estimate = reference.clone();
    const double errors[] = {0.1, 1, 0.01, 0.1};
    for (int k = 0; k < 4; ++k) estimate.narrow(2, k * rate, rate) *= 1 + errors[k];
    estimate.slice(2, 4 * rate) *= 100;
    reference.narrow(2, 3 * rate, rate).zero_();
    QVERIFY(std::abs(median_sdr(estimate, reference, rate).item<double>() - 20) < 1e-6);
    estimate.select(1, 1).slice(1, 0, rate).zero_();  // one channel of two: half of the first second's energy is lost
    const double worse = median_sdr(estimate, reference, rate).item<double>();
    QVERIFY2(std::abs(worse - 10 * std::log10(1 / (0.5 * 1.01))) < 0.01, qPrintable(QString::number(worse)));
    const double shorter = median_sdr(estimate.slice(2, 0, 314), reference.slice(2, 0, 314), rate).item<double>();
    QVERIFY2(std::abs(shorter - worse) < 0.05, qPrintable(QString::number(shorter)));  // 15 periods
    QVERIFY(std::isnan(median_sdr(estimate, at::zeros_like(reference), rate).item<double>()));
  }

  void matchTheReference() {
    NEEDS_ORACLE("metrics.json");
    const at::Tensor x = formula(1);
    const std::map<std::string, at::Tensor> images{
        {"scaled_0.9", x * 0.9},
        {"shift_0.05", (x + 0.05).clamp(-1, 1)},
        {"cotnoise_0.1",
         (x + 0.1 * at::cos(at::arange(x.numel(), at::kDouble) * 0.37 + 0.2).to(at::kFloat).reshape(x.sizes()))
             .clamp(-1, 1)},
        {"other_formula", formula(2)},
        {"zeros", at::zeros_like(x)}};
    int compared = 0;
    const auto reference = test::oracle_json("metrics.json");
    for (const auto& entry : reference.at("image").at("cases")) {
      const std::string name = entry.at("case");
      const at::Tensor y = images.at(name);
      QVERIFY2(std::abs(psnr(y, x).item<double>() - entry.at("psnr").get<double>()) < 1e-3, name.c_str());
      QVERIFY2(std::abs(ssim(y, x).item<double>() - entry.at("ssim").get<double>()) < 2e-5, name.c_str());
      ++compared;
    }
    QCOMPARE(compared, 5);
    const at::Tensor both = psnr(at::cat({x * 0.9, at::zeros_like(x)}), at::cat({x, x}));
    QVERIFY(std::abs(both[0].item<double>() - 33.311) < 1e-2 && std::abs(both[1].item<double>() - 13.311) < 1e-2);
  }

  void identicalImagesAreIdentical() {
    const at::Tensor x = formula(1);
    QVERIFY(std::isinf(psnr(x, x).item<double>()));
    QVERIFY(std::abs(ssim(x, x).item<double>() - 1) < 1e-6);
    QVERIFY(std::abs(ssim(x, x, SsimBorder::Cropped).item<double>() - 1) < 1e-6);
    QVERIFY(gmsd(x, x).item<double>() < 1e-9);
  }

  void croppedSsimIgnoresTheBorder() {
    at::Tensor x = formula(1), y = x.clone();
    y.slice(2, 0, 1).add_(0.4);
    // Windows that touch row 0 exist in both variants, but zero padding weighs it in more windows.
    QVERIFY(ssim(y, x, SsimBorder::Cropped).item<double>() > ssim(y, x).item<double>());
  }

  // A ramp of 0.1 a pixel; what is filled is the same ramp, one that is 0.3 higher, or flat.
  void aSeamIsWhatJumpsAcrossTheBorder() {
    const at::Tensor ramp = (at::arange(20, at::kFloat) * 0.1).view({1, 1, 1, 20}).expand({1, 3, 16, 20});
    at::Tensor hole = at::zeros({16, 20}, at::kBool);
    hole.slice(0, 4, 12).slice(1, 6, 14).fill_(true);
    const auto of = [&](const at::Tensor& filled) {
      return seam(at::where(hole, filled, ramp), ramp[0], hole)[0].item<double>();
    };
    QVERIFY(std::abs(of(ramp) - 1) < 1e-6);
    // By hand: 16 pairs along the ramp (0.1 in the photo) and 16 across it (0). 0.3 more jumps by 0.4, 0.2, 0.3, 0.3.
    QVERIFY(std::abs(of(ramp + 0.3) - (8 * 0.4 + 8 * 0.2 + 16 * 0.3) / (16 * 0.1)) < 1e-5);
    const at::Tensor smooth = at::full_like(ramp, 1.0f);
    QVERIFY(of(smooth) > 1);
    QVERIFY(std::isnan(seam(ramp, ramp[0], at::ones({16, 20}, at::kBool))[0].item<double>()));
    QVERIFY(std::isnan(seam(ramp, ramp[0], at::zeros({16, 20}, at::kBool))[0].item<double>()));
    // In a photo of one colour: against the smallest step that is seen. NaN stays what it is.
    const at::Tensor flat = at::zeros_like(ramp), grain = at::full_like(ramp, 0.5f * 2 / 255);
    QVERIFY(std::abs(seam(at::where(hole, grain, flat), flat[0], hole)[0].item<double>() - 0.5) < 1e-5);
    // Two pictures at once are what they are alone.
    const at::Tensor both = seam(at::cat({at::where(hole, ramp + 0.3, ramp), ramp}), ramp[0], hole);
    QVERIFY(std::abs(both[0].item<double>() - of(ramp + 0.3)) < 1e-9 && std::abs(both[1].item<double>() - 1) < 1e-6);
  }

  void gmsdMatchesOpenCv() {  // as its quality module gave it for the same 8-bit pictures
    const at::Tensor x = formula(1);
    const auto check = [&](const at::Tensor& y, const at::Tensor& reference, double expected) {
      const double value = gmsd(y, reference).item<double>();
      QVERIFY2(std::abs(value - expected) < 1e-5, qPrintable(QString("%1, not %2").arg(value).arg(expected)));
    };
    const at::Tensor wave = 0.1 * at::cos(at::arange(x.numel(), at::kDouble) * 0.37 + 0.2).to(at::kFloat);
    check(x * 0.9, x, 0.0021369);
    check(x + 0.05, x, 0.0009055);
    check(x + wave.reshape(x.sizes()), x, 0.0082644);
    check(formula(2), x, 0.1768686);
    check(at::zeros_like(x), x, 0.2865582);
    const auto cropped = [](const at::Tensor& y) { return y.slice(2, 0, 63).slice(3, 0, 50); };  // odd, not square
    check(cropped(formula(2)), cropped(x), 0.1776544);
    check(cropped(at::zeros_like(x)), cropped(x), 0.3124196);
  }

  void metricsAreListed() {
    std::vector<std::string> names;
    const at::Tensor x = formula(1).repeat({2, 1, 1, 1}), worse = x + 0.2 * formula(2);
    for (const ImageMetric& metric : image_metrics()) {
      names.push_back(metric.name);
      const at::Tensor good = metric.measure(x + 0.02 * formula(2), x), bad = metric.measure(worse, x);
      QCOMPARE(good.sizes(), (at::IntArrayRef{2}));
      QVERIFY2((good[0] > bad[0]).item<bool>() == metric.higher_is_better, metric.name.c_str());
    }
    QCOMPARE(names, (std::vector<std::string>{"psnr", "ssim", "gmsd"}));
  }

  void gmsdGrowsWithDamage() {
    const at::Tensor x = formula(1), noise = at::randn_like(x);
    QVERIFY(gmsd(x + 0.05 * noise, x).item<double>() < gmsd(x + 0.4 * noise, x).item<double>());
  }
};

QTEST_GUILESS_MAIN(TestMetrics)
#include "tst_metrics.moc"
