// Our own photo models on latents: `DenoisingUnet` on those of a `PhotoAutoencoder`, both in one file.
#include "core/errors.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/family.h"
#include "core/priors/photo_autoencoder_file.h"
#include "core/priors/photo_prior.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class LatentUnetFamily : public PriorFamily {
 public:
  using PriorFamily::PriorFamily;

  bool recognise(const WeightFile& file) const override {
    return file.metadata().count("network") != 0 && file.metadata().count("autoencoder") != 0;
  }

  Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const override {
    try {
      return make_latent_prior(load_denoising_unet(card.weights), load_photo_autoencoder(card.weights), card.name,
                               options.device, options.precision, photo_sizes(card));
    } catch (const CheckpointError& e) {
      throw ModelError(e.what());
    }
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_latent_unet() {
  return std::make_shared<LatentUnetFamily>(
      FamilyDescription{.name = "latent-unet",
                        .rank = 15,
                        .label = "MGDM Studio, latent",
                        .kind = "photos (latent)",
                        .uses = "All tasks for photos, with the samplers for latent models.",
                        .medium = Medium::Photo,
                        .latent = true,
                        .own = true});
}

}  // namespace mgdm
