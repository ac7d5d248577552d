// An autoencoder and a denoiser of its latents, trained a few steps: what their files hold and what becomes of them.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <QtTest>

#include "core/checkpoints/safetensors.h"
#include "core/priors/catalogue.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/family.h"
#include "core/priors/photo_autoencoder_file.h"
#include "core/priors/photo_prior.h"
#include "core/priors/weight_file.h"
#include "core/training/autoencoding.h"
#include "core/training/latent_dataset.h"
#include "core/training/loss_curve.h"
#include "core/training/trainer.h"
#include "tests/oracle.h"

using namespace mgdm;

namespace {

TrainingRecipe tiny_autoencoder() {
  TrainingRecipe r;
  r.trains = "autoencoder";
  r.autoencoder.channels = {8, 16};
  r.autoencoder.encoder_blocks = r.autoencoder.decoder_blocks = {1, 1};
  r.crop = 16;
  r.batch = 8;
  r.steps = 12;
  r.report_every = 3;
  r.optimizer = "muon";
  r.learning_rate = 3e-3;
  r.precision = "float32";
  r.warmup_steps = 2;
  r.ema = 0.9;
  r.validation_sigmas = {0, 1};
  return r;
}

TrainingRecipe tiny_denoiser() {
  TrainingRecipe r = tiny_autoencoder();
  r.trains = "denoiser";
  r.data = "latents";
  r.crop = 32;
  r.network.image_channels = 4;
  r.network.patch = 1;
  r.network.channels = {16, 16};
  r.network.blocks = {1, 1};
  r.network.embedding = 32;
  r.network.sigma_data = 1;
  return r;
}

// Slopes in random directions and colours: an autoencoder can learn them quickly.
std::vector<NamedPhoto> slopes() {
  at::manual_seed(4);
  std::vector<NamedPhoto> photos;
  for (int i = 0; i < 12; ++i) {
    const at::Tensor down = at::linspace(-1, 1, 64).reshape({1, 64, 1}), across = down.transpose(1, 2);
    const at::Tensor colour = at::randn({3, 1, 1}), other = at::randn({3, 1, 1});
    photos.push_back(
        {"slope" + std::to_string(i), (128 + 60 * (colour * down + other * across)).clamp(0, 255).to(at::kByte)});
  }
  return photos;
}

std::unique_ptr<PhotoDataset> dataset(int64_t crop) {
  auto data = std::make_unique<PhotoDataset>(slopes(), std::map<std::string, double>{}, PhotoCrops{.size = crop});
  data->set_held_out(centre_crops(slopes(), 32));
  return data;
}

double largest_difference(const Parameters& a, const Parameters& b) {
  double most = 0;
  for (const auto& item : a) most = std::max(most, test::max_difference(item.tensor, b[item.name]));
  return most;
}

}  // namespace

class TestLatentTraining : public QObject {
  Q_OBJECT
  QTemporaryDir folder_;
  std::filesystem::path path(const QString& name) const { return folder_.filePath(name).toStdString(); }

 private Q_SLOTS:
  void initTestCase() {
    train(tiny_autoencoder(), *dataset(16), path("autoencoder"), {}, at::kCPU, {});
    const LatentDataset latents(dataset(32), load_photo_autoencoder(path("autoencoder") / "model.safetensors"),
                                at::kFloat);
    train(tiny_denoiser(), latents, path("latent"), {}, at::kCPU, {});
  }

  void anAutoencoderLearns() {
    TrainingRecipe recipe = tiny_autoencoder();
    recipe.steps = 250;
    recipe.report_every = 25;
    train(recipe, *dataset(16), path("learns"), {}, at::kCPU, {});
    const auto rows = read_loss_csv(path("learns") / "loss.csv");
    const auto learned = load_photo_autoencoder(path("learns") / "model.safetensors");
    const at::Tensor pictures = centre_crops(slopes(), 32);
    const double psnr = reconstruction_psnr(*learned, pictures, {0})[0],
                 before = psnr_of_each(at::zeros_like(pictures), pictures).mean().item<double>();
    QVERIFY2(psnr > before + 5, qPrintable(QString("%1 dB, of grey %2").arg(psnr).arg(before)));
    QVERIFY(rows.back().loss < rows.front().loss);
    // What the file's numbers were measured by is what comes out again: float16 loses little.
    QVERIFY2(std::abs(rows.back().psnr.at(0) - psnr) < 0.1, qPrintable(QString::number(rows.back().psnr.at(0))));
    QVERIFY(rows.back().psnr.at(1) < psnr);  // noise on its latents shows
    // Its latents have mean 0 and deviation 1 over what it was trained on.
    const LatentDataset latents(dataset(32), learned, at::kFloat);
    const at::Tensor z = latents.draw(64, 5).clean.transpose(0, 1).flatten(1);
    QVERIFY(z.mean(1).abs().max().item<double>() < 0.3);
    const at::Tensor deviation = z.std(1);
    QVERIFY(deviation.min().item<double>() > 0.6 && deviation.max().item<double>() < 1.6);
  }

