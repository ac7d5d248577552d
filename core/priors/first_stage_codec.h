// The autoencoder of a latent model as its codec.
#pragma once
#include <memory>

#include "core/networks/first_stage.h"
#include "core/priors/prior.h"

namespace mgdm {

/// Pictures whose latent is larger than `window` on a side are decoded in windows. Whatever it decodes teaches it to
/// preview (core/priors/linear_preview.h). One thread at a time.
std::shared_ptr<Codec> make_first_stage_codec(std::shared_ptr<const FirstStage> stage, int64_t window);

}  // namespace mgdm
