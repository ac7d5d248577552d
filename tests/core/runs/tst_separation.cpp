#include <QtTest>

#include "core/runs/separation.h"

using namespace mgdm;

namespace {

// Independent Gaussian coefficients with a variance for each stem and bin: everything is known in closed form.
class GaussianStems : public Denoiser {
 public:
  GaussianStems(at::Tensor variance, NoiseSchedule schedule) : variance_(std::move(variance)), schedule_(std::move(schedule)) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    return denoise(x_t / std::sqrt(schedule_.alpha_bar(levels[0])), schedule_.sigma(levels[0]));
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override { return x * (variance_ / (variance_ + sigma * sigma)); }

 private:
  at::Tensor variance_;  // [1, C, 1, M]
  NoiseSchedule schedule_;
};

constexpr int64_t kBins = 64;

// "low" lives in the lower half of the spectrum, "high" in the upper.
BandPrior gaussian_band() {
  MdctOptions options;
  options.bins = kBins;
  options.gain = 10;
  options.tilt = 0;
  at::Tensor variance = at::full({1, 2, 1, kBins}, 1e-6);
  variance[0][0][0].slice(0, 0, kBins / 2).fill_(0.5);
  variance[0][1][0].slice(0, kBins / 2).fill_(0.5);
  auto prior = std::make_shared<Prior>();
  prior->schedule = NoiseSchedule::karras(0.002, 100, 1000, 7);
  prior->denoiser = std::make_shared<GaussianStems>(variance, prior->schedule);
  return {.prior = prior, .codec = MdctCodec(options), .stems = {"low", "high"}, .level = 0.1, .frame_multiple = 16};
}

// Sines well inside the two halves of the spectrum.
at::Tensor stems(int64_t length) {
  const at::Tensor t = at::arange(length, at::kDouble);
  return at::stack({(t * 0.4).sin() * 0.2, (t * 2.5).sin() * 0.1}).to(at::kFloat);
}

at::Tensor run(const Song& song, SeparationRequest request, SeparationResult* result = nullptr) {
  request.preset = "quick";
  request.frames = 32;
  request.overlap = 8;
  std::vector<at::Tensor> parts;
  const SeparationResult r = separate(gaussian_band(), song, request, [&](const at::Tensor& part) { parts.push_back(part); });
  if (result != nullptr) *result = r;
  return at::cat(parts, 3);
}

double error_db(const at::Tensor& x, const at::Tensor& truth) {
  return (10 * ((x - truth).square().sum() / truth.square().sum()).log10()).item<double>();
}

}  // namespace

