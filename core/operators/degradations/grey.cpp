#include "core/operators/degradations/grey.h"

#include <ATen/ATen.h>

#include "core/operators/reflection.h"
#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class Grey : public Operator {
 public:
  Grey(std::vector<int64_t> shape) : Operator(std::move(shape)) {
    if (signal_shape().at(0) != 3) throw OperatorError("colourisation needs an image with three channels");
  }
  at::Tensor apply(const at::Tensor& x) const override { return (x * weights(x)).sum(1).flatten(1); }
  at::Tensor from_photo(const at::Tensor& photo) const override { return apply(photo); }
  at::Tensor adjoint(const at::Tensor& y) const override {
    return y.reshape({y.size(0), 1, signal_shape()[1], signal_shape()[2]}) * weights(y);
  }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override { return adjoint(y) / weights(y).square().sum(); }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override {
    const at::Tensor w = weights(at::zeros({1}, at::kDouble)).flatten();
    return w.norm().expand({signal_shape()[1] * signal_shape()[2]}).contiguous();
  }
  at::Tensor to_spectral(const at::Tensor& x) const override { return at::matmul(basis(x), x.flatten(2)).flatten(1); }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    return as_signal(at::matmul(basis(z), z.reshape({z.size(0), 3, -1})).flatten(1));
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }
  at::Tensor display(const at::Tensor& y) const override {
    return y.reshape({y.size(0), 1, signal_shape()[1], signal_shape()[2]}).repeat({1, 3, 1, 1});
  }

 private:
  static at::Tensor basis(const at::Tensor& like) {
    const at::Tensor w = weights(at::zeros({1}, at::kDouble)).flatten();
    return reflection_to(w / w.norm()).to(like.options());
  }
  static at::Tensor weights(const at::Tensor& like) {
    return at::tensor({.3333, .3334, .3333}, at::TensorOptions().dtype(at::kDouble))
        .to(like.device(), like.scalar_type())
        .reshape({1, 3, 1, 1});
  }
};

}  // namespace

std::unique_ptr<Operator> make_grey(std::vector<int64_t> shape) { return std::make_unique<Grey>(std::move(shape)); }

std::vector<Task> describe_grey() {
  return {{.name = "colorization",
           .label = "Colourise",
           .help = "Only the mean of the colours is known.",
           .rank = 220,
           .group = "Light and colour",
           .make = [](const Settings&, const std::vector<int64_t>& shape, const Given&) { return make_grey(shape); }}};
}

}  // namespace mgdm
