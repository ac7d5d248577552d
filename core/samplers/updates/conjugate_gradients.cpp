#include "core/samplers/updates/conjugate_gradients.h"

#include <ATen/ATen.h>

namespace mgdm {

namespace {

at::Tensor sum_per_chain(const at::Tensor& x) {  // [B, ...] -> [B, 1, ...]
  std::vector<int64_t> shape(static_cast<size_t>(x.dim()), 1);
  shape[0] = x.size(0);
  return x.flatten(1).sum(1).reshape(shape);
}

}  // namespace

at::Tensor conjugate_gradients(const SymmetricMap& product, const at::Tensor& b, int steps, double tolerance,
                               const SymmetricMap& preconditioner) {
  const auto preconditioned = [&](const at::Tensor& r) { return preconditioner ? preconditioner(r) : r; };
  at::Tensor x = at::zeros_like(b), r = b, z = preconditioned(r), p = z, rz = sum_per_chain(r * z);
  const at::Tensor enough = rz * (tolerance * tolerance);
  for (int step = 0; step < steps; ++step) {
    const at::Tensor open = rz > enough;
    if (!open.any().item<bool>()) break;
    const at::Tensor q = product(p);
    const at::Tensor curvature = sum_per_chain(p * q);
    const at::Tensor alpha = at::where(open.logical_and(curvature > 1e-12 * rz), rz / curvature, at::zeros_like(rz));
    x = x + alpha * p;
    r = r - alpha * q;
    z = preconditioned(r);
    const at::Tensor next = sum_per_chain(r * z);
    p = z + at::where(rz > 0, next / rz, at::zeros_like(rz)) * p;
    rz = next;
  }
  return x;
}

}  // namespace mgdm