class TestSeparation : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  // Ten windows: the sines stay what they are across the seams, in level and phase.
  void stationaryStemsAreSeparatedWithoutSeams() {
    const int64_t length = kBins * 250 + 17;
    const at::Tensor truth = stems(length);
    SeparationResult result;
    const at::Tensor found = run({.mix = truth.sum(0).unsqueeze(0), .given = {}, .gaps = {}}, {}, &result);
    QCOMPARE(found.sizes(), at::IntArrayRef({1, 2, 1, length}));
    QVERIFY(result.windows >= 9);
    for (int64_t begin = kBins; begin + 4 * kBins < length; begin += kBins) {  // everywhere, so at every seam too
      const at::Tensor x = found[0].select(1, 0).narrow(1, begin, 4 * kBins), r = truth.narrow(1, begin, 4 * kBins);
      QVERIFY2(error_db(x[0], r[0]) < -20 && error_db(x[1], r[1]) < -15, qPrintable(QString("at sample %1").arg(begin)));
    }
    QVERIFY((found.sum(1)[0][0] - truth.sum(0)).abs().max().item<float>() < 1e-3);
  }

  void stereoKeepsItsSides() {
    const int64_t length = kBins * 100;
    const at::Tensor truth = stems(length);
    const at::Tensor left = truth[0] * 1.0 + truth[1] * 0.2, right = truth[0] * 0.5 + truth[1] * 1.0;
    const at::Tensor mix = at::stack({left, right});
    const at::Tensor found = run({.mix = mix, .given = {}, .gaps = {}}, {});
    QCOMPARE(found.sizes(), at::IntArrayRef({1, 2, 2, length}));
    QVERIFY((found[0].sum(0) - mix).abs().max().item<float>() < 1e-3);
    QVERIFY(error_db(found[0][0][1], truth[0] * 0.5) < -15);
    QVERIFY(error_db(found[0][1][1], truth[1]) < -15);
  }

  void theResidualCanBeKeptOut() {
    const at::Tensor mix = stems(kBins * 64).sum(0).unsqueeze(0);
    SeparationRequest request;
    request.keep_residual = true;
    request.noise = 0.2;
    const double rest = (run({.mix = mix, .given = {}, .gaps = {}}, request)[0].sum(0) - mix).abs().max().item<double>();
    QVERIFY2(rest > 1e-3, qPrintable(QString::number(rest)));
  }

  void givenStemsAreKeptAndGapsAreFilled() {
    const int64_t length = kBins * 64;
    const at::Tensor truth = stems(length);
    const at::Tensor low = truth[0].unsqueeze(0);
    const at::Tensor given = run({.mix = truth.sum(0).unsqueeze(0), .given = {{"low", low}}, .gaps = {}}, {});
    QVERIFY((given[0][0] - low).abs().max().item<float>() < 1e-4);
    QVERIFY(error_db(given[0][1][0], truth[1]) < -15);
    // Without a mix the other stem is a sample of its prior: there, and not what it was.
    const at::Tensor made_up = run({.mix = {}, .given = {{"low", low}}, .gaps = {}}, {});
    QVERIFY((made_up[0][0] - low).abs().max().item<float>() < 1e-4);
    QVERIFY(made_up[0][1].square().mean().item<double>() > 1e-5);
    // A gap: outside it the mix is met, inside something else sounds.
    at::Tensor mix = truth.sum(0).unsqueeze(0).clone();
    const double second = 22050;
    const int64_t from = 20 * kBins, to = 30 * kBins;
    mix.slice(1, from, to).fill_(0);
    const at::Tensor filled = run({.mix = mix, .given = {}, .gaps = {{from / second, to / second}}}, {})[0].sum(0);
    QVERIFY((filled - mix).slice(1, 0, from - 3 * kBins).abs().max().item<float>() < 1e-2);
    QVERIFY(filled.slice(1, from + kBins, to - kBins).square().mean().item<double>() > 1e-4);
  }

  void silenceStaysSilent() {
    SeparationResult result;
    const at::Tensor found = run({.mix = at::zeros({1, kBins * 40}), .given = {}, .gaps = {}}, {}, &result);
    QCOMPARE(found.abs().max().item<float>(), 0.0f);
    QCOMPARE(result.evaluations.forward, 0);
  }

  void theSameSeedGivesTheSameSound() {
    const Song song{.mix = stems(kBins * 40).sum(0).unsqueeze(0), .given = {}, .gaps = {}};
    SeparationRequest request;
    QVERIFY(at::equal(run(song, request), run(song, request)));
    request.seed = 1;
    QVERIFY(!at::equal(run(song, request), run(song, {})));
  }

  void badSongsGetASentence_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("words");
    QTest::addRow("nothing") << 0 << "neither a mix nor a given stem";
    QTest::addRow("empty") << 1 << "0 samples";
    QTest::addRow("nan") << 2 << "not numbers";
    QTest::addRow("three channels") << 3 << "one or two channels";
    QTest::addRow("unknown stem") << 4 << "no stem of this model";
    QTest::addRow("other length") << 5 << "differs from the rest";
    QTest::addRow("nan in a stem") << 6 << "the stem 'low' holds";
  }
  void badSongsGetASentence() {
    QFETCH(int, which);
    QFETCH(QString, words);
    const at::Tensor x = at::ones({1, 1000});
    const Song songs[] = {{}, {.mix = at::zeros({1, 0}), .given = {}, .gaps = {}}, {.mix = x * std::nan(""), .given = {}, .gaps = {}},
                          {.mix = at::ones({3, 1000}), .given = {}, .gaps = {}}, {.mix = x, .given = {{"flute", x}}, .gaps = {}},
                          {.mix = x, .given = {{"low", at::ones({1, 900})}}, .gaps = {}},
                          {.mix = x, .given = {{"low", x * std::nan("")}}, .gaps = {}}};
    try {
      run(songs[which], {});
      QFAIL("accepted");
    } catch (const OperatorError& e) {
      QVERIFY2(QString::fromUtf8(e.what()).contains(words), e.what());
    }
  }

  void trebleIsSharedWhereThereIsTreble() {
    const int64_t length = 4000;
    const at::Tensor t = at::arange(length, at::kDouble);
    at::Tensor two = at::stack({(t * 0.01).sin(), (t * 2.5).sin() * 0.5}).to(at::kFloat).unsqueeze(1);
    const at::Tensor before = two.clone(), rest = at::randn({1, length}) * 0.1;
    share_treble(two, rest, 44100);
    QVERIFY((two.sum(0) - before.sum(0) - rest).abs().max().item<float>() < 1e-5);
    QVERIFY((two[1] - before[1]).square().sum().item<double>() > 100 * (two[0] - before[0]).square().sum().item<double>());
  }
};

QTEST_GUILESS_MAIN(TestSeparation)
#include "tst_separation.moc"
