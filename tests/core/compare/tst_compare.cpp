// The engine of comparisons: specs, keys, the store, shards, what is interrupted and what fails.
#include <ATen/ATen.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <QTemporaryDir>
#include <QtTest>
#include <fstream>
#include <thread>

#include "core/checkpoints/safetensors.h"
#include "core/compare/pack.h"
#include "core/compare/photo_view.h"
#include "core/compare/sweep.h"
#include "core/files/json_text.h"
#include "core/files/prune.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "core/metrics/image_metrics.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/mdct_codec.h"
#include "tests/fixtures.h"

using namespace mgdm;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

const fs::path kToy = fs::path(MGDM_SOURCE_DIR) / "tests/data/oracle/gm_pub_d2.json";

json toy_spec() {
  return {{"base", {{"problem", kToy.string()}, {"samples", 50}, {"steps", 10}}},
          {"axes", {{{"key", "sampler"}, {"values", {"ddim", "pgdm"}}}, {{"key", "seed"}, {"values", "1..4"}}}}};
}

// What `f` says when it refuses.
template <typename F>
QString sentence_of(F&& f) {
  try {
    f();
  } catch (const Error& e) {
    return QString::fromStdString(e.what());
  }
  return {};
}

std::vector<std::string> texts(const json& values) {
  std::vector<std::string> list;
  for (const json& value : axis_values(values)) list.push_back(json_text(value));
  return list;
}

int64_t files_ending(const fs::path& folder, const std::string& ending) {
  int64_t count = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    count += name.size() > ending.size() && name.ends_with(ending) ? 1 : 0;
  }
  return count;
}

}  // namespace

class TstCompare : public QObject {
  Q_OBJECT

  QTemporaryDir dir_;
  fs::path path(const char* name) const { return fs::path(dir_.path().toStdString()) / name; }

  SweepReport run(const CompareSpec& spec, const fs::path& out, const SweepOptions& options = {},
                  const SweepObserver& observer = {}, std::stop_token stop = {}) {
    return sweep(cells_of(spec), spec, CellStore(out), options, observer, std::move(stop));
  }

  // A photo, and a model of a few thousand weights in a file.
  json photo_spec() {
    if (!fs::exists(path("tiny.safetensors"))) {
      save_denoising_unet(path("tiny.safetensors"), *test::tiny_network());
      write_image(path("photo.png"), to_pixels(test::test_photo()));
    }
    return {{"base",
             {{"photo", path("photo.png").string()},
              {"prior", path("tiny.safetensors").string()},
              {"task", "denoising"},
              {"sampler", "mgdm"},
              {"preset", ""},
              {"steps", 6},
              {"denoising_steps", 2},
              {"gradient_steps", 1},
              {"samples", 2}}},
            {"axes", {{{"key", "seed"}, {"values", {1, 2}}}}}};
  }

  // Two stems, four windows of sound, and a model of a few thousand weights for them.
  json song_spec(const std::string& kind) {
    const fs::path card = path("duo.json"), tensors = path("song.safetensors"), sound = path("song");
    if (!fs::exists(card)) {
      MdctOptions codec;
      codec.bins = 64;
      DenoisingUnetOptions network;
      network.image_channels = 2;
      network.channels = {16, 16};
      network.blocks = {1, 1};
      network.embedding = 32;
      at::manual_seed(1);
      DenoisingUnet untrained(network);
      save_denoising_unet(path("duo.safetensors"), untrained, {{"codec", json_text(json(codec))}});
      std::ofstream(card) << json_text({{"name", "duo"},
                                        {"label", "Duo"},
                                        {"family", "band-unet"},
                                        {"weights", "duo.safetensors"},
                                        {"stems", {"low", "high"}},
                                        {"level", 0.1}});
      const at::Tensor t = at::arange(64 * 100, at::kDouble);
      const at::Tensor stems = at::stack({(t * 0.4).sin() * 0.2, (t * 2.5).sin() * 0.1}).to(at::kFloat);
      write_safetensors(tensors, {{{"stems", (stems * 32768).to(at::kShort)}}, {}});
      fs::create_directories(sound);
      const at::Tensor wide = resample(stems, 22050, 44100);  // also what the model's rate has no room for
      for (const auto& [name, k] : {std::pair{"low", 0}, {"high", 1}})
        write_sound(sound / (name + std::string(".wav")), {wide[k].expand({2, -1}).contiguous(), 44100});
      write_sound(path("song.wav"), {wide.sum(0).expand({2, -1}).contiguous(), 44100});
    }
    json spec = {
        {"base",
         {{"prior", card.string()}, {"preset", "quick"}, {"steps", 5}, {"frames", 32}, {"overlap", 8}, {"samples", 2}}},
        {"axes", {{{"key", "seed"}, {"values", {7}}}}}};
    spec["base"]["song"] = kind == "tensors" ? tensors.string() : path("song.wav").string();
    if (kind != "tensors") spec["base"]["stems"] = sound.string();
    return spec;
  }

