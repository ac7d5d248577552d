#include "core/media/photo_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace mgdm {

namespace {

constexpr double kNearlyAll = 0.9;
constexpr int kNearly = 20;   // of 255: what a lossy file makes of 0 and 255
constexpr int kGreyUpTo = 6;  // difference of channels that is still grey
constexpr int kLastLabel = 64;

cv::Mat eight_bit_plane(const cv::Mat& plane) {
  if (plane.depth() == CV_8U) return plane;
  cv::Mat out;
  plane.convertTo(out, CV_8U, 1.0 / 257);
  return out;
}

void snap(cv::Mat& mask) {
  cv::Mat table(1, 256, CV_8U);
  for (int v = 0; v < 256; ++v)
    table.at<uchar>(v) = static_cast<uchar>(v <= kNearly ? 0 : v >= 255 - kNearly ? 255 : v);
  cv::LUT(mask, table, mask);
}

std::string of_255(int value) { return std::to_string(value) + " of 255"; }

// 0 up to `dark` becomes 0, all above 255.
cv::Mat above(const cv::Mat& grey, int dark) {
  cv::Mat out;
  cv::threshold(grey, out, dark, 255, cv::THRESH_BINARY);
  return out;
}

void from_grey(cv::Mat grey, bool lossy, PhotoMask& result) {
  if (lossy) snap(grey);
  std::array<int64_t, 256> counts{};
  for (int y = 0; y < grey.rows; ++y) {
    const uchar* row = grey.ptr(y);
    for (int x = 0; x < grey.cols; ++x) ++counts[row[x]];
  }
  std::vector<int> values;
  for (int v = 0; v < 256; ++v) {
    if (counts[static_cast<size_t>(v)] > 0) values.push_back(v);
  }
  const int darkest = values.front(), brightest = values.back();
  result.mask = grey;
  result.seen = "what is brighter (brightest value " + of_255(brightest) + ")";
  if (values.size() == 1) {
    result.mask = above(grey, 127);
    result.seen = "brightness, which is " + of_255(brightest) + " everywhere";
  } else if (values.size() == 2) {
    result.mask = above(grey, darkest);
  } else if (darkest == 0 && brightest <= kLastLabel && !lossy) {
    result.mask = above(grey, 0);
    result.seen = "labels other than 0 (up to " + std::to_string(brightest) + ")";
  }
}

struct Colored {
  cv::Vec3b background;
  int reference = 255;  ///< distance of the paint from it
};

int distance(const uchar* a, const cv::Vec3b& b) {
  return std::max({std::abs(a[0] - b[0]), std::abs(a[1] - b[1]), std::abs(a[2] - b[2])});
}

/// Pixels whose colours have the same 5 upper bits.
struct ColorBin {
  int64_t count = 0;
  std::array<int64_t, 3> sum{};
  cv::Vec3b mean() const {
    const auto part = [this](size_t c) {
      return static_cast<uchar>((sum[c] + count / 2) / std::max<int64_t>(1, count));
    };
    return {part(0), part(1), part(2)};
  }
};

std::vector<ColorBin> color_bins(const cv::Mat& rgb) {
  std::vector<ColorBin> bins(size_t{1} << 15);
  for (int y = 0; y < rgb.rows; ++y) {
    const uchar* p = rgb.ptr(y);
    for (int x = 0; x < rgb.cols; ++x, p += 3) {
      ColorBin& bin = bins[static_cast<size_t>(p[0] >> 3) << 10 | static_cast<size_t>(p[1] >> 3) << 5 | p[2] >> 3];
      ++bin.count;
      for (size_t c = 0; c < 3; ++c) bin.sum[c] += p[c];
    }
  }
  return bins;
}

// Whether a colour lies between two others, as an edge does.
bool lies_between(const cv::Vec3b& color, const cv::Vec3b& from, const cv::Vec3b& to) {
  const cv::Vec3d way = cv::Vec3d(to) - cv::Vec3d(from), here = cv::Vec3d(color) - cv::Vec3d(from);
  const double along = here.dot(way) / std::max(1.0, way.dot(way));
  return cv::norm(here - way * along, cv::NORM_INF) < 24 && along < 1.1;
}

// The background, and the distance from it that is paint all over.
Colored find_colors(const cv::Mat& rgb) {
  constexpr int kFar = 48;
  constexpr size_t kFewColors = 24;
  const std::vector<ColorBin> bins = color_bins(rgb);
  const ColorBin &black = bins.front(), &white = bins.back();
  const auto fewer = [](const ColorBin& a, const ColorBin& b) { return a.count < b.count; };
  const ColorBin* background = black.count >= white.count ? &black : &white;
  if (background->count * 100 < static_cast<int64_t>(rgb.total()))
    background = &*std::max_element(bins.begin(), bins.end(), fewer);
  Colored found{background->mean()};
  std::vector<ColorBin> paint;
  for (const ColorBin& bin : bins) {
    if (bin.count > 0 && distance(bin.mean().val, found.background) > kFar) paint.push_back(bin);
  }
  if (paint.empty()) return found;
  const ColorBin most = *std::max_element(paint.begin(), paint.end(), fewer);
  // Few colours that are no steps between two are labels: each of them counts. Else those that are frequent do: an edge
  // has many colours, and little of each.
  const bool labels = paint.size() <= kFewColors && std::any_of(paint.begin(), paint.end(), [&](const ColorBin& bin) {
                        return !lies_between(bin.mean(), found.background, most.mean());
                      });
  for (const ColorBin& bin : paint) {
    if (labels || bin.count * 5 >= most.count)
      found.reference = std::min(found.reference, distance(bin.mean().val, found.background));
  }
  return found;
}

void from_colors(const cv::Mat& rgb, bool lossy, PhotoMask& result) {
  const Colored colors = find_colors(rgb);
  result.mask.create(rgb.size(), CV_8UC1);
  for (int y = 0; y < rgb.rows; ++y) {
    const uchar* p = rgb.ptr(y);
    uchar* to = result.mask.ptr(y);
    for (int x = 0; x < rgb.cols; ++x, p += 3)
      to[x] = static_cast<uchar>(std::min(255, distance(p, colors.background) * 255 / colors.reference));
  }
  if (lossy) snap(result.mask);
  const cv::Vec3b& b = colors.background;
  result.seen = "colours other than the background (" + std::to_string(b[0]) + ", " + std::to_string(b[1]) + ", " +
                std::to_string(b[2]) + ")";
}

bool is_colorless(const cv::Mat& rgb, bool lossy) {
  const int most = lossy ? 2 * kGreyUpTo : kGreyUpTo;
  for (int y = 0; y < rgb.rows; ++y) {
    const uchar* p = rgb.ptr(y);
    for (int x = 0; x < rgb.cols; ++x, p += 3) {
      if (std::max({p[0], p[1], p[2]}) - std::min({p[0], p[1], p[2]}) > most) return false;
    }
  }
  return true;
}

std::string percent(double share) { return std::to_string(static_cast<int>(std::lround(share * 100))) + " %"; }

}  // namespace

