#include "core/measure/full_quality.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <random>

#include "core/compare/classical.h"
#include "core/compare/sweep.h"
#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/files/scratch_folder.h"
#include "core/media/image_file.h"
#include "core/runs/photo_job.h"
#include "core/runs/photo_run.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

cv::Mat clean_photo(const fs::path& file, double megapixels) {
  const Photo photo = read_photo(file);
  cv::Mat rgb = photo.pixels;
  if (photo.has_alpha()) cv::cvtColor(rgb, rgb, cv::COLOR_RGBA2RGB);
  if (photo.sixteen_bit()) rgb.convertTo(rgb, CV_8U, 1.0 / 257);
  const double scale =
      megapixels > 0 ? std::sqrt(std::min(1.0, megapixels * 1e6 / static_cast<double>(rgb.total()))) : 1;
  const cv::Size size(static_cast<int>(rgb.cols * scale), static_cast<int>(rgb.rows * scale));
  return rgb(cv::Rect({(rgb.cols - size.width) / 2, (rgb.rows - size.height) / 2}, size)).clone();
}

// Rounded squares of these sides, none near another, at places that depend on the seed only.
std::vector<cv::Rect> holes_of(cv::Size photo, const std::vector<int64_t>& sides, uint64_t seed, cv::Mat& mask) {
  constexpr int kBorder = 32, kApart = 160;
  mask = cv::Mat::zeros(photo, CV_8UC1);
  std::mt19937_64 random(seed);
  std::vector<cv::Rect> holes;
  for (const int64_t wanted : sides) {
    const auto side = static_cast<int>(wanted);
    for (int attempt = 0; attempt < 1000; ++attempt) {
      const int x = kBorder +
                    static_cast<int>(random() % static_cast<uint64_t>(std::max(1, photo.width - side - 2 * kBorder))),
                y = kBorder +
                    static_cast<int>(random() % static_cast<uint64_t>(std::max(1, photo.height - side - 2 * kBorder)));
      const cv::Rect hole(x, y, side, side), wide(x - kApart, y - kApart, side + 2 * kApart, side + 2 * kApart);
      if (std::any_of(holes.begin(), holes.end(), [&](const cv::Rect& other) { return (other & wide).area() > 0; }))
        continue;
      holes.push_back(hole);
      const int corner = side / 4;
      cv::rectangle(mask, {x + corner, y}, {x + side - 1 - corner, y + side - 1}, 255, cv::FILLED);
      cv::rectangle(mask, {x, y + corner}, {x + side - 1, y + side - 1 - corner}, 255, cv::FILLED);
      for (const int cx : {x + corner, x + side - 1 - corner}) {
        for (const int cy : {y + corner, y + side - 1 - corner}) cv::circle(mask, {cx, cy}, corner, 255, cv::FILLED);
      }
      break;
    }
  }
  return holes;
}

// What is measured on one photo by every method that can do it: a hole of its own, or the whole photo repaired.
struct MeasuredCase {
  std::string label;  // of the row
  size_t photo = 0;   // number, also its seed
  bool hole = false;
  double megapixels = 0;  // to be filled or repaired
  json keys;
};

// A method, its row's name (several strengths have one) and whether it fills holes.
struct MeasuredMethod {
  std::string label, name;
  bool fills = false, model = false;
  json keys;
};

void write_once(const fs::path& file, const cv::Mat& rgb) {
  std::error_code ignored;
  if (fs::exists(file, ignored)) return;
  Photo photo;
  photo.pixels = rgb;
  write_photo(file, photo);
}

class Cases {
 public:
  Cases(const FullQualityOptions& o, fs::path inputs) : o_(o), inputs_(std::move(inputs)) {}

  std::vector<MeasuredCase> of(const cv::Mat& clean, size_t number) {
    const fs::path file = inputs_ / (std::to_string(number) + ".png");
    write_once(file, clean);
    std::vector<MeasuredCase> cases;
    for (const std::string& task : o_.tasks) {
      if (task == "holes") {
        add_holes(clean, number, file, cases);
      } else {
        cases.push_back(repair(task, clean, number, file));
      }
    }
    return cases;
  }

