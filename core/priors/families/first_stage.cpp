// The autoencoder of a latent model in a file of its own. It is no prior, but a latent model can be given it.
#include <ATen/ATen.h>

#include "core/networks/first_stage.h"

#include "core/errors.h"
#include "core/priors/known_models.h"
#include "core/priors/published_family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class FirstStageFamily : public PublishedFamily {
 public:
  using PublishedFamily::PublishedFamily;

  bool recognise(const WeightFile& file) const override {
    return file.has("decoder.conv_in.weight") && file.has("post_quant_conv.weight");
  }

  void check_photo_prior(const PublishedModel&, const std::string& name) const override {
    throw ModelError("model '" + name + "' " + about().no_prior);
  }

  at::Tensor trial(const PriorCard& card) const override {
    const PublishedModel model = load_published(card.weights, config_of(card));
    if (!model.first_stage) check_photo_prior(model, card.name);
    return model.first_stage->decode(at::zeros({1, model.first_stage->latent_channels(), 8, 8}));
  }

  std::vector<KnownModel> known() const override {
    return {{.name = "vq-f4",
             .label = "Autoencoder of the latent faces",
             .file = "vq-f4/model.ckpt",
             .source = "CompVis: github.com/CompVis/latent-diffusion",
             .license = "MIT",
             .tensors = 205,
             .parameters = 55322782,
             .gigabytes = 0.7,
             .native_size = 256,
             .config = {{"scale_factor", 1.0}},
             .random = [](uint64_t seed) { return FirstStageConfig{}.layout().random(seed); }},
            {.name = "kl-f8",
             .label = "Autoencoder of the latent churches",
             .file = "kl-f8/model.ckpt",
             .source = "CompVis: github.com/CompVis/latent-diffusion",
             .license = "MIT",
             .tensors = 248,
             .parameters = 83653863,
             .gigabytes = 0.7,
             .native_size = 256,
             .config = {{"scale_factor", 1.0}},
             .random = [](uint64_t seed) { return FirstStageConfig::kl_f8().layout().random(seed); }}};
  }

 protected:
  std::vector<std::string> used_prefixes() const override {
    return {"encoder.", "decoder.", "quantize.", "quant_conv.", "post_quant_conv."};
  }

  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override {
    model.first_stage = std::make_shared<FirstStage>(weights, "", untold.get("scale_factor", 1.0));
    if (untold.known() != nullptr) model.native_size = untold.known()->native_size;
  }

  void complete_card(const PublishedModel&, const std::string&, nlohmann::json&) const override {}
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_first_stage() {
  return std::make_shared<FirstStageFamily>(FamilyDescription{
      .name = "first_stage",
      .rank = 300,
      .label = "autoencoder (CompVis)",
      .kind = "autoencoder",
      .uses = "Nothing by itself: it is the autoencoder of a latent model.",
      .no_prior =
          "is an autoencoder alone; it belongs to a latent diffusion model and cannot restore anything by itself"});
}

}  // namespace mgdm
