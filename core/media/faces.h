// Faces that look at the camera: OpenCV's cascade of Haar features (Viola & Jones, Rapid Object Detection Using a
// Boosted Cascade of Simple Features, CVPR 2001), as Debian's opencv-data has it.
//
// Any thread.
#pragma once
#include <opencv2/core/mat.hpp>
#include <vector>

namespace mgdm {

/// `rgb`: CV_8UC3 or CV_16UC3. In its pixels, the largest first; none, too, where the cascade is not installed. A large
/// photo is looked at through 1024 pixels, so that faces of less than a sixteenth of its short side are not found.
std::vector<cv::Rect> find_faces(const cv::Mat& rgb);

/// Whether a model of portraits suits a part of a photo: it holds at least half of a face, or a face holds half of it,
/// and that face is between a quarter of the part's shorter side and twice it wide.
bool is_portrait(const std::vector<cv::Rect>& faces, const cv::Rect& part);

}  // namespace mgdm
