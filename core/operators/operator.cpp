#include "core/operators/operator.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <locale>
#include <sstream>

#include <torch/csrc/autograd/autograd.h>

namespace mgdm {

int64_t Operator::signal_size() const {
  int64_t n = 1;
  for (const int64_t d : signal_shape_) n *= d;
  return n;
}

at::Tensor Operator::as_signal(const at::Tensor& flat) const {
  std::vector<int64_t> shape{flat.size(0)};
  shape.insert(shape.end(), signal_shape_.begin(), signal_shape_.end());
  return flat.reshape(shape);
}

at::Tensor Operator::adjoint(const at::Tensor& y) const {
  if (!linear()) throw OperatorError("this degradation is not linear and has no adjoint");
  // For linear H the Jacobian is H everywhere, so H^T y is the gradient of <H x, y>.
  at::AutoGradMode with_grad(true);
  const at::Tensor x = as_signal(at::zeros({y.size(0), signal_size()}, y.options())).requires_grad_(true);
  return torch::autograd::grad({apply(x)}, {x}, {y})[0];
}

at::Tensor Operator::pseudo_inverse(const at::Tensor&) const {
  throw OperatorError("this degradation has no pseudo-inverse");
}

namespace {
[[noreturn]] void no_svd() { throw OperatorError("the singular value decomposition of this degradation is not known"); }

// An orthonormal, symmetric [n, n] matrix whose first row is `direction` (of length 1): a Householder reflection.
at::Tensor reflection_to(const at::Tensor& direction) {
  const int64_t n = direction.numel();
  at::Tensor v = -direction.clone();
  v[0] += 1;
  const at::Tensor norm = v.square().sum();
  return norm.item<double>() < 1e-30 ? at::eye(n, direction.options())
                                     : at::eye(n, direction.options()) - 2 * at::outer(v, v) / norm;
}
}  // namespace

at::Tensor Operator::singular_values() const { no_svd(); }
at::Tensor Operator::to_spectral(const at::Tensor&) const { no_svd(); }
at::Tensor Operator::from_spectral(const at::Tensor&) const { no_svd(); }
at::Tensor Operator::observation_to_spectral(const at::Tensor&) const { no_svd(); }

at::Tensor Operator::display(const at::Tensor& y) const { return as_signal(y); }

namespace {

class Identity : public Operator {
 public:
  using Operator::Operator;
  at::Tensor apply(const at::Tensor& x) const override { return x.flatten(1); }
  at::Tensor adjoint(const at::Tensor& y) const override { return as_signal(y); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override { return as_signal(y); }
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return at::ones({signal_size()}, at::kDouble); }
  at::Tensor to_spectral(const at::Tensor& x) const override { return x.flatten(1); }
  at::Tensor from_spectral(const at::Tensor& z) const override { return as_signal(z); }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }
};

class Inpainting : public Operator {
 public:
  Inpainting(std::vector<int64_t> shape, const at::Tensor& keep) : Operator(std::move(shape)) {
    const auto& s = signal_shape();
    if (keep.dim() != 2 || keep.size(0) != s[1] || keep.size(1) != s[2]) {
      throw OperatorError("the mask does not have the size of the image, " + std::to_string(s[2]) + "x" +
                          std::to_string(s[1]));
    }
    const at::Tensor pixels = keep.to(at::kCPU).flatten().to(at::kBool).nonzero().squeeze(1);
    if (pixels.numel() == 0) throw OperatorError("the mask leaves no pixel of the image to go by");
    // index of channel c of pixel p in the flattened [C, H, W] signal
    const at::Tensor channel = at::arange(s[0], pixels.options()) * (s[1] * s[2]);
    index_ = (pixels.unsqueeze(1) + channel.unsqueeze(0)).flatten();
    at::Tensor seen = at::zeros({signal_size()}, at::kBool);
    seen.index_fill_(0, index_, true);
    order_ = at::cat({index_, seen.logical_not().nonzero().squeeze(1)});
    place_ = order_.argsort();
  }
  at::Tensor apply(const at::Tensor& x) const override { return x.flatten(1).index_select(1, on(x)); }
  at::Tensor adjoint(const at::Tensor& y) const override {
    return as_signal(at::zeros({y.size(0), signal_size()}, y.options()).index_copy(1, on(y), y));
  }
  at::Tensor from_photo(const at::Tensor& photo) const override { return apply(photo); }
  bool has_pseudo_inverse() const override { return true; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override { return adjoint(y); }
  at::Tensor display(const at::Tensor& y) const override { return adjoint(y); }
  // V sorts the seen values before the others.
  bool has_svd() const override { return true; }
  at::Tensor singular_values() const override { return at::ones({index_.numel()}, at::kDouble); }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    return x.flatten(1).index_select(1, order_.to(x.device()));
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    return as_signal(z.index_select(1, place_.to(z.device())));
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override { return y; }

 private:
  at::Tensor on(const at::Tensor& like) const { return index_.to(like.device()); }
  at::Tensor index_, order_, place_;
};

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

class Blur : public Operator {
 public:
  Blur(std::vector<int64_t> shape, const at::Tensor& kernel) : Operator(std::move(shape)), kernel_(kernel) {
    const auto& s = signal_shape();
    if (kernel.dim() != 2 || kernel.size(0) != kernel.size(1) || kernel.size(0) % 2 == 0) {
      throw OperatorError("a blur kernel must be square with an odd side");
    }
    if (kernel.size(0) / 2 >= std::min(s[1], s[2])) {
      throw OperatorError("the blur kernel (" + std::to_string(kernel.size(0)) + " pixels) is too large for the image");
    }
    if (!kernel.isfinite().all().item<bool>() || kernel.abs().sum().item<double>() == 0) {
      throw OperatorError("the blur kernel is zero or holds values that are not numbers");
    }
    // Rows and columns of zeros around the kernel cost time and change nothing.
    while (kernel_.size(0) > 1) {
      const int64_t k = kernel_.size(0);
      const at::Tensor inner = kernel_.slice(0, 1, k - 1).slice(1, 1, k - 1);
      if (inner.abs().sum().item<double>() != kernel_.abs().sum().item<double>() ||
          !at::equal(at::constant_pad_nd(inner, {1, 1, 1, 1}), kernel_))
        break;
      kernel_ = inner;
    }
    const int64_t k = kernel_.size(0);
    by_fft_ = k > kLargestDirect;
    if (by_fft_) {
      extent_ = {fast_length(s[1] + k - 1), fast_length(s[2] + k - 1)};
      spectrum_ = at::conj_physical(at::fft_rfft2(kernel_.to(at::kDouble), extent_));
      spectrum_float_ = spectrum_.to(at::kComplexFloat);
    }
    kernel_ = kernel_.contiguous();
  }
  at::Tensor apply(const at::Tensor& x) const override {
    const auto& s = signal_shape();
    const int64_t k = kernel_.size(0), channels = x.size(1);
    const at::Tensor padded = at::reflection_pad2d(x, {k / 2, k / 2, k / 2, k / 2});
    if (by_fft_) {
      // The circular product's first H x W values never wrap around.
      const at::Tensor spectrum = (x.scalar_type() == at::kDouble ? spectrum_ : spectrum_float_).to(x.device());
      const at::Tensor circular = at::fft_irfft2(at::fft_rfft2(padded, extent_) * spectrum, extent_);
      return circular.slice(2, 0, s[1]).slice(3, 0, s[2]).flatten(1);
    }
    const at::Tensor weight = kernel_.to(x.device(), x.scalar_type()).expand({channels, 1, k, k}).contiguous();
    return at::conv2d(padded, weight, at::Tensor(), at::IntArrayRef{1, 1}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1},
                      channels)
        .flatten(1);
  }

