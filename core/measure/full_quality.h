// The quality table at full resolution: holes filled and whole photos repaired at their own pixels, as people use the
// program, against what OpenCV has for the same.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/runs/model_pool.h"
#include "core/runs/run_request.h"

namespace mgdm {

struct FullQualityOptions {
  std::filesystem::path photos;  ///< folder; those of at least 2 megapixels count
  /// Folder for table.md, full.json, the first photo's pictures, the inputs that were made and the cells, from which a
  /// measurement that was stopped goes on; may be empty.
  std::filesystem::path out;
  int64_t count = 12;                             ///< photos, evenly spread over the sorted names
  double megapixels = 0;                          ///< centre crop of so many at most; 0: all of the photo
  std::vector<int64_t> holes{40, 100, 200, 400};  ///< sides of the holes, in photo pixels; one of each in each photo
  std::vector<std::string> tasks{"holes", "denoising", "jpeg"};
  double noise = 0.1;             ///< standard deviation, image range -1 to 1
  int64_t jpeg_quality = 15;      ///< IJG
  RunRequest filling, repairing;  ///< sampler, preset and settings of each; the prior is `filling`'s
  ModelPlace place;
};

/// A comparison (core/compare) of photos with a hole or a damage and of methods. Holes: PSNR of the pixels inside, GMSD
/// and SSIM of their bounding square; denoising and jpeg: of the photo. Beside them seconds for each megapixel of what
/// was filled or repaired, and the network's megapixels for one of the photo's. Baselines: Telea, Navier-Stokes,
/// frequency selective reconstruction (Genser et al. 2017) of OpenCV's xphoto where the build has it; non-local means
/// at the best of five strengths for each photo. `say` gets a line after each run. Throws MediaError, SettingError,
/// OperatorError.
nlohmann::json measure_full_quality(const FullQualityOptions& options,
                                    const std::function<void(const std::string&)>& say, std::stop_token stop);
/// The same as a Markdown table.
std::string full_quality_table(const nlohmann::json& report);

}  // namespace mgdm
