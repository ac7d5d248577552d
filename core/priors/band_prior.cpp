#include "core/priors/band_prior.h"

#include "core/priors/photo_prior.h"

namespace mgdm {

BandPrior make_band_prior(std::shared_ptr<DenoisingUnet> network, const MdctOptions& codec, std::vector<std::string> stems,
                          double level, const std::string& name, at::Device device, const std::string& precision) {
  const auto type = resolve_precision(precision, device);
  network->to(device);
  network->freeze(type);
  auto prior = std::make_shared<Prior>();
  prior->name = name;
  prior->schedule = NoiseSchedule::karras(0.002, 100.0, 1000, 7.0);
  prior->denoiser = make_unet_denoiser(network, prior->schedule);
  prior->device = device;
  prior->precision = type == at::kBFloat16 ? "bfloat16" : "float32";
  return {.prior = prior, .codec = MdctCodec(codec), .stems = std::move(stems), .level = level,
          .frame_multiple = network->options().size_multiple()};
}

}  // namespace mgdm
