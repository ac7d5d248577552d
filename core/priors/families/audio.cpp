// MSDM (Mariani et al. 2024): waveforms of several sources, on a variance-exploding ladder. The network is seen through
// the MDCT (core/priors/band_prior.h). Its files hold it twice.
#include "core/networks/audio_unet.h"

#include <optional>
#include <string_view>
#include <tuple>

#include "core/errors.h"
#include "core/priors/band_prior.h"
#include "core/priors/known_models.h"
#include "core/priors/photo_prior.h"
#include "core/priors/published_family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

constexpr int64_t kAudioLength = 262144;  // samples that MSDM was trained on

/// The prefix of an audio network's weights (MSDM's are in the file twice); nullopt: there is none.
std::optional<std::string> audio_prefix(const PublishedFamily::Weights& weights) {
  constexpr std::string_view kTime = "to_time.0.0.weights";
  std::optional<std::string> prefix;
  for (const auto& [key, tensor] : weights) {
    if (key.size() >= kTime.size() && key.compare(key.size() - kTime.size(), std::string::npos, kTime) == 0)
      prefix = key.substr(0, key.size() - kTime.size());
  }
  return prefix;
}

const std::vector<std::string>& msdm_stems() {
  static const std::vector<std::string> stems{"bass", "drums", "guitar", "piano"};
  return stems;
}

class AudioFamily : public PublishedFamily {
 public:
  using PublishedFamily::PublishedFamily;

  bool recognise(const WeightFile& file) const override { return audio_prefix(file.weights()).has_value(); }

  Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const override {
    return PriorFamily::load_photo_prior(card, options);
  }

  BandPrior load_band_prior(const PriorCard& card, const LoadOptions& options) const override {
    const auto type = resolve_precision(options.precision, options.device);
    const PublishedModel model = load_published(card.weights, config_of(card));
    if (!model.audio) throw ModelError("model '" + card.name + "' is for photos, not for music");
    model.to(options.device, type, true);
    model.set_recompute(options.recompute);
    std::vector<std::string> stems = card.all.value("stems", std::vector<std::string>{});
    if (stems.empty() && model.channels == 4) stems = msdm_stems();
    while (static_cast<int64_t>(stems.size()) < model.channels)
      stems.push_back("source_" + std::to_string(stems.size() + 1));
    return make_waveform_prior(model.audio, std::move(stems), card.name, options.device, type, model.native_size);
  }

  void check_photo_prior(const PublishedModel&, const std::string& name) const override {
    throw ModelError("model '" + name + "' is for music, not for photos");
  }

  bool keeps(const std::string& weight) const override {
    return PriorFamily::keeps(weight) && weight.rfind("model.diffusion.", 0) != 0;  // the network once more
  }

  std::vector<KnownModel> known() const override {
    return {{.name = "msdm",
             .label = "Bass, drums, guitar, piano (Slakh2100)",
             .file = "epoch=729-valid_loss=0.014.ckpt",
             .source = "MSDM: github.com/gladia-research-group/multi-source-diffusion-models",
             .license = "see its repository",
             .tensors = 434,
             .parameters = 405497700,
             .gigabytes = 1.6,
             .native_size = kAudioLength,
             .config = {{"resnet_groups", 8},
                        {"attention_heads", 8},
                        {"diffusion_sigma_data", 0.2},
                        {"use_skip_scale", true}},
             .paper_config = "sound",
             .random = [](uint64_t seed) { return AudioConfig{}.layout(8).random(seed, "model.unet."); }}};
  }

 protected:
  std::string prefix(const Weights& weights) const override { return audio_prefix(weights).value_or(""); }

  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override {
    for (const auto& [key, also, question] :
         {std::tuple{"attention_heads", "num_heads", "how many heads its attention has (8 in MSDM)"},
          std::tuple{"resnet_groups", "num_groups", "how many groups its norms have (8 in MSDM)"}}) {
      if (untold.find(key) == nullptr && !untold.held({key, also})) untold.ask(key, question);
    }
    AudioOptions options;
    options.groups =
        static_cast<int64_t>(untold.number("resnet_groups", {"resnet_groups"}, static_cast<double>(options.groups)));
    options.heads = static_cast<int64_t>(
        untold.number("attention_heads", {"attention_heads", "num_heads"}, static_cast<double>(options.heads)));
    options.sigma_data =
        untold.number("diffusion_sigma_data", {"diffusion_sigma_data", "sigma_data"}, options.sigma_data);
    options.skip_scale = untold.get("use_skip_scale", true);
    model.audio = std::make_shared<AudioUnet>(weights, prefix(weights), options);
    model.channels = model.audio->sources();
    model.native_size = trained_size(untold, "length", kAudioLength);
  }

  void complete_card(const PublishedModel& model, const std::string&, nlohmann::json& card) const override {
    card["schedule"] = {{"name", "karras"}, {"sigma_min", 5e-4}, {"sigma_max", 20}, {"rho", 3}, {"steps", 1000}};
    card["sample_rate"] = 22050;
    if (model.channels == 4) card["stems"] = msdm_stems();
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_audio() {
  return std::make_shared<AudioFamily>(FamilyDescription{.name = "msdm",
                                                         .rank = 400,
                                                         .label = "multi-source diffusion (MSDM)",
                                                         .published = "MSDM",
                                                         .kind = "music",
                                                         .uses = "Separating songs, making up stems, repairing songs.",
                                                         .medium = Medium::Music,
                                                         .paper_config = "sound"});
}

}  // namespace mgdm
