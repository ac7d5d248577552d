// Inner loops of the fused group norm + scale-shift + SiLU, for one row block of a channels_last
// image. Private to core/networks: the public entry is group_norm_silu.h.
//
// Each function works on `rows` pixels of `channels` contiguous values. Values are float or bfloat16
// (passed as uint16_t); every sum is float32 within a block of at most 512 rows and is added up in
// double by the caller. The same source is compiled for several instruction sets; `select_kernels`
// picks one at run time.
#pragma once
#include <cstdint>

namespace mgdm::kernels {

template <typename T>
struct GroupNormSiluKernels {
  /// sum[c] += sum over rows of x, sum_sq[c] += sum over rows of x^2.
  void (*moments)(const T* x, int64_t rows, int64_t channels, float* sum, float* sum_sq);
  /// y = silu(a[c] * x + b[c]).
  void (*forward)(const T* x, int64_t rows, int64_t channels, const float* a, const float* b, T* y);
  /// With g = dy * silu'(a x + b): sum_g[c] += sum g, sum_gx[c] += sum g * x.
  void (*backward_sums)(const T* x, const T* dy, int64_t rows, int64_t channels, const float* a, const float* b,
                        float* sum_g, float* sum_gx);
  /// dx = a[c] * g - p[c] - q[c] * x, with g as above.
  void (*backward)(const T* x, const T* dy, int64_t rows, int64_t channels, const float* a, const float* b,
                   const float* p, const float* q, T* dx);
};

struct KernelSet {
  GroupNormSiluKernels<float> f32;
  GroupNormSiluKernels<uint16_t> bf16;
  const char* name;
};

KernelSet portable_kernels();
KernelSet avx2_kernels();
KernelSet avx512_kernels();

/// The fastest set that this CPU can run.
const KernelSet& select_kernels();

}  // namespace mgdm::kernels
