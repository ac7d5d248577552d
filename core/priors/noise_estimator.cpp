#include "core/priors/noise_estimator.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/priors/published_model.h"

namespace mgdm {

namespace {

class NoiseEstimator : public Denoiser {
 public:
  NoiseEstimator(PublishedModel model, NoiseSchedule schedule, int shift)
      : model_(std::move(model)), schedule_(std::move(schedule)), shift_(shift) {}

  at::Tensor predict_x0(const at::Tensor& x_t, const Levels& levels) override {
    std::vector<double> noise, inverse;
    std::vector<float> t;
    bool clean = true;
    for (const int level : levels) {
      const double a = schedule_.alpha_bar(level);
      noise.push_back(std::sqrt(1 - a));
      inverse.push_back(1 / std::sqrt(a));
      t.push_back(static_cast<float>(std::clamp(level - shift_, 0, schedule_.steps() - 1)));
      clean = clean && level == 0;
    }
    if (clean) return x_t;
    return (x_t - per_sample(noise, x_t) * estimate(x_t, t)) * per_sample(inverse, x_t);
  }

  at::Tensor denoise(const at::Tensor& x, double sigma) override {
    if (sigma <= 0) return x;
    // The t at which log sigma lies on the line between two levels.
    int level = schedule_.nearest_level(sigma);
    if (schedule_.sigma(level) > sigma && level > 1) --level;
    double t = std::min(level - shift_, schedule_.steps() - 1);
    if (level < schedule_.steps()) {
      const double low = std::log(schedule_.sigma(level)), high = std::log(schedule_.sigma(level + 1));
      if (high > low) t += std::clamp((std::log(sigma) - low) / (high - low), 0.0, 1.0);
    }
    const double root = std::sqrt(1 + sigma * sigma);
    return x - sigma * estimate(x / root, {static_cast<float>(t)});
  }

 private:
  at::Tensor estimate(const at::Tensor& x, const std::vector<float>& t) const {
    return model_.forward(x, at::tensor(t, at::TensorOptions().dtype(at::kFloat)).to(x.device()))
        .slice(1, 0, model_.channels);
  }
  PublishedModel model_;
  NoiseSchedule schedule_;
  int shift_;
};

}  // namespace

std::shared_ptr<Denoiser> make_noise_estimator(const PublishedModel& model, NoiseSchedule schedule, int shift) {
  return std::make_shared<NoiseEstimator>(model, std::move(schedule), shift);
}

}  // namespace mgdm
