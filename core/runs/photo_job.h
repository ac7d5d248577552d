// What is measured of pictures and written of runs.
#pragma once
#include <filesystem>
#include <string>

#include "core/media/image_file.h"
#include "core/media/working_area.h"
#include "core/runs/run_record.h"

namespace mgdm {

/// CV_8UC3 RGB -> float32 [1, 3, H, W] in [-1, 1].
at::Tensor picture_signal(const cv::Mat& rgb);

/// Metrics of images [B, 3, H, W] against the reference, as {"psnr": [...], "ssim": [...], "gmsd": [...]}.
nlohmann::json image_metrics(const at::Tensor& images, const at::Tensor& reference);

/// `run_record` with metrics of every sample and of their mean if the clean photo is known.
nlohmann::json complete_record(const Run& run, const RunResult& result, const RecordContext& context = {});

/// Text to a file beside which it is written first. Throws MediaError.
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace mgdm
