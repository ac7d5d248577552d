#include "core/operators/matrix.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace mgdm {

namespace {

class Matrix : public Operator {
 public:
  explicit Matrix(const at::Tensor& a) : Operator({a.size(1)}), a_(a.to(at::kDouble).contiguous()) {
    const auto [u, s, vh] = at::linalg_svd(a_, true);
    // Coordinates whose singular values are nothing but rounding are not seen.
    const double smallest = s.max().item<double>() * 1e-12 * static_cast<double>(std::max(a_.size(0), a_.size(1)));
    u_ = u;
    const int64_t rank = s.gt(smallest).sum().item<int64_t>();
    s_ = s.slice(0, 0, rank).contiguous();
    v_ = vh.t().contiguous();
  }
  at::Tensor apply(const at::Tensor& x) const override { return x.flatten(1).mm(like(a_, x).t()); }
  at::Tensor adjoint(const at::Tensor& y) const override { return y.mm(like(a_, y)); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    return (observation_to_spectral(y) / like(s_, y)).mm(like(v_, y).slice(1, 0, s_.numel()).t());
  }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return s_; }
  at::Tensor to_spectral(const at::Tensor& x) const override { return x.flatten(1).mm(like(v_, x)); }
  at::Tensor from_spectral(const at::Tensor& z) const override { return z.mm(like(v_, z).t()); }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override {
    return y.mm(like(u_, y)).slice(1, 0, s_.numel());
  }
  at::Tensor display(const at::Tensor& y) const override { return y; }

 private:
  static at::Tensor like(const at::Tensor& m, const at::Tensor& x) { return m.to(x.device(), x.scalar_type()); }
  at::Tensor a_, u_, s_, v_;
};

}  // namespace

std::unique_ptr<Operator> make_matrix(const at::Tensor& a) {
  if (a.dim() != 2 || !a.isfinite().all().item<bool>())
    throw OperatorError("the observation matrix must have two dimensions and hold numbers only");
  return std::make_unique<Matrix>(a);
}

}  // namespace mgdm