  // The cell of a song is stopped in its third window of four; the sweep's folder.
  void stop_song(const CompareSpec& spec, const fs::path& out) {
    const auto stop = std::make_unique<std::stop_source>();  // on the stack GCC 12 believes it uninitialised
    SweepObserver observer;
    observer.iterate = [&](const Cell&, const CellIterate& it) {
      if (it.share > 0.6) stop->request_stop();
    };
    const SweepReport stopped = run(spec, out, {}, observer, stop->get_token());
    QVERIFY(stopped.stopped);
    QCOMPARE(stopped.done + stopped.failed, size_t{0});
    QVERIFY(fs::exists(CellStore(out).state_file(cells_of(spec).front().key)));
  }

  // Runs a folder's cells and says where the first began and how much the network was asked in this process.
  struct Watched {
    double first = -1;
    int64_t evaluations = 0;
  };
  Watched watched(const CompareSpec& spec, const fs::path& out) {
    Watched seen;
    int64_t before = 0;  // in this window
    SweepObserver observer;
    observer.iterate = [&](const Cell&, const CellIterate& it) {
      if (seen.first < 0) seen.first = it.share;
      const int64_t now = it.iterate->evaluations.forward;
      seen.evaluations += now - (now < before ? 0 : before);
      before = now;
    };
    const SweepReport report = run(spec, out, {}, observer);
    if (report.done != 1) qWarning("done %zu, failed %zu", report.done, report.failed);
    return seen;
  }

 private Q_SLOTS:
  void valuesAreListsAndRanges() {
    using List = std::vector<std::string>;
    QCOMPARE(texts("1..4"), (List{"1", "2", "3", "4"}));
    QCOMPARE(texts("16..256*2"), (List{"16", "32", "64", "128", "256"}));
    QCOMPARE(texts("0..1+0.25"), (List{"0.0", "0.25", "0.5", "0.75", "1.0"}));
    QCOMPARE(texts("2..7+2"), (List{"2", "4", "6"}));
    QCOMPARE(texts("mgdm, dps, 3..4"), (List{"\"mgdm\"", "\"dps\"", "3", "4"}));
    QCOMPARE(texts(json::array({"a", 2, true})), (List{"\"a\"", "2", "true"}));
    QCOMPARE(texts("../photos/a.jpg"), (List{"\"../photos/a.jpg\""}));
    for (const char* wrong : {"4..1", "1..8*1", "0..8*2", "1..x", "a,,b"})
      QVERIFY2(!sentence_of([&] { axis_values(wrong); }).isEmpty(), wrong);
  }

  void mistakesAreNamed_data() {
    QTest::addColumn<QString>("spec");
    QTest::addColumn<QString>("word");
    const auto row = [](const char* spec, const char* word) { QTest::newRow(spec) << QString(spec) << QString(word); };
    row(R"([1])", "JSON object");
    row(R"({"axis": []})", "'axis'");
    row(R"({"base": {"task": "denoising"}})", "problem");
    row(R"({"base": {"problem": "x"}, "axes": [{"key": "seed"}]})", "values");
    row(R"({"base": {"problem": "x"}, "axes": [{"values": [1]}]})", "key");
    row(R"({"base": {"problem": "x"}, "axes": [{"name": "a", "values": [1]}]})", "'a'");
    row(R"({"base": {"problem": "x"}, "axes": [{"key": "seed", "values": [1, 1]}]})", "twice");
    row(R"({"base": {"problem": "x"}, "axes": [{"key": "seed", "values": []}]})", "no values");
    row(R"({"base": {"problem": "x"}, "axes": [{"key": "seed", "values": "3..1"}]})", "3..1");
    row(R"({"base": {"problem": "x"}, "medium": "film"})", "film");
    row(R"({"base": {"problem": "x"}, "keep": {"iterates": -1}})", "iterates");
    row(R"({"base": {"problem": "x"}, "skip": ["x"]})", "skip");
  }
  void mistakesAreNamed() {
    QFETCH(QString, spec);
    QFETCH(QString, word);
    const QString said = sentence_of([&] { parse_spec(parse_json(spec.toStdString()), "/"); });
    QVERIFY2(said.contains(word), qPrintable(said));
    QVERIFY(!said.contains('\n'));
  }

