// Full-reference image metrics. Images are [B, 3, H, W] in [-1, 1] (clamped first); one value each.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// 10 log10(1 / mean((a - b)^2)) on the range [0, 1], in dB. [B].
at::Tensor psnr(const at::Tensor& a, const at::Tensor& b);

/// How SSIM treats the image border.
enum class SsimBorder {
  ZeroPadded,  ///< as the paper's code: zero padding, all pixels averaged
  Cropped      ///< as scikit-image: only windows that lie inside the image
};
/// Structural similarity (Wang et al. 2004) on [0, 1]: 11x11 Gaussian window of deviation 1.5, biased
/// variances, C1 = 1e-4, C2 = 9e-4, mean over pixels and channels. [B].
at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimBorder border = SsimBorder::ZeroPadded);

}  // namespace mgdm
