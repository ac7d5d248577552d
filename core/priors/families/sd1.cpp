// Stable Diffusion 1.x (Rombach et al. 2022): CLIP ViT-L/14, 512 pixels, noise.
#include "core/networks/text_encoder.h"
#include "core/priors/known_models.h"
#include "core/priors/stable_diffusion_family.h"

namespace mgdm {

std::shared_ptr<const PriorFamily> describe_sd1() {
  StableDiffusionKind kind;
  kind.heads = 8;
  std::vector<KnownModel> known{
      {.name = "sd-1.5",
       .label = "Stable Diffusion 1.5 (words), latent, 512 pixels",
       .file = "v1-5-pruned-emaonly.safetensors",
       .source = "Runway, withdrawn by them; a copy: huggingface.co/stable-diffusion-v1-5/stable-diffusion-v1-5",
       .license = "CreativeML Open RAIL-M (22 August 2022), with restrictions of use",
       .tensors = 686,
       .parameters = 859520964,
       .gigabytes = 4.3,
       .native_size = 512,
       .config = {{"num_heads", 8}, {"linear_start", 0.00085}, {"linear_end", 0.012}},
       .paper_config = "ffhq_ldm",
       .random = [](uint64_t seed) { return random_stable_diffusion(seed, {}, {TextEncoderConfig{}}); }}};
  return std::make_shared<StableDiffusionFamily>(described_stable_diffusion("sd1", 210, "Stable Diffusion 1"),
                                                 std::move(kind), std::move(known));
}

}  // namespace mgdm
