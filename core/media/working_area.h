// The part of a photo that the network sees: a rectangle of photo pixels, scaled to network pixels, and
// the way back: the result put into the full photo with a feathered edge.
//
// What is outside the area, or inside it but not painted, is not touched: bit for bit.
#pragma once
#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>
#include <opencv2/core.hpp>

#include "core/media/photo_file.h"

namespace mgdm {

struct WorkingArea {
  cv::Rect rect;              ///< photo pixels, inside the photo
  int width = 0, height = 0;  ///< network pixels
  /// Photo pixels in one network pixel.
  double scale() const { return static_cast<double>(rect.width) / width; }
  bool operator==(const WorkingArea&) const = default;
};

/// What a network takes.
struct NetworkSizes {
  int multiple = 8, smallest = 64, largest = 512;
};

/// The whole photo with `short_side` network pixels on its short side where its shape allows that (long
/// side at most `sizes.largest`; rounded to the multiple); else the largest centred square.
WorkingArea whole_photo_area(cv::Size photo, int short_side, const NetworkSizes& sizes = {});

/// A square around `centre` with `side` photo pixels (clamped to the photo) seen as `network` x `network`.
WorkingArea square_area(cv::Size photo, cv::Point2d centre, double side, int network, const NetworkSizes& sizes = {});

/// float32 [3, height, width] in [-1, 1], sRGB. Area averaging where the photo is larger, cubic where it is
/// smaller, untouched at scale 1. What is transparent all through comes as its surroundings: colours that nobody sees
/// are no picture.
at::Tensor cut(const Photo& photo, const ColorTransform& color, const WorkingArea& area);

/// bool [height, width] from a mask of the photo's size (CV_8UC1, nonzero = fill): true where the painted
/// part touches the network pixel.
at::Tensor cut_mask(const cv::Mat& mask, const WorkingArea& area);

/// How a result goes back.
struct PasteOptions {
  cv::Mat mask;         ///< of the photo's size, CV_8UC1: only painted pixels change. Empty: the whole area does.
  double feather = -1;  ///< width of the soft edge in photo pixels, inside the changed part; < 0: one network
                        ///< pixel along a painted edge, 16 along the area's own (none at the photo's border)
  bool fills = false;   ///< what is pasted is seen where the photo is transparent; else alpha stays as it is
};

/// Weight of the result for each pixel of `area.rect`, CV_32FC1 in [0, 1]; 0 = keeps the photo's pixel.
cv::Mat paste_weight(cv::Size photo, const WorkingArea& area, const PasteOptions& options);

/// `signal`: float32 [3, height, width] in [-1, 1], sRGB. Changes `photo.pixels` (its colours; its
/// alpha where `fills` says so) in `area.rect` only. A painted pixel's grey value 0 < v < 255 is its opacity.
void paste(Photo& photo, const ColorTransform& color, const WorkingArea& area, const at::Tensor& signal,
           const PasteOptions& options = {});

/// The last step alone: `srgb` (CV_32FC3 in [0, 1], any size) over `pixels` (8 or 16 bit, RGB or RGBA) with a
/// weight of their size; pixels of weight 0 are not touched. `fills`: what is pasted is seen where the photo is
/// transparent, and the colours that were hidden there are not mixed in; else alpha stays as it is, and
/// so do pixels that are transparent all through.
void paste_weighted(cv::Mat& pixels, const ColorTransform& color, const cv::Mat& srgb, const cv::Mat& weight,
                    bool fills = false);

/// The working area as run.json keeps it, {"rect": [x, y, w, h], "size": [W, H]}, and back. Throws
/// MediaError if it does not lie in a photo of that size.
nlohmann::json area_json(const WorkingArea& area);
WorkingArea area_from_json(const nlohmann::json& json, cv::Size photo);

/// Estimated standard deviation of white noise in an image in [-1, 1] (float32 [3, H, W]): the median of
/// the absolute diagonal Haar details over 0.6745 (Donoho and Johnstone 1994), the smallest of the three
/// channels' since texture only adds. 0 of an image with less than two rows or columns, which does not tell.
double estimate_noise(const at::Tensor& image);

}  // namespace mgdm
