#include <ATen/ATen.h>
#include <QtTest>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/checkpoints/safetensors.h"
#include "core/measure/quality.h"
#include "core/measure/selftest.h"
#include "core/media/image_file.h"
#include "core/networks/kernel_wizard.h"
#include "core/priors/catalogue.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/photo_prior.h"
#include "core/runs/photo_job.h"
#include "core/runs/trajectory.h"
#include "tests/fixtures.h"
#include "tests/oracle.h"

using namespace mgdm;
using mgdm::test::quick_request;
using mgdm::test::tiny_network;
using mgdm::test::tiny_prior;

namespace {

/// The identity as a codec would hide a sampler that looks past it; this one is a rotation of colours.
class Shuffle : public Codec {
 public:
  at::Tensor decode(const at::Tensor& z) const override { return z.roll({1}, {1}) * 0.5; }
  at::Tensor encode(const at::Tensor& x) const override { return (x * 2).roll({-1}, {1}); }
};

/// What is known of a photo is that its values are independent and Gaussian, as wide as the test photo's. In closed
/// form, so that a sampler that does what it should meets the observation in a few steps.
class White : public Denoiser {
 public:
  explicit White(NoiseSchedule schedule) : schedule_(std::move(schedule)) {}
  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    const double alpha_bar = schedule_.alpha_bar(levels[0]);
    return denoise(x_t / std::sqrt(alpha_bar), schedule_.sigma(levels[0]));
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    return x * (kVariance / (kVariance + sigma * sigma));
  }
  static constexpr double kVariance = 0.34;

 private:
  NoiseSchedule schedule_;
};

std::shared_ptr<const Prior> white_prior() {
  Prior prior = *tiny_prior();
  prior.denoiser = std::make_shared<White>(prior.schedule);
  return std::make_shared<const Prior>(prior);
}

}  // namespace

