#include "core/measure/quality.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/compare/sweep.h"
#include "core/files/json_text.h"
#include "core/files/scratch_folder.h"
#include "core/media/image_file.h"
#include "core/runs/photo_job.h"
#include "core/samplers/description.h"

namespace mgdm {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr size_t kModel = 0;  // of the axis "method"; the classical ones follow

// A classical method with its strengths and the tasks that it is for; "" is every other task of the same size.
struct Baseline {
  const char *label, *name;
  std::vector<double> strengths;
  std::vector<std::string> tasks;
};

const std::vector<Baseline>& baselines() {
  static const std::vector<Baseline> list{
      {"Telea", "telea", {}, {"inpainting"}},
      {"Navier-Stokes", "navier_stokes", {}, {"inpainting"}},
      {"bicubic", "bicubic", {}, {"sr4"}},
      {"Wiener", "wiener", {0.003, 0.01, 0.02, 0.05}, {"blur"}},
      {"non-local means", "nlm", {16, 20, 25, 30}, {"denoising"}},
      {"the JPEG itself", "observation", {}, {"jpeg"}},
      {"the observation itself", "observation", {}, {""}},
  };
  return list;
}

// "Wiener 0.01" -> "Wiener"
std::string baseline_of(const std::string& method) {
  for (const Baseline& baseline : baselines()) {
    if (method.rfind(baseline.label, 0) == 0) return baseline.label;
  }
  return method;
}

bool is_for(const Baseline& baseline, const std::string& task) {
  const auto named = [&](const std::string& name) {
    return std::any_of(baselines().begin(), baselines().end(), [&](const Baseline& b) {
      return std::find(b.tasks.begin(), b.tasks.end(), name) != b.tasks.end();
    });
  };
  if (baseline.tasks.front().empty()) {
    Settings settings = Settings::object();
    const Task& described = find_task(task, settings);
    return !named(task) && shrink_factor(described, complete_settings(described.settings, settings, "task")) == 1;
  }
  return std::find(baseline.tasks.begin(), baseline.tasks.end(), task) != baseline.tasks.end();
}

std::vector<fs::path> photos_in(const fs::path& folder, int64_t wanted) {
  std::vector<fs::path> files, chosen;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) files.push_back(entry.path());
  if (files.empty()) throw MediaError(folder.string() + ": no photos there");
  std::sort(files.begin(), files.end());
  const auto count = std::min<size_t>(static_cast<size_t>(wanted), files.size());
  for (size_t k = 0; k < count; ++k) chosen.push_back(files[k * files.size() / count]);
  return chosen;
}

json keys_of_task(const QualityOptions& o, const std::string& name) {
  json keys = {{"task", name}};
  Settings settings = Settings::object();
  if (const Task& task = find_task(name, settings); task.needs_mask && name != "inpainting")
    throw SettingError("quality: the task " + name + " needs a mask");
  if (name == "inpainting") {  // what was not painted is known exactly, as in use
    keys.update({{"observed", true}, {"reference", "photo"}});
    if (o.hole > 0)
      keys["hole"] = o.hole;
    else
      keys["strokes"] = 0.25;
  }
  if (name == "jpeg") keys["task.quality"] = 5;
  if (o.task_settings.is_object()) {
    for (const auto& [key, value] : o.task_settings.items()) keys["task." + key] = value;
  }
  return keys;
}

Figures summed(const std::vector<const CellResult*>& results, const std::string& before) {
  Figures means;
  for (const char* name : {"psnr", "ssim", "gmsd"}) {
    double sum = 0;
    for (const CellResult* result : results) {
      const auto found = result->figures.find(before + name);
      sum += found != result->figures.end() ? found->second : result->figures.at(name);  // one sample is its own mean
    }
    means[name] = sum / static_cast<double>(std::max<size_t>(1, results.size()));
  }
  return means;
}

