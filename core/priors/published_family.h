// What the families of published networks have in common: their networks are built of weights by name and shape, with
// what is untold; photos' networks estimate the noise on a schedule of 1000 levels.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "core/priors/family.h"
#include "core/priors/published_model.h"
#include "core/priors/untold.h"

namespace mgdm {

class PublishedFamily : public PriorFamily {
 public:
  using Weights = std::map<std::string, at::Tensor>;
  using PriorFamily::PriorFamily;

  nlohmann::json describe(const WeightFile& file, const nlohmann::json& config, bool trust_code) const final;
  PublishedModel network(const WeightFile& file, const nlohmann::json& config) const final;
  Prior load_photo_prior(const PriorCard& card, const LoadOptions& options) const override;

  /// A prior for photos: moves the model's networks to `device` in `type`. Pictures larger than the native size go
  /// through windows. `name`: of the model. Throws ModelError as `check_photo_prior`.
  virtual Prior photo_prior(const PublishedModel& model, const std::string& name, at::Device device,
                            at::ScalarType type) const;
  /// Throws ModelError, a sentence with the model's name, if it cannot be a prior for photos. The default: colours.
  virtual void check_photo_prior(const PublishedModel& model, const std::string& name) const;

 protected:
  /// What the names of the weights of the network that denoises (of an autoencoder alone: of it) begin with.
  virtual std::string prefix(const Weights&) const { return {}; }
  /// What the names of all weights that are used begin with.
  virtual std::vector<std::string> used_prefixes() const { return {""}; }
  /// The model's weights by the names that `build` looks for and what is configured: of the file, and of others that
  /// lie beside it. The default: the file's own. Throws as `build`.
  struct Parts {
    Weights weights;
    nlohmann::json config;
  };
  virtual Parts parts(const WeightFile& file, const nlohmann::json& config) const;
  /// Makes the networks, channels, schedule and native size; the rest of `model` is set. Throws std::invalid_argument
  /// or c10::Error for weights that do not fit, nlohmann::json::exception for a configuration that does not.
  virtual void build(const Weights& weights, Untold& untold, PublishedModel& model) const = 0;
  /// Pixels a side of a picture for one of what the network denoises.
  virtual int64_t factor(const PublishedModel&) const { return 1; }
  /// Adds to the card what is of this family alone. The default: that of photos' models. Throws ModelError if the model
  /// (called `name`) is of no use.
  virtual void complete_card(const PublishedModel& model, const std::string& name, nlohmann::json& card) const;

  PhotoSizes sizes(const PublishedModel& model) const;
  /// abar, float64 [1000]: as said, else `in_file` if it is defined, else linear.
  static at::Tensor trained_schedule(Untold& untold, const at::Tensor& in_file);
  /// 1 - betas multiplied up, betas linear in the square root.
  static at::Tensor scaled_linear_schedule(double start, double end, int64_t steps = 1000);
  /// diffusers' prediction_type. Throws std::invalid_argument for one that is not computed.
  static Prediction trained_prediction(Untold& untold);
  /// What the network was trained on, in pixels (`factor` for one of the network's own) or samples: of a known model,
  /// else said under `key` in the network's own, else `guess`, in pixels.
  static int64_t trained_size(Untold& untold, const char* key, int64_t guess, int64_t factor = 1);
  /// A guess at it: the coarsest level is 8 pixels wide in published networks.
  static int64_t usual_size(size_t levels) { return int64_t{8} << (levels - 1); }
};

}  // namespace mgdm
