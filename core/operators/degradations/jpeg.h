// Differentiable JPEG, and what a JPEG file tells of its picture.
#pragma once
#include <memory>
#include <vector>

#include "core/operators/operator.h"

namespace mgdm {

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

}  // namespace mgdm
