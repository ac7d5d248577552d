// CompVis' latent diffusion (Rombach et al. 2022): guided-diffusion's network on the latents of an autoencoder, which
// is in the same file or in another.
#include "core/checkpoints/torch_file.h"
#include "core/errors.h"
#include "core/networks/first_stage.h"
#include "core/priors/autoencoder_codec.h"
#include "core/priors/families/adm.h"
#include "core/priors/known_models.h"
#include "core/priors/published_family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

constexpr const char* kDenoiser = "model.diffusion_model.";
constexpr const char* kStage = "first_stage_model.";

AdmConfig latent_churches() {
  AdmConfig c;
  c.width = c.first = 192;
  c.in_channels = c.out_channels = 4;
  c.channels = {192, 384, 384, 768, 768};
  c.attention = {true, true, true, true, false};
  c.blocks = 2;
  return c;
}

AdmConfig latent_faces() {
  AdmConfig c;
  c.width = c.first = 224;
  c.out_channels = 3;
  c.channels = {224, 448, 672, 896};
  c.attention = {false, true, true, true};
  c.blocks = 2;
  c.scale_shift = c.resblock_updown = false;
  return c;
}

class LatentFamily : public PublishedFamily {
 public:
  using PublishedFamily::PublishedFamily;

  bool recognise(const WeightFile& file) const override {
    return file.has("model.diffusion_model.time_embed.0.weight") && !has_transformers(file);
  }

  Prior photo_prior(const PublishedModel& model, const std::string& name, at::Device device,
                    at::ScalarType type) const override {
    Prior prior = PublishedFamily::photo_prior(model, name, device, type);
    prior.codec = make_autoencoder_codec(model.first_stage, prior.native_size / factor(model));
    return prior;
  }

  void check_photo_prior(const PublishedModel& model, const std::string& name) const override {
    if (!model.first_stage)
      throw ModelError("model '" + name +
                       "' works on latents and its file has no autoencoder; name one with --set first_stage=FILE");
    if (model.first_stage->latent_channels() != model.channels) {
      throw ModelError("model '" + name + "' denoises latents with " + std::to_string(model.channels) +
                       " channels, but its autoencoder's have " + std::to_string(model.first_stage->latent_channels()));
    }
  }

  bool keeps(const std::string& weight) const override {
    if (weight.rfind("first_stage_model.loss.", 0) == 0) return false;
    for (const char* used : {kDenoiser, kStage, "scale_factor", "alphas_cumprod"}) {
      if (weight.rfind(used, 0) == 0) return true;
    }
    return false;
  }

  std::vector<KnownModel> known() const override {
    return {
        {.name = "ldm-ffhq",
         .label = "Faces (FFHQ), latent, 256 pixels",
         .file = "ffhq-ldm-vq-4/model.ckpt",
         .source = "CompVis: github.com/CompVis/latent-diffusion",
         .license = "MIT; the photos of FFHQ are CC BY-NC-SA 4.0",
         .tensors = 368,
         .parameters = 274056163,
         .gigabytes = 2.4,
         .native_size = 256,
         .config = {{"num_head_channels", 32}, {"linear_start", 0.0015}, {"linear_end", 0.0195}, {"scale_factor", 1.0}},
         .paper_config = "ffhq_ldm",
         .random =
             [](uint64_t seed) {
               auto weights = latent_faces().layout().random(seed, kDenoiser);
               weights.merge(FirstStageConfig{}.layout().random(seed + 1, kStage));
               return weights;
             }},
        {.name = "ldm-churches",
         .label = "Churches (LSUN), latent, 256 pixels",
         .file = "lsun_churches-ldm-kl-8/model.ckpt",
         .source = "CompVis: github.com/CompVis/latent-diffusion",
         .license = "MIT",
         .tensors = 520,
         .parameters = 294966916,
         .gigabytes = 2.7,
         .native_size = 256,
         .config = {{"num_heads", 8}, {"num_head_channels", -1}, {"linear_start", 0.0015}, {"linear_end", 0.0155}},
         .paper_config = "ffhq_ldm",
         .random = [](uint64_t seed) {
           auto weights = latent_churches().layout().random(seed, kDenoiser);
           weights.merge(FirstStageConfig::kl_f8().layout().random(seed + 1, kStage));
           weights["scale_factor"] = at::ones({});
           return weights;
         }}};
  }

 protected:
  std::string prefix(const Weights&) const override { return kDenoiser; }
  std::vector<std::string> used_prefixes() const override { return {kDenoiser, kStage}; }

  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override {
    const auto has = [&](const std::string& key) { return weights.count(key) != 0; };
    model.adm = std::make_shared<AdmUnet>(
        weights, kDenoiser, adm_options(untold, "32 in CompVis' faces; -1 with num_heads for a number of heads"));
    model.channels = model.adm->in_channels();
    double scale = untold.get("scale_factor", 1.0);
    if (has("scale_factor")) scale = weights.at("scale_factor").item<double>();
    untold.used["scale_factor"] = scale;
    if (const auto* other = untold.find("first_stage"); other != nullptr && other->is_string()) {
      const auto file = std::filesystem::path(other->get<std::string>());
      model.first_stage = std::make_shared<FirstStage>(read_weights(file), "", scale);
      untold.used["first_stage"] = file.string();
    } else if (has(std::string(kStage) + "decoder.conv_in.weight")) {
      model.first_stage = std::make_shared<FirstStage>(weights, kStage, scale);
    }
    model.alphas_cumprod =
        trained_schedule(untold, has("alphas_cumprod") ? weights.at("alphas_cumprod") : at::Tensor());
    model.native_size = trained_size(untold, "image_size",
                                     usual_size(model.adm->config().channels.size()) * factor(model), factor(model));
  }

  int64_t factor(const PublishedModel& model) const override {
    return model.first_stage ? model.first_stage->factor() : 1;
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_latent() {
  return std::make_shared<LatentFamily>(
      FamilyDescription{.name = "ldm",
                        .rank = 200,
                        .label = "latent diffusion (CompVis)",
                        .published = "CompVis latent diffusion",
                        .kind = "photos (latent)",
                        .uses = "All tasks for photos, with the samplers for latent models.",
                        .medium = Medium::Photo,
                        .latent = true,
                        .paper_config = "ffhq_ldm"});
}

}  // namespace mgdm
