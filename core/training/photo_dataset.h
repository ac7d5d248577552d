// Training photos in memory: 8-bit pyramids from which random crops are drawn.
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "core/training/training_data.h"

namespace mgdm {

/// A photo before it enters a dataset: uint8 [3, H, W] (RGB) and its file name without extension.
struct NamedPhoto {
  std::string name;
  at::Tensor pixels;
};

/// One packed tensor file: a `.safetensors` whose tensors are uint8 [3, H, W], named like the photos.
/// It lets a machine without OpenCV train. Throws CheckpointError.
std::vector<NamedPhoto> read_packed_photos(const std::filesystem::path& file);
void write_packed_photos(const std::filesystem::path& file, const std::vector<NamedPhoto>& photos);

/// uint8 [.., 3, H, W] -> float32 in [-1, 1].
at::Tensor to_signed_unit(const at::Tensor& pixels);
/// Antialiased bilinear resize of float images [B, C, H, W].
at::Tensor resize_antialiased(const at::Tensor& images, int64_t height, int64_t width);
/// Short side resized to `size`, centre cropped: float32 [N, 3, size, size] in [-1, 1].
at::Tensor centre_crops(const std::vector<NamedPhoto>& photos, int64_t size);

/// Mean PSNR in dB of D(x + sigma n; sigma), clamped to [-1, 1], against `images` [N, 3, H, W]; one
/// figure for each noise level, noise fixed by `seed`.
std::vector<double> denoising_psnr(DenoisingUnet& network, const at::Tensor& images,
                                   const std::vector<double>& sigmas, uint64_t seed = 7);

class PhotoDataset : public TrainingData {
 public:
  /// `shares` maps a name prefix ("grocery_") to the share of crops drawn from the photos that start
  /// with it; "*" stands for the rest. Empty: every photo equally often. Each photo is reduced by
  /// `pyramid_factor` again and again while its short side stays >= `crop`. Photos smaller than
  /// `crop` are left out. Throws std::invalid_argument if none remains or a share names no photo.
  PhotoDataset(const std::vector<NamedPhoto>& photos, const std::map<std::string, double>& shares,
               int64_t crop, double pyramid_factor = 0.7);

  /// float32 [batch, 3, crop, crop] in [-1, 1]: random photo, level, place and mirror image, all drawn
  /// from `seed`. Thread-safe.
  at::Tensor draw(int64_t batch, uint64_t seed, at::Device device = at::kCPU) const override;

  /// Held-out images [N, 3, H, W] in [-1, 1] for `validate`, which is `denoising_psnr` over them.
  void set_held_out(const at::Tensor& images) { held_out_ = images; }
  std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const override;

  int64_t photo_count() const;

 private:
  struct Group {
    double share;
    std::vector<std::vector<at::Tensor>> pyramids;
  };
  std::vector<Group> groups_;
  int64_t crop_;
  at::Tensor held_out_;
};

}  // namespace mgdm
