// Group norm + scale-shift + SiLU in one operation, the activation of our U-Nets.
//
//   y = silu( (x - mean_g) / sqrt(var_g + eps) * scale + shift )
//
// with mean and (biased) variance over each sample's channel group and all pixels. This is
// `SiLU(GroupNorm(x) * (1 + s) + t)` of ADM (Dhariwal & Nichol 2021, "adaptive group normalisation")
// once the norm's affine weights are folded into scale and shift.
//
// On the CPU, in channels_last, it is two passes over the data forward and two backward, bfloat16 or
// float32 in and out, float32 sums within blocks and double sums across them. LibTorch 1.13's own
// bfloat16 channels_last group norm is numerically wrong there (relative error above 1 at 128x128).
// On CUDA in bfloat16 and channels_last it is our kernel (core/networks/cuda), two passes each way too; in other
// layouts or with groups the kernel does not take, `group_norm_silu_device`; elsewhere (float64, contiguous layout)
// `group_norm_silu_reference`.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// While one lives, networks on this thread are made of operations with derivatives of every order, forward and
/// backward: without the fused kernels and without recomputing, which have a first gradient only (asking them for more
/// throws std::logic_error).
class PlainDerivatives {
 public:
  PlainDerivatives();
  ~PlainDerivatives();
  PlainDerivatives(const PlainDerivatives&) = delete;
  PlainDerivatives& operator=(const PlainDerivatives&) = delete;
  static bool wanted();

 private:
  bool before_;
};

/// While one lives, `group_norm_silu` on this thread runs on a GPU without our kernel, as `group_norm_silu_device`: for
/// measuring what the kernel is worth.
class WithoutCudaKernel {
 public:
  WithoutCudaKernel();
  ~WithoutCudaKernel();
  WithoutCudaKernel(const WithoutCudaKernel&) = delete;
  WithoutCudaKernel& operator=(const WithoutCudaKernel&) = delete;

 private:
  bool before_;
};

/// x [B, C, H, W]; scale, shift [B, C] float32; groups divides C. Differentiable in all three
/// tensors (first order). Result has x's type and layout. Thread-safe.
at::Tensor group_norm_silu(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                           double eps = 1e-5);

/// The same from ATen's own operations, computed in float32 (float64 for float64 input).
at::Tensor group_norm_silu_reference(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift,
                                     int64_t groups, double eps = 1e-5);

/// The same in few passes of ATen's operations, in x's own type (scale and shift are rounded to it too) with
/// float32 sums: relative error about 0.005 in bfloat16. Any device, any layout.
at::Tensor group_norm_silu_device(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                                  double eps = 1e-5);

/// Name of the instruction set the fused kernel runs with: "avx512", "avx2" or "portable".
const char* group_norm_silu_kernel_name();

}  // namespace mgdm
