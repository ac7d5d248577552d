#include "core/training/photo_dataset.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "core/checkpoints/safetensors.h"
#include "core/networks/denoising_unet.h"

namespace mgdm {

std::vector<NamedPhoto> read_packed_photos(const std::filesystem::path& file) {
  std::vector<NamedPhoto> photos;
  for (auto& [name, pixels] : read_safetensors(file).tensors) {
    if (pixels.scalar_type() != at::kByte || pixels.dim() != 3 || pixels.size(0) != 3) {
      throw CheckpointError(file.string() + ": tensor '" + name + "' is not an 8-bit 3xHxW photo");
    }
    photos.push_back({name, pixels});
  }
  return photos;
}

void write_packed_photos(const std::filesystem::path& file, const std::vector<NamedPhoto>& photos) {
  Checkpoint packed;
  for (const auto& photo : photos) packed.tensors[photo.name] = photo.pixels;
  write_safetensors(file, packed);
}

at::Tensor to_signed_unit(const at::Tensor& pixels) { return pixels.to(at::kFloat) / 127.5 - 1.0; }

at::Tensor resize_antialiased(const at::Tensor& images, int64_t height, int64_t width) {
  return at::_upsample_bilinear2d_aa(images, {height, width}, false);
}

at::Tensor centre_crops(const std::vector<NamedPhoto>& photos, int64_t size) {
  std::vector<at::Tensor> crops;
  for (const auto& photo : photos) {
    const int64_t h = photo.pixels.size(1), w = photo.pixels.size(2);
    const double scale = static_cast<double>(size) / static_cast<double>(std::min(h, w));
    const int64_t nh = std::max<int64_t>(size, std::llround(h * scale)),
                  nw = std::max<int64_t>(size, std::llround(w * scale));
    at::Tensor image = to_signed_unit(photo.pixels).unsqueeze(0);
    if (nh != h || nw != w) image = resize_antialiased(image, nh, nw).clamp(-1, 1);
    crops.push_back(image.narrow(2, (nh - size) / 2, size).narrow(3, (nw - size) / 2, size));
  }
  if (crops.empty()) throw std::invalid_argument("there are no photos to crop");
  return at::cat(crops);
}

namespace {

// The photo and its reductions whose short side is at least `smallest`.
std::vector<at::Tensor> pyramid_of(const at::Tensor& photo, int64_t smallest, double factor) {
  const auto height = static_cast<double>(photo.size(1)), width = static_cast<double>(photo.size(2));
  std::vector<at::Tensor> levels;
  for (double scale = 1; std::min(height, width) * scale >= static_cast<double>(smallest); scale *= factor) {
    levels.push_back(scale == 1 ? photo
                                : resize_antialiased(photo.to(at::kFloat).unsqueeze(0), std::llround(height * scale),
                                                     std::llround(width * scale))
                                      .squeeze(0)
                                      .round()
                                      .clamp(0, 255)
                                      .to(at::kByte));
  }
  return levels;
}

}  // namespace

PhotoDataset::PhotoDataset(const std::vector<NamedPhoto>& photos, const std::map<std::string, double>& shares,
                           const PhotoCrops& crops, at::Device device)
    : crops_(crops) {
  const int64_t smallest = crops.small_share > 0 ? std::min(crops.size, crops.small_size) : crops.size;
  std::vector<std::vector<at::Tensor>> pyramids(photos.size());
  at::parallel_for(0, static_cast<int64_t>(photos.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) pyramids[i] = pyramid_of(photos[i].pixels, smallest, crops.pyramid_factor);
  });
  std::map<std::string, std::vector<std::vector<Level>>> levels;
  std::vector<at::Tensor> pixels;
  int64_t total = 0;
  for (size_t i = 0; i < photos.size(); ++i) {
    if (pyramids[i].empty()) continue;
    std::string prefix = "*";
    for (const auto& [candidate, share] : shares) {
      if (candidate != "*" && photos[i].name.rfind(candidate, 0) == 0) prefix = candidate;
    }
    auto& places = levels[prefix].emplace_back();
    for (const at::Tensor& level : pyramids[i]) {
      places.push_back({total, level.size(1), level.size(2)});
      pixels.push_back(level.flatten());
      total += level.numel();
    }
  }
  groups_ = groups_for(levels, shares, crops.size);
  if (crops.small_share > 0) small_groups_ = groups_for(levels, shares, crops.small_size);
  pixels_ = at::cat(pixels).to(device);
}

std::vector<PhotoDataset::Group> PhotoDataset::groups_for(
    const std::map<std::string, std::vector<std::vector<Level>>>& photos, const std::map<std::string, double>& shares,
    int64_t size) {
  std::map<std::string, Group> groups;
  for (const auto& [prefix, pyramids] : photos) {
    for (std::vector<Level> levels : pyramids) {
      std::erase_if(levels, [&](const Level& level) { return std::min(level.height, level.width) < size; });
      if (!levels.empty()) groups[prefix].photos.push_back(std::move(levels));
    }
  }
  for (const auto& [prefix, share] : shares) {
    if (groups.find(prefix) == groups.end()) {
      throw std::invalid_argument("training data: no photo of at least " + std::to_string(size) +
                                  " pixels starts with '" + prefix + "', which has a share");
    }
    groups[prefix].share = share;
  }
  if (groups.empty()) {
    throw std::invalid_argument("training data: no photo has at least " + std::to_string(size) + " pixels a side");
  }
  if (shares.empty()) groups["*"].share = 1.0;
  std::vector<Group> result;
  for (auto& [prefix, group] : groups) result.push_back(std::move(group));
  return result;
}

