#include "core/networks/mdct.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <mutex>
#include <stdexcept>

namespace mgdm {

namespace {

// Orthonormal DCT-IV, its own inverse. The last one is kept: a network asks for it at every call.
at::Tensor dct4_matrix(int64_t bins, const at::TensorOptions& options) {
  static std::mutex mutex;
  static at::Tensor kept;
  const std::lock_guard lock(mutex);
  if (kept.defined() && kept.size(0) == bins && kept.dtype() == options.dtype() && kept.device() == options.device())
    return kept;
  const at::NoGradGuard no_grad;
  const at::Tensor n = at::arange(bins, at::kDouble) + 0.5;
  const at::Tensor m =
      (M_PI / static_cast<double>(bins) * n.unsqueeze(1) * n).cos() * std::sqrt(2.0 / static_cast<double>(bins));
  kept = m.to(options.device(), c10::typeMetaToScalarType(options.dtype()));
  return kept;
}

// Rotates the pairs of samples that mirror each other at the inner block boundaries; `direction` -1 undoes 1.
// blocks [..., frames, bins]
at::Tensor rotate_boundaries(const at::Tensor& blocks, double direction) {
  const int64_t frames = blocks.size(-2), bins = blocks.size(-1), half = bins / 2;
  if (frames < 2) return blocks;
  const at::Tensor angle =
      (at::arange(half, blocks.options().dtype(at::kDouble)) + 0.5) * (M_PI / (2.0 * static_cast<double>(bins))) +
      M_PI / 4;
  const at::Tensor c = angle.sin().to(blocks.options()), s = (angle.cos() * direction).to(blocks.options());
  // Right half of every block but the last, mirrored, against the left half of the next.
  const at::Tensor before = blocks.narrow(-2, 0, frames - 1).narrow(-1, bins - half, half).flip(-1);
  const at::Tensor after = blocks.narrow(-2, 1, frames - 1).narrow(-1, 0, half);
  // DCT-IV functions continue oddly to the right of their block and evenly to the left.
  const at::Tensor new_before = (c * before - s * after).flip(-1);
  const at::Tensor new_after = c * after + s * before;
  const at::Tensor left = at::cat({blocks.narrow(-2, 0, 1).narrow(-1, 0, half), new_after}, -2);
  const at::Tensor right = at::cat({new_before, blocks.narrow(-2, frames - 1, 1).narrow(-1, bins - half, half)}, -2);
  return at::cat({left, right}, -1);
}

}  // namespace

at::Tensor mdct(const at::Tensor& signal, int64_t bins) {
  if (bins < 2 || bins % 2 != 0 || signal.dim() < 1 || signal.size(-1) < bins || signal.size(-1) % bins != 0) {
    throw std::invalid_argument("MDCT: the signal's length must be a positive multiple of the number of bins (even)");
  }
  std::vector<int64_t> shape = signal.sizes().vec();
  shape.back() = signal.size(-1) / bins;
  shape.push_back(bins);
  return at::matmul(rotate_boundaries(signal.reshape(shape), 1.0), dct4_matrix(bins, signal.options()));
}

at::Tensor inverse_mdct(const at::Tensor& coefficients) {
  if (coefficients.dim() < 2 || coefficients.size(-1) < 2 || coefficients.size(-1) % 2 != 0) {
    throw std::invalid_argument("inverse MDCT: coefficients must be [..., frames, bins] with an even number of bins");
  }
  const at::Tensor blocks = at::matmul(coefficients, dct4_matrix(coefficients.size(-1), coefficients.options()));
  return rotate_boundaries(blocks, -1.0).flatten(-2);
}

at::Tensor mdct_quadrature(const at::Tensor& coefficients) {
  // Reversed in time, the DCT-IV's functions are the DST-IV's with alternating signs.
  const int64_t bins = coefficients.size(-1);
  const at::Tensor signs = 1 - 2 * at::arange(bins, coefficients.options()).remainder(2);
  return mdct(inverse_mdct(coefficients).flip(-1), bins).flip(-2) * signs;
}

}  // namespace mgdm
