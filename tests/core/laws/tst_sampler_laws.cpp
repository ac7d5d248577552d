// What every sampler that the build lists promises. A new file in core/samplers/methods is tested here without a new
// test.
#include <ATen/ATen.h>

#include <QtTest>
#include <set>

#include "core/operators/matrix.h"
#include "core/priors/gaussian_mixture.h"
#include "core/samplers/description.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

const auto kDouble = at::TensorOptions().dtype(at::kDouble);

/// One Gaussian, of which one combination of two coordinates is observed: every sampler can do this problem.
struct Toy {
  GaussianMixture mixture{at::ones({1}, kDouble), at::tensor({0.6, -0.4}, kDouble).reshape({1, 2}),
                          at::tensor({0.3, 0.1, 0.1, 0.2}, kDouble).reshape({1, 2, 2})};
  at::Tensor a = at::tensor({1.0, -1.0}, kDouble).reshape({1, 2}), y = at::tensor({0.3}, kDouble);
  double sigma = 0.1;
  Prior prior = make_mixture_prior(mixture, NoiseSchedule::vp_linear());
  GaussianLikelihood likelihood{make_matrix(a), y.reshape({1, 1}), sigma};
};

std::unique_ptr<Sampler> quick(const SamplerDescription& sampler) {
  return sampler.make(sampler_settings(sampler, sampler.presets.empty() ? "" : sampler.presets.front().first, {}));
}

SamplerResult run(const SamplerDescription& sampler, const Toy& toy, const Prior& prior, int64_t chains, uint64_t seed,
                  const std::function<void(const Iterate&)>& observer = {}, std::stop_token stop = {}) {
  SeededNoise noise(seed);
  return quick(sampler)->run({prior, sampler.needs_likelihood ? &toy.likelihood : nullptr,
                              noise.normal_like(at::empty({chains, 2}, kDouble)), noise, observer, std::move(stop)});
}

/// Asks to stop at the n-th evaluation, and counts those that come after it.
class Stopping : public Denoiser {
 public:
  Stopping(std::shared_ptr<Denoiser> inner, std::stop_source source, int n)
      : inner_(std::move(inner)), source_(std::move(source)), left_(n) {}
  at::Tensor predict_x0(const at::Tensor& x, const Levels& levels) override {
    count();
    return inner_->predict_x0(x, levels);
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    count();
    return inner_->denoise(x, sigma);
  }
  int late = 0;
  bool reached() const { return left_ <= 0; }

 private:
  void count() {
    if (left_ <= 0) ++late;
    if (--left_ == 0) source_.request_stop();
  }
  std::shared_ptr<Denoiser> inner_;
  std::stop_source source_;
  int left_;
};

/// The identity, counted.
class CountingCodec : public IdentityCodec {
 public:
  at::Tensor decode(const at::Tensor& z) const override {
    ++decoded;
    return IdentityCodec::decode(z);
  }
  mutable int decoded = 0;
};

class NanDenoiser : public Denoiser {
 public:
  explicit NanDenoiser(int after) : left_(after) {}
  at::Tensor predict_x0(const at::Tensor& x, const Levels&) override { return denoise(x, 0); }
  at::Tensor denoise(const at::Tensor& x, double) override { return --left_ < 0 ? x * std::nan("") : x * 0.5; }

 private:
  int left_;
};

}  // namespace

class TestSamplerLaws : public QObject {
  Q_OBJECT
  Toy toy_;

  static void every_sampler() {
    QTest::addColumn<QString>("sampler");
    for (const auto& sampler : samplers())
      QTest::addRow("%s", sampler.name.c_str()) << QString::fromStdString(sampler.name);
  }

 private Q_SLOTS:
  void descriptionsAreWhole() {
    std::set<std::string> names;
    for (const auto& sampler : samplers()) {
      QVERIFY2(names.insert(sampler.name).second, sampler.name.c_str());
      QVERIFY2(!sampler.name.empty() && !sampler.label.empty() && !sampler.help.empty() && !sampler.paper.empty(),
               sampler.name.c_str());
      QVERIFY2(std::find(sampler.laws.begin(), sampler.laws.end(), NoiseLaw::Gaussian) != sampler.laws.end(),
               sampler.name.c_str());
      const Settings defaults = sampler_settings(sampler, "", {});
      QCOMPARE(sampler_settings(sampler, "", defaults), defaults);  // each is in its own range
      for (const auto& [preset, values] : sampler.presets) sampler.make(sampler_settings(sampler, preset, {}));
    }
    QVERIFY(names.size() >= 10);
  }

