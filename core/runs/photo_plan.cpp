#include "core/runs/photo_plan.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "core/errors.h"
#include "core/priors/windows.h"

namespace mgdm {

namespace {

constexpr int kSeenAcross = 32;       // network pixels of a hole that a network fills in one pass
constexpr int kContext = 48;          // network pixels around a hole, at every scale
constexpr int kSmallestSide = 192;    // network pixels of an area, where the photo has them
constexpr double kRefinedFrom = 0.5;  // noise: above what halving a photo takes away, below its large shapes
constexpr size_t kManyRegions = 200;  // from here on near ones are put together more boldly

struct Line {  // of one axis
  int begin = 0, length = 0;
};

// `need` grown to `want` pixels and to a whole number of `unit`s where the photo has room, kept inside of it.
Line around(Line need, int want, int unit, int photo) {
  int length = std::max(need.length, want);
  length = (length + unit - 1) / unit * unit;
  if (length > photo) length = std::max(need.length, photo / unit * unit);
  const int middle = need.begin + need.length / 2;
  int begin = std::clamp(middle - length / 2, 0, photo - length);
  if (begin > need.begin) begin = need.begin;
  if (begin + length < need.begin + need.length) begin = need.begin + need.length - length;
  return {begin, length};
}

int network_side(int pixels, int scale, const Prior& prior) {
  const int side = std::max(1, static_cast<int>(std::lround(static_cast<double>(pixels) / scale)));
  const auto multiple = static_cast<int>(prior.size_multiple);
  if (prior.any_size && side >= prior.min_size) return side;
  return std::max((side + multiple / 2) / multiple * multiple,
                  static_cast<int>((prior.min_size + multiple - 1) / multiple) * multiple);
}

WorkingArea area_around(const cv::Rect& hole, int scale, cv::Size photo, const Prior& prior) {
  const int unit = static_cast<int>(prior.size_multiple) * scale, margin = kContext * scale,
            least = kSmallestSide * scale;
  const Line x = around({hole.x, hole.width}, std::max(least, hole.width + 2 * margin), unit, photo.width),
             y = around({hole.y, hole.height}, std::max(least, hole.height + 2 * margin), unit, photo.height);
  return {{x.begin, y.begin, x.length, y.length},
          network_side(x.length, scale, prior),
          network_side(y.length, scale, prior)};
}

struct Region {
  cv::Rect bounds;
  int across = 0;  // the widest place of its paint, which may be a thin line through much of the photo
};

PhotoPlan passes_of(const Region& region, cv::Size photo, const Prior& prior) {
  int coarsest = 1;
  while (region.across > kSeenAcross * coarsest) coarsest *= 2;
  PhotoPlan plan;
  for (int scale = coarsest; scale >= 1; scale /= 2) {
    plan.push_back(
        {area_around(region.bounds, scale, photo, prior), region.bounds, scale == coarsest ? 0 : kRefinedFrom});
  }
  return plan;
}

double cost(const Region& region, cv::Size photo, const Prior& prior) {
  double sum = 0;
  for (const PhotoPass& pass : passes_of(region, photo, prior)) sum += megapixels_seen(pass, prior);
  return sum;
}

// Paint that reaches the photo's border has no context there, so its half counts as all.
int widest_place(const cv::Mat& paint) {
  cv::Mat distance;
  cv::distanceTransform(paint > 0, distance, cv::DIST_L2, cv::DIST_MASK_3);
  double most = 0;
  cv::minMaxLoc(distance, nullptr, &most);
  return static_cast<int>(std::ceil(2 * std::min<double>(most, std::max(paint.cols, paint.rows))));
}

// Bounds of what is painted, one for each group of paint that is nearer than about two `cell`s.
std::vector<cv::Rect> painted_groups(const cv::Mat& paint, int cell) {
  cv::Mat coarse;
  const cv::Size size((paint.cols + cell - 1) / cell, (paint.rows + cell - 1) / cell);
  coarse = cv::Mat::zeros(size, CV_8UC1);
  for (int y = 0; y < paint.rows; ++y) {
    const uchar* line = paint.ptr<uchar>(y);
    uchar* to = coarse.ptr<uchar>(y / cell);
    for (int x = 0; x < paint.cols; ++x) {
      if (line[x] != 0) to[x / cell] = 255;
    }
  }
  cv::Mat near, labels;
  cv::dilate(coarse, near, cv::Mat::ones(3, 3, CV_8UC1));
  const int count = cv::connectedComponents(near, labels, 8, CV_32S);
  std::vector<cv::Rect> bounds(static_cast<size_t>(count));
  for (int y = 0; y < paint.rows; ++y) {
    const uchar* line = paint.ptr<uchar>(y);
    const int* label = labels.ptr<int>(y / cell);
    for (int x = 0; x < paint.cols; ++x) {
      if (line[x] == 0) continue;
      cv::Rect& b = bounds[static_cast<size_t>(label[x / cell])];
      if (b.empty()) {
        b = {x, y, 1, 1};
      } else {
        const int left = std::min(b.x, x), right = std::max(b.br().x, x + 1);
        b = {left, b.y, right - left, y + 1 - b.y};
      }
    }
  }
  bounds.erase(std::remove_if(bounds.begin(), bounds.end(), [](const cv::Rect& r) { return r.empty(); }), bounds.end());
  return bounds;
}

// Regions that overlap are one; so are those that cost less together.
void join(std::vector<Region>& regions, cv::Size photo, const Prior& prior) {
  std::vector<double> costs;
  for (const Region& r : regions) costs.push_back(cost(r, photo, prior));
  for (bool joined = true; joined;) {
    joined = false;
    for (size_t i = 0; i < regions.size(); ++i) {
      for (size_t k = i + 1; k < regions.size();) {
        const Region both{regions[i].bounds | regions[k].bounds, std::max(regions[i].across, regions[k].across)};
        const double together = cost(both, photo, prior);
        if ((regions[i].bounds & regions[k].bounds).empty() && together > costs[i] + costs[k]) {
          ++k;
          continue;
        }
        regions[i] = both;
        costs[i] = together;
        regions.erase(regions.begin() + static_cast<std::ptrdiff_t>(k));
        costs.erase(costs.begin() + static_cast<std::ptrdiff_t>(k));
        joined = true;
      }
    }
  }
}

}  // namespace

bool finishes_region(const PhotoPlan& plan, size_t pass) {
  return pass + 1 >= plan.size() || plan[pass + 1].refines == 0;
}

PhotoPlan plan_filling(const cv::Mat& mask, const Prior& prior, const std::optional<cv::Rect>& within) {
  const cv::Rect whole({0, 0}, mask.size()), part = within.value_or(whole);
  const cv::Mat paint = mask(part);
  std::vector<cv::Rect> groups;
  for (int cell = 8;; cell *= 2) {
    groups = painted_groups(paint, cell);
    if (groups.size() <= kManyRegions || cell >= 256) break;
  }
  std::vector<Region> regions;
  for (const cv::Rect& r : groups) {
    const cv::Rect wider = cv::Rect(r.x - 1, r.y - 1, r.width + 2, r.height + 2) & cv::Rect({0, 0}, paint.size());
    regions.push_back({r, widest_place(paint(wider))});
  }
  PhotoPlan plan;
  if (within) {  // one region: the person has said what belongs together
    Region all;
    for (const Region& r : regions) all = {all.bounds | r.bounds, std::max(all.across, r.across)};
    if (all.bounds.empty()) return plan;
    plan = passes_of(all, part.size(), prior);
  } else {
    join(regions, part.size(), prior);
    for (const Region& r : regions) {
      const PhotoPlan more = passes_of(r, part.size(), prior);
      plan.insert(plan.end(), more.begin(), more.end());
    }
  }
  for (PhotoPass& pass : plan) {
    pass.area.rect += part.tl();
    pass.kept += part.tl();
  }
  return plan;
}

PhotoPlan plan_repair(const cv::Rect& part, const Prior& prior) {
  cv::Rect seen = part;
  if (!prior.any_size) {
    const auto multiple = static_cast<int>(prior.size_multiple);
    seen.width = part.width / multiple * multiple;
    seen.height = part.height / multiple * multiple;
    seen.x += (part.width - seen.width) / 2;
    seen.y += (part.height - seen.height) / 2;
  }
  if (std::min(part.width, part.height) < prior.min_size || std::max(part.width, part.height) > prior.max_size) {
    throw OperatorError("the photo is " + std::to_string(part.width) + "x" + std::to_string(part.height) + "; model '" +
                        prior.name + "' takes sides from " + std::to_string(prior.min_size) + " to " +
                        std::to_string(prior.max_size) + " pixels: scale it with a size");
  }
  return {{{seen, seen.width, seen.height}, seen, 0}};
}

double megapixels_seen(const PhotoPass& pass, const Prior& prior) {
  return static_cast<double>(pixels_through_windows(pass.area.height, pass.area.width, prior.windows)) * 1e-6;
}

nlohmann::json plan_json(const PhotoPlan& plan) {
  nlohmann::json list = nlohmann::json::array();
  for (const PhotoPass& pass : plan) {
    nlohmann::json one = area_json(pass.area);
    one["kept"] = {pass.kept.x, pass.kept.y, pass.kept.width, pass.kept.height};
    one["refines"] = pass.refines;
    list.push_back(std::move(one));
  }
  return list;
}

PhotoPlan plan_from_json(const nlohmann::json& json, cv::Size photo) {
  PhotoPlan plan;
  try {
    for (const nlohmann::json& one : json) {
      PhotoPass pass;
      pass.area = area_from_json(one, photo);
      const auto kept = one.at("kept").get<std::array<int, 4>>();
      pass.kept = {kept[0], kept[1], kept[2], kept[3]};
      pass.refines = one.at("refines").get<double>();
      const bool same_region = plan.empty() ? pass.refines == 0 : pass.refines == 0 || pass.kept == plan.back().kept;
      if (pass.kept.empty() || (pass.kept & pass.area.rect) != pass.kept ||
          !(pass.refines >= 0 && pass.refines <= 1000) || !same_region)
        throw MediaError("the run file's plan of areas is damaged");
      plan.push_back(pass);
    }
  } catch (const nlohmann::json::exception&) {
    throw MediaError("the run file's plan of areas is damaged");
  }
  if (plan.empty()) throw MediaError("the run file's plan of areas is damaged");
  return plan;
}

}  // namespace mgdm
