// JPEG through libjpeg-turbo: decoded, encoded with another file's tables, and changed in parts while every other block
// keeps its coefficients. Any thread. Throws MediaError naming the file.
#pragma once
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <string>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// Grey, RGB or CMYK. Where the data end early the rows from there on are grey and `damaged` is set.
DecodedPhoto decode_jpeg(const std::filesystem::path& file, const std::string& bytes);

/// 8-bit RGB (or grey) -> JPEG without metadata. `like`: JPEG bytes whose quantisation tables and chroma sampling are
/// taken, empty: quality 95 without chroma subsampling.
std::string encode_jpeg(const std::filesystem::path& file, const cv::Mat& pixels, const std::string& like);

/// `source` with `pixels` (8-bit RGB or grey as it is stored, not turned; of its size) in it: blocks in which `changed`
/// (CV_8UC1, nonzero = other than what `source` decodes to) is zero everywhere keep their coefficients, so that they
/// decode to the same pixels; but for the pixel beside a changed block, which chroma is interpolated across. Metadata
/// are left out. Empty where the file's colours are not of `pixels`' kind (CMYK): encode it anew.
std::string patch_jpeg(const std::string& source, const cv::Mat& pixels, const cv::Mat& changed);

/// JPEG quality 1 to 100 whose IJG luminance table is nearest to the one in these JPEG bytes; 0 if there is none.
int guess_jpeg_quality(const std::string& bytes);

}  // namespace mgdm
