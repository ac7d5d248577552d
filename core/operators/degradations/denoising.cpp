#include "core/operators/degradations/denoising.h"

#include <ATen/ATen.h>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class Identity : public Operator {
 public:
  using Operator::Operator;
  at::Tensor apply(const at::Tensor& x) const override { return x.flatten(1); }
  at::Tensor adjoint(const at::Tensor& y) const override { return as_signal(y); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override { return as_signal(y); }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return at::ones({signal_size()}, at::kDouble); }
  at::Tensor to_spectral(const at::Tensor& x) const override { return x.flatten(1); }
  at::Tensor from_spectral(const at::Tensor& z) const override { return as_signal(z); }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }
};

}  // namespace

std::unique_ptr<Operator> make_identity(std::vector<int64_t> shape) {
  return std::make_unique<Identity>(std::move(shape));
}

std::vector<Task> describe_denoising() {
  return {
      {.name = "denoising",
       .label = "Remove noise",
       .help = "The photo with white Gaussian noise; its strength is the noise level.",
       .rank = 80,
       .group = "Noise",
       .noise = 0.2,
       .example_noise = 0.3,
       .make = [](const Settings&, const std::vector<int64_t>& shape, const Given&) { return make_identity(shape); }}};
}

}  // namespace mgdm
