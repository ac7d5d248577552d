// Differentiable JPEG (Shin & Song 2017); tables from ITU-T T.81, annex K.
#include "core/operators/degradations/jpeg.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

#include "core/operators/tasks.h"

namespace mgdm {

namespace {

constexpr std::array<double, 64> kLuma{16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
                                       14, 13, 16, 24, 40,  57,  69,  56,  14, 17, 22, 29, 51,  87,  80,  62,
                                       18, 22, 37, 56, 68,  109, 103, 77,  24, 35, 55, 64, 81,  104, 113, 92,
                                       49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99};
constexpr std::array<double, 16> kChroma{17, 18, 24, 47, 18, 21, 26, 66, 24, 26, 56, 99, 47, 66, 99, 99};

at::Tensor luma_table() {
  return at::tensor(at::ArrayRef<double>(kLuma), at::TensorOptions().dtype(at::kDouble)).reshape({8, 8});
}

at::Tensor chroma_table() {
  at::Tensor table = at::full({8, 8}, 99.0, at::kDouble);
  table.slice(0, 0, 4).slice(1, 0, 4).copy_(
      at::tensor(at::ArrayRef<double>(kChroma), at::TensorOptions().dtype(at::kDouble)).reshape({4, 4}));
  return table;
}

at::Tensor dct_matrix() {  // orthonormal DCT-II, row u
  const at::Tensor u = at::arange(8, at::kDouble).unsqueeze(1), x = at::arange(8, at::kDouble).unsqueeze(0);
  at::Tensor d = at::cos((2 * x + 1) * u * (M_PI / 16)) * 0.5;
  d[0] /= std::sqrt(2.0);
  return d;
}

struct Tables {
  at::Tensor luma, chroma;
  explicit Tables(double quality) {
    if (!(quality >= 1 && quality <= 100))
      throw OperatorError("JPEG quality is " + std::to_string(quality) + ", must be 1 to 100");
    const double factor = quality < 50 ? 50.0 / quality : 2.0 - quality / 50.0;
    // At quality 100 the factor is 0; a table entry is never below 1/100 of a grey level.
    luma = (luma_table() * factor).clamp_min(0.01);
    chroma = (chroma_table() * factor).clamp_min(0.01);
  }
};

void need_colours(const std::vector<int64_t>& shape) {
  if (shape.at(0) != 3) throw OperatorError("JPEG needs an image with three channels");
}

int64_t padding(int64_t side) { return (16 - side % 16) % 16; }

at::Tensor padded(const at::Tensor& x) {
  const int64_t rows = padding(x.size(2)), columns = padding(x.size(3));
  return rows + columns == 0 ? x : at::replication_pad2d(x, {0, columns, 0, rows});
}

/// Luma [B, H, W] and the two chroma planes [B, H / 2, W / 2] of v [B, 3, H, W]; the chroma is 0 for grey.
std::array<at::Tensor, 3> planes_of(const at::Tensor& v) {
  const at::Tensor r = v.select(1, 0), g = v.select(1, 1), b = v.select(1, 2);
  const auto subsample = [](const at::Tensor& plane) { return at::avg_pool2d(plane.unsqueeze(1), {2, 2}).squeeze(1); };
  return {0.299 * r + 0.587 * g + 0.114 * b, subsample(-0.168736 * r - 0.331264 * g + 0.5 * b),
          subsample(0.5 * r - 0.418688 * g - 0.081312 * b)};
}

at::Tensor colours_of(const std::array<at::Tensor, 3>& planes) {
  const auto replicate = [](const at::Tensor& plane) { return plane.repeat_interleave(2, 1).repeat_interleave(2, 2); };
  const at::Tensor &luma = planes[0], blue = replicate(planes[1]), red = replicate(planes[2]);
  return at::stack({luma + 1.402 * red, luma - 0.344136 * blue - 0.714136 * red, luma + 1.772 * blue}, 1);
}

/// [B, H, W] -> 8 x 8 blocks [B, H / 8, W / 8, 8, 8], and back.
at::Tensor blocks_of(const at::Tensor& plane) {
  return plane.reshape({plane.size(0), plane.size(1) / 8, 8, plane.size(2) / 8, 8}).permute({0, 1, 3, 2, 4});
}
at::Tensor plane_of(const at::Tensor& blocks) {
  return blocks.permute({0, 1, 3, 2, 4}).reshape({blocks.size(0), blocks.size(1) * 8, blocks.size(2) * 8});
}

/// The exact inverse of `planes_of` for chroma that is alike in each 2 x 2 pixels; a decoder's constants are rounded.
at::Tensor exact_colours_of(const std::array<at::Tensor, 3>& planes) {
  const at::Tensor to_planes = at::tensor({0.299, 0.587, 0.114, -0.168736, -0.331264, 0.5, 0.5, -0.418688, -0.081312},
                                          at::TensorOptions().dtype(at::kDouble))
                                   .reshape({3, 3});
  const auto replicate = [](const at::Tensor& plane) { return plane.repeat_interleave(2, 1).repeat_interleave(2, 2); };
  const at::Tensor stacked = at::stack({planes[0], replicate(planes[1]), replicate(planes[2])}, 1);
  return at::matmul(at::linalg_inv(to_planes).to(stacked.device(), stacked.scalar_type()), stacked.flatten(2))
      .reshape(stacked.sizes());
}

class Jpeg : public Operator {
 public:
  Jpeg(std::vector<int64_t> shape, double quality, JpegOptions options)
      : Operator(std::move(shape)), rounding_(options.rounding), dct_(dct_matrix()) {
    need_colours(signal_shape());
    const Tables tables(quality);
    luma_ = options.transposed_luma ? tables.luma.t().contiguous() : tables.luma;
    chroma_ = tables.chroma;
  }