 private:
  void add_holes(const cv::Mat& clean, size_t number, const fs::path& file, std::vector<MeasuredCase>& cases) {
    cv::Mat mask;
    int64_t hole_number = 0;
    for (const cv::Rect& hole : holes_of(clean.size(), o_.holes, number + 1, mask)) {
      cv::Mat alone = cv::Mat::zeros(mask.size(), CV_8UC1);
      mask(hole).copyTo(alone(hole));
      const fs::path painted = inputs_ / (std::to_string(number) + "_hole_" + std::to_string(++hole_number) + ".png");
      write_once(painted, alone);
      cases.push_back({"hole of " + std::to_string(hole.width) + " px",
                       number,
                       true,
                       cv::countNonZero(alone) * 1e-6,
                       {{"photo", file.string()},
                        {"mask", painted.string()},
                        {"reference", "photo"},
                        {"task", "inpainting"},
                        {"observed", true},
                        {"seed", number}}});
    }
  }

  MeasuredCase repair(const std::string& task, const cv::Mat& clean, size_t number, const fs::path& file) {
    MeasuredCase repaired{"", number, false, static_cast<double>(clean.total()) * 1e-6, {}};
    const fs::path given = inputs_ / (std::to_string(number) + "_" + task + ".png");
    json keys = {
        {"photo", given.string()}, {"reference", file.string()}, {"task", task}, {"observed", true}, {"seed", number}};
    if (task == "denoising") {
      keys["noise"] = o_.noise;
      const auto generator = at::detail::createCPUGenerator(number + 1);
      const at::Tensor noisy = to_pixels((picture_signal(clean) + o_.noise * at::randn({1, 3, clean.rows, clean.cols},
                                                                                       generator, at::kFloat))[0])
                                   .permute({1, 2, 0})
                                   .contiguous();
      write_once(given, cv::Mat(clean.rows, clean.cols, CV_8UC3, noisy.data_ptr()));
      repaired.label = "noise " + json_text(o_.noise);
    } else {
      keys["task.quality"] = o_.jpeg_quality;
      std::vector<uchar> bytes;
      cv::Mat bgr, decoded;
      cv::cvtColor(clean, bgr, cv::COLOR_RGB2BGR);
      cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(o_.jpeg_quality)});
      cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), decoded, cv::COLOR_BGR2RGB);
      write_once(given, decoded);
      repaired.label = "JPEG quality " + std::to_string(o_.jpeg_quality);
    }
    repaired.label += ", whole photo";
    repaired.keys = std::move(keys);
    return repaired;
  }

  const FullQualityOptions& o_;
  const fs::path inputs_;
};

json model_keys(const RunRequest& r) {
  json keys = {{"sampler", r.sampler}, {"preset", r.preset}};
  keys.update(r.sampler_settings);
  return keys;
}

std::vector<MeasuredMethod> methods_of(const FullQualityOptions& o) {
  std::vector<MeasuredMethod> methods{
      {"filling", find_sampler(o.filling.sampler).label, true, true, model_keys(o.filling)},
      {"repairing", find_sampler(o.repairing.sampler).label, false, true, model_keys(o.repairing)}};
  for (const ClassicalMethod& method : classical_methods()) {
    if (method.fills) methods.push_back({method.label, method.label, true, false, {{"classical", method.name}}});
  }
  methods.push_back({"as it was", "as it was", false, false, {{"classical", "observation"}}});
  for (const double strength : {6., 8., 10., 13., 16.}) {
    methods.push_back({"non-local means " + json_text(json(strength)),
                       "non-local means",
                       false,
                       false,
                       {{"classical", "nlm"}, {"strength", strength}}});
  }
  return methods;
}

bool suits(const MeasuredMethod& method, const MeasuredCase& c) {
  if (method.fills != c.hole) return false;
  return method.name != "non-local means" || c.keys.at("task") == "denoising";
}

CompareSpec full_spec(const FullQualityOptions& o, const std::vector<MeasuredCase>& cases,
                      const std::vector<MeasuredMethod>& methods) {
  json of_cases = json::array(), of_methods = json::array(), skip = json::array();
  for (const MeasuredMethod& method : methods) {
    of_methods.push_back(method.keys);
    of_methods.back()["label"] = method.label;
  }
  for (size_t k = 0; k < cases.size(); ++k) {
    of_cases.push_back(cases[k].keys);
    of_cases.back()["label"] = std::to_string(k + 1);
    for (const MeasuredMethod& method : methods) {
      if (!suits(method, cases[k])) skip.push_back({{"case", std::to_string(k + 1)}, {"method", method.label}});
    }
  }
  return parse_spec({{"base", {{"prior", o.filling.prior}, {"samples", 1}}},
                     {"axes", {{{"name", "case"}, {"values", of_cases}}, {{"name", "method"}, {"values", of_methods}}}},
                     {"skip", skip}},
                    "/");
}

