// Photos on disk to 8-bit tensors and back: the reduced view of photo_file.h.
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "core/errors.h"

namespace mgdm {

/// uint8 [3, H, W], RGB: what `read_photo` reads, as sRGB of 8 bit without its transparency; colours that nobody sees
/// there are replaced by what is around them. Throws MediaError.
at::Tensor read_image(const std::filesystem::path& file);

/// uint8 [H, W]: 255 where `read_photo_mask` says that more than half is to be filled, else 0. Throws MediaError.
at::Tensor read_mask(const std::filesystem::path& file);

/// The blur kernel that a picture shows (grey, 8 or 16 bit, at most 255 x 255, brighter is stronger) as the text that
/// `parse_kernel` takes. Throws MediaError.
std::string read_kernel(const std::filesystem::path& file);

/// Writes uint8 [3, H, W] or [H, W] as PNG, JPEG, TIFF or WebP by the file's extension; written beside it
/// first and renamed, so that a full disk leaves an old file as it was. Throws MediaError.
void write_image(const std::filesystem::path& file, const at::Tensor& pixels);

/// uint8 [3, H, W] -> float32 [3, H, W] in [-1, 1], and back with rounding and clamping.
at::Tensor to_signal(const at::Tensor& pixels);
at::Tensor to_pixels(const at::Tensor& signal);

/// Short side scaled to `size` (area averaging when shrinking, cubic when enlarging), both sides then
/// cropped at the centre to multiples of 8; `square` crops to size x size. uint8 [3, H, W].
at::Tensor fit_image(const at::Tensor& pixels, int64_t size, bool square);

}  // namespace mgdm
