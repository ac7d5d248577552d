// The published networks, from the files that their authors distribute: which family a file is of, what its network
// computes.
//
// Families: "adm" (guided-diffusion), "ldm" (CompVis latent diffusion with its first stage), "first_stage" (its
// autoencoder alone), "diffusers" (UNet2DModel), "msdm" (multi-source audio; a Lightning checkpoint or the whole
// pickled object). The family is told by the names of the weights, the structure by their shapes. What weights cannot
// tell (heads, order of the attention's channels, noise schedule) comes from a configuration (a diffusers
// `config.json`, a CompVis or guided-diffusion one as JSON, one of our cards), else from the file itself, else from the
// published model that has the same signature (core/priors/known_models.h); where none of these says, it is asked for
// (`MissingSetting`). EMA copies inside CompVis' files are not used: neither does the paper's code.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/errors.h"
#include "core/networks/adm_unet.h"
#include "core/networks/audio_unet.h"
#include "core/networks/diffusers_unet.h"
#include "core/networks/first_stage.h"
#include "core/priors/known_models.h"
#include "core/priors/prior.h"

namespace mgdm {

struct PublishedModel {
  std::string family;
  std::shared_ptr<AdmUnet> adm;  ///< "adm", "ldm"
  std::shared_ptr<DiffusersUnet> diffusers;
  std::shared_ptr<AudioUnet> audio;         ///< "msdm"
  std::shared_ptr<FirstStage> first_stage;  ///< "ldm", "first_stage"
  at::Tensor alphas_cumprod;                ///< float64 [1000]: abar of each t the network was trained for
  int64_t channels = 3;                     ///< of what the network denoises
  const KnownModel* known = nullptr;        ///< the published model of this signature; nullptr: another one
  int64_t tensors = 0, parameters = 0;      ///< of the network that denoises, else of the autoencoder
  int64_t native_size = 0;                  ///< pixels of a side, or samples of sound, that it was trained on
  nlohmann::json config;                    ///< everything the weights do not tell, as it was used
  std::vector<std::string> left_out;        ///< what of the file is not used, a sentence each

  /// The network's own output for x [B, C, H, W] at t [1] or [B]. `labels`: classes, if it knows any; undefined:
  /// config's "class".
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t, const at::Tensor& labels = {}) const;
  bool denoises() const { return adm || diffusers; }
  /// See `NamedWeights::to`; of all its networks.
  void to(at::Device device, at::ScalarType type, bool fast) const;
  void set_recompute(bool recompute) const;
};

/// The family that weights of these names are of; empty: none that is known.
std::string published_family(const std::map<std::string, at::Tensor>& weights);

/// Throws ModelError: one sentence with the file's name, and what does not fit.
PublishedModel load_published(const std::filesystem::path& file, const nlohmann::json& config);
/// The same from weights that are in memory, `name` for messages.
PublishedModel published_from(const std::map<std::string, at::Tensor>& weights, const nlohmann::json& config,
                              const std::string& name);

PriorTraits traits_of(const PublishedModel& model);
/// Of a model that is a prior for photos.
PhotoSizes photo_sizes(const PublishedModel& model);
/// Throws ModelError, a sentence with the model's name, if it cannot be a prior for photos.
void check_photo_prior(const PublishedModel& model, const std::string& name);

/// A prior for photos of a network that denoises pixels ("adm", "diffusers") or latents ("ldm"). Level L of the
/// schedule is what the network was trained for at t = L - 1; between levels t is interpolated. Moves the model's
/// networks to `device` in `type`. Pictures larger than the native size go through windows. Throws ModelError for other
/// families.
Prior make_published_prior(const PublishedModel& model, const std::string& name, at::Device device,
                           at::ScalarType type);

/// What the network makes of a file of tensors, for comparing implementations: `input` {x, t, w}, {x, sigma, w}
/// (audio), {z, w} or {image, w} (w optional; y: classes) -> out, eps, x0, decoded, encoded and grad = gradient of
/// sum(w * main output) with respect to the input; the main output is out, with sigma x0. Throws ModelError for an
/// input that does not fit.
std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model,
                                                     const std::map<std::string, at::Tensor>& input);

}  // namespace mgdm
