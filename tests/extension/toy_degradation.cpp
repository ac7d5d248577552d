// A degradation in one file, for tst_extension: a mirrored picture.
#include <ATen/ATen.h>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class ToyMirror : public Operator {
 public:
  using Operator::Operator;
  at::Tensor apply(const at::Tensor& x) const override { return x.flip({3}).flatten(1); }
};

}  // namespace

std::vector<Task> describe_toy_degradation() {
  return {{.name = "toy_mirror",
           .label = "Toy mirror",
           .help = "Left and right are exchanged.",
           .settings = {real_setting("angle", "Angle", "Not used.", 0.0, -1.0, 1.0)},
           .make = [](const Settings&, const std::vector<int64_t>& shape, const Given&) {
             return std::make_unique<ToyMirror>(shape);
           }}};
}

}  // namespace mgdm
