#include "core/priors/mdct_codec.h"

#include <ATen/ATen.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/files/json_text.h"

namespace mgdm {

void MdctOptions::check() const {
  const auto reject = [](const std::string& what) { throw std::invalid_argument("MDCT codec: " + what); };
  if (bins < 16 || bins > 8192 || bins % 2 != 0)
    reject("bins is " + std::to_string(bins) + ", must be an even number from 16 to 8192");
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
      if (name == "bins")
        value.get_to(o.bins);
      else if (name == "sample_rate")
        value.get_to(o.sample_rate);
      else if (name == "gain")
        value.get_to(o.gain);
      else if (name == "corner")
        value.get_to(o.corner);
      else if (name == "tilt")
        value.get_to(o.tilt);
      else
        throw std::invalid_argument("MDCT codec: unknown setting '" + name + "'");
    } catch (const nlohmann::json::exception&) {
      throw std::invalid_argument("MDCT codec: setting '" + name + "' has the wrong type: " + json_text(value));
    }
  }
  o.check();
}

MdctCodec::MdctCodec(MdctOptions options) : options_(options) { options_.check(); }

at::Tensor MdctCodec::weights(at::Device device) const {
  const double width = options_.sample_rate / 2 / static_cast<double>(options_.bins);
  const at::Tensor hertz = (at::arange(options_.bins, at::kDouble) + 0.5) * width;
  return ((1 + (hertz / options_.corner).square()).pow(options_.tilt / 2) * options_.gain)
      .to(at::kFloat)
      .to(device, /*non_blocking=*/true);
}

at::Tensor MdctCodec::decode(const at::Tensor& z) const {
  return inverse_mdct(z / weights(z.device()).to(z.scalar_type()));
}

at::Tensor MdctCodec::encode(const at::Tensor& x) const {
  const at::Tensor z = mdct(x, options_.bins);
  return z * weights(z.device()).to(z.scalar_type());
}

}  // namespace mgdm
