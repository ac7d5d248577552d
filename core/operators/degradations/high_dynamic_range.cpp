#include "core/operators/degradations/high_dynamic_range.h"

#include <ATen/ATen.h>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class HighDynamicRange : public Operator {
 public:
  HighDynamicRange(std::vector<int64_t> shape, double gain) : Operator(std::move(shape)), gain_(gain) {}
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override { return (gain_ * x).clamp(-1, 1).flatten(1); }

 private:
  double gain_;
};

}  // namespace

std::unique_ptr<Operator> make_high_dynamic_range(std::vector<int64_t> shape, double gain) {
  return std::make_unique<HighDynamicRange>(std::move(shape), gain);
}

std::vector<Task> describe_high_dynamic_range() {
  return {{.name = "high_dynamic_range",
           .label = "Recover clipped light",
           .help = "Contrast was multiplied and what left the range was cut off.",
           .rank = 160,
           .group = "Light and colour",
           .settings = {real_setting("gain", "Gain", "Factor of the contrast; 2 is the paper's.", 2.0, 1.0, 10.0)},
           .make = [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
             return make_high_dynamic_range(shape, settings.at("gain"));
           }}};
}

}  // namespace mgdm
