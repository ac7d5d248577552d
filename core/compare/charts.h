// What a plot needs, on the screen (ui/widgets/axes.h) as in a report: scales, ticks, series that are told apart, and
// the front of the best.
#pragma once
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace mgdm {

struct Scale {
  double low = 0, high = 1;  ///< low < high; both above 0 where logarithmic
  bool logarithmic = false;
  /// 0 at `low`, 1 at `high`; NaN where the scale cannot show the value.
  double place(double value) const;
  double value(double place) const;
};

/// Holds all finite values (above 0 where logarithmic), with a part `margin` of its length free at both ends. Never
/// empty: around 1 (0 to 1 where linear) without values, around the only one.
Scale scale_of(const std::vector<double>& values, bool logarithmic, double margin = 0.06);

struct Tick {
  double value = 0;
  std::string text;
};
/// About `wanted` round numbers inside the scale: 1, 2 or 5 times a power of ten.
std::vector<Tick> ticks(const Scale& scale, int wanted);

/// Points (effort, quality) that no other beats in both: at most its effort, at least its quality. Their indices,
/// ascending in effort; of equal points the first. What is not finite takes no part.
std::vector<size_t> pareto_front(const std::vector<std::pair<double, double>>& points, bool higher_is_better);

enum class Marker { Circle, Square, Triangle, Diamond, Cross, Pentagon, TriangleDown };

/// How the n-th series is drawn: by marker as well as by colour, and by colours that people with any colour blindness
/// tell apart (Okabe and Ito 2008, lightened for dark ground, darkened for light).
struct SeriesStyle {
  const char *on_light = "", *on_dark = "";  ///< "#0072b2"
  Marker marker = Marker::Circle;
};
SeriesStyle series_style(size_t n);
/// The corners of a closed outline around the origin, of about the area of a circle of radius 1; empty: the circle.
std::vector<std::array<double, 2>> outline(Marker marker);

}  // namespace mgdm
