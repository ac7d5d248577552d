#include "core/media/working_area.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "core/media/photo_colors.h"

namespace mgdm {

namespace {

int to_multiple(double value, const NetworkSizes& s) {
  const int fitted = static_cast<int>(std::lround(value / s.multiple)) * s.multiple;
  const auto least = (s.smallest + s.multiple - 1) / s.multiple * s.multiple;
  return std::clamp(fitted, least, s.largest / s.multiple * s.multiple);
}

cv::Mat resized(const cv::Mat& image, cv::Size size) {
  if (image.size() == size) return image;
  cv::Mat out;
  const bool smaller = size.width < image.cols;
  cv::resize(image, out, size, 0, 0, smaller ? cv::INTER_AREA : cv::INTER_CUBIC);
  return out;
}

template <typename T>
void blend(cv::Mat& photo, const cv::Mat& result, const cv::Mat& weight, float top) {
  const int channels = photo.channels();
  for (int y = 0; y < photo.rows; ++y) {
    T* to = photo.ptr<T>(y);
    const float* from = result.ptr<float>(y);
    const float* w = weight.ptr<float>(y);
    for (int x = 0; x < photo.cols; ++x, to += channels, from += 3) {
      if (w[x] <= 0 || (channels == 4 && to[3] == 0)) continue;  // what nobody sees is no part of it
      for (int c = 0; c < 3; ++c) {
        const float value = std::clamp(from[c], 0.0f, 1.0f) * top;
        to[c] = static_cast<T>(std::lround(w[x] * value + (1 - w[x]) * static_cast<float>(to[c])));
      }
    }
  }
}

// The same over a photo that is transparent in parts (Porter and Duff's "over").
template <typename T>
void blend_over(cv::Mat& photo, const cv::Mat& result, const cv::Mat& weight, float top) {
  for (int y = 0; y < photo.rows; ++y) {
    T* to = photo.ptr<T>(y);
    const float* from = result.ptr<float>(y);
    const float* w = weight.ptr<float>(y);
    for (int x = 0; x < photo.cols; ++x, to += 4, from += 3) {
      if (w[x] <= 0) continue;
      const float below = (1 - w[x]) * static_cast<float>(to[3]) / top, alpha = w[x] + below;
      for (int c = 0; c < 3; ++c) {
        const float value = std::clamp(from[c], 0.0f, 1.0f) * top;
        to[c] = static_cast<T>(std::lround((w[x] * value + below * static_cast<float>(to[c])) / alpha));
      }
      to[3] = static_cast<T>(std::lround(alpha * top));
    }
  }
}

}  // namespace

WorkingArea whole_photo_area(cv::Size photo, int short_side, const NetworkSizes& sizes) {
  const double scale = static_cast<double>(std::min(photo.width, photo.height)) / to_multiple(short_side, sizes);
  const double longest = std::max(photo.width, photo.height) / scale;
  if (longest > sizes.largest) {
    return square_area(photo, {photo.width / 2.0, photo.height / 2.0}, std::min(photo.width, photo.height), short_side,
                       sizes);
  }
  // All of the photo: the sides become multiples by scaling them a little differently, at most by 4 pixels.
  return {{0, 0, photo.width, photo.height},
          to_multiple(photo.width / scale, sizes),
          to_multiple(photo.height / scale, sizes)};
}

WorkingArea square_area(cv::Size photo, cv::Point2d centre, double side, int network, const NetworkSizes& sizes) {
  const int pixels = std::clamp(static_cast<int>(std::lround(side)), 1, std::min(photo.width, photo.height));
  const int x = std::clamp(static_cast<int>(std::lround(centre.x - pixels / 2.0)), 0, photo.width - pixels);
  const int y = std::clamp(static_cast<int>(std::lround(centre.y - pixels / 2.0)), 0, photo.height - pixels);
  const int n = to_multiple(network, sizes);
  return {{x, y, pixels, pixels}, n, n};
}

at::Tensor cut(const Photo& photo, const ColorTransform& color, const WorkingArea& area) {
  cv::Mat seen = color.to_srgb(photo.pixels(area.rect));
  if (photo.has_alpha()) {
    cv::Mat alpha;
    cv::extractChannel(photo.pixels(area.rect), alpha, 3);
    fill_hidden(seen, alpha);
  }
  const cv::Mat srgb = resized(seen, {area.width, area.height});
  const cv::Mat packed = srgb.isContinuous() ? srgb : srgb.clone();
  return at::from_blob(packed.data, {area.height, area.width, 3}, at::TensorOptions().dtype(at::kFloat))
      .permute({2, 0, 1})
      .mul(2)
      .sub(1)
      .clamp(-1, 1)
      .contiguous();
}

at::Tensor cut_mask(const cv::Mat& mask, const WorkingArea& area) {
  at::Tensor out = at::zeros({area.height, area.width}, at::kBool);
  auto cells = out.accessor<bool, 2>();
  const double sx = static_cast<double>(area.rect.width) / area.width,
               sy = static_cast<double>(area.rect.height) / area.height;
  for (int v = 0; v < area.height; ++v) {
    const int top = static_cast<int>(std::floor(v * sy)),
              bottom = std::min(area.rect.height, std::max(top + 1, static_cast<int>(std::ceil((v + 1) * sy - 1e-9))));
    for (int y = top; y < bottom; ++y) {
      const uchar* line = mask.ptr<uchar>(area.rect.y + y) + area.rect.x;
      for (int u = 0; u < area.width; ++u) {
        if (cells[v][u]) continue;
        const int left = static_cast<int>(std::floor(u * sx)),
                  right =
                      std::min(area.rect.width, std::max(left + 1, static_cast<int>(std::ceil((u + 1) * sx - 1e-9))));
        cells[v][u] = std::any_of(line + left, line + right, [](uchar p) { return p != 0; });
      }
    }
  }
  return out;
}

cv::Mat paste_weight(cv::Size photo, const WorkingArea& area, const PasteOptions& o) {
  const cv::Rect& r = area.rect;
  const bool painted = !o.mask.empty();
  const double feather = o.feather >= 0 ? o.feather : std::max(0.0, painted ? area.scale() - 1 : 16 * area.scale());
  // One more row and column on each side; there the result ends, unless the photo ends there too.
  cv::Mat inside(r.height + 2, r.width + 2, CV_8UC1, cv::Scalar(255));
  if (r.y > 0) inside.row(0).setTo(0);
  if (r.x > 0) inside.col(0).setTo(0);
  if (r.br().y < photo.height) inside.row(r.height + 1).setTo(0);
  if (r.br().x < photo.width) inside.col(r.width + 1).setTo(0);
  cv::Mat middle = inside(cv::Rect(1, 1, r.width, r.height));
  if (painted) {
    cv::Mat hole = o.mask(r) > 0;
    hole.copyTo(middle);
    // Paint that reaches the photo's border goes on beyond it.
    const auto extend = [](const cv::Mat& from, cv::Mat to) { from.copyTo(to, to); };
    extend(inside.row(1), inside.row(0));
    extend(inside.row(r.height), inside.row(r.height + 1));
    extend(inside.col(1), inside.col(0));
    extend(inside.col(r.width), inside.col(r.width + 1));
  }
  cv::Mat weight;
  if (feather <= 0 || cv::countNonZero(inside) == inside.rows * inside.cols) {
    middle.convertTo(weight, CV_32F, 1.0 / 255);
  } else {
    cv::Mat distance;
    cv::distanceTransform(inside, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
    weight = cv::min(distance(cv::Rect(1, 1, r.width, r.height)) / (feather + 1), 1.0);
    weight = weight.mul(weight).mul(3 - 2 * weight);  // smoothstep
  }
  if (painted) {
    cv::Mat opacity;
    o.mask(r).convertTo(opacity, CV_32F, 1.0 / 255);
    weight = weight.mul(opacity);
  }
  return weight;
}

void paste_weighted(cv::Mat& pixels, const ColorTransform& color, const cv::Mat& srgb, const cv::Mat& weight,
                    bool fills) {
  const cv::Mat result = color.from_srgb(resized(srgb, pixels.size()));
  if (fills && pixels.channels() == 4) {
    if (pixels.depth() == CV_16U) {
      blend_over<uint16_t>(pixels, result, weight, 65535.0f);
    } else {
      blend_over<uint8_t>(pixels, result, weight, 255.0f);
    }
  } else if (pixels.depth() == CV_16U) {
    blend<uint16_t>(pixels, result, weight, 65535.0f);
  } else {
    blend<uint8_t>(pixels, result, weight, 255.0f);
  }
}

void paste(Photo& photo, const ColorTransform& color, const WorkingArea& area, const at::Tensor& signal,
           const PasteOptions& options) {
  const at::Tensor hwc = signal.to(at::kCPU, at::kFloat).add(1).mul(0.5).clamp(0, 1).permute({1, 2, 0}).contiguous();
  const cv::Mat small(area.height, area.width, CV_32FC3, hwc.data_ptr());
  cv::Mat part = photo.pixels(area.rect);
  paste_weighted(part, color, small, paste_weight(photo.pixels.size(), area, options), options.fills);
}

double estimate_noise(const at::Tensor& image) {
  const int64_t h = image.size(1) / 2 * 2, w = image.size(2) / 2 * 2;
  if (h == 0 || w == 0) return 0;
  const at::Tensor x = image.slice(1, 0, h).slice(2, 0, w).to(at::kFloat);
  const auto at_phase = [&](int64_t dy, int64_t dx) { return x.slice(1, dy, h, 2).slice(2, dx, w, 2); };
  const at::Tensor diagonal = 0.5 * (at_phase(0, 0) - at_phase(0, 1) - at_phase(1, 0) + at_phase(1, 1));
  return std::get<0>(diagonal.abs().flatten(1).median(1)).min().item<double>() / 0.6745;
}

nlohmann::json area_json(const WorkingArea& a) {
  return {{"rect", {a.rect.x, a.rect.y, a.rect.width, a.rect.height}}, {"size", {a.width, a.height}}};
}

WorkingArea area_from_json(const nlohmann::json& json, cv::Size photo) {
  try {
    const auto rect = json.at("rect").get<std::array<int, 4>>();
    const auto size = json.at("size").get<std::array<int, 2>>();
    WorkingArea area{{rect[0], rect[1], rect[2], rect[3]}, size[0], size[1]};
    if (rect[0] < 0 || rect[1] < 0 || rect[2] < 1 || rect[3] < 1 || rect[2] > photo.width - rect[0] ||
        rect[3] > photo.height - rect[1] || size[0] < 1 || size[1] < 1 ||
        int64_t{size[0]} * size[1] > std::numeric_limits<int>::max()) {
      throw MediaError("the run file's working area does not lie in the photo, which is " +
                       std::to_string(photo.width) + "x" + std::to_string(photo.height));
    }
    return area;
  } catch (const nlohmann::json::exception&) {
    throw MediaError("the run file's working area is damaged");
  }
}

}  // namespace mgdm
