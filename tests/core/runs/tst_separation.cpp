#include <ATen/ATen.h>
#include <QtTest>

#include <numeric>

#include "core/checkpoints/safetensors.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/runs/separation_state.h"
#include "core/runs/song_session.h"
#include "core/runs/stem_stream.h"

using namespace mgdm;

namespace {

// Independent Gaussian coefficients with a variance for each stem and bin: everything is known in closed form.
class GaussianStems : public Denoiser {
 public:
  GaussianStems(at::Tensor variance, NoiseSchedule schedule)
      : variance_(std::move(variance)), schedule_(std::move(schedule)) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    return denoise(x_t / std::sqrt(schedule_.alpha_bar(levels[0])), schedule_.sigma(levels[0]));
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return x * (variance_ / (variance_ + sigma * sigma));
  }

 private:
  at::Tensor variance_;  // [1, C, 1, M]
  NoiseSchedule schedule_;
};

// A network that leans to one polarity.
class Leaning : public Denoiser {
 public:
  explicit Leaning(std::shared_ptr<Denoiser> inner) : inner_(std::move(inner)) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    return inner_->predict_x0(x_t, levels) + kLean;
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override { return inner_->denoise(x, sigma) + kLean; }
  static constexpr double kLean = 0.05;

 private:
  std::shared_ptr<Denoiser> inner_;
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

// The samples [B, stems, channels, L]; the estimate, as [1, stems, channels, L], if it is asked for.
at::Tensor run(const Song& song, SeparationRequest request, SeparationResult* result = nullptr,
               at::Tensor* estimate = nullptr) {
  if (request.preset == SeparationRequest().preset) request.preset = "quick";
  request.other = 0;
  request.frames = 32;
  request.overlap = 8;
  std::vector<at::Tensor> parts, estimates;
  const SeparationResult r = separate(gaussian_band(), song, request, [&](const SeparatedStretch& part) {
    parts.push_back(part.samples);
    estimates.push_back(part.estimate);
  });
  if (result != nullptr) *result = r;
  if (estimate != nullptr) *estimate = at::cat(estimates, 2).unsqueeze(0);
  return at::cat(parts, 3);
}

double error_db(const at::Tensor& x, const at::Tensor& truth) {
  return (10 * ((x - truth).square().sum() / truth.square().sum()).log10()).item<double>();
}

}  // namespace

namespace {

// Asks `inner` after `before` has seen the batch; the answer is spoilt where that says so.
class Watched : public Denoiser {
 public:
  Watched(std::shared_ptr<Denoiser> inner, std::function<bool(const at::Tensor&)> before)
      : inner_(std::move(inner)), before_(std::move(before)) {}
  at::Tensor predict_x0(const at::Tensor& x, const Levels& levels) override {
    const bool spoilt = before_(x);
    const at::Tensor x0 = inner_->predict_x0(x, levels);
    return spoilt ? x0 * std::nan("") : x0;
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    const bool spoilt = before_(x);
    const at::Tensor x0 = inner_->denoise(x, sigma);
    return spoilt ? x0 * std::nan("") : x0;
  }

 private:
  std::shared_ptr<Denoiser> inner_;
  std::function<bool(const at::Tensor&)> before_;
};

BandPrior watched_band(const std::string& precision, std::function<bool(const at::Tensor&)> before) {
  BandPrior band = gaussian_band();
  auto prior = std::make_shared<Prior>(*band.prior);
  prior->precision = precision;
  prior->denoiser = std::make_shared<Watched>(prior->denoiser, std::move(before));
  band.prior = prior;
  return band;
}

SongInput short_song() {
  SongInput input;
  input.mix = {stems(kBins * 60).sum(0).unsqueeze(0).contiguous(), 22050};
  return input;
}

SeparationRequest short_request() {
  SeparationRequest request;
  request.preset = "quick";
  request.frames = 32;
  request.overlap = 8;
  request.other = 0;
  return request;
}

// Two stems that hold their pitch, and a voice that does not, between them and over them.
struct Voiced {
  BandPrior band = gaussian_band();
  at::Tensor truth, voice;  // [stems, L], [L]
  Song song;
  SeparationRequest request = short_request();

  Voiced() {
    const int64_t length = 3 * 22050;
    truth = stems(length);
    const at::Tensor t = at::arange(length, at::kDouble) / 22050;
    const at::Tensor phase = 2 * M_PI * 250 / M_LN2 * (M_LN2 * t).exp();  // an octave in a second
    for (int h = 1; h <= 4; ++h) {
      const at::Tensor harmonic = ((h * phase).sin() * (0.3 / h)).to(at::kFloat);
      voice = voice.defined() ? voice + harmonic : harmonic;
    }
    song.mix = (truth.sum(0) + voice).unsqueeze(0);
    request.frames = 512;
  }
  // The estimate [tracks, L].
  at::Tensor found(double other) const {
    SeparationRequest asked = request;
    asked.other = other;
    std::vector<at::Tensor> parts;
    separate(band, song, asked, [&](const SeparatedStretch& part) { parts.push_back(part.estimate); });
    return at::cat(parts, 2).select(1, 0);
  }
};

// What a sink was given.
struct Heard {
  std::vector<at::Tensor> estimates, samples;
  std::vector<int64_t> lengths;
  std::function<void(const SeparatedStretch&)> sink() {
    return [this](const SeparatedStretch& part) {
      estimates.push_back(part.estimate.clone());
      samples.push_back(part.samples.defined() ? part.samples.clone() : at::Tensor());
      lengths.push_back(part.estimate.size(2));
    };
  }
};

bool same(const Heard& a, const Heard& b) {
  if (a.lengths != b.lengths) return false;
  for (size_t k = 0; k < a.lengths.size(); ++k) {
    if (!at::equal(a.estimates[k], b.estimates[k]) || !at::equal(a.samples[k], b.samples[k])) return false;
  }
  return !a.lengths.empty();
}

// Four windows of `short_request`.
constexpr int64_t kLongSong = kBins * 100 - 7;

Song long_song(int64_t length = kLongSong) {
  return {.mix = stems(length).sum(0).unsqueeze(0).contiguous(), .given = {}, .gaps = {}};
}

// Stops a separation in its window `window`.
std::function<void(const SeparationProgress&)> stop_in(int64_t window, std::stop_source& stop) {
  return [window, &stop](const SeparationProgress& p) {
    if (p.window == window && p.iterate->step == 3) stop.request_stop();
  };
}

}  // namespace

