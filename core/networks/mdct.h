// The modified discrete cosine transform as a lapped orthogonal transform (Princen & Bradley 1986; Malvar 1992).
//
// The samples around each block boundary are rotated in pairs by a sine window, then each block of `bins` samples goes
// through an orthonormal DCT-IV. The signal's two ends are not folded, so the transform of a finite signal is a square
// orthogonal matrix: the inverse is the transpose.
#pragma once
#include <ATen/core/Tensor.h>

namespace mgdm {

/// [..., L] -> [..., L / bins, bins] (time, frequency), float32 or float64; L a positive multiple of `bins`.
/// Differentiable; any device. Throws std::invalid_argument for another length.
at::Tensor mdct(const at::Tensor& signal, int64_t bins);
/// The inverse (and adjoint): [..., frames, bins] -> [..., frames * bins].
at::Tensor inverse_mdct(const at::Tensor& coefficients);

/// The quadrature of MDCT coefficients, [..., frames, bins] -> the same: the signal's MDST, whose basis functions are
/// the MDCT's with a quarter period's shift. Of a steady tone the coefficients swing from frame to frame with its
/// phase; sqrt(mdct^2 + mdst^2) does not (the modulated complex lapped transform, Malvar 1999). A linear orthogonal
/// map; differentiable.
at::Tensor mdct_quadrature(const at::Tensor& coefficients);

}  // namespace mgdm