  bool linear() const override { return false; }
  bool exact_gradient() const override { return rounding_ == JpegRounding::Soft; }

  at::Tensor apply(const at::Tensor& x) const override {
    std::array<at::Tensor, 3> planes = planes_of((padded(x) + 1.0) * 127.5);
    planes[0] = quantise(planes[0] - 128.0, luma_) + 128.0;
    planes[1] = quantise(planes[1], chroma_);
    planes[2] = quantise(planes[2], chroma_);
    const at::Tensor out = colours_of(planes).clamp(0, 255) / 127.5 - 1.0;
    return out.slice(2, 0, x.size(2)).slice(3, 0, x.size(3)).flatten(1);
  }

 private:
  // Plane [B, H, W] through 8x8 DCT, division by the table, rounding, and back.
  at::Tensor quantise(const at::Tensor& plane, const at::Tensor& table) const {
    const at::Tensor d = dct_.to(plane.device(), plane.scalar_type());
    const at::Tensor q = table.to(plane.device(), plane.scalar_type());
    const at::Tensor scaled = at::matmul(at::matmul(d, blocks_of(plane)), d.t()) / q;
    const at::Tensor nearest = scaled.detach().round();
    at::Tensor rounded = nearest;
    if (rounding_ == JpegRounding::Soft) rounded = nearest + (scaled - nearest).pow(3);
    if (rounding_ == JpegRounding::StraightThrough) rounded = scaled + (nearest - scaled).detach();
    return plane_of(at::matmul(at::matmul(d.t(), rounded * q), d));
  }

