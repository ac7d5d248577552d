// Where a training gets its clean samples from: photos or songs.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mgdm {

class DenoisingUnet;

struct TrainingBatch {
  at::Tensor clean;   ///< x_0 [N, C, H, W], float32, in the network's range
  at::Tensor labels;  ///< how each sample was augmented, [N, augmentation_labels]; undefined: not at all
};

class TrainingData {
 public:
  virtual ~TrainingData() = default;
  /// Samples on the device where the data live; everything random is drawn from `seed`. About `batch` of them: a set
  /// may draw more that are smaller, but always of few shapes.
  virtual TrainingBatch draw(int64_t batch, uint64_t seed) const = 0;
  /// Quality in dB of denoised held-out samples at each noise level; empty without held-out data.
  virtual std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const = 0;
  /// Pictures that `validate` is of, [N, 3, H, W] in [-1, 1]; undefined: none.
  virtual at::Tensor held_out() const { return {}; }
  /// Rows times columns of a sample that is not one of the smaller ones.
  virtual double sample_area() const = 0;
  /// Side of the unconditional samples that a person is shown, in the network's space; 0: there is nothing to see.
  virtual int64_t picture_side() const { return 0; }
  /// What such samples look like: [N, 3, H, W], about in [-1, 1].
  virtual at::Tensor picture(const at::Tensor& samples) const { return samples; }
  /// What the weights' file says beside the network's description (a codec's settings, say).
  virtual std::map<std::string, std::string> metadata() const { return {}; }
  /// What it holds beside the network's tensors (an autoencoder, say).
  virtual std::map<std::string, at::Tensor> tensors() const { return {}; }
};

}  // namespace mgdm