  void theSameSeedGivesTheSameBytes_data() { every_sampler(); }
  void theSameSeedGivesTheSameBytes() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    const at::Tensor first = run(description, toy_, toy_.prior, 3, 7).x0;
    QVERIFY(at::equal(run(description, toy_, toy_.prior, 3, 7).x0, first));
    QVERIFY(!at::equal(run(description, toy_, toy_.prior, 3, 8).x0, first));
  }

  void aStopEndsItAtOnce_data() { every_sampler(); }
  void aStopEndsItAtOnce() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    for (int after = 1;; after += 7) {
      std::stop_source source;
      const auto stopping = std::make_shared<Stopping>(toy_.prior.denoiser, source, after);
      Prior prior = toy_.prior;
      prior.denoiser = stopping;
      const SamplerResult result = run(description, toy_, prior, 2, 9, {}, source.get_token());
      QCOMPARE(stopping->late, 0);  // no evaluation after the request
      QVERIFY(result.x0.isfinite().all().item<bool>());
      QCOMPARE(result.x0.sizes(), (at::IntArrayRef{2, 2}));
      if (!stopping->reached()) break;
      QVERIFY(result.stopped || result.evaluations.forward == after);  // the last one of all may be too late
      if (after > 60) break;
    }
  }

  void aNaNNamesTheStep_data() { every_sampler(); }
  void aNaNNamesTheStep() {
    QFETCH(QString, sampler);
    for (const int after : {0, 5, 12}) {
      Prior prior = toy_.prior;
      prior.denoiser = std::make_shared<NanDenoiser>(after);
      try {
        run(find_sampler(sampler.toStdString()), toy_, prior, 1, 10);
        QFAIL("the NaN went unnoticed");
      } catch (const NumericalError& e) {
        QVERIFY2(QString(e.what()).contains("step"), e.what());
      }
    }
  }

  void iteratesCountTheSteps_data() { every_sampler(); }
  void iteratesCountTheSteps() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    int last = 0, steps = 0;
    const SamplerResult result = run(description, toy_, toy_.prior, 2, 11, [&](const Iterate& it) {
      QVERIFY(it.step >= last && it.step >= 1 && it.step <= it.steps);
      QCOMPARE(it.x0.sizes(), (at::IntArrayRef{2, 2}));
      QCOMPARE(it.x_t.sizes(), (at::IntArrayRef{2, 2}));
      QVERIFY(it.t >= 0 && it.t <= toy_.prior.schedule.steps());
      last = it.step;
      steps = it.steps;
    });
    QVERIFY(last > 1);
    QCOMPARE(last, steps);
    QVERIFY(result.evaluations.forward > 0 && !result.stopped);
  }

  void iteratesAreDecodedOnlyWhenAskedFor_data() { every_sampler(); }
  void iteratesAreDecodedOnlyWhenAskedFor() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    const auto decoded = [&](const std::function<void(const Iterate&)>& observer) {
      Prior prior = toy_.prior;
      const auto codec = std::make_shared<CountingCodec>();
      prior.codec = codec;
      run(description, toy_, prior, 2, 11, observer);
      return codec->decoded;
    };
    int iterates = 0;
    const int without = decoded({});
    QCOMPARE(decoded([&](const Iterate&) { ++iterates; }), without);  // one that looks at neither
    QVERIFY(iterates > 0);
    QCOMPARE(decoded([&](const Iterate& it) {
               QVERIFY(at::equal(it.signal(), it.x0));
               QCOMPARE(it.residual().defined(), description.needs_likelihood);
               QVERIFY(it.signal().is_same(it.signal()));
             }),
             without + iterates);
  }

  void theGaussianPosteriorIsFound_data() { every_sampler(); }
  void theGaussianPosteriorIsFound() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    const GaussianMixture exact =
        description.needs_likelihood ? toy_.mixture.posterior(toy_.a, toy_.y, toy_.sigma) : toy_.mixture;
    SeededNoise noise(12);
    const at::Tensor x = description.make(sampler_settings(description, "", {}))
                             ->run({toy_.prior,
                                    description.needs_likelihood ? &toy_.likelihood : nullptr,
                                    noise.normal_like(at::empty({600, 2}, kDouble)),
                                    noise,
                                    {},
                                    {}})
                             .x0;
    const double off = (x.mean(0) - exact.means[0]).abs().max().item<double>();
    // Most methods approximate p(y | x_t), but all come much nearer than the prior is.
    const double prior = (toy_.mixture.means[0] - exact.means[0]).abs().max().item<double>();
    QVERIFY2(off < 0.12 + 0.4 * prior, qPrintable(QString("%1, the prior's %2").arg(off).arg(prior)));
    const at::Tensor spread = x.std(0, true) / exact.covariances[0].diagonal().sqrt();
    const double least = spread.min().item<double>(), most = spread.max().item<double>();
    qInfo("%s: mean off by %.3f, spread %.2f to %.2f of the exact", qPrintable(sampler), off, least, most);
    QVERIFY2(least > 0.1 && most < 1.5, qPrintable(QString("%1 %2").arg(least).arg(most)));  // some seek a mode
  }
};

QTEST_GUILESS_MAIN(TestSamplerLaws)
#include "tst_sampler_laws.moc"