// The rows of the table out of the cells that are there.
class FullRows {
 public:
  FullRows(const std::vector<MeasuredCase>& cases, const std::vector<MeasuredMethod>& methods)
      : cases_(cases), methods_(methods) {}

  void add(const Cell& cell, const CellResult& result) {
    const MeasuredCase& c = cases_[cell.at[0]];
    const auto figure = [&](const std::string& name) {
      const auto found = result.figures.find(name);
      return found == result.figures.end() ? 0 : found->second;
    };
    const std::string where = c.hole ? "hole_" : "";
    const MeasuredMethod& method = methods_[cell.at[1]];
    const Row row{figure(where + "psnr"),
                  figure(where + "ssim"),
                  figure(where + "gmsd"),
                  method.name == "as it was" ? 0 : figure("seconds") / c.megapixels,
                  result.record.value("network_megapixels", 0.0) / c.megapixels,
                  c.hole ? figure("hole_seam") : 0};
    // Of several strengths the best for this very photo stands for the method.
    const auto [place, is_new] = rows_[c.label][method.name].try_emplace(cell.at[0], row);
    if (!is_new && place->second[0] < row[0]) place->second = row;
  }

  json summary() const {
    json rows = json::array();
    for (const std::string& label : labels()) {
      for (const MeasuredMethod& method : methods_) {
        const auto of = rows_.find(label);
        if (of == rows_.end() || of->second.count(method.name) == 0) continue;
        if (!rows.empty() && rows.back().at("method") == method.name) continue;  // another strength of it
        const auto& all = of->second.at(method.name);
        Row mean{};
        for (const auto& [number, row] : all) {
          for (size_t k = 0; k < row.size(); ++k) mean[k] += row[k] / static_cast<double>(all.size());
        }
        rows.push_back({{"label", label},
                        {"method", method.name},
                        {"count", all.size()},
                        {"psnr", mean[0]},
                        {"ssim", mean[1]},
                        {"gmsd", mean[2]},
                        {"seconds_per_megapixel", mean[3]},
                        {"megapixels_seen", mean[4]},
                        {"seam", mean[5]}});
      }
    }
    return rows;
  }

 private:
  using Row = std::array<double, 6>;

  // Holes by their size, then what was done to whole photos.
  std::vector<std::string> labels() const {
    std::vector<std::string> labels;
    for (const MeasuredCase& c : cases_) {
      if (std::find(labels.begin(), labels.end(), c.label) == labels.end()) labels.push_back(c.label);
    }
    std::stable_sort(labels.begin(), labels.end(), [](const std::string& a, const std::string& b) {
      const auto place = [](const std::string& label) {
        const bool hole = label.rfind("hole of ", 0) == 0;
        return std::pair{hole ? std::stoi(label.substr(8)) : 1 << 20, hole ? std::string() : label};
      };
      return place(a) < place(b);
    });
    return labels;
  }

  const std::vector<MeasuredCase>& cases_;
  const std::vector<MeasuredMethod>& methods_;
  std::map<std::string, std::map<std::string, std::map<size_t, Row>>> rows_;  // label, method, case
};

// What a cell of the first photo has made: the hole with its surroundings, or the photo's middle.
void write_picture(const fs::path& folder, const MeasuredCase& c, size_t number, const MeasuredMethod& method,
                   const CellResult& result) {
  const auto found = result.tensors.find("samples");
  if (c.photo != 0 || found == result.tensors.end()) return;
  const at::Tensor& sample = found->second[0];
  constexpr int64_t kMiddle = 512;
  const int64_t h = c.hole ? sample.size(1) : std::min(kMiddle, sample.size(1)),
                w = c.hole ? sample.size(2) : std::min(kMiddle, sample.size(2));
  write_image(
      folder / (std::to_string(number) + "_" + c.keys.at("task").get<std::string>() + "_" + method.name + ".png"),
      sample.narrow(1, (sample.size(1) - h) / 2, h).narrow(2, (sample.size(2) - w) / 2, w).contiguous());
}

