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
  /// What the weights' file says beside the network's description (a codec's settings, say).
  virtual std::map<std::string, std::string> metadata() const { return {}; }
};

}  // namespace mgdm