  JpegRounding rounding_;
  at::Tensor dct_, luma_, chroma_;
};

class JpegCoefficients : public Operator {
 public:
  JpegCoefficients(std::vector<int64_t> shape, double quality)
      : Operator(std::move(shape)), quality_(quality), dct_(dct_matrix()) {
    need_colours(signal_shape());
    const Tables tables(quality);
    // The file's pixels are rounded too, which adds the variance of one grey level.
    const auto unit = [](const at::Tensor& table) {
      return (table.square() + 1.0).sqrt() / (kJpegCoefficientNoise * std::sqrt(12.0) * 127.5);
    };
    luma_ = unit(tables.luma);
    chroma_ = unit(tables.chroma);
    if (has_pseudo_inverse()) decompose();
  }
  at::Tensor apply(const at::Tensor& x) const override {
    const auto planes = planes_of(padded(x));
    return at::cat({coefficients(planes[0], luma_), coefficients(planes[1], chroma_), coefficients(planes[2], chroma_)},
                   1);
  }
  at::Tensor observe(const at::Tensor& x) const override {
    return from_photo(
        make_jpeg(signal_shape(), quality_, {.rounding = JpegRounding::Exact})->apply(x).reshape(x.sizes()));
  }
  at::Tensor from_photo(const at::Tensor& photo) const override { return apply(photo); }
  bool has_pseudo_inverse() const override { return padding(signal_shape()[1]) + padding(signal_shape()[2]) == 0; }
  at::Tensor pseudo_inverse(const at::Tensor& y) const override {
    if (!has_pseudo_inverse()) return Operator::pseudo_inverse(y);
    return display(y);
  }
  bool has_svd() const override { return has_pseudo_inverse(); }
  at::Tensor singular_values() const override { return s_.repeat({order_.numel() / s_.numel()}); }
  at::Tensor to_spectral(const at::Tensor& x) const override {
    const auto& s = signal_shape();
    const at::Tensor pixels = x.reshape({x.size(0), s[0], s[1] / 16, 16, s[2] / 16, 16})
                                  .permute({0, 2, 4, 1, 3, 5})
                                  .reshape({x.size(0), -1, v_.size(0)});
    const at::Tensor z = at::matmul(pixels, v_.to(x.device(), x.scalar_type()));
    return at::cat({z.slice(2, 0, s_.numel()).flatten(1), z.slice(2, s_.numel()).flatten(1)}, 1);
  }
  at::Tensor from_spectral(const at::Tensor& z) const override {
    const auto& s = signal_shape();
    const int64_t batch = z.size(0), seen = order_.numel(), k = s_.numel();
    const at::Tensor units = at::cat(
        {z.slice(1, 0, seen).reshape({batch, -1, k}), z.slice(1, seen).reshape({batch, -1, v_.size(0) - k})}, 2);
    const at::Tensor pixels = at::matmul(units, v_.t().to(z.device(), z.scalar_type()));
    return pixels.reshape({batch, s[1] / 16, s[2] / 16, s[0], 16, 16})
        .permute({0, 3, 1, 4, 2, 5})
        .reshape({batch, s[0], s[1], s[2]});
  }
  at::Tensor observation_to_spectral(const at::Tensor& y) const override {
    const at::Tensor units = y.index_select(1, order_.to(y.device())).reshape({y.size(0), -1, s_.numel()});
    return at::matmul(units, u_.to(y.device(), y.scalar_type())).flatten(1);
  }
  at::Tensor display(const at::Tensor& y) const override {
    const auto& s = signal_shape();
    const int64_t h = s[1] + padding(s[1]), w = s[2] + padding(s[2]), small = h * w / 4;
    const at::Tensor image = exact_colours_of({plane(y.slice(1, 0, h * w), h, w, luma_),
                                               plane(y.slice(1, h * w, h * w + small), h / 2, w / 2, chroma_),
                                               plane(y.slice(1, h * w + small), h / 2, w / 2, chroma_)});
    return image.slice(2, 0, s[1]).slice(3, 0, s[2]);
  }

 private:
  at::Tensor coefficients(const at::Tensor& plane, const at::Tensor& unit) const {
    const at::Tensor d = dct_.to(plane.device(), plane.scalar_type());
    return (at::matmul(at::matmul(d, blocks_of(plane)), d.t()) / unit.to(plane.device(), plane.scalar_type()))
        .flatten(1);
  }
  at::Tensor plane(const at::Tensor& coefficients, int64_t h, int64_t w, const at::Tensor& unit) const {
    const at::Tensor d = dct_.to(coefficients.device(), coefficients.scalar_type());
    const at::Tensor blocks = coefficients.reshape({coefficients.size(0), h / 8, w / 8, 8, 8}) *
                              unit.to(coefficients.device(), coefficients.scalar_type());
    return plane_of(at::matmul(at::matmul(d.t(), blocks), d));
  }

