// The quality table: a sampler against the classical method for each of five degradations (and any other task against
// the observation itself), on held-out photos.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/priors/prior.h"

namespace mgdm {

struct QualityOptions {
  std::filesystem::path photos;  ///< folder
  std::filesystem::path out;  ///< folder for table.md, quality.json and the pictures of the first photo; may be empty
  int64_t count = 24;         ///< photos, evenly spread over the sorted names
  int64_t size = 256;         ///< centre crops
  int64_t samples = 4;
  int64_t hole = 0;  ///< inpainting: a square of so many pixels in the middle instead of strokes
  std::vector<std::string> tasks{"inpainting", "sr4", "blur", "denoising",
                                 "jpeg"};  ///< these five, or any task without a mask
  std::string sampler = "mgdm";
  std::string preset = "balanced";
  nlohmann::json sampler_settings = nlohmann::json::object();
  nlohmann::json task_settings = nlohmann::json::object();  ///< of the degradation; where there is one task only
};

/// Strokes inpainting (25 % masked), SR x4, Gaussian blur (noise 0.05 both), denoising (0.2), JPEG
/// quality 5; other tasks with their default settings. JSON: for each task the mean PSNR, SSIM, GMSD of one sample, of
/// the mean of the samples and of each classical baseline, with the seconds of a sample. `say` gets a line after each
/// photo. A baseline with a free strength is given the one best for it on these very photos. With `out`, each finished
/// row is kept in out/rows.json and a measurement of the same settings goes on from there. Throws SettingError,
/// OperatorError, MediaError.
nlohmann::json measure_quality(std::shared_ptr<const Prior> prior, const QualityOptions& options,
                               const std::function<void(const std::string&)>& say, std::stop_token stop);
/// The same as a Markdown table.
std::string quality_table(const nlohmann::json& report);

/// Random strokes that cover `share` of the image, uint8 [H, W].
at::Tensor random_strokes(int64_t height, int64_t width, double share, uint64_t seed);

}  // namespace mgdm
