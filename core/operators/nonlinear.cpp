// Degradations that are not linear, and black boxes.
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

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
  Quantisation(std::vector<int64_t> shape, int64_t levels) : Operator(std::move(shape)), step_(2.0 / static_cast<double>(levels - 1)) {
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

class BlackBox : public Operator {
 public:
  BlackBox(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map) : Operator(std::move(shape)), map_(std::move(map)) {}
  bool linear() const override { return false; }
  bool differentiable() const override { return false; }
  at::Tensor apply(const at::Tensor& x) const override {
    at::NoGradGuard no_grad;
    std::vector<at::Tensor> seen;
    for (int64_t i = 0; i < x.size(0); ++i) seen.push_back(map_(x[i].to(at::kCPU, at::kFloat)));
    return at::stack(seen).flatten(1).to(x.device(), x.scalar_type());
  }

 private:
  std::function<at::Tensor(const at::Tensor&)> map_;
};

}  // namespace

std::unique_ptr<Operator> make_high_dynamic_range(std::vector<int64_t> shape, double gain) { return std::make_unique<HighDynamicRange>(std::move(shape), gain); }
std::unique_ptr<Operator> make_quantisation(std::vector<int64_t> shape, int64_t levels) { return std::make_unique<Quantisation>(std::move(shape), levels); }
std::unique_ptr<Operator> make_phase_retrieval(std::vector<int64_t> shape, int64_t pad) { return std::make_unique<PhaseRetrieval>(std::move(shape), pad); }
std::unique_ptr<Operator> make_black_box(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map) {
  return std::make_unique<BlackBox>(std::move(shape), std::move(map));
}

}  // namespace mgdm