// What a measurement has of its cells.
class Rows {
 public:
  Rows(const QualityOptions& o, const CompareSpec& spec, const std::vector<Cell>& cells, const CellStore& store)
      : o_(o), spec_(spec), cells_(cells), store_(store) {}

  void add(const Cell& cell, const CellResult& result) {
    CellResult figures = result;
    figures.tensors.clear();
    results_[cell.index] = std::move(figures);
  }
  void read_all() {
    for (const Cell& cell : cells_) {
      if (auto result = store_.read(cell.key, false); result && result->error.empty()) add(cell, *result);
    }
  }

  json of_task(size_t task) const {
    std::vector<const CellResult*> models;
    std::map<size_t, std::vector<const CellResult*>> others;
    double seconds = 0;
    for (const auto& [index, result] : results_) {
      const Cell& cell = cells_[index];
      if (cell.at[1] != task) continue;
      if (cell.at[2] != kModel) {
        others[cell.at[2]].push_back(&result);
        continue;
      }
      models.push_back(&result);
      seconds += result.figures.at("seconds") / static_cast<double>(o_.samples);
    }
    if (models.empty()) return nullptr;
    json best = json::object();
    for (const auto& [method, list] : others) {
      // Of a baseline's strengths the best in PSNR stands for it.
      const std::string label = baseline_of(spec_.axes[2].values[method].label);
      const json figures = summed(list, "");
      json& kept = best[label];
      if (kept.is_null() || kept.at("psnr").get<double>() < figures.at("psnr").get<double>()) kept = figures;
    }
    return {{"photos", models.size()},
            {"one_sample", summed(models, "")},
            {"mean_of_samples", summed(models, "mean_")},
            {"baselines", best},
            {"sampler_settings", models.front()->record.at("request").at("settings")},
            {"seconds_per_sample", seconds / static_cast<double>(models.size())}};
  }

  json report() const {
    json report = {{"prior", o_.prior},       {"photos", spec_.axes[0].values.size()},
                   {"size", o_.size},         {"samples", o_.samples},
                   {"hole", o_.hole},         {"preset", o_.preset},
                   {"sampler", o_.sampler},   {"set", o_.sampler_settings},
                   {"tasks", json::object()}, {"task_settings", o_.task_settings}};
    for (size_t k = 0; k < o_.tasks.size(); ++k) {
      if (json task = of_task(k); !task.is_null()) report["tasks"][o_.tasks[k]] = std::move(task);
    }
    for (const auto& [index, result] : results_) {
      if (cells_[index].at[2] == kModel) report["precision"] = result.record.value("precision", "");
    }
    return report;
  }

  // The first photos beside each other: what was given, the first classical method, a sample, the mean, the clean one.
  void write_pictures() const {
    constexpr size_t kPhotos = 4;
    for (const Cell& cell : cells_) {
      if (cell.at[2] != kModel || cell.at[0] >= kPhotos || results_.count(cell.index) == 0) continue;
      const auto model = store_.read(cell.key);
      if (!model) continue;
      std::vector<at::Tensor> row;
      const at::Tensor& clean = model->tensors.at("reference");
      at::Tensor seen = model->tensors.at("observation");
      if (const int64_t by = clean.size(1) / seen.size(1); by > 1)
        seen = seen.repeat_interleave(by, 1).repeat_interleave(by, 2);
      if (seen.sizes() == clean.sizes()) row.push_back(seen);
      for (const Cell& other : cells_) {
        if (other.at[0] != cell.at[0] || other.at[1] != cell.at[1] || other.at[2] == kModel) continue;
        if (const auto classical = store_.read(other.key); classical && row.size() < 2)
          row.push_back(classical->tensors.at("samples")[0]);
      }
      const at::Tensor& samples = model->tensors.at("samples");
      row.push_back(samples[0]);
      row.push_back(samples.to(at::kFloat).mean(0).round().to(at::kByte));
      row.push_back(clean);
      write_image(o_.out / (o_.tasks[cell.at[1]] + "_" + std::to_string(cell.at[0]) + ".png"), at::cat(row, 2));
    }
  }

