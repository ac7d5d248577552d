// Differentiable JPEG (Shin & Song 2017); tables from ITU-T T.81, annex K.
#include <array>
#include <cmath>

#include "core/operators/operator.h"

namespace mgdm {

namespace {

constexpr std::array<double, 64> kLuma{
    16, 11, 10, 16, 24,  40,  51,  61,  12, 12, 14, 19, 26,  58,  60,  55,
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

class Jpeg : public Operator {
 public:
  Jpeg(std::vector<int64_t> shape, double quality, JpegOptions options)
      : Operator(std::move(shape)), rounding_(options.rounding), dct_(dct_matrix()) {
    if (!(quality >= 1 && quality <= 100)) {
      throw OperatorError("JPEG quality is " + std::to_string(quality) + ", must be 1 to 100");
    }
    if (signal_shape().at(0) != 3) throw OperatorError("JPEG needs an image with three channels");
    const double factor = quality < 50 ? 50.0 / quality : 2.0 - quality / 50.0;
    // At quality 100 the factor is 0; a table entry is never below 1/100 of a grey level.
    luma_ = (luma_table() * factor).clamp_min(0.01);
    if (options.transposed_luma) luma_ = luma_.t().contiguous();
    chroma_ = (chroma_table() * factor).clamp_min(0.01);
  }

  bool linear() const override { return false; }

  at::Tensor apply(const at::Tensor& x) const override {
    const int64_t h = x.size(2), w = x.size(3), pad_h = (16 - h % 16) % 16, pad_w = (16 - w % 16) % 16;
    at::Tensor v = (x + 1.0) * 127.5;
    if (pad_h != 0 || pad_w != 0) v = at::replication_pad2d(v, {0, pad_w, 0, pad_h});
    const at::Tensor r = v.select(1, 0), g = v.select(1, 1), b = v.select(1, 2);
    const at::Tensor luma = 0.299 * r + 0.587 * g + 0.114 * b;
    const at::Tensor blue = -0.168736 * r - 0.331264 * g + 0.5 * b + 128.0;
    const at::Tensor red = 0.5 * r - 0.418688 * g - 0.081312 * b + 128.0;
    const auto subsample = [](const at::Tensor& plane) { return at::avg_pool2d(plane.unsqueeze(1), {2, 2}).squeeze(1); };
    const auto replicate = [](const at::Tensor& plane) { return plane.repeat_interleave(2, 1).repeat_interleave(2, 2); };
    const at::Tensor yy = quantise(luma, luma_);
    const at::Tensor cb = replicate(quantise(subsample(blue), chroma_)) - 128.0;
    const at::Tensor cr = replicate(quantise(subsample(red), chroma_)) - 128.0;
    at::Tensor out = at::stack({yy + 1.402 * cr, yy - 0.344136 * cb - 0.714136 * cr, yy + 1.772 * cb}, 1);
    out = out.clamp(0, 255) / 127.5 - 1.0;
    if (pad_h != 0 || pad_w != 0) out = out.slice(2, 0, h).slice(3, 0, w);
    return out.flatten(1);
  }

 private:
  // Plane [B, H, W] through 8x8 DCT, division by the table, rounding, and back.
  at::Tensor quantise(const at::Tensor& plane, const at::Tensor& table) const {
    const int64_t batch = plane.size(0), rows = plane.size(1) / 8, columns = plane.size(2) / 8;
    const at::Tensor d = dct_.to(plane.device(), plane.scalar_type());
    const at::Tensor q = table.to(plane.device(), plane.scalar_type());
    const at::Tensor blocks = plane.reshape({batch, rows, 8, columns, 8}).permute({0, 1, 3, 2, 4}) - 128.0;
    const at::Tensor scaled = at::matmul(at::matmul(d, blocks), d.t()) / q;
    const at::Tensor nearest = scaled.detach().round();
    at::Tensor rounded = nearest;
    if (rounding_ == JpegRounding::Soft) rounded = nearest + (scaled - nearest).pow(3);
    if (rounding_ == JpegRounding::StraightThrough) rounded = scaled + (nearest - scaled).detach();
    const at::Tensor back = at::matmul(at::matmul(d.t(), rounded * q), d) + 128.0;
    return back.permute({0, 1, 3, 2, 4}).reshape({batch, rows * 8, columns * 8});
  }

  JpegRounding rounding_;
  at::Tensor dct_, luma_, chroma_;
};

}  // namespace

std::unique_ptr<Operator> make_jpeg(std::vector<int64_t> shape, double quality, JpegOptions options) {
  return std::make_unique<Jpeg>(std::move(shape), quality, options);
}

}  // namespace mgdm
