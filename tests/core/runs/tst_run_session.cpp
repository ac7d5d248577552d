// What makes a run survive real life: fall-backs, branches, going on, resuming.
#include <ATen/ATen.h>
#include <QtTest>
#include <new>

#include "core/media/image_file.h"
#include "core/runs/photo_input.h"
#include "core/runs/run_session.h"
#include "tests/fixtures.h"

using namespace mgdm;
using mgdm::test::quick_request;
using mgdm::test::test_photo;
using mgdm::test::tiny_prior;

namespace {

/// As another denoiser, but with a failure after some calls.
class Failing : public Denoiser {
 public:
  Failing(std::shared_ptr<Denoiser> inner, std::function<void(int call, at::Tensor&)> fail)
      : inner_(std::move(inner)), fail_(std::move(fail)) {}
  at::Tensor predict_x0(const at::Tensor& x, const Levels& levels) override {
    at::Tensor x0 = inner_->predict_x0(x, levels);
    fail_(++calls_, x0);
    return x0;
  }
  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    at::Tensor x0 = inner_->denoise(x, sigma);
    fail_(++calls_, x0);
    return x0;
  }

 private:
  std::shared_ptr<Denoiser> inner_;
  std::function<void(int, at::Tensor&)> fail_;
  int calls_ = 0;
};

Prior failing_prior(const std::string& name, const std::function<void(int, at::Tensor&)>& fail) {
  Prior prior = *tiny_prior();
  prior.name = name;
  prior.precision = "bfloat16";
  prior.denoiser = std::make_shared<Failing>(prior.denoiser, fail);
  return prior;
}

/// In the faster type the model gives no numbers, from when `broken` is set.
ModelPool nan_in_bfloat16(std::shared_ptr<bool> broken) {
  return ModelPool([broken](const std::string& name, const ModelPlace& place) {
    if (place.precision == "float32") return *tiny_prior();
    return failing_prior(name, [broken](int, at::Tensor& x0) {
      if (*broken) x0 = x0 * NAN;
    });
  });
}

ModelPool sound_models() {
  return ModelPool([](const std::string& name, const ModelPlace&) {
    Prior prior = *tiny_prior();
    prior.name = name;
    if (name == "other")
      prior.denoiser = std::make_shared<Failing>(prior.denoiser, [](int, at::Tensor& x0) { x0 = x0 * 0.5; });
    if (name == "cosine") prior.schedule = NoiseSchedule::cosine();
    return prior;
  });
}

RunRequest fill_request() {
  RunRequest request = quick_request("inpainting");
  request.observed = true;
  request.samples = 2;
  request.sampler_settings = {{"steps", 10}, {"denoising_steps", 2}, {"gradient_steps", 1}};
  return request;
}

/// Another photo, where the window would have opened one.
class OtherPhoto : public GivenInput {
 public:
  OtherPhoto() : GivenInput(test_photo().flip({2})) {}
  std::string identity() const override { return "other"; }
  void check_is(const nlohmann::json&) const override { throw SettingError("the photo is another one"); }
};

at::Tensor hole() {
  at::Tensor mask = at::zeros({64, 80}, at::kByte);
  mask.slice(0, 10, 30).slice(1, 20, 50).fill_(255);
  return mask;
}

