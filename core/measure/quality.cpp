#include "core/measure/quality.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <opencv2/imgproc.hpp>
#include <opencv2/photo.hpp>
#include <random>

#include "core/files/json_text.h"
#include "core/operators/blur_kernels.h"
#include "core/operators/degradations/jpeg.h"
#include "core/runs/photo_job.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using Baselines = std::vector<std::pair<std::string, at::Tensor>>;  // name -> [1, 3, H, W]

cv::Mat mat_of(const at::Tensor& signal) {  // [3, H, W] in [-1, 1] -> 8-bit RGB
  const at::Tensor hwc = to_pixels(signal).permute({1, 2, 0}).contiguous();
  return cv::Mat(static_cast<int>(hwc.size(0)), static_cast<int>(hwc.size(1)), CV_8UC3, hwc.data_ptr()).clone();
}

at::Tensor wiener(const at::Tensor& y, const at::Tensor& kernel, double noise_to_signal) {
  const int64_t pad = 32;
  const at::Tensor padded = at::reflection_pad2d(y, {pad, pad, pad, pad});
  const int64_t h = padded.size(2), w = padded.size(3), k = kernel.size(0);
  at::Tensor point = at::zeros({h, w}, at::kFloat);
  point.slice(0, 0, k).slice(1, 0, k).copy_(kernel);
  const at::Tensor transfer = at::fft_rfft2(point.roll({-(k / 2), -(k / 2)}, {0, 1}));
  const at::Tensor restored =
      at::fft_irfft2(at::fft_rfft2(padded) * transfer.conj() / (at::real(transfer * transfer.conj()) + noise_to_signal),
                     at::OptionalIntArrayRef(std::vector<int64_t>{h, w}));
  return restored.slice(2, pad, h - pad).slice(3, pad, w - pad).contiguous();
}

Baselines baselines_of(const std::string& task, const at::Tensor& seen, const at::Tensor& clean,
                       const at::Tensor& mask) {
  Baselines list;
  const at::Tensor image = seen[0];
  if (task == "inpainting") {
    const cv::Mat rgb = mat_of(image),
                  hole(static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1)), CV_8UC1, mask.data_ptr());
    for (const auto& [name, method] :
         {std::pair{"Telea", cv::INPAINT_TELEA}, std::pair{"Navier-Stokes", cv::INPAINT_NS}}) {
      cv::Mat out;
      cv::inpaint(rgb, hole, out, 4, method);
      list.emplace_back(name, picture_signal(out));
    }
  } else if (task == "sr4") {
    cv::Mat out;
    cv::resize(mat_of(image), out, cv::Size(static_cast<int>(clean.size(2)), static_cast<int>(clean.size(1))), 0, 0,
               cv::INTER_CUBIC);
    list.emplace_back("bicubic", picture_signal(out));
  } else if (task == "blur") {
    const at::Tensor kernel = gaussian_kernel(61, 3.0).to(at::kFloat);
    for (const double nsr : {0.003, 0.01, 0.02, 0.05}) list.emplace_back("Wiener", wiener(seen, kernel, nsr));
  } else if (task == "denoising") {
    for (const float h : {16.f, 20.f, 25.f, 30.f}) {
      cv::Mat out;
      cv::fastNlMeansDenoising(mat_of(image), out, std::vector<float>{h}, 5, 15);
      list.emplace_back("non-local means", picture_signal(out));
    }
  } else if (seen.sizes() == at::IntArrayRef({1, clean.size(0), clean.size(1), clean.size(2)})) {
    list.emplace_back(task == "jpeg" ? "the JPEG itself" : "the observation itself", seen);
  }
  return list;
}

at::Tensor middle_hole(int64_t size, int64_t hole) {
  at::Tensor mask = at::zeros({size, size}, at::kByte);
  mask.narrow(0, (size - hole) / 2, hole).narrow(1, (size - hole) / 2, hole).fill_(255);
  return mask;
}

struct Mean {
  double psnr = 0, ssim = 0, gmsd = 0;
  int64_t count = 0;
  void add(const nlohmann::json& m) {
    psnr += m.at("psnr").get<double>();
    ssim += m.at("ssim").get<double>();
    gmsd += m.at("gmsd").get<double>();
    ++count;
  }
  nlohmann::json json() const {
    const auto n = static_cast<double>(std::max<int64_t>(1, count));
    return {{"psnr", psnr / n}, {"ssim", ssim / n}, {"gmsd", gmsd / n}};
  }
};

nlohmann::json metrics_of(const at::Tensor& images, const at::Tensor& reference, size_t i = 0) {
  const nlohmann::json all = image_metrics(images, reference);
  return {{"psnr", all.at("psnr")[i]}, {"ssim", all.at("ssim")[i]}, {"gmsd", all.at("gmsd")[i]}};
}

