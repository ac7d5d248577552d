// The loops themselves. Included once by each of portable.cpp, avx2.cpp and avx512.cpp inside an
// anonymous namespace, so that code made for one instruction set can never be linked into another.
// Includes nothing from the standard library that could emit shared inline functions.
#include <cstdint>

#include "core/networks/kernels/group_norm_silu_kernels.h"

namespace mgdm::kernels {
namespace {

#define MGDM_INLINE inline __attribute__((always_inline))

MGDM_INLINE float bits_to_float(uint32_t bits) { return __builtin_bit_cast(float, bits); }
MGDM_INLINE uint32_t float_to_bits(float value) { return __builtin_bit_cast(uint32_t, value); }

MGDM_INLINE float load(const float* p) { return *p; }
MGDM_INLINE float load(const uint16_t* p) { return bits_to_float(uint32_t{*p} << 16); }
MGDM_INLINE void store(float* p, float v) { *p = v; }
MGDM_INLINE void store(uint16_t* p, float v) {  // round to nearest even
  const uint32_t bits = float_to_bits(v);
  *p = static_cast<uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

// exp(x) to about 2 ulp for |x| <= 60, clamped beyond; branch-free so that the compiler vectorises it. Compilers work
// out what lies beyond a bound for every lane and choose afterwards; at the largest bound possible (87) those values
// are denormal once multiplied, and each costs an assist: four times the whole kernel's time.
MGDM_INLINE float fast_exp(float x) {
  x = x < -60.0f ? -60.0f : x;
  x = x > 60.0f ? 60.0f : x;
  const float magic = 12582912.0f;  // 1.5 * 2^23: adding it rounds to the nearest integer
  const float shifted = x * 1.44269504f + magic;
  const float k = shifted - magic;
  const float r = (x - k * 0.693359375f) + k * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  return p * bits_to_float((float_to_bits(shifted) + 127u) << 23);
}

MGDM_INLINE float sigmoid(float x) { return 1.0f / (1.0f + fast_exp(-x)); }
MGDM_INLINE float silu_gradient(float u) {
  const float s = sigmoid(u);
  return s * (1.0f + u * (1.0f - s));
}

template <typename T>
void moments(const T* __restrict x, int64_t rows, int64_t channels, float* __restrict sum, float* __restrict sum_sq) {
  for (int64_t r = 0; r < rows; ++r, x += channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) {
      const float v = load(x + c);
      sum[c] += v;
      sum_sq[c] += v * v;
    }
  }
}

template <typename T>
void forward(const T* __restrict x, int64_t rows, int64_t channels, const float* __restrict a,
             const float* __restrict b, T* __restrict y) {
  for (int64_t r = 0; r < rows; ++r, x += channels, y += channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) {
      const float u = a[c] * load(x + c) + b[c];
      store(y + c, u * sigmoid(u));
    }
  }
}

template <typename T>
void backward_sums(const T* __restrict x, const T* __restrict dy, int64_t rows, int64_t channels,
                   const float* __restrict a, const float* __restrict b, float* __restrict sum_g,
                   float* __restrict sum_gx) {
  for (int64_t r = 0; r < rows; ++r, x += channels, dy += channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) {
      const float v = load(x + c);
      const float g = load(dy + c) * silu_gradient(a[c] * v + b[c]);
      sum_g[c] += g;
      sum_gx[c] += g * v;
    }
  }
}

template <typename T>
void backward(const T* __restrict x, const T* __restrict dy, int64_t rows, int64_t channels, const float* __restrict a,
              const float* __restrict b, const float* __restrict p, const float* __restrict q, T* __restrict dx) {
  for (int64_t r = 0; r < rows; ++r, x += channels, dy += channels, dx += channels) {
#pragma GCC ivdep
    for (int64_t c = 0; c < channels; ++c) {
      const float v = load(x + c);
      const float g = load(dy + c) * silu_gradient(a[c] * v + b[c]);
      store(dx + c, a[c] * g - p[c] - q[c] * v);
    }
  }
}

template <typename T>
GroupNormSiluKernels<T> make_kernels() {
  return {moments<T>, forward<T>, backward_sums<T>, backward<T>};
}

KernelSet make_set(const char* name) { return {make_kernels<float>(), make_kernels<uint16_t>(), name}; }

}  // namespace
}  // namespace mgdm::kernels
