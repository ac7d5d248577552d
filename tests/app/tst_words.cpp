// Models of words through the program: restored photos, tensors, lists, and what is refused.
#include <ATen/ATen.h>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/checkpoints/torch_file.h"
#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "tests/app/programs.h"
#include "tests/oracle.h"

using namespace mgdm;
using test::Answer;
using test::one_line;
namespace fs = std::filesystem;

namespace {

const std::pair<const char*, const char*> kTiny[] = {{"sd15_tiny", "v1-5-pruned-emaonly.safetensors"},
                                                     {"sd21_tiny", "v2-1_768-ema-pruned.safetensors"},
                                                     {"sdxl_tiny", "sd_xl_base_1.0.safetensors"}};

}  // namespace

class TestWords : public QObject {
  Q_OBJECT
  QTemporaryDir dir_;

  QString file(const QString& name) const { return dir_.filePath(name); }
  fs::path path(const QString& name) const { return file(name).toStdString(); }
  static QString parity(const std::string& name) { return QString::fromStdString(test::parity_path(name)); }
  nlohmann::json record(const QString& folder) const { return read_json(path(folder + "/run.json")); }
  QByteArray bytes(const QString& name) const {
    QFile in(file(name));
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
  }
  QStringList restore(const QString& prior, const QString& out, const QStringList& more = {}) const {
    return QStringList{"restore",     file("photo.png"),
                       "--task",      "inpainting_center",
                       "--prior",     prior,
                       "--preset",    "quick",
                       "--set",       "steps=4",
                       "--set",       "gibbs=1",
                       "--set",       "denoising_steps=2",
                       "--set",       "gradient_steps=2",
                       "--precision", "float32",
                       "--out",       file(out),
                       "--quiet"} +
           more;
  }

 private Q_SLOTS:
  void initTestCase() {
    qputenv("XDG_DATA_HOME", dir_.path().toUtf8());
    const at::Tensor ramp = at::arange(64).reshape({1, 64}).expand({64, 64}) * 3;
    write_image(path("photo.png"), at::stack({ramp, ramp.t(), ramp}).to(at::kByte).contiguous());
  }

