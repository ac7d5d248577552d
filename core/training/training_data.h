// Where a training gets its clean samples from: photos or songs.
#pragma once
#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mgdm {

class DenoisingUnet;

class TrainingData {
 public:
  virtual ~TrainingData() = default;
  /// Clean samples x_0 [batch, C, H, W], float32 on `device`, in the network's range; everything random is
  /// drawn from `seed`. Called from a worker thread, one call at a time.
  virtual at::Tensor draw(int64_t batch, uint64_t seed, at::Device device) const = 0;
  /// Quality in dB of denoised held-out samples at each noise level; empty without held-out data.
  virtual std::vector<double> validate(DenoisingUnet& network, const std::vector<double>& sigmas) const = 0;
  /// What the weights' file says beside the network's description (a codec's settings, say).
  virtual std::map<std::string, std::string> metadata() const { return {}; }
};

}  // namespace mgdm
