#include "core/problems/problem.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

at::Tensor Problem::observation_image() const {
  at::NoGradGuard no_grad;
  return likelihood->degradation().display(likelihood->observation()).to(at::kCPU, at::kFloat);
}

at::Tensor Problem::residual_map(const at::Tensor& x) const {
  at::NoGradGuard no_grad;
  const Operator& h = likelihood->degradation();
  return h.display(likelihood->misfit(h.apply(x)))[0].abs().mean(0).to(at::kCPU, at::kFloat);
}

at::Tensor Problem::keep_known(const at::Tensor& x) const { return hole.defined() ? at::where(hole, x, known) : x; }

}  // namespace mgdm
