#include <QtTest>

#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "core/priors/catalogue.h"
#include "tests/oracle.h"

using namespace mgdm;

// Against what the original Python code computed, for randomly initialised networks of the same structure.
class TestPublished : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  static nlohmann::json config_of(const std::string& folder) {
    std::ifstream in(test::parity_path(folder + "/config.json"));
    return nlohmann::json::parse(in);
  }
  static test::Tensors expected(const std::string& folder, const char* file = "expected.pt") { return all_tensors_of(read_torch_file(test::parity_path(folder + '/' + file)).root()); }

  // The parity folder's bound: 2e-5 max(1, max |reference|).
  static bool near(const at::Tensor& ours, const at::Tensor& reference, const std::string& what) {
    if (ours.sizes() != reference.sizes()) {
      qWarning("%s: another shape", what.c_str());
      return false;
    }
    const double bound = 2e-5 * std::max(1.0, reference.abs().max().item<double>()), error = test::max_difference(ours, reference);
    if (error > bound) qWarning("%s: %g, at most %g", what.c_str(), error, bound);
    return error <= bound;
  }

 private Q_SLOTS:
  void networksAgree_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("file");
    QTest::newRow("ADM, FFHQ") << "adm_ffhq" << "ffhq_10m.pt";
    QTest::newRow("ADM, ImageNet") << "adm_imagenet" << "256x256_diffusion_uncond.pt";
    QTest::newRow("LDM, FFHQ") << "ldm_ffhq" << "model.ckpt";
    QTest::newRow("diffusers, CelebA-HQ") << "diffusers_celebahq" << "diffusion_pytorch_model.bin";
    QTest::newRow("diffusers, CIFAR-10") << "diffusers_cifar10" << "diffusion_pytorch_model.safetensors";
  }
  void networksAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, file);
    const std::string f = folder.toStdString();
    const PublishedModel model = load_published(test::parity_path(f + '/' + file.toStdString()), config_of(f));
    const test::Tensors reference = expected(f);
    int compared = 0;
    for (const auto& [name, out] : reference) {
      // "s0_t250_out"
      int size = 0, t = 0, used = 0;
      if (std::sscanf(name.c_str(), "s%d_t%d_out%n", &size, &t, &used) != 2 || static_cast<size_t>(used) != name.size()) continue;
      const std::string s = "s" + std::to_string(size) + '_', st = s + 't' + std::to_string(t) + '_';
      const auto result = evaluate_published(model, {{"x", reference.at(s + "x")}, {"t", at::tensor({t}, at::kLong)}, {"w", reference.at(s + "w")}});
      QVERIFY(near(result.at("out"), out, name));
      QVERIFY(near(result.at("grad"), reference.at(st + "grad"), st + "grad"));
      ++compared;
    }
    QVERIFY(compared >= 6);
  }

  void theOtherAttentionOrderAgrees() {
    NEEDS_PARITY();
    for (const auto& [folder, file] : {std::pair<std::string, std::string>{"adm_ffhq", "ffhq_10m.pt"}, {"adm_imagenet", "256x256_diffusion_uncond.pt"}}) {
      nlohmann::json config = config_of(folder);
      config["create_model"]["use_new_attention_order"] = true;
      const PublishedModel model = load_published(test::parity_path(folder + '/' + file), config);
      const test::Tensors inputs = expected(folder), reference = expected(folder, "expected_other_attention_order.pt");
      int compared = 0;
      for (const auto& [name, out] : reference) {
        int size = 0, t = 0, used = 0;
        if (std::sscanf(name.c_str(), "s%d_t%d_out%n", &size, &t, &used) != 2 || static_cast<size_t>(used) != name.size()) continue;
        const auto result = evaluate_published(model, {{"x", inputs.at("s" + std::to_string(size) + "_x")}, {"t", at::tensor({t}, at::kLong)}});
        QVERIFY(near(result.at("out"), out, name));
        ++compared;
      }
      QVERIFY(compared > 0);
    }
  }

  void oneLevelForEachSample() {
    NEEDS_PARITY();
    const PublishedModel model = load_published(test::parity_path("adm_ffhq/ffhq_10m.pt"), config_of("adm_ffhq"));
    const at::Tensor x = expected("adm_ffhq").at("s0_x");
    QVERIFY(x.size(0) == 2);
    const auto both = evaluate_published(model, {{"x", x}, {"t", at::tensor({10, 500}, at::kLong)}});
    for (int64_t i = 0; i < 2; ++i) {
      const auto one = evaluate_published(model, {{"x", x.slice(0, i, i + 1)}, {"t", at::tensor({i == 0 ? 10 : 500}, at::kLong)}});
      QVERIFY(near(both.at("out").slice(0, i, i + 1), one.at("out"), "sample"));
    }
  }

  void firstStagesAgree_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("prefix");
    QTest::newRow("VQ") << "vq_f4" << "";
    QTest::newRow("VQ in LDM") << "ldm_ffhq" << "ae_";
    QTest::newRow("KL") << "kl_f8" << "";
  }
  void firstStagesAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, prefix);
    const std::string f = folder.toStdString(), p = prefix.toStdString();
    const PublishedModel model = load_published(test::parity_path(f + "/model.ckpt"), config_of(f));
    const test::Tensors reference = expected(f);
    const auto decoded = evaluate_published(model, {{"z", reference.at(p + "z")}, {"w", reference.at(p + "w_dec")}});
    QVERIFY(near(decoded.at("decoded"), reference.at(p + "decode"), "decode"));
    QVERIFY(near(decoded.at("grad"), reference.at(p + "decode_grad"), "decode_grad"));
    const at::Tensor image = reference.at(p + "x_img");
    if (reference.count(p + "encode") != 0) {
      const auto encoded = evaluate_published(model, {{"image", image}, {"w", reference.at(p + "w_enc")}});
      QVERIFY(near(encoded.at("encoded"), reference.at(p + "encode"), "encode"));
      QVERIFY(near(encoded.at("grad"), reference.at(p + "encode_grad"), "encode_grad"));
    }
    if (reference.count(p + "mean") != 0) QVERIFY(near(evaluate_published(model, {{"image", image}}).at("encoded"), reference.at(p + "mean"), "mean"));
    if (reference.count(p + "codes") != 0) QVERIFY(at::equal(model.first_stage->codes(reference.at(p + "z")), reference.at(p + "codes").to(at::kLong)));
    if (reference.count(p + "moments") != 0) QVERIFY(near(model.first_stage->moments(reference.at(p + "x_img")), reference.at(p + "moments"), "moments"));
  }

  void audioAgrees_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("config");
    QTest::newRow("checkpoint") << "msdm/epoch=729-valid_loss=0.014.ckpt" << true;
    QTest::newRow("checkpoint, by its own hyper-parameters") << "msdm/epoch=729-valid_loss=0.014.ckpt" << false;
    QTest::newRow("whole object") << "msdm/glorious.pt" << false;
  }
  void audioAgrees() {
    NEEDS_PARITY();
    QFETCH(QString, file);
    QFETCH(bool, config);
    const PublishedModel model = load_published(test::parity_path(file.toStdString()), config ? config_of("msdm") : nlohmann::json::object());
    const test::Tensors reference = expected("msdm");
    for (const std::string tag : {"sigma0", "sigma1", "sigma2", "sigma3", "sigma4", "clamp"}) {
      const auto result = evaluate_published(model, {{"x", reference.at(tag + "_x")}, {"sigma", reference.at(tag + "_sigma")}, {"w", reference.at(tag + "_w")}});
      QVERIFY(near(result.at("x0"), reference.at(tag + "_denoised"), tag + "_denoised"));
      QVERIFY(near(result.at("grad"), reference.at(tag + "_grad"), tag + "_grad"));
      if (reference.count(tag + "_net_out") != 0) QVERIFY(near(result.at("out"), reference.at(tag + "_net_out"), tag + "_net_out"));
    }
    const auto batch = evaluate_published(model, {{"x", reference.at("sbatch_x")}, {"sigma", reference.at("sbatch_sigmas")}, {"w", reference.at("sbatch_w")}});
    QVERIFY(near(batch.at("x0"), reference.at("sbatch_denoised"), "sbatch_denoised"));
    QVERIFY(near(batch.at("grad"), reference.at("sbatch_grad"), "sbatch_grad"));
  }

  // As a prior: level L is the network's t = L - 1, and between levels `denoise` follows.
  void aPriorDenoisesAsTheNetworkWasTrained() {
    NEEDS_PARITY();
    for (const char* file : {"adm_ffhq/ffhq_10m.pt", "diffusers_cifar10/diffusion_pytorch_model.safetensors"}) {
      const Prior prior = load_prior(find_prior(test::parity_path(file)), at::kCPU, "float32");
      const std::string folder = std::string(file).substr(0, std::string(file).find('/'));
      const PublishedModel model = load_published(test::parity_path(file), config_of(folder));
      at::manual_seed(2);
      const at::Tensor x = at::randn({1, 3, 32, 32});
      const auto known = evaluate_published(model, {{"x", x}, {"t", at::tensor({250}, at::kLong)}});
      QVERIFY(near(prior.denoiser->predict_x0(x, {251}), known.at("x0"), "x0"));
      const double a = prior.schedule.alpha_bar(251);
      QVERIFY(near(prior.denoiser->denoise(x / std::sqrt(a), prior.schedule.sigma(251)), known.at("x0"), "denoise"));
      QVERIFY(at::equal(prior.denoiser->predict_x0(x, {0}), x));
    }
    try {
      load_prior(find_prior(test::parity_path("ldm_ffhq/model.ckpt")), at::kCPU, "float32");
      QFAIL("a latent model was taken for one of pixels");
    } catch (const ModelError& e) {
      QVERIFY(QString::fromUtf8(e.what()).contains("latents"));
    }
  }

  void whatDoesNotFitIsNamed() {
    NEEDS_PARITY();
    auto weights = read_weights(test::parity_path("adm_ffhq/ffhq_10m.pt"));
    const auto said = [&](const std::map<std::string, at::Tensor>& w, const nlohmann::json& config = {{"num_head_channels", 32}}) {
      const std::filesystem::path file = folder_.filePath("weights.pt").toStdString();
      write_torch_file(file, w);
      try {
        load_published(file, config);
      } catch (const ModelError& e) {
        return QString::fromUtf8(e.what());
      }
      return QString();
    };
    QCOMPARE(said(weights), QString());
    auto changed = weights;
    changed.erase("middle_block.1.qkv.bias");
    changed["out.9.weight"] = at::ones({1});
    changed["input_blocks.1.0.in_layers.2.weight"] = at::ones({3, 3, 3, 3});
    const QString words = said(changed);
    QVERIFY2(words.contains("3 weights do not fit") && words.contains("missing middle_block.1.qkv.bias") && words.contains("not known: out.9.weight") && words.contains("input_blocks.1.0.in_layers.2.weight is [3, 3, 3, 3]"), qPrintable(words));
    QVERIFY(said(weights, {{"num_head_channels", 17}}).contains("heads of 17"));
    // A configuration about something else leaves the published files' heads of 64 channels.
    QVERIFY(said(weights, {{"use_new_attention_order", false}}).contains("heads of 64"));
    QVERIFY(said({{"a", at::ones({2})}}).contains("of no network that is known"));
  }
};

QTEST_GUILESS_MAIN(TestPublished)
#include "tst_published.moc"
