// Denoising as an objective: EDM's loss (Karras et al. 2022, "Elucidating the design space of diffusion-based
// generative models", eq. 2 with the weights of table 1) of a `DenoisingUnet`.
#pragma once
#include <memory>

#include "core/networks/denoising_unet.h"
#include "core/training/objective.h"

namespace mgdm {

std::unique_ptr<Objective> make_denoising(const TrainingRecipe& recipe, const TrainingData& data,
                                          const std::filesystem::path& initial_weights, at::Device device,
                                          at::ScalarType compute);

/// Unconditional samples by EDM's deterministic Heun sampler (alg. 1): [count, C, size, size].
at::Tensor sample_unconditional(DenoisingUnet& network, int64_t count, int64_t size, int64_t steps = 24,
                                uint64_t seed = 3);

}  // namespace mgdm
