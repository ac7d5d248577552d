// The linear codec of the audio prior: an orthonormal MDCT with one weight for each frequency bin.
//
// The modified discrete cosine transform as a lapped orthogonal transform (Princen & Bradley 1986; Malvar
// 1992): the samples around each block boundary are rotated in pairs by a sine window, then each block of
// `bins` samples goes through an orthonormal DCT-IV. The signal's two ends are not folded, so the transform
// of a finite signal is a square orthogonal matrix: energies are kept, white noise stays white, the inverse is
// the transpose. Weights are the same for every stem, so the sum of stems is the stem-wise sum of
// coefficients: the mixture operator stays a plain sum in the prior's space.
#pragma once
#include <ATen/ATen.h>

#include <nlohmann/json_fwd.hpp>

#include "core/priors/prior.h"

namespace mgdm {

/// [..., L] -> [..., L / bins, bins] (time, frequency), float32 or float64; L a positive multiple of `bins`.
/// Differentiable; any device. Throws std::invalid_argument for another length.
at::Tensor mdct(const at::Tensor& signal, int64_t bins);
/// The inverse (and adjoint): [..., frames, bins] -> [..., frames * bins].
at::Tensor inverse_mdct(const at::Tensor& coefficients);

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
  std::vector<int64_t> model_sizes(const std::vector<int64_t>& signal) const override { return {signal[0], signal[1] / options_.bins, options_.bins}; }
  /// float32 [bins]
  at::Tensor weights(at::Device device) const;
  const MdctOptions& options() const { return options_; }

 private:
  MdctOptions options_;
};

}  // namespace mgdm
