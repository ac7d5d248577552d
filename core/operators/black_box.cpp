#include "core/operators/black_box.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

namespace mgdm {

namespace {

class BlackBox : public Operator {
 public:
  BlackBox(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map,
           std::vector<int64_t> observed_shape)
      : Operator(std::move(shape)),
        map_(std::move(map)),
        observed_shape_(observed_shape.empty() ? signal_shape() : std::move(observed_shape)) {}
  bool linear() const override { return false; }
  bool differentiable() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    at::NoGradGuard no_grad;
    const at::Tensor given = x.to(at::kCPU, at::kFloat);
    std::vector<at::Tensor> seen(static_cast<size_t>(x.size(0)));
    at::parallel_for(0, x.size(0), 1, [&](int64_t begin, int64_t end) {
      at::NoGradGuard none;
      for (int64_t i = begin; i < end; ++i) seen[static_cast<size_t>(i)] = map_(given[i]);
    });
    return at::stack(seen).flatten(1).to(x.device(), x.scalar_type());
  }
  at::Tensor display(const at::Tensor& y) const override {
    std::vector<int64_t> shape{y.size(0)};
    shape.insert(shape.end(), observed_shape_.begin(), observed_shape_.end());
    return y.reshape(shape);
  }

 private:
  std::function<at::Tensor(const at::Tensor&)> map_;
  std::vector<int64_t> observed_shape_;
};

}  // namespace

std::unique_ptr<Operator> make_black_box(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map,
                                         std::vector<int64_t> observed_shape) {
  return std::make_unique<BlackBox>(std::move(shape), std::move(map), std::move(observed_shape));
}

}  // namespace mgdm
