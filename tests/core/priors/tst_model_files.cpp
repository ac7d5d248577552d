// Models as people bring them: what their configuration says is computed or refused by name, folders as diffusers lays
// them out, files that are something else.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>
#include <fstream>

#include "core/checkpoints/safetensors.h"
#include "core/checkpoints/torch_file.h"
#include "core/files/folders.h"
#include "core/files/json_text.h"
#include "core/networks/diffusers_unet.h"
#include "core/priors/catalogue.h"
#include "core/priors/model_import.h"
#include "core/priors/published_family.h"
#include "core/priors/published_model.h"
#include "core/priors/weight_file.h"

using namespace mgdm;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::map<std::string, at::Tensor> tiny_weights() {
  DiffusersConfig config;
  config.channels = {32, 32};
  config.down_attention = config.up_attention = {false, false};
  return config.layout(32).random(3);
}

json config_with(const json& more = json::object()) {
  json config{{"norm_num_groups", 32},
              {"norm_eps", 1e-6},
              {"attention_head_dim", nullptr},
              {"downsample_padding", 0},
              {"freq_shift", 1},
              {"flip_sin_to_cos", false},
              {"act_fn", "silu"},
              {"sample_size", 32},
              {"center_input_sample", false},
              {"dropout", 0.0},
              {"_class_name", "UNet2DModel"}};
  config.update(more);
  return config;
}

QString refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& e) {
    return QString::fromUtf8(e.what());
  }
  return {};
}

double at_of(const PublishedModel& model, int64_t t) { return model.alphas_cumprod[t].item<double>(); }

}  // namespace

