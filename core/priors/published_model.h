// The published networks, from the files that their authors distribute: what such a network computes.
//
// Families: core/priors/families; "adm" (guided-diffusion), "ldm" (CompVis latent diffusion with its first stage),
// "first_stage" (its autoencoder alone), "diffusers" (UNet2DModel), "msdm" (multi-source audio; a Lightning checkpoint
// or the whole pickled object), "sd1", "sd2", "sdxl" (Stable Diffusion, a single file or a diffusers folder). The
// family is told by the names of the weights, the structure by their shapes. What weights cannot tell (heads, order of
// the attention's channels, noise schedule) comes from a configuration (a diffusers `config.json`, a CompVis or
// guided-diffusion one as JSON, one of our cards), else from the file itself, else from the published model that has
// the same signature (core/priors/known_models.h); where none of these says, it is asked for (`MissingSetting`). EMA
// copies inside CompVis' files are not used: neither does the paper's code.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace mgdm {

class AdmUnet;
class AudioUnet;
class ConditionalUnet;
class DiffusersUnet;
class FirstStage;
class PublishedFamily;
class TextConditioner;
struct TextGuidance;
struct KnownModel;

/// What a network gives for x_t = sqrt(a) x_0 + sqrt(1 - a) n.
enum class Prediction {
  Noise,     ///< n
  Velocity,  ///< sqrt(a) n - sqrt(1 - a) x_0 (Salimans & Ho 2022)
  Sample     ///< x_0
};

struct PublishedModel {
  const PublishedFamily* family = nullptr;
  std::shared_ptr<AdmUnet> adm;  ///< guided-diffusion's network, also that of CompVis' latents
  std::shared_ptr<DiffusersUnet> diffusers;
  std::shared_ptr<AudioUnet> audio;
  std::shared_ptr<ConditionalUnet> conditional;  ///< of a text-conditioned latent model
  std::shared_ptr<TextConditioner> text;         ///< its text encoders; their weights stay on the CPU
  std::shared_ptr<const TextGuidance> guidance;  ///< what it is told; nullptr: nothing yet
  bool wide_first_stage = false;                 ///< the autoencoder overflows in float16: it runs in float32 then
  std::shared_ptr<FirstStage> first_stage;       ///< of a latent model, or alone
  at::Tensor alphas_cumprod;                     ///< float64 [steps]: abar of each t the network was trained for
  Prediction prediction = Prediction::Noise;
  int64_t channels = 3;                 ///< of what the network denoises
  const KnownModel* known = nullptr;    ///< the published model of this signature; nullptr: another one
  int64_t tensors = 0, parameters = 0;  ///< of the network that denoises, else of the autoencoder
  int64_t native_size = 0;              ///< pixels of a side, or samples of sound, that it was trained on
  nlohmann::json config;                ///< everything the weights do not tell, as it was used
  std::vector<std::string> left_out;    ///< what of the file is not used, a sentence each

  /// The network's own output for x [B, C, H, W] at t [1] or [B]. `labels`: classes, if it knows any; undefined:
  /// config's "class". A text-conditioned network is told `guidance`, which must be there.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels = {}) const;
  bool denoises() const { return adm || diffusers || conditional; }
  /// Sides of what the network denoises must be multiples of this.
  int64_t size_multiple() const;
  /// See `NamedWeights::to`; of all its networks.
  void to(at::Device device, at::ScalarType type, bool fast) const;
  void set_recompute(bool recompute) const;
};

/// Throws ModelError: one sentence with the file's name, and what does not fit.
PublishedModel load_published(const std::filesystem::path& file, const nlohmann::json& config);
/// The same from weights that are in memory, `name` for messages.
PublishedModel published_from(const std::map<std::string, at::Tensor>& weights, const nlohmann::json& config,
                              const std::string& name);

}  // namespace mgdm
