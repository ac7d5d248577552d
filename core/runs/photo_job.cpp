#include "core/runs/photo_job.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/metrics/image_metrics.h"

namespace mgdm {

namespace fs = std::filesystem;

at::Tensor picture_signal(const cv::Mat& rgb) {
  const cv::Mat packed = rgb.isContinuous() ? rgb : rgb.clone();
  return to_signal(at::from_blob(packed.data, {packed.rows, packed.cols, 3}, at::TensorOptions().dtype(at::kByte))
                       .permute({2, 0, 1})
                       .contiguous())
      .unsqueeze(0);
}

nlohmann::json image_metrics(const at::Tensor& images, const at::Tensor& reference) {
  const auto list = [](const at::Tensor& values) {
    const at::Tensor v = values.to(at::kDouble).contiguous();
    return std::vector<double>(v.data_ptr<double>(), v.data_ptr<double>() + v.numel());
  };
  const at::Tensor repeated = reference.expand_as(images);
  nlohmann::json all;
  for (const ImageMetric& metric : image_metrics()) all[metric.name] = list(metric.measure(images, repeated));
  return all;
}

nlohmann::json complete_record(const Run& run, const RunResult& result, const RecordContext& context) {
  nlohmann::json record = run_record(run, result, context);
  if (run.problem().reference.defined()) {
    record["metrics"] = image_metrics(result.samples, run.problem().reference);
    if (result.samples.size(0) > 1) {
      record["metrics_of_mean"] = image_metrics(result.samples.mean(0, true), run.problem().reference);
    }
  }
  return record;
}

void write_text(const fs::path& file, const std::string& text) { write_file_bytes(file, text); }

}  // namespace mgdm
