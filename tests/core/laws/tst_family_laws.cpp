// What every family of models that the build lists promises. A new file in core/priors/families is tested here without
// a new test; with a line in `kSamples` its own files are, too.
#include <ATen/ATen.h>

#include <QtTest>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/checkpoints/safetensors.h"
#include "core/errors.h"
#include "core/priors/band_prior.h"
#include "core/priors/family.h"
#include "core/priors/known_models.h"
#include "core/priors/published_model.h"
#include "core/priors/weight_file.h"
#include "tests/oracle.h"
#include "tests/torch_archive.h"

using namespace mgdm;

namespace {

struct Sample {
  const char* family;
  const char* file;    ///< of the folder of the original networks
  const char* needed;  ///< a weight without which there is no such network, though its name tells nothing
};
const Sample kSamples[] = {
    {"adm", "adm_ffhq/ffhq_10m.pt", "middle_block.1.qkv.bias"},
    {"adm", "adm_imagenet/256x256_diffusion_uncond.pt", "out.2.bias"},
    {"ldm", "ldm_ffhq/model.ckpt", "model.diffusion_model.out.2.bias"},
    {"sd1", "sd15_tiny/v1-5-pruned-emaonly.safetensors", "model.diffusion_model.out.2.bias"},
    {"sd2", "sd21_tiny/v2-1_768-ema-pruned.safetensors", "model.diffusion_model.out.2.bias"},
    {"sdxl", "sdxl_tiny/sd_xl_base_1.0.safetensors", "model.diffusion_model.label_emb.0.2.bias"},
    {"first_stage", "vq_f4/model.ckpt", "decoder.conv_out.bias"},
    {"first_stage", "kl_f8/model.ckpt", "encoder.conv_out.bias"},
    {"diffusers", "diffusers_celebahq/diffusion_pytorch_model.bin", "conv_out.bias"},
    {"diffusers", "diffusers_cifar10/diffusion_pytorch_model.safetensors", "conv_out.bias"},
    {"msdm", "msdm/epoch=729-valid_loss=0.014.ckpt", ""},
    {"msdm", "msdm/glorious.pt", ""},
};

template <typename Call>
QString refusal(Call call) {
  try {
    call();
  } catch (const ModelError& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

nlohmann::json config_beside(const std::string& file) {
  std::ifstream in(std::filesystem::path(file).parent_path() / "config.json");
  return nlohmann::json::parse(in);
}

}  // namespace

class TestFamilyLaws : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  std::filesystem::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  /// "mine" of one family, "not mine" of all the others.
  static QString claimed(const WeightFile& file) {
    QStringList names;
    for (const auto& family : listed_families()) {
      if (family->recognise(file)) names << QString::fromStdString(family->about().name);
    }
    return names.join(' ');
  }

 private Q_SLOTS:
  void descriptionsAreWhole() {
    std::set<std::string> names;
    for (const auto& family : listed_families()) {
      const FamilyDescription& about = family->about();
      QVERIFY2(!about.name.empty() && names.insert(about.name).second, about.name.c_str());
      QVERIFY2(!about.label.empty() && !about.kind.empty() && !about.uses.empty(), about.name.c_str());
      QVERIFY2(about.uses.back() == '.', about.name.c_str());
      QVERIFY2(about.medium.has_value() == about.no_prior.empty(), about.name.c_str());
      QVERIFY2(!about.latent || about.medium == Medium::Photo, about.name.c_str());
      QVERIFY2(!family->keeps("loss.weight"), about.name.c_str());
      const PriorFamily* found = find_family(about.name);
      QVERIFY2(found != nullptr && found->about().name == about.name, about.name.c_str());
    }
    QVERIFY(names.size() >= 8);
    QVERIFY(find_family("") == nullptr && find_family("nobody's") == nullptr);
    PriorCard card;
    card.weights = "some.pt";
    QVERIFY(refusal([&] { family_of(card); }).startsWith("some.pt: is of no network that is known (guided-diffusion"));
    card.family = "nobody's";
    QVERIFY(refusal([&] { family_of(card); }).contains("family 'nobody's' is unknown"));
  }

  void knownModelsAreTold() {
    std::set<std::string> names;
    std::set<std::tuple<std::string, int64_t, int64_t>> signatures;
    for (const KnownModel& known : known_models()) {
      QVERIFY2(names.insert(known.name).second, known.name.c_str());
      QVERIFY2(signatures.insert({known.family, known.tensors, known.parameters}).second, known.name.c_str());
      QVERIFY2(find_family(known.family) != nullptr && known.random && known.config.is_object(), known.name.c_str());
      QVERIFY2(!known.label.empty() && !known.file.empty() && !known.source.empty() && !known.license.empty(),
               known.name.c_str());
      QVERIFY(known_model(known.family, known.tensors, known.parameters) == &known);
    }
  }

  void whatIsNobodysIsSaidToBe() {
    write_safetensors(path("empty.safetensors"), {});
    write_safetensors(path("foreign.safetensors"), {.tensors = {{"layer.weight", at::ones({2, 2})}}, .metadata = {}});
    for (const char* name : {"empty.safetensors", "foreign.safetensors"}) {
      const WeightFile file(path(name));
      QCOMPARE(claimed(file), QString());
      QVERIFY(recognised_family(file) == nullptr);
      QVERIFY(refusal([&] {
                load_published(path(name), nlohmann::json::object());
              }).contains("weights are of no network that is known"));
    }
    for (const auto& family : listed_families()) {  // asked all the same: an error with the file's name
      const WeightFile file(path("foreign.safetensors"));
      QVERIFY2(refusal([&] { family->network(file, nlohmann::json::object()); }).contains("foreign.safetensors"),
               family->about().name.c_str());
    }
    std::ofstream(path("broken.safetensors"), std::ios::binary) << "hello";
    QVERIFY_EXCEPTION_THROWN(WeightFile(path("broken.safetensors")), CheckpointError);
    QVERIFY_EXCEPTION_THROWN(WeightFile(path("nothing.pt")), CheckpointError);
  }

  void aProgramIsNotRun() {
    std::ofstream(path("program.pt"), std::ios::binary)
        << test::zip({{"a/constants.pkl", "x"}, {"a/data.pkl", "\x80\x02}."}});
    const WeightFile file(path("program.pt"));
    QVERIFY(file.is_program() && file.weights().empty());
    QCOMPARE(claimed(file), QString("torchscript"));
    const PriorFamily* family = recognised_family(file);
    QVERIFY_EXCEPTION_THROWN(family->describe(file, nlohmann::json::object(), false), UntrustedProgram);
    QVERIFY_EXCEPTION_THROWN(family->network(file, nlohmann::json::object()), UntrustedProgram);
  }

  void ourOwnFilesSayWhoseTheyAre() {
    for (const auto& [name, family] : {std::pair{"photo", "photo-unet"},
                                       {"portrait", "photo-unet"},
                                       {"latent", "latent-unet"},
                                       {"band", "band-unet"}}) {
      const std::string file = std::string(MGDM_SOURCE_DIR "/models/") + name + ".safetensors";
      QVERIFY2(std::filesystem::exists(file), "a model that the program ships is missing");
      QCOMPARE(claimed(WeightFile(file)), QString(family));
    }
  }

  void everyFamilyKnowsItsOwn_data() {
    QTest::addColumn<int>("sample");
    for (int i = 0; i < static_cast<int>(std::size(kSamples)); ++i) QTest::newRow(kSamples[i].file) << i;
  }
  void everyFamilyKnowsItsOwn() {
    NEEDS_PARITY();
    QFETCH(int, sample);
    const Sample& s = kSamples[sample];
    const std::string name = test::parity_path(s.file);
    const WeightFile file(name);
    QCOMPARE(claimed(file), QString(s.family));
    const PriorFamily* family = recognised_family(file);
    const nlohmann::json config = config_beside(name);
    const PublishedModel model = family->network(file, config);
    QVERIFY(model.parameters > 0 && model.tensors > 0);
    const nlohmann::json card = family->describe(file, config, false);
    QCOMPARE(card.at("parameters").get<int64_t>(), model.parameters);
    QVERIFY(card.at("native_size").get<int64_t>() >= 0);
    // Used for what it is not: an error that says so.
    PriorCard as;
    as.name = "it";
    as.family = s.family;
    as.weights = name;
    if (family->about().medium != Medium::Music)
      QVERIFY(refusal([&] { family->load_band_prior(as, {}); }).contains("'it' is for photos"));
    if (family->about().medium != Medium::Photo) QVERIFY(!refusal([&] { family->load_photo_prior(as, {}); }).isEmpty());
    // Mine, but broken: still nobody else's, and the error names file and weight (as the network calls it).
    if (*s.needed == '\0') return;
    auto weights = file.weights();
    QVERIFY2(weights.erase(s.needed) == 1, s.needed);
    const WeightFile broken(weights, "broken.pt");
    QCOMPARE(claimed(broken), QString(s.family));
    const QString words = refusal([&] { recognised_family(broken)->network(broken, config); });
    QVERIFY2(words.startsWith("broken.pt: ") && words.contains(QString(s.needed).section('.', -3)), qPrintable(words));
  }
};

QTEST_GUILESS_MAIN(TestFamilyLaws)
#include "tst_family_laws.moc"
