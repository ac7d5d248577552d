// The linear codec of the audio prior: the orthonormal MDCT of core/networks/mdct.h with one weight for each frequency
// bin.
//
// Energies are kept, white noise stays white. Weights are the same for every stem, so the sum of stems is the stem-wise
// sum of coefficients: the mixture operator stays a plain sum in the prior's space.
#pragma once
#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>

#include "core/networks/mdct.h"
#include "core/priors/prior.h"

namespace mgdm {

struct MdctOptions {
  int64_t bins = 512;          ///< frequency bins = samples a frame
  double sample_rate = 22050;  ///< Hz
  /// Weight of frequency f: gain * (1 + (f / corner)^2)^(tilt / 2). Music falls off with frequency; the tilt
  /// keeps the treble from vanishing beside the bass.
  double gain = 5.4, corner = 200.0, tilt = 0.5;

  void check() const;  ///< throws std::invalid_argument naming the setting
  bool operator==(const MdctOptions&) const = default;
};
void to_json(nlohmann::json& json, const MdctOptions& options);
void from_json(const nlohmann::json& json, MdctOptions& options);

/// Signal [B, C, L] <-> weighted coefficients [B, C, L / bins, bins].
class MdctCodec : public Codec {
 public:
  explicit MdctCodec(MdctOptions options);
  at::Tensor decode(const at::Tensor& z) const override;
  at::Tensor encode(const at::Tensor& x) const override;
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override {
    return {signal[0], signal[1] / options_.bins, options_.bins};
  }
  /// float32 [bins]
  at::Tensor weights(at::Device device) const;
  const MdctOptions& options() const { return options_; }

 private:
  MdctOptions options_;
};

}  // namespace mgdm
