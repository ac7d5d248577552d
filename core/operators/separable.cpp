#include "core/operators/separable.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace mgdm {

namespace {

struct Axis {
  at::Tensor a, u, s, v;  // a [h, H] = u diag(s) v[:, :r]^T; u [h, r], s [r], v [H, H]
  Axis(const at::Tensor& matrix, double smallest) {
    const at::Tensor wide = matrix.to(at::kDouble);
    const auto [left, values, right] = at::linalg_svd(wide, true);
    const int64_t rank = values.gt(std::max(smallest, values.max().item<double>() * 1e-10)).sum().item<int64_t>();
    u = left.slice(1, 0, rank).contiguous();
    s = values.slice(0, 0, rank).contiguous();
    v = right.t().contiguous();
    // Dropped singular values are dropped from the map itself, so that map and decomposition agree.
    a = rank == values.numel() ? wide : (u * s).mm(v.slice(1, 0, rank).t());
  }
};

at::Tensor like(const at::Tensor& m, const at::Tensor& x) { return m.to(x.device(), x.scalar_type()); }

class Separable : public Operator {
 public:
  Separable(std::vector<int64_t> shape, const at::Tensor& rows, const at::Tensor& columns, double smallest)
      : Operator(std::move(shape)), rows_(rows, smallest), columns_(columns, smallest) {
    const auto& s = signal_shape();
    if (rows_.a.size(1) != s[1] || columns_.a.size(1) != s[2])
      throw OperatorError("a separable degradation does not have the size of the image");
    at::Tensor seen = at::zeros({s[0], s[1], s[2]}, at::kBool);
    seen.slice(1, 0, rows_.s.numel()).slice(2, 0, columns_.s.numel()).fill_(true);
    const at::Tensor flat = seen.flatten();
    order_ = at::cat({flat.nonzero().squeeze(1), flat.logical_not().nonzero().squeeze(1)});
    place_ = order_.argsort();
  }
  at::Tensor apply(const at::Tensor& x) const override { return both(rows_.a, x, columns_.a).flatten(1); }
  at::Tensor adjoint(const at::Tensor& y) const override { return both(rows_.a.t(), image(y), columns_.a.t()); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    const auto inverse = [](const Axis& axis) { return (axis.v.slice(1, 0, axis.s.numel()) / axis.s).mm(axis.u.t()); };
    return both(inverse(rows_), image(y), inverse(columns_));
  }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override {
    return at::outer(rows_.s, columns_.s).unsqueeze(0).repeat({signal_shape()[0], 1, 1}).flatten();
  }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    return both(rows_.v.t(), x, columns_.v.t()).flatten(1).index_select(1, order_.to(x.device()));
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    return both(rows_.v, as_signal(z.index_select(1, place_.to(z.device()))), columns_.v);
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override {
    return both(rows_.u.t(), image(y), columns_.u.t()).flatten(1);
  }
  at::Tensor display(const at::Tensor& y) const override { return image(y); }

 private:
  static at::Tensor both(const at::Tensor& left, const at::Tensor& x, const at::Tensor& right) {
    return at::matmul(at::matmul(like(left, x), x), like(right, x).t());
  }
  at::Tensor image(const at::Tensor& y) const {
    return y.reshape({y.size(0), signal_shape()[0], rows_.a.size(0), columns_.a.size(0)});
  }
  Axis rows_, columns_;
  at::Tensor order_, place_;
};

}  // namespace

std::unique_ptr<Operator> make_separable(std::vector<int64_t> shape, const at::Tensor& rows, const at::Tensor& columns,
                                         double smallest) {
  return std::make_unique<Separable>(std::move(shape), rows, columns, smallest);
}

}  // namespace mgdm
