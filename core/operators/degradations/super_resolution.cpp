#include "core/operators/degradations/super_resolution.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/operators/reflection.h"
#include "core/operators/separable.h"
#include "core/operators/tasks.h"

namespace mgdm {

namespace {

class SuperResolution : public Operator {
 public:
  SuperResolution(std::vector<int64_t> shape, int64_t factor) : Operator(std::move(shape)), factor_(factor) {
    const auto& s = signal_shape();
    if (factor < 1 || s[1] % factor != 0 || s[2] % factor != 0) {
      throw OperatorError("super-resolution by " + std::to_string(factor) +
                          " needs sides that are multiples of it, the image has " + std::to_string(s[2]) + "x" +
                          std::to_string(s[1]));
    }
  }
  at::Tensor apply(const at::Tensor& x) const override { return at::avg_pool2d(x, {factor_, factor_}).flatten(1); }
  at::Tensor adjoint(const at::Tensor& y) const override {
    return pseudo_inverse(y) / static_cast<double>(factor_ * factor_);
  }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    return display(y).repeat_interleave(factor_, 2).repeat_interleave(factor_, 3);
  }
  at::Tensor display(const at::Tensor& y) const override {
    const auto& s = signal_shape();
    return y.reshape({y.size(0), s[0], s[1] / factor_, s[2] / factor_});
  }
  // In each block the mean's direction, then an orthonormal completion; all means come first.
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override {
    return at::full({signal_size() / (factor_ * factor_)}, 1.0 / static_cast<double>(factor_), at::kDouble);
  }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    const int64_t block = factor_ * factor_;
    const at::Tensor blocks = at::pixel_unshuffle(x, factor_).reshape({x.size(0), x.size(1), block, -1});
    return at::matmul(basis(x), blocks).transpose(1, 2).reshape({x.size(0), -1});
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    const auto& s = signal_shape();
    const int64_t block = factor_ * factor_;
    const at::Tensor blocks = at::matmul(basis(z), z.reshape({z.size(0), block, s[0], -1}).transpose(1, 2));
    return at::pixel_shuffle(blocks.reshape({z.size(0), s[0] * block, s[1] / factor_, s[2] / factor_}), factor_);
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }

 private:
  at::Tensor basis(const at::Tensor& like) const {
    const int64_t block = factor_ * factor_;
    return reflection_to(at::full({block}, 1.0 / static_cast<double>(factor_), at::kDouble)).to(like.options());
  }
  int64_t factor_;
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

std::unique_ptr<Operator> make_super_resolution(std::vector<int64_t> shape, int64_t factor) {
  return std::make_unique<SuperResolution>(std::move(shape), factor);
}

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
  return make_separable(std::move(shape), rows, columns, 0.0);
}

std::vector<Task> describe_super_resolution() {
  std::vector<Task> tasks;
  for (const int64_t factor : {4, 8, 16}) {
    const std::string n = std::to_string(factor);
    tasks.push_back({.name = "sr" + n,
                     .label = "Enlarge " + n + " times",
                     .help = "Each " + n + "x" + n + " block was averaged into one pixel.",
                     .rank = 90,
                     .group = "Too few pixels",
                     .shrink = factor,
                     .make = [factor](const Settings&, const std::vector<int64_t>& shape, const Given&) {
                       return make_super_resolution(shape, factor);
                     }});
  }
  tasks.push_back(
      {.name = "super_resolution",
       .label = "Enlarge by any factor",
       .help = "Shrunk by any factor with the filter of an image program.",
       .rank = 140,
       .group = "Too few pixels",
       .settings = {real_setting("factor", "Factor", "How many times each side was shrunk.", 3.0, 1.0, 32.0),
                    {"filter",
                     "Filter",
                     "The filter it was shrunk with: box (area mean), bicubic or lanczos.",
                     SettingKind::Choice,
                     "bicubic",
                     0,
                     0,
                     {"box", "bicubic", "lanczos"}}},
       .any_shrink = [](const Settings& settings) { return settings.at("factor").get<double>(); },
       .make =
           [](const Settings& settings, const std::vector<int64_t>& shape, const Given& given) {
             const std::string filter = settings.at("filter");
             const ResizeFilter kind = filter == "box"       ? ResizeFilter::Box
                                       : filter == "bicubic" ? ResizeFilter::Bicubic
                                                             : ResizeFilter::Lanczos;
             return given.observed[0] > 0 ? make_resize_to(shape, given.observed, kind)
                                          : make_resize(shape, settings.at("factor"), kind);
           }});
  return tasks;
}

}  // namespace mgdm
