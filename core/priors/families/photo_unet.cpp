// Our own photo models: `DenoisingUnet` on pixels.
#include "core/errors.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/family.h"
#include "core/priors/photo_prior.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class PhotoUnetFamily : public PriorFamily {
 public:
  using PriorFamily::PriorFamily;

  bool recognise(const WeightFile& file) const override {
    return file.metadata().count("network") != 0 && file.metadata().count("codec") == 0 &&
           file.metadata().count("autoencoder") == 0;
  }

  Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const override {
    try {
      return make_photo_prior(load_denoising_unet(card.weights), card.name, options.device, options.precision,
                              photo_sizes(card));
    } catch (const CheckpointError& e) {
      throw ModelError(e.what());
    }
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_photo_unet() {
  return std::make_shared<PhotoUnetFamily>(FamilyDescription{.name = "photo-unet",
                                                             .rank = 20,
                                                             .label = "MGDM Studio",
                                                             .kind = "photos",
                                                             .uses = "All tasks for photos, with every sampler.",
                                                             .medium = Medium::Photo,
                                                             .own = true});
}

}  // namespace mgdm
