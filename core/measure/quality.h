// The quality table: a sampler against the classical method for each of five degradations (and any other task against
// the observation itself), on held-out photos. A comparison (core/compare) of photos, tasks and methods.
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compare/spec.h"
#include "core/runs/model_pool.h"

namespace mgdm {

struct QualityOptions {
  std::filesystem::path photos;  ///< folder
  /// Folder for table.md, quality.json, the pictures of the first photos and the cells, from which a measurement that
  /// was stopped goes on; may be empty.
  std::filesystem::path out;
  int64_t count = 24;  ///< photos, evenly spread over the sorted names
  int64_t size = 256;  ///< centre crops
  int64_t samples = 4;
  int64_t hole = 0;  ///< inpainting: a square of so many pixels in the middle instead of strokes
  std::vector<std::string> tasks{"inpainting", "sr4", "blur", "denoising",
                                 "jpeg"};  ///< these five, or any task without a mask
  std::string prior = "photo";             ///< model name, card or weights
  std::string sampler = "mgdm";
  std::string preset = "balanced";
  nlohmann::json sampler_settings = nlohmann::json::object();
  nlohmann::json task_settings = nlohmann::json::object();  ///< of the degradation; where there is one task only
  ModelPlace place;
};

/// The comparison that is measured: axes photo, task, method. Throws SettingError, MediaError.
CompareSpec quality_spec(const QualityOptions& options);

/// Strokes inpainting (25 % masked), SR x4, Gaussian blur (noise 0.05 both), denoising (0.2), JPEG
/// quality 5; other tasks with their default settings. JSON: for each task the mean PSNR, SSIM, GMSD of one sample, of
/// the mean of the samples and of each classical baseline, with the seconds of a sample. `say` gets a line after each
/// run. A baseline with a free strength is given the one best for it on these very photos. Throws SettingError,
/// OperatorError, MediaError, ModelError.
nlohmann::json measure_quality(const QualityOptions& options, const std::function<void(const std::string&)>& say,
                               std::stop_token stop);
/// The same as a Markdown table.
std::string quality_table(const nlohmann::json& report);

}  // namespace mgdm
