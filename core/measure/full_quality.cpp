#include "core/measure/full_quality.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#include <random>
#ifdef MGDM_XPHOTO
#include <opencv2/xphoto.hpp>
#endif

#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/runs/photo_job.h"
#include "core/runs/photo_run.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

struct Measures {
  double psnr = 0, ssim = 0, gmsd = 0, seconds = 0, megapixels = 0;
};

Measures compare(const cv::Mat& result, const cv::Mat& clean, const cv::Mat& inside) {
  const at::Tensor a = picture_signal(result), b = picture_signal(clean);
  const nlohmann::json all = image_metrics(a, b);
  Measures f;
  f.psnr = all.at("psnr")[0];
  f.ssim = all.at("ssim")[0];
  f.gmsd = all.at("gmsd")[0];
  if (!inside.empty()) {
    cv::Mat difference;
    cv::absdiff(result, clean, difference);
    difference.convertTo(difference, CV_32F);
    const cv::Scalar squares = cv::mean(difference.mul(difference), inside);
    f.psnr = 10 * std::log10(255.0 * 255.0 / std::max(1e-9, (squares[0] + squares[1] + squares[2]) / 3));
  }
  return f;
}

// One measured thing: a row of the table is the mean of all with its label and method.
struct Measured {
  std::string label, method;
  Measures figures;
};

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