TrainingBatch PhotoDataset::draw(int64_t batch, uint64_t seed) const {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 1);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<double> uniform;
  const bool small = crops_.small_share > 0 && uniform(random) < crops_.small_share;
  const auto& groups = small ? small_groups_ : groups_;
  const int64_t size = small ? crops_.small_size : crops_.size;
  if (small) batch = batch * crops_.size * crops_.size / (size * size);
  std::vector<double> weights;
  for (const auto& group : groups) weights.push_back(group.share);
  std::discrete_distribution<size_t> pick_group(weights.begin(), weights.end());
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };

  // Where each crop begins, how far its rows and planes lie apart, and which way its columns run.
  at::Tensor places = at::empty({4, batch, 1, 1, 1}, at::kLong), labels = at::zeros({batch, kPhotoAugmentationLabels});
  auto place = places.accessor<int64_t, 5>();
  auto label = labels.accessor<float, 2>();
  for (int64_t i = 0; i < batch; ++i) {
    const Group& group = groups[pick_group(random)];
    const auto& levels = group.photos[below(static_cast<int64_t>(group.photos.size()))];
    const Level& level = levels[below(static_cast<int64_t>(levels.size()))];
    const int64_t top = below(level.height - size + 1), left = below(level.width - size + 1);
    const bool mirrored = (random() & 1) != 0;
    place[0][i][0][0][0] = level.offset + top * level.width + left + (mirrored ? size - 1 : 0);
    place[1][i][0][0][0] = level.width;
    place[2][i][0][0][0] = level.height * level.width;
    place[3][i][0][0][0] = mirrored ? -1 : 1;
    if (uniform(random) < crops_.augmented) {
      for (int64_t k = 0; k < kPhotoAugmentationLabels; ++k) label[i][k] = normal(random);
    }
  }
  const auto on_device = places.to(pixels_.device(), /*non_blocking=*/true).unbind(0);
  const at::Tensor side = at::arange(size, on_device[0].options());
  const at::Tensor plane = at::arange(3, on_device[0].options());
  const at::Tensor index = on_device[0] + on_device[2] * plane.reshape({1, 3, 1, 1}) +
                           on_device[1] * side.reshape({1, 1, size, 1}) + on_device[3] * side.reshape({1, 1, 1, size});
  TrainingBatch result{to_signed_unit(at::take(pixels_, index)), {}};
  if (crops_.augmented > 0) {
    result.labels = labels.to(pixels_.device());
    result.clean = augment(result.clean, result.labels);
  }
  return result;
}

at::Tensor PhotoDataset::augment(const at::Tensor& images, const at::Tensor& labels) const {
  // Standard deviations: half a stop of light (about gamma 2.2), contrast and saturation, and red against blue.
  constexpr double kExposure = 0.16, kContrast = 0.15, kSaturation = 0.35, kWarmth = 0.06;
  const auto factor = [&](int64_t k, double spread) {
    return (labels.select(1, k) * spread).exp().reshape({-1, 1, 1, 1});
  };
  at::Tensor x = (images + 1) * 0.5 * factor(0, kExposure);
  x = (x - 0.5) * factor(1, kContrast) + 0.5;
  const at::Tensor grey = x.mean(1, true);
  x = grey + (x - grey) * factor(2, kSaturation);
  const at::Tensor warmth = labels.select(1, 3) * kWarmth;
  const at::Tensor colour = at::stack({warmth.exp(), at::ones_like(warmth), (-warmth).exp()}, 1).reshape({-1, 3, 1, 1});
  return (x * colour).clamp(0, 1) * 2 - 1;
}

at::Tensor psnr_of_each(const at::Tensor& images, const at::Tensor& clean) {
  const at::Tensor mse = ((images.clamp(-1, 1) - clean) / 2).square().mean({1, 2, 3});
  return -10 * mse.log10();
}

std::vector<double> denoising_psnr(DenoisingUnet& network, const at::Tensor& images, const std::vector<double>& sigmas,
                                   uint64_t seed) {
  at::NoGradGuard no_grad;
  std::vector<double> result;
  for (const double sigma : sigmas) {
    auto generator = at::detail::createCPUGenerator(seed);
    double total = 0;
    for (const at::Tensor& clean : images.split(8)) {
      const at::Tensor noise = at::randn(clean.sizes(), generator).to(clean.device());
      const at::Tensor x = network.forward(clean + sigma * noise, at::full({clean.size(0)}, sigma, clean.options()));
      total += psnr_of_each(x, clean).sum().item<double>();
    }
    result.push_back(total / static_cast<double>(images.size(0)));
  }
  return result;
}

std::vector<double> PhotoDataset::validate(DenoisingUnet& network, const std::vector<double>& sigmas) const {
  if (!held_out_.defined()) return {};
  return denoising_psnr(network, held_out_.to(network.parameters().begin()->tensor.device()), sigmas);
}

}  // namespace mgdm