/// One photo, one task: {"samples": [metrics], "mean_of_samples": metrics, "baselines": [[name, metrics]],
/// "seconds_per_sample"}; null if stopped.
nlohmann::json measure_photo(const std::shared_ptr<const Prior>& prior, const QualityOptions& o,
                             const std::string& task, const fs::path& photo, size_t number,
                             const std::stop_token& stop) {
  const at::Tensor clean = to_signal(fit_image(read_image(photo), o.size, true));
  at::Tensor mask, input = clean;
  RunRequest request;
  request.task = task;
  request.task_settings = Settings::object();
  request.sampler = o.sampler;
  request.preset = o.preset;
  request.sampler_settings = o.sampler_settings;
  request.samples = o.samples;
  request.seed = number;
  if (task == "inpainting") {  // what was not painted is known exactly, as in use
    mask = o.hole > 0 ? middle_hole(o.size, o.hole) : random_strokes(o.size, o.size, 0.25, number);
    request.observed = true;
  }
  if (task == "jpeg") {  // a true JPEG, without further noise
    request.task_settings = {{"quality", 5}};
    request.observed = true;
    input = make_jpeg({3, o.size, o.size}, 5, {.rounding = JpegRounding::Exact})
                ->apply(clean.unsqueeze(0))
                .reshape_as(clean);
  }
  if (o.task_settings.is_object()) request.task_settings.update(o.task_settings);
  const Run run(prior, request, input, mask);
  const RunResult result = run.execute({}, stop);
  if (result.stopped) return nullptr;
  const at::Tensor reference = clean.unsqueeze(0), seen = run.problem().observation_image();
  const at::Tensor mean = result.samples.clamp(-1, 1).mean(0, true);
  const Baselines baselines = baselines_of(task, seen, clean, mask);
  nlohmann::json row = {{"mean_of_samples", metrics_of(mean, reference)},
                        {"seconds_per_sample", result.seconds / static_cast<double>(o.samples)},
                        {"sampler_settings", run.settings()}};
  for (int64_t i = 0; i < o.samples; ++i)
    row["samples"].push_back(metrics_of(result.samples, reference, static_cast<size_t>(i)));
  row["baselines"] = nlohmann::json::array();
  for (const auto& [name, image] : baselines) row["baselines"].push_back({name, metrics_of(image, reference)});
  if (!o.out.empty() && number < 4) {
    const at::Tensor shown = task == "sr4" ? seen.repeat_interleave(4, 2).repeat_interleave(4, 3) : seen;
    std::vector<at::Tensor> row_of{result.samples[0], mean[0], clean};
    if (!baselines.empty()) row_of.insert(row_of.begin(), baselines.back().second[0]);
    if (shown[0].sizes() == clean.sizes()) row_of.insert(row_of.begin(), shown[0]);
    write_image(o.out / (task + "_" + std::to_string(number) + ".png"), to_pixels(at::cat(row_of, 2)));
  }
  return row;
}

/// The photos of one task put together. Of a baseline's strengths the best in PSNR stands for it.
nlohmann::json summary_of(const std::vector<nlohmann::json>& rows) {
  Mean one, mean_of_samples;
  std::vector<std::pair<std::string, Mean>> baselines;
  double seconds = 0;
  for (const auto& row : rows) {
    for (const auto& sample : row.at("samples")) one.add(sample);
    mean_of_samples.add(row.at("mean_of_samples"));
    seconds += row.at("seconds_per_sample").get<double>();
    size_t i = 0;
    for (const auto& entry : row.at("baselines")) {
      if (baselines.size() <= i) baselines.emplace_back(entry.at(0), Mean{});
      baselines[i++].second.add(entry.at(1));
    }
  }
  nlohmann::json best_of = nlohmann::json::object();
  for (const auto& [name, mean] : baselines) {
    const auto figures = mean.json();
    auto& best = best_of[name];
    if (best.is_null() || best.at("psnr").get<double>() < figures.at("psnr").get<double>()) best = figures;
  }
  return {{"photos", mean_of_samples.count},
          {"one_sample", one.json()},
          {"mean_of_samples", mean_of_samples.json()},
          {"baselines", best_of},
          {"sampler_settings", rows.empty() ? nlohmann::json() : rows.front().at("sampler_settings")},
          {"seconds_per_sample", seconds / static_cast<double>(std::max<int64_t>(1, mean_of_samples.count))}};
}

}  // namespace

at::Tensor random_strokes(int64_t height, int64_t width, double share, uint64_t seed) {
  cv::Mat mask(static_cast<int>(height), static_cast<int>(width), CV_8UC1, cv::Scalar(0));
  std::mt19937_64 random(seed);
  const auto upto = [&](int64_t n) { return static_cast<int>(random() % static_cast<uint64_t>(n)); };
  while (cv::countNonZero(mask) < share * static_cast<double>(height * width)) {
    cv::Point from(upto(width), upto(height));
    const int thickness = 4 + upto(std::max<int64_t>(1, height / 24));
    for (int k = 0; k < 4 && cv::countNonZero(mask) < share * static_cast<double>(height * width); ++k) {
      const cv::Point to(from.x + upto(width / 2) - static_cast<int>(width / 4),
                         from.y + upto(height / 2) - static_cast<int>(height / 4));
      cv::line(mask, from, to, cv::Scalar(255), thickness);
      from = to;
    }
  }
  return at::from_blob(mask.data, {height, width}, at::TensorOptions().dtype(at::kByte)).clone();
}

