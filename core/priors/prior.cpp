#include "core/priors/prior.h"

#include <ATen/ATen.h>

#include <cmath>
#include <stdexcept>

namespace mgdm {

at::Tensor Denoiser::denoise(const at::Tensor&, double) {
  throw std::invalid_argument("this model can only be evaluated at the levels of its schedule");
}

std::shared_ptr<const Prior> told_prior(std::shared_ptr<const Prior> prior, const Settings& given, Settings& complete) {
  complete =
      complete_settings(prior->settings, given.is_null() ? Settings::object() : given, "model '" + prior->name + "'");
  if (!prior->told) return prior;
  return std::make_shared<const Prior>(prior->told(complete));
}

at::Tensor per_sample(const std::vector<double>& values, const at::Tensor& x) {
  std::vector<int64_t> shape(x.dim(), 1);
  shape[0] = static_cast<int64_t>(values.size());
  return at::tensor(values, at::TensorOptions().dtype(at::kDouble)).reshape(shape).to(x.device(), x.scalar_type());
}

at::Tensor predict_noise(const NoiseSchedule& schedule, const at::Tensor& x_t, const at::Tensor& x_0, int level) {
  const double a = schedule.alpha_bar(level);
  return (x_t - std::sqrt(a) * x_0) / std::sqrt(1.0 - a);
}

}  // namespace mgdm
