// The numbers by which cells are compared.
#pragma once
#include <map>
#include <string>
#include <vector>

namespace mgdm {

/// name -> value; NaN where it could not be measured.
using Figures = std::map<std::string, double>;

struct Figure {
  std::string name;   ///< as in files
  std::string label;  ///< for people
  std::string unit = {};
  bool higher_is_better = false;
  bool of_quality = true;  ///< false: of effort (evaluations, seconds, memory)
  int digits = 3;          ///< after the point
};

/// In the order in which people want to see them, metrics of images first (core/metrics/images).
const std::vector<Figure>& known_figures();
/// What is known of a figure; of an unknown name (an own metric, one stem's SI-SDR) what its name tells.
Figure figure_of(const std::string& name);
/// The names that occur in `of`, in the order in which people want to see them.
std::vector<std::string> ordered_figures(const std::vector<Figures>& of);
/// "27.84", "1.2 GB", "12.3 s": with its unit; "-" for NaN.
std::string figure_text(const std::string& name, double value);

}  // namespace mgdm