 private:
  const QualityOptions& o_;
  const CompareSpec& spec_;
  const std::vector<Cell>& cells_;
  const CellStore& store_;
  std::map<size_t, CellResult> results_;
};

}  // namespace

CompareSpec quality_spec(const QualityOptions& o) {
  sampler_settings(find_sampler(o.sampler), o.preset, o.sampler_settings);  // what is wrong with them is said first
  json photos = json::array(), tasks = json::array(), methods = json::array(), skip = json::array();
  uint64_t number = 0;
  for (const fs::path& photo : photos_in(o.photos, o.count)) {
    photos.push_back({{"label", photo.filename().string()},
                      {"photo", fs::absolute(photo).string()},
                      {"seed", number},
                      {"observation_seed", number},
                      {"mask_seed", number}});
    ++number;
  }
  json model = {{"label", find_sampler(o.sampler).label}, {"sampler", o.sampler}, {"preset", o.preset}};
  model.update(o.sampler_settings);
  methods.push_back(model);
  for (const Baseline& baseline : baselines()) {
    const auto add = [&](const std::string& label, json strength) {
      json method = {{"label", label}, {"classical", baseline.name}};
      if (!strength.is_null()) method["strength"] = std::move(strength);
      bool used = false;
      for (const std::string& task : o.tasks) used = used || is_for(baseline, task);
      if (!used) return;
      methods.push_back(method);
      for (const std::string& task : o.tasks) {
        if (!is_for(baseline, task)) skip.push_back({{"task", task}, {"method", label}});
      }
    };
    if (baseline.strengths.empty()) add(baseline.label, nullptr);
    for (const double strength : baseline.strengths) add(baseline.label + (" " + json_text(json(strength))), strength);
  }
  for (const std::string& task : o.tasks) {
    json keys = keys_of_task(o, task);
    keys["label"] = task;
    tasks.push_back(keys);
  }
  return parse_spec({{"base", {{"prior", o.prior}, {"samples", o.samples}, {"square", o.size}}},
                     {"axes",
                      {{{"name", "photo"}, {"values", photos}},
                       {{"name", "task"}, {"values", tasks}},
                       {{"name", "method"}, {"values", methods}}}},
                     {"skip", skip}},
                    "/");
}

json measure_quality(const QualityOptions& o, const std::function<void(const std::string&)>& say,
                     std::stop_token stop) {
  const CompareSpec spec = quality_spec(o);
  const std::vector<Cell> cells = cells_of(spec);
  throw_first_error(cells);
  std::optional<ScratchFolder> scratch;
  if (o.out.empty()) scratch.emplace();
  const CellStore store(o.out.empty() ? scratch->path() : o.out / "cells");
  Rows rows(o, spec, cells, store);
  rows.read_all();
  const auto summarise = [&] {
    json report = rows.report();
    if (!o.out.empty()) {
      write_text(o.out / "quality.json", json_text(report, 2) + "\n");
      write_text(o.out / "table.md", quality_table(report));
    }
    return report;
  };
  size_t measured = 0;
  SweepObserver observer;
  observer.finished = [&](const Cell& cell, const CellResult& result) {
    if (!result.error.empty()) throw MediaError(result.error);
    rows.add(cell, result);
    if (cell.at[2] != kModel) return;
    const json report = summarise();
    const std::string& task = o.tasks[cell.at[1]];
    say(std::to_string(++measured) + " " + task + ", " + spec.axes[0].values[cell.at[0]].label +
        ": mean of samples so far " + json_text(report["tasks"][task]["mean_of_samples"]));
  };
  sweep(cells, spec, store, {.place = o.place, .again = true}, observer, stop);
  if (!o.out.empty()) rows.write_pictures();
  return summarise();
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
