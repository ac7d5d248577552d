// Stable Diffusion 1, 2 and XL against the original code: small instances with random weights, from a single file and
// from a folder as diffusers lays it out.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <QtTest>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "core/checkpoints/safetensors.h"
#include "core/checkpoints/torch_file.h"
#include "core/errors.h"
#include "core/networks/conditional_unet.h"
#include "core/networks/first_stage.h"
#include "core/networks/text_encoder.h"
#include "core/priors/catalogue.h"
#include "core/priors/evaluation.h"
#include "core/priors/family.h"
#include "core/priors/known_models.h"
#include "core/priors/model_import.h"
#include "core/priors/published_family.h"
#include "core/priors/published_model.h"
#include "core/priors/stable_diffusion_parts.h"
#include "core/priors/text/text_conditioner.h"
#include "core/priors/weight_file.h"
#include "tests/oracle.h"

using namespace mgdm;
namespace fs = std::filesystem;

namespace {

struct Instance {
  const char* folder;
  const char* file;
  const char* family;
};
const Instance kInstances[] = {{"sd15_tiny", "v1-5-pruned-emaonly.safetensors", "sd1"},
                               {"sd21_tiny", "v2-1_768-ema-pruned.safetensors", "sd2"},
                               {"sdxl_tiny", "sd_xl_base_1.0.safetensors", "sdxl"}};

test::Tensors expected_of(const std::string& folder) {
  return all_tensors_of(read_torch_file(test::parity_path(folder + "/expected.pt")).root());
}

PublishedModel load(const std::string& place) {
  const PriorCard card = find_prior(place);
  return load_published(card.weights, config_of(card));
}

template <typename Call>
QString refusal(Call call) {
  try {
    call();
  } catch (const Error& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

}  // namespace

class TestStableDiffusion : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  double worst_ = 0;  // of all comparisons of a test, in units of the bound

  fs::path path(const char* name) const { return folder_.filePath(name).toStdString(); }

  // The parity folder's bound: 2e-5 max(1, max |reference|).
  bool near(const at::Tensor& ours, const at::Tensor& reference, const std::string& what) {
    if (ours.sizes() != reference.sizes()) {
      qWarning("%s: %s, must be %s", what.c_str(), c10::str(ours.sizes()).c_str(), c10::str(reference.sizes()).c_str());
      return false;
    }
    const double bound = 2e-5 * std::max(1.0, reference.abs().max().item<double>()),
                 error = test::max_difference(ours, reference);
    worst_ = std::max(worst_, error / bound);
    if (!(error <= bound)) qWarning("%s: %g, at most %g", what.c_str(), error, bound);
    return error <= bound;
  }

  // Rows of a test for each instance, as a file and as a folder.
  static void rows() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("place");
    QTest::addColumn<QString>("family");
    for (const Instance& i : kInstances) {
      QTest::addRow("%s, file", i.family) << i.folder << QString("%1/%2").arg(i.folder, i.file) << i.family;
      QTest::addRow("%s, folder", i.family) << i.folder << i.folder << i.family;
    }
  }

  // The single file of an instance, changed and written anew.
  fs::path changed(const Instance& instance, const std::function<void(std::map<std::string, at::Tensor>&)>& change,
                   const char* name = "changed.safetensors") {
    auto weights = read_weights(test::parity_path(std::string(instance.folder) + '/' + instance.file));
    for (auto& [key, tensor] : weights) tensor = tensor.clone();
    change(weights);
    write_safetensors(path(name), {.tensors = weights, .metadata = {}});
    fs::copy_file(test::parity_path(std::string(instance.folder) + "/config.json"), path("config.json"),
                  fs::copy_options::overwrite_existing);
    return path(name);
  }

  static at::Tensor published_schedule(const Instance& i) {
    return load(test::parity_path(std::string(i.folder) + '/' + i.file)).alphas_cumprod;
  }

  static QString why_refused(const fs::path& place) {
    return refusal([&] { load(place.string()); });
  }

 private Q_SLOTS:
  void init() { worst_ = 0; }

