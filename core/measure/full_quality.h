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
#include "core/runs/run_session.h"

namespace mgdm {

struct FullQualityOptions {
  std::filesystem::path photos;  ///< folder; those of at least 2 megapixels count
  std::filesystem::path out;     ///< folder for table.md, full.json and the first photo's pictures; may be empty
  int64_t count = 12;            ///< photos, evenly spread over the sorted names
  double megapixels = 0;         ///< centre crop of so many at most; 0: all of the photo
  std::vector<int64_t> holes{40, 100, 200, 400};  ///< sides of the holes, in photo pixels; one of each in each photo
  std::vector<std::string> tasks{"holes", "denoising", "jpeg"};
  double noise = 0.1;             ///< standard deviation, image range -1 to 1
  int64_t jpeg_quality = 15;      ///< IJG
  RunRequest filling, repairing;  ///< prior, sampler, preset and settings of each
};

/// Holes: PSNR of the pixels inside, GMSD and SSIM of their bounding square; denoising and jpeg: of the photo. Beside
/// them seconds for each megapixel of what was filled or repaired, and the network's megapixels for one of the photo's.
/// Baselines: Telea, Navier-Stokes, frequency selective reconstruction (Genser et al. 2017) of OpenCV's xphoto where
/// the build has it; non-local means at the best of five strengths. `say` gets a line after each photo. Throws
/// MediaError, SettingError, OperatorError.
nlohmann::json measure_full_quality(RunSession& session, const FullQualityOptions& options,
                                    const std::function<void(const std::string&)>& say, std::stop_token stop);
/// The same as a Markdown table.
std::string full_quality_table(const nlohmann::json& report);

}  // namespace mgdm
