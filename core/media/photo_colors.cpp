#include "core/media/photo_colors.h"

#include <lcms2.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "core/media/photo_file.h"

namespace mgdm {

namespace {

using Profile = std::unique_ptr<void, decltype(&cmsCloseProfile)>;

Profile open_profile(const std::string& bytes) {
  return {bytes.empty() ? nullptr : cmsOpenProfileFromMem(bytes.data(), static_cast<cmsUInt32Number>(bytes.size())),
          cmsCloseProfile};
}

bool profile_is(const Profile& profile, cmsColorSpaceSignature space) {
  return profile != nullptr && cmsGetColorSpace(profile.get()) == space;
}

// Row bands through a transform, whose element types it knows itself.
void transform_rows(void* transform, const cv::Mat& from, cv::Mat& to) {
  cv::parallel_for_(cv::Range(0, from.rows), [&](const cv::Range& rows) {
    for (int y = rows.start; y < rows.end; ++y)
      cmsDoTransform(transform, from.ptr(y), to.ptr(y), static_cast<cmsUInt32Number>(from.cols));
  });
}

// To sRGB of the same depth (16 bit from float); empty where the profile does not allow it.
cv::Mat through_profile(const cv::Mat& pixels, const Profile& profile, cmsUInt32Number from8, cmsUInt32Number from16) {
  const bool deep = pixels.depth() == CV_16U;
  const Profile srgb(cmsCreate_sRGBProfile(), cmsCloseProfile);
  void* transform = cmsCreateTransform(profile.get(), deep ? from16 : from8, srgb.get(),
                                       deep || pixels.depth() == CV_32F ? TYPE_RGB_16 : TYPE_RGB_8,
                                       INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
  if (transform == nullptr) return {};
  cv::Mat out(pixels.size(), pixels.depth() == CV_8U ? CV_8UC3 : CV_16UC3);
  transform_rows(transform, pixels, out);
  cmsDeleteTransform(transform);
  return out;
}

// Ink on white paper, each colour by itself.
cv::Mat plain_cmyk(const cv::Mat& cmyk) {
  const double top = cmyk.depth() == CV_16U ? 65535 : 255;
  std::vector<cv::Mat> inks;
  cv::split(cmyk, inks);
  std::vector<cv::Mat> rgb(3);
  const cv::Mat light = cv::Scalar::all(top) - inks[3];
  for (size_t c = 0; c < 3; ++c) cv::multiply(cv::Scalar::all(top) - inks[c], light, rgb[c], 1 / top);
  cv::Mat out;
  cv::merge(rgb, out);
  return out;
}

// One scale for all channels of a picture of floats.
void whole_numbers(cv::Mat& pixels, int colors, std::vector<std::string>& notes) {
  const int channels = pixels.channels();
  float largest = 0;
  int64_t odd = 0, outside = 0;
  const auto each = [&](const auto& visit) {
    for (int y = 0; y < pixels.rows; ++y) {
      float* p = pixels.ptr<float>(y);
      for (int i = 0; i < pixels.cols * channels; ++i) visit(p[i], i % channels < colors);
    }
  };
  each([&](float& v, bool color) {
    if (!std::isfinite(v)) {
      v = 0;
      ++odd;
    } else if (color) {
      largest = std::max(largest, v);
    }
  });
  const float top = largest <= 2 ? 1.0f : largest <= 510 ? 255.0f : 65535.0f;
  each([&](float& v, bool color) {
    if (color && (v < 0 || v > top)) ++outside;
    v = std::clamp(v / top, 0.0f, 1.0f);
  });
  if (odd > 0) notes.push_back(std::to_string(odd) + " of its values are no numbers (NaN or infinite) and shown black");
  if (top > 1)
    notes.push_back("its values go up to " + cv::format("%.6g", largest) + " and were taken as 0 to " +
                    std::to_string(static_cast<int>(top)));
  if (outside > 0)
    notes.push_back(std::to_string(outside) + " of its values lie outside 0 to " +
                    std::to_string(static_cast<int>(top)) + " and were cut");
  cv::Mat out;
  pixels.convertTo(out, CV_16U, 65535);
  pixels = out;
}

cv::Mat grey_to_rgb(const cv::Mat& grey) {
  cv::Mat out;
  cv::cvtColor(grey, out, cv::COLOR_GRAY2RGB);
  return out;
}

cv::Mat converted(const cv::Mat& pixels, DecodedPhoto& photo) {
  const Profile profile = open_profile(photo.profile);
  const bool has_profile = !photo.profile.empty();
  cv::Mat out;
  switch (photo.colors) {
    case PhotoColors::Rgb:
      if (has_profile && !profile_is(profile, cmsSigRgbData)) {
        photo.notes.emplace_back("its colour profile is damaged or of another colour space and was left out");
        photo.profile.clear();
      }
      return pixels;
    case PhotoColors::Grey:
      if (profile_is(profile, cmsSigGrayData)) out = through_profile(pixels, profile, TYPE_GRAY_8, TYPE_GRAY_16);
      break;
    case PhotoColors::Cmyk:
      if (profile_is(profile, cmsSigCmykData)) out = through_profile(pixels, profile, TYPE_CMYK_8, TYPE_CMYK_16);
      if (out.empty()) {
        photo.notes.emplace_back(
            "its inks (CMYK) come without a profile that can be used: the colours are approximate");
        out = plain_cmyk(pixels);
      }
      break;
    case PhotoColors::Lab: {
      const Profile lab(cmsCreateLab4Profile(nullptr), cmsCloseProfile);
      out = through_profile(pixels, lab, TYPE_Lab_FLT, TYPE_Lab_FLT);
      break;
    }
  }
  // An RGB profile over grey values, as some programs embed, counts for all three alike.
  const bool keep = out.empty() && profile_is(profile, cmsSigRgbData);
  if (out.empty() && has_profile && !keep)
    photo.notes.emplace_back("its colour profile is damaged or of another colour space and was left out");
  if (!keep) photo.profile.clear();
  return out.empty() ? grey_to_rgb(pixels) : out;
}

}  // namespace

void make_rgb(DecodedPhoto& photo) {
  const int colors = photo.pixels.channels() - (photo.alpha ? 1 : 0);
  if (photo.pixels.depth() == CV_32F && photo.colors != PhotoColors::Lab)
    whole_numbers(photo.pixels, colors, photo.notes);
  cv::Mat alpha;
  if (photo.alpha) {
    cv::extractChannel(photo.pixels, alpha, colors);
    if (photo.colors == PhotoColors::Lab) alpha.convertTo(alpha, CV_16U, alpha.depth() == CV_32F ? 257 : 1);
    if (cv::countNonZero(alpha) == 0) {
      alpha.release();
      photo.notes.emplace_back("all of it is marked transparent, which was taken for a mistake");
    }
  }
  if (photo.colors == PhotoColors::Rgb && photo.alpha && !alpha.empty()) {  // nothing to convert, nothing to copy
    converted(photo.pixels, photo);
    return;
  }
  cv::Mat color = photo.pixels;
  if (photo.alpha) {
    color = cv::Mat(photo.pixels.size(), CV_MAKETYPE(photo.pixels.depth(), colors));
    std::vector<int> from_to;
    for (int c = 0; c < colors; ++c) from_to.insert(from_to.end(), {c, c});
    cv::mixChannels(&photo.pixels, 1, &color, 1, from_to.data(), static_cast<size_t>(colors));
  }
  color = converted(color, photo);
  photo.alpha = !alpha.empty();
  photo.colors = PhotoColors::Rgb;
  if (photo.alpha) {
    const cv::Mat both[] = {color, alpha};
    const int from_to[] = {0, 0, 1, 1, 2, 2, 3, 3};
    cv::Mat whole(color.size(), CV_MAKETYPE(color.depth(), 4));
    cv::mixChannels(both, 2, &whole, 1, from_to, 4);
    photo.pixels = whole;
  } else {
    photo.pixels = color;
  }
}

cv::Mat without_alpha(const cv::Mat& pixels) {
  if (pixels.channels() == 3) return pixels;
  cv::Mat rgb;
  cv::cvtColor(pixels, rgb, cv::COLOR_RGBA2RGB);
  return rgb;
}

cv::Mat over_white(const cv::Mat& pixels) {
  if (pixels.channels() == 3) return pixels;
  cv::Mat out(pixels.size(), CV_MAKETYPE(pixels.depth(), 3));
  const auto blend = [&](auto type) {
    using T = decltype(type);
    constexpr uint64_t kTop = std::numeric_limits<T>::max();
    cv::parallel_for_(cv::Range(0, pixels.rows), [&](const cv::Range& rows) {
      for (int y = rows.start; y < rows.end; ++y) {
        const T* from = pixels.ptr<T>(y);
        T* to = out.ptr<T>(y);
        for (int x = 0; x < pixels.cols; ++x, from += 4, to += 3) {
          for (int c = 0; c < 3; ++c)
            to[c] = static_cast<T>((from[c] * uint64_t{from[3]} + kTop * (kTop - from[3]) + kTop / 2) / kTop);
        }
      }
    });
  };
  if (pixels.depth() == CV_16U)
    blend(uint16_t{});
  else
    blend(uint8_t{});
  return out;
}

void fill_hidden(cv::Mat& rgb, const cv::Mat& alpha) {
  const cv::Mat seen = alpha > 0;
  if (cv::countNonZero(seen) == static_cast<int64_t>(seen.total())) return;
  // Halved until everything is covered, then back: each hidden pixel takes the colours that are nearest.
  std::vector<std::pair<cv::Mat, cv::Mat>> levels;  // colour times weight, weight
  cv::Mat weight, color;
  seen.convertTo(weight, CV_32F, 1.0 / 255);
  cv::Mat weights;
  cv::merge(std::vector<cv::Mat>(3, weight), weights);
  color = rgb.mul(weights);
  levels.emplace_back(color, weight);
  while (levels.back().first.total() > 1) {
    const cv::Size half((color.cols + 1) / 2, (color.rows + 1) / 2);
    cv::resize(levels.back().first, color, half, 0, 0, cv::INTER_AREA);
    cv::resize(levels.back().second, weight, half, 0, 0, cv::INTER_AREA);
    levels.emplace_back(color.clone(), weight.clone());
  }
  cv::Mat below(1, 1, CV_32FC3, cv::Scalar::all(1));  // white
  for (size_t i = levels.size(); i-- > 0;) {
    cv::Mat up;
    cv::resize(below, up, levels[i].first.size(), 0, 0, cv::INTER_LINEAR);
    for (int y = 0; y < up.rows; ++y) {
      for (int x = 0; x < up.cols; ++x) {
        const float w = levels[i].second.at<float>(y, x);
        if (w > 1e-6f) up.at<cv::Vec3f>(y, x) = levels[i].first.at<cv::Vec3f>(y, x) / w;
      }
    }
    below = up;
  }
  below.copyTo(rgb, ~seen);
}

ColorTransform::ColorTransform(const std::string& profile) {
  if (profile.empty()) return;
  cmsHPROFILE photo = cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size())),
              srgb = cmsCreate_sRGBProfile();
  if (photo != nullptr) {
    const auto make = [](cmsHPROFILE from, cmsUInt32Number in, cmsHPROFILE to, cmsUInt32Number out) {
      return cmsCreateTransform(from, in, to, out, INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOCACHE);
    };
    to_ = make(photo, TYPE_RGB_FLT, srgb, TYPE_RGB_FLT);
    from_ = make(srgb, TYPE_RGB_FLT, photo, TYPE_RGB_FLT);
    screen_ = make(photo, TYPE_RGB_8, srgb, TYPE_RGB_8);
    if (to_ == nullptr || from_ == nullptr || screen_ == nullptr) *this = ColorTransform(std::string());
    cmsCloseProfile(photo);
  }
  cmsCloseProfile(srgb);
}

