// Our own photo priors, on pixels or on the latents of a `PhotoAutoencoder`: a `DenoisingUnet` on the
// variance-preserving schedule, x_0 = D(x_t / sqrt(abar_t); sqrt((1 - abar_t) / abar_t)).
#pragma once
#include <filesystem>

#include "core/networks/denoising_unet.h"
#include "core/networks/photo_autoencoder.h"
#include "core/priors/prior.h"

namespace mgdm {

/// "auto": bfloat16 where the device really has it (AVX512-BF16, a GPU), float32 elsewhere; or
/// "bfloat16", "float32". Throws std::invalid_argument.
at::ScalarType resolve_precision(const std::string& precision, at::Device device);

/// x_0 = D(x_t / sqrt(abar_t); sigma_t) on any schedule.
std::shared_ptr<Denoiser> make_unet_denoiser(std::shared_ptr<DenoisingUnet> network, NoiseSchedule schedule);

/// Freezes `network` for sampling on `device`. Pictures larger than `sizes.window` go through windows.
Prior make_photo_prior(std::shared_ptr<DenoisingUnet> network, const std::string& name, at::Device device,
                       const std::string& precision, const PhotoSizes& sizes = {});

/// The same on latents. `sizes` are of pictures. Throws std::invalid_argument if the two do not fit each other.
Prior make_latent_prior(std::shared_ptr<DenoisingUnet> network, std::shared_ptr<PhotoAutoencoder> autoencoder,
                        const std::string& name, at::Device device, const std::string& precision,
                        const PhotoSizes& sizes = {});

}  // namespace mgdm
