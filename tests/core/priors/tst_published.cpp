#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <QtTest>

#include <fstream>
#include <sstream>

#include "core/checkpoints/torch_file.h"
#include "core/networks/first_stage.h"
#include "core/priors/catalogue.h"
#include "core/priors/evaluation.h"
#include "core/priors/known_models.h"
#include "core/priors/windows.h"
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
  static test::Tensors expected(const std::string& folder, const char* file = "expected.pt") {
    return all_tensors_of(read_torch_file(test::parity_path(folder + '/' + file)).root());
  }

  // The parity folder's bound: 2e-5 max(1, max |reference|).
  static bool near(const at::Tensor& ours, const at::Tensor& reference, const std::string& what) {
    if (ours.sizes() != reference.sizes()) {
      qWarning("%s: another shape", what.c_str());
      return false;
    }
    const double bound = 2e-5 * std::max(1.0, reference.abs().max().item<double>()),
                 error = test::max_difference(ours, reference);
    if (error > bound) qWarning("%s: %g, at most %g", what.c_str(), error, bound);
    return error <= bound;
  }

 private Q_SLOTS:
  void networksAgree_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("file");
    QTest::newRow("ADM, FFHQ") << "adm_ffhq"
                               << "ffhq_10m.pt";
    QTest::newRow("ADM, ImageNet") << "adm_imagenet"
                                   << "256x256_diffusion_uncond.pt";
    QTest::newRow("LDM, FFHQ") << "ldm_ffhq"
                               << "model.ckpt";
    QTest::newRow("diffusers, CelebA-HQ") << "diffusers_celebahq"
                                          << "diffusion_pytorch_model.bin";
    QTest::newRow("diffusers, CIFAR-10") << "diffusers_cifar10"
                                         << "diffusion_pytorch_model.safetensors";
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
      if (std::sscanf(name.c_str(), "s%d_t%d_out%n", &size, &t, &used) != 2 || static_cast<size_t>(used) != name.size())
        continue;
      const std::string s = "s" + std::to_string(size) + '_', st = s + 't' + std::to_string(t) + '_';
      const auto result = evaluate_published(
          model, {{"x", reference.at(s + "x")}, {"t", at::tensor({t}, at::kLong)}, {"w", reference.at(s + "w")}});
      QVERIFY(near(result.at("out"), out, name));
      QVERIFY(near(result.at("grad"), reference.at(st + "grad"), st + "grad"));
      ++compared;
    }
    QVERIFY(compared >= 6);
  }

  void theOtherAttentionOrderAgrees() {
    NEEDS_PARITY();
    for (const auto& [folder, file] : {std::pair<std::string, std::string>{"adm_ffhq", "ffhq_10m.pt"},
                                       {"adm_imagenet", "256x256_diffusion_uncond.pt"}}) {
      nlohmann::json config = config_of(folder);
      config["create_model"]["use_new_attention_order"] = true;
      const PublishedModel model = load_published(test::parity_path(folder + '/' + file), config);
      const test::Tensors inputs = expected(folder), reference = expected(folder, "expected_other_attention_order.pt");
      int compared = 0;
      for (const auto& [name, out] : reference) {
        int size = 0, t = 0, used = 0;
        if (std::sscanf(name.c_str(), "s%d_t%d_out%n", &size, &t, &used) != 2 ||
            static_cast<size_t>(used) != name.size())
          continue;
        const auto result = evaluate_published(
            model, {{"x", inputs.at("s" + std::to_string(size) + "_x")}, {"t", at::tensor({t}, at::kLong)}});
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
      const auto one =
          evaluate_published(model, {{"x", x.slice(0, i, i + 1)}, {"t", at::tensor({i == 0 ? 10 : 500}, at::kLong)}});
      QVERIFY(near(both.at("out").slice(0, i, i + 1), one.at("out"), "sample"));
    }
  }

  void firstStagesAgree_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("prefix");
    QTest::newRow("VQ") << "vq_f4"
                        << "";
    QTest::newRow("VQ in LDM") << "ldm_ffhq"
                               << "ae_";
    QTest::newRow("KL") << "kl_f8"
                        << "";
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
    if (reference.count(p + "mean") != 0)
      QVERIFY(near(evaluate_published(model, {{"image", image}}).at("encoded"), reference.at(p + "mean"), "mean"));
    if (reference.count(p + "codes") != 0)
      QVERIFY(at::equal(model.first_stage->codes(reference.at(p + "z")), reference.at(p + "codes").to(at::kLong)));
    if (reference.count(p + "moments") != 0)
      QVERIFY(near(model.first_stage->moments(reference.at(p + "x_img")), reference.at(p + "moments"), "moments"));
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
    const PublishedModel model =
        load_published(test::parity_path(file.toStdString()), config ? config_of("msdm") : nlohmann::json::object());
    const test::Tensors reference = expected("msdm");
    for (const std::string tag : {"sigma0", "sigma1", "sigma2", "sigma3", "sigma4", "clamp"}) {
      const auto result = evaluate_published(
          model,
          {{"x", reference.at(tag + "_x")}, {"sigma", reference.at(tag + "_sigma")}, {"w", reference.at(tag + "_w")}});
      QVERIFY(near(result.at("x0"), reference.at(tag + "_denoised"), tag + "_denoised"));
      QVERIFY(near(result.at("grad"), reference.at(tag + "_grad"), tag + "_grad"));
      if (reference.count(tag + "_net_out") != 0)
        QVERIFY(near(result.at("out"), reference.at(tag + "_net_out"), tag + "_net_out"));
    }
    const auto batch = evaluate_published(
        model,
        {{"x", reference.at("sbatch_x")}, {"sigma", reference.at("sbatch_sigmas")}, {"w", reference.at("sbatch_w")}});
    QVERIFY(near(batch.at("x0"), reference.at("sbatch_denoised"), "sbatch_denoised"));
    QVERIFY(near(batch.at("grad"), reference.at("sbatch_grad"), "sbatch_grad"));
  }

  // The descriptions of the published models make exactly the weights that the original code makes, and know them
  // again.
  void publishedModelsAreKnown_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("list");
    QTest::newRow("ADM, FFHQ") << "adm-ffhq"
                               << "adm_ffhq";
    QTest::newRow("ADM, ImageNet") << "adm-imagenet"
                                   << "adm_imagenet";
    QTest::newRow("LDM, FFHQ") << "ldm-ffhq"
                               << "ldm_ffhq-ldm-vq-4";
    QTest::newRow("LDM, churches") << "ldm-churches"
                                   << "ldm_lsun_churches-ldm-kl-8";
    QTest::newRow("VQ") << "vq-f4"
                        << "first_stage_vq_f4";
    QTest::newRow("KL") << "kl-f8"
                        << "first_stage_kl_f8";
    QTest::newRow("MSDM") << "msdm"
                          << "msdm";
    QTest::newRow("diffusers, CelebA-HQ") << "ddpm-celebahq-256"
                                          << "diffusers_ddpm-celebahq-256";
    QTest::newRow("diffusers, CIFAR-10") << "ddpm-cifar10-32"
                                         << "diffusers_ddpm-cifar10-32";
  }
  void publishedModelsAreKnown() {
    NEEDS_PARITY();
    QFETCH(QString, name);
    QFETCH(QString, list);
    const KnownModel& known = known_model(name.toStdString());
    std::map<std::string, at::Tensor> file;  // as the real one, without values
    std::ifstream in(test::parity_path("keylists/" + list.toStdString() + ".tsv"));
    for (std::string key, shape, type;
         std::getline(in, key, '\t') && std::getline(in, shape, '\t') && std::getline(in, type);) {
      std::vector<int64_t> sizes;
      std::istringstream sides(shape);
      for (std::string side; std::getline(sides, side, 'x');) {
        if (!side.empty() && std::isdigit(static_cast<unsigned char>(side[0]))) sizes.push_back(std::stoll(side));
      }
      file[key] = key == "scale_factor" ? at::ones({}) : at::empty(sizes);
    }
    QVERIFY(file.size() > 200);
    const PublishedModel model = published_from(file, nlohmann::json::object(), "real");
    QVERIFY(model.known == &known);
    QCOMPARE(model.native_size, known.native_size);
    for (const auto& [key, tensor] : random_weights(known, 1)) {
      QVERIFY2(file.count(key) != 0, key.c_str());
      QVERIFY2(file.at(key).sizes() == tensor.sizes(), key.c_str());
    }
    if (known.family == "ldm") {
      QVERIFY(QString::fromStdString(model.left_out.at(0)).contains("model_ema"));
      QVERIFY(model.first_stage);
    }
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
  }

  // The fast layout, and bfloat16: how far from the reference they are.
  void fastPathsStayNear_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("ADM") << "adm_ffhq/ffhq_10m.pt";
    QTest::newRow("LDM") << "ldm_ffhq/model.ckpt";
    QTest::newRow("diffusers") << "diffusers_celebahq/diffusion_pytorch_model.bin";
    QTest::newRow("MSDM") << "msdm/epoch=729-valid_loss=0.014.ckpt";
    QTest::newRow("VQ") << "vq_f4/model.ckpt";
  }
  void fastPathsStayNear() {
    NEEDS_PARITY();
    QFETCH(QString, file);
    const std::string folder = file.toStdString().substr(0, file.indexOf('/'));
    const auto measure = [&](at::ScalarType type, bool fast, bool recompute) {
      const PublishedModel model = load_published(test::parity_path(file.toStdString()), config_of(folder));
      model.to(at::kCPU, type, fast);
      model.set_recompute(recompute);
      const test::Tensors t = expected(folder);
      const auto rms = [](const at::Tensor& ours, const at::Tensor& reference) {
        return ((ours - reference).square().mean().sqrt() / reference.square().mean().sqrt()).item<double>();
      };
      if (model.audio) {
        const auto r = evaluate_published(
            model, {{"x", t.at("sigma2_x")}, {"sigma", t.at("sigma2_sigma")}, {"w", t.at("sigma2_w")}});
        return std::pair{rms(r.at("x0"), t.at("sigma2_denoised")), rms(r.at("grad"), t.at("sigma2_grad"))};
      }
      if (!model.denoises()) {  // the decoder without its quantiser's jumps is what can be compared
        const auto r = evaluate_published(model, {{"z", t.at("z")}, {"w", t.at("w_dec")}});
        return std::pair{rms(r.at("decoded"), t.at("decode")), rms(r.at("grad"), t.at("decode_grad"))};
      }
      const auto r =
          evaluate_published(model, {{"x", t.at("s0_x")}, {"t", at::tensor({250}, at::kLong)}, {"w", t.at("s0_w")}});
      return std::pair{rms(r.at("out"), t.at("s0_t250_out")), rms(r.at("grad"), t.at("s0_t250_grad"))};
    };
    const auto [fast, fast_gradient] = measure(at::kFloat, true, false);
    const auto [again, again_gradient] = measure(at::kFloat, true, true);
    const auto [half, half_gradient] = measure(at::kBFloat16, true, false);
    qInfo("relative rms error, output and gradient: float32 channels_last %.1e %.1e, bfloat16 %.1e %.1e", fast,
          fast_gradient, half, half_gradient);
    QVERIFY(fast < 1e-5 && fast_gradient < 1e-5);
    QVERIFY(again == fast && std::abs(again_gradient - fast_gradient) < 1e-6);
    QVERIFY(half < 0.03 && half_gradient < 0.05);
    QVERIFY(half > 1e-5);  // it was bfloat16
  }

  // A latent model with its autoencoder is a prior of photos, larger ones in windows.
  void aLatentModelIsAPriorOfPhotos() {
    NEEDS_PARITY();
    const Prior prior = load_prior(find_prior(test::parity_path("ldm_ffhq/model.ckpt")), at::kCPU, "float32");
    const test::Tensors t = expected("ldm_ffhq");
    QCOMPARE(prior.native_size, 64);
    QCOMPARE(prior.traits.paper_config, std::string("ffhq_ldm"));
    QCOMPARE(prior.codec->model_sizes({3, 64, 128}), (std::vector<int64_t>{3, 16, 32}));
    QVERIFY(near(prior.codec->decode(t.at("ae_z")), t.at("ae_decode"), "decode"));
    at::NoGradGuard no_grad;
    const at::Tensor z = at::randn({1, 3, 16, 28});
    QCOMPARE(prior.denoiser->predict_x0(z, {500}).sizes(), z.sizes());
    QCOMPARE(prior.codec->decode(z).size(3), 4 * 28);
  }

  void windowsCoverAndBlend() {
    for (const auto& [length, window, overlap, multiple] :
         {std::tuple{256, 256, 64, 8}, {264, 256, 64, 8}, {512, 256, 64, 32}, {1000, 256, 64, 8}, {40, 64, 16, 8}}) {
      const auto begins = window_begins(length, window, overlap, multiple);
      QCOMPARE(begins.front(), 0);
      if (length > window) QCOMPARE(begins.back(), length - window);
      for (size_t i = 1; i < begins.size(); ++i) {
        QVERIFY(begins[i] > begins[i - 1] && begins[i] - begins[i - 1] <= window - overlap);
        QCOMPARE(begins[i] % multiple, i + 1 == begins.size() ? (length - window) % multiple : 0);
      }
    }
    at::manual_seed(1);
    const at::Tensor x = at::randn({2, 3, 48, 72});
    int calls = 0;
    const at::Tensor same =
        through_windows(x, {.side = 32, .overlap = 8, .multiple = 8}, 2, [&](const at::Tensor& part) {
          ++calls;
          return at::upsample_nearest2d(part, {part.size(2) * 2, part.size(3) * 2});
        });
    QVERIFY(calls >= 6);
    QVERIFY(test::max_difference(same, at::upsample_nearest2d(x, {96, 144})) < 1e-6);
    // Windows that disagree change over without a jump larger than the ramp's step.
    int k = 0;
    const at::Tensor blended = through_windows(at::zeros({1, 1, 32, 56}), {.side = 32, .overlap = 8, .multiple = 8}, 1,
                                               [&](const at::Tensor& part) { return at::full_like(part, k++); });
    QVERIFY((blended.slice(3, 1) - blended.slice(3, 0, 55)).abs().max().item<double>() < 0.2);
    QCOMPARE(blended[0][0][0][0].item<float>(), 0.f);
    QCOMPARE(blended[0][0][0][55].item<float>(), 1.f);
  }

  void whatDoesNotFitIsNamed() {
    NEEDS_PARITY();
    auto weights = read_weights(test::parity_path("adm_ffhq/ffhq_10m.pt"));
    const auto said = [&](const std::map<std::string, at::Tensor>& w,
                          const nlohmann::json& config = {{"num_head_channels", 32}}) {
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
    QVERIFY2(words.contains("3 weights do not fit") && words.contains("missing middle_block.1.qkv.bias") &&
                 words.contains("not known: out.9.weight") &&
                 words.contains("input_blocks.1.0.in_layers.2.weight is [3, 3, 3, 3]"),
             qPrintable(words));
    QVERIFY(said(weights, {{"num_head_channels", 17}}).contains("heads of 17"));
    // What neither the weights nor a configuration tells is asked for.
    QVERIFY(said(weights, {{"use_new_attention_order", false}}).contains("--set num_head_channels="));
    QVERIFY(said({{"a", at::ones({2})}}).contains("of no network that is known"));
  }
};

QTEST_GUILESS_MAIN(TestPublished)
#include "tst_published.moc"
