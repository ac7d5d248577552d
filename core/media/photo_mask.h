// What is to be filled, from any picture that a person calls a mask. One rule for window, command line and comparisons.
// Any thread.
#pragma once
#include <filesystem>
#include <opencv2/core.hpp>
#include <string>

#include "core/media/photo_file.h"

namespace mgdm {

struct PhotoMask {
  cv::Mat mask;         ///< CV_8UC1 of the picture's size, upright; 0 = keep, 255 = fill, between = soft
  double painted = 0;   ///< share of the pixels that are to be filled at all, 0 to 1
  std::string seen;     ///< what was taken as paint, "what is brighter (brightest value 76 of 255)"
  std::string warning;  ///< a sentence where that is surely not what was meant: nothing, or nearly all; else empty
  int orientation = 1;  ///< of the file, EXIF 1 to 8
};

/// The rule, the first that fits:
/// 1. transparency that varies: what is opaque is paint;
/// 2. grey: what is bright is paint, as bright as it is; of only two values the brighter; values up to 64 that are few
///    are labels, of which all but 0 are paint;
/// 3. colours: what is other than the background, which is black or white if a hundredth of the picture is, else the
///    most frequent colour; colours between it and the paint are soft edges.
/// In files that were packed with a loss, what is nearly 0 or 255 is so.
PhotoMask mask_of(const Photo& photo);

/// `read_photo` and `mask_of`. Throws MediaError.
PhotoMask read_photo_mask(const std::filesystem::path& file);

/// `mask` for a photo that its file holds turned: as it is where it has the photo's size; turned as the photo was where
/// it has the size of what is stored and says no orientation of its own. Else as it is.
cv::Mat oriented_as(const Photo& photo, const PhotoMask& mask);

/// 255 where a photo is transparent, soft where it is in part; empty where it is opaque everywhere.
cv::Mat transparent_part(const Photo& photo);

}  // namespace mgdm
