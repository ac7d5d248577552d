#include "core/compare/photo_view.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <opencv2/imgproc.hpp>
#include <random>

namespace mgdm {

namespace {

constexpr int kAround = 64;  // photo pixels around what is painted

bool at_own_pixels(const WorkingArea& area) { return area.width == area.rect.width && area.height == area.rect.height; }

}  // namespace

cv::Rect painted_surroundings(const cv::Mat& mask) {
  cv::Rect box = cv::boundingRect(mask);
  box.x -= kAround;
  box.y -= kAround;
  box.width += 2 * kAround;
  box.height += 2 * kAround;
  return box & cv::Rect({0, 0}, mask.size());
}

WorkingArea compared_area(const PhotoSource& source, const PhotoResult& result) {
  const PhotoPatch& first = result.patches.front();
  const bool painted = first.painted && source.mask.size() == source.photo->pixels.size();
  if (!painted || !at_own_pixels(first.area)) return first.area;
  const cv::Rect rect = painted_surroundings(source.mask);
  return {rect, rect.width, rect.height};
}

at::Tensor compared_samples(const PhotoSource& source, const PhotoResult& result, const WorkingArea& area) {
  const PhotoPatch& first = result.patches.front();
  if (first.area == area) return first.samples.to(at::kFloat);
  const at::Tensor photo = cut(*source.photo, *source.color, area);
  at::Tensor samples = photo.unsqueeze(0).repeat({first.samples.size(0), 1, 1, 1});
  for (const PhotoPatch& patch : result.patches) {
    const cv::Rect both = patch.area.rect & area.rect;
    if (both.empty()) continue;
    const cv::Point to = both.tl() - area.rect.tl(), from = both.tl() - patch.area.rect.tl();
    const at::Tensor target = samples.narrow(2, to.y, both.height).narrow(3, to.x, both.width);
    const at::Tensor values = patch.samples.narrow(2, from.y, both.height).narrow(3, from.x, both.width);
    const at::Tensor painted = cut_mask(source.mask, {both, both.width, both.height});
    target.copy_(patch.painted ? at::where(painted, values, target) : values);
  }
  return samples;
}

at::Tensor compared_hole(const PhotoSource& source, const WorkingArea& area) {
  if (source.mask.empty()) return {};
  if (source.mask.size() == source.photo->pixels.size()) return cut_mask(source.mask, area);
  const cv::Mat packed = source.mask.isContinuous() ? source.mask : source.mask.clone();
  return at::from_blob(packed.data, {packed.rows, packed.cols}, at::TensorOptions().dtype(at::kByte)).ne(0);
}

cv::Mat square_hole(cv::Size size, int64_t side) {
  cv::Mat mask(size, CV_8UC1, cv::Scalar(0));
  const int s = static_cast<int>(std::min<int64_t>(side, std::min(size.width, size.height)));
  mask(cv::Rect((size.width - s) / 2, (size.height - s) / 2, s, s)).setTo(255);
  return mask;
}

cv::Mat random_strokes(cv::Size size, double share, uint64_t seed) {
  cv::Mat mask(size, CV_8UC1, cv::Scalar(0));
  std::mt19937_64 random(seed);
  const auto upto = [&](int64_t n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  const double wanted = share * static_cast<double>(mask.total());
  while (cv::countNonZero(mask) < wanted) {
    cv::Point from(upto(size.width), upto(size.height));
    const int thickness = 4 + upto(std::max(1, size.height / 24));
    for (int k = 0; k < 4 && cv::countNonZero(mask) < wanted; ++k) {
      const cv::Point to(from.x + upto(size.width / 2) - size.width / 4,
                         from.y + upto(size.height / 2) - size.height / 4);
      cv::line(mask, from, to, cv::Scalar(255), thickness);
      from = to;
    }
  }
  return mask;
}

WorkingArea centre_square(cv::Size photo, int side) {
  const int shorter = std::min(photo.width, photo.height);
  return {{(photo.width - shorter) / 2, (photo.height - shorter) / 2, shorter, shorter}, side, side};
}

}  // namespace mgdm
