// The audio prior: a `DenoisingUnet` over the MDCT coefficients of four stems, on a variance-exploding ladder.
//
// Samplers work on coefficients [B, stems, frames, bins]; `MdctCodec` maps whole songs to coefficients and back
// once, outside the sampler (it is linear and orthonormal, so the sum of stems is the same there). Audio in full scale
// [-1, 1] is brought to the level `level` (rms of the mix) that the prior was trained at.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/networks/denoising_unet.h"
#include "core/priors/mdct_codec.h"
#include "core/priors/prior.h"

namespace mgdm {

struct BandPrior {
  std::shared_ptr<const Prior> prior;
  MdctCodec codec{MdctOptions{}};
  std::vector<std::string> stems;  ///< names, in the order of the channels
  double level = 0.1;              ///< rms of a mix, full scale 1
  int64_t frame_multiple = 16;     ///< frames of an excerpt are multiples of this
};

/// Freezes `network` for sampling on `device`.
BandPrior make_band_prior(std::shared_ptr<DenoisingUnet> network, const MdctOptions& codec, std::vector<std::string> stems,
                          double level, const std::string& name, at::Device device, const std::string& precision);

}  // namespace mgdm