  void eachBadCellSaysWhy() {
    json spec = toy_spec();
    spec["axes"].push_back({{"key", "gibbs"}, {"values", {1, 2}}});
    const auto cells = cells_of(parse_spec(spec, "/"));
    QCOMPARE(cells.size(), size_t{16});
    for (const Cell& cell : cells) QVERIFY2(cell.error.find("gibbs") != std::string::npos, cell.error.c_str());
    spec["axes"][0]["values"] = {"mgdm", "ddim"};
    spec["skip"] = "impossible";
    QCOMPARE(cells_of(parse_spec(spec, "/")).size(), size_t{8});  // MGDM alone has Gibbs repetitions
    spec["base"]["problem"] = "/nowhere.json";
    QVERIFY(sentence_of([&] { cells_of(parse_spec(spec, "/")); }).contains("skipped"));
  }

  void rulesSkipCells() {
    json spec = toy_spec();
    spec["skip"] = {{{"sampler", "ddim"}, {"seed", 2}}, {{"seed", 4}}};
    const auto cells = cells_of(parse_spec(spec, "/"));
    std::vector<std::string> labels;
    for (const Cell& cell : cells) labels.push_back(cell.label);
    QCOMPARE(labels, (std::vector<std::string>{"ddim, 1", "ddim, 3", "pgdm, 1", "pgdm, 2", "pgdm, 3"}));
  }

  void valuesOfAnAxisMaySaySeveralKeys() {
    json spec = toy_spec();
    spec["axes"][0] = {{"name", "method"},
                       {"values",
                        {{{"label", "ten"}, {"sampler", "ddim"}, {"steps", 10}},
                         {{"label", "twenty"}, {"sampler", "ddim"}, {"settings", {{"steps", 20}}}}}}};
    const auto cells = cells_of(parse_spec(spec, "/"));
    QCOMPARE(cells.size(), size_t{8});
    QCOMPARE(cells[4].label, std::string("twenty, 1"));
    QCOMPARE(cells[4].run["request"]["settings"]["steps"].get<int>(), 20);
    // The same comparison, read back from what is written of it.
    const CompareSpec parsed = parse_spec(spec, "/"), again = parse_spec(spec_json(parsed), "/elsewhere");
    QCOMPARE(again.axes, parsed.axes);
    QCOMPARE(again.base, parsed.base);
  }

  void keysAreOfContent() {
    const auto key_with = [&](const fs::path& problem, int steps) {
      json spec = toy_spec();
      spec["base"]["problem"] = problem.string();
      spec["base"]["steps"] = steps;
      return cells_of(parse_spec(spec, "/")).front().key;
    };
    fs::create_directories(path("moved"));
    const fs::path moved = path("moved") / kToy.filename();
    fs::copy_file(kToy, moved, fs::copy_options::overwrite_existing);
    const std::string key = key_with(kToy, 10);
    QCOMPARE(key.size(), size_t{20});
    QCOMPARE(key_with(moved, 10), key);
    QVERIFY(key_with(kToy, 11) != key);
    json problem = read_json(moved);
    problem["sigma_y"] = problem["sigma_y"].get<double>() * 2;
    std::ofstream(moved) << json_text(problem);
    QVERIFY(key_with(moved, 10) != key);
  }

  void onlyWhatIsNewIsComputed() {
    const fs::path out = path("grows");
    json spec = toy_spec();
    QCOMPARE(run(parse_spec(spec, "/"), out).done, size_t{8});
    SweepReport again = run(parse_spec(spec, "/"), out);
    QCOMPARE(again.done, size_t{0});
    QCOMPARE(again.were_there, size_t{8});
    spec["axes"][1]["values"] = "1..5";
    spec["axes"][0]["values"].push_back("dps");
    again = run(parse_spec(spec, "/"), out);
    QCOMPARE(again.done, size_t{7});
    QCOMPARE(again.were_there, size_t{8});
    QCOMPARE(files_ending(out, ".safetensors"), int64_t{15});
    QCOMPARE(files_ending(out, ".lock"), int64_t{0});
    const Comparison opened = read_comparison(out);
    QCOMPARE(opened.cells.size(), size_t{15});
    const auto result = CellStore(out).read(opened.cells[0].key);
    QVERIFY(result.has_value());
    QCOMPARE(result->tensors.at("samples").sizes(), at::IntArrayRef({50, 2}));
    QVERIFY(result->figures.at("distance") > 0);
    QVERIFY(result->figures.at("evaluations") >= 10);
  }

