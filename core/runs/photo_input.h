// The one way from a photo and a mask to what a network sees, for the studio and the command line: at full precision,
// through the photo's colour profile, a working area averaged down or enlarged.
#pragma once
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>

#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "core/runs/run_input.h"

namespace mgdm {

/// What of a photo is worked on.
struct AreaWish {
  std::optional<WorkingArea> area = {};  ///< exactly this; else the whole photo:
  int64_t short_side = 0;   ///< with so many network pixels on its short side; 0: the model's own size, else 256
  bool own_pixels = false;  ///< at its own pixels, in overlapping tiles of the model's size
};

class PhotoInput : public InputSource {
 public:
  /// `mask`: CV_8UC1, nonzero = fill, of the photo's size or of the network's; empty: none. `origin`: what the record
  /// says of the files beside the area. The photo is let go after the first `prepare`, the mask too.
  PhotoInput(std::shared_ptr<const Photo> photo, std::shared_ptr<const ColorTransform> color, cv::Mat mask,
             AreaWish wish, nlohmann::json origin, std::string identity = {});

  RunInput prepare(const Prior& prior, const Task& task, const RunRequest& request) override;
  std::string identity() const override;
  void check_is(const nlohmann::json& origin) const override;

  /// Where the result belongs; known after `prepare`.
  const WorkingArea& area() const { return area_; }
  /// How many pixels of the result there are to one of the area's, each way (super-resolution of an observation: its
  /// factor).
  double enlarged_by() const { return shrink_; }

 private:
  WorkingArea wished_area(const Prior& prior) const;

  std::shared_ptr<const Photo> photo_;
  std::shared_ptr<const ColorTransform> color_;
  cv::Mat mask_;
  cv::Size size_;
  AreaWish wish_;
  nlohmann::json origin_;
  std::string identity_;
  WorkingArea area_;
  double shrink_ = 1;
  std::optional<RunInput> prepared_;
  int64_t prepared_multiple_ = 0;
};

/// Reads photo and mask (`mask` may be empty). Throws MediaError.
std::unique_ptr<PhotoInput> photo_input_from_files(const std::filesystem::path& photo,
                                                   const std::filesystem::path& mask, const AreaWish& wish);

/// How many times smaller an observation is than its signal under this request; 1 for a clean photo.
double observation_shrink(const Task& task, const RunRequest& request);

}  // namespace mgdm