class TestSeparation : public QObject {
  Q_OBJECT

  // Leaves in `keeping.file` what two finished windows of four have left.
  static void interrupt(const BandPrior& band, const Song& song, const SeparationRequest& request,
                        const SeparationKeeping& keeping) {
    const auto stop = std::make_unique<std::stop_source>();  // on the stack GCC 12 believes it uninitialised
    Heard heard;
    const SeparationResult result =
        separate_keeping(band, song, request, keeping, heard.sink(), stop_in(3, *stop), stop->get_token());
    QVERIFY(result.stopped && std::filesystem::exists(keeping.file));
  }

 private Q_SLOTS:
  // The mean of two channels that are each other's negative is nothing: the right one is turned round, and back.
  void channelsOutOfPhaseAreSeparated() {
    const at::Tensor x = at::randn({2, 12000}, at::detail::createCPUGenerator(5), at::kFloat) * 0.1;
    const at::Tensor left = x.sum(0), same = at::stack({left, left}), opposite = at::stack({left, -left});
    QVERIFY(out_of_phase(opposite) && !out_of_phase(same) && !out_of_phase(x) && !out_of_phase(left.unsqueeze(0)));
    SeparationRequest request;
    request.sampler_settings = {{"steps", 4}};
    request.other = 0;
    const auto stems_of = [&](const at::Tensor& mix) {
      std::vector<at::Tensor> parts;
      separate(gaussian_band(), {.mix = mix, .given = {}, .gaps = {}}, request,
               [&](const SeparatedStretch& part) { parts.push_back(part.estimate); });
      return at::cat(parts, 2);
    };
    const at::Tensor a = stems_of(same), b = stems_of(opposite);
    QVERIFY(a.abs().max().item<float>() > 0.01f);
    QVERIFY(at::equal(a.select(1, 0), b.select(1, 0)));
    QVERIFY(at::equal(a.select(1, 1), -b.select(1, 1)));
    QVERIFY((b.sum(0) - opposite).abs().max().item<float>() < 1e-4f);  // they add up to the song
  }

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
      QVERIFY2(error_db(x[0], r[0]) < -20 && error_db(x[1], r[1]) < -15,
               qPrintable(QString("at sample %1").arg(begin)));
    }
    QVERIFY((found.sum(1)[0][0] - truth.sum(0)).abs().max().item<float>() < 1e-3);
  }

  // What is delivered: nearer to the truth than a sample, without seams, adding up to the mix, given stems as they are.
  void theEstimateIsMadeFromWhatTheSamplesAgreeOn() {
    const int64_t length = kBins * 250 + 17;
    const at::Tensor truth = stems(length), mix = truth.sum(0).unsqueeze(0);
    SeparationRequest request;
    request.samples = 4;
    at::Tensor estimate;
    const at::Tensor found = run({.mix = mix, .given = {}, .gaps = {}}, request, nullptr, &estimate);
    QCOMPARE(found.size(0), int64_t{4});
    QCOMPARE(estimate.sizes(), at::IntArrayRef({1, 2, 1, length}));
    for (int64_t k = 0; k < 2; ++k) {
      const double of_estimate = error_db(estimate[0][k][0], truth[k]), of_sample = error_db(found[0][k][0], truth[k]);
      QVERIFY2(of_estimate < of_sample - 1, qPrintable(QString("%1 %2").arg(of_estimate).arg(of_sample)));
    }
    for (int64_t begin = kBins; begin + 4 * kBins < length; begin += kBins) {
      const at::Tensor x = estimate[0].select(1, 0).narrow(1, begin, 4 * kBins), r = truth.narrow(1, begin, 4 * kBins);
      QVERIFY2(error_db(x[0], r[0]) < -20 && error_db(x[1], r[1]) < -15,
               qPrintable(QString("at sample %1").arg(begin)));
    }
    QVERIFY((estimate.sum(1)[0] - mix).abs().max().item<float>() < 1e-3);
    const at::Tensor low = truth[0].unsqueeze(0);
    run({.mix = mix, .given = {{"low", low}}, .gaps = {}}, request, nullptr, &estimate);
    QVERIFY((estimate[0][0] - low).abs().max().item<float>() < 1e-4);
    QVERIFY((estimate[0].sum(0) - mix).abs().max().item<float>() < 1e-3);
    // Made up: one of the samples, not their mean. To rounding: matrix products of other sizes need not give the same
    // bits.
    const at::Tensor made_up = run({.mix = {}, .given = {{"low", low}}, .gaps = {}}, request, nullptr, &estimate);
    QVERIFY((estimate[0] - made_up[0]).abs().max().item<float>() < 1e-5);
  }
  // In random polarities what is wrong with such a network averages out, and a song comes apart better.
  void faultsOfOnePolarityDoNotAddUp() {
    BandPrior band = gaussian_band();
    const std::shared_ptr<Denoiser> odd = band.prior->denoiser, leaning = std::make_shared<Leaning>(odd);
    const at::Tensor x = at::randn({3, 2, 4, kBins}, at::detail::createCPUGenerator(1));
    const at::Tensor right = odd->denoise(x, 0.7);
    const auto first = with_random_polarities(odd, 5);
    QVERIFY((first->denoise(x, 0.7) - right).abs().max().item<float>() < 1e-6);
    const auto one = with_random_polarities(leaning, 5), same = with_random_polarities(leaning, 5);
    at::Tensor total = at::zeros_like(x);
    for (int i = 0; i < 400; ++i) {
      const at::Tensor answer = one->denoise(x, 0.7);
      QVERIFY(answer.equal(same->denoise(x, 0.7)));
      total += answer;
    }
    const double left = (total / 400 - right).abs().max().item<double>();  // of 0.05; 4 deviations of the mean are 0.01
    QVERIFY2(left < 0.01, qPrintable(QString::number(left)));

    auto prior = std::make_shared<Prior>(*band.prior);
    prior->denoiser = leaning;
    band.prior = prior;
    const at::Tensor truth = stems(kBins * 64);
    const auto error = [&](bool known_odd, bool random) {
      band.either_polarity = known_odd;
      SeparationRequest request;
      request.preset = "quick";
      request.samples = 4;
      request.other = 0;
      request.random_polarities = random;
      std::vector<at::Tensor> parts;
      separate(band, {.mix = truth.sum(0).unsqueeze(0), .given = {}, .gaps = {}}, request,
               [&](const SeparatedStretch& part) { parts.push_back(part.samples.mean(0)); });
      return error_db(at::cat(parts, 2).select(1, 0), truth);
    };
    const double fixed = error(true, false), random = error(true, true);
    QVERIFY2(random < fixed - 1, qPrintable(QString("%1 %2").arg(random).arg(fixed)));
    QCOMPARE(error(false, true), fixed);  // not where the prior knows polarities
    QVERIFY(!complete_request({.preset = "paper", .sampler_settings = {}}, band,
                              {.mix = at::zeros({1, 100}), .given = {}, .gaps = {}})
                 .random_polarities);
  }
  void presetsSayHowManySamples() {
    const Song mixed{.mix = at::zeros({1, 100}), .given = {}, .gaps = {}};
    QCOMPARE(complete_request({}, gaussian_band(), mixed).samples, int64_t{4});
    QCOMPARE(complete_request({.preset = "best", .sampler_settings = {}}, gaussian_band(), mixed).samples, int64_t{16});
    QCOMPARE(complete_request({.preset = "best", .sampler_settings = {}, .samples = 3}, gaussian_band(), mixed).samples,
             int64_t{3});
    QCOMPARE(complete_request({}, gaussian_band(), {.mix = at::zeros({1, 100}), .given = {}, .gaps = {}, .hiss = 0.1})
                 .samples,
             int64_t{1});
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
    const double rest =
        (run({.mix = mix, .given = {}, .gaps = {}}, request)[0].sum(0) - mix).abs().max().item<double>();
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

  // Sound drawn from the prior, so that the posterior mean is Wiener's estimate: with noise of twice the coefficients'
  // variance its error is a third of the noise's.
  static at::Tensor drawn(int64_t frames) {
    at::manual_seed(5);
    const BandPrior band = gaussian_band();
    const at::Tensor sound = band.codec.decode(at::randn({1, frames, kBins}) * std::sqrt(0.5));
    return sound / sound.square().mean().sqrt() * std::sqrt(0.5) /
           10;  // as loud as the prior thinks a mix of rms 0.1 to be
  }
  void hissIsRemoved() {
    const at::Tensor clean = drawn(64);
    const double level = 0.1;  // coefficients of variance 1 each
    const at::Tensor noise = at::randn_like(clean) * level;
    SeparationRequest request;
    request.samples = 16;
    request.preset = "best";
    const at::Tensor found =
        run({.mix = clean + noise, .given = {}, .gaps = {}, .hiss = level}, request).mean(0).sum(0);
    const double before = noise.square().mean().item<double>(), after = (found - clean).square().mean().item<double>();
    QVERIFY2(after < 0.5 * before, qPrintable(QString("%1 of %2").arg(after).arg(before)));
  }

  // Where nothing was cut off the samples are met; where it was, the peaks come back: nearer to what they were.
  void clippedPeaksAreMadeUp() {
    const at::Tensor clean = drawn(64);
    const double level = 0.06;
    SeparationRequest request;
    request.samples = 8;
    request.noise = 0.01;
    request.sampler_settings = {
        {"denoising", "moment_matching"},
        {"denoising_steps", 12},
        {"steps", 40},
        {"gibbs", 2}};  // coefficients on their own: only the spread of x_0 goes beyond the level
    const at::Tensor mix = clean.clamp(-level, level), cut = mix.abs() >= level * 0.999;
    QVERIFY(cut.sum().item<int64_t>() > 200);
    const at::Tensor found = run({.mix = mix, .given = {}, .gaps = {}, .clip = level}, request).mean(0).sum(0);
    const auto rms = [](const at::Tensor& x) { return x.square().mean().sqrt().item<double>(); };
    const double met = rms((found - mix).masked_select(cut.logical_not())),
                 after = rms((found - clean).masked_select(cut)), before = rms((mix - clean).masked_select(cut));
    QVERIFY2(met < 0.005 && after < 0.95 * before,
             qPrintable(QString("met to %1; at peaks %2 of %3; mean there %4, was %5")
                            .arg(met)
                            .arg(after)
                            .arg(before)
                            .arg((found * mix.sign()).masked_select(cut).mean().item<double>())
                            .arg((clean * mix.sign()).masked_select(cut).mean().item<double>())));
  }

  // Below the limit the mix is met, above it something sounds that was not there.
  void lostTrebleIsMadeUp() {
    const int64_t length = kBins * 64;
    const at::Tensor low = stems(length)[0].unsqueeze(0);
    const at::Tensor found = run({.mix = low, .given = {}, .gaps = {}, .bandwidth = 22050.0 / 4}, {})[0];
    QVERIFY(error_db(found[0][0], low[0]) < -15);
    QVERIFY2(found[1][0].square().mean().item<double>() > 1e-5,
             qPrintable(QString::number(found[1][0].square().mean().item<double>())));
  }

  void oneRepairAtATime() {
    try {
      run({.mix = stems(kBins * 64).sum(0).unsqueeze(0), .given = {}, .gaps = {}, .hiss = 0.1, .clip = 0.5}, {});
      QFAIL("accepted");
    } catch (const OperatorError& e) {
      QVERIFY2(QString::fromUtf8(e.what()).contains("one repair at a time"), e.what());
    }
  }

  // Stretch by stretch the same as of the whole at once, and together the song.
  void streamedStemsAreThoseOfTheWhole() {
    const double model = 22050, rate = 44100;
    const int64_t length = 50001, short_length = 25001;
    at::manual_seed(6);
    const at::Tensor low = at::cumsum(at::randn({2, 2, short_length}), 2) * 1e-3, song = at::randn({2, length}) * 0.1;
    at::Tensor whole = at::stack({resample(low[0], model, rate, length), resample(low[1], model, rate, length)});
    share_treble(whole, song - whole.sum(0), rate);
    at::Tensor streamed = at::zeros({2, 2, length});
    int64_t next = 0;
    StemStream stream(
        2, 2, model, rate, length, Rest::Shared, [&](int64_t at, int64_t n) { return song.narrow(1, at, n); },
        [&](int64_t at, const at::Tensor& part) {
          QCOMPARE(at, next);
          streamed.narrow(2, at, part.size(2)).copy_(part);
          next = at + part.size(2);
        });
    for (int64_t at = 0; at < short_length; at += 6000) stream.put(low.slice(2, at, std::min(short_length, at + 6000)));
    QVERIFY(stream.finish());
    QCOMPARE(next, length);
    QVERIFY((streamed.sum(0) - song).abs().max().item<float>() < 1e-4);
    const double error = (streamed - whole).abs().max().item<double>();
    QVERIFY2(error < 1e-4, qPrintable(QString::number(error)));
  }

  void aSongJobWorksOnAPart() {
    QTemporaryDir folder;
    const int rate = 44100;
    const at::Tensor song = resample(stems(kBins * 200).sum(0).unsqueeze(0), 22050, rate).expand({2, -1}).contiguous();
    SeparationRequest request = short_request();
    request.keep_residual = true;
    const BandPrior band = gaussian_band();
    SongInput input;
    input.mix = {song, rate};
    input.from = 0.1;
    input.to = 0.3;
    SongJob job(std::make_shared<const BandPrior>(band), input, request, folder.path().toStdString());
    QCOMPARE(job.names(), (std::vector<std::string>{"low", "high", "residual"}));
    int64_t seen = 0;
    job.run([&](const SongProgress& p) { QVERIFY(p.begin >= 4410 && p.end <= 13230); },
            [&](int64_t, const at::Tensor& part) { seen += part.size(2); });
    QCOMPARE(job.begin(), 4410);
    QCOMPARE(job.finished(), 13230);
    QCOMPARE(seen, 13230 - 4410);
    at::Tensor sum = at::zeros({2, 13230 - 4410});
    for (const auto& track : job.tracks()) {
      QCOMPARE(track->length(), song.size(1));
      QCOMPARE(track->read(0, 4410).abs().max().item<float>(), 0.0f);
      sum += track->read(4410, 13230 - 4410);
    }
    QVERIFY((sum - song.slice(1, 4410, 13230)).abs().max().item<float>() < 1e-4);
    const auto file = folder.filePath("low.flac").toStdString();
    write_sound(file, *job.tracks()[0], rate, job.begin(), job.finished());
    const Sound back = read_sound(file);
    QCOMPARE(back.samples.size(1), 13230 - 4410);
    QVERIFY((back.samples - job.tracks()[0]->read(4410, 13230 - 4410)).abs().max().item<float>() < 1e-6);
    job.tracks()[0]->write(5000, at::full({1, 10}, 1.5));
    try {
      write_sound(file, *job.tracks()[0], rate, job.begin(), job.finished());
      QFAIL("FLAC beyond full scale");
    } catch (const MediaError& e) {
      QVERIFY(QString::fromUtf8(e.what()).contains("choose WAV"));
    }
  }

  void clippingIsNoticed() {
    const at::Tensor x = at::sin(at::arange(20000, at::kDouble) * 0.05).to(at::kFloat).unsqueeze(0);
    QCOMPARE(clipping_level(x * 0.9), 0.0);
    QVERIFY(std::abs(clipping_level((x * 2).clamp(-0.8, 0.8)) - 0.8) < 1e-6);
  }

  // Where the law does not tell which stem a sound is of, it is the start that does: at a low level what it holds
  // stays, at the sampler's first level nothing of it is left.
  void theChainBeginsFromRoughStems() {
    BandPrior band = gaussian_band();
    auto prior = std::make_shared<Prior>(*band.prior);
    prior->denoiser = std::make_shared<GaussianStems>(at::full({1, 2, 1, kBins}, 0.5), prior->schedule);
    band.prior = prior;
    const at::Tensor truth = stems(kBins * 100);
    Song song{.mix = truth.sum(0, true), .given = {}, .gaps = {}};
    const auto found = [&](double start_sigma) {
      SeparationRequest request = short_request();
      request.start_sigma = start_sigma;
      std::vector<at::Tensor> parts;
      separate(band, song, request, [&](const SeparatedStretch& part) { parts.push_back(part.samples[0]); });
      return at::cat(parts, 2).select(1, 0);
    };
    const at::Tensor blind = found(0.1);
    QVERIFY2(error_db(blind, truth) > -6, qPrintable(QString::number(error_db(blind, truth))));
    song.start["high"] = truth[1].unsqueeze(0);  // "low" is what it leaves
    const double low = error_db(found(0.05), truth), middle = error_db(found(1), truth);
    QVERIFY2(low < -15 && middle > low + 3, qPrintable(QString("%1 %2").arg(low).arg(middle)));
    QVERIFY(at::equal(found(100), blind));
    song.mix = song.mix.expand({2, -1}).contiguous();
    song.start["high"] = song.start["high"].expand({2, -1}).contiguous();
    QVERIFY(error_db(found(0.05), truth) < -15);
  }
  void stemsToStartFromMustFit_data() {
    QTest::addColumn<int>("which");
    QTest::addColumn<QString>("words");
    QTest::addRow("no song") << 0 << "need the song";
    QTest::addRow("unknown") << 1 << "no stem of this model";
    QTest::addRow("other length") << 2 << "differs from the rest";
    QTest::addRow("nan") << 3 << "the stem 'low' holds";
  }
  void stemsToStartFromMustFit() {
    QFETCH(int, which);
    QFETCH(QString, words);
    const at::Tensor x = at::ones({1, 1000}) * 0.1;
    Song song{.mix = x, .given = {}, .gaps = {}};
    song.start["low"] = which == 2 ? x.slice(1, 0, 900) : which == 3 ? x * std::nan("") : x;
    if (which == 0) song.mix = at::Tensor(), song.given["high"] = x;
    if (which == 1) song.start["flute"] = x;
    try {
      run(song, {});
      QFAIL("accepted");
    } catch (const OperatorError& e) {
      QVERIFY2(QString::fromUtf8(e.what()).contains(words), e.what());
    }
  }

  // Neither stem holds its pitch as the voice does not: its own track has it, and all three are the song. Without that
  // track it ends up in the stems.
  void aVoiceHasATrack() {
    const Voiced v;
    const at::Tensor with = v.found(0.9), without = v.found(0);
    QCOMPARE(with.size(0), int64_t{3});
    QCOMPARE(without.size(0), int64_t{2});
    QVERIFY2(error_db(with[2], v.voice) < -6, qPrintable(QString::number(error_db(with[2], v.voice))));
    for (int64_t k = 0; k < 2; ++k) {
      const double better = error_db(with[k], v.truth[k]), worse = error_db(without[k], v.truth[k]);
      QVERIFY2(better < worse - 4, qPrintable(QString("%1: %2 %3").arg(k).arg(better).arg(worse)));
    }
    // What is taken out of the stems is in the track: nothing else changes.
    QVERIFY((with.sum(0) - without.sum(0)).abs().max().item<float>() < 1e-5);
  }

  void theTrackOfOtherSoundsIsBounded() {
    const Voiced v;
    const auto level = [](const at::Tensor& x) { return x.square().mean().sqrt().item<double>(); };
    const at::Tensor little = v.found(0.1);
    QVERIFY(level(little[2]) > 1e-4);
    QVERIFY(level(little[2]) <= 0.1 * level(v.song.mix[0]));
  }

  void whoKeepsWhatGlides() {
    Voiced v;
    v.band.stems = {"low", "drums"};  // drums glide as they fade
    const auto differ = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<float>(); };
    const at::Tensor with = v.found(0.9), without = v.found(0);
    QVERIFY(differ(with[1], without[1]) < 1e-6f);
    QVERIFY(differ(with[0], without[0]) > 0.01f);
    v.song.given["low"] = v.truth[0].unsqueeze(0);  // what is given is no other's
    QVERIFY(differ(v.found(0.9)[0], v.truth[0]) < 1e-3f);
  }

  // Who has a voice from elsewhere need not find it: it takes as much out of the stems, drums or not, as there is of
  // it.
  void aVoiceFromElsewhereIsWhatIsNoStem() {
    Voiced v;
    v.band.stems = {"low", "drums"};
    const at::Tensor high = v.truth[1].unsqueeze(0);
    v.song.mix = v.song.mix - v.voice;
    v.song.start["other"] = high;
    v.request.start_sigma = 100;  // the chain begins from noise as without it
    const at::Tensor found = v.found(1);
    QVERIFY2(error_db(found[2], high[0]) < -20, qPrintable(QString::number(error_db(found[2], high[0]))));
    QVERIFY(error_db(found[0], v.truth[0]) < -20);
    v.request.other = 0;
    QVERIFY_THROWS_EXCEPTION(OperatorError, v.found(0));
  }

  void whenThereIsATrackOfOtherSounds() {
    const Voiced v;
    SeparationRequest request;
    QCOMPARE(separated_names(v.band, request), (std::vector<std::string>{"low", "high", "other"}));
    QCOMPARE(complete_request(request, v.band, v.song).other, SeparationRequest().other);
    QCOMPARE(complete_request(request, v.band, {.mix = v.song.mix, .given = {}, .gaps = {}, .hiss = 0.1}).other, 0.0);
    QCOMPARE(complete_request(request, v.band, {.mix = {}, .given = {{"low", v.song.mix}}, .gaps = {}}).other, 0.0);
    request.preset = "paper";
    QCOMPARE(complete_request(request, v.band, v.song).other, 0.0);
    request.other = 0;
    QCOMPARE(separated_names(v.band, request), (std::vector<std::string>{"low", "high"}));
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
    const Song songs[] = {{},
                          {.mix = at::zeros({1, 0}), .given = {}, .gaps = {}},
                          {.mix = x * std::nan(""), .given = {}, .gaps = {}},
                          {.mix = at::ones({3, 1000}), .given = {}, .gaps = {}},
                          {.mix = x, .given = {{"flute", x}}, .gaps = {}},
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
    QVERIFY((two[1] - before[1]).square().sum().item<double>() >
            100 * (two[0] - before[0]).square().sum().item<double>());
  }

  // Stopped inside a window, it goes on from what the windows before have left: not a bit differs, nothing is computed
  // twice but that window.
  void whatWasStoppedGoesOnToTheSame_data() {
    QTest::addColumn<QString>("song");
    QTest::addColumn<QList<int>>("stops");  // windows
    for (const char* song : {"mono", "samples", "stereo", "opposite", "hiss", "clip", "bandwidth", "gap", "given",
                             "made up", "residual", "no overlap", "silence", "dps", "start", "other"})
      QTest::addRow("%s", song) << QString(song) << QList<int>{3};
    QTest::addRow("in the second window") << "samples" << QList<int>{2};
    QTest::addRow("in the last window") << "samples" << QList<int>{4};
    QTest::addRow("again and again") << "samples" << QList<int>{2, 2, 3, 4};
    QTest::addRow("in the first window") << "samples" << QList<int>{1};
    QTest::addRow("a last window one frame on") << "one frame" << QList<int>{2};
  }
  void whatWasStoppedGoesOnToTheSame() {
    QFETCH(QString, song);
    QFETCH(QList<int>, stops);
    int calls = 0;
    BandPrior band = watched_band("float32", [&](const at::Tensor&) {
      ++calls;
      return false;
    });
    band.either_polarity = true;
    Song sound = long_song();
    SeparationRequest request = short_request();
    request.sampler_settings = {{"steps", 6}};
    const at::Tensor mix = sound.mix, low = stems(kLongSong)[0].unsqueeze(0);
    if (song == "samples") request.samples = 3;
    if (song == "stereo") sound.mix = at::cat({mix, low});
    if (song == "opposite") sound.mix = at::cat({mix, -mix});
    if (song == "hiss") sound.hiss = 0.02;
    if (song == "clip") sound.mix = mix.clamp(-0.2, 0.2), sound.clip = 0.2;
    if (song == "bandwidth") sound.bandwidth = 22050.0 / 4;
    if (song == "gap") sound.gaps = {{40 * kBins / 22050.0, 45 * kBins / 22050.0}};
    if (song == "given") sound.given["low"] = low;
    if (song == "made up") sound.given["low"] = low, sound.mix = at::Tensor();
    if (song == "residual") request.keep_residual = true;
    if (song == "no overlap") request.overlap = 0;
    if (song == "silence") sound.mix.slice(1, 0, 40 * kBins).fill_(0);
    if (song == "dps") request.sampler = "dps";
    if (song == "start") sound.start["low"] = low, request.samples = 2;
    if (song == "other") sound.mix = at::cat({mix, low}), request.other = 0.2, request.samples = 2;
    if (song == "one frame") sound = long_song(33 * kBins);

    Heard whole;
    std::vector<int> calls_after{0};  // so many windows
    const SeparationResult all = separate(band, sound, request, whole.sink(), {}, {},
                                          {.kept = [&](const SeparationState&) { calls_after.push_back(calls); }});
    const int calls_of_all = calls;
    QCOMPARE(static_cast<int64_t>(calls_after.size()), all.windows);
    QVERIFY(all.windows >= stops.back());

    QTemporaryDir folder;
    const SeparationKeeping keeping{folder.filePath("state").toStdString(), "song", true};
    int64_t first = 0;
    const auto begun = [&](const SeparationProgress& p) { first = first == 0 ? p.window : first; };
    for (const int window : stops) {
      std::stop_source stop;
      const auto stopping = stop_in(window, stop);
      Heard heard;
      int calls_at_stop = 0;
      const SeparationResult stopped = separate_keeping(
          band, sound, request, keeping, heard.sink(),
          [&](const SeparationProgress& p) {
            stopping(p);
            if (stop.stop_requested() && calls_at_stop == 0) calls_at_stop = calls;
          },
          stop.get_token());
      QVERIFY(stopped.stopped);
      QVERIFY2(calls <= calls_at_stop + 1, "it ends at the next evaluation");
      QCOMPARE(std::filesystem::exists(keeping.file), window > 1);
    }
    calls = 0;
    Heard heard;
    const SeparationResult done = separate_keeping(band, sound, request, keeping, heard.sink(), begun);
    QVERIFY(!done.stopped);
    QCOMPARE(first, int64_t{stops.back()});
    QCOMPARE(calls, calls_of_all - calls_after[static_cast<size_t>(stops.back() - 1)]);
    QCOMPARE(done.evaluations.forward, all.evaluations.forward);
    QCOMPARE(done.evaluations.backward, all.evaluations.backward);
    QCOMPARE(done.windows, all.windows);
    QVERIFY2(same(heard, whole), "it is another song");
    QVERIFY2(!std::filesystem::exists(keeping.file), "what is finished has no state");
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files).size(), qsizetype{0});
  }

  // Who wants the estimate alone gets it, and the file holds no more.
  void theSamplesNeedNotBeKept() {
    const Song song = long_song();
    SeparationRequest request = short_request();
    request.samples = 4;
    Heard whole, heard;
    separate(gaussian_band(), song, request, whole.sink());
    QTemporaryDir folder;
    const std::filesystem::path all = folder.filePath("all").toStdString(),
                                less = folder.filePath("less").toStdString();
    interrupt(gaussian_band(), song, request, {all, "song", true});
    interrupt(gaussian_band(), song, request, {less, "song", false});
    const auto handed = static_cast<uintmax_t>(whole.lengths[0] + whole.lengths[1]);
    QCOMPARE(std::filesystem::file_size(sound_beside(less)), handed * 2 * sizeof(float));
    QCOMPARE(std::filesystem::file_size(sound_beside(all)), 5 * std::filesystem::file_size(sound_beside(less)));
    separate_keeping(gaussian_band(), song, request, {less, "song", false}, heard.sink());
    QVERIFY(!heard.samples.front().defined());
    QVERIFY(at::equal(at::cat(heard.estimates, 2), at::cat(whole.estimates, 2)));
  }

  void theStateOfAnotherSeparationIsPassedOver_data() {
    QTest::addColumn<QString>("other");
    for (const char* other :
         {"seed", "sampler", "steps", "samples", "noise", "overlap", "preset", "origin", "model", "precision", "repair",
          "gap", "length", "channels", "kept samples", "start", "other start", "start level", "other sounds"})
      QTest::addRow("%s", other) << QString(other);
  }
  void theStateOfAnotherSeparationIsPassedOver() {
    QFETCH(QString, other);
    QTemporaryDir folder;
    SeparationKeeping keeping{folder.filePath("state").toStdString(), "song", false};
    BandPrior band = gaussian_band();
    Song song = long_song();
    SeparationRequest request = short_request();
    request.sampler_settings = {{"steps", 6}};
    const at::Tensor low = stems(kLongSong)[0].unsqueeze(0);
    if (other == "other start" || other == "start level") song.start["low"] = low;
    interrupt(band, song, request, keeping);
    auto prior = std::make_shared<Prior>(*band.prior);
    if (other == "seed") request.seed = 1;
    if (other == "sampler") request.sampler = "dps";
    if (other == "steps") request.sampler_settings["steps"] = 7;
    if (other == "samples") request.samples = 2;
    if (other == "noise") request.noise = 0.05;
    if (other == "overlap") request.overlap = 4;
    if (other == "preset") request.preset = "best";
    if (other == "origin") keeping.origin = "another";
    if (other == "model") prior->name = "another";
    if (other == "precision") prior->precision = "bfloat16";
    if (other == "repair") song.hiss = 0.02;
    if (other == "gap") song.gaps = {{0.01, 0.02}};
    if (other == "length") song = long_song(kBins * 80);
    if (other == "channels") song.mix = song.mix.expand({2, -1}).contiguous();
    if (other == "kept samples") keeping.samples = true;
    if (other == "other sounds") request.other = 0.1;
    if (other == "start") song.start["low"] = low;
    if (other == "other start") song.start["low"] = low * 0.5;
    if (other == "start level") request.start_sigma = 0.3;
    band.prior = prior;
    Heard whole, heard;
    const SeparationResult all = separate(band, song, request, whole.sink());
    int64_t first = 0;
    const SeparationResult done =
        separate_keeping(band, song, request, keeping, heard.sink(),
                         [&](const SeparationProgress& p) { first = first == 0 ? p.window : first; });
    QCOMPARE(first, int64_t{1});
    QCOMPARE(done.evaluations.forward, all.evaluations.forward);
    QVERIFY(at::equal(at::cat(heard.estimates, 2), at::cat(whole.estimates, 2)));
  }

  void aDamagedStateBeginsAnew_data() {
    QTest::addColumn<QString>("damage");
    for (const char* damage : {"nothing", "text", "half", "foreign", "no windows", "too many windows", "stretches",
                               "no state", "no sound", "type", "sizes", "less sound", "words"})
      QTest::addRow("%s", damage) << QString(damage);
  }
  void aDamagedStateBeginsAnew() {
    QFETCH(QString, damage);
    QTemporaryDir folder;
    const SeparationKeeping keeping{folder.filePath("state").toStdString(), "song", true};
    const BandPrior band = gaussian_band();
    const Song song = long_song();
    const SeparationRequest request = short_request();
    interrupt(band, song, request, keeping);
    const auto changed = [&](const std::function<void(Checkpoint&, nlohmann::json&)>& change) {
      Checkpoint state = read_safetensors(keeping.file);
      for (auto& [name, tensor] : state.tensors) tensor = tensor.clone();
      nlohmann::json about = parse_json(state.metadata.at("separation"));
      change(state, about);
      state.metadata["separation"] = json_text(about);
      write_safetensors(keeping.file, state);
    };
    const std::string bytes = read_file_bytes(keeping.file);
    if (damage == "nothing") std::filesystem::resize_file(keeping.file, 0);
    if (damage == "text") write_file_bytes(keeping.file, "no state");
    if (damage == "half") std::filesystem::resize_file(keeping.file, bytes.size() / 2);
    if (damage == "foreign") write_safetensors(keeping.file, {{{"x", at::ones({3})}}, {}});
    if (damage == "no windows") changed([](Checkpoint&, nlohmann::json& about) { about["windows"] = 0; });
    if (damage == "too many windows") changed([](Checkpoint&, nlohmann::json& about) { about["windows"] = 4; });
    if (damage == "stretches") changed([](Checkpoint&, nlohmann::json& about) { about["stretches"] = {-5, 5}; });
    if (damage == "no state") changed([](Checkpoint& state, nlohmann::json&) { state.tensors.erase("finished"); });
    if (damage == "no sound") std::filesystem::remove(sound_beside(keeping.file));
    if (damage == "type")
      changed([](Checkpoint& state, nlohmann::json&) {
        state.tensors["pending"] = state.tensors["pending"].to(at::kDouble);
      });
    if (damage == "sizes")
      changed([](Checkpoint& state, nlohmann::json&) {
        state.tensors["finished"] = state.tensors["finished"].slice(2, 1).contiguous();
      });
    if (damage == "less sound")
      std::filesystem::resize_file(sound_beside(keeping.file),
                                   std::filesystem::file_size(sound_beside(keeping.file)) - 1);
    if (damage == "words") changed([](Checkpoint&, nlohmann::json& about) { about["handed"] = "all"; });
    Heard whole, heard;
    separate(band, song, request, whole.sink());
    int64_t first = 0;
    separate_keeping(band, song, request, keeping, heard.sink(),
                     [&](const SeparationProgress& p) { first = first == 0 ? p.window : first; });
    QCOMPARE(first, int64_t{1});
    QVERIFY(same(heard, whole));
  }

  // A full disk, a folder that is gone: the separation itself needs no state.
  void aStateThatCannotBeWrittenHarmsNothing() {
    const Song song = long_song();
    const SeparationKeeping keeping{"/nowhere/state", "song", true};
    std::stop_source stop;
    Heard heard, whole;
    QVERIFY(separate_keeping(gaussian_band(), song, short_request(), keeping, heard.sink(), stop_in(3, stop),
                             stop.get_token())
                .stopped);
    heard = {};
    QVERIFY(!separate_keeping(gaussian_band(), song, short_request(), keeping, heard.sink()).stopped);
    separate(gaussian_band(), song, short_request(), whole.sink());
    QVERIFY(same(heard, whole));
  }

  // The tracks of a song at its own rate, part of it, through the session.
  void aSongThatWasStoppedGoesOnToTheSameTracks() {
    QTemporaryDir folder;
    const std::string tracks = folder.path().toStdString();
    SongInput input;
    input.mix = {resample(stems(kBins * 150).sum(0).unsqueeze(0), 22050, 44100).expand({2, -1}).contiguous(), 44100};
    input.from = 0.05;
    SeparationRequest request = short_request();
    request.samples = 2;
    const SeparationKeeping keeping{folder.filePath("state").toStdString(), "song"};
    const auto load = [](const std::string&, const ModelPlace&) { return gaussian_band(); };
    SongSession whole(load), stopped(load), again(load);
    const SeparationResult all = whole.run(input, request, "band", tracks, {}, {}, {});
    std::stop_source stop;
    SongObserver observer;
    observer.iterate = [&](SongJob&, const SongProgress& p) { stop_in(4, stop)(p.separation); };
    QVERIFY(stopped.run(input, request, "band", tracks, {}, observer, stop.get_token(), keeping).stopped);
    int64_t first = 0, next = whole.newest()->begin();
    observer.iterate = [&](SongJob&, const SongProgress& p) { first = first == 0 ? p.separation.window : first; };
    observer.written = [&](SongJob&, int64_t at, const at::Tensor& stretch) {
      QCOMPARE(at, next);
      next += stretch.size(2);
    };
    const SeparationResult done = again.run(input, request, "band", tracks, {}, observer, {}, keeping);
    QCOMPARE(first, int64_t{4});
    QCOMPARE(next, whole.newest()->length());
    for (size_t k = 0; k < 2; ++k) {
      const SongJob &a = *whole.newest(), &b = *again.newest();
      QVERIFY(at::equal(a.tracks()[k]->read(0, a.length()), b.tracks()[k]->read(0, b.length())));
    }
    const nlohmann::json a = whole.record(all), b = again.record(done);
    for (const char* key : {"evaluations", "seconds_of_music", "request", "part", "stopped"})
      QCOMPARE(b.at(key), a.at(key));
    // Another part of it is another song.
    QVERIFY(stopped.run(input, request, "band", tracks, {}, {}, {}, keeping).stopped == false);
  }

  void aSongSurvivesValuesThatAreNoNumbers() {
    QTemporaryDir folder;
    int loads = 0;
    SongSession session([&](const std::string&, const ModelPlace& place) {
      ++loads;
      const bool fast = place.precision != "float32";
      return watched_band(fast ? "bfloat16" : "float32", [fast](const at::Tensor&) { return fast; });
    });
    std::vector<FallBack> told;
    SongObserver observer;
    observer.notice = [&](const FallBack& f) { told.push_back(f); };
    const SeparationResult done =
        session.run(short_song(), short_request(), "band", folder.path().toStdString(), {}, observer, {});
    QCOMPARE(told.size(), size_t{1});
    QVERIFY(told[0].kind == FallBack::Kind::Float32);
    const nlohmann::json record = session.record(done);
    QCOMPARE(record.at("fall_backs").at(0).at("to").get<std::string>(), std::string("float32"));
    QCOMPARE(record.at("precision").get<std::string>(), std::string("float32"));
    const SongJob& song = *session.newest();
    const at::Tensor low = song.tracks()[0]->read(0, song.length());
    QVERIFY2(error_db(low[0], stems(kBins * 60)[0]) < -15, "the stem of the second attempt");
    // It is not tried again in vain.
    session.run(short_song(), short_request(), "band", folder.path().toStdString(), {}, observer, {});
    QCOMPARE(told.size(), size_t{1});
    QCOMPARE(loads, 2);
  }

  void aSongThatDoesNotFitIsMadeOfFewerSamples() {
    QTemporaryDir folder;
    SongSession session([](const std::string&, const ModelPlace&) {
      return watched_band("float32", [](const at::Tensor& x) {
        if (x.size(0) > 2) throw std::bad_alloc();
        return false;
      });
    });
    std::vector<FallBack> told;
    SongObserver observer;
    observer.notice = [&](const FallBack& f) { told.push_back(f); };
    SeparationRequest request = short_request();
    request.samples = 5;
    const SeparationResult done =
        session.run(short_song(), request, "band", folder.path().toStdString(), {}, observer, {});
    QCOMPARE(told.size(), size_t{1});
    QVERIFY(told[0].kind == FallBack::Kind::FewerSamples);
    QCOMPARE(session.newest()->samples(), int64_t{2});
    QCOMPARE(session.record(done).at("fall_backs").at(0).at("samples").get<int>(), 2);
    // What cannot be done anywhere is said at once.
    request.samples = 500;
    QVERIFY_EXCEPTION_THROWN(session.run(short_song(), request, "band", folder.path().toStdString(), {}, observer, {}),
                             SettingError);
    QCOMPARE(told.size(), size_t{1});
  }
};

QTEST_GUILESS_MAIN(TestSeparation)
#include "tst_separation.moc"
