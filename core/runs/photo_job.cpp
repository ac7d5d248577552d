#include "core/runs/photo_job.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>

#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "core/media/gmsd.h"
#include "core/metrics/image_metrics.h"

namespace mgdm {

namespace fs = std::filesystem;

at::Tensor fit_for_prior(const at::Tensor& pixels, int64_t size, const Prior& prior) {
  at::Tensor fitted = fit_image(pixels, size, false);
  for (const int64_t dim : {1, 2}) {
    const int64_t side = fitted.size(dim),
                  kept = std::min(side, prior.max_size) / prior.size_multiple * prior.size_multiple;
    fitted = fitted.narrow(dim, (side - kept) / 2, kept);
  }
  return fitted.contiguous();
}

at::Tensor fit_mask(const at::Tensor& mask, const at::Tensor& original, int64_t size, const Prior& prior,
                    const std::string& mask_name) {
  const at::Tensor working = fit_for_prior(original, size, prior);
  if (mask.size(0) == working.size(1) && mask.size(1) == working.size(2)) return mask;
  if (mask.size(0) != original.size(1) || mask.size(1) != original.size(2)) {
    throw MediaError(mask_name + ": the mask is " + std::to_string(mask.size(1)) + "x" + std::to_string(mask.size(0)) +
                     ", the photo " + std::to_string(original.size(2)) + "x" + std::to_string(original.size(1)));
  }
  const at::Tensor scaled = fit_for_prior(mask.unsqueeze(0).repeat({3, 1, 1}), size, prior);
  // Any pixel that the painted area touches is painted.
  return scaled[0].gt(0).to(at::kByte).mul(255);
}

nlohmann::json area_json(const WorkingArea& a) {
  return {{"rect", {a.rect.x, a.rect.y, a.rect.width, a.rect.height}}, {"size", {a.width, a.height}}};
}

WorkingArea area_from_json(const nlohmann::json& json, cv::Size photo) {
  try {
    const auto rect = json.at("rect").get<std::array<int, 4>>();
    const auto size = json.at("size").get<std::array<int, 2>>();
    WorkingArea area{{rect[0], rect[1], rect[2], rect[3]}, size[0], size[1]};
    if (rect[0] < 0 || rect[1] < 0 || rect[2] < 1 || rect[3] < 1 || rect[2] > photo.width - rect[0] ||
        rect[3] > photo.height - rect[1] || size[0] < 1 || size[1] < 1 || size[0] > 8192 || size[1] > 8192) {
      throw MediaError("the run file's working area does not lie in the photo, which is " +
                       std::to_string(photo.width) + "x" + std::to_string(photo.height));
    }
    return area;
  } catch (const nlohmann::json::exception&) {
    throw MediaError("the run file's working area is damaged");
  }
}

nlohmann::json image_metrics(const at::Tensor& images, const at::Tensor& reference) {
  const auto list = [](const at::Tensor& values) {
    const at::Tensor v = values.to(at::kDouble).contiguous();
    return std::vector<double>(v.data_ptr<double>(), v.data_ptr<double>() + v.numel());
  };
  const at::Tensor repeated = reference.expand_as(images);
  return {{"psnr", list(psnr(images, repeated))},
          {"ssim", list(ssim(images, repeated))},
          {"gmsd", list(gmsd(images, repeated))}};
}

nlohmann::json complete_record(const Run& run, const RunResult& result) {
  nlohmann::json record = run.record(result);
  if (run.problem().reference.defined()) {
    record["metrics"] = image_metrics(result.samples, run.problem().reference);
    if (result.samples.size(0) > 1) {
      record["metrics_of_mean"] = image_metrics(result.samples.mean(0, true), run.problem().reference);
    }
  }
  return record;
}

void write_text(const fs::path& file, const std::string& text) { write_file_bytes(file, text); }

void write_results(const fs::path& folder, const Run& run, const RunResult& result, const nlohmann::json& record) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw MediaError(folder.string() + ": the folder cannot be made: " + error.message());
  write_image(folder / "observation.png", to_pixels(run.problem().observation_image()[0]));
  for (int64_t i = 0; i < result.samples.size(0); ++i) {
    write_image(folder / ("sample_" + std::to_string(i) + ".png"), to_pixels(result.samples[i]));
  }
  if (result.samples.size(0) > 1) write_image(folder / "mean.png", to_pixels(result.samples.mean(0)));
  write_text(folder / "run.json", json_text(record, 2) + "\n");
}

}  // namespace mgdm
