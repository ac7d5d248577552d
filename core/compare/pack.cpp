#include "core/compare/pack.h"

#include <ATen/ATen.h>

#include <map>

#include "core/checkpoints/safetensors.h"
#include "core/compare/photo_cells.h"
#include "core/compare/sweep.h"
#include "core/errors.h"
#ifdef MGDM_STUDIO
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#endif

namespace mgdm {

namespace fs = std::filesystem;

#ifdef MGDM_STUDIO

size_t pack(const CompareSpec& spec, const std::vector<Cell>& cells, const fs::path& folder, const ModelPlace& place) {
  if (spec.medium != "photo")
    throw SettingError("only inputs of photos need to be packed; the others are read there too");
  std::error_code error;
  fs::create_directories(folder / "inputs", error);
  if (!fs::is_directory(folder / "inputs")) throw MediaError(folder.string() + ": the folder cannot be made");
  ModelPool pool;
  std::vector<Cell> packed = cells;
  std::map<std::string, std::string> files;  // of an input under a task and a model: its file
  for (Cell& cell : packed) {
    nlohmann::json& run = cell.run;
    if (run.contains("classical")) throw SettingError("cell " + cell.label + ": a classical method needs OpenCV there");
    if (run.at("input").contains("packed")) throw SettingError("the inputs are packed already");
    const nlohmann::json what = {run["input"], run["request"]["task"], run["request"]["task_settings"],
                                 run["request"]["observed"], run["request"]["prior"]};
    std::string& file = files[what.dump()];
    if (file.empty()) {
      file = "inputs/" + content_key(spec.medium, run) + ".safetensors";
      const auto prior = pool.get(run["request"]["prior"], place);
      write_safetensors(folder / file, {packed_input(cell, *prior), {}});
    }
    run["input"] = {{"packed", (folder / file).string()}};
    cell.key = content_key(spec.medium, run);
    run["input"]["packed"] = file;
  }
  write_comparison(folder, spec, packed);
  return files.size();
}

std::string picture_of(const CellStore& store, const Cell& cell) {
  const auto result = store.read(cell.key);
  if (!result || result->tensors.count("samples") == 0) return {};
  const at::Tensor& samples = result->tensors.at("samples");
  if (samples.dim() != 4 || samples.scalar_type() != at::kByte || samples.size(1) != 3) return {};
  const at::Tensor hwc = samples[0].permute({1, 2, 0}).contiguous();
  cv::Mat rgb(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)), CV_8UC3, hwc.data_ptr()), bgr;
  cv::cvtColor(rgb, bgr, cv::COLOR_RGB2BGR);
  std::vector<uint8_t> bytes;
  cv::imencode(".png", bgr, bytes);
  return {bytes.begin(), bytes.end()};
}

#else

size_t pack(const CompareSpec&, const std::vector<Cell>&, const fs::path&, const ModelPlace&) {
  throw SettingError("this build reads no photos, so it cannot pack any");
}
std::string picture_of(const CellStore&, const Cell&) { return {}; }

#endif

}  // namespace mgdm