class TestModelFiles : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  fs::path path(const char* name) const { return fs::path(folder_.path().toStdString()) / name; }
  void write(const fs::path& file, const std::string& text) const {
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

 private Q_SLOTS:
  void theNoiseScheduleIsTheConfigurations() {
    const auto model = [](const json& more) { return published_from(tiny_weights(), config_with(more), "tiny"); };
    const PublishedModel plain = model(json::object());
    QCOMPARE(plain.alphas_cumprod.numel(), int64_t{1000});
    QVERIFY(std::abs(at_of(plain, 0) - (1 - 1e-4)) < 1e-12);
    // Other lengths: the last level of 4000 steps of the same betas is far noisier.
    const PublishedModel longer = model({{"num_train_timesteps", 4000}});
    QCOMPARE(longer.alphas_cumprod.numel(), int64_t{4000});
    QVERIFY(at_of(longer, 3999) < 1e-12 && at_of(plain, 999) > 1e-5);
    // By hand: t = 500 of the cosine, and the first of the scaled linear one.
    const PublishedModel cosine = model({{"beta_schedule", "squaredcos_cap_v2"}});
    const auto bar = [](double u) { return std::pow(std::cos((u + 0.008) / 1.008 * M_PI / 2), 2); };
    QVERIFY(std::abs(at_of(cosine, 499) - bar(0.5) / bar(0)) < 1e-9);
    const PublishedModel scaled =
        model({{"beta_schedule", "scaled_linear"}, {"beta_start", 0.00085}, {"beta_end", 0.012}});
    QVERIFY(std::abs(at_of(scaled, 0) - (1 - 0.00085)) < 1e-12);
    const double middle = std::sqrt(0.00085) + (std::sqrt(0.012) - std::sqrt(0.00085)) / 999;
    QVERIFY(std::abs(at_of(scaled, 1) - (1 - 0.00085) * (1 - middle * middle)) < 1e-12);
    const PublishedModel trained = model({{"trained_betas", std::vector<double>(20, 0.1)}});
    QCOMPARE(trained.alphas_cumprod.numel(), int64_t{20});
    QVERIFY(std::abs(at_of(trained, 1) - 0.81) < 1e-12);
    QVERIFY(refusal([&] { model({{"beta_schedule", "laplace"}}); }).contains("laplace"));
    QVERIFY(refusal([&] { model({{"rescale_betas_zero_snr", true}}); }).contains("rescale_betas_zero_snr"));
    QVERIFY(refusal([&] { model({{"num_train_timesteps", 2}}); }).contains("num_train_timesteps"));
  }

  // Of one network: what it gives is taken for the noise, the velocity, the sample.
  void whatTheNetworkPredictsIsTheConfigurations() {
    at::NoGradGuard no_grad;
    const at::Tensor x = at::randn({1, 3, 32, 32}, at::detail::createCPUGenerator(2), at::kFloat);
    const at::Tensor output =
        published_from(tiny_weights(), config_with(), "tiny").forward(x, at::tensor({499.f})).to(at::kFloat);
    QVERIFY(output.abs().max().item<float>() > 1e-3f);
    for (const char* type : {"epsilon", "v_prediction", "sample"}) {
      const PublishedModel model = published_from(tiny_weights(), config_with({{"prediction_type", type}}), "tiny");
      const Prior prior = model.family->photo_prior(model, "tiny", at::kCPU, at::kFloat);
      const double a = at_of(model, 499), root = std::sqrt(a), noise = std::sqrt(1 - a);
      const at::Tensor x0 = prior.denoiser->predict_x0(x, {500});
      const at::Tensor expected = std::string(type) == "epsilon"        ? (x - noise * output) / root
                                  : std::string(type) == "v_prediction" ? root * x - noise * output
                                                                        : output;
      QVERIFY2((x0 - expected).abs().max().item<float>() < 2e-4f * expected.abs().max().item<float>(), type);
      // The same question with white noise added instead.
      const at::Tensor again = prior.denoiser->denoise(x / root, noise / root);
      QVERIFY2((again - expected).abs().max().item<float>() < 2e-2f * expected.abs().max().item<float>(), type);
    }
    QVERIFY(refusal([&] {
              published_from(tiny_weights(), config_with({{"prediction_type", "flow"}}), "tiny");
            }).contains("flow"));
  }

  void whatIsNotComputedIsRefusedByName() {
    for (const auto& [key, value] :
         std::vector<std::pair<const char*, json>>{{"act_fn", "gelu"},
                                                   {"center_input_sample", true},
                                                   {"time_embedding_type", "fourier"},
                                                   {"resnet_time_scale_shift", "scale_shift"},
                                                   {"mid_block_scale_factor", 2},
                                                   {"num_class_embeds", 10}}) {
      const QString said = refusal([&, &key = key, &value = value] {
        published_from(tiny_weights(), config_with({{key, value}}), "tiny");
      });
      QVERIFY2(said.contains(key) && !said.contains('\n'), qPrintable(said));
    }
  }

  // unet/diffusion_pytorch_model.fp16.safetensors with its config.json, and scheduler/scheduler_config.json beside it.
  void aFolderOfDiffusersIsAModel() {
    Checkpoint weights;
    for (const auto& [name, tensor] : tiny_weights()) weights.tensors[name] = tensor.to(at::kHalf).contiguous();
    const fs::path folder = path("ddpm-photos");
    fs::create_directories(folder / "unet");
    write_safetensors(folder / "unet/diffusion_pytorch_model.fp16.safetensors", weights);
    write(folder / "unet/config.json", json_text(config_with()));
    write(folder / "scheduler/scheduler_config.json",
          R"({"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction", "num_train_timesteps": 500})");
    write(folder / "model_index.json", "{}");
    const PriorCard card = find_prior(folder.string());
    const Prior prior = load_prior(card, at::kCPU, "float32");
    QCOMPARE(prior.schedule.steps(), 500);
    const PublishedModel model = load_published(card.weights, config_of(card));
    QVERIFY(model.prediction == Prediction::Velocity);
    fs::create_directories(path("empty"));
    QVERIFY(refusal([&] { load_prior(find_prior(path("empty").string()), at::kCPU, "float32"); }).contains("empty"));
  }

  // As Hugging Face's libraries cut a large model up.
  void shardsAreReadByTheirIndex() {
    const fs::path folder = path("sharded");
    fs::create_directories(folder / "unet");
    Checkpoint parts[2];
    json index{{"metadata", {{"total_size", 0}}}, {"weight_map", json::object()}};
    const char* names[] = {"diffusion_pytorch_model-00001-of-00002.safetensors",
                           "diffusion_pytorch_model-00002-of-00002.safetensors"};
    size_t k = 0;
    for (const auto& [name, tensor] : tiny_weights()) {
      parts[k % 2].tensors[name] = tensor.contiguous();
      index["weight_map"][name] = names[k++ % 2];
    }
    for (int i = 0; i < 2; ++i) write_safetensors(folder / "unet" / names[i], parts[i]);
    const fs::path map = folder / "unet/diffusion_pytorch_model.safetensors.index.json";
    write(map, json_text(index));
    write(folder / "unet/config.json", json_text(config_with()));
    // The folder, the index, one of the shards: all mean the model.
    for (const fs::path& given : {folder, map, folder / "unet" / names[1]}) {
      const PriorCard card = find_prior(given.string());
      QCOMPARE(card.family, std::string("diffusers"));
      QCOMPARE(card.weights, map);
      QVERIFY(load_prior(card, at::kCPU, "float32").denoiser != nullptr);
    }
    const auto whole = read_weights(map);
    QCOMPARE(whole.size(), tiny_weights().size());
    for (const auto& [name, tensor] : tiny_weights()) QVERIFY(at::equal(whole.at(name), tensor));
    fs::remove(folder / "unet" / names[0]);
    const QString missing = refusal([&] { read_weights(map); });
    QVERIFY2(missing.contains("1 of its 2 files are missing") && missing.contains(names[0]), qPrintable(missing));
    // Files of the same kind by torch.save, whose index leads nowhere else.
    write_torch_file(path("pytorch_model-00001-of-00001.bin"), {{"a", at::ones({2})}});
    write(path("pytorch_model.bin.index.json"), R"({"weight_map": {"a": "pytorch_model-00001-of-00001.bin"}})");
    QVERIFY(at::equal(read_weights(path("pytorch_model.bin.index.json")).at("a"), at::ones({2})));
    for (const char* text : {R"({"weight_map": {"a": "../secret.bin"}})", R"({"weight_map": {"a": 3}})", "{}", "no"}) {
      write(path("bad.index.json"), text);
      QVERIFY2(refusal([&] { read_weights(path("bad.index.json")); }).contains("bad.index.json"), text);
    }
  }

  // What wrappers put before the names: the same network gives the same numbers.
  void namesOfWrappersAreLeftOut() {
    at::NoGradGuard no_grad;
    const at::Tensor x = at::randn({1, 3, 32, 32}, at::detail::createCPUGenerator(2), at::kFloat);
    const auto output = [&](const PublishedModel& model) { return model.forward(x, at::tensor({9.f})); };
    const at::Tensor expected = output(published_from(tiny_weights(), config_with(), "tiny"));
    write(path("wrapped/config.json"), json_text(config_with()));
    for (const char* prefix :
         {"module.", "_orig_mod.", "model.", "module._orig_mod.", "_orig_mod.module.", "model.module."}) {
      Checkpoint wrapped;
      for (const auto& [name, tensor] : tiny_weights()) wrapped.tensors[prefix + name] = tensor.contiguous();
      const fs::path file = path("wrapped/net.safetensors");
      write_safetensors(file, wrapped);
      QVERIFY2(find_prior(file.string()).family == "diffusers", prefix);
      QVERIFY2(at::equal(output(load_published(file, config_of(find_prior(file.string())))), expected), prefix);
      write_torch_file(path("wrapped/net.pt"), wrapped.tensors);
      QVERIFY2(find_prior(path("wrapped/net.pt").string()).family == "diffusers", prefix);
    }
  }

  void aLoraIsNamed() {
    for (const char* name : {"unet.down_blocks.0.attn.to_q.lora_A.weight", "lora_unet_mid_block.lora_down.weight"}) {
      write_safetensors(path("style.safetensors"), {{{name, at::ones({4, 4})}}, {}});
      const QString said =
          refusal([&] { load_prior(find_prior(path("style.safetensors").string()), at::kCPU, "float32"); });
      const WeightFile file(path("style.safetensors"));
      const QString words = refusal([&] { refuse_unknown(file); });
      QVERIFY2(words.contains("is a LoRA") && words.contains("style.safetensors"), qPrintable(words));
      QVERIFY2(!said.isEmpty(), "it was loaded");
    }
  }

  void halfADownloadIsNamed() {
    write_safetensors(path("whole.safetensors"), {{{"a", at::ones({64})}, {"b", at::ones({64})}}, {}});
    std::ifstream in(path("whole.safetensors"), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    const auto said = [&](const char* name, const std::string& text) {
      write(path(name), text);
      return refusal([&] { read_weights(path(name)); });
    };
    const QString cut = said("cut.safetensors", bytes.substr(0, bytes.size() - 300));
    QVERIFY2(cut.contains("half a download") && cut.contains("512 bytes") && cut.contains("212"), qPrintable(cut));
    for (const char* name : {"m.safetensors.part", "m.safetensors.crdownload", "m.ckpt.part",
                             "Unconfirmed 1.crdownload", "x.safetensors.incomplete"}) {
      const QString words = said(name, bytes.substr(0, bytes.size() / 2));
      QVERIFY2(words.contains("download that is not complete"), qPrintable(words));
    }
    // Firefox holds the name with an empty file while the rest comes in beside it.
    write(path("fox.safetensors.part"), bytes.substr(0, 100));
    QVERIFY(said("fox.safetensors", "").contains("its download is not complete"));
    write_torch_file(path("whole.pt"), {{"a", at::ones({64})}});
    std::ifstream torch(path("whole.pt"), std::ios::binary);
    const std::string zip{std::istreambuf_iterator<char>(torch), {}};
    const QString half = said("half.pt", zip.substr(0, zip.size() / 2));
    QVERIFY2(half.contains("half a download"), qPrintable(half));
  }

  void namesOfAnyScriptAreImported() {
    qputenv("XDG_DATA_HOME", QByteArray::fromStdString(path("own").string()));
    const auto kept = [] {
      std::vector<std::string> names;
      std::error_code error;
      for (const auto& entry : fs::directory_iterator(own_model_folder(), error))
        names.push_back(entry.path().filename().string());
      std::sort(names.begin(), names.end());
      return names;
    };
    Checkpoint weights;
    for (const auto& [name, tensor] : tiny_weights()) weights.tensors[name] = tensor.contiguous();
    write(path("names/config.json"), json_text(config_with()));
    for (const char* name : {"日本語のモデル", "модель", "نموذج", "a b & c"}) {
      ImportRequest request;
      request.file = path("names") / (std::string(name) + ".safetensors");
      write_safetensors(request.file, weights);
      const PriorCard card = import_model(request);
      if (std::string(name) != "a b & c") QCOMPARE(card.name, std::string(name));
      QVERIFY(verify_model(card.name).empty());
      QCOMPARE(kept(), std::vector<std::string>{card.name + ".json"});
      remove_model(card.name);
    }
    // Latin-1: a card, which is text, could not say where the file is.
    ImportRequest request;
    request.file = path("names") / std::string("mod\xe8le.safetensors");
    write_safetensors(request.file, weights);
    QVERIFY(refusal([&] { import_model(request); }).contains("no UTF-8"));
    QVERIFY(kept().empty());
    request.convert = true;
    const PriorCard copied = import_model(request);
    QVERIFY(verify_model(copied.name).empty());
    QCOMPARE(kept(), (std::vector<std::string>{copied.name + ".json", copied.name + ".safetensors"}));
    remove_model(copied.name);
    QVERIFY(kept().empty());
    fs::remove(request.file);  // Qt could not
  }

  void aFileThatIsSomethingElseIsNamed() {
    const auto said = [&](const char* name, const std::string& bytes) {
      write(path(name), bytes);
      return refusal([&] { read_weights(path(name)); });
    };
    for (const char* name : {"page.safetensors", "page.ckpt", "page.pt"}) {
      const QString words = said(name, "<!DOCTYPE html><html><head><title>Sign in</title>");
      QVERIFY2(words.contains("web page") && words.contains(name), qPrintable(words));
    }
    for (const char* name : {"pointer.safetensors", "pointer.bin"}) {
      const QString words = said(name, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 10\n");
      QVERIFY2(words.contains("Git LFS pointer"), qPrintable(words));
    }
    QVERIFY(said("a.safetensors", std::string("GGUF\3\0\0\0........", 16)).contains("GGUF"));
    QVERIFY(said("a.pt", std::string("\x89HDF\r\n\x1a\n", 8) + "........").contains("HDF5"));
    QVERIFY(said("b.pt", "{\"a\": 1, \"b\": 2}").contains("JSON"));
  }
};

QTEST_GUILESS_MAIN(TestModelFiles)
#include "tst_model_files.moc"
