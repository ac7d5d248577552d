// The audio priors, on a variance-exploding ladder: our own `DenoisingUnet` over the MDCT coefficients of four stems,
// and waveform networks (MSDM), which are seen through the same transform without weights: it is orthonormal, so white
// noise of deviation sigma in the sound is that in the coefficients, and a denoiser of one is a denoiser of the other.
//
// Samplers work on coefficients [B, stems, frames, bins]; `MdctCodec` maps whole songs to coefficients and back
// once, outside the sampler (it is linear and orthonormal, so the sum of stems is the same there). Audio in full scale
// [-1, 1] is brought to the level `level` (rms of the mix) that the prior was trained at.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "core/priors/mdct_codec.h"
#include "core/priors/prior.h"

namespace mgdm {

class AudioUnet;
class DenoisingUnet;

struct BandPrior {
  std::shared_ptr<const Prior> prior;
  MdctCodec codec{MdctOptions{}};
  std::vector<std::string> stems;  ///< names, in the order of the channels
  double level =
      0.1;  ///< rms of a mix, full scale 1, that the prior was trained at; 0: any, songs are taken as loud as they are
  int64_t frame_multiple = 16;  ///< frames of an excerpt are multiples of this
  double sigma_data = 0.5;      ///< standard deviation of the coefficients, about: what noise levels are measured by
  double noise = 0.02;          ///< of the mix, in coefficients, where a person says nothing
  int64_t frames = 256, overlap = 32;  ///< of a window, where a person says nothing
  bool either_polarity = false;  ///< the law is the same whatever the sign of each stem, and the network was trained so
};

/// E[x_0 | x] of a law that does not know the sign of a stem is odd in each stem; a network is so only nearly. This
/// asks `inner` for stems [B, C, ...] in polarities drawn anew for each call and stem, and turns the answer back, so
/// that what is wrong with one polarity does not add up over the steps of a sampler (the idea of Coifman & Donoho 1995,
/// "Translation-invariant de-noising"). The same seed and calls give the same result. One thread at a time.
std::shared_ptr<Denoiser> with_random_polarities(std::shared_ptr<Denoiser> inner, uint64_t seed);

/// Freezes `network` for sampling on `device`.
BandPrior make_band_prior(std::shared_ptr<DenoisingUnet> network, const MdctOptions& codec,
                          std::vector<std::string> stems, double level, const std::string& name, at::Device device,
                          const std::string& precision);

/// `network` (already on `device` in `type`) as the prior of its sources; the ladder is that of the paper's code.
BandPrior make_waveform_prior(std::shared_ptr<const AudioUnet> network, std::vector<std::string> stems,
                              const std::string& name, at::Device device, at::ScalarType type, int64_t native_length);

}  // namespace mgdm
