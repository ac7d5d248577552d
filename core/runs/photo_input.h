// The one way from a photo and a mask to what a network sees, for the studio and the command line: at full precision,
// through the photo's colour profile, a working area averaged down or enlarged.
#pragma once
#include <filesystem>
#include <memory>
#include <opencv2/core.hpp>
#include <optional>
#include <string>

#include "core/media/photo_file.h"
#include "core/media/working_area.h"
#include "core/runs/run_input.h"

namespace mgdm {

struct PhotoSource {
  std::shared_ptr<const Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  cv::Mat mask;                    ///< CV_8UC1, nonzero = fill, of the photo's size (or the network's); empty: none
  std::string mask_seen;           ///< what was taken as paint, for messages
  std::vector<std::string> notes;  ///< sentences, each with its file, of what a person should know of both
  nlohmann::json origin;           ///< what the record says of the files
  std::string identity;            ///< of this photo within this process
};

/// Reads photo and mask (`mask` may be empty): `read_photo`, `read_photo_mask`, `oriented_as`. Throws MediaError.
PhotoSource photo_source(const std::filesystem::path& photo, const std::filesystem::path& mask);

/// Takes the photo's own transparent part as mask, and notes it. False: it has none, nothing is changed.
bool fill_transparent_part(PhotoSource& source);

/// One working area of a photo.
class PhotoInput : public InputSource {
 public:
  PhotoInput(const PhotoSource& source, const WorkingArea& area) : source_(source), area_(area) {}

  /// The record's "files" are the origin and the area. The signal is larger than the area where the task wants a
  /// multiple of its unit.
  RunInput prepare(const Prior& prior, const Task& task, const RunRequest& request) override;
  std::string identity() const override;
  void check_is(const nlohmann::json& origin) const override;

 private:
  PhotoSource source_;
  WorkingArea area_;
  std::optional<RunInput> prepared_;
};

/// How many times smaller an observation is than its signal under this request; 1 for a clean photo.
double observation_shrink(const Task& task, const RunRequest& request);

}  // namespace mgdm
