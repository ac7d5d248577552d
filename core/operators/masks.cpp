#include "core/operators/masks.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <random>
#include <utility>

#include "core/operators/operator.h"

namespace mgdm {

at::Tensor box_mask(const std::vector<int64_t>& shape, double top, double bottom, double left, double right) {
  at::Tensor inside = at::zeros({shape[1], shape[2]}, at::kBool);
  const auto at_fraction = [](double f, int64_t n) { return static_cast<int64_t>(f / 256.0 * static_cast<double>(n)); };
  inside.slice(0, at_fraction(top, shape[1]), at_fraction(bottom, shape[1]))
      .slice(1, at_fraction(left, shape[2]), at_fraction(right, shape[2]))
      .fill_(true);
  return inside;
}

at::Tensor random_keep(const std::vector<int64_t>& shape, double rate, int64_t seed) {
  const int64_t n = shape[1] * shape[2];
  std::vector<int64_t> order(n);
  for (int64_t i = 0; i < n; ++i) order[i] = i;
  std::mt19937_64 random(static_cast<uint64_t>(seed));
  for (int64_t i = n - 1; i > 0; --i)
    std::swap(order[i], order[static_cast<int64_t>(random() % static_cast<uint64_t>(i + 1))]);
  at::Tensor keep = at::ones({n}, at::kBool);
  auto flags = keep.accessor<bool, 1>();
  for (int64_t i = 0; i < static_cast<int64_t>(rate * static_cast<double>(n)); ++i) flags[order[i]] = false;
  return keep.reshape({shape[1], shape[2]});
}

at::Tensor kept_values(const Operator& degradation) {
  if (!degradation.linear() || !degradation.differentiable()) return {};
  at::NoGradGuard no_grad;
  std::vector<int64_t> sizes = degradation.signal_shape();
  sizes.insert(sizes.begin(), 1);
  const auto back_and_forth = [&](const at::Tensor& x) { return degradation.adjoint(degradation.apply(x)); };
  const at::Tensor kept = back_and_forth(at::ones(sizes, at::kFloat));
  if (!at::logical_or(kept == 0, kept == 1).all().item<bool>()) return {};
  const at::Tensor probe = at::rand(sizes, at::detail::createCPUGenerator(1), at::TensorOptions().dtype(at::kFloat));
  return at::equal(back_and_forth(probe), kept * probe) ? kept.squeeze(0) > 0.5 : at::Tensor();
}

}  // namespace mgdm
