// Degradations that act on rows and columns one after the other, Y = A X B^T for each channel: their singular
// value decomposition is the product of the two small ones.
#include <ATen/ATen.h>
#include <cmath>

#include "core/operators/operator.h"

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

double sinc(double x) { return x == 0 ? 1.0 : std::sin(M_PI * x) / (M_PI * x); }

double kernel_value(ResizeFilter filter, double x) {
  x = std::abs(x);
  switch (filter) {
    case ResizeFilter::Box:
      return x < 0.5 ? 1.0 : 0.0;
    case ResizeFilter::Bicubic:  // Keys 1981, a = -1/2
      if (x < 1) return 1.5 * x * x * x - 2.5 * x * x + 1;
      return x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0.0;
    case ResizeFilter::Lanczos:
      return x < 3 ? sinc(x) * sinc(x / 3) : 0.0;
  }
  return 0;
}

// [small, large]: each row is the filter, widened by the factor, around the centre of a small pixel.
at::Tensor shrinking_matrix(int64_t large, int64_t small, ResizeFilter filter) {
  at::Tensor matrix = at::zeros({small, large}, at::kDouble);
  auto value = matrix.accessor<double, 2>();
  const double factor = static_cast<double>(large) / static_cast<double>(small);
  const double support = factor * (filter == ResizeFilter::Box ? 0.5 : filter == ResizeFilter::Bicubic ? 2.0 : 3.0);
  for (int64_t i = 0; i < small; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * factor;
    double sum = 0;
    const auto first = static_cast<int64_t>(std::floor(centre - support)),
               last = static_cast<int64_t>(std::ceil(centre + support));
    for (int64_t j = first; j < last; ++j) {
      double w = 0;
      if (filter == ResizeFilter::Box) {  // the part of pixel j inside the box
        w = std::max(0.0, std::min<double>(static_cast<double>(j) + 1, centre + support) -
                              std::max<double>(static_cast<double>(j), centre - support));
      } else {
        w = kernel_value(filter, (static_cast<double>(j) + 0.5 - centre) / factor);
      }
      int64_t k = j;  // mirrored at the border, edge pixel repeated
      while (k < 0 || k >= large) k = k < 0 ? -1 - k : 2 * large - 1 - k;
      value[i][k] += w;
      sum += w;
    }
    matrix[i] /= sum;
  }
  return matrix;
}

}  // namespace

std::unique_ptr<Operator> make_resize(std::vector<int64_t> shape, double factor, ResizeFilter filter) {
  if (!(factor >= 1)) throw OperatorError("super-resolution needs a factor of at least 1");
  const auto shrunk = [factor](int64_t n) {
    return std::max<int64_t>(1, std::llround(static_cast<double>(n) / factor));
  };
  return make_resize_to(shape, {shrunk(shape.at(1)), shrunk(shape.at(2))}, filter);
}

std::unique_ptr<Operator> make_resize_to(std::vector<int64_t> shape, std::array<int64_t, 2> size, ResizeFilter filter) {
  if (size[0] < 1 || size[1] < 1 || size[0] > shape.at(1) || size[1] > shape.at(2))
    throw OperatorError("super-resolution needs an observation that is no larger than the image");
  const at::Tensor rows = shrinking_matrix(shape[1], size[0], filter),
                   columns = shrinking_matrix(shape[2], size[1], filter);
  return std::make_unique<Separable>(std::move(shape), rows, columns, 0.0);
}

std::unique_ptr<Operator> make_blur_svd(std::vector<int64_t> shape, double deviation, double smallest) {
  const at::Tensor kernel = gaussian_kernel(61, deviation).sum(0);
  const auto toeplitz = [&](int64_t n) {
    at::Tensor matrix = at::zeros({n, n}, at::kDouble);
    auto value = matrix.accessor<double, 2>();
    const auto tap = kernel.accessor<double, 1>();
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = std::max<int64_t>(0, i - 30); j < std::min(n, i + 30); ++j) value[i][j] = tap[j - i + 30];
    }
    return matrix;
  };
  const at::Tensor rows = toeplitz(shape.at(1)), columns = toeplitz(shape.at(2));
  return std::make_unique<Separable>(std::move(shape), rows, columns, smallest);
}

}  // namespace mgdm