  void networksAgree_data() { rows(); }
  void networksAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, place);
    QFETCH(QString, family);
    const PublishedModel model = load(test::parity_path(place.toStdString()));
    QCOMPARE(QString::fromStdString(model.family->about().name), family);
    const test::Tensors reference = expected_of(folder.toStdString());
    int compared = 0;
    for (const auto& [name, out] : reference) {
      // "s0_t250_out", "s0_tbatch_out"
      const size_t end = name.rfind("_out");
      if (name[0] != 's' || name.size() < 8 || end != name.size() - 4 || name.find("_t") != 2) continue;
      const std::string s = name.substr(0, 3), stem = name.substr(0, end + 1), level = name.substr(4, end - 4);
      test::Tensors input{
          {"x", reference.at(s + "x")}, {"w", reference.at(s + "w")}, {"context", reference.at(s + "context")}};
      if (reference.count(s + "y") != 0) input["y"] = reference.at(s + "y");
      if (level == "batch") {
        const auto t = std::find_if(reference.begin(), reference.end(), [&](const auto& entry) {
          return entry.first == stem + "t" || entry.first == s + "tbatch" || entry.first == stem + "in_t";
        });
        if (t == reference.end()) continue;
        input["t"] = t->second;
      } else {
        input["t"] = at::tensor({std::stoi(level)}, at::kLong);
      }
      const test::Tensors ours = evaluate_published(model, input);
      QVERIFY(near(ours.at("out"), out, name));
      for (const auto& [key, result] : {std::pair{"grad", "grad"}, {"eps", "eps"}, {"x0", "x0"}}) {
        const auto found = reference.find(stem + key);
        if (found != reference.end()) QVERIFY(near(ours.at(result), found->second, stem + key));
      }
      ++compared;
    }
    QVERIFY(compared >= 6);
    qInfo("%d outputs, the worst at %.2f of the bound", compared, worst_);
  }

  void textStatesAgree_data() { rows(); }
  void textStatesAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, place);
    const PublishedModel model = load(test::parity_path(place.toStdString()));
    const test::Tensors reference = expected_of(folder.toStdString());
    const bool two = reference.count("text_ids_1") != 0;
    const at::Tensor ids = reference.at(two ? "text_ids_1" : "text_ids"),
                     context = reference.at(two ? "text_context" : "text_hidden");
    test::Tensors input{{"tokens", ids}};
    if (two) {
      QVERIFY(near(evaluate_published(model, input).at("text"), context, "the second encoder's padding"));
      input["tokens_2"] = reference.at("text_ids_2");
    }
    const test::Tensors ours = evaluate_published(model, input);
    QVERIFY(near(ours.at("text"), context, "text"));
    if (reference.count("text_pooled") != 0) QVERIFY(near(ours.at("pooled"), reference.at("text_pooled"), "pooled"));
    if (two) {
      const std::vector<at::Tensor> both{ids, reference.at("text_ids_2")};
      QVERIFY(near(evaluate_published(model, {{"tokens", at::stack(both)}}).at("text"), context, "stacked"));
      for (int64_t i = 0; i < ids.size(0); ++i) {
        const at::Tensor numbers = reference.at("adm_size_in")[i].to(at::kDouble).contiguous();
        const std::vector<double> sizes(numbers.data_ptr<double>(), numbers.data_ptr<double>() + 6);
        const at::Tensor label = reference.at("adm_y").slice(0, i, i + 1);
        QVERIFY(near(size_label(ours.at("pooled").slice(0, i, i + 1), sizes, label.size(1)), label, "label"));
      }
    }
    // The same from the words.
    std::ifstream in(test::parity_path(folder.toStdString() + "/config.json"));
    const auto prompts = nlohmann::json::parse(in).at("prompts").get<std::vector<std::string>>();
    for (size_t i = 0; i < prompts.size(); ++i) {
      std::string cut;
      const auto own = model.text->tokenize(prompts[i], &cut);
      QVERIFY(at::equal(own[0][0], ids[static_cast<int64_t>(i)].to(at::kLong)));
      if (two) QVERIFY(at::equal(own[1][0], reference.at("text_ids_2")[static_cast<int64_t>(i)].to(at::kLong)));
      QCOMPARE(cut.empty(), ids[static_cast<int64_t>(i)][76].item<int64_t>() != 599 || prompts[i].size() < 100);
    }
    qInfo("the worst at %.2f of the bound", worst_);
  }

  void firstStagesAgree_data() { rows(); }
  void firstStagesAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, place);
    const PublishedModel model = load(test::parity_path(place.toStdString()));
    const test::Tensors t = expected_of(folder.toStdString());
    const auto decoded = evaluate_published(model, {{"z", t.at("ae_z")}, {"w", t.at("ae_w_dec")}});
    QVERIFY(near(decoded.at("decoded"), t.at("ae_decode"), "decode"));
    QVERIFY(near(decoded.at("grad"), t.at("ae_decode_grad"), "decode_grad"));
    const auto encoded = evaluate_published(model, {{"image", t.at("ae_x_img")}});
    QVERIFY(near(encoded.at("encoded"), t.at("ae_encode_mean"), "encode"));
    const at::Tensor image = t.at("ae_x_img").clone().requires_grad_(true), moments = model.first_stage->moments(image);
    QVERIFY(near(moments.detach().slice(1, 0, 4), t.at("ae_mean"), "mean"));
    QVERIFY(near(torch::autograd::grad({moments}, {image}, {t.at("ae_w_enc")})[0], t.at("ae_moments_grad"),
                 "moments_grad"));
    QCOMPARE(static_cast<float>(model.first_stage->scale_factor()), t.at("scale_factor").item<float>());
    qInfo("the worst at %.2f of the bound", worst_);
  }

  void guidanceAndChainAgree_data() { rows(); }
  void guidanceAndChainAgree() {
    NEEDS_PARITY();
    QFETCH(QString, folder);
    QFETCH(QString, place);
    const PublishedModel model = load(test::parity_path(place.toStdString()));
    const test::Tensors t = expected_of(folder.toStdString());
    const auto gradient = [&](const at::Tensor& x, const at::Tensor& w, const auto& map, at::Tensor& out) {
      const at::Tensor leaf = x.clone().requires_grad_(true);
      out = map(leaf);
      return torch::autograd::grad({out}, {leaf}, {w})[0];
    };
    const auto network = [&](const at::Tensor& x, const char* context, const char* y) {
      return model.conditional->forward(x, at::tensor({500}, at::kLong), t.at(context),
                                        t.count(y) != 0 ? t.at(y) : at::Tensor());
    };
    at::Tensor out;
    const at::Tensor grad = gradient(
        t.at("s0_x"), t.at("s0_w"),
        [&](const at::Tensor& x) {
          const at::Tensor u = network(x, "s0_uncond_context", "s0_uncond_y");
          return u + 7.5 * (network(x, "s0_context", "s0_y") - u);
        },
        out);
    QVERIFY(near(out.detach(), t.at("cfg7.5_t500_out"), "guided"));
    QVERIFY(near(grad, t.at("cfg7.5_t500_grad"), "guided gradient"));
    // x0 and noise with their gradients; MGDM's own x0 has its levels relative to the first.
    int compared = 0;
    for (const auto& [name, value] : t) {
      int size = 0, level = 0, used = 0;
      if (std::sscanf(name.c_str(), "s%d_t%d_%n", &size, &level, &used) != 2) continue;
      const std::string s = "s" + std::to_string(size) + '_', kind = name.substr(static_cast<size_t>(used));
      const bool graded = kind.size() > 5 && kind.compare(kind.size() - 5, 5, "_grad") == 0,
                 mgdm = kind.rfind("mgdm_", 0) == 0;
      const bool x0 = kind.find("x0") != std::string::npos;
      if (!x0 && kind.rfind("eps", 0) != 0) continue;
      const at::Tensor table = t.at(mgdm ? "alphas_cumprod_diffusers" : "alphas_cumprod_buffer").to(at::kDouble);
      const double a = table[level].item<double>() / (mgdm ? table[0].item<double>() : 1.0), signal = std::sqrt(a),
                   noise = std::sqrt(1 - a);
      const at::Tensor back = gradient(
          t.at(s + "x"), t.at(s + "w"),
          [&](const at::Tensor& x) {
            const at::Tensor raw = model.conditional->forward(x, at::tensor({level}, at::kLong), t.at(s + "context"),
                                                              t.count(s + "y") != 0 ? t.at(s + "y") : at::Tensor());
            if (model.prediction == Prediction::Velocity)
              return x0 ? signal * x - noise * raw : signal * raw + noise * x;
            return x0 ? (x - noise * raw) / signal : raw;
          },
          out);
      QVERIFY(near(graded ? back : out.detach(), value, name));
      ++compared;
    }
    QVERIFY(compared >= 12);
    if (t.count("chain_t500_out") != 0) {
      const at::Tensor context = t.at(t.count("text_context") != 0 ? "text_context" : "text_hidden").slice(0, 0, 1);
      const double a = t.at("alphas_cumprod_buffer")[500].item<double>();
      const at::Tensor back = gradient(
          t.at("chain_t500_z"), t.at("chain_t500_w"),
          [&](const at::Tensor& z) {
            const at::Tensor raw = model.conditional->forward(z, at::tensor({500}, at::kLong), context);
            const at::Tensor x0 = model.prediction == Prediction::Velocity
                                      ? std::sqrt(a) * z - std::sqrt(1 - a) * raw
                                      : (z - std::sqrt(1 - a) * raw) / std::sqrt(a);
            return model.first_stage->decode(x0);
          },
          out);
      QVERIFY(near(out.detach(), t.at("chain_t500_out"), "chain"));
      QVERIFY(near(back, t.at("chain_t500_grad"), "chain gradient"));
    }
    qInfo("%d estimates, the worst at %.2f of the bound", compared, worst_);
  }

  void embeddingsAgree() {
    NEEDS_PARITY();
    for (const Instance& i : kInstances) {
      const test::Tensors t = expected_of(i.folder);
      const at::Tensor waves = t.at("temb_sinusoid");
      QVERIFY(near(sinusoids(t.at("temb_in_t").reshape({-1}), waves.size(1)), waves, "temb_sinusoid"));
      const auto a = published_schedule(i);
      QVERIFY(test::max_difference(a, t.at("alphas_cumprod_buffer")) < 1e-6);
    }
    // The other layer of the same encoder, and the activation that is not its own.
    const test::Tensors t = expected_of("sd15_tiny");
    const auto weights = sd_weights(WeightFile(test::parity_path("sd15_tiny/v1-5-pruned-emaonly.safetensors")));
    std::map<std::string, at::Tensor> own;
    for (const auto& [name, tensor] : weights) {
      if (name.rfind(sd_text_prefix(0), 0) == 0) own[name.substr(7)] = tensor;
    }
    const TextEncoder last_but_one(own, {.heads = 3, .quick_gelu = true, .left_out = 1, .normalised = false}),
        other(own, {.heads = 3, .quick_gelu = false});
    const at::Tensor ids = t.at("text_ids");
    QVERIFY(near(last_but_one.encode(ids, false).tokens, t.at("text_hidden_penultimate_no_norm"), "penultimate"));
    QVERIFY(test::max_difference(other.encode(ids, false).tokens, t.at("text_hidden")) > 1e-3);
  }

  // What visits a device is a copy; what is there already is not copied.
  void layersOfATextEncoderVisitADevice() {
    const TextEncoderConfig small{.vocabulary = 20, .width = 8, .layers = 2, .hidden = 16};
    const NamedWeights all(small.layout().random(1), "");
    const std::string layer = "text_model.encoder.layers.1.";
    const NamedWeights visitor = all.below(layer, at::kMeta), here = all.below(layer, at::kCPU);
    QCOMPARE(visitor.all().size(), size_t{16});
    for (const auto& [name, tensor] : visitor.all()) {
      QVERIFY(tensor.is_meta());
      QVERIFY(all.at(layer + name).is_cpu());
      QVERIFY(here.at(name).is_alias_of(all.at(layer + name)));
    }
  }

  // Pickled files, names without "text_model.", single precision, a trained copy beside an averaged one.
  void otherWaysToWriteAFileAreTheSame() {
    NEEDS_PARITY();
    std::ifstream in(test::parity_path("sd15_tiny/config.json"));
    const auto config = nlohmann::json::parse(in);
    auto weights = read_weights(test::parity_path("sd15_tiny/v1-5-pruned-emaonly.safetensors"));
    const test::Tensors t = expected_of("sd15_tiny");
    const at::Tensor ids = t.at("text_ids");
    std::map<std::string, at::Tensor> other;
    for (const auto& [name, tensor] : weights) {
      std::string key = name;
      const std::string level = "cond_stage_model.transformer.text_model.";
      if (key.rfind(level, 0) == 0) key = "cond_stage_model.transformer." + key.substr(level.size());
      if (key.find("position_ids") != std::string::npos) continue;
      other[key] = tensor.is_floating_point() ? tensor.to(at::kFloat) : tensor;
    }
    other["model_ema.diffusion_modelout2weight"] = at::ones({3});
    write_torch_file(path("other.ckpt"), other);
    const PublishedModel model = load_published(path("other.ckpt"), config);
    QVERIFY(near(evaluate_published(model, {{"tokens", ids}}).at("text"), t.at("text_hidden"), "text"));
    const auto out = evaluate_published(
        model, {{"x", t.at("s0_x")}, {"t", at::tensor({250}, at::kLong)}, {"context", t.at("s0_context")}});
    QVERIFY(near(out.at("out"), t.at("s0_t250_out"), "out"));
    QVERIFY(std::any_of(model.left_out.begin(), model.left_out.end(),
                        [](const std::string& s) { return s.find("model_ema") != std::string::npos; }));
    // A first stage in a file of its own.
    std::map<std::string, at::Tensor> stage;
    for (auto i = other.begin(); i != other.end();) {
      const bool own = i->first.rfind(kSdStage, 0) == 0;
      if (own) stage[i->first.substr(std::string(kSdStage).size())] = i->second;
      i = own ? other.erase(i) : std::next(i);
    }
    write_torch_file(path("rest.ckpt"), other);
    write_torch_file(path("stage.pt"), stage);
    nlohmann::json with = config;
    with["first_stage"] = path("stage.pt").string();
    const auto decoded = evaluate_published(load_published(path("rest.ckpt"), with), {{"z", t.at("ae_z")}});
    QVERIFY(near(decoded.at("decoded"), t.at("ae_decode"), "decode"));
  }

  // Half precision and attention in tiles change numbers, but not what they are.
  void otherPrecisionsAreClose() {
    NEEDS_PARITY();
    const test::Tensors t = expected_of("sdxl_tiny");
    const test::Tensors input{{"x", t.at("s0_x")},
                              {"t", at::tensor({250}, at::kLong)},
                              {"w", t.at("s0_w")},
                              {"context", t.at("s0_context")},
                              {"y", t.at("s0_y")}};
    const auto rms = [](const at::Tensor& a, const at::Tensor& b) {
      return ((a - b).square().mean().sqrt() / b.square().mean().sqrt()).item<double>();
    };
    const auto measure = [&](at::ScalarType type, bool recompute) {
      const PublishedModel model = load(test::parity_path("sdxl_tiny"));
      model.to(at::kCPU, type, true);
      model.set_recompute(recompute);
      const test::Tensors r = evaluate_published(model, input);
      return std::pair{rms(r.at("out"), t.at("s0_t250_out")), rms(r.at("grad"), t.at("s0_t250_grad"))};
    };
    const auto [fast, fast_gradient] = measure(at::kFloat, false);
    const auto [again, again_gradient] = measure(at::kFloat, true);
    const auto [half, half_gradient] = measure(at::kBFloat16, false);
    qInfo("relative rms error, output and gradient: float32 channels_last %.1e %.1e, bfloat16 %.1e %.1e", fast,
          fast_gradient, half, half_gradient);
    QVERIFY(fast < 1e-5 && fast_gradient < 1e-5 && again < 1e-5 && again_gradient < 1e-5);
    QVERIFY(half > 1e-5 && half < 0.05 && half_gradient < 0.1);
  }

  void attentionInTilesIsTheSame() {
    // More scores than are held at once; the reference is the formula in double.
    const auto generator = at::detail::createCPUGenerator(1);
    const int64_t length = 2 * static_cast<int64_t>(std::sqrt(static_cast<double>(kScoresAtOnce))) / 3 * 2;
    const auto draw = [&] { return at::randn({1, 1, length, 4}, generator, at::kFloat).requires_grad_(true); };
    const at::Tensor q = draw(), k = draw(), v = draw(), w = at::randn({1, 1, length, 4}, generator, at::kFloat);
    QVERIFY(length * length > kScoresAtOnce);
    const at::Tensor tiled = attention(q, k, v, 0.5);
    const auto ours = torch::autograd::grad({tiled}, {q, k, v}, {w});
    const auto twin = [](const at::Tensor& x) { return x.detach().to(at::kDouble).requires_grad_(true); };
    const at::Tensor a = twin(q), b = twin(k), c = twin(v),
                     plain = at::matmul(at::softmax(at::matmul(a * 0.5, b.transpose(-2, -1)), -1), c);
    const auto reference = torch::autograd::grad({plain}, {a, b, c}, {w.to(at::kDouble)});
    QVERIFY(test::max_difference(tiled.detach(), plain.detach()) < 1e-5);
    for (size_t i = 0; i < 3; ++i) {
      const double scale = std::max(1.0, reference[i].abs().max().item<double>());
      QVERIFY(test::max_difference(ours[i], reference[i]) < 1e-5 * scale);
    }
    at::NoGradGuard no_grad;
    QVERIFY(test::max_difference(attention(q, k, v, 0.5), plain.detach()) < 1e-5);
  }

  void aPriorIsToldAPrompt() {
    NEEDS_PARITY();
    for (const Instance& i : kInstances) {
      const auto prior =
          std::make_shared<const Prior>(load_prior(find_prior(test::parity_path(i.folder)), at::kCPU, "float32"));
      QCOMPARE(prior->settings.size(), size_t{3});
      QVERIFY(prior->traits.latent);
      QCOMPARE(prior->codec->model_sizes({3, 64, 128}), (std::vector<int64_t>{4, 8, 16}));
      at::NoGradGuard no_grad;
      const at::Tensor x = at::randn({1, 4, 8, 16}, at::detail::createCPUGenerator(1), at::kFloat);
      const auto estimate = [&](const Settings& said, Settings& complete) {
        return told_prior(prior, said, complete)->denoiser->predict_x0(x, {500});
      };
      Settings complete;
      const at::Tensor usual = estimate(Settings::object(), complete);
      QCOMPARE(complete, Settings({{"prompt", ""}, {"negative_prompt", ""}, {"guidance_scale", 1.0}}));
      QVERIFY(at::equal(usual, prior->denoiser->predict_x0(x, {500})));
      const at::Tensor cat = estimate({{"prompt", "A red cat"}}, complete),
                       half = estimate({{"prompt", "A red cat"}, {"guidance_scale", 0.0}}, complete),
                       strong = estimate({{"prompt", "A red cat"}, {"guidance_scale", 3.0}}, complete),
                       dog = estimate({{"prompt", "A red cat"}, {"negative_prompt", "dogs"}, {"guidance_scale", 3.0}},
                                      complete);
      QVERIFY(test::max_difference(usual, cat) > 1e-4);
      QVERIFY(test::max_difference(strong, dog) > 1e-4);
      // out = u + scale (c - u), which x0 is linear in; without guidance it is what no words give.
      QVERIFY(test::max_difference(half + 3 * (cat - half), strong) <
              1e-4 * std::max(1.0, strong.abs().max().item<double>()));
      if (std::string(i.family) != "sdxl") QVERIFY(test::max_difference(half, usual) < 1e-5);
      // What does not fit is told.
      std::string many = "a";
      for (int k = 0; k < 80; ++k) many += " 1";
      const auto heard = [&](const Settings& said) { return told_prior(prior, said, complete)->unheard; };
      QCOMPARE(heard({{"prompt", many}}), std::string("1 1 1 1 1 1"));
      QCOMPARE(heard({{"prompt", "a red cat"}}), std::string());
      QVERIFY(refusal([&] { estimate({{"prompts", "x"}}, complete); }).contains("unknown setting 'prompts'"));
      QVERIFY(refusal([&] { estimate({{"guidance_scale", 99}}, complete); }).contains("from 0 to 30"));
    }
    Settings complete;
    Prior pixels;
    pixels.name = "pixels";
    QVERIFY(refusal([&] {
              told_prior(std::make_shared<const Prior>(pixels), {{"prompt", "x"}}, complete);
            }).contains("unknown setting 'prompt' (it has none)"));
  }

  void withoutAVocabularyOnlyTheEmptyPromptIsKnown() {
    NEEDS_PARITY();
    qputenv("MGDM_MODELS", folder_.path().toUtf8());
    qputenv("XDG_DATA_HOME", folder_.path().toUtf8());
    const fs::path file = changed(kInstances[0], [](auto&) {});
    const auto prior = std::make_shared<const Prior>(load_prior(find_prior(file.string()), at::kCPU, "float32"));
    const auto with =
        std::make_shared<const Prior>(load_prior(find_prior(test::parity_path("sd15_tiny")), at::kCPU, "float32"));
    Settings complete;
    at::NoGradGuard no_grad;
    const at::Tensor x = at::ones({1, 4, 8, 8});
    QVERIFY(at::equal(told_prior(prior, {}, complete)->denoiser->predict_x0(x, {500}),
                      told_prior(with, {}, complete)->denoiser->predict_x0(x, {500})));
    const QString words = refusal([&] { told_prior(prior, {{"prompt", "a cat"}}, complete); });
    QVERIFY2(words.contains("no vocabulary") && words.contains("merges.txt"), qPrintable(words));
    // Laid where all models look for it.
    fs::create_directories(path("clip-tokenizer"));
    fs::copy_file(test::parity_path("sd15_tiny/tokenizer/merges.txt"), path("clip-tokenizer/merges.txt"));
    const auto found = std::make_shared<const Prior>(load_prior(find_prior(file.string()), at::kCPU, "float32"));
    QVERIFY(at::equal(told_prior(found, {{"prompt", "a cat"}}, complete)->denoiser->predict_x0(x, {500}),
                      told_prior(with, {{"prompt", "a cat"}}, complete)->denoiser->predict_x0(x, {500})));
    fs::remove_all(path("clip-tokenizer"));
    qunsetenv("MGDM_MODELS");
  }

  void whatASecondFileCannotTellIsAsked() {
    NEEDS_PARITY();
    // Velocity or noise: the same names and shapes, so the name of the file or a configuration has to say it.
    nlohmann::json config{{"num_head_channels", 16}, {"text_encoders", {{{"heads", 4}}}}};
    const auto weights = read_weights(test::parity_path("sd21_tiny/v2-1_768-ema-pruned.safetensors"));
    try {
      published_from(weights, config, "model.safetensors");
      QFAIL("nothing was asked");
    } catch (const MissingSetting& e) {
      QCOMPARE(e.key, std::string("prediction_type"));
      QVERIFY(QString(e.what()).contains("v_prediction") && QString(e.what()).contains("epsilon"));
    }
    config["prediction_type"] = "v_prediction";
    const PublishedModel velocity = published_from(weights, config, "model.safetensors");
    QVERIFY(velocity.prediction == Prediction::Velocity);
    QCOMPARE(velocity.native_size, 768);
    config["prediction_type"] = "epsilon";
    QCOMPARE(published_from(weights, config, "model.safetensors").native_size, 512);
    config.erase("prediction_type");
    const auto said = [&](const char* name) {
      const fs::path file = path(name);
      write_safetensors(file, {.tensors = weights, .metadata = {}});
      return load_published(file, config).prediction;
    };
    QVERIFY(said("v2-1_768-ema-pruned.safetensors") == Prediction::Velocity);
    QVERIFY(said("512-base-ema.safetensors") == Prediction::Noise);
    std::ofstream(path("finetune.yaml")) << "model:\n  params:\n    parameterization: \"v\"\n";
    QVERIFY(said("finetune.safetensors") == Prediction::Velocity);
    std::ofstream(path("finetune.yaml")) << "model:\n  params:\n    parameterization: \"eps\"\n";
    QVERIFY(said("finetune.safetensors") == Prediction::Noise);
    // Heads of an instance whose widths are no multiple of 64.
    config["prediction_type"] = "epsilon";
    config.erase("num_head_channels");
    QVERIFY(refusal([&] { published_from(weights, config, "m"); }).contains("num_head_channels"));
  }

  void otherModelsAreRefusedByName() {
    NEEDS_PARITY();
    const std::string first = "model.diffusion_model.input_blocks.0.0.weight";
    for (const auto& [channels, word] : {std::pair{9, "inpainting"}, {8, "instruct-pix2pix"}, {5, "depth"}}) {
      const QString words = why_refused(changed(kInstances[0], [&, n = channels](auto& w) {
        w[first] = at::zeros({w[first].size(0), n, 3, 3});
      }));
      QVERIFY2(words.contains(word) && words.contains("takes 4"), qPrintable(words));
    }
    const auto without = [&](const Instance& i, const std::string& prefix) {
      return why_refused(changed(i, [&](auto& weights) {
        for (auto at = weights.lower_bound(prefix); at != weights.end() && at->first.rfind(prefix, 0) == 0;)
          at = weights.erase(at);
      }));
    };
    QVERIFY(without(kInstances[0], "cond_stage_model.").contains("has no text encoder"));
    QVERIFY(without(kInstances[1], "cond_stage_model.").contains("has no text encoder"));
    QVERIFY(without(kInstances[0], "first_stage_model.").contains("has no autoencoder"));
    QVERIFY(without(kInstances[2], "conditioner.embedders.0.").contains("refiner"));
    QVERIFY(without(kInstances[2], "conditioner.").contains("has no text encoder"));
    write_safetensors(path("lora.safetensors"),
                      {.tensors = {{"lora_unet_down_blocks_0.lora_down.weight", at::ones({2, 2})}}, .metadata = {}});
    QVERIFY(why_refused(path("lora.safetensors")).contains("is a LoRA"));
    std::ofstream(path("pointer.safetensors")) << "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n";
    QVERIFY(why_refused(path("pointer.safetensors")).contains("Git LFS"));
  }

  void damagedFilesAreRefused_data() {
    QTest::addColumn<int>("instance");
    for (int i = 0; i < 3; ++i) QTest::addRow("%s", kInstances[i].family) << i;
  }
  void damagedFilesAreRefused() {
    NEEDS_PARITY();
    QFETCH(int, instance);
    const Instance& i = kInstances[instance];
    const std::string text = instance == 0   ? "cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc1.bias"
                             : instance == 1 ? "cond_stage_model.model.transformer.resblocks.0.attn.in_proj_weight"
                                             : "conditioner.embedders.1.model.text_projection";
    const std::pair<const char*, QString> missing[] = {
        {"model.diffusion_model.middle_block.1.transformer_blocks.0.attn2.to_out.0.bias", "attn2.to_out.0.bias"},
        {"model.diffusion_model.time_embed.2.weight", "time_embed.2.weight"},
        {"first_stage_model.decoder.conv_out.bias", "decoder.conv_out.bias"}};
    for (const auto& [key, word] : missing) {
      const QString gone = why_refused(changed(i, [&, k = std::string(key)](auto& w) { QVERIFY(w.erase(k) == 1); }));
      QVERIFY2(gone.contains("missing") && gone.contains(word) && gone.contains("changed.safetensors"),
               qPrintable(gone));
      const QString bent = why_refused(changed(i, [&, k = std::string(key)](auto& w) { w[k] = at::ones({7}); }));
      QVERIFY2(bent.contains(word), qPrintable(bent));
    }
    const QString encoder = why_refused(changed(i, [&](auto& w) { w[text] = at::ones({7, 2}); }));
    QVERIFY2(encoder.contains("changed.safetensors: ") && encoder.size() < 1500, qPrintable(encoder));
    QVERIFY(why_refused(changed(i, [&](auto& w) {
              w["model.diffusion_model.input_blocks.1.0.extra.weight"] = at::ones({2});
            })).contains("not known: input_blocks.1.0.extra.weight"));
    // Cut off in the middle.
    const fs::path cut = path("cut.safetensors");
    fs::copy_file(test::parity_path(std::string(i.folder) + '/' + i.file), cut, fs::copy_options::overwrite_existing);
    fs::permissions(cut, fs::perms::owner_write, fs::perm_options::add);
    fs::resize_file(cut, fs::file_size(cut) / 2);
    QVERIFY(why_refused(cut).contains("cut.safetensors"));
  }

  // A folder whose parts each lie in two files with an index, as large models are published.
  void foldersInShardsAreTheSame() {
    NEEDS_PARITY();
    for (const Instance& instance : kInstances) {
      const fs::path whole = test::parity_path(instance.folder), sharded = path(instance.folder);
      fs::copy(whole, sharded, fs::copy_options::recursive);
      std::vector<fs::path> parts;
      for (const auto& entry : fs::recursive_directory_iterator(sharded)) {
        fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
        const bool single = entry.path().parent_path() == sharded;
        if (entry.path().extension() == ".safetensors" && !single) parts.push_back(entry.path());
      }
      QVERIFY2(parts.size() >= 3, instance.folder);
      for (const fs::path& file : parts) {
        std::string stem = file.stem().string();
        if (const auto half = stem.find(".fp16"); half != std::string::npos) stem.resize(half);
        const auto shard = [&](size_t k) { return stem + "-0000" + std::to_string(k + 1) + "-of-00002.safetensors"; };
        std::map<std::string, at::Tensor> shards[2];
        nlohmann::json index;
        for (const auto& [name, tensor] : read_weights(file)) {
          const size_t k = index["weight_map"].size() % 2;
          shards[k][name] = tensor.clone();
          index["weight_map"][name] = shard(k);
        }
        fs::remove(file);
        for (size_t k = 0; k < 2; ++k)
          write_safetensors(file.parent_path() / shard(k), {.tensors = shards[k], .metadata = {}});
        std::ofstream(file.parent_path() / (stem + ".safetensors.index.json")) << index.dump();
      }
      const PublishedModel one = load(whole.string()), other = load(sharded.string());
      QCOMPARE(other.family->about().name, one.family->about().name);
      QVERIFY(other.first_stage && other.first_stage->config().channels == one.first_stage->config().channels);
      const at::Tensor z =
          at::randn({1, one.first_stage->latent_channels(), 8, 8}, at::detail::createCPUGenerator(1), at::kFloat);
      QVERIFY(at::equal(one.first_stage->decode(z), other.first_stage->decode(z)));
    }
  }

  void damagedFoldersAreRefused() {
    NEEDS_PARITY();
    for (const Instance& i : kInstances) {
      const fs::path copy = path("folder");
      const auto again = [&] {
        fs::remove_all(copy);
        fs::copy(test::parity_path(i.folder), copy, fs::copy_options::recursive);
        for (const auto& entry : fs::recursive_directory_iterator(copy))
          fs::permissions(entry.path(), fs::perms::owner_write, fs::perm_options::add);
      };
      again();
      QCOMPARE(why_refused(copy), QString());
      fs::remove_all(copy / "vae");
      QVERIFY(why_refused(copy).contains("has no autoencoder"));
      again();
      fs::remove_all(copy / "text_encoder");
      QVERIFY(why_refused(copy).contains(std::string(i.family) == "sdxl" ? "refiner" : "has no text encoder"));
      again();
      std::ofstream(copy / "text_encoder/config.json", std::ios::trunc) << "[]";
      QVERIFY(why_refused(copy).contains("config.json: is no JSON object"));
      again();
      std::ofstream(copy / "tokenizer/merges.txt", std::ios::trunc) << "hello";
      QVERIFY(why_refused(copy).contains("merges.txt"));
      again();
      for (const auto& entry : fs::directory_iterator(copy / "vae")) {
        if (entry.path().extension() == ".safetensors") fs::resize_file(entry.path(), 100);
      }
      QVERIFY(why_refused(copy).contains("vae"));
    }
  }

  void anImportedModelIsTheSame() {
    NEEDS_PARITY();
    qputenv("XDG_DATA_HOME", folder_.path().toUtf8());
    at::NoGradGuard no_grad;
    const at::Tensor x = at::ones({1, 4, 8, 8});
    for (const Instance& i : kInstances) {
      const Prior original = load_prior(find_prior(test::parity_path(i.folder)), at::kCPU, "float32");
      for (const bool convert : {false, true}) {
        ImportRequest request;
        request.file = test::parity_path(i.folder);
        request.name = std::string(i.family) + (convert ? "-copy" : "-link");
        request.convert = convert;
        const PriorCard card = import_model(request);
        QCOMPARE(card.family, std::string(i.family));
        const Prior prior = load_prior(find_prior(request.name), at::kCPU, "float32");
        QCOMPARE(prior.native_size, original.native_size);
        QVERIFY(at::equal(prior.denoiser->predict_x0(x, {500}), original.denoiser->predict_x0(x, {500})));
        QVERIFY(at::equal(prior.codec->decode(x), original.codec->decode(x)));
        const Settings said{{"prompt", "A red cat"}, {"negative_prompt", ""}, {"guidance_scale", 1.0}};
        QVERIFY(at::equal(prior.told(said).denoiser->predict_x0(x, {500}),
                          original.told(said).denoiser->predict_x0(x, {500})));
        QVERIFY(verify_model(request.name).empty());
        remove_model(request.name);
      }
    }
  }

  // The published files themselves, as lists of names and shapes.
  void theRealFilesAreKnown_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("list");
    QTest::addColumn<QString>("map");
    QTest::newRow("1.5") << "sd-1.5"
                         << "sd15_v1-5-pruned-emaonly"
                         << "sd15_diffusers_map";
    QTest::newRow("2.1") << "sd-2.1"
                         << "sd21_v2-1_768-ema-pruned"
                         << "";
    QTest::newRow("XL") << "sdxl-1.0"
                        << "sdxl_sd_xl_base_1.0"
                        << "sdxl_diffusers_map";
  }
  void theRealFilesAreKnown() {
    NEEDS_PARITY();
    QFETCH(QString, name);
    QFETCH(QString, list);
    QFETCH(QString, map);
    const KnownModel& known = known_model(name.toStdString());
    std::map<std::string, at::Tensor> file;  // without values
    std::ifstream in(test::parity_path("keylists/" + list.toStdString() + ".tsv"));
    for (std::string key, shape, type;
         std::getline(in, key, '\t') && std::getline(in, shape, '\t') && std::getline(in, type);) {
      std::vector<int64_t> sizes;
      std::istringstream sides(shape);
      for (std::string side; std::getline(sides, side, 'x');) {
        if (!side.empty() && std::isdigit(static_cast<unsigned char>(side[0]))) sizes.push_back(std::stoll(side));
      }
      file[key] = at::empty(sizes);
    }
    QVERIFY(file.size() > 1000);
    const PublishedModel model = published_from(file, known.asked, "real");
    QVERIFY(model.known == &known);
    QCOMPARE(model.native_size, known.native_size);
    QCOMPARE(model.size_multiple() * model.first_stage->factor(), name == "sdxl-1.0" ? 32 : 64);
    // diffusers' names of U-Net and autoencoder become the file's.
    if (map.isEmpty()) return;
    std::map<std::string, std::map<std::string, at::Tensor>> parts;
    std::map<std::string, std::string> single;
    std::ifstream rows(test::parity_path("keylists/" + map.toStdString() + ".tsv"));
    for (std::string part, ours, theirs;
         std::getline(rows, part, '\t') && std::getline(rows, ours, '\t') && std::getline(rows, theirs);) {
      if (part != "unet" && part != "vae") continue;
      parts[part][theirs] = at::full({1}, static_cast<double>(single.size()), at::kDouble);
      single[std::to_string(single.size())] = ours;
    }
    int compared = 0;
    for (const auto& named :
         {conditional_unet_names(parts["unet"], kSdUnet), first_stage_names(parts["vae"], kSdStage)}) {
      for (const auto& [key, number] : named) {
        QCOMPARE(key, single.at(std::to_string(number.item<int64_t>())));
        ++compared;
      }
    }
    QCOMPARE(compared, static_cast<int>(single.size()));
    QVERIFY(compared > 900);
  }
};

QTEST_GUILESS_MAIN(TestStableDiffusion)
#include "tst_stable_diffusion.moc"
