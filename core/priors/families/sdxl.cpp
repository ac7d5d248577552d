// SDXL base (Podell et al. 2023): CLIP ViT-L/14 and OpenCLIP ViT-bigG/14, 1024 pixels, noise; pooled text and sizes
// condition it, too.
#include "core/networks/text_encoder.h"
#include "core/priors/known_models.h"
#include "core/priors/stable_diffusion_family.h"

namespace mgdm {

std::shared_ptr<const PriorFamily> describe_sdxl() {
  StableDiffusionKind kind;
  kind.linear_projections = kind.label = true;
  kind.scale_factor = 0.13025;
  kind.native = kind.native_velocity = 1024;
  kind.normalised = false;
  kind.left_out = 1;
  kind.quick_gelu = {true, false};
  kind.padded_with_end = {true, false};
  std::vector<KnownModel> known{
      {.name = "sdxl-1.0",
       .label = "Stable Diffusion XL 1.0 base (words), latent, 1024 pixels",
       .file = "sd_xl_base_1.0.safetensors",
       .source = "Stability AI: huggingface.co/stabilityai/stable-diffusion-xl-base-1.0",
       .license = "CreativeML Open RAIL++-M (26 July 2023), with restrictions of use",
       .tensors = 1680,
       .parameters = 2567463684,
       .gigabytes = 6.9,
       .native_size = 1024,
       .config = {{"num_head_channels", 64}, {"linear_start", 0.00085}, {"linear_end", 0.012}},
       .paper_config = "ffhq_ldm",
       .random = [](uint64_t seed) {
         ConditionalUnetConfig unet;
         unet.channels = {320, 640, 1280};
         unet.depth = {0, 2, 10};
         unet.middle_depth = 10;
         unet.context = 2048;
         unet.label = 2816;
         unet.linear_projections = true;
         return random_stable_diffusion(
             seed, unet,
             {TextEncoderConfig{}, TextEncoderConfig{.width = 1280, .layers = 32, .hidden = 5120, .embedding = 1280}});
       }}};
  return std::make_shared<StableDiffusionFamily>(described_stable_diffusion("sdxl", 230, "Stable Diffusion XL"),
                                                 std::move(kind), std::move(known));
}

}  // namespace mgdm
