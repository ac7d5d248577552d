// Pictures that other programs have made, as cells: measured against a reference, compared by eye. In builds with
// OpenCV.
#include <ATen/ATen.h>

#include "core/compare/cell_keys.h"
#include "core/compare/medium.h"
#include "core/compare/photo_cells.h"
#include "core/media/photo_file.h"
#include "core/media/working_area.h"

namespace mgdm {

namespace {

using nlohmann::json;

json complete_picture(const json& given) {
  json keys = given, input = json::object();
  for (const char* key : {"picture", "reference"}) {
    const std::string file = take_text(keys, key);
    if (file.empty()) continue;
    check_file(file);
    input[key] = file;
  }
  if (!input.contains("picture")) throw SettingError("a cell needs a \"picture\"");
  if (!keys.empty()) throw SettingError("a picture has no '" + keys.items().begin().key() + "'");
  return {{"input", input}};
}

std::vector<std::filesystem::path> files_of_picture(const json& run) {
  std::vector<std::filesystem::path> list;
  for (const auto& [key, file] : run.at("input").items()) list.emplace_back(file.get<std::string>());
  return list;
}

at::Tensor signal_of_file(const std::string& file) {
  const Photo photo = read_photo(file);
  const cv::Size size = photo.pixels.size();
  return cut(photo, ColorTransform(photo.color_profile), {{{0, 0}, size}, size.width, size.height});
}

class PictureCells : public CellRunner {
 public:
  double cost(const Cell&) override { return 0; }
  std::optional<CellResult> run(const Cell& cell, int64_t, const std::filesystem::path&, const CellObserver&,
                                std::stop_token) override {
    const json& input = cell.run.at("input");
    PhotoOutcome o;
    o.samples = signal_of_file(input.at("picture")).unsqueeze(0);
    if (input.contains("reference")) {
      o.reference = signal_of_file(input.at("reference"));
      if (o.reference.sizes() != o.samples[0].sizes())
        throw MediaError(input.at("picture").get<std::string>() + ": is not of the reference's size, " +
                         std::to_string(o.reference.size(2)) + "x" + std::to_string(o.reference.size(1)));
    }
    o.record = {{"picture", input.at("picture")}};
    CellResult result = measured(o);
    result.figures.erase("seconds");
    result.figures.erase("peak_memory");
    return result;
  }
};

}  // namespace

ComparedMedium describe_picture() {
  return {.name = "picture",
          .rank = 40,
          .inputs = {"picture"},
          .paths = {"picture", "reference"},
          .settings = {},
          .complete = complete_picture,
          .files = files_of_picture,
          .model = [](const json&) { return std::string(); },
          .runner = [](const ModelPlace&) -> std::unique_ptr<CellRunner> { return std::make_unique<PictureCells>(); }};
}

}  // namespace mgdm