  void aKilledTrainingGoesOnToTheSameWeights() {
    const TrainingRecipe recipe = tiny_autoencoder();
    std::atomic<bool> stop{false};
    TrainingHooks hooks;
    hooks.stop = &stop;
    hooks.progress = [&](const TrainingProgress& p) { stop = p.row->step >= 6; };
    train(recipe, *dataset(16), path("parts"), {}, at::kCPU, hooks);
    train(recipe, *dataset(16), path("parts"), {}, at::kCPU, {});
    const auto parts = load_photo_autoencoder(path("parts") / "model.safetensors"),
               whole = load_photo_autoencoder(path("autoencoder") / "model.safetensors");
    QVERIFY(largest_difference(parts->parameters(), whole->parameters()) < 1e-5);
    TrainingRecipe other = recipe;
    other.autoencoder.latent_channels = 3;
    QVERIFY_THROWS_EXCEPTION(CheckpointError, train(other, *dataset(16), path("parts"), {}, at::kCPU, {}));
    // Nor from its weights.
    QVERIFY_THROWS_EXCEPTION(CheckpointError, train(other, *dataset(16), path("another"),
                                                    path("parts") / "model.safetensors", at::kCPU, {}));
  }

  // The one file of a latent prior has both networks, and is recognised and loaded as one model.
  void aLatentPriorIsOneFile() {
    const auto file = path("latent") / "model.safetensors";
    const auto autoencoder = load_photo_autoencoder(file);
    QVERIFY(largest_difference(autoencoder->parameters(),
                               load_photo_autoencoder(path("autoencoder") / "model.safetensors")->parameters()) == 0);
    QCOMPARE(load_denoising_unet(file)->options(), tiny_denoiser().network);
    PriorCard card;
    card.name = "latent";
    card.weights = file;
    card.all = {{"size_multiple", 16}, {"min_size", 32}, {"window", 64}};
    const WeightFile weights(file);
    const PriorFamily* family = recognised_family(weights);
    QVERIFY(family != nullptr);
    QCOMPARE(family->about().name, std::string("latent-unet"));
    const Prior prior = family->load_photo_prior(card, {.precision = "float32"});
    QVERIFY(prior.traits.latent);
    QCOMPARE(prior.codec->model_sizes({3, 64, 32}), (std::vector<int64_t>{4, 16, 8}));
    const at::Tensor z = at::randn({2, 4, 16, 8}, at::detail::createCPUGenerator(1));
    QVERIFY(test::max_difference(prior.codec->decode(z), autoencoder->decode(z)) < 1e-5);
    const at::Tensor x0 = prior.denoiser->predict_x0(z, {500});
    QCOMPARE(x0.sizes(), z.sizes());
    QVERIFY(x0.isfinite().all().item<bool>());
  }

  void filesThatDoNotFitAreRefused() {
    QVERIFY_THROWS_EXCEPTION(CheckpointError, load_photo_autoencoder(path("nothing.safetensors")));
    Checkpoint damaged = read_safetensors(path("latent") / "model.safetensors");
    damaged.tensors.erase("autoencoder.in_decoder_bias");
    write_safetensors(path("damaged.safetensors"), damaged);
    QVERIFY_THROWS_EXCEPTION(CheckpointError, load_photo_autoencoder(path("damaged.safetensors")));
    QVERIFY(load_denoising_unet(path("damaged.safetensors")) != nullptr);
    auto three = std::make_shared<PhotoAutoencoder>([] {
      PhotoAutoencoderOptions o = tiny_autoencoder().autoencoder;
      o.latent_channels = 3;
      return o;
    }());
    const auto network = load_denoising_unet(path("latent") / "model.safetensors");
    QVERIFY_THROWS_EXCEPTION(std::invalid_argument,
                             make_latent_prior(network, three, "latent", at::kCPU, "float32", {.multiple = 16}));
  }
};

QTEST_GUILESS_MAIN(TestLatentTraining)
#include "tst_latent_training.moc"
