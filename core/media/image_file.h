// Photos on disk to tensors and back, through OpenCV.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "core/errors.h"

namespace mgdm {

/// Largest photo that is opened, in pixels.
inline constexpr int64_t kMaxPixels = 200'000'000;

/// Throws MediaError where the header of these bytes (PNG, JPEG, BMP) says more pixels than can be opened: before any
/// memory is asked for. Any thread.
void check_image_size(const std::filesystem::path& file, const std::string& bytes);

/// What is said of an image that OpenCV does not take.
inline constexpr const char* kNotDecoded = "is damaged, or larger than can be opened (at most 200 megapixels)";

/// uint8 [3, H, W], RGB. EXIF orientation is applied; grey, alpha, 16-bit and CMYK files are
/// converted (16 bit by dropping the low byte, alpha by dropping it). Throws MediaError.
at::Tensor read_image(const std::filesystem::path& file);

/// uint8 [H, W]: 255 where the mask image is lighter than half, else 0. Throws MediaError.
at::Tensor read_mask(const std::filesystem::path& file);

/// The blur kernel that a picture shows (grey, 8 or 16 bit, at most 255 x 255, brighter is stronger) as the text that
/// `parse_kernel` takes. Throws MediaError.
std::string read_kernel(const std::filesystem::path& file);

/// Writes uint8 [3, H, W] or [H, W] as PNG, JPEG or TIFF by the file's extension; written beside it
/// first and renamed, so that a full disk leaves an old file as it was. Throws MediaError.
void write_image(const std::filesystem::path& file, const at::Tensor& pixels);

/// uint8 [3, H, W] -> float32 [3, H, W] in [-1, 1], and back with rounding and clamping.
at::Tensor to_signal(const at::Tensor& pixels);
at::Tensor to_pixels(const at::Tensor& signal);

/// Short side scaled to `size` (area averaging when shrinking, cubic when enlarging), both sides then
/// cropped at the centre to multiples of 8; `square` crops to size x size. uint8 [3, H, W].
at::Tensor fit_image(const at::Tensor& pixels, int64_t size, bool square);

}  // namespace mgdm