PhotoSource source_of(const cv::Mat& rgb, const cv::Mat& mask) {
  auto photo = std::make_shared<Photo>();
  photo->pixels = rgb;
  PhotoSource source;
  source.photo = std::move(photo);
  source.color = std::make_shared<const ColorTransform>("");
  source.mask = mask;
  source.origin = nlohmann::json::object();
  source.identity = std::to_string(reinterpret_cast<uintptr_t>(rgb.data));
  return source;
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

std::string hole_label(const cv::Rect& hole) { return "hole of " + std::to_string(hole.width) + " px"; }

#ifdef MGDM_XPHOTO
// Frequency selective reconstruction of what lies around the hole; its mask is 0 where pixels are missing.
cv::Mat frequency_selective(const cv::Mat& rgb, const cv::Mat& mask, const cv::Rect& hole) {
  const int margin = std::max(32, hole.width / 2);
  const cv::Rect around =
      cv::Rect(hole.x - margin, hole.y - margin, hole.width + 2 * margin, hole.height + 2 * margin) &
      cv::Rect({0, 0}, rgb.size());
  cv::Mat given = mask(around) == 0, part = rgb(around).clone(), filled;
  part.setTo(cv::Scalar::all(0), mask(around));
  cv::xphoto::inpaint(part, given, filled, cv::xphoto::INPAINT_FSR_FAST);
  cv::Mat whole = rgb.clone();
  filled.copyTo(whole(around), mask(around));
  return whole;
}
#endif

class Measurement {
 public:
  Measurement(RunSession& session, const FullQualityOptions& options, std::stop_token stop)
      : session_(session), o_(options), stop_(std::move(stop)) {}

  std::vector<Measured> measure(const cv::Mat& clean, uint64_t number, const fs::path& pictures) {
    std::vector<Measured> all;
    for (const std::string& task : o_.tasks) {
      if (stop_.stop_requested()) break;
      if (task == "holes") {
        fill(clean, number, pictures, all);
      } else {
        repair(task, clean, number, pictures, all);
      }
    }
    return all;
  }

 private:
  // The result, and what it cost; empty if stopped.
  cv::Mat run(const RunRequest& wanted, PhotoSource source, uint64_t number, double megapixels, Measures& cost) {
    RunRequest request = wanted;
    request.seed = number;
    const PhotoResult result = run_photo(session_, request, source, {}, {}, stop_);
    if (result.stopped) return {};
    const auto prior = session_.model(request.prior);
    double seen = 0;
    for (const PhotoPass& pass : result.plan) seen += megapixels_seen(pass, *prior);
    cost.seconds = result.seconds / megapixels;
    cost.megapixels = seen / megapixels;
    return photo_with(result, source, 0).pixels;
  }

  void fill(const cv::Mat& clean, uint64_t number, const fs::path& pictures, std::vector<Measured>& all) {
    cv::Mat mask;
    const std::vector<cv::Rect> holes = holes_of(clean.size(), o_.holes, number + 1, mask);
    std::map<std::string, cv::Mat> results;
    for (const auto& [name, method] :
         {std::pair{"Telea", cv::INPAINT_TELEA}, std::pair{"Navier-Stokes", cv::INPAINT_NS}}) {
      cv::inpaint(clean, mask, results[name], 4, method);
    }
    for (const cv::Rect& hole : holes) {
      cv::Mat alone = cv::Mat::zeros(mask.size(), CV_8UC1);
      mask(hole).copyTo(alone(hole));
      Measures cost;
      const double filled = cv::countNonZero(alone) * 1e-6;
      const cv::Mat ours = run(o_.filling, source_of(clean, alone), number, filled, cost);
      if (ours.empty()) return;
      const auto add = [&](const std::string& method, const cv::Mat& result, const Measures& took) {
        Measures f = compare(result(hole), clean(hole), mask(hole));
        f.seconds = took.seconds;
        f.megapixels = took.megapixels;
        all.push_back({hole_label(hole), method, f});
        if (!pictures.empty()) {
          const cv::Rect around = cv::Rect(hole.x - 100, hole.y - 100, hole.width + 200, hole.height + 200) &
                                  cv::Rect({0, 0}, clean.size());
          write_image(pictures / (std::to_string(number) + "_" + std::to_string(hole.width) + "_" + method + ".png"),
                      to_pixels(picture_signal(result(around))[0]));
        }
      };
      add(find_sampler(o_.filling.sampler).label, ours, cost);
      for (const auto& [name, result] : results) add(name, result, {});
#ifdef MGDM_XPHOTO
      const auto begin = Clock::now();
      const cv::Mat patched = frequency_selective(clean, alone, hole);
      Measures took;
      took.seconds = since(begin) / filled;
      add("frequency selective", patched, took);
#endif
    }
  }

  void repair(const std::string& task, const cv::Mat& clean, uint64_t number, const fs::path& pictures,
              std::vector<Measured>& all) {
    const double megapixels = static_cast<double>(clean.total()) * 1e-6;
    cv::Mat damaged;
    RunRequest request = o_.repairing;
    request.task = task;
    request.observed = true;
    std::string label;
    if (task == "denoising") {
      request.noise = o_.noise;
      const auto generator = at::detail::createCPUGenerator(number + 1);
      const at::Tensor noisy = to_pixels((picture_signal(clean) + o_.noise * at::randn({1, 3, clean.rows, clean.cols},
                                                                                       generator, at::kFloat))[0])
                                   .permute({1, 2, 0})
                                   .contiguous();
      damaged = cv::Mat(clean.rows, clean.cols, CV_8UC3, noisy.data_ptr()).clone();
      label = "noise " + json_text(o_.noise);
    } else if (task == "jpeg") {
      std::vector<uchar> bytes;
      cv::Mat bgr;
      cv::cvtColor(clean, bgr, cv::COLOR_RGB2BGR);
      cv::imencode(".jpg", bgr, bytes, {cv::IMWRITE_JPEG_QUALITY, static_cast<int>(o_.jpeg_quality)});
      cv::cvtColor(cv::imdecode(bytes, cv::IMREAD_COLOR), damaged, cv::COLOR_BGR2RGB);
      request.task_settings["quality"] = o_.jpeg_quality;
      label = "JPEG quality " + std::to_string(o_.jpeg_quality);
    } else {
      throw SettingError("quality --full: the tasks are holes, denoising and jpeg, not " + task);
    }
    label += ", whole photo";
    Measures cost;
    const cv::Mat ours = run(request, source_of(damaged, {}), number, megapixels, cost);
    if (ours.empty()) return;
    const auto add = [&](const std::string& method, const cv::Mat& result, const Measures& took) {
      Measures f = compare(result, clean, {});
      f.seconds = took.seconds;
      f.megapixels = took.megapixels;
      all.push_back({label, method, f});
      if (!pictures.empty()) {
        const cv::Rect middle =
            cv::Rect(clean.cols / 2 - 256, clean.rows / 2 - 256, 512, 512) & cv::Rect({0, 0}, clean.size());
        write_image(pictures / (std::to_string(number) + "_" + task + "_" + method + ".png"),
                    to_pixels(picture_signal(result(middle))[0]));
      }
    };
    add(find_sampler(request.sampler).label, ours, cost);
    add("as it was", damaged, {});
    if (task != "denoising") return;
    Measures took;
    cv::Mat best;
    double best_psnr = 0;
    for (const float strength : {6.f, 8.f, 10.f, 13.f, 16.f}) {
      cv::Mat out;
      const auto begin = Clock::now();
      cv::fastNlMeansDenoising(damaged, out, std::vector<float>{strength}, 5, 15);
      const double psnr = cv::PSNR(out, clean);
      if (psnr <= best_psnr) continue;
      best_psnr = psnr;
      best = out;
      took.seconds = since(begin) / megapixels;
    }
    add("non-local means", best, took);
  }

  RunSession& session_;
  const FullQualityOptions& o_;
  std::stop_token stop_;
};

nlohmann::json summary_of(const std::vector<Measured>& all) {
  nlohmann::json rows = nlohmann::json::array();
  const auto row_of = [&](const Measured& m) -> nlohmann::json& {
    for (auto& row : rows) {
      if (row.at("label") == m.label && row.at("method") == m.method) return row;
    }
    rows.push_back({{"label", m.label},
                    {"method", m.method},
                    {"count", 0},
                    {"psnr", 0.0},
                    {"ssim", 0.0},
                    {"gmsd", 0.0},
                    {"seconds_per_megapixel", 0.0},
                    {"megapixels_seen", 0.0}});
    return rows.back();
  };
  for (const Measured& m : all) {
    nlohmann::json& row = row_of(m);
    const double n = row.at("count").get<double>();
    const auto mean = [&](const char* key, double value) {
      row[key] = (row.at(key).get<double>() * n + value) / (n + 1);
    };
    mean("psnr", m.figures.psnr);
    mean("ssim", m.figures.ssim);
    mean("gmsd", m.figures.gmsd);
    mean("seconds_per_megapixel", m.figures.seconds);
    mean("megapixels_seen", m.figures.megapixels);
    row["count"] = static_cast<int64_t>(n) + 1;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const nlohmann::json& a, const nlohmann::json& b) {
    const auto place = [](const nlohmann::json& row) {
      const std::string label = row.at("label");
      const bool hole = label.rfind("hole of ", 0) == 0;
      return std::pair{hole ? std::stoi(label.substr(8)) : 1 << 20, hole ? std::string() : label};
    };
    return place(a) < place(b);
  });
  return rows;
}

}  // namespace

