// The one source of randomness of a run. A run's own generator behind it makes a run file replay to
// the same bytes; a recorded tape behind it replays another program's run.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace mgdm {

class NoiseSource {
 public:
  virtual ~NoiseSource() = default;
  /// N(0, I) of x's shape, type and device.
  virtual at::Tensor normal_like(const at::Tensor& x) = 0;
  /// Uniform whole number in [low, high].
  virtual int64_t integer(int64_t low, int64_t high) = 0;
};

/// Draws on the CPU whatever the device, so that a seed means the same everywhere.
class SeededNoise : public NoiseSource {
 public:
  explicit SeededNoise(uint64_t seed);
  at::Tensor normal_like(const at::Tensor& x) override;
  int64_t integer(int64_t low, int64_t high) override;

 private:
  at::Generator generator_;
};

}  // namespace mgdm
