// Degradations: the known map H from a clean signal to what was observed, y = H(x) + sigma_y n.
//
// Images are float tensors [B, 3, H, W] nominally in [-1, 1]; observations are flat, [B, m]. All
// operators are stateless after construction, differentiable in x and safe to share between threads.
#pragma once
#include <ATen/ATen.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace mgdm {

/// A signal that an operator cannot take, or a mask that does not fit; one sentence.
struct OperatorError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

class Operator {
 public:
  explicit Operator(std::vector<int64_t> signal_shape) : signal_shape_(std::move(signal_shape)) {}
  virtual ~Operator() = default;

  /// [B, signal...] -> [B, m].
  virtual at::Tensor apply(const at::Tensor& x) const = 0;
  virtual bool linear() const { return true; }
  /// False: `apply` is a black box without a gradient.
  virtual bool differentiable() const { return true; }
  /// H^T y, [B, m] -> [B, signal...]. The default differentiates `apply`; linear operators only.
  virtual at::Tensor adjoint(const at::Tensor& y) const;
  virtual bool has_pseudo_inverse() const { return false; }
  /// H^+ y, [B, m] -> [B, signal...]. Throws OperatorError where none is known.
  virtual at::Tensor pseudo_inverse(const at::Tensor& y) const;
  /// Singular value decomposition H = U diag(s) V[:, :m]^T of a linear operator: U [m, m], V [d, d] orthonormal.
  /// Spectral coordinate i < m of the signal (V^T x, flattened [B, d]) belongs to coordinate i of the
  /// observation (U^T y, [B, m]) and to s[i]; the others are not seen. Throw OperatorError where none is known.
  virtual bool has_svd() const { return false; }
  virtual at::Tensor singular_values() const;                           ///< [m], not sorted
  virtual at::Tensor to_spectral(const at::Tensor& x) const;            ///< V^T x: [B, signal...] -> [B, d]
  virtual at::Tensor from_spectral(const at::Tensor& z) const;          ///< V z: [B, d] -> [B, signal...]
  virtual at::Tensor observation_to_spectral(const at::Tensor& y) const;  ///< U^T y: [B, m] -> [B, m]
  /// What a person sees of an observation: [B, 3, h, w] in the signal's range. Masked pixels are 0.
  virtual at::Tensor display(const at::Tensor& y) const;

  const std::vector<int64_t>& signal_shape() const { return signal_shape_; }  ///< without the batch
  int64_t signal_size() const;

 protected:
  at::Tensor as_signal(const at::Tensor& flat) const;

 private:
  std::vector<int64_t> signal_shape_;
};

/// y = x.
std::unique_ptr<Operator> make_identity(std::vector<int64_t> shape);

/// Keeps the pixels where `keep` [H, W] (bool) is true. Observation order: kept pixels row by row,
/// channel fastest. Throws OperatorError if no pixel is kept or the sizes differ.
std::unique_ptr<Operator> make_inpainting(std::vector<int64_t> shape, const at::Tensor& keep);

/// Mean over factor x factor blocks ("average pooling"). H and W must be multiples of the factor.
std::unique_ptr<Operator> make_super_resolution(std::vector<int64_t> shape, int64_t factor);

/// Depth-wise convolution with an odd square kernel, reflect padding (edge pixel not repeated).
std::unique_ptr<Operator> make_blur(std::vector<int64_t> shape, const at::Tensor& kernel);
/// [size, size] Gaussian with the given standard deviation in pixels, cut at 4 deviations, sum 1.
at::Tensor gaussian_kernel(int64_t size, double deviation);
/// [size, size] straight motion of `length` pixels at `angle` degrees (counter-clockwise from right).
at::Tensor motion_kernel(int64_t size, double length, double angle);

/// How JPEG's rounding of the DCT coefficients v is treated.
enum class JpegRounding {
  Soft,             ///< round(v) + (v - round(v))^3, forward and backward (Shin & Song 2017, and the paper)
  StraightThrough,  ///< round(v) forward, the identity backward: the Jacobian of JPEG without rounding
  Exact             ///< round(v), gradient zero: what a file does
};
struct JpegOptions {
  JpegRounding rounding = JpegRounding::Soft;
  bool transposed_luma = false;  ///< the luma table as in the paper's public code, which swaps its axes
};
/// JPEG at `quality` 1..100, differentiable: 4:2:0 chroma, standard tables, output clamped to the 8-bit
/// range. H and W must be multiples of 16; other multiples of 8 are padded by repeating the edge.
std::unique_ptr<Operator> make_jpeg(std::vector<int64_t> shape, double quality, JpegOptions options = {});

/// y = A x for a dense matrix A [m, d] of signals [d], with its decomposition. Throws OperatorError.
std::unique_ptr<Operator> make_matrix(const at::Tensor& a);

/// Weighted mean of the colours, .3333 R + .3334 G + .3333 B; [B, H W].
std::unique_ptr<Operator> make_grey(std::vector<int64_t> shape);

}  // namespace mgdm
