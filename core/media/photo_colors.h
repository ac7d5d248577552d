// From a file's own colours to RGB: numbers of any kind to 8 or 16 bit, grey, CMYK and Lab through their profiles. Any
// thread.
#pragma once
#include <filesystem>

#include "core/media/decoded_photo.h"

namespace mgdm {

/// Makes CV_8U or CV_16U RGB or RGBA of what was decoded, and adds to its notes:
/// - floating point: where the largest value is at most 2 the picture's range is 0 to 1, at most 510: 0 to 255, else 0
///   to 65535; what lies outside is cut, what is no number (NaN, infinite) is black, and both are said;
/// - grey with a profile, CMYK and Lab: to sRGB through Little CMS, relative colorimetric; CMYK without a profile by
/// the plain formula, which is said;
/// - RGB keeps its numbers and its profile; one that is damaged or of another space is dropped, which is said;
/// - alpha that is 0 everywhere is no transparency and left out.
void make_rgb(DecodedPhoto& photo);

/// RGBA -> RGB over white, as JPEG and paper show it. RGB comes back as it is.
cv::Mat over_white(const cv::Mat& pixels);

/// RGBA -> RGB without the alpha.
cv::Mat without_alpha(const cv::Mat& pixels);

/// The colours of pixels that nobody sees (alpha 0) replaced by what is around them, white where nothing is seen at
/// all: what lies hidden there is no picture. `rgb` CV_32FC3, `alpha` CV_8UC1 or CV_16UC1 of its size.
void fill_hidden(cv::Mat& rgb, const cv::Mat& alpha);

}  // namespace mgdm
