#include "core/samplers/sampler.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

const at::Tensor& Iterate::signal() const {
  if (!signal_.defined() && codec != nullptr) {
    at::NoGradGuard no_grad;
    signal_ = codec->decode(x0);
  }
  return signal_;
}

bool Iterate::decoded() const { return signal_.defined() || codec == nullptr || codec->decode_seconds(x0) == 0; }

const at::Tensor& Iterate::residual() const {
  if (!residual_.defined() && likelihood != nullptr) {
    at::NoGradGuard no_grad;
    residual_ = likelihood->residual(signal()).to(at::kCPU);
  }
  return residual_;
}

size_t enter_levels(std::vector<int>& levels, const SamplerStart* start) {
  if (start == nullptr) return 0;
  size_t below = 0;
  while (below + 1 < levels.size() && levels[below] >= start->t) ++below;
  const size_t first = below == 0 ? 0 : below - 1;
  levels[first] = start->t;
  return first;
}

}  // namespace mgdm
