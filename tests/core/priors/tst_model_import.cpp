#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/script.h>
#include <QtTest>

#include <fstream>

#include "core/checkpoints/torch_file.h"
#include "core/files/folders.h"
#include "core/networks/first_stage.h"
#include "core/priors/catalogue.h"
#include "core/priors/evaluation.h"
#include "core/priors/model_import.h"
#include "core/runs/run.h"
#include "core/runs/separation.h"
#include "core/samplers/updates/linearized_operator.h"
#include "tests/oracle.h"

using namespace mgdm;

class TestModelImport : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;

  static PriorCard imported(const std::string& file, const std::string& name, bool convert = false) {
    ImportRequest request;
    request.file = test::parity_path(file);
    request.name = name;
    request.convert = convert;
    return import_model(request);
  }
  template <typename Call>
  static QString refusal(Call call) {
    try {
      call();
    } catch (const ModelError& e) {
      return QString::fromUtf8(e.what());
    }
    return {};
  }
  static std::vector<std::string> own_files() {
    std::vector<std::string> names;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(own_model_folder(), error))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

 private Q_SLOTS:
  void init() {
    qputenv("XDG_DATA_HOME", folder_.path().toUtf8());
    QDir(folder_.filePath("mgdm-studio")).removeRecursively();
  }

  void aFileBecomesACardThatIsUsedByName() {
    NEEDS_PARITY();
    double last = 0;
    bool rising = true;
    ImportRequest request;
    request.file = test::parity_path("adm_ffhq/ffhq_10m.pt");
    const PriorCard card = import_model(request, [&](double share, const std::string&) {
      rising = rising && share >= last;
      last = share;
    });
    QVERIFY(rising && last == 1);
    QCOMPARE(card.name, std::string("ffhq_10m"));
    QCOMPARE(card.family, std::string("adm"));
    QCOMPARE(card.all.at("config").at("num_head_channels").get<int>(), 32);  // from the config.json beside it
    QCOMPARE(card.all.at("sha256").get<std::string>().size(), size_t{64});
    QVERIFY(card.all.at("bytes").get<int64_t>() > 1000000);
    QCOMPARE(own_files(), std::vector<std::string>{"ffhq_10m.json"});
    QVERIFY(verify_model("ffhq_10m").empty());
    // By its name alone, and equal to the network itself.
    const Prior prior = load_prior(find_prior("ffhq_10m"), at::kCPU, "float32");
    const PublishedModel model = load_published(request.file, config_of(card));
    at::NoGradGuard no_grad;
    const at::Tensor x = at::randn({1, 3, 32, 32});
    const at::Tensor x0 = evaluate_published(model, {{"x", x}, {"t", at::tensor({250}, at::kLong)}}).at("x0");
    QVERIFY(test::max_difference(prior.denoiser->predict_x0(x, {251}), x0) < 1e-4);
    // reference_compatible: the network is told the next integer, as the paper's code does.
    const double a = prior.schedule.alpha_bar(251);
    const at::Tensor eps = model.forward(x, at::tensor({251}, at::kLong)).slice(1, 0, 3);
    QVERIFY(test::max_difference(prior.reference_denoiser->predict_x0(x, {251}),
                                 (x - std::sqrt(1 - a) * eps) / std::sqrt(a)) < 1e-4);

    QVERIFY(refusal([&] { import_model(request); }).contains("is there already"));
    remove_model("ffhq_10m");
    QVERIFY(own_files().empty());
    QVERIFY(std::filesystem::exists(request.file));
    QVERIFY(refusal([&] { remove_model("photo"); }).contains("not one of yours"));
    QVERIFY(refusal([&] { find_prior("ffhq_10m"); }).contains("unknown"));
  }

  void convertedWeightsAreFloat16AndOnlyWhatIsUsed() {
    NEEDS_PARITY();
    const PriorCard card = imported("ldm_ffhq/model.ckpt", "faces", true);
    QCOMPARE(own_files(), (std::vector<std::string>{"faces.json", "faces.safetensors"}));
    const auto weights = read_safetensors(card.weights).tensors;
    QVERIFY(weights.at("model.diffusion_model.out.2.weight").scalar_type() == at::kHalf);
    QVERIFY(weights.at("alphas_cumprod").scalar_type() == at::kFloat);
    for (const auto& [name, tensor] : weights) QVERIFY2(name.rfind("model_ema", 0) != 0, name.c_str());
    QVERIFY(verify_model("faces").empty());
    at::NoGradGuard no_grad;
    const Prior own = load_prior(find_prior("faces"), at::kCPU, "float32"),
                original = load_prior(find_prior(test::parity_path("ldm_ffhq/model.ckpt")), at::kCPU, "float32");
    const at::Tensor z = at::randn({1, 3, 16, 16}), a = own.denoiser->predict_x0(z, {300}),
                     b = original.denoiser->predict_x0(z, {300});
    QVERIFY((a - b).abs().max().item<double>() < 0.02 * b.abs().max().item<double>());
    QVERIFY(!at::equal(a, b));
    remove_model("faces");
    QVERIFY(own_files().empty());
  }

  void aStoppedImportLeavesNothing() {
    NEEDS_PARITY();
    std::stop_source source;
    ImportRequest request;
    request.file = test::parity_path("ldm_ffhq/model.ckpt");
    request.convert = true;
    QVERIFY(refusal([&] {
              import_model(
                  request,
                  [&](double share, const std::string&) {
                    if (share > 0.6) source.request_stop();
                  },
                  source.get_token());
            }).contains("stopped"));
    QVERIFY(own_files().empty());
  }

  void whatIsWrongIsSaid() {
    NEEDS_PARITY();
    const std::filesystem::path file = folder_.filePath("weights.pt").toStdString();
    write_torch_file(file, read_weights(test::parity_path("adm_ffhq/ffhq_10m.pt")));  // without its configuration
    ImportRequest request;
    request.file = file;
    try {
      import_model(request);
      QFAIL("heads were guessed");
    } catch (const MissingSetting& e) {
      QCOMPARE(e.key, std::string("num_head_channels"));
      QVERIFY(QString::fromStdString(e.question).contains("channels an attention head has"));
    }
    request.config = {{"num_head_channels", 32}};
    const PriorCard card = import_model(request);
    // Another file of the same size, then one of another size, then none.
    auto changed = read_weights(file);
    changed.begin()->second = changed.begin()->second + 1;
    write_torch_file(file, changed);
    QVERIFY(QString::fromStdString(verify_model(card.name).at(0)).contains("its hash differs"));
    std::ofstream(file, std::ios::binary | std::ios::app) << "x";
    QVERIFY(QString::fromStdString(verify_model(card.name).at(0)).contains("the card says"));
    QVERIFY(refusal([&] { load_prior(find_prior(card.name), at::kCPU, "float32"); }).contains("not the file any more"));
    std::filesystem::remove(file);
    QVERIFY(QString::fromStdString(verify_model(card.name).at(0)).contains("missing"));
    QVERIFY(refusal([&] { load_prior(find_prior(card.name), at::kCPU, "float32"); }).contains("missing"));
    remove_model(card.name);
    request.file = folder_.filePath("nothing.pt").toStdString();
    QVERIFY(refusal([&] { import_model(request); }).contains("is no file"));
    std::ofstream(folder_.filePath("text.pt").toStdString()) << "hello";
    request.file = folder_.filePath("text.pt").toStdString();
    QVERIFY(!refusal([&] { import_model(request); }).isEmpty());
    QVERIFY(own_files().empty());
  }

  void anAutoencoderAloneIsKeptButRestoresNothing() {
    NEEDS_PARITY();
    const PriorCard card = imported("vq_f4/model.ckpt", "vq");
    QVERIFY(QString::fromStdString(uses_of(card)).contains("autoencoder"));
    QVERIFY(verify_model("vq").empty());
    QVERIFY(refusal([&] { load_prior(find_prior("vq"), at::kCPU, "float32"); }).contains("autoencoder alone"));
  }

  // A latent model whose file has no autoencoder takes one from another file.
  void anAutoencoderFromAnotherFile() {
    NEEDS_PARITY();
    std::map<std::string, at::Tensor> unet;
    for (const auto& [name, tensor] : read_weights(test::parity_path("ldm_ffhq/model.ckpt"))) {
      if (name.rfind("model.diffusion_model.", 0) == 0) unet[name] = tensor;
    }
    ImportRequest request;
    request.file = folder_.filePath("unet.pt").toStdString();
    write_torch_file(request.file, unet);
    request.config = {{"num_head_channels", 32}, {"linear_start", 0.0015}, {"linear_end", 0.0195}};
    QVERIFY(refusal([&] { import_model(request); }).contains("first_stage=FILE"));
    request.config["first_stage"] = test::parity_path("vq_f4/model.ckpt");
    import_model(request);
    QVERIFY(verify_model("unet").empty());
  }

  void aProgramIsOnlyTakenWhereItIsTrusted() {
    const std::filesystem::path file = folder_.filePath("net.ts").toStdString();
    torch::jit::Module module("net");
    module.define("def forward(self, x, t):\n    return x * 0.5\n");
    module.save(file.string());
    ImportRequest request;
    request.file = file;
    QVERIFY(refusal([&] { import_model(request); }).contains("is a program"));
    QVERIFY(refusal([&] { load_prior(find_prior(file.string()), at::kCPU, "float32"); }).contains("is a program"));
    request.trust_code = true;
    request.config = {{"prediction", "x0"}, {"image_size", 64}};
    import_model(request);
    const Prior prior = load_prior(find_prior("net"), at::kCPU, "float32");
    const at::Tensor x = at::ones({2, 3, 32, 32});
    QVERIFY(at::equal(prior.denoiser->predict_x0(x, {500}), x * 0.5));
    QVERIFY(verify_model("net").empty());
  }

  // Each family runs with every sampler that can, through the same Prior; the others say why not.
  void everyFamilyRunsWithEverySampler_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("ADM") << "adm_ffhq/ffhq_10m.pt";
    QTest::newRow("LDM") << "ldm_ffhq/model.ckpt";
    QTest::newRow("diffusers") << "diffusers_cifar10/diffusion_pytorch_model.safetensors";
  }
  void everyFamilyRunsWithEverySampler() {
    NEEDS_PARITY();
    QFETCH(QString, file);
    const auto prior = std::make_shared<const Prior>(
        load_prior(find_prior(test::parity_path(file.toStdString())), at::kCPU, "float32"));
    const int64_t side = prior->min_size,
                  width = side + (prior->size_multiple % 4 == 0 ? 1 : 4) * prior->size_multiple;  // in two windows
    at::set_num_threads(2);
    const std::map<std::string, Settings> few{
        {"mgdm",
         {{"steps", 5},
          {"denoising_steps", 2},
          {"conjugate_steps", 1},
          {"gradient_steps", 1},
          {"guidance", "denoised"}}},
        {"daps", {{"steps", 4}, {"ode_steps", 2}, {"langevin_steps", 2}}},
        {"pnp_dm", {{"steps", 4}, {"grid", 8}, {"langevin", true}, {"langevin_steps", 2}}}};
    int ran = 0;
    for (const auto& sampler : samplers()) {
      RunRequest request;
      request.task = "sr4";
      request.sampler = sampler.name;
      const auto own = few.find(sampler.name);
      Settings settings = own != few.end() ? own->second : Settings{{"steps", 5}};
      for (auto it = settings.begin(); it != settings.end();) {
        const bool known = std::any_of(sampler.settings.begin(), sampler.settings.end(),
                                       [&](const Setting& s) { return s.name == it.key(); });
        it = known ? std::next(it) : settings.erase(it);
      }
      request.sampler_settings = settings;
      try {
        const Run run(prior, request, at::zeros({3, side, width}));
        const RunResult result = run.execute();
        QVERIFY2(result.samples.isfinite().all().item<bool>(), sampler.name.c_str());
        QCOMPARE(result.samples.size(3), width);
        qInfo("%s: %.1f s, %ld evaluations", sampler.name.c_str(), result.seconds,
              static_cast<long>(result.evaluations.forward + result.evaluations.backward));
        ++ran;
      } catch (const SettingError& e) {
        QVERIFY2(
            prior->traits.latent != (sampler.space == PriorSpace::Latent) && QString(e.what()).contains("autoencoder"),
            e.what());
      }
    }
    QCOMPARE(ran, prior->traits.latent ? 8 : 11);
  }

  // Products with the Jacobian of a decoder, forward mode against differences; and a decoder with the fused kernel says
  // that it cannot be differentiated twice instead of giving rubbish.
  void aDecoderIsDifferentiatedBothWays() {
    NEEDS_PARITY();
    const PublishedModel model = load_published(test::parity_path("kl_f8/model.ckpt"), nlohmann::json::object());
    model.to(at::kCPU, at::kFloat, true);
    at::manual_seed(3);
    const at::Tensor z = at::randn({1, 4, 8, 8}), u = at::randn_like(z);
    const auto decode = [&](const at::Tensor& v) { return model.first_stage->decode(v); };
    const at::Tensor product = jacobian_product(decode, z, u);
    at::NoGradGuard no_grad;
    const double h = 1e-2;
    const at::Tensor difference = (decode(z + h * u) - decode(z - h * u)) / (2 * h);
    QVERIFY((product - difference).abs().max().item<double>() < 2e-3 * difference.abs().max().item<double>());
    // <J u, w> = <u, J^T w>
    at::AutoGradMode with_grad(true);
    const at::Tensor leaf = z.clone().requires_grad_(true), out = decode(leaf), w = at::randn_like(out);
    const at::Tensor pulled = torch::autograd::grad({out}, {leaf}, {w}, true)[0];
    QVERIFY(std::abs((product * w).sum().item<double>() - (u * pulled).sum().item<double>()) <
            1e-4 * w.norm().item<double>() * product.norm().item<double>());
    QVERIFY_EXCEPTION_THROWN(torch::autograd::grad({out}, {leaf}, {w}, true, true), std::exception);
  }

  void presetsSuitTheFamily() {
    const auto& mgdm = find_sampler("mgdm");
    const auto paper = [&](const char* config) {
      return preset_settings(mgdm, "paper", nullptr, {.latent = false, .paper_config = config});
    };
    QCOMPARE(paper("imagenet").at("learning_rate").get<double>(), 0.03);
    QCOMPARE(paper("sound").at("gibbs").get<int>(), 6);
    // "20 in the last 30 steps, 20 at every tenth, else 3"
    const StepRules rules(paper("ffhq_ldm").at("gradient_steps"), "gradient_steps", 0, 1000);
    QCOMPARE(rules.at(75, 100), 20.0);
    QCOMPARE(rules.at(40, 100), 20.0);
    QCOMPARE(rules.at(41, 100), 3.0);
    QCOMPARE(StepRules(paper("ffhq").at("gradient_steps"), "gradient_steps", 0, 1000).at(40, 100), 5.0);
  }

  // The waveform network of MSDM behind an orthonormal transform: the stems of a song, of whatever length.
  void msdmSeparates() {
    NEEDS_PARITY();
    imported("msdm/glorious.pt", "msdm");
    const BandPrior band = load_band_prior(find_prior("msdm"), at::kCPU, "float32");
    QCOMPARE(band.stems, (std::vector<std::string>{"bass", "drums", "guitar", "piano"}));
    // In coefficients the denoiser is the network's own, seen through the transform.
    const test::Tensors t = all_tensors_of(read_torch_file(test::parity_path("msdm/expected.pt")).root());
    const at::Tensor sound = t.at("sigma2_x");
    at::NoGradGuard no_grad;
    const at::Tensor x0 =
        inverse_mdct(band.prior->denoiser->denoise(mdct(sound, 512), t.at("sigma2_sigma").item<double>()));
    QVERIFY(test::max_difference(x0, t.at("sigma2_denoised")) < 1e-4);
    const Song song{.mix = 0.2 * at::randn({2, 22050}), .given = {}, .gaps = {}};
    SeparationRequest request;
    request.preset = "quick";
    request.frames = 32;
    request.other = 0;
    at::Tensor stems;
    separate(band, song, request, [&](const SeparatedStretch& part) {
      stems = stems.defined() ? at::cat({stems, part.samples}, 3) : part.samples;
    });
    QCOMPARE(stems.sizes(), at::IntArrayRef({1, 4, 2, 22050}));
    QVERIFY(test::max_difference(stems[0].sum(0), song.mix) < 1e-3);
    QCOMPARE(separation_settings({.preset = "paper"}, band, song).at("gibbs").get<int>(), 6);
  }
};

QTEST_GUILESS_MAIN(TestModelImport)
#include "tst_model_import.moc"
