// What a published network makes of given tensors, for comparing implementations.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "core/priors/published_model.h"

namespace mgdm {

/// What the network makes of a file of tensors: `input` {x, t, w}, {x, sigma, w} (audio), {z, w} or {image, w} (w
/// optional; y: classes) -> out, eps, x0, decoded, encoded and grad = gradient of sum(w * main output) with respect to
/// the input; the main output is out, with sigma x0. Throws ModelError for an input that does not fit.
std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model,
                                                     const std::map<std::string, at::Tensor>& input);

}  // namespace mgdm
