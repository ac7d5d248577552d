#include "core/media/selection.h"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace mgdm {

namespace {

constexpr int kSide = 512;           // pixels at which objects are cut out
constexpr double kMargin = 0.25;     // around the rectangle, for the colours of what is not the object
constexpr double kSmallPart = 0.03;  // of the largest part of an object: smaller ones are specks

// What touches a hint that belongs, or without any the large parts; holes inside are filled.
cv::Mat cleaned(const cv::Mat& object, const cv::Mat& belongs) {
  cv::Mat labels, stats, centres;
  const int count = cv::connectedComponentsWithStats(object, labels, stats, centres, 8, CV_32S);
  int largest = 0;
  for (int i = 1; i < count; ++i) largest = std::max(largest, stats.at<int>(i, cv::CC_STAT_AREA));
  std::vector<char> kept(static_cast<size_t>(count), 0);
  const bool hinted = cv::countNonZero(belongs & object) > 0;
  for (int i = 1; i < count; ++i)
    kept[static_cast<size_t>(i)] = !hinted && stats.at<int>(i, cv::CC_STAT_AREA) >= kSmallPart * largest;
  for (int y = 0; hinted && y < object.rows; ++y) {
    for (int x = 0; x < object.cols; ++x) {
      if (belongs.at<uchar>(y, x) != 0) kept[static_cast<size_t>(labels.at<int>(y, x))] = labels.at<int>(y, x) != 0;
    }
  }
  cv::Mat out = cv::Mat::zeros(object.size(), CV_8UC1);
  for (int y = 0; y < object.rows; ++y) {
    for (int x = 0; x < object.cols; ++x) {
      if (kept[static_cast<size_t>(labels.at<int>(y, x))] != 0) out.at<uchar>(y, x) = 255;
    }
  }
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(out, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  cv::drawContours(out, outlines, -1, 255, cv::FILLED);
  return out;
}

}  // namespace

cv::Rect around_click(cv::Size photo, cv::Point click) {
  const int side = std::max(16, std::min(photo.width, photo.height) / 3);
  return cv::Rect(click.x - side / 2, click.y - side / 2, side, side) & cv::Rect({0, 0}, photo);
}

cv::Mat select_object(const cv::Mat& rgb, const cv::Rect& around, const cv::Mat& hints) {
  const cv::Rect whole({0, 0}, rgb.size()), inside = around & whole;
  cv::Mat selected = cv::Mat::zeros(rgb.size(), CV_8UC1);
  if (inside.width < 3 || inside.height < 3) return selected;
  const int mx = static_cast<int>(inside.width * kMargin) + 2, my = static_cast<int>(inside.height * kMargin) + 2;
  const cv::Rect window = cv::Rect(inside.x - mx, inside.y - my, inside.width + 2 * mx, inside.height + 2 * my) & whole;
  const double scale = std::min(1.0, static_cast<double>(kSide) / std::max(window.width, window.height));
  const cv::Size size(std::max(3, cvRound(window.width * scale)), std::max(3, cvRound(window.height * scale)));
  cv::Mat picture, said;
  cv::resize(rgb(window), picture, size, 0, 0, cv::INTER_AREA);
  if (!hints.empty()) {
    // A thin stroke must not vanish: a small pixel takes what is said in any of its own.
    said = cv::Mat::zeros(size, CV_8UC1);
    for (int y = 0; y < window.height; ++y) {
      const uchar* line = hints.ptr<uchar>(window.y + y) + window.x;
      uchar* to = said.ptr<uchar>(std::min(size.height - 1, static_cast<int>(y * scale)));
      for (int x = 0; x < window.width; ++x) {
        if (line[x] != kNothingSaid) to[std::min(size.width - 1, static_cast<int>(x * scale))] = line[x];
      }
    }
  }
  cv::Mat state(size, CV_8UC1, cv::Scalar(cv::GC_BGD));
  const cv::Rect probable = cv::Rect(cvRound((inside.x - window.x) * scale), cvRound((inside.y - window.y) * scale),
                                     cvRound(inside.width * scale), cvRound(inside.height * scale)) &
                            cv::Rect({0, 0}, size);
  state(probable).setTo(cv::GC_PR_FGD);
  if (!said.empty()) {
    state.setTo(cv::GC_FGD, said == static_cast<int>(kBelongs));
    state.setTo(cv::GC_BGD, said == static_cast<int>(kDoesNotBelong));
  }
  const int certain = cv::countNonZero(state == static_cast<int>(cv::GC_BGD));
  if (certain == 0 || certain == size.area()) return selected;  // nothing to tell the object from
  cv::Mat background, foreground;
  cv::grabCut(picture, state, {}, background, foreground, 5, cv::GC_INIT_WITH_MASK);
  const cv::Mat object = (state == static_cast<int>(cv::GC_FGD)) | (state == static_cast<int>(cv::GC_PR_FGD));
  if (cv::countNonZero(object) == 0) return selected;
  const cv::Mat belongs =
      said.empty() ? cv::Mat(cv::Mat::zeros(size, CV_8UC1)) : cv::Mat(said == static_cast<int>(kBelongs));
  cv::Mat large;
  cv::resize(cleaned(object, belongs), large, window.size(), 0, 0, cv::INTER_LINEAR);
  cv::threshold(large, selected(window), 127, 255, cv::THRESH_BINARY);
  return selected;
}

cv::Mat grown(const cv::Mat& mask, double pixels) {
  if (pixels == 0) return mask.clone();
  cv::Mat distance, out;
  if (pixels > 0) {
    cv::distanceTransform(mask == 0, distance, cv::DIST_L2, cv::DIST_MASK_5);
    out = mask.clone();
    out.setTo(255, (distance > 0) & (distance <= pixels));
  } else {
    cv::distanceTransform(mask > 0, distance, cv::DIST_L2, cv::DIST_MASK_5);
    out = cv::Mat::zeros(mask.size(), CV_8UC1);
    mask.copyTo(out, distance > -pixels);
  }
  return out;
}

cv::Mat feathered(const cv::Mat& mask, double pixels) {
  if (pixels <= 0) return mask.clone();
  cv::Mat distance, share, out;
  cv::distanceTransform(mask > 0, distance, cv::DIST_L2, cv::DIST_MASK_5);
  share = cv::min(distance / (pixels + 1), 1.0);
  share = share.mul(share).mul(3 - 2 * share);  // smoothstep
  mask.convertTo(out, CV_32F);
  out.mul(share).operator cv::Mat().convertTo(out, CV_8U);
  return out;
}

}  // namespace mgdm