std::vector<MeasuredCase> cases_in(const FullQualityOptions& o, const fs::path& inputs,
                                   const std::function<void(const std::string&)>& say, const std::stop_token& stop) {
  constexpr double kLeast = 2e6;  // pixels
  for (const std::string& task : o.tasks) {
    if (task != "holes" && task != "denoising" && task != "jpeg")
      throw SettingError("quality --full: the tasks are holes, denoising and jpeg, not " + task);
  }
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(o.photos, error)) files.push_back(entry.path());
  if (files.empty()) throw MediaError(o.photos.string() + ": no photos there");
  std::sort(files.begin(), files.end());
  const auto count = std::min<size_t>(static_cast<size_t>(o.count), files.size());
  Cases cases(o, inputs);
  std::vector<MeasuredCase> all;
  std::vector<std::string> left_out;
  for (size_t k = 0; k < count && !stop.stop_requested(); ++k) {
    const fs::path& file = files[k * files.size() / count];
    cv::Mat clean = clean_photo(file, 0);
    if (static_cast<double>(clean.total()) < kLeast) {
      left_out.push_back(file.filename().string() + " has less than 2 megapixels and is left out");
      continue;
    }
    if (o.megapixels > 0) clean = clean_photo(file, o.megapixels);
    for (MeasuredCase& c : cases.of(clean, k)) all.push_back(std::move(c));
  }
  if (all.empty() && !stop.stop_requested())
    throw MediaError(o.photos.string() + ": no photo of 2 megapixels or more there");
  for (const std::string& line : left_out) say(line);
  return all;
}

}  // namespace

json measure_full_quality(const FullQualityOptions& o, const std::function<void(const std::string&)>& say,
                          std::stop_token stop) {
  std::optional<ScratchFolder> scratch;
  if (o.out.empty()) scratch.emplace();
  const fs::path folder = o.out.empty() ? scratch->path() : o.out;
  fs::create_directories(folder / "inputs");
  const std::vector<MeasuredCase> cases = cases_in(o, fs::absolute(folder / "inputs"), say, stop);
  if (cases.empty()) return {{"rows", json::array()}};
  const std::vector<MeasuredMethod> methods = methods_of(o);
  const CompareSpec spec = full_spec(o, cases, methods);
  const std::vector<Cell> cells = cells_of(spec);
  throw_first_error(cells);
  const CellStore store(folder / "cells");
  FullRows rows(cases, methods);
  for (const Cell& cell : cells) {
    if (const auto result = store.read(cell.key, false); result && result->error.empty()) rows.add(cell, *result);
  }
  const auto method = [](const RunRequest& r) {
    return json{{"sampler", r.sampler}, {"preset", r.preset}, {"set", r.sampler_settings}};
  };
  json report = {{"prior", o.filling.prior},
                 {"megapixels", o.megapixels},
                 {"filling", method(o.filling)},
                 {"repairing", method(o.repairing)}};
  const auto summarise = [&] {
    report["rows"] = rows.summary();
    if (o.out.empty()) return;
    write_text(o.out / "full.json", json_text(report, 2) + "\n");
    write_text(o.out / "table.md", full_quality_table(report));
  };
  SweepObserver observer;
  observer.finished = [&](const Cell& cell, const CellResult& result) {
    if (!result.error.empty()) throw MediaError(result.error);
    rows.add(cell, result);
    summarise();
    const MeasuredCase& c = cases[cell.at[0]];
    const MeasuredMethod& by = methods[cell.at[1]];
    if (!o.out.empty()) write_picture(o.out, c, cell.at[0] + 1, by, result);
    if (by.model) say("photo " + std::to_string(c.photo + 1) + ", " + c.label);
  };
  sweep(cells, spec, store, {.place = o.place, .again = true, .figures_only = true}, observer, stop);
  summarise();
  return report;
}

std::string full_quality_table(const nlohmann::json& report) {
  std::string table =
      "| | method | PSNR (dB) | SSIM | GMSD | jump across the seam | s / megapixel | network megapixels / megapixel |\n"
      "|---|---|---|---|---|---|---|---|\n";
  std::string before;
  for (const auto& row : report.value("rows", nlohmann::json::array())) {
    const auto number = [&](const char* key, const char* format) {
      char text[32] = "";
      if (const double value = row.at(key).get<double>(); value != 0) std::snprintf(text, sizeof text, format, value);
      return std::string(text);
    };
    const std::string label = row.at("label");
    table += "| " + (label == before ? "" : label) + " | " + row.at("method").get<std::string>() + " | " +
             number("psnr", "%.2f") + " | " + number("ssim", "%.3f") + " | " + number("gmsd", "%.3f") + " | " +
             number("seam", "%.2f") + " | " + number("seconds_per_megapixel", "%.1f") + " | " +
             number("megapixels_seen", "%.2f") + " |\n";
    before = label;
  }
  return table;
}

}  // namespace mgdm
