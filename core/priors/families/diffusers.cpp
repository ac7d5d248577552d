// The library diffusers' UNet2DModel (DDPM, Ho et al. 2020), which denoises pixels.
#include <stdexcept>

#include "core/files/json_text.h"
#include "core/networks/diffusers_unet.h"

#include "core/priors/known_models.h"
#include "core/priors/published_family.h"
#include "core/priors/weight_file.h"

namespace mgdm {

namespace {

// What the library can be told and is not computed here: refused by name, for it changes every number.
void refuse_others(const Untold& untold) {
  const auto only = [&](const char* key, const nlohmann::json& value) {
    const nlohmann::json* said = untold.find(key);
    if (said != nullptr && !said->is_null() && *said != value)
      throw std::invalid_argument(std::string(key) + " is " + json_text(*said) + " in its configuration; only " +
                                  json_text(value) + " is computed");
  };
  if (const nlohmann::json* act = untold.find("act_fn"); act != nullptr && *act != "swish") only("act_fn", "silu");
  only("center_input_sample", false);
  only("time_embedding_type", "positional");
  only("resnet_time_scale_shift", "default");
  only("downsample_type", "conv");
  only("upsample_type", "conv");
  only("mid_block_scale_factor", 1);
  only("dropout", 0.0);
  only("class_embed_type", nullptr);
  only("num_class_embeds", nullptr);
}

class DiffusersFamily : public PublishedFamily {
 public:
  using PublishedFamily::PublishedFamily;

  bool recognise(const WeightFile& file) const override {
    return file.has("time_embedding.linear_1.weight") && file.has("conv_in.weight") && !has_transformers(file);
  }

  std::vector<KnownModel> known() const override {
    const nlohmann::json config{{"norm_num_groups", 32},   {"norm_eps", 1e-6}, {"attention_head_dim", nullptr},
                                {"downsample_padding", 0}, {"freq_shift", 1},  {"flip_sin_to_cos", false}};
    return {{.name = "ddpm-celebahq-256",
             .label = "Faces (CelebA-HQ), 256 pixels",
             .file = "diffusion_pytorch_model.bin",
             .source = "Google: huggingface.co/google/ddpm-celebahq-256",
             .license = "Apache-2.0",
             .tensors = 450,
             .parameters = 113673219,
             .gigabytes = 0.45,
             .native_size = 256,
             .config = config,
             .paper_config = "ffhq",
             .random = [](uint64_t seed) { return DiffusersConfig{}.layout(32).random(seed); }},
            {.name = "ddpm-cifar10-32",
             .label = "Small pictures (CIFAR-10), 32 pixels",
             .file = "diffusion_pytorch_model.bin",
             .source = "Google: huggingface.co/google/ddpm-cifar10-32",
             .license = "Apache-2.0",
             .tensors = 328,
             .parameters = 35746307,
             .gigabytes = 0.14,
             .native_size = 32,
             .config = config,
             .paper_config = "ffhq",
             .random = [](uint64_t seed) {
               DiffusersConfig c;
               c.channels = {128, 256, 256, 256};
               c.down_attention = c.up_attention = {false, true, false, false};
               return c.layout(32).random(seed);
             }}};
  }

 protected:
  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override {
    if (untold.known() == nullptr &&
        !untold.configured({"attention_head_dim", "norm_num_groups", "block_out_channels"})) {
      untold.ask("attention_head_dim",
                 "what stands in its config.json (attention_head_dim, norm_num_groups, norm_eps, downsample_padding, "
                 "freq_shift, flip_sin_to_cos)");
    }
    refuse_others(untold);
    DiffusersOptions options;  // what config.json leaves out has the library's own defaults
    options.groups = untold.get<int64_t>("norm_num_groups", 32);
    options.epsilon = untold.get("norm_eps", 1e-5);
    options.head_channels =
        untold.find("attention_head_dim") == nullptr ? 8 : untold.get<int64_t>("attention_head_dim", -1);
    options.downsample_padding = untold.get<int64_t>("downsample_padding", 1);
    options.frequency_shift = untold.get("freq_shift", 0.0);
    options.cosine_first = untold.get("flip_sin_to_cos", true);
    untold.used["attention_head_dim"] =
        options.head_channels > 0 ? nlohmann::json(options.head_channels) : nlohmann::json();
    model.diffusers = std::make_shared<DiffusersUnet>(weights, options);
    model.channels = model.diffusers->in_channels();
    model.alphas_cumprod = trained_schedule(untold, {});
    model.prediction = trained_prediction(untold);
    model.native_size = trained_size(untold, "sample_size", usual_size(model.diffusers->config().channels.size()));
  }
};

}  // namespace

std::shared_ptr<const PriorFamily> describe_diffusers() {
  return std::make_shared<DiffusersFamily>(FamilyDescription{.name = "diffusers",
                                                             .rank = 500,
                                                             .label = "diffusers UNet2DModel",
                                                             .published = "diffusers UNet2DModel",
                                                             .kind = "photos",
                                                             .uses = "All tasks for photos, with every sampler.",
                                                             .medium = Medium::Photo});
}

}  // namespace mgdm
