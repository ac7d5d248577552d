#include "core/training/photo_dataset.h"

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
    const int64_t nh = std::max<int64_t>(size, std::llround(h * scale)), nw = std::max<int64_t>(size, std::llround(w * scale));
    at::Tensor image = to_signed_unit(photo.pixels).unsqueeze(0);
    if (nh != h || nw != w) image = resize_antialiased(image, nh, nw).clamp(-1, 1);
    crops.push_back(image.narrow(2, (nh - size) / 2, size).narrow(3, (nw - size) / 2, size));
  }
  if (crops.empty()) throw std::invalid_argument("there are no photos to crop");
  return at::cat(crops);
}

PhotoDataset::PhotoDataset(const std::vector<NamedPhoto>& photos,
                           const std::map<std::string, double>& shares, int64_t crop,
                           double pyramid_factor)
    : crop_(crop) {
  std::map<std::string, Group> groups;
  for (const auto& photo : photos) {
    if (std::min(photo.pixels.size(1), photo.pixels.size(2)) < crop) continue;
    std::string prefix = "*";
    for (const auto& [candidate, share] : shares) {
      if (candidate != "*" && photo.name.rfind(candidate, 0) == 0) prefix = candidate;
    }
    std::vector<at::Tensor> pyramid{photo.pixels};
    double scale = pyramid_factor;
    while (std::min(photo.pixels.size(1), photo.pixels.size(2)) * scale >= static_cast<double>(crop)) {
      const at::Tensor reduced =
          resize_antialiased(photo.pixels.to(at::kFloat).unsqueeze(0),
                             std::llround(photo.pixels.size(1) * scale),
                             std::llround(photo.pixels.size(2) * scale));
      pyramid.push_back(reduced.squeeze(0).round().clamp(0, 255).to(at::kByte));
      scale *= pyramid_factor;
    }
    groups[prefix].pyramids.push_back(std::move(pyramid));
  }
  for (const auto& [prefix, share] : shares) {
    if (groups.find(prefix) == groups.end()) {
      throw std::invalid_argument("training data: no photo of at least " + std::to_string(crop) +
                                  " pixels starts with '" + prefix + "', which has a share");
    }
    groups[prefix].share = share;
  }
  if (groups.empty()) {
    throw std::invalid_argument("training data: no photo has at least " + std::to_string(crop) + " pixels a side");
  }
  if (shares.empty()) groups["*"].share = 1.0;
  for (auto& [prefix, group] : groups) groups_.push_back(std::move(group));
}

int64_t PhotoDataset::photo_count() const {
  int64_t count = 0;
  for (const auto& group : groups_) count += static_cast<int64_t>(group.pyramids.size());
  return count;
}

at::Tensor PhotoDataset::draw(int64_t batch, uint64_t seed, at::Device device) const {
  std::mt19937_64 random(seed * 0x9E3779B97F4A7C15ull + 1);
  std::vector<double> weights;
  for (const auto& group : groups_) weights.push_back(group.share);
  std::discrete_distribution<size_t> pick_group(weights.begin(), weights.end());
  const auto below = [&](int64_t n) { return static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  at::Tensor result = at::empty({batch, 3, crop_, crop_}, at::kByte);
  for (int64_t i = 0; i < batch; ++i) {
    const Group& group = groups_[pick_group(random)];
    const auto& pyramid = group.pyramids[below(static_cast<int64_t>(group.pyramids.size()))];
    const at::Tensor& level = pyramid[below(static_cast<int64_t>(pyramid.size()))];
    at::Tensor crop = level.narrow(1, below(level.size(1) - crop_ + 1), crop_)
                          .narrow(2, below(level.size(2) - crop_ + 1), crop_);
    if (random() & 1) crop = crop.flip(2);
    result[i].copy_(crop);
  }
  return to_signed_unit(result.to(device));
}

std::vector<double> denoising_psnr(DenoisingUnet& network, const at::Tensor& images,
                                   const std::vector<double>& sigmas, uint64_t seed) {
  at::NoGradGuard no_grad;
  std::vector<double> result;
  for (const double sigma : sigmas) {
    auto generator = at::detail::createCPUGenerator(seed);
    double total = 0;
    for (const at::Tensor& clean : images.split(8)) {
      const at::Tensor noise = at::randn(clean.sizes(), generator).to(clean.device());
      const at::Tensor x = network.forward(clean + sigma * noise, at::full({clean.size(0)}, sigma, clean.options()));
      const at::Tensor mse = ((x.clamp(-1, 1) - clean) / 2).square().mean({1, 2, 3});
      total += (-10 * mse.log10()).sum().item<double>();
    }
    result.push_back(total / static_cast<double>(images.size(0)));
  }
  return result;
}

std::vector<double> PhotoDataset::validate(DenoisingUnet& network, const std::vector<double>& sigmas) const {
  if (!held_out_.defined()) return {};
  return denoising_psnr(network, held_out_.to(network.parameters().front().device()), sigmas);
}

}  // namespace mgdm
