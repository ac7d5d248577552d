#include "core/training/training_speed.h"

#include <ATen/ATen.h>

#include <chrono>

#include "core/training/latent_dataset.h"
#include "core/training/photo_dataset.h"
#include "core/training/stem_dataset.h"

namespace mgdm {

double matrix_product_rate(at::Device device, at::ScalarType type) {
  const int64_t n = device.is_cpu() ? 1024 : 8192;
  const auto options = at::TensorOptions().device(device);
  const at::Tensor a = at::randn({n, n}, options).to(type), b = at::randn({n, n}, options).to(type);
  at::Tensor c = at::matmul(a, b);
  constexpr int kRounds = 10;
  const auto sum = [&] { return c.slice(0, 0, 1).sum().item<float>(); };  // waits for the device
  sum();
  const auto begun = std::chrono::steady_clock::now();
  for (int i = 0; i < kRounds; ++i) at::matmul_out(c, a, b);
  sum();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return kRounds * 2.0 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(n) / seconds;
}

std::vector<TrainingSpeed> training_speeds(const TrainingRecipe& recipe, const TrainingData& data, at::Device device,
                                           int64_t steps, const std::function<void(const std::string&)>& notice) {
  struct Variant {
    const char* name;
    TrainingLevers levers;
  };
  std::vector<Variant> variants{{"all levers", {}}};
  if (device.is_cuda()) {
    variants.push_back({"without the recorded passes", {.graph = false}});
    variants.push_back({"without our kernel", {.kernel = false}});
    variants.push_back({"values read back each step", {.graph = false, .queue = false}});
  }
  variants.push_back({"weights cast at each use", {.cast_once = false}});
  TrainingRecipe measured = recipe;
  measured.minutes = 0;
  measured.steps = 1000000;  // the learning rate stays where it is
  measured.report_every = std::max<int64_t>(1, steps / 2);
  measured.validate_minutes = measured.checkpoint_minutes = 1e9;
  std::vector<TrainingSpeed> speeds;
  for (const Variant& variant : variants) {
    TrainingSpeed speed{variant.name, 0, 0, 0};
    std::atomic<bool> stop{false};
    TrainingHooks hooks;
    hooks.stop = &stop;
    hooks.notice = notice;
    hooks.progress = [&](const TrainingProgress& p) {
      speed = {variant.name, p.samples_per_second, p.operations_per_second, p.row->loss};
      stop = p.row->step >= 2 * measured.report_every;
    };
    train(measured, data, {}, {}, device, hooks, variant.levers);
    speeds.push_back(speed);
  }
  return speeds;
}

std::unique_ptr<TrainingData> synthetic_data(const TrainingRecipe& recipe, at::Device device) {
  if (recipe.data == "stems") {
    std::vector<NamedSong> songs;
    for (int i = 0; i < 4; ++i) {
      songs.push_back(
          {"noise",
           at::randint(-8000, 8000, {recipe.network.image_channels, (recipe.frames + 2) * recipe.codec.bins * 4},
                       at::kShort)});
    }
    return std::make_unique<StemDataset>(songs, std::vector<NamedSong>{}, recipe.codec, recipe.frames,
                                         StemAugmentation{}, device);
  }
  std::vector<NamedPhoto> photos;
  const int64_t side = recipe.crop + recipe.crop / 8;
  for (int i = 0; i < 16; ++i) photos.push_back({"noise", at::randint(0, 256, {3, side, side}, at::kByte)});
  auto drawn = std::make_unique<PhotoDataset>(photos, std::map<std::string, double>{}, photo_crops(recipe), device);
  if (recipe.data != "latents") return drawn;
  PhotoAutoencoderOptions autoencoder = recipe.autoencoder;
  autoencoder.latent_channels = recipe.network.image_channels;
  return std::make_unique<LatentDataset>(std::move(drawn), std::make_shared<PhotoAutoencoder>(autoencoder),
                                         recipe.precision == "bfloat16" ? at::kBFloat16 : at::kFloat);
}

}  // namespace mgdm
