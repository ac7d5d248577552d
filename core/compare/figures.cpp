#include "core/compare/figures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "core/metrics/image_metrics.h"

namespace mgdm {

const std::vector<Figure>& known_figures() {
  static const std::vector<Figure> list = [] {
    std::vector<Figure> all;
    const auto add_metrics = [&](const std::string& before, const std::string& where) {
      for (const ImageMetric& m : image_metrics())
        all.push_back({before + m.name, m.label + where, m.unit, m.higher_is_better, true, m.unit == "dB" ? 2 : 3});
    };
    add_metrics("", "");
    add_metrics("mean_", " of the mean");
    add_metrics("hole_", " in the hole");
    all.push_back({"hole_seam", "Jump across the seam, photo's own 1", "", false, true, 2});
    add_metrics("mean_hole_", " in the hole, of the mean");
    all.push_back({"mean_hole_seam", "Jump across the seam of the mean, photo's own 1", "", false, true, 2});
    const auto add_sound = [&](const std::string& before, const std::string& where) {
      all.push_back({before + "si_sdr_improvement", "SI-SDR improvement" + where, "dB", true, true, 2});
      all.push_back({before + "si_sdr", "SI-SDR" + where, "dB", true, true, 2});
      all.push_back({before + "sdr", "SDR" + where, "dB", true, true, 2});
      all.push_back({before + "median_sdr", "SDR, median of seconds" + where, "dB", true, true, 2});
    };
    add_sound("", "");
    add_sound("sample_", " of one sample");
    add_sound("mean_", " of the samples' mean");
    all.push_back({"distance", "Distance to the posterior", "", false, true, 3});
    all.push_back({"floor", "Distance of exact samples", "", false, false, 3});
    all.push_back({"prior_distance", "Distance of the prior", "", false, false, 3});
    all.push_back({"mode_error", "Error of the modes' shares", "", false, true, 3});
    all.push_back({"residual", "Residual", "sigma", false, false, 2});
    all.push_back({"evaluations", "Evaluations", "", false, false, 0});
    all.push_back({"seconds", "Time", "s", false, false, 1});
    all.push_back({"peak_memory", "Peak memory", "MB", false, false, 0});
    return all;
  }();
  return list;
}

Figure figure_of(const std::string& name) {
  for (const Figure& figure : known_figures()) {
    if (figure.name == name) return figure;
  }
  if (const auto dot = name.find('.'); dot != std::string::npos) {  // "si_sdr.bass"
    Figure figure = figure_of(name.substr(0, dot));
    figure.name = name;
    figure.label += ", " + name.substr(dot + 1);
    return figure;
  }
  return {name, name, "", false, false, 3};
}

std::vector<std::string> ordered_figures(const std::vector<Figures>& of) {
  std::vector<std::string> names;
  for (const Figures& figures : of) {
    for (const auto& [name, value] : figures) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  const auto rank = [](const std::string& name) {
    const std::string whole = name.substr(0, name.find('.'));
    const auto found =
        std::find_if(known_figures().begin(), known_figures().end(), [&](const Figure& f) { return f.name == whole; });
    return std::pair{found - known_figures().begin(), name};
  };
  std::sort(names.begin(), names.end(), [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return names;
}

std::string figure_text(const std::string& name, double value) {
  if (!std::isfinite(value)) return "-";
  const Figure figure = figure_of(name);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", figure.digits, value);
  return std::string(text.data()) + (figure.unit.empty() ? "" : " " + figure.unit);
}

}  // namespace mgdm
