#include "core/samplers/noise_source.h"

#include <ATen/ATen.h>

namespace mgdm {

SeededNoise::SeededNoise(uint64_t seed) : generator_(at::detail::createCPUGenerator(seed)) {}

at::Tensor SeededNoise::normal_like(const at::Tensor& x) {
  return at::randn(x.sizes(), generator_, at::TensorOptions().dtype(x.scalar_type())).to(x.device());
}

int64_t SeededNoise::integer(int64_t low, int64_t high) {
  return at::randint(low, high + 1, {1}, generator_, at::TensorOptions().dtype(at::kLong)).item<int64_t>();
}

}  // namespace mgdm
