// The fused group norm + scale-shift + SiLU on tensors of a CUDA device (see core/networks/group_norm_silu.h). Private
// to core/networks; in builds with CUDA only.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// Whether x is bfloat16 on a CUDA device, channels_last, with groups that the kernel takes.
bool fits_cuda_kernel(const at::Tensor& x, int64_t groups);

/// As `group_norm_silu`; x must fit.
at::Tensor group_norm_silu_cuda(const at::Tensor& x, const at::Tensor& scale, const at::Tensor& shift, int64_t groups,
                                double eps);

}  // namespace mgdm
