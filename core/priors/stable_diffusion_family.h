// What the families of Stable Diffusion have in common: the U-Net on the latents of an autoencoder, conditioned on
// text. A family is its `StableDiffusionKind`.
#pragma once
#include <string>
#include <vector>

#include "core/networks/conditional_unet.h"
#include "core/networks/text_encoder.h"
#include "core/priors/published_family.h"

namespace mgdm {

/// How one kind of Stable Diffusion differs from the others.
struct StableDiffusionKind {
  bool linear_projections = false;  ///< of its transformers
  bool label = false;               ///< pooled text and sizes condition it, too; two text encoders
  int64_t heads = -1;               ///< everywhere; -1: 64 channels each
  double scale_factor = 0.18215;
  int64_t native = 512;
  int64_t native_velocity = 512;     ///< of a network that gives velocities
  bool prediction_is_asked = false;  ///< noise and velocity are both published; else noise unless it is said
  bool normalised = true;            ///< the text states have gone through the final norm
  int64_t left_out = 0;              ///< layers of the text encoders that the states are not from
  std::vector<bool> quick_gelu{true};
  std::vector<bool> padded_with_end{true};
};

class StableDiffusionFamily : public PublishedFamily {
 public:
  StableDiffusionFamily(FamilyDescription description, StableDiffusionKind kind, std::vector<KnownModel> known);
  ~StableDiffusionFamily() override;

  bool recognise(const WeightFile& file) const override;
  Prior photo_prior(const PublishedModel& model, const std::string& name, at::Device device,
                    at::ScalarType type) const override;
  void check_photo_prior(const PublishedModel& model, const std::string& name) const override;
  std::vector<Setting> prior_settings() const override;
  std::map<std::string, at::Tensor> kept_weights(const WeightFile& file) const override;
  bool keeps(const std::string& weight) const override;
  std::vector<KnownModel> known() const override;

 protected:
  std::string prefix(const Weights&) const override;
  std::vector<std::string> used_prefixes() const override;
  Parts parts(const WeightFile& file, const nlohmann::json& config) const override;
  void build(const Weights& weights, Untold& untold, PublishedModel& model) const override;
  int64_t factor(const PublishedModel& model) const override;

 private:
  void build_unet(const Weights& weights, Untold& untold, PublishedModel& model) const;
  void build_stage(const Weights& weights, Untold& untold, PublishedModel& model) const;
  void build_text(const Weights& weights, Untold& untold, PublishedModel& model) const;
  Prediction prediction_of(Untold& untold) const;
  /// A guidance by settings as `prior_settings` has them.
  std::shared_ptr<const TextGuidance> guidance(const PublishedModel& model, const Settings& settings) const;

  StableDiffusionKind kind_;
  std::vector<KnownModel> known_;
};

/// What is said of such a family.
FamilyDescription described_stable_diffusion(std::string name, int rank, std::string label);

/// Random weights of all parts of a model, for measuring.
std::map<std::string, at::Tensor> random_stable_diffusion(uint64_t seed, const ConditionalUnetConfig& unet,
                                                          const std::vector<TextEncoderConfig>& encoders);

}  // namespace mgdm