nlohmann::json measure_quality(std::shared_ptr<const Prior> prior, const QualityOptions& o,
                               const std::function<void(const std::string&)>& say, std::stop_token stop) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(o.photos, error)) files.push_back(entry.path());
  if (files.empty()) throw MediaError(o.photos.string() + ": no photos there");
  std::sort(files.begin(), files.end());
  const auto count = std::min<size_t>(static_cast<size_t>(o.count), files.size());

  nlohmann::json report = {{"prior", prior->name},      {"precision", prior->precision},
                           {"photos", count},           {"size", o.size},
                           {"samples", o.samples},      {"hole", o.hole},
                           {"preset", o.preset},        {"sampler", o.sampler},
                           {"set", o.sampler_settings}, {"task_settings", o.task_settings}};
  sampler_settings(find_sampler(o.sampler), o.preset, o.sampler_settings);  // what is wrong with them is said first
  for (const auto& name : o.tasks) {
    Settings ignored = Settings::object();
    if (const Task& task = find_task(name, ignored); task.needs_mask && name != "inpainting")
      throw SettingError("quality: the task " + name + " needs a mask");
  }
  // The rows measured so far, for an interrupted measurement to go on from: task -> photo -> row.
  nlohmann::json kept = {{"of", report}, {"rows", nlohmann::json::object()}};
  const fs::path kept_file = o.out.empty() ? fs::path() : o.out / "rows.json";
  if (!o.out.empty()) {
    fs::create_directories(o.out);
    const auto before = read_json(kept_file);
    if (before.is_object() && before.value("of", nlohmann::json()) == report) kept = before;
  }
  const auto summarise = [&] {
    report["tasks"] = nlohmann::json::object();
    for (const auto& task : o.tasks) {
      std::vector<nlohmann::json> rows;
      for (const auto& row : kept["rows"][task]) rows.push_back(row);
      if (!rows.empty()) report["tasks"][task] = summary_of(rows);
    }
    if (o.out.empty()) return;
    write_text(o.out / "quality.json", json_text(report, 2) + "\n");
    write_text(o.out / "table.md", quality_table(report));
  };
  for (size_t k = 0; k < count; ++k) {
    const fs::path& photo = files[k * files.size() / count];
    for (const std::string& task : o.tasks) {
      if (stop.stop_requested()) break;
      nlohmann::json& row = kept["rows"][task][photo.filename().string()];
      if (!row.is_null()) continue;
      nlohmann::json measured = measure_photo(prior, o, task, photo, k, stop);
      if (measured.is_null()) {
        kept["rows"][task].erase(photo.filename().string());
        break;
      }
      row = std::move(measured);
      if (!o.out.empty()) write_text(kept_file, json_text(kept) + "\n");
      summarise();
      say(std::to_string(k + 1) + "/" + std::to_string(count) + " " + task + ": mean of samples so far " +
          json_text(report["tasks"][task]["mean_of_samples"]));
    }
  }
  summarise();
  return report;
}

std::string quality_table(const nlohmann::json& report) {
  const std::map<std::string, std::string> labels{{"inpainting", "strokes inpainting, 25 %"},
                                                  {"sr4", "enlarge x4, noise 0.05"},
                                                  {"blur", "Gaussian blur, noise 0.05"},
                                                  {"denoising", "denoising, sigma 0.2"},
                                                  {"jpeg", "JPEG quality 5"}};
  const std::string method = find_sampler(report.at("sampler")).label;
  std::string table = "| task | method | PSNR (dB) | SSIM | GMSD | s / sample |\n|---|---|---|---|---|---|\n";
  const auto row = [&](const std::string& task, const std::string& method, const nlohmann::json& m,
                       const std::string& seconds) {
    char line[256];
    std::snprintf(line, sizeof line, "| %s | %s | %.2f | %.3f | %.3f | %s |\n", task.c_str(), method.c_str(),
                  m.at("psnr").get<double>(), m.at("ssim").get<double>(), m.at("gmsd").get<double>(), seconds.c_str());
    table += line;
  };
  for (const auto& [name, task] : report.at("tasks").items()) {
    char seconds[32];
    std::snprintf(seconds, sizeof seconds, "%.1f", task.at("seconds_per_sample").get<double>());
    const auto known = labels.find(name);
    const auto hole = report.value("hole", int64_t{0});
    const std::string label = hole > 0 && name == "inpainting"
                                  ? "hole of " + std::to_string(hole) + " pixels in the middle"
                              : known != labels.end() ? known->second
                                                      : name;
    row(label, method + ", mean of the samples", task.at("mean_of_samples"), "");
    row("", method + ", one sample", task.at("one_sample"), seconds);
    for (const auto& [baseline, figures] : task.at("baselines").items()) row("", baseline, figures, "");
  }
  return table;
}

}  // namespace mgdm
