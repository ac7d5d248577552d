// Degradations that are not linear, and black boxes.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <cmath>

#include "core/networks/kernel_wizard.h"
#include "core/operators/operator.h"

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

class Quantisation : public Operator {
 public:
  Quantisation(std::vector<int64_t> shape, int64_t levels)
      : Operator(std::move(shape)), step_(2.0 / static_cast<double>(levels - 1)) {
    if (levels < 2) throw OperatorError("quantisation needs at least 2 levels");
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const at::Tensor inside = x.clamp(-1, 1);
    const at::Tensor rounded = (((inside.detach() + 1) / step_).round() * step_ - 1);
    return (inside + (rounded - inside.detach())).flatten(1);  // the identity backward
  }

 private:
  double step_;
};

class PhaseRetrieval : public Operator {
 public:
  PhaseRetrieval(std::vector<int64_t> shape, int64_t pad) : Operator(std::move(shape)), pad_(pad) {
    if (pad < 0) throw OperatorError("phase retrieval needs a padding of at least 0");
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const at::Tensor padded = at::constant_pad_nd(0.5 * (x + 1), {pad_, pad_, pad_, pad_});
    const at::Tensor spectrum = at::fft_fft2(padded, c10::nullopt, {-2, -1}, "ortho");
    return at::fft_fftshift(spectrum.abs(), at::IntArrayRef{-2, -1}).flatten(1);
  }
  at::Tensor display(const at::Tensor& y) const override {
    const auto& s = signal_shape();
    const at::Tensor image = y.clamp_min(0).log1p().reshape({y.size(0), s[0], s[1] + 2 * pad_, s[2] + 2 * pad_});
    return 2 * image / image.max().clamp_min(1e-12) - 1;
  }

 private:
  int64_t pad_;
};

class NonlinearBlur : public Operator {
 public:
  NonlinearBlur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network, uint64_t seed)
      : Operator(std::move(shape)), network_(std::move(network)) {
    const auto& s = signal_shape();
    if (s.at(0) != 3) throw OperatorError("the nonlinear blur needs an image with three channels");
    const auto tiles = [](int64_t n) { return (n + KernelWizard::kMultiple - 1) / KernelWizard::kMultiple; };
    rows_ = tiles(s[1]) * KernelWizard::kMultiple - s[1];
    columns_ = tiles(s[2]) * KernelWizard::kMultiple - s[2];
    if ((rows_ + 1) / 2 >= s[1] || (columns_ + 1) / 2 >= s[2])
      throw OperatorError("the nonlinear blur needs sides of at least 43 pixels");
    at::Generator generator = at::detail::createCPUGenerator(seed);
    kernel_ = 1.2 * at::randn({1, KernelWizard::kKernelChannels, tiles(s[1]), tiles(s[2])}, generator,
                              at::TensorOptions().dtype(at::kFloat));
  }
  bool linear() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    const auto& s = signal_shape();
    const int64_t top = rows_ / 2, left = columns_ / 2;  // other sizes are mirrored to the next that the network takes
    at::Tensor z = 0.5 * (x + 1);
    if (rows_ + columns_ > 0) z = at::reflection_pad2d(z, {left, columns_ - left, top, rows_ - top});
    const at::Tensor blurred = network_->blur(z, kernel_).slice(2, top, top + s[1]).slice(3, left, left + s[2]);
    return (2 * blurred - 1).clamp(-1, 1).flatten(1);
  }

 private:
  std::shared_ptr<const KernelWizard> network_;
  int64_t rows_ = 0, columns_ = 0;
  at::Tensor kernel_;
};

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

std::unique_ptr<Operator> make_high_dynamic_range(std::vector<int64_t> shape, double gain) {
  return std::make_unique<HighDynamicRange>(std::move(shape), gain);
}
std::unique_ptr<Operator> make_quantisation(std::vector<int64_t> shape, int64_t levels) {
  return std::make_unique<Quantisation>(std::move(shape), levels);
}
std::unique_ptr<Operator> make_phase_retrieval(std::vector<int64_t> shape, int64_t pad) {
  return std::make_unique<PhaseRetrieval>(std::move(shape), pad);
}
std::unique_ptr<Operator> make_nonlinear_blur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network,
                                              uint64_t seed) {
  return std::make_unique<NonlinearBlur>(std::move(shape), std::move(network), seed);
}
std::unique_ptr<Operator> make_black_box(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map,
                                         std::vector<int64_t> observed_shape) {
  return std::make_unique<BlackBox>(std::move(shape), std::move(map), std::move(observed_shape));
}

}  // namespace mgdm
