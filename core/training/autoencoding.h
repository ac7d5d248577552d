// Autoencoding as an objective: a `PhotoAutoencoder` (Kingma & Welling 2014). For each picture the logarithm of its
// mean squared error, so that what falls is the mean PSNR, and a small weight on the KL divergence of its latents to
// N(0, I), which keeps them smooth enough to be modelled.
#pragma once
#include <memory>

#include "core/networks/photo_autoencoder.h"
#include "core/training/objective.h"

namespace mgdm {

std::unique_ptr<Objective> make_autoencoding(const TrainingRecipe& recipe, const TrainingData& data,
                                             const std::filesystem::path& initial_weights, at::Device device,
                                             at::ScalarType compute);

/// Mean PSNR in dB of D(E(x) + sigma n) against `images` [N, 3, H, W] in [-1, 1], for each sigma in units of the
/// latents' deviation; 0: the reconstruction alone.
std::vector<double> reconstruction_psnr(PhotoAutoencoder& network, const at::Tensor& images,
                                        const std::vector<double>& sigmas, uint64_t seed = 7);

}  // namespace mgdm
