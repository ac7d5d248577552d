#include "core/priors/known_models.h"

#include <ATen/ATen.h>

#include <stdexcept>

#include "core/networks/adm_unet.h"
#include "core/networks/audio_unet.h"
#include "core/networks/diffusers_unet.h"
#include "core/networks/first_stage.h"

namespace mgdm {

namespace {

AdmConfig adm_of(const std::string& name) {
  if (name == "adm-ffhq") return {};
  AdmConfig c;
  if (name == "adm-imagenet") {
    c.width = c.first = 256;
    c.channels = {256, 256, 512, 512, 1024, 1024};
    c.attention = {false, false, false, true, true, true};
    c.blocks = 2;
  } else if (name == "ldm-ffhq") {
    c.width = c.first = 224;
    c.out_channels = 3;
    c.channels = {224, 448, 672, 896};
    c.attention = {false, true, true, true};
    c.blocks = 2;
    c.scale_shift = c.resblock_updown = false;
  } else if (name == "ldm-churches") {
    c.width = c.first = 192;
    c.in_channels = c.out_channels = 4;
    c.channels = {192, 384, 384, 768, 768};
    c.attention = {true, true, true, true, false};
    c.blocks = 2;
  }
  return c;
}

FirstStageConfig first_stage_of(const std::string& name) {
  FirstStageConfig c;
  if (name == "ldm-churches" || name == "kl-f8") {
    c.channels = {128, 256, 512, 512};
    c.attention = {false, false, false, false};
    c.z_channels = c.latent_channels = 4;
    c.codes = 0;
  }
  return c;
}

DiffusersConfig diffusers_of(const std::string& name) {
  DiffusersConfig c;
  if (name == "ddpm-cifar10-32") {
    c.channels = {128, 256, 256, 256};
    c.down_attention = c.up_attention = {false, true, false, false};
  }
  return c;
}

}  // namespace

const std::vector<KnownModel>& known_models() {
  using nlohmann::json;
  const json adm{{"num_head_channels", 64}, {"use_new_attention_order", false}};
  const json hub{{"norm_num_groups", 32},   {"norm_eps", 1e-6}, {"attention_head_dim", nullptr},
                 {"downsample_padding", 0}, {"freq_shift", 1},  {"flip_sin_to_cos", false}};
  static const std::vector<KnownModel> list{
      {"adm-ffhq", "Faces (FFHQ), 256 pixels", "ffhq_10m.pt",
       "used by DPS and by the paper: github.com/DPS2022/diffusion-posterior-sampling",
       "not stated; the photos of FFHQ are CC BY-NC-SA 4.0", "adm", 362, 93563910, 0.37, 256, adm, "ffhq"},
      {"adm-imagenet", "ImageNet, 256 pixels, no classes", "256x256_diffusion_uncond.pt",
       "OpenAI: github.com/openai/guided-diffusion", "MIT", "adm", 566, 552814086, 2.2, 256, adm, "imagenet"},
      {"ldm-ffhq",
       "Faces (FFHQ), latent, 256 pixels",
       "ffhq-ldm-vq-4/model.ckpt",
       "CompVis: github.com/CompVis/latent-diffusion",
       "MIT; the photos of FFHQ are CC BY-NC-SA 4.0",
       "ldm",
       368,
       274056163,
       2.4,
       256,
       {{"num_head_channels", 32}, {"linear_start", 0.0015}, {"linear_end", 0.0195}, {"scale_factor", 1.0}},
       "ffhq_ldm"},
      {"ldm-churches",
       "Churches (LSUN), latent, 256 pixels",
       "lsun_churches-ldm-kl-8/model.ckpt",
       "CompVis: github.com/CompVis/latent-diffusion",
       "MIT",
       "ldm",
       520,
       294966916,
       2.7,
       256,
       {{"num_heads", 8}, {"num_head_channels", -1}, {"linear_start", 0.0015}, {"linear_end", 0.0155}},
       "ffhq_ldm"},
      {"vq-f4",
       "Autoencoder of the latent faces",
       "vq-f4/model.ckpt",
       "CompVis: github.com/CompVis/latent-diffusion",
       "MIT",
       "first_stage",
       205,
       55322782,
       0.7,
       256,
       {{"scale_factor", 1.0}},
       ""},
      {"kl-f8",
       "Autoencoder of the latent churches",
       "kl-f8/model.ckpt",
       "CompVis: github.com/CompVis/latent-diffusion",
       "MIT",
       "first_stage",
       248,
       83653863,
       0.7,
       256,
       {{"scale_factor", 1.0}},
       ""},
      {"msdm",
       "Bass, drums, guitar, piano (Slakh2100)",
       "epoch=729-valid_loss=0.014.ckpt",
       "MSDM: github.com/gladia-research-group/multi-source-diffusion-models",
       "see its repository",
       "msdm",
       434,
       405497700,
       1.6,
       262144,
       {{"resnet_groups", 8}, {"attention_heads", 8}, {"diffusion_sigma_data", 0.2}, {"use_skip_scale", true}},
       "sound"},
      {"ddpm-celebahq-256", "Faces (CelebA-HQ), 256 pixels", "diffusion_pytorch_model.bin",
       "Google: huggingface.co/google/ddpm-celebahq-256", "Apache-2.0", "diffusers", 450, 113673219, 0.45, 256, hub,
       "ffhq"},
      {"ddpm-cifar10-32", "Small pictures (CIFAR-10), 32 pixels", "diffusion_pytorch_model.bin",
       "Google: huggingface.co/google/ddpm-cifar10-32", "Apache-2.0", "diffusers", 328, 35746307, 0.14, 32, hub,
       "ffhq"}};
  return list;
}

const KnownModel* known_model(const std::string& family, int64_t tensors, int64_t parameters) {
  for (const auto& model : known_models()) {
    if (model.family == family && model.tensors == tensors && model.parameters == parameters) return &model;
  }
  return nullptr;
}

const KnownModel& known_model(const std::string& name) {
  std::string known;
  for (const auto& model : known_models()) {
    if (model.name == name) return model;
    known += (known.empty() ? "" : ", ") + model.name;
  }
  throw std::invalid_argument("no published model is called '" + name + "'; known are " + known);
}

std::map<std::string, at::Tensor> random_weights(const KnownModel& model, uint64_t seed) {
  if (model.family == "adm") return adm_of(model.name).layout().random(seed);
  if (model.family == "diffusers") return diffusers_of(model.name).layout(32).random(seed);
  if (model.family == "msdm") return AudioConfig{}.layout(8).random(seed, "model.unet.");
  if (model.family == "first_stage") return first_stage_of(model.name).layout().random(seed);
  auto weights = adm_of(model.name).layout().random(seed, "model.diffusion_model.");
  weights.merge(first_stage_of(model.name).layout().random(seed + 1, "first_stage_model."));
  if (!model.config.contains("scale_factor")) weights["scale_factor"] = at::ones({});
  return weights;
}

}  // namespace mgdm
