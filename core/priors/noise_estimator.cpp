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
    std::vector<double> noise, signal, inverse;
    std::vector<float> t;
    bool clean = true;
    for (const int level : levels) {
      const double a = schedule_.alpha_bar(level);
      noise.push_back(std::sqrt(1 - a));
      signal.push_back(std::sqrt(a));
      inverse.push_back(1 / std::sqrt(a));
      t.push_back(static_cast<float>(std::clamp(level - shift_, 0, schedule_.steps() - 1)));
      clean = clean && level == 0;
    }
    if (clean) return x_t;
    const at::Tensor output = estimate(x_t, t);
    if (model_.prediction == Prediction::Noise)
      return (x_t - per_sample(noise, x_t) * output) * per_sample(inverse, x_t);
    return x0_of(x_t, output, per_sample(signal, x_t), per_sample(noise, x_t));
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
    const at::Tensor output = estimate(x / root, {static_cast<float>(t)});
    if (model_.prediction == Prediction::Noise) return x - sigma * output;
    const auto value = [&](double v) { return per_sample(std::vector<double>(static_cast<size_t>(x.size(0)), v), x); };
    return x0_of(x / root, output, value(1 / root), value(sigma / root));
  }

 private:
  // Of a network that gives velocities or samples; `signal` sqrt(a), `noise` sqrt(1 - a), of x_t.
  at::Tensor x0_of(const at::Tensor& x_t, const at::Tensor& output, const at::Tensor& signal,
                   const at::Tensor& noise) const {
    return model_.prediction == Prediction::Velocity ? signal * x_t - noise * output : output;
  }

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
