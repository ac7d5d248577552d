#include "core/diffusion/noise_schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace mgdm {

namespace {

template <typename Beta>
std::vector<double> accumulate_betas(int steps, const Beta& beta) {
  if (steps < 2) throw std::invalid_argument("noise schedule: needs at least 2 steps, got " + std::to_string(steps));
  std::vector<double> table{1.0};
  double product = 1.0;
  for (int i = 0; i < steps; ++i) {
    product *= 1.0 - beta(i);
    // Published tables keep abar as float32 and never below 1e-6.
    table.push_back(std::max(static_cast<double>(static_cast<float>(product)), 1e-6));
  }
  return table;
}

double lerp_index(double a, double b, int i, int n) { return a + (b - a) * i / (n - 1); }

}  // namespace

NoiseSchedule::NoiseSchedule(std::vector<double> alpha_bar) : alpha_bar_(std::move(alpha_bar)) {
  if (alpha_bar_.size() < 3) throw std::invalid_argument("noise schedule: the table has fewer than 3 levels");
  if (alpha_bar_.front() != 1.0) throw std::invalid_argument("noise schedule: the table must start with 1");
  for (size_t t = 1; t < alpha_bar_.size(); ++t) {
    if (!(alpha_bar_[t] > 0.0) || !(alpha_bar_[t] <= alpha_bar_[t - 1])) {
      throw std::invalid_argument("noise schedule: level " + std::to_string(t) + " is " +
                                  std::to_string(alpha_bar_[t]) +
                                  ", must be positive and not above the level before it");
    }
  }
}

NoiseSchedule NoiseSchedule::vp_linear(int steps, double first, double last) {
  return NoiseSchedule(accumulate_betas(steps, [=](int i) { return lerp_index(first, last, i, steps); }));
}

NoiseSchedule NoiseSchedule::vp_scaled_linear(int steps, double first, double last) {
  return NoiseSchedule(accumulate_betas(steps, [=](int i) {
    const double root = lerp_index(std::sqrt(first), std::sqrt(last), i, steps);
    return root * root;
  }));
}

NoiseSchedule NoiseSchedule::cosine(int steps) {
  const auto level = [=](double u) {
    const double c = std::cos((u + 0.008) / 1.008 * std::numbers::pi / 2);
    return c * c;
  };
  std::vector<double> table{1.0};
  for (int i = 0; i < steps; ++i) {
    const double beta = std::min(0.999, 1.0 - level((i + 1.0) / steps) / level(double(i) / steps));
    table.push_back(table.back() * (1.0 - beta));
  }
  return NoiseSchedule(std::move(table));
}

NoiseSchedule NoiseSchedule::karras(double sigma_min, double sigma_max, int steps, double rho) {
  std::vector<double> table{1.0};
  for (int k = steps - 1; k >= 0; --k) {
    const double top = std::pow(sigma_max, 1 / rho), bottom = std::pow(sigma_min, 1 / rho);
    const double sigma = std::pow(lerp_index(top, bottom, k, steps), rho);
    table.push_back(1.0 / (1.0 + sigma * sigma));
  }
  return NoiseSchedule(std::move(table));
}

NoiseSchedule NoiseSchedule::named(const std::string& name) {
  if (name == "vp_linear") return vp_linear();
  if (name == "vp_scaled_linear") return vp_scaled_linear();
  if (name == "cosine") return cosine();
  throw std::invalid_argument("noise schedule '" + name +
                              "' is unknown; known are vp_linear, vp_scaled_linear, cosine");
}

int NoiseSchedule::nearest_level(double sigma_wanted) const {
  int low = 1, high = steps();
  while (low < high) {
    const int middle = (low + high) / 2;
    if (sigma(middle) < sigma_wanted) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 1 && sigma_wanted - sigma(low - 1) < sigma(low) - sigma_wanted ? low - 1 : low;
}

double NoiseSchedule::sigma(int t) const {
  const double a = alpha_bar(t);
  return std::sqrt((1.0 - a) / a);
}

std::vector<int> NoiseSchedule::timesteps(int n) const {
  if (n < 2 || n > steps()) {
    throw std::invalid_argument("steps is " + std::to_string(n) + ", must be 2 to " + std::to_string(steps()));
  }
  std::vector<int> result(n);
  for (int i = 0; i < n; ++i) result[i] = static_cast<int>(int64_t{i} * (steps() - 1) / (n - 1));
  return result;
}

}  // namespace mgdm
