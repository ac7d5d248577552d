// The autoencoder of a latent model as its codec: a published one or our own.
#pragma once
#include <memory>

#include "core/networks/first_stage.h"
#include "core/networks/photo_autoencoder.h"
#include "core/priors/prior.h"

namespace mgdm {

/// Pictures whose latent is larger than `window` on a side are encoded and decoded in windows. Whatever it decodes
/// teaches it to preview (core/priors/linear_decoder.h). One thread at a time.
std::shared_ptr<Codec> make_autoencoder_codec(std::shared_ptr<const FirstStage> stage, int64_t window);
std::shared_ptr<Codec> make_autoencoder_codec(std::shared_ptr<PhotoAutoencoder> autoencoder, int64_t window);

}  // namespace mgdm
