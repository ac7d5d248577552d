#include "core/operators/degradations/quantisation.h"

#include <ATen/ATen.h>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class Quantisation : public Operator {
 public:
  Quantisation(std::vector<int64_t> shape, int64_t levels)
      : Operator(std::move(shape)), step_(2.0 / static_cast<double>(levels - 1)) {
    if (levels < 2) throw OperatorError("quantisation needs at least 2 levels");
  }
  bool linear() const override { return false; }
  bool exact_gradient() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const at::Tensor inside = x.clamp(-1, 1);
    const at::Tensor rounded = (((inside.detach() + 1) / step_).round() * step_ - 1);
    return (inside + (rounded - inside.detach())).flatten(1);  // the identity backward
  }

 private:
  double step_;
};

}  // namespace

std::unique_ptr<Operator> make_quantisation(std::vector<int64_t> shape, int64_t levels) {
  return std::make_unique<Quantisation>(std::move(shape), levels);
}

std::vector<Task> describe_quantisation() {
  return {{.name = "quantisation",
           .label = "Remove banding",
           .help = "Rounded to a few levels; the noise level stands for the error of rounding.",
           .rank = 170,
           .group = "Light and colour",
           .settings = {{"levels", "Levels", "Values that each colour can have.", SettingKind::Integer, 8, 2, 256, {}}},
           .noise = 0.1,
           .adds_noise = false,
           .make = [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
             return make_quantisation(shape, settings.at("levels"));
           }}};
}

}  // namespace mgdm