  void whatIsMeasuredMayGoWithoutItsPictures() {
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    const std::vector<Cell> cells = cells_of(spec);
    const CellStore store(path("figures"));
    size_t shown = 0;
    SweepObserver observer;
    observer.finished = [&](const Cell&, const CellResult& result) { shown += result.tensors.count("samples"); };
    QCOMPARE(sweep(cells, spec, store, {.figures_only = true}, observer).done, size_t{8});
    QCOMPARE(shown, size_t{8});
    const auto result = store.read(cells[0].key);
    QVERIFY(result.has_value() && result->tensors.empty() && result->figures.at("distance") > 0);
  }

  void theProgramsOwnFolderKeepsWhatIsNewOrInUse() {
    const fs::path folder = path("own");
    fs::create_directories(folder / "inputs");
    const auto now = fs::file_time_type::clock::now();
    const std::string hundred(100, 'x');
    for (int day = 0; day < 6; ++day) {
      const fs::path file = folder / ("day" + std::to_string(day));
      std::ofstream(file) << hundred;
      fs::last_write_time(file, now - std::chrono::hours(24 * (6 - day)));
    }
    std::ofstream(folder / "inputs/other") << hundred;
    const auto kept = [](const fs::path& file) { return file.filename() == "day1"; };
    QCOMPARE(prune_folder(folder, 600, kept), int64_t{0});
    QCOMPARE(prune_folder(folder, 350, kept), int64_t{300});
    for (const auto& [day, there] : {std::pair{0, false}, {1, true}, {2, false}, {3, false}, {4, true}, {5, true}})
      QCOMPARE(fs::exists(folder / ("day" + std::to_string(day))), there);
    QVERIFY(fs::exists(folder / "inputs/other"));
    QCOMPARE(prune_folder(folder, 0, kept), int64_t{200});
    QCOMPARE(prune_folder(path("nowhere"), 0, kept), int64_t{0});
  }

  // A folder opens where its inputs are not.
  void aFolderNeedsNoInputs() {
    fs::create_directories(path("away"));
    const fs::path problem = path("away") / "p.json", out = path("opened");
    fs::copy_file(kToy, problem, fs::copy_options::overwrite_existing);
    json spec = toy_spec();
    spec["base"]["problem"] = problem.string();
    run(parse_spec(spec, "/"), out);
    fs::remove(problem);
    const Comparison opened = read_comparison(out);
    for (const Cell& cell : opened.cells) QVERIFY(CellStore(out).has(cell.key));
    QVERIFY(sentence_of([&] { read_comparison(path("nothing")); }).contains("nothing"));
  }

  void shardsShareTheWork() {
    const fs::path out = path("shards");
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    size_t sum = 0;
    for (int64_t i = 1; i <= 3; ++i) sum += run(spec, out, {.shard = {i, 3}}).done;
    QCOMPARE(sum, size_t{8});
    QCOMPARE(files_ending(out, ".safetensors"), int64_t{8});
    QCOMPARE(parse_shard("2/3").index, int64_t{2});
    for (const char* wrong : {"0/3", "4/3", "1", "a/b", "1/3x"})
      QVERIFY2(!sentence_of([&] { parse_shard(wrong); }).isEmpty(), wrong);
  }

  void noCellIsComputedTwiceAtOnce() {
    const fs::path out = path("at-once");
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    std::atomic<size_t> begun{0}, done{0};
    const auto work = [&] {
      SweepObserver observer;
      observer.begun = [&](const Cell&) {
        ++begun;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // so that they meet
      };
      done += run(spec, out, {}, observer).done;
    };
    std::thread a(work), b(work), c(work);
    a.join(), b.join(), c.join();
    QCOMPARE(begun.load(), size_t{8});
    QCOMPARE(done.load(), size_t{8});
  }

