#include "core/measure/separation_quality.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "core/compare/sweep.h"
#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/files/scratch_folder.h"

namespace mgdm {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char *kFigure = "si_sdr_improvement", *kMedian = "median_sdr";

// A row of the table: which cell of a song has it, and under which name.
struct Row {
  const char* name;
  size_t method;
  const char* before;
};
constexpr Row kRows[] = {{"sample", 0, "sample_"},       {"mean_of_samples", 0, "mean_"}, {"estimate", 0, ""},
                         {"harmonic_percussive", 1, ""}, {"ratio_mask", 2, ""},           {"start", 3, ""}};

class Means {
 public:
  void add(double value) {
    if (!std::isfinite(value)) return;
    sum_ += value;
    ++count_;
  }
  double mean() const { return count_ > 0 ? sum_ / count_ : 0; }

 private:
  double sum_ = 0;
  int count_ = 0;
};

double median_of(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

json song_value(const SeparationQualityOptions& o, const fs::path& file) {
  json value = {{"label", file.stem().string()}, {"song", fs::absolute(file).string()}};
  if (!o.start.empty()) value["start"] = fs::absolute(o.start / file.filename()).string();
  return value;
}

}  // namespace

CompareSpec separation_spec(const SeparationQualityOptions& o) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(o.songs, error)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  if (files.empty()) throw MediaError(o.songs.string() + ": no songs in stems (.safetensors) there");
  std::sort(files.begin(), files.end());
  json songs = json::array();
  const size_t count = std::min<size_t>(static_cast<size_t>(o.count), files.size());
  for (size_t k = 0; k < count; ++k) songs.push_back(song_value(o, files[k * files.size() / count]));
  const SeparationRequest& r = o.request;
  json model = {{"label", "model"}, {"sampler", r.sampler}, {"preset", r.preset}};
  model.update(r.sampler_settings);
  json methods = {model,
                  {{"label", "harmonic-percussive"}, {"classical", "harmonic_percussive"}},
                  {{"label", "oracle ratio mask"}, {"classical", "ratio_mask"}}};
  json base = {
      {"prior", o.prior}, {"seconds", o.seconds}, {"seed", r.seed}, {"random_polarities", r.random_polarities}};
  if (r.other > 0) base["other"] = r.other;
  if (!o.start.empty()) {
    methods.push_back({{"label", "start"}, {"classical", "start"}});
    base["start_sigma"] = r.start_sigma;
  }
  return parse_spec(
      {{"base", base}, {"axes", {{{"name", "song"}, {"values", songs}}, {{"name", "method"}, {"values", methods}}}}},
      "/");
}

json separation_quality(const SeparationQualityOptions& o, const std::function<void(const std::string&)>& progress,
                        std::stop_token stop) {
  CompareSpec spec = separation_spec(o);
  const SeparationRequest& r = o.request;
  if (r.samples > 0) spec.base["samples"] = r.samples;
  if (r.noise >= 0) spec.base["noise"] = r.noise;
  const std::vector<Cell> cells = cells_of(spec);
  throw_first_error(cells);
  const ScratchFolder scratch;
  const CellStore store(scratch.path());
  SweepObserver observer;
  observer.finished = [&](const Cell& cell, const CellResult& result) {
    if (!result.error.empty()) throw MediaError(result.error);
    if (cell.at[1] == 0 && progress) {
      const auto found = result.figures.find(kFigure);
      progress(spec.axes[0].values[cell.at[0]].label + "  " +
               (found != result.figures.end() ? figure_text(kFigure, found->second) : ""));
    }
  };
  sweep(cells, spec, store, {.place = o.place}, observer, stop);

  json report{{"songs", json::array()}};
  std::map<size_t, std::map<size_t, CellResult>> songs;  // song -> method
  for (const Cell& cell : cells) {
    if (auto result = store.read(cell.key, false)) songs[cell.at[0]][cell.at[1]] = std::move(*result);
  }
  std::map<std::string, std::map<std::string, Means>> means;
  std::map<std::string, std::map<std::string, std::vector<double>>> medians;
  std::vector<std::string> stems;
  Means seconds;
  int64_t forward = 0, backward = 0;
  for (const auto& [number, methods] : songs) {
    if (methods.size() < spec.axes[1].values.size()) continue;  // it was stopped in the middle of this song
    const CellResult& model = methods.at(0);
    model.record.at("stems").get_to(stems);
    json entry{{"song", spec.axes[0].values[number].label}, {"seconds", model.figures.at("seconds")}};
    for (const Row& row : kRows) {
      if (methods.count(row.method) == 0) continue;
      for (const std::string& stem : stems) {
        const Figures& figures = methods.at(row.method).figures;
        if (const auto median = figures.find(row.before + std::string(kMedian) + "." + stem);
            median != figures.end() && std::isfinite(median->second))
          medians[row.name][stem].push_back(median->second);
        const auto found = figures.find(row.before + std::string(kFigure) + "." + stem);
        if (found == figures.end()) continue;
        entry[row.name][stem] = found->second;
        means[row.name][stem].add(found->second);
      }
    }
    report["songs"].push_back(entry);
    report["request"] = model.record.at("request");
    seconds.add(model.figures.at("seconds") / o.seconds);
    forward += model.record.at("evaluations").at("forward").get<int64_t>();
    backward += model.record.at("evaluations").at("backward").get<int64_t>();
  }
  report["stems"] = stems;
  for (const Row& row : kRows) {
    if (row.method >= spec.axes[1].values.size()) continue;
    Means all, all_medians;
    for (const std::string& stem : stems) {
      const double mean = means[row.name][stem].mean(), median = median_of(medians[row.name][stem]);
      report["mean"][row.name][stem] = mean;
      report["median_sdr"][row.name][stem] = median;
      all.add(mean);
      all_medians.add(median);
    }
    report["mean"][row.name]["all"] = all.mean();
    report["median_sdr"][row.name]["all"] = all_medians.mean();
  }
  report["seconds_per_second"] = seconds.mean();
  report["evaluations"] = {{"forward", forward}, {"backward", backward}};
  return report;
}

}  // namespace mgdm
