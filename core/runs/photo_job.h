// A run on files: photo and mask in, pictures and run.json out. Used by the command line and by the
// studio's saving.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/image_file.h"
#include "core/media/working_area.h"
#include "core/runs/run.h"

namespace mgdm {

/// Scales the short side to `size` and crops the centre so that both sides suit the prior (multiples
/// of 8, at most its largest side). uint8 [3, H, W] in and out.
at::Tensor fit_for_prior(const at::Tensor& pixels, int64_t size, const Prior& prior);

/// The mask brought to the photo's working size the same way; `mask` must have the size of the
/// original photo or of the working image. uint8 [H, W]. Throws MediaError naming both sizes.
at::Tensor fit_mask(const at::Tensor& mask, const at::Tensor& original, int64_t size, const Prior& prior,
                    const std::string& mask_name);

/// The working area as run.json keeps it, {"rect": [x, y, w, h], "size": [W, H]}, and back. Throws
/// MediaError if it does not lie in a photo of that size.
nlohmann::json area_json(const WorkingArea& area);
WorkingArea area_from_json(const nlohmann::json& json, cv::Size photo);

/// Metrics of images [B, 3, H, W] against the reference, as {"psnr": [...], "ssim": [...], "gmsd": [...]}.
nlohmann::json image_metrics(const at::Tensor& images, const at::Tensor& reference);

/// `run.record(result)` with metrics of every sample and of their mean if the clean photo is known.
nlohmann::json complete_record(const Run& run, const RunResult& result);

/// Writes observation.png, sample_0.png ..., mean.png (more than one sample), mask.png (if any) and
/// run.json into `folder`, which is made if missing. Throws MediaError.
void write_results(const std::filesystem::path& folder, const Run& run, const RunResult& result,
                   const nlohmann::json& record);

/// Text to a file beside which it is written first. Throws MediaError.
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace mgdm
