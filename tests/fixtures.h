// Small things that many tests are made of.
#pragma once
#include <ATen/ATen.h>

#include <memory>

#include "core/networks/denoising_unet.h"
#include "core/priors/photo_prior.h"
#include "core/runs/run_request.h"

namespace mgdm::test {

/// An untrained network of a few thousand weights, always the same.
inline std::shared_ptr<DenoisingUnet> tiny_network() {
  DenoisingUnetOptions o;
  o.channels = {16, 16};
  o.blocks = {1, 1};
  o.embedding = 32;
  at::manual_seed(1);
  return std::make_shared<DenoisingUnet>(o);
}

/// It as a prior for photos, named "tiny".
inline std::shared_ptr<const Prior> tiny_prior() {
  return std::make_shared<const Prior>(make_photo_prior(tiny_network(), "tiny", at::kCPU, "float32"));
}

/// MGDM in a handful of evaluations.
inline RunRequest quick_request(const std::string& task) {
  RunRequest r;
  r.task = task;
  r.prior = "tiny";
  r.sampler_settings = {{"steps", 6}, {"denoising_steps", 2}, {"gradient_steps", 1}};
  return r;
}

/// [3, 64, 80] in [-1, 1], with detail everywhere.
inline at::Tensor test_photo() {
  return (at::arange(3 * 64 * 80) % 97).to(at::kFloat).reshape({3, 64, 80}) / 48.0 - 1.0;
}

}  // namespace mgdm::test
