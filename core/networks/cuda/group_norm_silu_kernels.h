// Fused group norm + scale-shift + SiLU on a CUDA device, in bfloat16 and channels_last: two passes over the data
// forward, two backward, sums in float32 within a block and in double across blocks, always in the same order (the same
// input gives the same bytes). Private to core/networks: the public entry is group_norm_silu.h.
//
// Plain pointers and no LibTorch, so that it compiles with nvcc alone. All pointers are device memory; every call only
// enqueues work on `stream`. Throws std::runtime_error where CUDA refuses a launch.
#pragma once
#include <cstdint>

struct CUstream_st;

namespace mgdm::kernels {

struct GroupNormSiluShape {
  int64_t batch, pixels, channels, groups;

  /// Whether the kernels can do it: groups of a multiple of 8 channels, at most 2048 channels.
  bool fits() const {
    return batch > 0 && pixels > 0 && groups > 0 && channels % groups == 0 && (channels / groups) % 8 == 0 &&
           channels <= 2048 && batch < 65536;
  }
  /// float32 values of scratch memory that a call needs.
  int64_t scratch() const;
};

/// y = silu((x - mean) rstd scale + shift). x, y: bfloat16 [batch, pixels, channels], 16-byte aligned; scale, shift:
/// [batch, channels]; mean, rstd: [batch, groups], written for the backward pass.
void group_norm_silu_forward_cuda(const GroupNormSiluShape& shape, const void* x, const float* scale,
                                  const float* shift, float eps, void* y, float* mean, float* rstd, float* scratch,
                                  CUstream_st* stream);

/// dx (as x), dscale, dshift: [batch, channels], from dy (as x).
void group_norm_silu_backward_cuda(const GroupNormSiluShape& shape, const void* x, const void* dy, const float* scale,
                                   const float* shift, const float* mean, const float* rstd, void* dx, float* dscale,
                                   float* dshift, float* scratch, CUstream_st* stream);

}  // namespace mgdm::kernels
