// A photo of any size: which parts of it are worked on, at which scales, and what becomes of it.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/priors/catalogue.h"
#include "core/priors/windows.h"
#include "core/runs/photo_run.h"
#include "core/runs/run_cost.h"
#include "tests/fixtures.h"
#include "tests/oracle.h"

using namespace mgdm;
using mgdm::test::quick_request;
using mgdm::test::tiny_prior;

namespace {

// With detail everywhere, and no two parts alike.
cv::Mat picture(int width, int height) {
  cv::Mat pixels(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      pixels.at<cv::Vec3b>(y, x) = cv::Vec3b((x * 7 + y * 3) % 256, (x + y * 11) % 256, (x * y) % 256);
  }
  return pixels;
}

PhotoSource source_of(const cv::Mat& pixels, const cv::Mat& mask = {}) {
  auto photo = std::make_shared<Photo>();
  photo->pixels = pixels;
  PhotoSource source;
  source.photo = std::move(photo);
  source.color = std::make_shared<const ColorTransform>("");
  source.mask = mask;
  source.origin = nlohmann::json::object();
  source.identity = "test";
  return source;
}

cv::Mat painted(cv::Size photo, const std::vector<cv::Rect>& holes) {
  cv::Mat mask = cv::Mat::zeros(photo, CV_8UC1);
  for (const cv::Rect& hole : holes) mask(hole).setTo(255);
  return mask;
}

ModelPool tiny_models() {
  return ModelPool([](const std::string&, const ModelPlace&) { return *tiny_prior(); });
}

RunRequest fill_request() {
  RunRequest request = quick_request("inpainting");
  request.observed = true;
  return request;
}

QString refused(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::exception& e) {
    return e.what();
  }
  return {};
}

int64_t differing_outside(const cv::Mat& a, const cv::Mat& b, const cv::Mat& mask) {
  cv::Mat difference;
  cv::absdiff(a, b, difference);
  std::vector<cv::Mat> planes;
  cv::split(difference, planes);
  const cv::Mat any = planes[0] | planes[1] | planes[2];
  return cv::countNonZero(any & (mask == 0));
}

}  // namespace

