#include "core/media/faces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>

namespace mgdm {

namespace {

constexpr int kLongSide = 1024;  // pixels that are looked at

std::string cascade_file() {
  for (const char* folder :
       {"/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades", "/usr/share/opencv/haarcascades"}) {
    const auto file = std::filesystem::path(folder) / "haarcascade_frontalface_alt2.xml";
    std::error_code ignored;
    if (std::filesystem::exists(file, ignored)) return file.string();
  }
  return {};
}

}  // namespace

std::vector<cv::Rect> find_faces(const cv::Mat& rgb) {
  const std::string file = cascade_file();
  if (file.empty() || rgb.empty()) return {};
  cv::CascadeClassifier cascade;
  if (!cascade.load(file)) return {};
  const double scale = std::min(1.0, static_cast<double>(kLongSide) / std::max(rgb.cols, rgb.rows));
  cv::Mat small, grey;
  cv::resize(rgb, small, {}, scale, scale, cv::INTER_AREA);
  if (small.depth() == CV_16U) small.convertTo(small, CV_8U, 1.0 / 257);
  cv::cvtColor(small, grey, cv::COLOR_RGB2GRAY);
  cv::equalizeHist(grey, grey);
  const int smallest = std::max(24, std::min(grey.cols, grey.rows) / 16);
  std::vector<cv::Rect> faces;
  cascade.detectMultiScale(grey, faces, 1.1, 5, 0, {smallest, smallest});
  for (cv::Rect& face : faces) {
    const auto back = [&](int pixels) { return static_cast<int>(std::lround(pixels / scale)); };
    face =
        cv::Rect(back(face.x), back(face.y), back(face.width), back(face.height)) & cv::Rect(0, 0, rgb.cols, rgb.rows);
  }
  std::sort(faces.begin(), faces.end(), [](const cv::Rect& a, const cv::Rect& b) { return a.area() > b.area(); });
  return faces;
}

bool is_portrait(const std::vector<cv::Rect>& faces, const cv::Rect& part) {
  constexpr double kNarrowest = 0.25, kWidest = 2;  // of the part's shorter side
  const double side = std::min(part.width, part.height);
  return std::any_of(faces.begin(), faces.end(), [&](const cv::Rect& face) {
    return 2 * (face & part).area() > std::min(face.area(), part.area()) && face.width >= kNarrowest * side &&
           face.width <= kWidest * side;
  });
}

}  // namespace mgdm
