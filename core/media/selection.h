// Selecting an object in a photo from a rough rectangle or a click, and masks grown, shrunk and softened.
#pragma once
#include <opencv2/core.hpp>

namespace mgdm {

/// What is said of the pixels of a photo, CV_8UC1: whether they belong to the object that is meant.
enum Hint : uchar { kNothingSaid = 0, kBelongs = 1, kDoesNotBelong = 2 };

/// The object inside `around`, by graph cuts over colours (GrabCut, Rother, Kolmogorov & Blake 2004). `rgb`: CV_8UC3.
/// `hints`: CV_8UC1 of its size or empty. Returns CV_8UC1 of its size, 255 = object; all 0 where none is found.
/// Works at 512 pixels a side at most, whatever the size of `around`.
cv::Mat select_object(const cv::Mat& rgb, const cv::Rect& around, const cv::Mat& hints = {});

/// The rectangle that a click means: around it, as large as an object usually is, inside the photo.
cv::Rect around_click(cv::Size photo, cv::Point click);

/// `mask` (CV_8UC1, 0 to 255) grown by so many pixels, or shrunk by a negative number.
cv::Mat grown(const cv::Mat& mask, double pixels);
/// Its edge falls off over so many pixels, inside what is painted.
cv::Mat feathered(const cv::Mat& mask, double pixels);

}  // namespace mgdm
