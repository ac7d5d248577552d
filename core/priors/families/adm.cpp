// guided-diffusion (Dhariwal & Nichol 2021), which denoises pixels.
#include "core/priors/families/adm.h"

#include "core/priors/known_models.h"
#include "core/priors/published_family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

class AdmFamily : public PublishedFamily {
 public:
  using PublishedFamily::PublishedFamily;

  bool recognise(const WeightFile& file) const override {
    return file.has("time_embed.0.weight") && file.has("input_blocks.0.0.weight") && !has_transformers(file);
  }

  std::vector<KnownModel> known() const override {
    const nlohmann::json config{{"num_head_channels", 64}, {"use_new_attention_order", false}};
    return {{.name = "adm-ffhq",
             .label = "Faces (FFHQ), 256 pixels",
             .file = "ffhq_10m.pt",
             .source = "used by DPS and by the paper: github.com/DPS2022/diffusion-posterior-sampling",
             .license = "not stated; the photos of FFHQ are CC BY-NC-SA 4.0",
             .tensors = 362,
             .parameters = 93563910,
             .gigabytes = 0.37,
             .native_size = 256,
             .config = config,
             .paper_config = "ffhq",
             .random = [](uint64_t seed) { return AdmConfig{}.layout().random(seed); }},
            {.name = "adm-imagenet",
             .label = "ImageNet, 256 pixels, no classes",
             .file = "256x256_diffusion_uncond.pt",
             .source = "OpenAI: github.com/openai/guided-diffusion",
             .license = "MIT",
             .tensors = 566,
             .parameters = 552814086,
             .gigabytes = 2.2,
             .native_size = 256,
             .config = config,
             .paper_config = "imagenet",
             .random = [](uint64_t seed) {
               AdmConfig c;
               c.width = c.first = 256;
               c.channels = {256, 256, 512, 512, 1024, 1024};
               c.attention = {false, false, false, true, true, true};
               c.blocks = 2;
               return c.layout().random(seed);
             }}};
  }

 protected:
  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override {
    model.adm = std::make_shared<AdmUnet>(
        weights, "",
        adm_options(untold, "64 in the published networks of this family; -1 with num_heads for a number of heads"));
    model.channels = model.adm->in_channels();
    if (model.adm->config().classes > 0 && untold.find("class") != nullptr) untold.get<int64_t>("class", 0);
    model.alphas_cumprod = trained_schedule(untold, {});
    model.native_size = trained_size(untold, "image_size", usual_size(model.adm->config().channels.size()));
  }
};

}  // namespace

AdmOptions adm_options(Untold& untold, const char* published) {
  if (untold.find("num_head_channels") == nullptr && untold.find("num_heads") == nullptr) {
    untold.ask("num_head_channels", std::string("how many channels an attention head has (") + published + ")");
  }
  AdmOptions options;
  options.head_channels = untold.get<int64_t>("num_head_channels", -1);
  options.heads = untold.get<int64_t>("num_heads", 1);
  options.new_attention_order = untold.get("use_new_attention_order", false);
  return options;
}

std::shared_ptr<const PriorFamily> describe_adm() {
  return std::make_shared<AdmFamily>(FamilyDescription{.name = "adm",
                                                       .rank = 100,
                                                       .label = "guided-diffusion (ADM)",
                                                       .published = "guided-diffusion",
                                                       .kind = "photos",
                                                       .uses = "All tasks for photos, with every sampler.",
                                                       .medium = Medium::Photo});
}

}  // namespace mgdm