 private:
  static constexpr int64_t kLargestDirect = 9;  // a larger kernel is faster through the Fourier transform

  static int64_t fast_length(int64_t n) {  // the next length without a prime factor above 5
    for (;; ++n) {
      int64_t rest = n;
      for (const int64_t prime : {2, 3, 5}) {
        while (rest % prime == 0) rest /= prime;
      }
      if (rest == 1) return n;
    }
  }

  at::Tensor kernel_;
  bool by_fft_ = false;
  std::vector<int64_t> extent_;
  at::Tensor spectrum_, spectrum_float_;  // conjugate: the blur is a correlation
};

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

std::unique_ptr<Operator> make_identity(std::vector<int64_t> shape) {
  return std::make_unique<Identity>(std::move(shape));
}
std::unique_ptr<Operator> make_inpainting(std::vector<int64_t> shape, const at::Tensor& keep) {
  return std::make_unique<Inpainting>(std::move(shape), keep);
}
std::unique_ptr<Operator> make_super_resolution(std::vector<int64_t> shape, int64_t factor) {
  return std::make_unique<SuperResolution>(std::move(shape), factor);
}
std::unique_ptr<Operator> make_blur(std::vector<int64_t> shape, const at::Tensor& kernel) {
  return std::make_unique<Blur>(std::move(shape), kernel);
}
std::unique_ptr<Operator> make_matrix(const at::Tensor& a) {
  if (a.dim() != 2 || !a.isfinite().all().item<bool>())
    throw OperatorError("the observation matrix must have two dimensions and hold numbers only");
  return std::make_unique<Matrix>(a);
}
std::unique_ptr<Operator> make_grey(std::vector<int64_t> shape) { return std::make_unique<Grey>(std::move(shape)); }

at::Tensor gaussian_kernel(int64_t size, double deviation) {
  const at::Tensor k = at::arange(size, at::kDouble) - static_cast<double>(size / 2);
  const auto radius = static_cast<double>(static_cast<int64_t>(4.0 * deviation + 0.5));
  at::Tensor line = at::exp(-0.5 * (k / deviation).square()) * (k.abs() <= radius);
  line = line / line.sum();
  return at::outer(line, line);
}

namespace {

// Spreads short strokes along x, y (each with the same weight) over their four nearest pixels.
at::Tensor splat(int64_t size, const std::vector<std::array<double, 2>>& points) {
  at::Tensor kernel = at::zeros({size, size}, at::kDouble);
  auto pixel = kernel.accessor<double, 2>();
  for (const auto& [x, y] : points) {
    const double fx = std::floor(x), fy = std::floor(y);
    for (int oy = 0; oy < 2; ++oy) {
      for (int ox = 0; ox < 2; ++ox) {
        const auto px = static_cast<int64_t>(fx) + ox, py = static_cast<int64_t>(fy) + oy;
        if (px < 0 || py < 0 || px >= size || py >= size) continue;
        pixel[py][px] += (ox ? x - fx : 1 - x + fx) * (oy ? y - fy : 1 - y + fy);
      }
    }
  }
  return kernel / kernel.sum();
}

constexpr int kStrokes = 2000;

// Whitespace and `separators` end a number.
std::vector<double> numbers_in(const std::string& text, const std::string& whole) {
  std::vector<double> numbers;
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  for (double number = 0; in >> number;) numbers.push_back(number);
  if (!in.eof())
    throw OperatorError("the blur kernel '" + whole.substr(0, 60) +
                        "' is neither a path \"x,y x,y ...\" nor rows of numbers \"0 1 0; 1 2 1; 0 1 0\"");
  return numbers;
}

at::Tensor path_kernel(const std::string& text, int64_t size) {
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  const std::vector<double> values = numbers_in(spaced, text);
  if (values.size() < 2 || values.size() % 2 != 0 || values.size() > 20000)
    throw OperatorError("the blur kernel's path needs points \"x,y x,y ...\"");
  std::vector<std::array<double, 2>> corners, points;
  for (size_t i = 0; i < values.size(); i += 2) corners.push_back({values[i], values[i + 1]});
  double length = 0;
  for (size_t i = 1; i < corners.size(); ++i)
    length += std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
  if (length == 0) {
    points.push_back(corners[0]);
  } else {
    double before = 0;  // length of the path up to corner i - 1
    size_t i = 1;
    for (int k = 0; k < kStrokes; ++k) {
      const double at = (k + 0.5) / kStrokes * length;
      double piece = std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
      while (at > before + piece && i + 1 < corners.size()) {
        before += piece;
        ++i;
        piece = std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
      }
      const double share = piece > 0 ? std::clamp((at - before) / piece, 0.0, 1.0) : 0;
      points.push_back({corners[i - 1][0] + share * (corners[i][0] - corners[i - 1][0]),
                        corners[i - 1][1] + share * (corners[i][1] - corners[i - 1][1])});
    }
  }
  double mean_x = 0, mean_y = 0;  // centred, so that the blur does not move the picture
  for (const auto& [x, y] : points) {
    mean_x += x / static_cast<double>(points.size());
    mean_y += y / static_cast<double>(points.size());
  }
  const auto middle = static_cast<double>(size / 2);
  for (auto& [x, y] : points) {
    x += middle - mean_x;
    y += middle - mean_y;
    if (x < 0 || y < 0 || x > static_cast<double>(size - 1) || y > static_cast<double>(size - 1))
      throw OperatorError("the blur kernel's path does not fit into " + std::to_string(size) + " x " +
                          std::to_string(size) + " pixels");
  }
  return splat(size, points);
}

}  // namespace

at::Tensor motion_kernel(int64_t size, double length, double angle) {
  std::vector<std::array<double, 2>> points;
  const double dx = std::cos(angle * M_PI / 180), dy = -std::sin(angle * M_PI / 180);
  for (int i = 0; i < kStrokes; ++i) {
    const double along = ((i + 0.5) / kStrokes - 0.5) * length;
    points.push_back({static_cast<double>(size / 2) + along * dx, static_cast<double>(size / 2) + along * dy});
  }
  return splat(size, points);
}

at::Tensor parse_kernel(const std::string& text, int64_t size) {
  if (text.find(',') != std::string::npos) return path_kernel(text, size);
  std::vector<std::vector<double>> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line, ';');) {
    if (line.find_first_not_of(" \t\n") != std::string::npos) rows.push_back(numbers_in(line, text));
  }
  const auto h = static_cast<int64_t>(rows.size()), w = rows.empty() ? 0 : static_cast<int64_t>(rows[0].size());
  if (h == 0 || w == 0) throw OperatorError("the blur kernel is empty");
  if (h > size || w > size)
    throw OperatorError("the blur kernel of " + std::to_string(w) + "x" + std::to_string(h) +
                        " pixels is larger than the " + std::to_string(size) + "x" + std::to_string(size) +
                        " that fit this picture");
  at::Tensor kernel = at::zeros({size, size}, at::kDouble);
  auto pixel = kernel.accessor<double, 2>();
  for (int64_t y = 0; y < h; ++y) {
    if (static_cast<int64_t>(rows[y].size()) != w) throw OperatorError("the rows of the blur kernel differ in length");
    for (int64_t x = 0; x < w; ++x) {
      const double value = rows[y][x];
      if (!(value >= 0) || !std::isfinite(value))
        throw OperatorError("the blur kernel holds a value that is negative or no number");
      pixel[size / 2 - h / 2 + y][size / 2 - w / 2 + x] = value;
    }
  }
  const double sum = kernel.sum().item<double>();
  if (!(sum > 0)) throw OperatorError("the blur kernel is zero everywhere");
  return kernel / sum;
}

}  // namespace mgdm
