// Training photos in memory (the GPU's, where there is one): 8-bit pyramids from which random crops are drawn.
#pragma once
#include <ATen/core/Tensor.h>

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

/// PSNR in dB of each of `images` [N, 3, H, W], clamped to [-1, 1], against `clean`: [N].
at::Tensor psnr_of_each(const at::Tensor& images, const at::Tensor& clean);
/// Mean PSNR in dB of D(x + sigma n; sigma), clamped to [-1, 1], against `images` [N, 3, H, W]; one
/// figure for each noise level, noise fixed by `seed`.
std::vector<double> denoising_psnr(DenoisingUnet& network, const at::Tensor& images, const std::vector<double>& sigmas,
                                   uint64_t seed = 7);

struct PhotoCrops {
  int64_t size = 64;  ///< pixels, square
  int64_t small_size =
      0;  ///< in `small_share` of the batches crops of this size, as many as have the same pixels in all;
  double small_share = 0;       ///< they see faces, say, both whole and close
  double pyramid_factor = 0.7;  ///< each photo is reduced by it again and again while its short side holds a crop
  /// Probability that a crop's light and colours are changed: exposure, contrast, saturation, warmth. The network is
  /// told (see DenoisingUnetOptions::augmentation_labels), so that it does not take them for what photos are like.
  double augmented = 0;
};
constexpr int64_t kPhotoAugmentationLabels = 4;

class PhotoDataset : public TrainingData {
 public:
  /// `shares` maps a name prefix ("grocery_") to the share of crops drawn from the photos that start
  /// with it; "*" stands for the rest. Empty: every photo equally often. Photos smaller than the crop are left out.
  /// Throws std::invalid_argument if none remains or a share names no photo.
  PhotoDataset(const std::vector<NamedPhoto>& photos, const std::map<std::string, double>& shares,
               const PhotoCrops& crops, at::Device device = at::kCPU);

  /// [batch, 3, size, size] or, of small ones, more: random photo, level, place, mirror image and light.
  TrainingBatch draw(int64_t batch, uint64_t seed) const override;

  /// Held-out images [N, 3, H, W] in [-1, 1] for `validate`, which is `denoising_psnr` over them.
  void set_held_out(const at::Tensor& images) { held_out_ = images; }
  at::Tensor held_out() const override { return held_out_; }
  double sample_area() const override { return static_cast<double>(crops_.size * crops_.size); }
  int64_t picture_side() const override { return crops_.size; }
  at::Device device() const { return pixels_.device(); }
  std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const override;

 private:
  struct Level {
    int64_t offset, height, width;  // of [3, height, width] in pixels_
  };
  struct Group {
    double share;
    std::vector<std::vector<Level>> photos;  // the levels of each that hold a crop
  };
  static std::vector<Group> groups_for(const std::map<std::string, std::vector<std::vector<Level>>>& photos,
                                       const std::map<std::string, double>& shares, int64_t size);
  at::Tensor augment(const at::Tensor& images, const at::Tensor& labels) const;

  PhotoCrops crops_;
  at::Tensor pixels_;  // all levels of all photos, one after the other
  std::vector<Group> groups_, small_groups_;
  at::Tensor held_out_;
};

}  // namespace mgdm