nlohmann::json measure_full_quality(RunSession& session, const FullQualityOptions& o,
                                    const std::function<void(const std::string&)>& say, std::stop_token stop) {
  constexpr double kLeast = 2e6;  // pixels
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(o.photos, error)) files.push_back(entry.path());
  if (files.empty()) throw MediaError(o.photos.string() + ": no photos there");
  std::sort(files.begin(), files.end());
  if (!o.out.empty()) fs::create_directories(o.out);
  const auto count = std::min<size_t>(static_cast<size_t>(o.count), files.size());
  nlohmann::json report = {{"prior", o.filling.prior}, {"megapixels", o.megapixels}, {"photos", 0}};
  const auto method = [](const RunRequest& r) {
    return nlohmann::json{{"sampler", r.sampler}, {"preset", r.preset}, {"set", r.sampler_settings}};
  };
  report["filling"] = method(o.filling);
  report["repairing"] = method(o.repairing);
  Measurement measurement(session, o, stop);
  std::vector<Measured> all;
  int64_t measured = 0;
  for (size_t k = 0; k < count && !stop.stop_requested(); ++k) {
    const fs::path& file = files[k * files.size() / count];
    cv::Mat clean = clean_photo(file, 0);
    if (static_cast<double>(clean.total()) < kLeast) {
      say(file.filename().string() + " has less than 2 megapixels and is left out");
      continue;
    }
    if (o.megapixels > 0) clean = clean_photo(file, o.megapixels);
    const std::vector<Measured> some = measurement.measure(clean, k, measured == 0 ? o.out : fs::path());
    all.insert(all.end(), some.begin(), some.end());
    report["photos"] = ++measured;
    report["rows"] = summary_of(all);
    if (!o.out.empty()) {
      write_text(o.out / "full.json", json_text(report, 2) + "\n");
      write_text(o.out / "table.md", full_quality_table(report));
    }
    say(std::to_string(k + 1) + "/" + std::to_string(count) + " " + file.filename().string());
  }
  if (measured == 0 && !stop.stop_requested())
    throw MediaError(o.photos.string() + ": no photo of 2 megapixels or more there");
  return report;
}

std::string full_quality_table(const nlohmann::json& report) {
  std::string table =
      "| | method | PSNR (dB) | SSIM | GMSD | s / megapixel | network megapixels / megapixel |\n"
      "|---|---|---|---|---|---|---|\n";
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
             number("seconds_per_megapixel", "%.1f") + " | " + number("megapixels_seen", "%.2f") + " |\n";
    before = label;
  }
  return table;
}

}  // namespace mgdm
