#include "core/training/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>
#include <map>

namespace mgdm {

void adamw_step(at::Tensor parameters, const at::Tensor& gradient, at::Tensor first_moment, at::Tensor second_moment,
                int64_t step, double gradient_scale, const AdamwSettings& s) {
  const double correction1 = 1.0 - std::pow(s.beta1, static_cast<double>(step));
  const double correction2 = 1.0 - std::pow(s.beta2, static_cast<double>(step));
  if (!parameters.is_cpu()) {
    const at::Tensor g = gradient * gradient_scale;
    first_moment.lerp_(g, 1.0 - s.beta1);
    second_moment.mul_(s.beta2).addcmul_(g, g, 1.0 - s.beta2);
    parameters.mul_(1.0 - s.learning_rate * s.weight_decay);
    parameters.addcdiv_(first_moment, (second_moment / correction2).sqrt_().add_(s.epsilon),
                        -s.learning_rate / correction1);
    return;
  }
  auto* __restrict p = parameters.data_ptr<float>();
  const auto* __restrict g = gradient.data_ptr<float>();
  auto* __restrict m = first_moment.data_ptr<float>();
  auto* __restrict v = second_moment.data_ptr<float>();
  const auto scale = static_cast<float>(gradient_scale);
  const auto b1 = static_cast<float>(s.beta1), b2 = static_cast<float>(s.beta2);
  const auto decay = static_cast<float>(1.0 - s.learning_rate * s.weight_decay);
  const auto rate = static_cast<float>(s.learning_rate / correction1);
  const auto root = static_cast<float>(1.0 / std::sqrt(correction2));
  const auto epsilon = static_cast<float>(s.epsilon);
  at::parallel_for(0, parameters.numel(), 1 << 16, [&](int64_t begin, int64_t end) {
#pragma GCC ivdep
    for (int64_t i = begin; i < end; ++i) {
      const float grad = g[i] * scale;
      m[i] = b1 * m[i] + (1.0f - b1) * grad;
      v[i] = b2 * v[i] + (1.0f - b2) * grad * grad;
      p[i] = decay * p[i] - rate * m[i] / (std::sqrt(v[i]) * root + epsilon);
    }
  });
}

at::Tensor orthogonalise(const at::Tensor& matrices, at::ScalarType compute_type) {
  constexpr double a = 3.4445, b = -4.7750, c = 2.0315;
  const bool transposed = matrices.size(-2) > matrices.size(-1);
  at::Tensor x = transposed ? matrices.transpose(-2, -1) : matrices;
  x = (x / (x.square().sum({-2, -1}, true).sqrt() + 1e-7)).to(compute_type).contiguous();
  for (int i = 0; i < 5; ++i) {
    const at::Tensor gram = at::matmul(x, x.transpose(-2, -1));
    const at::Tensor polynomial = gram * b + at::matmul(gram, gram) * c;
    x = x * a + at::matmul(polynomial, x);
  }
  x = x.to(at::kFloat);
  return transposed ? x.transpose(-2, -1) : x;
}

void muon_step(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& gradients,
               const std::vector<at::Tensor>& momenta, double gradient_scale, double learning_rate, double weight_decay,
               at::ScalarType compute_type, double beta) {
  // [out, in, h, w] as a matrix of `out` rows
  const auto direction = [&](size_t i) {
    momenta[i].mul_(beta).add_(gradients[i], gradient_scale);
    return (gradients[i] * gradient_scale + momenta[i] * beta).permute({0, 2, 3, 1}).flatten(1);
  };
  const auto apply = [&](size_t i, const at::Tensor& orthogonal) {
    const at::Tensor& w = weights[i];
    const at::Tensor update = orthogonal.reshape({w.size(0), w.size(2), w.size(3), w.size(1)}).permute({0, 3, 1, 2});
    const double scale = 0.2 * std::sqrt(static_cast<double>(std::max(orthogonal.size(0), orthogonal.size(1))));
    w.mul_(1.0 - learning_rate * weight_decay).add_(update, -learning_rate * scale);
  };
  std::map<std::vector<int64_t>, std::vector<size_t>> batches;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i].is_cpu()) {
      apply(i, orthogonalise(direction(i), compute_type));
    } else {
      batches[weights[i].sizes().vec()].push_back(i);
    }
  }
  for (const auto& [shape, members] : batches) {
    std::vector<at::Tensor> directions;
    for (const size_t i : members) directions.push_back(direction(i));
    const auto orthogonal = orthogonalise(at::stack(directions), compute_type).unbind(0);
    for (size_t k = 0; k < members.size(); ++k) apply(members[k], orthogonal[k]);
  }
}

}  // namespace mgdm
