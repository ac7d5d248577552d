#include "core/operators/degradations/blur.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/operators/blur_kernels.h"
#include "core/operators/separable.h"
#include "core/operators/tasks.h"

namespace mgdm {

namespace {

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

}  // namespace

std::unique_ptr<Operator> make_blur(std::vector<int64_t> shape, const at::Tensor& kernel) {
  return std::make_unique<Blur>(std::move(shape), kernel);
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
  return make_separable(std::move(shape), rows, columns, smallest);
}

std::vector<Task> describe_blur() {
  const Setting deviation =
      real_setting("deviation", "Blur radius", "Standard deviation of the Gaussian, in pixels.", 3.0, 0.3, 7.0);
  return {{.name = "blur",
           .label = "Remove Gaussian blur",
           .help = "Convolved with a Gaussian.",
           .rank = 100,
           .group = "Blur",
           .settings = {deviation},
           .make =
               [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
                 return make_blur(shape, gaussian_kernel(kernel_size_for(shape), settings.at("deviation")));
               }},
          {.name = "motion_blur",
           .label = "Remove motion blur",
           .help = "Convolved with a straight line.",
           .rank = 110,
           .group = "Blur",
           .settings = {real_setting("length", "Length", "Length of the motion, in pixels.", 20.0, 1.0, 60.0),
                        real_setting("angle", "Direction",
                                     "Direction of the motion, in degrees counter-clockwise from right.", 30.0, -180.0,
                                     180.0),
                        {"kernel",
                         "Own kernel",
                         "A kernel drawn or loaded, in place of the line: a path \"x,y x,y ...\" in pixels, or rows of "
                         "numbers \"0 1 0; 1 2 1; 0 1 0\".",
                         SettingKind::Kernel,
                         "",
                         0,
                         0,
                         {}}},
           .make =
               [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
                 const std::string kernel = settings.at("kernel");
                 const int64_t size = kernel_size_for(shape);
                 return make_blur(shape, kernel.empty()
                                             ? motion_kernel(size, settings.at("length"), settings.at("angle"))
                                             : parse_kernel(kernel, size));
               }},
          {.name = "blur_svd",
           .label = "Gaussian blur, decomposed",
           .help = "Separable Gaussian blur whose weak components are lost altogether.",
           .rank = 150,
           .group = "Blur",
           .settings = {deviation},
           .simulated_only = true,
           .repairs = false,
           .make = [](const Settings& settings, const std::vector<int64_t>& shape, const Given&) {
             return make_blur_svd(shape, settings.at("deviation"));
           }}};
}

}  // namespace mgdm