PhotoMask mask_of(const Photo& photo) {
  PhotoMask result;
  result.orientation = photo.orientation;
  cv::Mat alpha;
  double low = 0, high = 0;
  if (photo.has_alpha()) {
    cv::extractChannel(photo.pixels, alpha, 3);
    alpha = eight_bit_plane(alpha);
    cv::minMaxLoc(alpha, &low, &high);
  }
  if (low < high) {
    result.mask = alpha;
    result.seen = "what is opaque (the picture is transparent in parts)";
  } else {
    cv::Mat rgb(photo.pixels.size(), CV_8UC3);
    const cv::Mat eight = eight_bit_plane(photo.pixels);
    const int from_to[] = {0, 0, 1, 1, 2, 2};
    cv::mixChannels(&eight, 1, &rgb, 1, from_to, 3);
    if (is_colorless(rgb, photo.lossy)) {
      cv::Mat grey;
      cv::extractChannel(rgb, grey, 1);
      from_grey(grey, photo.lossy, result);
    } else {
      from_colors(rgb, photo.lossy, result);
    }
  }
  result.painted = static_cast<double>(cv::countNonZero(result.mask)) / static_cast<double>(result.mask.total());
  if (result.painted == 0) {
    result.warning = "nothing is painted in the mask: taken was " + result.seen;
  } else if (result.painted > kNearlyAll) {
    result.warning = percent(result.painted) + " of the mask is painted, nearly all: taken was " + result.seen;
    if (low < high)
      result.warning += "; to fill the transparent part of a photo, open it without a mask";
    else if (result.seen.rfind("what is b", 0) == 0)
      result.warning += "; white is what is filled";
  } else {
    cv::minMaxLoc(result.mask, nullptr, &high);
    if (high < 128) result.warning = "the mask is faint: taken was " + result.seen;
  }
  return result;
}

PhotoMask read_photo_mask(const std::filesystem::path& file) { return mask_of(read_photo(file)); }

cv::Mat oriented_as(const Photo& photo, const PhotoMask& mask) {
  const cv::Size seen = photo.pixels.size(), stored(seen.height, seen.width);
  if (mask.mask.size() == seen || photo.orientation < 5 || mask.orientation != 1 || mask.mask.size() != stored)
    return mask.mask;
  return turned_upright(mask.mask, photo.orientation);
}

cv::Mat transparent_part(const Photo& photo) {
  if (!photo.has_alpha()) return {};
  cv::Mat hole;
  cv::extractChannel(photo.pixels, hole, 3);
  hole = 255 - eight_bit_plane(hole);
  if (cv::countNonZero(hole) == 0) return {};
  return hole;
}

}  // namespace mgdm
