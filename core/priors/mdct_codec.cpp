#include "core/priors/mdct_codec.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace mgdm {

namespace {

// Orthonormal DCT-IV, its own inverse.
at::Tensor dct4_matrix(int64_t bins, const at::TensorOptions& options) {
  const at::Tensor n = at::arange(bins, at::kDouble) + 0.5;
  const at::Tensor m = (M_PI / static_cast<double>(bins) * n.unsqueeze(1) * n).cos() * std::sqrt(2.0 / static_cast<double>(bins));
  return m.to(options);
}

// Rotates the pairs of samples that mirror each other at the inner block boundaries; `direction` -1 undoes 1.
// blocks [..., frames, bins]
at::Tensor rotate_boundaries(const at::Tensor& blocks, double direction) {
  const int64_t frames = blocks.size(-2), bins = blocks.size(-1), half = bins / 2;
  if (frames < 2) return blocks;
  const at::Tensor angle = (at::arange(half, at::kDouble) + 0.5) * (M_PI / (2.0 * static_cast<double>(bins))) + M_PI / 4;
  const at::Tensor c = angle.sin().to(blocks.options()), s = (angle.cos() * direction).to(blocks.options());
  // Right half of every block but the last, mirrored, against the left half of the next.
  const at::Tensor before = blocks.narrow(-2, 0, frames - 1).narrow(-1, bins - half, half).flip(-1);
  const at::Tensor after = blocks.narrow(-2, 1, frames - 1).narrow(-1, 0, half);
  // DCT-IV functions continue oddly to the right of their block and evenly to the left.
  const at::Tensor new_before = (c * before - s * after).flip(-1);
  const at::Tensor new_after = c * after + s * before;
  const at::Tensor left = at::cat({blocks.narrow(-2, 0, 1).narrow(-1, 0, half), new_after}, -2);
  const at::Tensor right = at::cat({new_before, blocks.narrow(-2, frames - 1, 1).narrow(-1, bins - half, half)}, -2);
  return at::cat({left, right}, -1);
}

}  // namespace

at::Tensor mdct(const at::Tensor& signal, int64_t bins) {
  if (bins < 2 || bins % 2 != 0 || signal.dim() < 1 || signal.size(-1) < bins || signal.size(-1) % bins != 0) {
    throw std::invalid_argument("MDCT: the signal's length must be a positive multiple of the number of bins (even)");
  }
  std::vector<int64_t> shape = signal.sizes().vec();
  shape.back() = signal.size(-1) / bins;
  shape.push_back(bins);
  return at::matmul(rotate_boundaries(signal.reshape(shape), 1.0), dct4_matrix(bins, signal.options()));
}

at::Tensor inverse_mdct(const at::Tensor& coefficients) {
  if (coefficients.dim() < 2 || coefficients.size(-1) < 2 || coefficients.size(-1) % 2 != 0) {
    throw std::invalid_argument("inverse MDCT: coefficients must be [..., frames, bins] with an even number of bins");
  }
  const at::Tensor blocks = at::matmul(coefficients, dct4_matrix(coefficients.size(-1), coefficients.options()));
  return rotate_boundaries(blocks, -1.0).flatten(-2);
}

void MdctOptions::check() const {
  const auto reject = [](const std::string& what) { throw std::invalid_argument("MDCT codec: " + what); };
  if (bins < 16 || bins > 8192 || bins % 2 != 0) reject("bins is " + std::to_string(bins) + ", must be an even number from 16 to 8192");
  if (!(sample_rate >= 1000 && sample_rate <= 192000)) reject("sample_rate must be 1000 to 192000 Hz");
  if (!(gain > 0 && gain < 1e6)) reject("gain must be positive");
  if (!(corner > 0)) reject("corner must be positive");
  if (!(tilt >= 0 && tilt <= 2)) reject("tilt must be 0 to 2");
}

void to_json(nlohmann::json& json, const MdctOptions& o) {
  json = {{"bins", o.bins}, {"sample_rate", o.sample_rate}, {"gain", o.gain}, {"corner", o.corner}, {"tilt", o.tilt}};
}

void from_json(const nlohmann::json& json, MdctOptions& o) {
  if (!json.is_object()) throw std::invalid_argument("MDCT codec: its description must be a JSON object");
  for (const auto& [name, value] : json.items()) {
    try {
      if (name == "bins") value.get_to(o.bins);
      else if (name == "sample_rate") value.get_to(o.sample_rate);
      else if (name == "gain") value.get_to(o.gain);
      else if (name == "corner") value.get_to(o.corner);
      else if (name == "tilt") value.get_to(o.tilt);
      else throw std::invalid_argument("MDCT codec: unknown setting '" + name + "'");
    } catch (const nlohmann::json::exception&) {
      throw std::invalid_argument("MDCT codec: setting '" + name + "' has the wrong type: " + value.dump());
    }
  }
  o.check();
}

MdctCodec::MdctCodec(MdctOptions options) : options_(options) { options_.check(); }

at::Tensor MdctCodec::weights(at::Device device) const {
  const double width = options_.sample_rate / 2 / static_cast<double>(options_.bins);
  const at::Tensor hertz = (at::arange(options_.bins, at::kDouble) + 0.5) * width;
  return ((1 + (hertz / options_.corner).square()).pow(options_.tilt / 2) * options_.gain).to(at::kFloat).to(device);
}

at::Tensor MdctCodec::decode(const at::Tensor& z) const { return inverse_mdct(z / weights(z.device()).to(z.scalar_type())); }

at::Tensor MdctCodec::encode(const at::Tensor& x) const {
  const at::Tensor z = mdct(x, options_.bins);
  return z * weights(z.device()).to(z.scalar_type());
}

}  // namespace mgdm
