// Our own music models: `DenoisingUnet` on the MDCT coefficients of several stems. The file says which transform.
#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/priors/band_prior.h"
#include "core/priors/denoising_unet_file.h"
#include "core/priors/family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class BandUnetFamily : public PriorFamily {
 public:
  using PriorFamily::PriorFamily;

  bool recognise(const WeightFile& file) const override {
    return file.metadata().count("network") != 0 && file.metadata().count("codec") != 0;
  }

  BandPrior load_band_prior(const PriorCard& card, const LoadOptions& options) const override {
    try {
      std::map<std::string, std::string> metadata;
      const auto network = load_denoising_unet(card.weights, &metadata);
      const auto codec = metadata.find("codec");
      if (codec == metadata.end())
        throw CheckpointError(card.weights.string() + ": does not say which transform it was trained on");
      const auto stems = card.all.at("stems").get<std::vector<std::string>>();
      if (static_cast<int64_t>(stems.size()) != network->options().image_channels) {
        throw ModelError(card.file.string() + ": names " + std::to_string(stems.size()) + " stems, the network has " +
                         std::to_string(network->options().image_channels));
      }
      return make_band_prior(network, parse_json(codec->second).get<MdctOptions>(), stems,
                             card.all.at("level").get<double>(), card.name, options.device, options.precision);
    } catch (const CheckpointError& e) {
      throw ModelError(e.what());
    } catch (const nlohmann::json::exception&) {
      throw ModelError(card.file.string() + ": is no card of an audio model (it needs 'stems' and 'level')");
    }
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_band_unet() {
  return std::make_shared<BandUnetFamily>(
      FamilyDescription{.name = "band-unet",
                        .rank = 30,
                        .label = "MGDM Studio",
                        .kind = "music",
                        .uses = "Separating songs, making up stems, repairing songs.",
                        .medium = Medium::Music,
                        .own = true});
}

}  // namespace mgdm
