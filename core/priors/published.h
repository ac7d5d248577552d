// The published networks, from the files that their authors distribute: which family a file is of, what its network computes.
//
// Families: "adm" (guided-diffusion), "ldm" (CompVis latent diffusion with its first stage), "first_stage" (its autoencoder alone),
// "diffusers" (UNet2DModel), "msdm" (multi-source audio; a Lightning checkpoint or the whole pickled object). The family is told by the names of the weights. What weights cannot tell (heads, order of
// the attention's channels, noise schedule) is that of the published files, or of a configuration: a diffusers `config.json`, a
// CompVis or guided-diffusion one as JSON. EMA copies inside CompVis' files are not used: neither does the paper's code.
#pragma once
#include <ATen/ATen.h>

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <stdexcept>

#include "core/networks/adm_unet.h"
#include "core/networks/audio_unet.h"
#include "core/networks/diffusers_unet.h"
#include "core/networks/first_stage.h"
#include "core/priors/prior.h"

namespace mgdm {

/// A model that is missing, broken, or does not fit; the message names the file. Exit code 4.
struct ModelError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct PublishedModel {
  std::string family;
  std::shared_ptr<AdmUnet> adm;                    ///< "adm", "ldm"
  std::shared_ptr<const DiffusersUnet> diffusers;
  std::shared_ptr<const AudioUnet> audio;          ///< "msdm"
  std::shared_ptr<const FirstStage> first_stage;   ///< "ldm", "first_stage"
  at::Tensor alphas_cumprod;                       ///< float64 [1000]: abar of each t the network was trained for
  int64_t channels = 3;                            ///< of what the network denoises

  /// The network's own output for x [B, C, H, W] at t [1] or [B].
  at::Tensor forward(const at::Tensor& x, const at::Tensor& t) const;
  bool denoises() const { return adm || diffusers; }
};

/// Throws ModelError: one sentence with the file's name, and what does not fit.
PublishedModel load_published(const std::filesystem::path& file, const nlohmann::json& config);

/// A prior for photos of a network that denoises pixels ("adm", "diffusers"): level L of the schedule is what the network was trained
/// for at t = L - 1; between levels t is interpolated. A diffusers network runs in float32. Throws ModelError for other
/// families.
Prior make_published_prior(const PublishedModel& model, const std::string& name, at::Device device, at::ScalarType type);

/// What the network makes of a file of tensors, for comparing implementations: `input` {x, t, w}, {x, sigma, w} (audio), {z, w} or {image, w} (w
/// optional) -> out, eps, x0, decoded, encoded and grad = gradient of sum(w * main output) with respect to the input; the main
/// output is out, with sigma x0. Throws
/// ModelError for an input that does not fit.
std::map<std::string, at::Tensor> evaluate_published(const PublishedModel& model, const std::map<std::string, at::Tensor>& input);

}  // namespace mgdm