  // A job array's tasks begin together, and each writes what the folder holds.
  void whatTheFolderHoldsIsWrittenByManyAtOnce() {
    const fs::path out = path("written-at-once");
    fs::create_directories(out);
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    const std::vector<Cell> cells = cells_of(spec);
    std::atomic<int> failed{0};
    std::vector<std::thread> writers;
    for (int k = 0; k < 6; ++k) {
      writers.emplace_back([&] {
        for (int n = 0; n < 20; ++n)
          failed += sentence_of([&] { write_comparison(out, spec, cells); }).isEmpty() ? 0 : 1;
      });
    }
    for (std::thread& writer : writers) writer.join();
    QCOMPARE(failed.load(), 0);
    QCOMPARE(read_comparison(out).cells.size(), size_t{8});
    QCOMPARE(files_ending(out, ".part"), int64_t{0});
  }

  // Whoever is killed lets go of its cell.
  void aKilledProcessLosesOneCell() {
    const CellStore store(path("killed"));
    int ready[2];
    QCOMPARE(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
      const auto claim = store.claim("cell");
      const char answer = claim != nullptr ? 'y' : 'n';
      (void)!write(ready[1], &answer, 1);
      for (;;) pause();
    }
    char answer = 0;
    QCOMPARE(read(ready[0], &answer, 1), ssize_t{1});
    QCOMPARE(answer, 'y');
    QVERIFY(store.claim("cell") == nullptr);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    QVERIFY(store.claim("cell") != nullptr);
  }

  void aCellThatFailsLeavesTheOthers() {
    const fs::path out = path("fails"), problem = path("vanishes.json");
    fs::copy_file(kToy, problem, fs::copy_options::overwrite_existing);
    json spec = toy_spec();
    spec["axes"].push_back({{"key", "problem"}, {"values", {kToy.string(), problem.string()}}});
    const CompareSpec parsed = parse_spec(spec, "/");
    const auto cells = cells_of(parsed);
    fs::remove(problem);
    const CellStore store(out);
    SweepReport report = sweep(cells, parsed, store, {});
    QCOMPARE(report.done, size_t{8});
    QCOMPARE(report.failed, size_t{8});
    const auto failed = store.read(cells[1].key);
    QVERIFY(failed.has_value());
    QVERIFY2(failed->error.find("vanishes.json") != std::string::npos, failed->error.c_str());
    fs::copy_file(kToy, problem);
    QCOMPARE(sweep(cells, parsed, store, {}).were_there, size_t{16});  // not by itself
    report = sweep(cells, parsed, store, {.again = true});
    QCOMPARE(report.done, size_t{8});
    QCOMPARE(files_ending(out, ".failed.json"), int64_t{0});
  }