QString refused(const std::function<void()>& what) {
  try {
    what();
  } catch (const Error& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

}  // namespace

class TestRunSession : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }
  GivenInput input_{test_photo(), hole()};

 private Q_SLOTS:
  void noNumbersInBfloat16AreAskedForInFloat32() {
    ModelPool pool = nan_in_bfloat16(std::make_shared<bool>(true));
    RunSession session(pool);
    std::vector<FallBack> told;
    RunObserver observer;
    observer.notice = [&](const FallBack& f) { told.push_back(f); };
    const SessionResult done = session.run(fill_request(), input_, observer);
    QCOMPARE(told.size(), size_t{1});
    QVERIFY(told[0].kind == FallBack::Kind::Float32);
    QCOMPARE(done.run->prior().precision, std::string("float32"));
    QVERIFY(done.result.samples.isfinite().all().item<bool>());
    const nlohmann::json record = run_record(*done.run, done.result, done.context);
    QCOMPARE(record.at("fall_backs").at(0).at("to").get<std::string>(), std::string("float32"));
    // It is not tried again in vain.
    session.run(fill_request(), input_, observer);
    QCOMPARE(told.size(), size_t{1});
  }

  void whoAsksForAPrecisionGetsItsFailure() {
    ModelPool pool = nan_in_bfloat16(std::make_shared<bool>(true));
    RunPolicy policy;
    policy.fall_back.place.precision = "bfloat16";
    RunSession session(pool, policy);
    QVERIFY(refused([&] { session.run(fill_request(), input_); }).contains("step"));
  }

  // A record from a machine with an instruction set that this one lacks: asked for or not, float32 is the only way.
  void aTypeThatCannotBeComputedIsFloat32() {
    FallBackPolicy policy;
    policy.place.precision = "bfloat16";
    Attempt attempt{policy.place, 2, true};
    const std::runtime_error failure("could not create a primitive descriptor iterator");
    const auto next = another_way(failure, policy, attempt);
    QVERIFY(next.has_value());
    QVERIFY(next->kind == FallBack::Kind::Float32);
    QVERIFY2(next->reason.find("processor") != std::string::npos, next->reason.c_str());
    QCOMPARE(attempt.place.precision, std::string("float32"));
    QCOMPARE(attempt.samples, int64_t{2});
    QVERIFY(!another_way(failure, policy, attempt).has_value());  // once
  }

  // The start is found once, before the first attempt: the failed one has left its own iterates by then.
  void aRetryKeepsItsBranch() {
    const auto broken = std::make_shared<bool>(false);
    ModelPool pool = nan_in_bfloat16(broken);
    RunSession session(pool);
    RunRequest parent = fill_request();
    parent.sampler_settings["steps"] = 8;
    session.run(parent, input_);
    QVERIFY(session.trajectory().find(4, 1) != nullptr);
    const KeptIterate from = *session.trajectory().find(4, 1);
    *broken = true;
    int notices = 0;
    std::vector<int> steps;
    RunObserver observer;
    observer.notice = [&](const FallBack&) {
      ++notices;
      steps.clear();
    };
    observer.iterate = [&](const Run&, const Iterate& it) { steps.push_back(it.step); };
    RunRequest child = parent;
    child.seed = 5;
    const SessionResult done = session.branch({.step = 4, .gibbs = 1}, child, input_, observer);
    QCOMPARE(notices, 1);
    QCOMPARE(steps.front(), 5);  // goes on from step 4, not from pure noise and not from the failed attempt
    QCOMPARE(done.run->request().branch.at("step").get<int>(), 4);
    QCOMPARE(done.run->request().branch.at("precision").get<std::string>(), std::string("bfloat16"));
    // What a sound model would have made of it.
    ModelPool sound = sound_models();
    const SamplerStart start{from.t, from.x_t, from.x0};
    const Run same(sound.get("tiny", {}), done.run->request(), test_photo(), hole());
    QVERIFY(at::equal(same.execute({}, {}, &start).samples, done.result.samples));
  }

  void goingOnDoesNotGoOnFromAFailedAttempt() {
    const auto broken = std::make_shared<bool>(false);
    ModelPool pool = nan_in_bfloat16(broken);
    RunSession session(pool);
    RunRequest request = fill_request();
    request.sampler_settings["steps"] = 8;
    session.run(request, input_);
    const nlohmann::json parent = session.trajectory().kept().back().step;
    *broken = true;
    const SessionResult done = session.go_on(request, input_);
    QCOMPARE(done.run->request().branch.at("step"), parent);
    QVERIFY(!done.run->request().branch.at("request").contains("branch"));
  }

  void aBranchIsReplayedWithItsParentsModel() {
    ModelPool pool = sound_models();
    RunSession session(pool);
    RunRequest parent = fill_request(), child = parent;
    parent.prior = "other";
    session.run(parent, input_);
    child.seed = 3;
    const SessionResult live = session.branch({.step = 5, .gibbs = 1}, child, input_);
    const auto replay = run_record(*live.run, live.result).at("request").get<RunRequest>();
    ModelPool fresh = sound_models();
    const SessionResult again = RunSession(fresh).run(replay, input_);
    QVERIFY(at::equal(again.result.samples, live.result.samples));
  }

  void aBranchGoesOnFromTheKeptIterate_data() {
    QTest::addColumn<QString>("sampler");
    QTest::newRow("mgdm") << "mgdm";
    QTest::newRow("ddim") << "ddim";
  }
  void aBranchGoesOnFromTheKeptIterate() {
    QFETCH(QString, sampler);
    ModelPool pool = sound_models();
    RunSession session(pool);
    RunRequest request = fill_request();
    request.sampler = sampler.toStdString();
    request.sampler_settings = {{"steps", 8}};
    if (sampler == "mgdm")
      request.sampler_settings = {{"steps", 10}, {"denoising_steps", 2}, {"gradient_steps", 1}, {"gibbs", 2}};
    session.run(request, input_);
    const int gibbs = sampler == "mgdm" ? 1 : 0;
    const KeptIterate from = *session.trajectory().find(4, gibbs);

    at::Tensor larger = hole();
    larger.slice(0, 40, 50).fill_(255);
    GivenInput with_more(test_photo(), larger);
    RunRequest child = request;
    child.seed = 99;
    std::vector<Iterate> seen;
    RunObserver observer;
    observer.iterate = [&](const Run&, const Iterate& it) { seen.push_back(it); };
    const SessionResult live = session.branch({.step = 4, .gibbs = gibbs}, child, with_more, observer);
    QVERIFY(!seen.empty() && seen.front().t < from.t && seen.front().step == 5);
    QVERIFY(live.result.samples.isfinite().all().item<bool>());
    // From its record alone, mask and parent included, it gives the same bytes.
    const auto replay = run_record(*live.run, live.result).at("request").get<RunRequest>();
    GivenInput photo_alone(test_photo());
    ModelPool fresh = sound_models();
    QVERIFY(at::equal(RunSession(fresh).run(replay, photo_alone).result.samples, live.result.samples));

    // All samples from one sample's state, more of them than the parent had.
    session.run(request, input_);
    child.samples = 3;
    const SessionResult many = session.branch({.step = 4, .gibbs = gibbs, .sample = 1}, child, with_more);
    QCOMPARE(many.result.samples.size(0), int64_t{3});
    QVERIFY(!at::equal(many.result.samples[0], many.result.samples[1]) || sampler == "ddim");
  }

  // Two of four go on: each from its own state, and only they are paid for.
  void aBranchTakesSomeOfTheSamples_data() {
    QTest::addColumn<QString>("sampler");
    QTest::newRow("mgdm") << "mgdm";
    QTest::newRow("ddim") << "ddim";
  }
  void aBranchTakesSomeOfTheSamples() {
    QFETCH(QString, sampler);
    const auto asked = std::make_shared<std::vector<int64_t>>();
    ModelPool pool([asked](const std::string& name, const ModelPlace&) {
      Prior prior = failing_prior(name, [asked](int, at::Tensor& x0) { asked->push_back(x0.size(0)); });
      prior.precision = "float32";
      return prior;
    });
    RunSession session(pool);
    RunRequest request = fill_request();
    request.samples = 4;
    request.sampler = sampler.toStdString();
    if (sampler == "ddim") request.sampler_settings = {{"steps", 10}, {"eta", 0}};
    const int gibbs = sampler == "mgdm" ? 1 : 0;
    session.run(request, input_);
    const KeptIterate from = *session.trajectory().find(4, gibbs);
    asked->clear();
    at::Tensor first;
    RunObserver observer;
    observer.begun = [&](const Run& run, const RunInput&) { QCOMPARE(run.request().samples, int64_t{2}); };
    const SessionResult live =
        session.branch({.step = 4, .gibbs = gibbs, .samples = {3, 1}}, request, input_, observer);
    QCOMPARE(live.result.samples.size(0), int64_t{2});
    QVERIFY(!asked->empty() && std::all_of(asked->begin(), asked->end(), [](int64_t n) { return n == 2; }));
    QVERIFY(live.run->request().branch.at("chains") == nlohmann::json({3, 1}));
    QVERIFY(!live.run->request().branch.contains("chain"));
    if (sampler == "ddim") {  // without noise of its own it is what those samples would have become
      ModelPool other = sound_models();
      RunSession all(other);
      all.run(request, input_);
      const at::Tensor whole = all.branch({.step = 4, .gibbs = gibbs}, request, input_).result.samples;
      QVERIFY(at::allclose(live.result.samples[0], whole[3], 1e-4, 1e-5));
      QVERIFY(at::allclose(live.result.samples[1], whole[1], 1e-4, 1e-5));
      QVERIFY(!at::allclose(live.result.samples[0], whole[0], 1e-4, 1e-5));
    }
    // From its record alone it gives the same bytes; so does what went on from it in turn.
    const auto replay = run_record(*live.run, live.result).at("request").get<RunRequest>();
    ModelPool fresh = sound_models();
    QVERIFY(at::equal(RunSession(fresh).run(replay, input_).result.samples, live.result.samples));
    const int later = session.trajectory().kept().front().step + 1;
    const SessionResult one = session.branch({.step = later, .gibbs = gibbs, .samples = {1}}, request, input_);
    QCOMPARE(one.result.samples.size(0), int64_t{1});
    const auto again = run_record(*one.run, one.result).at("request").get<RunRequest>();
    QVERIFY(at::equal(RunSession(fresh).run(again, input_).result.samples, one.result.samples));
  }

  void modelsOfAnotherSpaceAreRefused() {
    ModelPool pool = sound_models();
    RunSession session(pool);
    RunRequest parent = fill_request(), child = parent;
    session.run(parent, input_);
    child.prior = "cosine";
    const QString why = refused([&] { session.branch({.step = 5, .gibbs = 1}, child, input_); });
    QVERIFY2(why.contains("another space"), qPrintable(why));
    // The parent's iterates are still there.
    child.prior = parent.prior;
    session.branch({.step = 5, .gibbs = 1}, child, input_);
  }

  void memoryThatIsShortMeansFewerSamples() {
    ModelPool pool([](const std::string& name, const ModelPlace&) {
      return failing_prior(name, [](int, at::Tensor& x0) {
        if (x0.size(0) > 1) throw std::bad_alloc();
      });
    });
    RunSession session(pool);
    RunRequest request = fill_request();
    request.samples = 4;
    std::vector<int64_t> left;
    RunObserver observer;
    observer.notice = [&](const FallBack& f) { left.push_back(f.samples); };
    const SessionResult done = session.run(request, input_, observer);
    QCOMPARE(left, (std::vector<int64_t>{2, 1}));
    QCOMPARE(done.result.samples.size(0), int64_t{1});
    QCOMPARE(run_record(*done.run, done.result, done.context).at("fall_backs").size(), size_t{2});
  }

  void aCardThatFailsLeavesItToTheProcessor() {
    ModelPool pool([](const std::string& name, const ModelPlace& place) {
      if (place.device == "cpu") return *tiny_prior();
      return failing_prior(name, [](int call, at::Tensor&) {
        if (call > 3) throw std::runtime_error("CUDA error: an illegal memory access was encountered\nmore of it");
      });
    });
    RunPolicy policy;
    policy.fall_back.gpu_present = true;
    RunSession session(pool, policy);
    std::vector<FallBack> told;
    RunObserver observer;
    observer.notice = [&](const FallBack& f) { told.push_back(f); };
    const SessionResult done = session.run(fill_request(), input_, observer);
    QCOMPARE(told.size(), size_t{1});
    QVERIFY(told[0].kind == FallBack::Kind::Processor);
    QCOMPARE(told[0].reason, std::string("CUDA error: an illegal memory access was encountered"));
    QVERIFY(done.result.samples.isfinite().all().item<bool>());
  }

  // The start survives the change of the device: the failed attempt has left iterates of its own by then.
  void aBranchGoesOnOnTheProcessor() {
    const auto broken = std::make_shared<bool>(false);
    ModelPool pool([broken](const std::string& name, const ModelPlace& place) {
      if (place.device == "cpu") return *tiny_prior();
      return failing_prior(name, [broken](int call, at::Tensor&) {
        if (*broken && call > 30) throw std::runtime_error("CUDA error: unspecified launch failure");
      });
    });
    RunPolicy policy;
    policy.fall_back.gpu_present = true;
    RunSession session(pool, policy);
    const RunRequest parent = fill_request();
    session.run(parent, input_);
    const KeptIterate from = *session.trajectory().find(4, 1);
    *broken = true;
    std::vector<FallBack> told;
    std::vector<int> steps;
    RunObserver observer;
    observer.notice = [&](const FallBack& f) {
      told.push_back(f);
      steps.clear();
    };
    observer.iterate = [&](const Run&, const Iterate& it) { steps.push_back(it.step); };
    RunRequest child = parent;
    child.seed = 5;
    const SessionResult done = session.branch({.step = 4, .gibbs = 1}, child, input_, observer);
    QCOMPARE(told.size(), size_t{1});
    QVERIFY(told[0].kind == FallBack::Kind::Processor);
    QCOMPARE(steps.front(), 5);
    QCOMPARE(run_record(*done.run, done.result, done.context).at("fall_backs").size(), size_t{1});
    ModelPool sound = sound_models();
    const SamplerStart start{from.t, from.x_t, from.x0};
    const Run same(sound.get("tiny", {}), done.run->request(), test_photo(), hole());
    QVERIFY(at::equal(same.execute({}, {}, &start).samples, done.result.samples));
  }

  // A branch has as many samples as its parent: where there is no memory for them it is not made smaller in silence.
  void aBranchIsNotMadeSmaller() {
    const auto broken = std::make_shared<bool>(false);
    ModelPool pool([broken](const std::string& name, const ModelPlace&) {
      return failing_prior(name, [broken](int, at::Tensor&) {
        if (*broken) throw std::bad_alloc();
      });
    });
    RunSession session(pool);
    session.run(fill_request(), input_);
    *broken = true;
    int notices = 0;
    RunObserver observer;
    observer.notice = [&](const FallBack&) { ++notices; };
    QVERIFY_EXCEPTION_THROWN(session.branch({.step = 4, .gibbs = 1}, fill_request(), input_, observer), std::bad_alloc);
    QCOMPARE(notices, 0);
  }

  void anotherPhotoIsNotGoneOnWith() {
    ModelPool pool = sound_models();
    RunSession session(pool);
    RunRequest request = fill_request();
    const SessionResult done = session.run(request, input_);
    const KeptIterate kept = session.trajectory().kept().front();
    OtherPhoto other;
    const BranchPoint from{.step = kept.step, .gibbs = kept.gibbs};
    QVERIFY(refused([&] { session.branch(from, request, other); }).contains("photo or the working area has changed"));
    QVERIFY(refused([&] { session.go_on(request, other); }).contains("photo or the working area has changed"));
    const RunState state{kept, run_record(*done.run, done.result).at("request"), {}, "float32"};
    QVERIFY(refused([&] { session.resume(state, request, other); }).contains("another one"));
    session.branch(from, request, input_);  // the right one still can be
    // Nothing is kept before a run: there is nothing to branch from, and going on is beginning.
    RunSession fresh(pool);
    QVERIFY(!refused([&] { fresh.branch(from, request, input_); }).isEmpty());
    std::vector<int> steps;
    RunObserver observer;
    observer.iterate = [&](const Run&, const Iterate& it) { steps.push_back(it.step); };
    fresh.go_on(request, input_, observer);
    QCOMPARE(steps.front(), 1);
  }

  void aMistakeIsNotTriedTwice() {
    int loads = 0;
    ModelPool pool([&](const std::string&, const ModelPlace&) {
      ++loads;
      return *tiny_prior();
    });
    RunPolicy policy;
    policy.fall_back.gpu_present = true;
    RunSession session(pool, policy);
    RunRequest request = fill_request();
    request.sampler_settings["steps"] = -3;
    QVERIFY(refused([&] { session.run(request, input_); }).contains("steps"));
    QCOMPARE(loads, 1);
  }

  void anInterruptedRunIsResumed() {
    const auto file = path("state.safetensors");
    ModelPool pool = sound_models();
    RunSession session(pool);
    KeptIterate kept;
    RunObserver observer;
    nlohmann::json complete;
    observer.iterate = [&](const Run& run, const Iterate& it) {
      if (it.step != 4) return;
      kept = session.trajectory().kept().back();
      complete = run_record(run, {}).at("request");
      write_run_state(file, {kept, complete, {{"photo", "x.png"}}, run.prior().precision});
    };
    session.run(fill_request(), input_, observer);
    QCOMPARE(read_run_state_summary(file).iterate.step, 4);
    ModelPool fresh = sound_models();
    RunRequest request = fill_request();
    request.seed = 8;
    const SessionResult resumed = RunSession(fresh).resume(read_run_state(file), request, input_);
    const SamplerStart start{kept.t, kept.x_t, kept.x0};
    const Run same(fresh.get("tiny", {}), resumed.run->request(), test_photo(), hole());
    QVERIFY(at::equal(same.execute({}, {}, &start).samples, resumed.result.samples));
    // And its record gives the same again.
    const auto replay = run_record(*resumed.run, resumed.result).at("request").get<RunRequest>();
    QVERIFY(at::equal(RunSession(fresh).run(replay, input_).result.samples, resumed.result.samples));
  }

  void theStateFileGoesWhenTheRunEnds() {
    const auto file = path("going.safetensors");
    ModelPool pool([](const std::string& name, const ModelPlace&) {
      return failing_prior(name, [](int, at::Tensor&) { QTest::qSleep(120); });
    });
    RunPolicy policy;
    policy.state_file = file;
    RunSession session(pool, policy);
    bool seen = false;
    RunObserver observer;
    observer.iterate = [&](const Run&, const Iterate&) { seen = seen || std::filesystem::exists(file); };
    session.run(fill_request(), input_, observer);
    QVERIFY(seen);
    QVERIFY(!std::filesystem::exists(file));
  }

  void aSuspendedRunKeepsItsNewestState() {
    const auto file = path("suspended.safetensors");
    ModelPool pool = sound_models();
    RunPolicy policy;
    policy.state_file = file;
    bool suspended = true;
    policy.suspended = [&] { return suspended; };
    RunSession session(pool, policy);
    std::stop_source stop;
    RunObserver observer;
    Iterate last;
    observer.iterate = [&](const Run&, const Iterate& it) {
      last = it;
      if (it.step == 3) stop.request_stop();
    };
    QVERIFY(session.run(fill_request(), input_, observer, stop.get_token()).result.stopped);
    const RunState state = read_run_state(file);  // though it took no two seconds
    QCOMPARE(state.iterate.step, last.step);
    QCOMPARE(state.iterate.seconds, last.seconds);
    QCOMPARE(state.iterate.forward, last.evaluations.forward);
    // Going on it counts on.
    std::vector<Iterate> on;
    observer.iterate = [&](const Run&, const Iterate& it) { on.push_back(it); };
    session.resume(state, fill_request(), input_, observer);
    QVERIFY(on.front().step > last.step && on.front().seconds > last.seconds &&
            on.front().evaluations.forward > last.evaluations.forward);
    QVERIFY(!std::filesystem::exists(file));  // it has come to its end
    // Stopped for good it leaves nothing.
    suspended = false;
    std::stop_source again;
    observer.iterate = [&](const Run&, const Iterate& it) {
      if (it.step == 3) again.request_stop();
    };
    QVERIFY(session.run(fill_request(), input_, observer, again.get_token()).result.stopped);
    QVERIFY(!std::filesystem::exists(file));
  }

  void aStopKeepsTheLatestEstimate() {
    ModelPool pool = sound_models();
    RunSession session(pool);
    std::stop_source stop;
    RunObserver observer;
    observer.iterate = [&](const Run&, const Iterate& it) {
      if (it.step == 3) stop.request_stop();
    };
    const SessionResult done = session.run(fill_request(), input_, observer, stop.get_token());
    QVERIFY(done.result.stopped);
    QVERIFY(done.result.samples.isfinite().all().item<bool>());
    // Stopped while a parent is repeated there is nothing.
    RunRequest branch = fill_request();
    branch.branch = {
        {"request", run_record(*done.run, done.result).at("request")}, {"step", 3}, {"gibbs", 1}, {"chain", -1}};
    QVERIFY(session.run(branch, input_, {}, stop.get_token()).result.stopped);
  }

  void badBranchesAreNamed() {
    ModelPool pool = sound_models();
    RunSession session(pool);
    RunRequest parent = fill_request();
    const SessionResult done = session.run(parent, input_);
    const nlohmann::json of = run_record(*done.run, done.result).at("request");
    RunRequest branch = parent;
    branch.branch = {{"step", 1}};
    QVERIFY(refused([&] { session.run(branch, input_); }).contains("must hold"));
    branch.branch = {{"request", of}, {"step", 4}, {"gibbs", 1}, {"chain", 2}};
    QVERIFY(refused([&] { session.run(branch, input_); }).contains("does not have"));
    for (const nlohmann::json& chains : {nlohmann::json{0, 2}, nlohmann::json{-1, 0}, nlohmann::json::array(),
                                         nlohmann::json{0}}) {  // the last: two samples are asked for
      branch.branch = {{"request", of}, {"step", 4}, {"gibbs", 1}, {"chains", chains}};
      QVERIFY(refused([&] { session.run(branch, input_); }).contains("does not have"));
    }
    branch.branch = {{"request", of}, {"step", 4}, {"gibbs", 1}, {"chains", "all"}};
    QVERIFY(refused([&] { session.run(branch, input_); }).contains("must hold"));
    QVERIFY(refused([&] {
              session.branch({.step = 4, .gibbs = 1, .samples = {0, 2}}, parent, input_);
            }).contains("no sample 2"));
    branch.branch = {{"request", of}, {"step", 400}, {"gibbs", 1}, {"chain", 0}};
    QVERIFY(refused([&] { session.run(branch, input_); }).contains("does not reach"));
    QVERIFY(refused([&] { session.branch({.step = 400, .gibbs = 1}, parent, input_); }).contains("no longer kept"));
  }

  void filesAndWindowGiveTheSameInput() {
    // A photo of 16 bits in a file, and as the window holds it; the mask too.
    cv::Mat pixels(150, 200, CV_16UC3);
    for (int y = 0; y < pixels.rows; ++y) {
      for (int x = 0; x < pixels.cols; ++x) pixels.at<cv::Vec3w>(y, x) = cv::Vec3w(x * 300, y * 400, (x * y) % 65536);
    }
    Photo photo;
    photo.pixels = pixels;
    write_photo(path("photo.png"), photo);
    at::Tensor mask = at::zeros({150, 200}, at::kByte);
    mask.slice(0, 40, 60).slice(1, 90, 130).fill_(255);
    write_image(path("mask.png"), mask);
    const Prior prior = *tiny_prior();
    Settings ignored = Settings::object();
    const Task& task = find_task("inpainting", ignored);
    const RunRequest request = fill_request();
    const WorkingArea area = whole_photo_area({200, 150}, 96, {8, 64, 512});
    const RunInput a =
        PhotoInput(photo_source(path("photo.png"), path("mask.png")), area).prepare(prior, task, request);
    PhotoSource opened;
    opened.photo = std::make_shared<const Photo>(read_photo(path("photo.png")));
    opened.color = std::make_shared<const ColorTransform>("");
    opened.mask = cv::Mat(150, 200, CV_8UC1, mask.data_ptr()).clone();
    opened.origin = nlohmann::json::object();
    PhotoInput window(opened, area);
    const RunInput b = window.prepare(prior, task, request);
    QVERIFY(at::equal(a.signal, b.signal) && at::equal(a.hole, b.hole));
    QCOMPARE(a.origin.at("area"), b.origin.at("area"));
    QVERIFY(a.hole.sum().item<int64_t>() > 0);
    QVERIFY(!at::equal((a.signal * 127.5).round(), a.signal * 127.5));  // not through 8 bits
  }

  void masksFollowThePhoto() {
    const Prior prior = *tiny_prior();
    Settings ignored = Settings::object();
    const Task& task = find_task("inpainting", ignored);
    write_image(path("p.png"), at::zeros({3, 200, 300}, at::kByte));
    at::Tensor mask = at::zeros({200, 300}, at::kByte);
    mask.slice(0, 90, 110).slice(1, 140, 160).fill_(255);
    write_image(path("m.png"), mask);
    const RunInput input =
        PhotoInput(photo_source(path("p.png"), path("m.png")), whole_photo_area({300, 200}, 64, {8, 64, 512}))
            .prepare(prior, task, fill_request());
    QCOMPARE(input.hole.sizes(), at::IntArrayRef({input.signal.size(1), input.signal.size(2)}));
    QVERIFY(input.hole[32][input.hole.size(1) / 2].item<bool>());
    QVERIFY(!input.hole[5][5].item<bool>());
    write_image(path("small.png"), at::full({10, 10}, 255, at::kByte));
    const QString why = refused([&] {
      PhotoInput(photo_source(path("p.png"), path("small.png")), whole_photo_area({300, 200}, 64, {8, 64, 512}))
          .prepare(prior, task, fill_request());
    });
    QVERIFY2(why.contains("10x10") && why.contains("300x200"), qPrintable(why));
  }
};

QTEST_GUILESS_MAIN(TestRunSession)
#include "tst_run_session.moc"