  /// Units of 16 x 16 pixels (four luma blocks, one of each chroma) do not interact and are all alike.
  void decompose() {
    const auto& s = signal_shape();
    const int64_t rows = s[1] / 16, columns = s[2] / 16, n = rows * columns;
    const auto planes = planes_of(at::eye(768, at::kDouble).reshape({768, 3, 16, 16}));
    const at::Tensor matrix =
        at::cat({coefficients(planes[0], luma_), coefficients(planes[1], chroma_), coefficients(planes[2], chroma_)}, 1)
            .t();
    const auto [left, values, right] = at::linalg_svd(matrix, true);
    u_ = left.contiguous();
    s_ = values.contiguous();
    v_ = right.t().contiguous();
    const at::Tensor y = at::arange(6 * 64 * n, at::kLong);
    order_ =
        at::cat({y.slice(0, 0, 256 * n).reshape({rows, 2, columns, 2, 64}).permute({0, 2, 1, 3, 4}).reshape({n, 256}),
                 y.slice(0, 256 * n, 320 * n).reshape({n, 64}), y.slice(0, 320 * n).reshape({n, 64})},
                1)
            .flatten();
  }

  double quality_;
  at::Tensor dct_, luma_, chroma_;
  at::Tensor u_, s_, v_;  // of one unit: [384, 384], [384], [768, 768]
  at::Tensor order_;      // place in y of each unit's coefficients
};

}  // namespace

std::unique_ptr<Operator> make_jpeg(std::vector<int64_t> shape, double quality, JpegOptions options) {
  return std::make_unique<Jpeg>(std::move(shape), quality, options);
}

std::unique_ptr<Operator> make_jpeg_coefficients(std::vector<int64_t> shape, double quality) {
  return std::make_unique<JpegCoefficients>(std::move(shape), quality);
}

std::vector<Task> describe_jpeg() {
  return {{.name = "jpeg",
           .label = "Remove JPEG artefacts",
           .help = "Compressed as JPEG; the noise level stands for the error of its rounding.",
           .rank = 130,
           .group = "Compression",
           .settings = {real_setting("quality", "JPEG quality", "JPEG quality, 1 (worst) to 100.", 5, 1, 100),
                        {"rounding",
                         "Rounding",
                         "What is made of the file's rounding. coefficients: an error of each DCT coefficient by its "
                         "step (noise 0.15); straight_through: an error of the pixels; soft: the paper's cubic (use "
                         "noise 0.05).",
                         SettingKind::Choice,
                         "coefficients",
                         0,
                         0,
                         {"coefficients", "straight_through", "soft"}}},
           .noise = 0.15,
           .adds_noise = false,
           .unit = 16,
           .also_named =
               [](const std::string& name, Settings& settings) {  // jpeg5: of quality 5
                 if (name.size() <= 4 || name.rfind("jpeg", 0) != 0 ||
                     !std::all_of(name.begin() + 4, name.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
                   return false;
                 if (!settings.contains("quality")) settings["quality"] = std::stoi(name.substr(4));
                 return true;
               },
           .make = [](const Settings& settings, const std::vector<int64_t>& shape,
                      const Given&) -> std::unique_ptr<Operator> {
             const double quality = settings.at("quality");
             if (settings.at("rounding") == "coefficients") return make_jpeg_coefficients(shape, quality);
             const bool soft = settings.at("rounding") == "soft";
             return make_jpeg(shape, quality, {.rounding = soft ? JpegRounding::Soft : JpegRounding::StraightThrough});
           }}};
}

}  // namespace mgdm
