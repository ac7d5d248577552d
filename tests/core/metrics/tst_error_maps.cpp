// A map averaged is its metric; where the map is bright, the image is wrong.
#include <ATen/ATen.h>
#include <QtTest>

#include <cmath>
#include <set>

#include "core/errors.h"
#include "core/metrics/error_maps.h"

using namespace mgdm;

namespace {

at::Tensor waves(int64_t height = 48, int64_t width = 56) {  // [3, H, W]
  const at::Tensor y = at::arange(height, at::kFloat).view({1, height, 1}), x = at::arange(width, at::kFloat),
                   c = at::arange(3, at::kFloat).view({3, 1, 1});
  return 0.5 * at::sin(0.21 * y + 0.13 * x * (c + 1)) + 0.3 * at::cos(0.4 * x - 0.1 * y * c);
}

at::Tensor damaged(const at::Tensor& x) {
  return x + 0.2 * at::cos(at::arange(x.numel(), at::kFloat) * 0.37).view(x.sizes());
}

double mean_of(const at::Tensor& map) { return map.to(at::kDouble).mean().item<double>(); }
double value_of(const at::Tensor& v) { return v.item<double>(); }

}  // namespace

class TestErrorMaps : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theMeansAreTheMetrics() {
    const at::Tensor x = waves(), y = damaged(x);
    const at::Tensor a = y.unsqueeze(0), b = x.unsqueeze(0);
    QVERIFY(std::abs(mean_of(error_map(ErrorMap::Ssim, y, x)) - (1 - value_of(ssim(a, b)))) < 1e-6);
    QVERIFY(std::abs(-10 * std::log10(mean_of(error_map(ErrorMap::Squared, y, x))) - value_of(psnr(a, b))) < 1e-4);
    // Mean absolute error and bias, by themselves.
    const at::Tensor d = (y.clamp(-1, 1) - x.clamp(-1, 1)) / 2;
    QVERIFY(std::abs(mean_of(error_map(ErrorMap::Absolute, y, x)) - mean_of(d.abs())) < 1e-6);
    QVERIFY(at::allclose(error_map(ErrorMap::Signed, y, x), d.mean(0), 1e-5, 1e-6));
    QVERIFY(std::abs(mean_of(ssim_map(a, b, SsimBorder::Cropped)) - value_of(ssim(a, b, SsimBorder::Cropped))) < 1e-6);
    QCOMPARE(ssim_map(a, b, SsimBorder::Cropped).sizes(), (at::IntArrayRef{1, 3, 38, 46}));
  }

  void theDeviationOfTheGradientMapIsGmsd() {
    const at::Tensor x = waves(), y = damaged(x), a = y.unsqueeze(0), b = x.unsqueeze(0);
    const at::Tensor similarity = gradient_similarity_map(a, b);
    QVERIFY(std::abs(value_of(similarity.flatten(2).std(2, false).mean()) - value_of(gmsd(a, b))) < 1e-12);
    QVERIFY(similarity.gt(0).all().item<bool>() && similarity.le(1).all().item<bool>());
    // Of a grey image the map has one deviation, which is the metric.
    const at::Tensor grey = x[0].expand({3, -1, -1}), other = y[0].expand({3, -1, -1});
    const at::Tensor map = error_map(ErrorMap::Gmsd, other, grey);
    const double deviation = value_of(map.to(at::kDouble).flatten().std(0, false));
    QVERIFY(std::abs(deviation - value_of(gmsd(other.unsqueeze(0), grey.unsqueeze(0)))) < 1e-6);
    QVERIFY(deviation > 0.001);
  }

  void shapesAndTypes() {
    const at::Tensor x = waves(47, 50);  // odd: half a side is rounded to even
    for (const ErrorMapDescription& d : error_maps()) {
      const at::Tensor map = error_map(d.map, damaged(x), x);
      QCOMPARE(map.scalar_type(), at::kFloat);
      QCOMPARE(map.sizes(), d.map == ErrorMap::Gmsd ? (at::IntArrayRef{24, 25}) : (at::IntArrayRef{47, 50}));
      QVERIFY2(map.ge(d.low).all().item<bool>() && map.le(d.high).all().item<bool>(), d.name.c_str());
      QVERIFY2(map.abs().max().item<double>() > 1e-3, d.name.c_str());
      QVERIFY2(error_map(d.map, x, x).abs().max().item<double>() < 1e-5, d.name.c_str());
    }
    QCOMPARE(error_map(ErrorMap::Ssim, x.slice(0, 0, 1), x.slice(0, 1, 2)).sizes(), (at::IntArrayRef{47, 50}));
  }

  void aMapShowsWhereAndWhichWay() {
    const at::Tensor x = waves();
    at::Tensor y = x.clone();
    y.slice(1, 8, 16).slice(2, 8, 16).add_(0.3);    // brighter
    y.slice(1, 32, 40).slice(2, 32, 40).sub_(0.3);  // darker
    const at::Tensor error = error_map(ErrorMap::Signed, y, x);
    QVERIFY(value_of(error[12][12]) > 0.05 && value_of(error[36][36]) < -0.05 &&
            std::abs(value_of(error[24][10])) < 1e-6);
    QVERIFY(value_of(error_map(ErrorMap::Absolute, y, x)[36][36]) > 0.05);
    // Structure within a window's reach of the damage, edges at half the size.
    const at::Tensor structure = error_map(ErrorMap::Ssim, y, x), edges = error_map(ErrorMap::Gmsd, y, x);
    QVERIFY(value_of(structure[8][12]) > 10 * std::abs(value_of(structure[24][10])) + 1e-3);
    QVERIFY(value_of(edges[4][6]) > 1e-3 && std::abs(value_of(edges[12][5])) < 1e-6);
  }

  void whatIsOutOfRangeIsClamped() {
    const at::Tensor x = at::zeros({3, 16, 16});
    QVERIFY(std::abs(mean_of(error_map(ErrorMap::Signed, x + 5, x)) - 0.5) < 1e-6);
    QVERIFY(std::abs(mean_of(error_map(ErrorMap::Squared, x - 5, x)) - 0.25) < 1e-6);
  }

  void otherShapesAreRefused() {
    QVERIFY_EXCEPTION_THROWN(error_map(ErrorMap::Signed, waves(), waves(48, 40)), SettingError);
    QVERIFY_EXCEPTION_THROWN(error_map(ErrorMap::Ssim, waves()[0], waves()[0]), SettingError);
  }

  void allAreDescribed() {
    std::set<std::string> names;
    for (const ErrorMapDescription& d : error_maps()) {
      names.insert(d.name);
      QVERIFY2(!d.label.empty() && !d.help.empty() && !d.unit.empty(), d.name.c_str());
      QVERIFY2(d.high > 0 && (d.low == 0 || d.low == -d.high) && d.peak > 0 && d.peak <= d.high, d.name.c_str());
      QCOMPARE(description_of(d.map).name, d.name);
    }
    QCOMPARE(names, (std::set<std::string>{"signed", "absolute", "squared", "ssim", "gmsd"}));
  }
};

QTEST_GUILESS_MAIN(TestErrorMaps)
#include "tst_error_maps.moc"
