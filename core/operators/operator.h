// Degradations: the known map H from a clean signal to what was observed, y = H(x) + sigma_y n.
//
// Images are float tensors [B, 3, H, W] nominally in [-1, 1]; observations are flat, [B, m]. All
// operators are stateless after construction, differentiable in x and safe to share between threads.
#pragma once
#include <ATen/core/Tensor.h>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/errors.h"

namespace mgdm {

class Codec;
class KernelWizard;

class Operator {
 public:
  explicit Operator(std::vector<int64_t> signal_shape) : signal_shape_(std::move(signal_shape)) {}
  virtual ~Operator() = default;

  /// [B, signal...] -> [B, m].
  virtual at::Tensor apply(const at::Tensor& x) const = 0;
  /// What degrading the clean signal x gives before noise is added; `apply`, but where `apply` is a model of it.
  virtual at::Tensor observe(const at::Tensor& x) const { return apply(x); }
  /// The observation [B, m] that a degraded photo [B, 3, h, w] stands for: its values, or what is seen of them.
  virtual at::Tensor from_photo(const at::Tensor& photo) const { return photo.flatten(1); }
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
  virtual at::Tensor singular_values() const;                             ///< [m], not sorted
  virtual at::Tensor to_spectral(const at::Tensor& x) const;              ///< V^T x: [B, signal...] -> [B, d]
  virtual at::Tensor from_spectral(const at::Tensor& z) const;            ///< V z: [B, d] -> [B, signal...]
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
/// A kernel drawn or loaded, [size, size] with sum 1, from its text: a motion path "x,y x,y ..." in pixels (y down), at
/// even speed and centred on its mean; or values >= 0 as rows "0 1 0; 1 2 1; 0 1 0". Throws OperatorError for other
/// text, or what does not fit `size` (odd).
at::Tensor parse_kernel(const std::string& text, int64_t size);

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

/// What a JPEG file tells of its picture, as a linear map: y is its luma and (2 x 2 averaged) chroma DCT coefficients,
/// each in units in which its own rounding (uniform over one step of the table) has the standard deviation
/// kJpegCoefficientNoise. A coefficient rounded to 0 says that it was small, not that it was 0.
inline constexpr double kJpegCoefficientNoise = 0.15;
std::unique_ptr<Operator> make_jpeg_coefficients(std::vector<int64_t> shape, double quality);

/// y = A x for a dense matrix A [m, d] of signals [d], with its decomposition. Throws OperatorError.
std::unique_ptr<Operator> make_matrix(const at::Tensor& a);

enum class ResizeFilter { Box, Bicubic, Lanczos };
/// Shrinks both sides by any factor >= 1 (rounded to whole pixels) with an antialiasing filter: area mean, Keys'
/// cubic (a = -1/2) or Lanczos 3, mirrored at the border. With decomposition.
std::unique_ptr<Operator> make_resize(std::vector<int64_t> shape, double factor, ResizeFilter filter);
/// The same to a given size [h, w], no side larger than the signal's.
std::unique_ptr<Operator> make_resize_to(std::vector<int64_t> shape, std::array<int64_t, 2> size, ResizeFilter filter);

/// Gaussian blur as X -> K X K^T with zero padding (61 taps, the last dropped), singular values of K below
/// `smallest` dropped: what the public code's blur_svd is meant to be. With decomposition.
std::unique_ptr<Operator> make_blur_svd(std::vector<int64_t> shape, double deviation = 3.0, double smallest = 0.03);

/// clip(gain x, -1, 1): "high dynamic range" with gain 2, plain clipping with other gains.
std::unique_ptr<Operator> make_high_dynamic_range(std::vector<int64_t> shape, double gain = 2.0);

/// Rounds to `levels` even values in [-1, 1]; backward the identity (straight through).
std::unique_ptr<Operator> make_quantisation(std::vector<int64_t> shape, int64_t levels);

/// |F(pad(0.5 (x + 1)))| for each channel, F the centred orthonormal 2-D Fourier transform: [B, 3 (H + 2 pad) (W + 2
/// pad)].
std::unique_ptr<Operator> make_phase_retrieval(std::vector<int64_t> shape, int64_t pad);

/// Blur by a neural network that stands for moving scenes (Tran et al. 2021): clip(2 F((x + 1) / 2, k) - 1, -1, 1), the
/// encoded kernel k = 1.2 N(0, I) drawn from `seed` once for all (the public code draws it anew at each call).
std::unique_ptr<Operator> make_nonlinear_blur(std::vector<int64_t> shape, std::shared_ptr<const KernelWizard> network,
                                              uint64_t seed);

/// A map without a gradient: `map` takes and gives float32 [C, H, W] on the CPU, on any thread, samples in parallel;
/// `observed_shape`: of what it gives, if that differs from `shape`.
std::unique_ptr<Operator> make_black_box(std::vector<int64_t> shape, std::function<at::Tensor(const at::Tensor&)> map,
                                         std::vector<int64_t> observed_shape = {});

/// The picture written as ".jpg" or ".webp" at `quality` 1..100 by OpenCV and read back, a black box; only where
/// the program is built with OpenCV.
std::unique_ptr<Operator> make_codec(std::vector<int64_t> shape, const std::string& extension, int quality);

/// An external program as a black box: `command` is run by /bin/sh for each picture, with the PNG file to read as $1
/// and the one to write as $2 (added at its end where it names neither). It is stopped after `timeout` seconds; that,
/// an exit code other than 0 (with what it wrote to standard error) or a missing picture is an OperatorError. It is run
/// once at once, to learn the size of its pictures. Only where the program is built with OpenCV.
std::unique_ptr<Operator> make_program(std::vector<int64_t> shape, const std::string& command, double timeout);

/// What is known of the stems of a piece of music, frame by frame; signals [stems, frames, bins], the coefficients of
/// a codec that is linear and the same for every stem (core/priors/mdct_codec.h). `known` [stems, frames] (bool):
/// stems observed themselves; `mix` [frames] (bool): where the sum of the other stems is observed. All of `mix`
/// and nothing `known` is source separation; a stem known throughout and no `mix` asks for an accompaniment;
/// a gap in `mix` is to be filled. Observation order: frame by frame, known stems before the sum, bins fastest.
/// `weights` [bins], >= 0: what each bin of the sum is multiplied by, undefined for 1; 0 where it is not observed (a
/// lost band), less where its noise is more. With decomposition (a sum of u stems has the singular value sqrt(u) times
/// its weight). Throws OperatorError.
std::unique_ptr<Operator> make_stems(std::vector<int64_t> shape, const at::Tensor& known, const at::Tensor& mix,
                                     const at::Tensor& weights = {});
/// y = the sum of the stems (Multi-Source Diffusion Models, Mariani et al. 2023); signals [stems, frames, bins].
std::unique_ptr<Operator> make_mixture(std::vector<int64_t> shape);

/// A mix that was cut off at a level (clipped): y = `gain` clip(s, -level, level), s the sum of the stems as sound
/// [frames bins], its samples `seen` (bool) only, followed by the `known` stems' own coefficients as in `make_stems`.
/// `codec` decodes signals [stems, frames, bins] to sound [stems, frames bins]; nonlinear. Throws OperatorError.
std::unique_ptr<Operator> make_clipped_mix(std::vector<int64_t> shape, std::shared_ptr<const Codec> codec, double level,
                                           double gain, const at::Tensor& known, const at::Tensor& seen);

/// Weighted mean of the colours, .3333 R + .3334 G + .3333 B; [B, H W].
std::unique_ptr<Operator> make_grey(std::vector<int64_t> shape);

}  // namespace mgdm