ColorTransform::~ColorTransform() {
  for (void* transform : {to_, from_, screen_}) {
    if (transform != nullptr) cmsDeleteTransform(transform);
  }
}

ColorTransform::ColorTransform(ColorTransform&& other) noexcept { *this = std::move(other); }

ColorTransform& ColorTransform::operator=(ColorTransform&& other) noexcept {
  std::swap(to_, other.to_);
  std::swap(from_, other.from_);
  std::swap(screen_, other.screen_);
  return *this;
}

cv::Mat ColorTransform::to_srgb(const cv::Mat& pixels) const {
  cv::Mat unit;
  without_alpha(pixels).convertTo(unit, CV_32F, pixels.depth() == CV_16U ? 1.0 / 65535 : 1.0 / 255);
  if (identity()) return unit;
  cv::Mat out(unit.size(), CV_32FC3);
  transform_rows(to_, unit, out);
  return cv::min(cv::max(out, 0.0), 1.0);
}

cv::Mat ColorTransform::from_srgb(const cv::Mat& srgb) const {
  if (identity()) return srgb.clone();
  cv::Mat out(srgb.size(), CV_32FC3);
  transform_rows(from_, srgb, out);
  return cv::min(cv::max(out, 0.0), 1.0);
}

cv::Mat ColorTransform::to_screen(const cv::Mat& pixels) const {
  cv::Mat rgb = without_alpha(pixels);
  if (rgb.depth() == CV_16U) {
    cv::Mat reduced;
    rgb.convertTo(reduced, CV_8U, 1.0 / 257);
    rgb = reduced;
  }
  if (identity()) return rgb;
  cv::Mat out(rgb.size(), CV_8UC3);
  transform_rows(screen_, rgb, out);
  return out;
}

}  // namespace mgdm