  void aPhotoIsRestored_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("single");
    for (const auto& [folder, single] : kTiny) QTest::newRow(folder) << folder << single;
  }
  void aPhotoIsRestored() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, single);
    const QString place = parity(folder.toStdString());
    Answer r = test::mgdm(restore(place, folder + "-none"));
    QVERIFY2(r.code == 0, r.error.constData());
    QCOMPARE(read_image(path(folder + "-none/sample_0.png")).sizes(), at::IntArrayRef({3, 64, 64}));
    const nlohmann::json plain = record(folder + "-none").at("request").at("prior_settings");
    QCOMPARE(plain, nlohmann::json({{"prompt", ""}, {"negative_prompt", ""}, {"guidance_scale", 1.0}}));
    r = test::mgdm(restore(place, folder + "-words",
                           {"--prompt", "a red cat", "--guidance-scale", "4", "--set", "prior.negative_prompt=dogs"}));
    QVERIFY2(r.code == 0, r.error.constData());
    const nlohmann::json said = record(folder + "-words").at("request").at("prior_settings");
    QCOMPARE(said, nlohmann::json({{"prompt", "a red cat"}, {"negative_prompt", "dogs"}, {"guidance_scale", 4.0}}));
    QVERIFY(bytes(folder + "-none/sample_0.png") != bytes(folder + "-words/sample_0.png"));
    r = test::mgdm(
        {"restore", "--replay", file(folder + "-words/run.json"), "--out", file(folder + "-again"), "--quiet"});
    QVERIFY2(r.code == 0, r.error.constData());
    QCOMPARE(bytes(folder + "-again/sample_0.png"), bytes(folder + "-words/sample_0.png"));
    r = test::mgdm(restore(place, folder + "-long", {"--prompt", QString("1 ").repeated(77)}));
    QVERIFY2(r.code == 0 && one_line(r.error, "not used: 1 1"), r.error.constData());
    QCOMPARE(record(folder + "-long").at("prompt_cut").get<std::string>(), "1 1");
    // The single file is the same model; its vocabulary lies in the folder beside it.
    r = test::mgdm(restore(place + '/' + single, folder + "-file"));
    QVERIFY2(r.code == 0, r.error.constData());
  }

  void tensorsAreEvaluated() {
    NEEDS_PARITY();
    for (const auto& [folder, single] : kTiny) {
      const test::Tensors t =
          all_tensors_of(read_torch_file(test::parity_path(std::string(folder) + "/expected.pt")).root());
      test::Tensors in{{"x", t.at("s0_x")},
                       {"t", at::tensor({250}, at::kLong)},
                       {"w", t.at("s0_w")},
                       {"context", t.at("s0_context")}};
      if (t.count("s0_y") != 0) in["y"] = t.at("s0_y");
      write_torch_file(path("in.pt"), in);
      for (const std::string& place : {std::string(folder), std::string(folder) + '/' + single}) {
        const Answer r =
            test::mgdm({"evaluate", "--prior", parity(place), "--in", file("in.pt"), "--out", file("out.pt")});
        QVERIFY2(r.code == 0, r.error.constData());
        const test::Tensors out = read_weights(path("out.pt"));
        for (const auto& [name, reference] : {std::pair{"out", "s0_t250_out"}, {"grad", "s0_t250_grad"}})
          QVERIFY(test::max_difference(out.at(name), t.at(reference)) <
                  2e-5 * std::max(1.0, t.at(reference).abs().max().item<double>()));
        QVERIFY(out.count("eps") == 1 && out.count("x0") == 1);
      }
      in.erase("context");
      write_torch_file(path("in.pt"), in);
      const Answer r =
          test::mgdm({"evaluate", "--prior", parity(folder), "--in", file("in.pt"), "--out", file("out.pt")});
      QVERIFY2(r.code == 4 && one_line(r.error, "context"), r.error.constData());
    }
  }

  void whatCannotBeToldIsRefused() {
    NEEDS_PARITY();
    Answer r = test::mgdm(restore("photo", "no", {"--prompt", "a cat"}));
    QVERIFY2(r.code == 2 && one_line(r.error, "unknown setting 'prompt'"), r.error.constData());
    r = test::mgdm(restore(parity("sd15_tiny"), "no", {"--set", "prior.size=3"}));
    QVERIFY2(r.code == 2 && one_line(r.error, "unknown setting 'size'"), r.error.constData());
    r = test::mgdm(restore(parity("sd15_tiny"), "no", {"--guidance-scale", "99"}));
    QVERIFY2(r.code == 2, r.error.constData());
    // A single file without a vocabulary.
    fs::copy_file(test::parity_path("sd15_tiny/v1-5-pruned-emaonly.safetensors"), path("alone.safetensors"));
    fs::copy_file(test::parity_path("sd15_tiny/config.json"), path("config.json"));
    r = test::mgdm(restore(file("alone.safetensors"), "no", {"--prompt", "a cat"}));
    QVERIFY2(r.code == 4 && one_line(r.error, "no vocabulary"), r.error.constData());
    r = test::mgdm(restore(file("alone.safetensors"), "alone"));
    QVERIFY2(r.code == 0, r.error.constData());
  }

  void wordsAreAnAxisOfAComparison() {
    NEEDS_PARITY();
    const nlohmann::json spec{{"base",
                               {{"photo", "photo.png"},
                                {"task", "denoising"},
                                {"prior", parity("sd15_tiny").toStdString()},
                                {"sampler", "ddim"},
                                {"steps", 4},
                                {"prior.prompt", "a red cat"}}},
                              {"axes", {{{"key", "prior.guidance_scale"}, {"values", {1, 3}}}}}};
    std::ofstream(path("spec.json")) << spec;
    Answer r = test::mgdm({"compare", file("spec.json"), "--out", file("cells"), "--quiet"});
    QVERIFY2(r.code == 0, r.error.constData());
    QCOMPARE(QDir(file("cells")).entryList({"*.safetensors"}).size(), 2);
    nlohmann::json wrong = spec;
    wrong["base"]["prior.prompts"] = "x";
    std::ofstream(path("wrong.json")) << wrong;
    r = test::mgdm({"compare", file("wrong.json"), "--out", file("cells2"), "--quiet"});
    QVERIFY2(r.code == 2 && r.error.contains("unknown setting 'prompts'"), r.error.constData());
  }

  void theyAreModelsLikeOthers() {
    NEEDS_PARITY();
    Answer r = test::mgdm({"models", "published"});
    for (const char* name : {"sd-1.5", "sd-2.1", "sdxl-1.0"}) QVERIFY2(r.out.contains(name), name);
    for (const auto& [folder, single] : kTiny) {
      r = test::mgdm({"models", "import", parity(folder), "--name", folder, "--convert", "--quiet"});
      QVERIFY2(r.code == 0, r.error.constData());
      r = test::mgdm({"models", "list"});
      QVERIFY(r.out.contains(folder));
      r = test::mgdm({"models", "verify", folder, "--quiet"});
      QVERIFY2(r.code == 0, r.error.constData());
    }
    r = test::mgdm(restore("sd15_tiny", "imported", {"--prompt", "a red cat"}));
    QVERIFY2(r.code == 0, r.error.constData());
  }
};

QTEST_GUILESS_MAIN(TestWords)
#include "tst_words.moc"