class TestPhotoRun : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void windowsCoverAnyLength() {
    const Windows windows{.side = 96, .overlap = 24, .multiple = 8, .fitted = true};
    for (int64_t length = 64; length < 700; length += 7) {
      const int64_t window = window_length(length, windows);
      QVERIFY2(window <= 96 && window % 8 == 0, qPrintable(QString::number(length)));
      const auto begins = window_begins(length, window, std::min<int64_t>(24, window), 8);
      QCOMPARE(begins.back() + window, length);
      for (size_t i = 1; i < begins.size(); ++i) QVERIFY(begins[i] - begins[i - 1] <= window);
      int64_t calls = 0;
      const at::Tensor x = at::randn({1, 2, 64, length});
      const at::Tensor same = through_windows(x, windows, 1, [&](const at::Tensor& part) {
        ++calls;
        return part * 1.0;
      });
      QVERIFY(test::max_difference(same, x) < 1e-5);
      QCOMPARE(calls == 1, length <= 96 && length % 8 == 0);
    }
  }

  void windowsAreDifferentiable() {
    const Windows windows{.side = 32, .overlap = 8, .multiple = 8, .fitted = true};
    at::manual_seed(3);
    const at::Tensor kernel = at::randn({2, 2, 3, 3}), x = at::randn({2, 2, 72, 50}), seed = at::randn({2, 2, 72, 50});
    const auto map = [&](const at::Tensor& part) {
      return at::conv2d(at::tanh(part), kernel, {}, at::IntArrayRef{1, 1}, at::IntArrayRef{1, 1});
    };
    const at::Tensor v = x.clone().requires_grad_(true);
    (through_windows(v, windows, 1, map) * seed).sum().backward();
    // By finite differences along a direction.
    const at::Tensor along = at::randn_like(x);
    at::NoGradGuard no_grad;
    const auto value = [&](double step) {
      return (through_windows((x + step * along).to(at::kDouble), windows, 1,
                              [&](const at::Tensor& part) { return map(part.to(at::kFloat)).to(at::kDouble); }) *
              seed)
          .sum()
          .item<double>();
    };
    const double expected = (value(1e-2) - value(-1e-2)) / 2e-2, got = (v.grad() * along).sum().item<double>();
    QVERIFY2(std::abs(got - expected) < 0.01 * std::abs(expected) + 0.05,
             qPrintable(QString("%1 %2").arg(got).arg(expected)));
  }

  void overlapsCostLittle() {
    const Prior prior = *tiny_prior();
    for (const cv::Size size : {cv::Size(4000, 3000), {4032, 3024}, {6000, 4000}, {3000, 2000}, {1920, 1080}}) {
      const PhotoPlan plan = plan_repair({{0, 0}, size}, prior);
      QCOMPARE(plan.size(), size_t{1});
      QCOMPARE(plan[0].area.rect.size(), size);
      const double share = megapixels_seen(plan[0], prior) * 1e6 / size.area();
      QVERIFY2(share >= 1 && share <= 1.3,
               qPrintable(QString("%1x%2: %3").arg(size.width).arg(size.height).arg(share)));
    }
  }

  void aSmallHoleIsFilledAtItsOwnPixels() {
    const Prior prior = *tiny_prior();
    const cv::Rect hole(2000, 1000, 30, 24);
    const PhotoPlan plan = plan_filling(painted({4000, 3000}, {hole}), prior);
    QCOMPARE(plan.size(), size_t{1});
    QCOMPARE(plan[0].kept, hole);
    QCOMPARE(plan[0].area.scale(), 1.0);
    QVERIFY((plan[0].area.rect & hole) == hole && plan[0].area.width < 300);
    QVERIFY(plan[0].area.rect.x <= hole.x - 40 && plan[0].area.rect.br().x >= hole.br().x + 40);
  }

  void aLargeHoleGoesFromCoarseToFine() {
    const Prior prior = *tiny_prior();
    const cv::Rect hole(1500, 900, 700, 500);
    const PhotoPlan plan = plan_filling(painted({4000, 3000}, {hole}), prior);
    QVERIFY(plan.size() > 2);
    QCOMPARE(plan.front().refines, 0.0);
    double before = 1e9;
    for (size_t k = 0; k < plan.size(); ++k) {
      QCOMPARE(plan[k].kept, hole);
      QVERIFY((plan[k].area.rect & hole) == hole);
      QVERIFY(k == 0 || plan[k].refines > 0);
      QVERIFY(plan[k].area.scale() < before);
      before = plan[k].area.scale();
      QCOMPARE(finishes_region(plan, k), k + 1 == plan.size());
    }
    QCOMPARE(plan.back().area.rect.size(), cv::Size(plan.back().area.width, plan.back().area.height));
    // A thin line through much of the photo is no large hole.
    cv::Mat line = cv::Mat::zeros(3000, 4000, CV_8UC1);
    cv::line(line, {500, 500}, {3200, 2200}, 255, 20);
    QCOMPARE(plan_filling(line, prior).size(), size_t{1});
  }

  void farHolesAreRegionsOfTheirOwn() {
    const Prior prior = *tiny_prior();
    const auto regions = [&](const std::vector<cv::Rect>& holes) {
      const PhotoPlan plan = plan_filling(painted({2000, 1500}, holes), prior);
      size_t count = 0;
      for (size_t k = 0; k < plan.size(); ++k) count += finishes_region(plan, k) ? 1 : 0;
      return count;
    };
    QCOMPARE(regions({{100, 100, 30, 30}, {1700, 1300, 30, 30}}), size_t{2});
    QCOMPARE(regions({{100, 100, 30, 30}, {140, 100, 30, 30}}), size_t{1});
    QCOMPARE(regions({{0, 0, 2000, 1500}}), size_t{1});
    QCOMPARE(regions({{0, 0, 20, 20}, {1980, 1480, 20, 20}}), size_t{2});
    std::vector<cv::Rect> dust;
    for (int i = 0; i < 1500; ++i) dust.push_back({(i * 997) % 1990, (i * 613) % 1490, 3, 3});
    QVERIFY(regions(dust) <= 200);
    QVERIFY(plan_filling(painted({2000, 1500}, {}), prior).empty());
  }

  void aMarkedPartIsOneRegion() {
    const Prior prior = *tiny_prior();
    const cv::Rect part(500, 400, 600, 300);
    const PhotoPlan plan = plan_filling(
        painted({2000, 1500}, {{520, 420, 30, 30}, {1000, 600, 30, 30}, {1800, 100, 30, 30}}), prior, part);
    for (const PhotoPass& pass : plan) {
      QCOMPARE(pass.area.rect & part, pass.area.rect);
      QCOMPARE(pass.kept, cv::Rect(520, 420, 510, 210));
    }
    QVERIFY(plan_filling(painted({2000, 1500}, {{1800, 100, 30, 30}}), prior, part).empty());
  }

  void plansAreKeptInRecords() {
    const Prior prior = *tiny_prior();
    const PhotoPlan plan = plan_filling(painted({2000, 1500}, {{900, 700, 300, 200}, {10, 10, 20, 20}}), prior);
    const nlohmann::json json = plan_json(plan);
    QCOMPARE(plan_from_json(json, {2000, 1500}), plan);
    QVERIFY_EXCEPTION_THROWN(plan_from_json(json, {1000, 700}), MediaError);
    for (const auto& [key, value] : std::initializer_list<std::pair<const char*, nlohmann::json>>{
             {"kept", {0, 0, 5000, 5}}, {"refines", "much"}, {"rect", {1}}, {"size", {0, 0}}, {"refines", -1}}) {
      nlohmann::json broken = json;
      broken[0][key] = value;
      QVERIFY_EXCEPTION_THROWN(plan_from_json(broken, {2000, 1500}), MediaError);
    }
    QVERIFY_EXCEPTION_THROWN(plan_from_json(nlohmann::json::array(), {2000, 1500}), MediaError);
  }

  void whatIsNotPaintedStaysBitForBit() {
    const cv::Mat pixels = picture(500, 400), mask = painted({500, 400}, {{60, 60, 20, 20}, {300, 180, 90, 80}});
    PhotoSource source = source_of(pixels, mask);
    ModelPool pool = tiny_models();
    RunSession session(pool);
    RunRequest request = fill_request();
    request.samples = 2;
    double share = 0;
    size_t parts = 0;
    PhotoObserver watch;
    watch.iterate = [&](const PhotoProgress& progress, const Run&, const Iterate&) {
      QVERIFY(progress.share >= share - 1e-9 && progress.share <= 1 + 1e-9);
      share = progress.share;
    };
    watch.finished = [&](const PhotoPatch& patch, bool last) {
      ++parts;
      QCOMPARE(last, parts == 2);
      QVERIFY(patch.painted);
    };
    const PhotoResult result = run_photo(session, request, source, {}, watch);
    QCOMPARE(result.patches.size(), size_t{2});
    QVERIFY(result.plan.size() > 2);
    QVERIFY(std::abs(share - 1) < 1e-6);
    for (int64_t i = 0; i < 2; ++i) {
      const cv::Mat filled = photo_with(result, source, i).pixels;
      QCOMPARE(filled.size(), pixels.size());
      QCOMPARE(differing_outside(filled, pixels, mask), int64_t{0});
      QVERIFY(cv::norm(filled, pixels, cv::NORM_L1) > 1000);
    }
    QVERIFY(!at::equal(result.patches[0].samples[0], result.patches[0].samples[1]));
    QCOMPARE(cv::norm(source.photo->pixels, picture(500, 400), cv::NORM_INF), 0.0);  // the photo itself is untouched
  }

  void aRecordGivesTheSameBytesAgain() {
    const cv::Mat mask = painted({500, 400}, {{60, 60, 20, 20}, {300, 180, 90, 80}});
    PhotoSource source = source_of(picture(500, 400), mask);
    ModelPool pool = tiny_models();
    RunSession session(pool);
    const PhotoResult first = run_photo(session, fill_request(), source, {});
    const nlohmann::json json = photo_record(first, source);
    const RunRecord record = parse_run_record(json, "run.json");
    PhotoSource again = source_of(picture(500, 400));  // the mask is in the record
    const PhotoResult second =
        run_photo(session, record.request, again, {.plan = plan_from_json(record.files.at("plan"), {500, 400})});
    QCOMPARE(cv::norm(photo_with(first, source, 0).pixels, photo_with(second, again, 0).pixels, cv::NORM_INF), 0.0);
    QCOMPARE(json.at("evaluations").at("forward").get<int64_t>(), first.evaluations.forward);
    QVERIFY(first.evaluations.forward > 2 * first.finals[0].result.evaluations.forward);
  }

  void aStoppedRunKeepsWhatItHas() {
    PhotoSource source = source_of(picture(500, 400), painted({500, 400}, {{60, 60, 20, 20}, {400, 300, 30, 30}}));
    ModelPool pool = tiny_models();
    RunSession session(pool);
    std::stop_source stop;
    PhotoObserver watch;
    watch.iterate = [&](const PhotoProgress& progress, const Run&, const Iterate& it) {
      if (progress.pass == 1 && it.step == 2) stop.request_stop();
    };
    const PhotoResult result = run_photo(session, fill_request(), source, {}, watch, stop.get_token());
    QVERIFY(result.stopped);
    QCOMPARE(result.patches.size(), size_t{2});
    // It is gone on with: the first region is not computed again.
    size_t runs = 0;
    PhotoContinuation on{
        .pass = 1,
        .run =
            [&](const RunRequest& request, InputSource& input, const RunObserver& watch, std::stop_token end) {
              ++runs;
              return session.go_on(request, input, watch, std::move(end));
            },
        .patches = {result.patches[0]},
        .finals = {result.finals[0]}};
    const PhotoResult whole = run_photo(session, fill_request(), source, {.plan = result.plan}, {}, {}, &on);
    QVERIFY(!whole.stopped);
    QCOMPARE(runs, size_t{1});
    QCOMPARE(whole.patches.size(), size_t{2});
    QVERIFY(at::equal(whole.patches[0].samples, result.patches[0].samples));
    QVERIFY(!at::equal(whole.patches[1].samples, result.patches[1].samples));
  }

  void whatIsStoppedAtACoarseScaleFitsThePhoto() {
    const cv::Mat mask = painted({500, 400}, {{60, 60, 20, 20}, {300, 180, 90, 80}});
    PhotoSource source = source_of(picture(500, 400), mask);
    ModelPool pool = tiny_models();
    RunSession session(pool);
    std::stop_source stop;
    bool coarse = false;
    PhotoObserver watch;
    watch.iterate = [&](const PhotoProgress& progress, const Run&, const Iterate& it) {
      if (progress.now.area.scale() == 1 || it.step < 2) return;
      coarse = true;
      stop.request_stop();
    };
    const PhotoResult result = run_photo(session, fill_request(), source, {}, watch, stop.get_token());
    QVERIFY(result.stopped && coarse);
    for (const PhotoPatch& patch : result.patches) {
      QCOMPARE(patch.area.scale(), 1.0);
      QCOMPARE(patch.samples.size(3), patch.area.rect.width);
    }
    const cv::Mat filled = photo_with(result, source, 0).pixels;
    QCOMPARE(filled.size(), cv::Size(500, 400));
    QCOMPARE(differing_outside(filled, source.photo->pixels, mask), int64_t{0});
  }

  void enlargingGivesMorePixels() {
    PhotoSource source = source_of(picture(90, 70));
    ModelPool pool = tiny_models();
    RunSession session(pool);
    RunRequest request = quick_request("sr4");
    request.observed = true;
    const PhotoResult result = run_photo(session, request, source, {});
    QCOMPARE(photo_with(result, source, 0).pixels.size(), cv::Size(360, 280));
    request.samples = 200;
    PhotoSource large = source_of(picture(3000, 2000));
    const QString why = refused([&] { run_photo(session, request, large, {}); });
    QVERIFY2(why.contains("12000x8000") && why.contains("GB"), qPrintable(why));
  }

  void aWholePhotoOfAnySizeIsRepaired() {
    PhotoSource source = source_of(picture(577, 131));
    ModelPool pool = tiny_models();
    RunSession session(pool);
    RunRequest request = quick_request("denoising");
    request.observed = true;
    const PhotoResult result = run_photo(session, request, source, {});
    QCOMPARE(result.patches[0].samples.sizes(), (at::IntArrayRef{1, 3, 131, 577}));
    const cv::Mat repaired = photo_with(result, source, 0).pixels;
    QCOMPARE(repaired.size(), cv::Size(577, 131));
    for (const int y : {0, 130}) QVERIFY(cv::norm(repaired.row(y), source.photo->pixels.row(y), cv::NORM_L1) > 0);
    const QString why = refused([&] { run_photo(session, request, source, {.part = cv::Rect(500, 0, 100, 100)}); });
    QVERIFY2(why.contains("577x131"), qPrintable(why));
  }

  void aJpegOfAnySizeIsDecomposed() {
    PhotoSource source = source_of(picture(213, 137));
    ModelPool pool = tiny_models();
    RunSession session(pool);
    RunRequest request = quick_request("jpeg");
    request.observed = true;
    request.sampler = "ddrm";
    request.preset = "large";
    request.sampler_settings = Settings::object();
    const PhotoResult result = run_photo(session, request, source, {});
    QCOMPARE(photo_with(result, source, 0).pixels.size(), cv::Size(213, 137));
    // A part begins on the grid of the file's blocks.
    const PhotoResult part = run_photo(session, request, source, {.part = cv::Rect(40, 50, 90, 70)});
    QCOMPARE(part.patches[0].area.rect, cv::Rect(32, 48, 98, 72));
  }

  void theCostIsKnownBefore() {
    ModelPool pool = tiny_models();
    RunSession session(pool);
    for (const auto& [sampler, preset, task] : {std::tuple{"mgdm", "quick", "denoising"},
                                                {"ddrm", "large", "denoising"},
                                                {"ddrm", "quick", "sr4"},
                                                {"dps", "quick", "blur"}}) {
      RunRequest request = quick_request(task);
      request.sampler = sampler;
      request.preset = preset;
      request.sampler_settings = nlohmann::json::object();
      if (request.sampler == "dps") request.sampler_settings = {{"steps", 12}};
      PhotoSource source = source_of(picture(96, 80));
      const PhotoResult result = run_photo(session, request, source, {});
      const double told = count_evaluations(request, *tiny_prior(), 1).evaluations;
      QCOMPARE(told, static_cast<double>(result.evaluations.forward + 2 * result.evaluations.backward));
    }
  }

  void largePhotosGetFewEvaluations() {
    const Prior prior = *tiny_prior();
    RunRequest request = quick_request("denoising");
    request.observed = true;
    RunRequest large = request;
    QVERIFY(!choose_for_large_photo(large, plan_repair({0, 0, 640, 480}, prior)));
    QVERIFY(choose_for_large_photo(large, plan_repair({0, 0, 4000, 3000}, prior)));
    for (const char* task : {"denoising", "jpeg", "sr4", "colorization"}) {
      large.task = task;
      large.task_settings = Settings::object();
      const double evaluations = count_evaluations(large, prior, 1).evaluations;
      QVERIFY2(evaluations > 0 && evaluations <= 12, qPrintable(QString("%1: %2").arg(task).arg(evaluations)));
    }
  }

  // The shipped model on what shows a seam at once: a plain colour, a gradient, a sky with clouds.
  void noSeamIsSeen() {
    const Prior prior = load_prior(find_prior("photo"), at::kCPU, "float32");
    const int64_t height = 320, width = 1100;
    at::NoGradGuard no_grad;
    at::manual_seed(5);
    const at::Tensor x = at::linspace(-0.6, 0.7, width).reshape({1, 1, 1, width}).expand({1, 3, height, width});
    const at::Tensor plain = at::full_like(x, 0.3),
                     clouds =
                         0.4 + 0.2 * at::sin(x * 9) * at::cos(at::linspace(0, 5, height).reshape({1, 1, height, 1}));
    const int64_t window = window_length(width, prior.windows);
    const auto begins = window_begins(width, window, prior.windows.overlap, prior.windows.multiple);
    QVERIFY(begins.size() > 2);
    for (const at::Tensor& clean : {plain.contiguous(), x.contiguous(), clouds}) {
      const at::Tensor estimate = prior.denoiser->denoise(clean + 0.2 * at::randn_like(clean), 0.2);
      // The mean error of a column, over colours and rows: a seam is a step of it where a window begins or ends.
      const at::Tensor error = (estimate - clean).mean(at::IntArrayRef{0, 1, 2});
      const at::Tensor steps = (error.slice(0, 8) - error.slice(0, 0, width - 8)).abs();
      const double usual = steps.median().item<double>(), largest = steps.max().item<double>();
      double at_seams = 0;
      for (size_t i = 1; i < begins.size(); ++i) {
        for (const int64_t edge : {begins[i], begins[i - 1] + window})
          at_seams = std::max(
              at_seams,
              steps.slice(0, std::max<int64_t>(0, edge - 12), std::min(width - 8, edge + 4)).max().item<double>());
      }
      QVERIFY2(at_seams <= std::max(6 * usual, 0.01),
               qPrintable(QString("%1 %2 %3").arg(at_seams).arg(usual).arg(largest)));
    }
  }

  void resultsAreWritten() {
    QTemporaryDir folder;
    const std::filesystem::path out = folder.filePath("out/deep").toStdString();
    PhotoSource source = source_of(picture(160, 120), painted({160, 120}, {{60, 50, 20, 20}}));
    ModelPool pool = tiny_models();
    RunSession session(pool);
    RunRequest request = fill_request();
    request.samples = 2;
    const PhotoResult result = run_photo(session, request, source, {});
    const nlohmann::json record = photo_record(result, source);
    write_photo_results(out, result, source, record);
    for (const char* file : {"observation.png", "sample_0.png", "sample_1.png", "mean.png", "run.json"})
      QVERIFY2(std::filesystem::exists(out / file), file);
    QCOMPARE(read_photo(out / "sample_1.png").pixels.size(), cv::Size(160, 120));
    QCOMPARE(read_photo(out / "observation.png").pixels.at<cv::Vec3b>(55, 65), cv::Vec3b(128, 128, 128));
    QVERIFY_EXCEPTION_THROWN(write_photo_results("/proc/nowhere", result, source, record), MediaError);
  }
};

QTEST_GUILESS_MAIN(TestPhotoRun)
#include "tst_photo_run.moc"
