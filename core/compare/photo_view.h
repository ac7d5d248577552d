// What of a photo a comparison looks at, and what a run has made of it there. In builds with OpenCV.
#pragma once
#include <optional>

#include "core/runs/photo_run.h"

namespace mgdm {

/// The whole of what was worked on or, where something was painted, its surroundings: the same part of a photo for all
/// methods, so that their pictures lie on each other pixel by pixel.
WorkingArea compared_area(const PhotoSource& source, const PhotoResult& result);
/// The same of a mask alone, for methods without a plan: the painted parts with `kAround` pixels around them.
cv::Rect painted_surroundings(const cv::Mat& mask);

/// The samples of a run [B, 3, h, w] float32 on the CPU as they lie in that area.
at::Tensor compared_samples(const PhotoSource& source, const PhotoResult& result, const WorkingArea& area);

/// What is to be filled in the area, bool [h, w]; undefined where nothing is painted.
at::Tensor compared_hole(const PhotoSource& source, const WorkingArea& area);

/// A square hole of `side` pixels in the middle, or strokes over `share` of it; CV_8UC1, 255 where painted.
cv::Mat square_hole(cv::Size size, int64_t side);
cv::Mat random_strokes(cv::Size size, double share, uint64_t seed);

/// The centre square of a photo seen as `side` x `side` network pixels.
WorkingArea centre_square(cv::Size photo, int side);

}  // namespace mgdm
