// A family of models: all that share a network and the way in which their files are read. One file in
// core/priors/families each, listed by the build: `std::shared_ptr<const PriorFamily> describe_NAME()`.
//
// Whose a file is: every family is asked in the order of their ranks. `recognise` says "not mine" (the next is asked)
// or "mine"; a file that is somebody's and broken is an error of `describe`, `network` and the loaders that names what
// is wrong, and nobody else is asked. Families have no state: any thread.
#pragma once
#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/priors/card.h"
#include "core/priors/prior.h"

namespace mgdm {

class WeightFile;
struct BandPrior;
struct KnownModel;
struct PublishedModel;

/// What is to be said of a family without one of its files.
struct FamilyDescription {
  std::string name{};       ///< in cards: "adm"
  int rank = 1000;          ///< families are asked and listed from the lowest on; of two with one rank the earlier name
  std::string label{};      ///< of the network: "guided-diffusion (ADM)"
  std::string published{};  ///< of the network where the known ones are counted up; empty: not among them
  std::string kind{};       ///< in a list of models: "photos", "music", "autoencoder"
  std::string uses{};       ///< what its models can be used for, one sentence
  std::optional<Medium> medium{};  ///< nullopt: part of a model, no prior by itself
  std::string no_prior{};          ///< then why, after the name of the file or model
  bool latent = false;             ///< works in an autoencoder's space
  bool own = false;                ///< trained by `mgdm-train`
  /// Whose settings in the paper's code are for a model that is not known by itself; see `PriorTraits`.
  std::string paper_config{};
  std::string not_convertible{};  ///< why its weights cannot be written as `.safetensors`; empty: they can
};

struct LoadOptions {
  at::Device device = at::kCPU;
  std::string precision = "auto";  ///< see `resolve_precision`
  bool recompute = false;          ///< keep less for gradients and compute it again
};

class PriorFamily {
 public:
  explicit PriorFamily(FamilyDescription description) : description_(std::move(description)) {}
  virtual ~PriorFamily() = default;
  const FamilyDescription& about() const { return description_; }

  /// Whether the file is one of this family, by what it says of itself or by the names of its weights. Throws
  /// CheckpointError if the file cannot be read.
  virtual bool recognise(const WeightFile& file) const = 0;
  /// What a card says of the file, beyond what every card does: "config", sizes, label... `config`: what the weights do
  /// not tell. Throws ModelError: what of the file is wrong; MissingSetting: what a person must be asked;
  /// UntrustedProgram, if it is a program and not `trust_code`. The default: nothing is known of such files.
  virtual nlohmann::json describe(const WeightFile& file, const nlohmann::json& config, bool trust_code) const;
  /// The network itself. Throws as `describe`.
  virtual PublishedModel network(const WeightFile& file, const nlohmann::json& config) const;
  /// Of a family whose medium is photos. Throws ModelError, or std::invalid_argument for a bad precision.
  virtual Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const;
  /// Of one whose medium is music; the same.
  virtual BandPrior load_band_prior(const PriorCard& card, const LoadOptions& options) const;
  /// Of one without a medium: what the network makes of zeros, to see that it computes. Throws ModelError.
  virtual at::Tensor trial(const PriorCard& card) const;
  /// What a person can tell its priors for photos (`Prior::settings`). The default: nothing.
  virtual std::vector<Setting> prior_settings() const { return {}; }
  /// The weights of a converted file: those of `file` that `keeps`, and of the files beside it that the model has, too.
  virtual std::map<std::string, at::Tensor> kept_weights(const WeightFile& file) const;
  /// Whether a converted file has this weight; the others are for training, or another network's.
  virtual bool keeps(const std::string& weight) const;
  /// The published models of the family.
  virtual std::vector<KnownModel> known() const;

 private:
  FamilyDescription description_;
};

/// As the build lists them.
std::vector<std::shared_ptr<const PriorFamily>> listed_families();
/// The same by rank; made once.
const std::vector<std::shared_ptr<const PriorFamily>>& prior_families();
/// By the name in a card; nullptr: unknown.
const PriorFamily* find_family(const std::string& name);
/// A card's. Throws ModelError if its family is unknown or its network was.
const PriorFamily& family_of(const PriorCard& card);
/// Whose a file is; nullptr: nobody's. Throws CheckpointError if it cannot be read.
const PriorFamily* recognised_family(const WeightFile& file);
/// ModelError: the weights are of no network that is known.
[[noreturn]] void refuse_unknown(const WeightFile& file);

}  // namespace mgdm