class TestRuns : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }
  at::Tensor photo_ = test::test_photo();

 private Q_SLOTS:
  void selftestPasses() {
    for (const auto& check : selftest(at::kCPU)) QVERIFY2(check.passed, (check.name + ": " + check.detail).c_str());
  }

  void theSameRequestGivesTheSameBytes() {
    const auto prior = tiny_prior();
    RunRequest request = quick_request("sr4");
    request.samples = 2;
    const Run run(prior, request, photo_);
    const RunResult first = run.execute(), second = Run(prior, request, photo_).execute();
    QVERIFY(at::equal(first.samples, second.samples));
    // Through its record, too.
    const auto replay = run_record(run, first).at("request").get<RunRequest>();
    QVERIFY(at::equal(Run(prior, replay, photo_).execute().samples, first.samples));
    request.seed = 1;
    QVERIFY(!at::equal(Run(prior, request, photo_).execute().samples, first.samples));
  }

  void everySamplerDoesWhatItCanAndSaysWhatItCannot_data() {
    QTest::addColumn<QString>("sampler");
    for (const auto& sampler : samplers())
      QTest::addRow("%s", sampler.name.c_str()) << QString::fromStdString(sampler.name);
  }
  void everySamplerDoesWhatItCanAndSaysWhatItCannot() {
    QFETCH(QString, sampler);
    const auto& description = find_sampler(sampler.toStdString());
    for (const char* name : {"denoising", "sr4", "outpainting_half", "blur", "jpeg", "colorization"}) {
      RunRequest request;
      request.task = name;
      request.sampler = description.name;
      request.sampler_settings = {{"steps", 8}};
      request.samples = 2;
      Settings settings = Settings::object();
      const Task& task = find_task(name, settings);
      const auto degradation =
          make_operator(task, complete_settings(task.settings, settings, name), {3, 64, 80}, at::Tensor());
      if (const std::string reason = why_not(description, *degradation); !reason.empty()) {
        try {
          Run(tiny_prior(), request, photo_);
          QFAIL(name);
        } catch (const SettingError& e) {
          QVERIFY(QString(e.what()).contains(QString::fromStdString(reason)));
        }
        continue;
      }
      if (description.needs_likelihood) {  // with enough steps it comes to what was seen
        RunRequest whole = request;
        whole.sampler_settings = {};
        whole.preset = "quick";
        whole.samples = 1;
        if (sampler == "dps") whole.sampler_settings = {{"gamma", 10}};
        const double residual = Run(white_prior(), whole, photo_).execute().residual.max().item<double>();
        // Measured: below 2 deviations; half a photo to make up and DAPS' few steps 2.0 to 3.4, from 5 to 13 at first.
        const bool far = request.task == "outpainting_half" || sampler == "daps";
        QVERIFY2(residual < (far ? 4 : 2), qPrintable(QString("%1: residual %2").arg(name).arg(residual)));
      }
      const RunResult result = Run(tiny_prior(), request, photo_).execute();
      QVERIFY2(result.samples.isfinite().all().item<bool>() && result.samples.size(0) == 2, name);
      QVERIFY(result.evaluations.forward > 0);
    }
  }

  // Without a gradient MGDM takes another update and guidance; the record says so, and gives the same again.
  void theRecordSaysHowABlackBoxWasSampled() {
    RunRequest request = quick_request("jpeg_file");
    request.sampler_settings["guidance"] = "denoised";
    const Run run(tiny_prior(), request, photo_);
    QCOMPARE(run.settings().at("update"), "ensemble_kalman");
    QCOMPARE(run.settings().at("guidance"), "annealed");
    const RunResult result = run.execute();
    const auto replay = run_record(run, result).at("request").get<RunRequest>();
    QCOMPARE(replay.sampler_settings.at("update"), "ensemble_kalman");
    QCOMPARE(replay.sampler_settings.at("guidance"), "annealed");
    QVERIFY(at::equal(Run(tiny_prior(), replay, photo_).execute().samples, result.samples));
    // What works without a gradient is left as it is asked for.
    request.sampler_settings["update"] = "elliptical_slice";
    QCOMPARE(Run(tiny_prior(), request, photo_).settings().at("guidance"), "denoised");
  }

  void aTrajectoryStaysUnderItsCap() {
    Trajectory kept(20 * 2 * 400);
    for (int i = 1; i <= 100; ++i) {
      KeptIterate it;
      it.step = i;
      it.x0 = at::zeros({100});
      it.x_t = at::zeros({100});
      kept.add(it);
      QVERIFY(kept.bytes() <= 20 * 2 * 400);
    }
    QCOMPARE(kept.kept().front().step, 1);
    QCOMPARE(kept.kept().back().step, 100);
    QVERIFY(kept.kept().size() >= 10 && kept.find(99, 0) != nullptr);
    QVERIFY(std::is_sorted(kept.kept().begin(), kept.kept().end(),
                           [](const KeptIterate& a, const KeptIterate& b) { return a.step < b.step; }));
  }

  void masksArePackedAndChecked() {
    for (const double share : {0.0, 0.3, 1.0}) {
      const at::Tensor mask = at::rand({17, 23}).lt(share).to(at::kByte).mul(255);
      QVERIFY(at::equal(unpack_mask(pack_mask(mask)), mask));
    }
    for (const char* bad : {"{}", "7", R"({"size": [4, 4], "runs": [17]})", R"({"size": [4, 4], "runs": [-1, 17]})",
                            R"({"size": [4, 4], "runs": [9, 9]})", R"({"size": [100000, 100000], "runs": []})"}) {
      QVERIFY_EXCEPTION_THROWN(unpack_mask(nlohmann::json::parse(bad)), SettingError);
    }
  }

  void theResidualMapShowsWhereTheObservationIsNotMet() {
    RunRequest request = quick_request("denoising");
    request.observed = true;
    request.noise = 0.1;
    const Run run(tiny_prior(), request, photo_);
    at::Tensor x = photo_.unsqueeze(0).clone();
    x[0].slice(1, 8, 16).slice(2, 8, 16).add_(0.3);
    const at::Tensor map = run.problem().residual_map(x);
    QCOMPARE(map.sizes(), (at::IntArrayRef{64, 80}));
    QVERIFY(std::abs(map[10][10].item<float>() - 3.0f) < 1e-4f && map[40][40].item<float>() < 1e-4f);
  }

  void everyTaskRunsAtOddSizes_data() {
    QTest::addColumn<QString>("task");
    for (const auto& task : tasks()) QTest::addRow("%s", task.name.c_str()) << QString::fromStdString(task.name);
  }
  void everyTaskRunsAtOddSizes() {
    QFETCH(QString, task);
    const auto prior = tiny_prior();
    at::Tensor mask = at::zeros({64, 80}, at::kByte);
    mask.slice(0, 10, 30).slice(1, 20, 50).fill_(255);
    const bool sixteen = task == "sr16";
    const at::Tensor photo = sixteen ? photo_.slice(2, 0, 64) : photo_;
    QTemporaryDir folder;
    Settings own = Settings::object();  // what these tasks need from the person
    if (task == "program") own["command"] = "cp";
    if (task == "nonlinear_blur") {
      Checkpoint random;
      at::manual_seed(2);
      for (const auto& [name, shape] : KernelWizard::expected()) random.tensors[name] = 0.02 * at::randn(shape);
      own["weights"] = folder.filePath("network.safetensors").toStdString();
      write_safetensors(own["weights"].get<std::string>(), random);
    }
    const bool slow = task == "high_dynamic_range" || task == "jpeg_file" || task == "webp_file" || task == "program";
    for (const char* update : {"gauss_vi", "gauss_newton"}) {
      RunRequest request = quick_request(task.toStdString());
      request.task_settings.update(own);
      if (slow) request.sampler_settings["steps"] = 30;
      request.sampler_settings["update"] = update;
      request.sampler_settings["guidance"] = task == "blur" ? "annealed" : "denoised";
      request.samples = 2;
      const Run run(prior, request, photo, task == "inpainting" ? mask : at::Tensor());
      const RunResult result = run.execute();
      QCOMPARE(result.samples.size(0), 2);
      QCOMPARE(result.samples.size(3), photo.size(2));
      QVERIFY(result.samples.isfinite().all().item<bool>());
      QCOMPARE(run.problem().observation_image().size(1), 3);
      QVERIFY(result.residual.isfinite().all().item<bool>());
      // What is linear, or nearly, is met in six steps; what is far from it, or a program, in thirty.
      const double residual = result.residual.max().item<double>();
      if (std::string(update) == "gauss_newton" || slow)
        QVERIFY2(residual < (slow ? 4 : 2) || (task == "high_dynamic_range" && std::string(update) == "gauss_vi"),
                 qPrintable(QString::number(residual)));
    }
  }

  void theLikelihoodSeesTheSignalThroughTheCodec() {
    Prior prior = *tiny_prior();
    prior.codec = std::make_shared<Shuffle>();
    class Still : public Denoiser {  // x0hat = x_t: the posterior is decided by bridge and likelihood
     public:
      at::Tensor predict_x0(const at::Tensor& x, const Levels&) override { return x * 1.0; }
    };
    prior.denoiser = std::make_shared<Still>();
    RunRequest request = quick_request("denoising");
    request.noise = 0.01;
    request.sampler_settings = {{"steps", 30},
                                {"threshold", 20},
                                {"denoising_steps", 2},
                                {"guidance", "denoised"},
                                {"update", "gauss_newton"},
                                {"gradient_steps", 1}};
    const RunResult result = Run(std::make_shared<const Prior>(prior), request, photo_).execute();
    // Only if gradients went through the codec does the decoded sample meet the observation.
    QVERIFY2((result.samples[0] - photo_).abs().mean().item<double>() < 0.1,
             qPrintable(QString::number((result.samples[0] - photo_).abs().mean().item<double>())));
  }

  void anObservationIsTakenAsItIs() {
    RunRequest request = quick_request("sr4");
    request.observed = true;
    const at::Tensor small = at::zeros({3, 16, 24});
    const Run run(tiny_prior(), request, small);
    QVERIFY(at::equal(run.problem().observation_image()[0], small));
    QCOMPARE(run.execute().samples.size(3), 96);
    QVERIFY(!run.problem().reference.defined());
  }

  void knownPixelsAreKept() {
    at::Tensor mask = at::zeros({64, 80}, at::kByte);
    mask.slice(0, 10, 30).slice(1, 20, 50).fill_(255);
    RunRequest request = quick_request("inpainting");
    request.observed = true;
    const RunResult result = Run(tiny_prior(), request, photo_, mask).execute();
    const at::Tensor changed = (result.samples[0] != photo_).any(0);
    QVERIFY(at::equal(changed.logical_and(mask.eq(0)).any(), at::zeros({}, at::kBool)));
    QVERIFY(changed.any().item<bool>());
  }

  void badRequestsAreNamed() {
    const auto prior = tiny_prior();
    const auto rejected = [&](const RunRequest& r, const at::Tensor& photo, const at::Tensor& mask = {}) -> QString {
      try {
        Run(prior, r, photo, mask);
      } catch (const Error& e) {
        return QString::fromUtf8(e.what());
      }
      return {};
    };
    RunRequest r = quick_request("sr4");
    QVERIFY(rejected(r, at::zeros({3, 60, 64})).contains("multiples of 8"));
    QVERIFY(rejected(r, at::zeros({3, 32, 64})).contains("64"));
    QVERIFY(rejected(r, at::full({3, 64, 64}, std::nan(""))).contains("not numbers"));
    r.noise = 0;
    QVERIFY(rejected(r, photo_).contains("noise"));
    r.noise = -1;
    r.samples = 0;
    QVERIFY(rejected(r, photo_).contains("samples"));
    QVERIFY(rejected(quick_request("inpainting"), photo_).contains("mask"));
    QVERIFY(rejected(quick_request("inpainting"), photo_, at::ones({64, 64}, at::kByte)).contains("mask"));
    QVERIFY(rejected(quick_request("inpainting"), photo_, at::ones({64, 80}, at::kByte)).contains("no pixel"));
    QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(R"({"sed": 1})").get<RunRequest>(), SettingError);
    QVERIFY_EXCEPTION_THROWN(nlohmann::json::parse(R"({"seed": "x"})").get<RunRequest>(), SettingError);
  }

  void recordsHoldTheFigures() {
    const auto prior = tiny_prior();
    RunRequest request = quick_request("denoising");
    request.samples = 2;
    const Run run(prior, request, photo_);
    const RunResult result = run.execute();
    const auto record = complete_record(run, result);
    QCOMPARE(record.at("metrics").at("psnr").size(), size_t{2});
    QVERIFY(record.at("evaluations").at("forward").get<int>() > 0);
    const double outside = record.at("seconds_outside_network"), seconds = record.at("seconds");
    QVERIFY(outside > 0 && outside < seconds);
  }

  void theQualityTableGoesOnWhereItWasStopped() {
    std::filesystem::create_directories(path("photos"));
    for (const char* name : {"a.png", "b.png"}) write_image(path("photos") / name, to_pixels(photo_.slice(2, 8, 72)));
    QualityOptions o;
    o.photos = path("photos");
    o.out = path("quality");
    o.size = 64;
    o.samples = 2;
    o.tasks = {"sr4", "denoising"};
    o.sampler_settings = {{"steps", 4}, {"denoising_steps", 2}, {"conjugate_steps", 1}};
    std::stop_source source;
    int said = 0;
    save_denoising_unet(path("tiny.safetensors"), *tiny_network());
    o.prior = path("tiny.safetensors").string();
    o.place = {.device = "cpu", .precision = "float32"};
    const auto stopped = measure_quality(
        o,
        [&](const std::string&) {
          if (++said == 3) source.request_stop();
        },
        source.get_token());
    int64_t rows = 0;
    for (const auto& task : stopped.at("tasks")) rows += task.at("photos").get<int64_t>();
    QCOMPARE(rows, int64_t{3});
    const auto all = measure_quality(o, [&](const std::string&) { ++said; }, {});
    QCOMPARE(said, 4);  // only what was missing
    QCOMPARE(all.at("tasks").at("sr4").at("photos").get<int>(), 2);
    QCOMPARE(all.at("tasks").at("denoising").at("photos").get<int>(), 2);
    QVERIFY(std::filesystem::exists(o.out / "table.md"));
    o.sampler_settings["steps"] = 5;  // something else was measured there: nothing is taken over
    measure_quality(o, [&](const std::string&) { ++said; }, {});
    QCOMPARE(said, 8);
    o.tasks = {"sr3"};
    QVERIFY_EXCEPTION_THROWN(measure_quality(o, [](const std::string&) {}, {}), SettingError);
  }

  // A smooth photo: every classical method is in the table and does what it is known for.
  void theQualityTableHasTheClassicalMethods() {
    std::filesystem::create_directories(path("smooth"));
    const at::Tensor y = at::arange(64).reshape({64, 1}), x = at::arange(64).reshape({1, 64});
    write_image(path("smooth/a.png"),
                at::stack({x + y, (x * 3).expand({64, 64}), (y * 2 + 60).expand({64, 64})}).to(at::kByte).contiguous());
    QualityOptions o;
    o.photos = path("smooth");
    o.size = 64;
    save_denoising_unet(path("tiny.safetensors"), *tiny_network());
    o.prior = path("tiny.safetensors").string();
    o.place = {.device = "cpu", .precision = "float32"};
    o.samples = 4;
    o.sampler_settings = {{"steps", 4}, {"denoising_steps", 2}, {"conjugate_steps", 1}};
    const auto report = measure_quality(o, [](const std::string&) {}, {});
    const QString table = QString::fromStdString(quality_table(report));
    int lines = 2;
    for (const auto& [task, methods] : std::map<std::string, std::vector<std::pair<std::string, double>>>{
             {"inpainting", {{"Telea", 25}, {"Navier-Stokes", 25}}},
             {"sr4", {{"bicubic", 25}}},
             {"blur", {{"Wiener", 20}}},
             {"denoising", {{"non-local means", 25}}},
             {"jpeg", {{"the JPEG itself", 20}}}}) {
      const auto& found = report.at("tasks").at(task);
      QCOMPARE(found.at("baselines").size(), methods.size());
      for (const auto& [method, floor] : methods) {
        const double db = found.at("baselines").at(method).at("psnr");
        QVERIFY2(db > floor, qPrintable(QString("%1 %2 dB").arg(method.c_str()).arg(db)));
        QVERIFY2(table.contains(QString("|  | %1 | %2 |").arg(method.c_str()).arg(db, 0, 'f', 2)), qPrintable(table));
      }
      // Of samples that differ the mean is nearer.
      const double mean = found.at("mean_of_samples").at("psnr"), one = found.at("one_sample").at("psnr");
      QVERIFY2(mean > one, qPrintable(QString("%1: %2, %3").arg(task.c_str()).arg(mean).arg(one)));
      QVERIFY(table.contains(QString("MGDM, mean of the samples | %1 |").arg(mean, 0, 'f', 2)));
      lines += 2 + static_cast<int>(methods.size());
    }
    QCOMPARE(table.count('\n'), lines);
  }

  void modelsAreFoundOrNamed() {
    std::filesystem::create_directories(path("models"));
    save_denoising_unet(path("models/toy.safetensors"), *tiny_network());
    std::ofstream(path("models/toy.json"))
        << R"({"name": "toy", "label": "Toy", "family": "photo-unet", "weights": "toy.safetensors"})";
    std::ofstream(path("models/broken.json")) << "{";
    std::ofstream(path("models/orphan.json"))
        << R"({"name": "orphan", "family": "photo-unet", "weights": "nowhere.safetensors"})";
    qputenv("MGDM_MODELS", QByteArray::fromStdString(path("models").string()));
    std::vector<std::string> problems;
    const auto cards = list_priors(&problems);
    QVERIFY(std::any_of(cards.begin(), cards.end(), [](const PriorCard& c) { return c.name == "toy"; }));
    QVERIFY(problems.size() == 1 && problems[0].find("broken.json") != std::string::npos);
    QCOMPARE(load_prior(find_prior("toy"), at::kCPU, "float32").name, std::string("toy"));
    QVERIFY_EXCEPTION_THROWN(load_prior(find_prior("orphan"), at::kCPU, "float32"), ModelError);
    QVERIFY_EXCEPTION_THROWN(find_prior("nobody"), ModelError);
    std::ofstream(path("models/toy.safetensors"), std::ios::trunc) << "broken";
    QVERIFY_EXCEPTION_THROWN(load_prior(find_prior("toy"), at::kCPU, "float32"), ModelError);
    qunsetenv("MGDM_MODELS");
  }
};

QTEST_GUILESS_MAIN(TestRuns)
#include "tst_runs.moc"
