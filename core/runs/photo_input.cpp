#include "core/runs/photo_input.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

NetworkSizes sizes_of(const Prior& prior) {
  return {static_cast<int>(prior.size_multiple), static_cast<int>(prior.min_size), static_cast<int>(prior.max_size)};
}

void check_side(const Prior& prior, int64_t side) {
  if (side >= prior.min_size && side <= prior.max_size && side % prior.size_multiple == 0) return;
  throw SettingError("size is " + std::to_string(side) + ", must be a multiple of " +
                     std::to_string(prior.size_multiple) + " from " + std::to_string(prior.min_size) + " to " +
                     std::to_string(prior.max_size));
}

// The photo at its own pixels, but for what a multiple of the model's leaves over at its borders.
WorkingArea own_pixels_area(cv::Size photo, const Prior& prior) {
  if (prior.native_size == 0)
    throw SettingError("tiles: model '" + prior.name + "' has no tile size of its own; it sees up to " +
                       std::to_string(prior.max_size) + " pixels at once, see the size");
  if (std::max(photo.width, photo.height) > prior.max_size || std::min(photo.width, photo.height) < prior.min_size) {
    throw OperatorError("tiles: the photo is " + std::to_string(photo.width) + "x" + std::to_string(photo.height) +
                        ", sides must be " + std::to_string(prior.min_size) + " to " + std::to_string(prior.max_size) +
                        " pixels; scale it instead");
  }
  const auto multiple = static_cast<int>(prior.size_multiple);
  const int width = photo.width / multiple * multiple, height = photo.height / multiple * multiple;
  return {{(photo.width - width) / 2, (photo.height - height) / 2, width, height}, width, height};
}

at::Tensor tensor_of(const cv::Mat& mask) {
  const cv::Mat packed = mask.isContinuous() ? mask : mask.clone();
  return at::from_blob(packed.data, {packed.rows, packed.cols}, at::TensorOptions().dtype(at::kByte)).ne(0);
}

std::string size_text(cv::Size size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

}  // namespace

double observation_shrink(const Task& task, const RunRequest& request) {
  if (!request.observed) return 1;
  return shrink_factor(task, complete_settings(task.settings, request.task_settings, "task " + task.name));
}

PhotoInput::PhotoInput(std::shared_ptr<const Photo> photo, std::shared_ptr<const ColorTransform> color, cv::Mat mask,
                       AreaWish wish, nlohmann::json origin, std::string identity)
    : photo_(std::move(photo)),
      color_(std::move(color)),
      mask_(std::move(mask)),
      size_(photo_->pixels.size()),
      wish_(std::move(wish)),
      origin_(std::move(origin)),
      identity_(std::move(identity)) {}

WorkingArea PhotoInput::wished_area(const Prior& prior) const {
  if (wish_.area) return *wish_.area;
  if (wish_.own_pixels) return own_pixels_area(size_, prior);
  const int64_t side = wish_.short_side > 0 ? wish_.short_side : prior.native_size > 0 ? prior.native_size : 256;
  check_side(prior, side);
  return whole_photo_area(size_, static_cast<int>(side), sizes_of(prior));
}

RunInput PhotoInput::prepare(const Prior& prior, const Task& task, const RunRequest& request) {
  if (prepared_) return *prepared_;
  area_ = wished_area(prior);
  shrink_ = observation_shrink(task, request);
  WorkingArea seen = area_;
  if (shrink_ > 1) {
    const auto multiple = static_cast<int>(prior.size_multiple);
    const auto seen_side = [&](int side) {
      return std::max(1, static_cast<int>(std::lround(std::max(multiple, side / multiple * multiple) / shrink_)));
    };
    seen.width = seen_side(area_.width);
    seen.height = seen_side(area_.height);
  }
  RunInput input;
  input.signal = cut(*photo_, *color_, seen);
  if (task.needs_mask && !mask_.empty()) {
    if (mask_.size() == size_) {
      input.hole = cut_mask(mask_, area_);
    } else if (mask_.size() == cv::Size(area_.width, area_.height)) {
      input.hole = tensor_of(mask_);
    } else {
      throw MediaError(origin_.value("mask", "the mask") + ": the mask is " + size_text(mask_.size()) + ", the photo " +
                       size_text(size_));
    }
  }
  input.origin = origin_;
  input.origin["area"] = area_json(area_);
  prepared_ = input;
  photo_.reset();  // the document may change its pixels again without copying them
  mask_.release();
  return input;
}

std::string PhotoInput::identity() const {
  return identity_ + (wish_.area ? "#" + std::to_string(wish_.area->rect.x) + "," + std::to_string(wish_.area->rect.y) +
                                       "," + size_text(wish_.area->rect.size()) + "," +
                                       std::to_string(wish_.area->width) + "x" + std::to_string(wish_.area->height)
                                 : std::string());
}

void PhotoInput::check_is(const nlohmann::json& origin) const {
  const auto photo = [](const nlohmann::json& files) { return files.value("photo", std::string()); };
  const bool same_area =
      wish_.area && origin.contains("area") && area_from_json(origin.at("area"), size_) == *wish_.area;
  if (photo(origin) != photo(origin_) || !same_area) {
    throw SettingError("the interrupted run was on another photo or working area");
  }
}

std::unique_ptr<PhotoInput> photo_input_from_files(const fs::path& photo, const fs::path& mask, const AreaWish& wish) {
  auto read = std::make_shared<const Photo>(read_photo(photo));
  auto color = std::make_shared<const ColorTransform>(read->color_profile);
  nlohmann::json origin = {{"photo", fs::absolute(photo).string()}};
  cv::Mat painted;
  if (!mask.empty()) {
    const at::Tensor values = read_mask(mask);
    painted =
        cv::Mat(static_cast<int>(values.size(0)), static_cast<int>(values.size(1)), CV_8UC1, values.data_ptr()).clone();
    origin["mask"] = fs::absolute(mask).string();
  }
  return std::make_unique<PhotoInput>(std::move(read), std::move(color), std::move(painted), wish, std::move(origin));
}

}  // namespace mgdm