  void aFullDiskIsSaid() {
    const fs::path out = path("full");
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    SweepObserver observer;
    size_t finished = 0;
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    observer.begun = [&](const Cell&) {
      if (finished == 2) {
        const rlimit small{100, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
      }
    };
    observer.finished = [&](const Cell&, const CellResult&) { ++finished; };
    const QString said = sentence_of([&] { run(spec, out, {}, observer); });
    setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    QVERIFY2(said.contains(QString::fromStdString(out.string())) && said.contains("written"), qPrintable(said));
    QCOMPARE(files_ending(out, ".safetensors"), int64_t{2});
    QCOMPARE(run(spec, out).done, size_t{6});
  }

  void aDamagedCellCountsAsNone() {
    const fs::path out = path("damaged");
    const CompareSpec spec = parse_spec(toy_spec(), "/");
    run(spec, out);
    const std::string key = cells_of(spec).front().key;
    std::ofstream(out / (key + ".safetensors")) << "x";
    QVERIFY(!CellStore(out).read(key).has_value());
  }

  void photosAreCells() {
    const fs::path out = path("photos");
    json spec = photo_spec();
    spec["keep"] = {{"iterates", 3}};
    const CompareSpec parsed = parse_spec(spec, "/");
    const SweepReport report = run(parsed, out);
    QCOMPARE(report.failed, size_t{0});
    QCOMPARE(report.done, size_t{2});
    const auto cells = cells_of(parsed);
    const CellStore store(out);
    const auto one = store.read(cells[0].key), two = store.read(cells[1].key);
    QCOMPARE(one->tensors.at("samples").sizes(), at::IntArrayRef({2, 3, 64, 80}));
    QCOMPARE(one->tensors.at("iterates").sizes(), at::IntArrayRef({3, 3, 64, 80}));
    QCOMPARE(one->tensors.at("noisy").sizes(), at::IntArrayRef({3, 3, 64, 80}));
    QCOMPARE(one->curve.size(), size_t{3});
    QVERIFY(one->curve[2]["evaluations"] > one->curve[0]["evaluations"]);
    // Both saw the same, and their figures are those of their pictures.
    QVERIFY(at::equal(one->tensors.at("observation"), two->tensors.at("observation")));
    QVERIFY(!at::equal(one->tensors.at("samples"), two->tensors.at("samples")));
    const auto signal = [](const at::Tensor& bytes) { return bytes.to(at::kFloat) / 127.5 - 1; };
    const double measured = psnr(signal(one->tensors.at("samples")),
                                 signal(one->tensors.at("reference")).unsqueeze(0).expand({2, 3, 64, 80}))
                                .mean()
                                .item<double>();
    QVERIFY(std::abs(measured - one->figures.at("psnr")) < 0.05);
    QVERIFY(one->figures.at("mean_psnr") > one->figures.at("psnr"));
    // The last iterate is the result of a run without noise at its end, or close to it.
    QVERIFY(one->figures.at("peak_memory") > 1);
    QVERIFY(one->figures.at("residual") > 0);
  }

  void holesAreMeasuredInside() {
    json spec = photo_spec();
    spec["base"].update({{"task", "inpainting"}, {"observed", true}, {"hole", 24}, {"reference", "photo"}});
    spec["axes"] = {
        {{"name", "method"}, {"values", {{{"label", "model"}}, {{"label", "Telea"}, {"classical", "telea"}}}}}};
    const CompareSpec parsed = parse_spec(spec, "/");
    const fs::path out = path("holes");
    QCOMPARE(run(parsed, out).failed, size_t{0});
    const auto cells = cells_of(parsed);
    const CellStore store(out);
    const auto model = store.read(cells[0].key), telea = store.read(cells[1].key);
    QCOMPARE(model->tensors.at("samples").sizes().slice(1), telea->tensors.at("samples").sizes().slice(1));
    QVERIFY(telea->figures.at("hole_psnr") < telea->figures.at("psnr"));  // outside all is as it was
    QVERIFY(telea->figures.at("hole_psnr") > 3);
    QVERIFY(telea->figures.count("hole_gmsd") == 1);
    QVERIFY(telea->figures.at("hole_seam") > 0.1 && telea->figures.at("hole_seam") < 5);
    spec["base"]["task"] = "denoising";
    spec["base"].erase("hole");
    const auto wrong = cells_of(parse_spec(spec, "/"));
    QVERIFY2(wrong[1].error.find("Telea") != std::string::npos, wrong[1].error.c_str());
  }

  void anInterruptedCellGoesOn() {
    const fs::path out = path("interrupted");
    json spec = photo_spec();
    spec["axes"][0]["values"] = {7};
    const CompareSpec parsed = parse_spec(spec, "/");
    const std::string key = cells_of(parsed).front().key;
    const CellStore store(out);
    std::stop_source stop;
    SweepObserver observer;
    observer.iterate = [&](const Cell&, const CellIterate& it) {
      if (it.step == 3) stop.request_stop();
    };
    const SweepReport stopped = run(parsed, out, {}, observer, stop.get_token());
    QVERIFY(stopped.stopped);
    QCOMPARE(stopped.done + stopped.failed, size_t{0});
    QVERIFY(fs::exists(store.state_file(key)));
    int first = 0;
    SweepObserver watch;
    watch.iterate = [&](const Cell&, const CellIterate& it) {
      if (first == 0) first = it.step;
    };
    QCOMPARE(run(parsed, out, {}, watch).done, size_t{1});
    QVERIFY2(first >= 3, "it was begun again");
    QVERIFY(!fs::exists(store.state_file(key)));
    // As many evaluations as without the interruption.
    const fs::path whole = path("uninterrupted");
    QCOMPARE(run(parsed, whole).done, size_t{1});
    QCOMPARE(store.read(key)->figures.at("evaluations"), CellStore(whole).read(key)->figures.at("evaluations"));
  }

  void anInterruptedSongGoesOn_data() {
    QTest::addColumn<QString>("kind");
    QTest::newRow("a song in stems") << "tensors";
    QTest::newRow("a sound file") << "file";
  }
  // The same command computes the windows that are left, and the cell is that of no interruption.
  void anInterruptedSongGoesOn() {
    QFETCH(QString, kind);
    const fs::path out = path(("stopped-" + kind.toStdString()).c_str()),
                   whole = path(("whole-" + kind.toStdString()).c_str());
    const CompareSpec spec = parse_spec(song_spec(kind.toStdString()), "/");
    const std::string key = cells_of(spec).front().key;
    const Watched all = watched(spec, whole);
    QVERIFY(all.evaluations > 0 && all.evaluations % 4 == 0);
    stop_song(spec, out);
    const Watched rest = watched(spec, out);
    QVERIFY2(rest.first > 0.5 && rest.first < 0.6, qPrintable(QString("it began at %1").arg(rest.first)));
    QCOMPARE(rest.evaluations, all.evaluations / 2);
    QVERIFY(!fs::exists(CellStore(out).state_file(key)));
    const auto a = CellStore(whole).read(key), b = CellStore(out).read(key);
    QVERIFY(a.has_value() && b.has_value() && a->error.empty());
    QCOMPARE(b->tensors.size(), a->tensors.size());
    for (const auto& [name, tensor] : a->tensors) QVERIFY2(at::equal(b->tensors.at(name), tensor), name.c_str());
    QVERIFY(a->tensors.count("stems") == 1 && a->figures.count("si_sdr") == 1);
    QCOMPARE(b->figures.size(), a->figures.size());
    for (const auto& [name, value] : a->figures) {
      if (name != "seconds" && name != "peak_memory")
        QVERIFY2(b->figures.at(name) == value || (std::isnan(value) && std::isnan(b->figures.at(name))), name.c_str());
    }
    QCOMPARE(static_cast<int64_t>(b->figures.at("evaluations")), all.evaluations);
    json before = a->record, after = b->record;
    for (const char* own : {"seconds", "seconds_outside_network", "peak_memory_bytes"})
      before.erase(own), after.erase(own);
    QCOMPARE(json_text(after), json_text(before));
  }

  // A cell can begin from rough stems, which is another cell; those stems as they are are a method to compare with.
  void aSongStartsFromStems_data() { anInterruptedSongGoesOn_data(); }
  void aSongStartsFromStems() {
    QFETCH(QString, kind);
    json spec = song_spec(kind.toStdString());
    const bool file = kind == "file";
    spec["base"]["steps"] = 20;
    spec["base"]["from"] = 0.05;  // of 0.29 s
    const std::string start = (file ? path("song") : path("song.safetensors")).string();
    spec["axes"] = {{{"name", "start"},
                     {"values",
                      {{{"label", "noise"}},
                       {{"label", "stems"}, {"start", start}, {"start_sigma", 0.05}},
                       {{"label", "as they are"}, {"start", start}, {"classical", "start"}}}}}};
    const CompareSpec parsed = parse_spec(spec, "/");
    const fs::path out = path(("start-" + kind.toStdString()).c_str());
    const std::vector<Cell> cells = cells_of(parsed);
    for (const Cell& cell : cells) QVERIFY2(cell.error.empty(), cell.error.c_str());
    QCOMPARE(run(parsed, out).done, size_t{3});
    std::vector<double> ratio;
    for (const Cell& cell : cells) ratio.push_back(CellStore(out).read(cell.key)->figures.at("si_sdr"));
    QVERIFY2(ratio[1] > ratio[0] + 5 && ratio[2] > 40,
             qPrintable(QString("%1 %2 %3").arg(ratio[0]).arg(ratio[1]).arg(ratio[2])));
    spec["axes"][0]["values"] = {
        {{"label", "wrong"}, {"start", (file ? path("song.safetensors") : path("song")).string()}}};
    const std::string error = cells_of(parse_spec(spec, "/")).front().error;
    QVERIFY2(error.find("\"start\" must be a folder") != std::string::npos, error.c_str());
  }

  void theStateOfAnotherSongIsPassedOver() {
    const fs::path out = path("another-song"), whole = path("another-whole");
    json spec = song_spec("tensors");
    const CompareSpec one = parse_spec(spec, "/");
    spec["axes"][0]["values"] = {8};
    const CompareSpec two = parse_spec(spec, "/");
    stop_song(one, out);
    const CellStore store(out);
    const std::string key = cells_of(two).front().key;
    fs::copy_file(store.state_file(cells_of(one).front().key), store.state_file(key));
    const Watched seen = watched(two, out);
    QVERIFY2(seen.first >= 0 && seen.first < 0.1, "it went on from what is not its own");
    watched(two, whole);
    QVERIFY(at::equal(store.read(key)->tensors.at("stems"), CellStore(whole).read(key)->tensors.at("stems")));
  }

  void aDamagedStateOfASongBeginsAnew() {
    const fs::path out = path("damaged-state");
    const CompareSpec spec = parse_spec(song_spec("file"), "/");
    stop_song(spec, out);
    const std::string key = cells_of(spec).front().key;
    const fs::path state = CellStore(out).state_file(key);
    fs::resize_file(state, fs::file_size(state) / 3);
    const Watched seen = watched(spec, out);
    QVERIFY(seen.first >= 0 && seen.first < 0.1);
    QVERIFY(CellStore(out).read(key)->error.empty() && !fs::exists(state));
  }

  void aCellThatHasFailedHasNoState() {
    const CellStore store(path("failed-state"));
    std::ofstream(store.state_file("cell")) << "x";
    CellResult failed;
    failed.key = "cell";
    failed.error = "something";
    store.write(failed);
    QVERIFY(store.failed("cell") && !fs::exists(store.state_file("cell")));
  }

  void randomStrokesCoverTheirShare() {
    const auto strokes_of = [](int64_t h, int64_t w, double share, uint64_t seed) {
      const cv::Mat mask = random_strokes({static_cast<int>(w), static_cast<int>(h)}, share, seed);
      return at::from_blob(mask.data, {h, w}, at::TensorOptions().dtype(at::kByte)).clone();
    };
    const at::Tensor strokes = strokes_of(128, 96, 0.25, 3);
    QCOMPARE(strokes.sizes(), (at::IntArrayRef{128, 96}));
    QVERIFY(at::equal(strokes, strokes_of(128, 96, 0.25, 3)) && !at::equal(strokes, strokes_of(128, 96, 0.25, 4)));
    QVERIFY((strokes == 0).logical_or(strokes == 255).all().item<bool>());
    const double share = (strokes == 255).to(at::kDouble).mean().item<double>();
    QVERIFY2(share >= 0.25 && share < 0.4, qPrintable(QString::number(share)));
    // Strokes, not a block: in every quarter there is something to fill, and something left.
    for (const at::Tensor& half : strokes.chunk(2, 0)) {
      for (const at::Tensor& quarter : half.chunk(2, 1))
        QVERIFY((quarter == 255).any().item<bool>() && (quarter == 0).any().item<bool>());
    }
    QVERIFY((strokes_of(64, 64, 0, 1) == 0).all().item<bool>());
  }

  void packedInputsGiveTheSame() {
    json spec = photo_spec();
    const CompareSpec parsed = parse_spec(spec, "/");
    const fs::path packed = path("packed"), out = path("of-packed"), direct = path("of-photos");
    QCOMPARE(pack(parsed, cells_of(parsed), packed, {.device = "cpu"}), size_t{1});
    const Comparison there = read_comparison(packed);
    QCOMPARE(sweep(there.cells, there.spec, CellStore(out), {}).done, size_t{2});
    run(parsed, direct);
    const auto a = CellStore(out).read(there.cells[1].key), b = CellStore(direct).read(cells_of(parsed)[1].key);
    QVERIFY(at::equal(a->tensors.at("samples"), b->tensors.at("samples")));
    QCOMPARE(a->figures.at("psnr"), b->figures.at("psnr"));
  }

  void foreignPicturesAreCells() {
    photo_spec();
    write_image(path("darker.png"), (read_image(path("photo.png")).to(at::kFloat) * 0.9).to(at::kByte));
    const CompareSpec spec = parse_spec(
        {{"base", {{"reference", path("photo.png").string()}}},
         {"axes", {{{"key", "picture"}, {"values", {path("photo.png").string(), path("darker.png").string()}}}}}},
        "/");
    const fs::path out = path("pictures");
    QCOMPARE(run(spec, out).done, size_t{2});
    const auto cells = cells_of(spec);
    QVERIFY(CellStore(out).read(cells[1].key)->figures.at("psnr") < 40);
    QVERIFY(CellStore(out).read(cells[1].key)->figures.at("gmsd") > 0);
    QCOMPARE(cells[1].label, std::string("darker"));
  }
};

QTEST_GUILESS_MAIN(TstCompare)
#include "tst_compare.moc"
