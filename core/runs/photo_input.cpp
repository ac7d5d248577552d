#include "core/runs/photo_input.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/media/photo_mask.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

at::Tensor tensor_of(const cv::Mat& mask) {
  const cv::Mat packed = mask.isContinuous() ? mask : mask.clone();
  return at::from_blob(packed.data, {packed.rows, packed.cols}, at::TensorOptions().dtype(at::kByte)).ne(0);
}

std::string size_text(cv::Size size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

// What is cut out of an observation that is smaller than its signal.
WorkingArea shrunk(const WorkingArea& area, double shrink, const Prior& prior) {
  if (shrink <= 1) return area;
  const int multiple = prior.any_size ? 1 : static_cast<int>(prior.size_multiple);
  const auto side = [&](int signal) {
    return std::max(1, static_cast<int>(std::lround(std::max(multiple, signal / multiple * multiple) / shrink)));
  };
  return {area.rect, side(area.width), side(area.height)};
}

}  // namespace

double observation_shrink(const Task& task, const RunRequest& request) {
  if (!request.observed) return 1;
  return shrink_factor(task, complete_settings(task.settings, request.task_settings, "task " + task.name));
}

PhotoSource photo_source(const fs::path& photo, const fs::path& mask) {
  PhotoSource source;
  source.photo = std::make_shared<const Photo>(read_photo(photo));
  source.color = std::make_shared<const ColorTransform>(source.photo->color_profile);
  source.origin = {{"photo", fs::absolute(photo).string()}};
  source.identity = fs::absolute(photo).string();
  for (const std::string& note : source.photo->notes) source.notes.push_back(photo.string() + ": " + note);
  if (!mask.empty()) {
    const PhotoMask read = read_photo_mask(mask);
    source.mask = oriented_as(*source.photo, read);
    source.mask_seen = read.seen;
    if (!read.warning.empty()) source.notes.push_back(mask.string() + ": " + read.warning);
    source.origin["mask"] = fs::absolute(mask).string();
  }
  return source;
}

bool fill_transparent_part(PhotoSource& source) {
  const cv::Mat hole = transparent_part(*source.photo);
  if (hole.empty()) return false;
  source.mask = hole;
  source.mask_seen = "the photo's transparent part";
  source.notes.push_back(source.origin.value("photo", "the photo") +
                         ": no mask was given; its transparent part is filled");
  return true;
}

RunInput PhotoInput::prepare(const Prior& prior, const Task& task, const RunRequest& request) {
  if (prepared_) return *prepared_;
  RunInput input;
  input.signal = cut(*source_.photo, *source_.color, shrunk(area_, observation_shrink(task, request), prior));
  if (const int64_t right = -input.signal.size(2) % task.unit, below = -input.signal.size(1) % task.unit;
      request.observed && prior.any_size && (right != 0 || below != 0)) {
    const auto more = [&](int64_t rest) { return (rest + task.unit) % task.unit; };
    input.signal = at::replication_pad2d(input.signal.unsqueeze(0), {0, more(right), 0, more(below)})[0];
  }
  const cv::Mat& mask = source_.mask;
  if (task.needs_mask && !mask.empty()) {
    const cv::Size photo = source_.photo->pixels.size();
    if (mask.size() == photo) {
      input.hole = cut_mask(mask, area_);
    } else if (mask.size() == cv::Size(area_.width, area_.height)) {
      input.hole = tensor_of(mask);
    } else {
      throw MediaError(source_.origin.value("mask", "the mask") + ": the mask is " + size_text(mask.size()) +
                       ", the photo " + size_text(photo));
    }
  }
  input.origin = source_.origin;
  input.origin["area"] = area_json(area_);
  prepared_ = input;
  return input;
}

std::string PhotoInput::identity() const {
  return source_.identity + "#" + std::to_string(area_.rect.x) + "," + std::to_string(area_.rect.y) + "," +
         size_text(area_.rect.size()) + "," + size_text({area_.width, area_.height});
}

void PhotoInput::check_is(const nlohmann::json& origin) const {
  const auto photo = [](const nlohmann::json& files) { return files.value("photo", std::string()); };
  const bool same_area =
      origin.contains("area") && area_from_json(origin.at("area"), source_.photo->pixels.size()) == area_;
  if (photo(origin) != photo(source_.origin) || !same_area) {
    throw SettingError("the interrupted run was on another photo or working area");
  }
}

}  // namespace mgdm
