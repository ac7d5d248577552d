// The update rules of the trainer, on one flat float32 vector of all parameters.
//
// Flat, because a step over ten million parameters is bound by memory traffic: one pass that updates
// moments, weights and the moving average together is several times faster than a call for each
// tensor and rule.
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace mgdm {

struct AdamwSettings {
  double learning_rate, beta1, beta2, weight_decay;
  double epsilon = 1e-8;
};

/// One AdamW step (Loshchilov & Hutter 2019) on elements [begin, end) of flat CPU or CUDA vectors.
/// `step` counts from 1. `gradient_scale` multiplies the gradient first (clipping).
void adamw_step(at::Tensor parameters, const at::Tensor& gradient, at::Tensor first_moment, at::Tensor second_moment,
                int64_t step, double gradient_scale, const AdamwSettings& settings);

/// The nearest semi-orthogonal matrix to each [..., rows, columns] matrix, up to singular values within about
/// 0.7..1.2, by five quintic Newton-Schulz steps (Jordan et al. 2024, "Muon").
at::Tensor orthogonalise(const at::Tensor& matrices, at::ScalarType compute_type);

/// One Muon step with Nesterov momentum on convolution weights: the update has the root mean square
/// 0.2 of a typical AdamW update (Liu et al. 2025), so both share one learning rate. On a GPU weights of
/// the same shape are orthogonalised together.
void muon_step(const std::vector<at::Tensor>& weights, const std::vector<at::Tensor>& gradients,
               const std::vector<at::Tensor>& momenta, double gradient_scale, double learning_rate, double weight_decay,
               at::ScalarType compute_type, double beta = 0.95);

}  // namespace mgdm
