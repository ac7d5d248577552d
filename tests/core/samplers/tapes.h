// What recorded runs of other programs are replayed with.
#pragma once
#include <ATen/ATen.h>

#include <QString>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "core/operators/operator.h"
#include "core/priors/gaussian_mixture.h"
#include "core/samplers/description.h"
#include "tests/oracle.h"

namespace mgdm::test {

class LinearMap : public Operator {
 public:
  explicit LinearMap(at::Tensor a) : Operator({a.size(1)}), a_(std::move(a)) {}
  at::Tensor apply(const at::Tensor& x) const override { return x.mm(a_.t().to(x.scalar_type())); }

 private:
  at::Tensor a_;
};

/// Replays recorded draws; a request beyond the tape or of another size is an error.
class TapeNoise : public NoiseSource {
 public:
  TapeNoise(at::Tensor noise, at::Tensor sizes, at::Tensor taus)
      : noise_(std::move(noise)), sizes_(std::move(sizes)), taus_(std::move(taus)) {}
  at::Tensor normal_like(const at::Tensor& x) override {
    if (sizes_[call_].item<int64_t>() != x.numel())
      throw std::runtime_error("the tape has another size at call " + std::to_string(call_));
    ++call_;
    const at::Tensor z = noise_.narrow(0, offset_, x.numel()).reshape(x.sizes()).to(x.scalar_type());
    offset_ += x.numel();
    return z;
  }
  int64_t integer(int64_t low, int64_t high) override {
    const auto value = taus_[tau_++].item<int64_t>();
    if (value < low || value > high) throw std::runtime_error("the tape's tau is out of range");
    return value;
  }
  bool finished() const { return call_ == sizes_.numel() && offset_ == noise_.numel(); }

 private:
  at::Tensor noise_, sizes_, taus_;
  int64_t call_ = 0, offset_ = 0, tau_ = 0;
};

/// The public code's rules as ours: "i >= n_steps - 30", "i <= 10", "i % 3 == 0", "default".
inline nlohmann::json rules_of(const nlohmann::json& pairs) {
  nlohmann::json rules = nlohmann::json::array();
  for (const auto& pair : pairs) {
    const QString condition = QString::fromStdString(pair[0].get<std::string>());
    nlohmann::json rule = {{"value", pair[1]}};
    const int number = condition.section(' ', -1).toInt();
    if (condition.startsWith("i >="))
      rule["last"] = number;
    else if (condition.startsWith("i <="))
      rule["first"] = number + 1;
    else if (condition.startsWith("i <"))
      rule["first"] = number;
    else if (condition.startsWith("i %"))
      rule["every"] = condition.section(' ', 2, 2).toInt();
    rules.push_back(rule);
  }
  return rules;
}

/// The prior of a recorded problem.
inline Prior recorded_prior(const Tensors& problem) {
  const at::Tensor table = problem.at("alphas_cumprod").to(at::kDouble).contiguous();
  return make_mixture_prior(
      {problem.at("weights"), problem.at("means"), problem.at("covs")},
      NoiseSchedule(std::vector<double>(table.data_ptr<double>(), table.data_ptr<double>() + table.numel())));
}

inline std::unique_ptr<Sampler> sampler_of(const char* name, const Settings& values = Settings::object()) {
  const auto& description = find_sampler(name);
  return description.make(sampler_settings(description, "", values));
}

}  // namespace mgdm::test
