#include "core/compare/charts.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

namespace mgdm {

namespace {

bool shown(double value, bool logarithmic) { return std::isfinite(value) && (!logarithmic || value > 0); }

// A step of 0.05 needs two digits after the point.
std::string tick_text(double value, double step) {
  std::array<char, 48> text{};
  const double size = std::max(std::abs(value), step);
  if (value != 0 && (size >= 1e6 || size < 1e-4)) {
    std::snprintf(text.data(), text.size(), "%.3g", value);
  } else {
    const int digits = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-9)));
    std::snprintf(text.data(), text.size(), "%.*f", std::min(digits, 12), value);
  }
  return text.data();
}

std::vector<Tick> linear_ticks(double low, double high, int wanted) {
  const double rough = (high - low) / std::max(1, wanted);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<Tick> all;
  // Counted, not added up: no rounding error grows, and zero is zero.
  const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
  for (double n = first; n <= last && all.size() < 100; ++n) {
    const double value = n * step + 0.0;  // "0", not "-0"
    all.push_back({value, tick_text(value, step)});
  }
  return all;
}

std::vector<Tick> decades(double low, double high, const std::vector<int>& factors, int every) {
  std::vector<Tick> all;
  const int first = static_cast<int>(std::floor(std::log10(low) - 1e-9));
  const int last = static_cast<int>(std::ceil(std::log10(high) + 1e-9));
  for (int power = first; power <= last; ++power) {
    if (power % every != 0) continue;
    for (const int factor : factors) {
      const double value = factor * std::pow(10.0, power);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) {
        all.push_back({value, tick_text(value, std::pow(10.0, power))});
      }
    }
  }
  return all;
}

std::vector<std::array<double, 2>> regular(int corners, double radius, double turned) {
  constexpr double kPi = 3.14159265358979323846;
  std::vector<std::array<double, 2>> all;
  for (int k = 0; k < corners; ++k) {
    const double angle = turned + 2 * kPi * k / corners;
    all.push_back({radius * std::sin(angle), -radius * std::cos(angle)});
  }
  return all;
}

}  // namespace

double Scale::place(double value) const {
  if (!shown(value, logarithmic)) return std::numeric_limits<double>::quiet_NaN();
  if (logarithmic) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

double Scale::value(double place) const {
  return logarithmic ? low * std::pow(high / low, place) : low + place * (high - low);
}

Scale scale_of(const std::vector<double>& values, bool logarithmic, double margin) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double value : values) {
    if (!shown(value, logarithmic)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if (low > high) return logarithmic ? Scale{0.1, 10, true} : Scale{0, 1, false};
  if (logarithmic) {
    if (high < low * 1.05) {
      low /= 2;
      high *= 2;
    }
    const double room = std::pow(high / low, margin);
    return {low / room, high * room, true};
  }
  if (const double size = std::max(std::abs(low), std::abs(high)); high - low < 1e-9 * size || high == low) {
    const double half = size > 0 ? size * 0.05 : 0.5;
    low -= half;
    high += half;
  }
  const double room = (high - low) * margin;
  return {low - room, high + room, false};
}

std::vector<Tick> ticks(const Scale& scale, int wanted) {
  wanted = std::max(wanted, 2);
  if (!scale.logarithmic) return linear_ticks(scale.low, scale.high, wanted);
  const double powers = std::log10(scale.high / scale.low);
  if (powers > wanted) return decades(scale.low, scale.high, {1}, static_cast<int>(std::ceil(powers / wanted)));
  std::vector<Tick> all = decades(scale.low, scale.high, {1}, 1);
  if (all.size() * 2 <= static_cast<size_t>(wanted) || all.size() < 2) {
    all = decades(scale.low, scale.high, {1, 2, 5}, 1);
  }
  return all.size() < 3 ? linear_ticks(scale.low, scale.high, wanted) : all;
}

std::vector<size_t> pareto_front(const std::vector<std::pair<double, double>>& points, bool higher_is_better) {
  const double sign = higher_is_better ? 1 : -1;
  std::vector<size_t> order;
  for (size_t k = 0; k < points.size(); ++k) {
    if (std::isfinite(points[k].first) && std::isfinite(points[k].second)) order.push_back(k);
  }
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (points[a].first != points[b].first) return points[a].first < points[b].first;
    return sign * points[a].second > sign * points[b].second;
  });
  std::vector<size_t> front;
  for (const size_t k : order) {
    if (front.empty() || sign * points[k].second > sign * points[front.back()].second) front.push_back(k);
  }
  return front;
}

SeriesStyle series_style(size_t n) {
  constexpr std::array<std::array<const char*, 2>, 7> kColours{{{"#0072b2", "#56b4e9"},    // blue
                                                                {"#c45500", "#e69f00"},    // orange
                                                                {"#00795a", "#2fc896"},    // green
                                                                {"#a8387a", "#e58fc4"},    // purple
                                                                {"#7a6a00", "#f0e442"},    // yellow
                                                                {"#b3261e", "#ff7b5a"},    // vermilion
                                                                {"#4a5058", "#c3c7cf"}}};  // grey
  const auto& [light, dark] = kColours[n % kColours.size()];
  // The eighth series has the first's colour and another marker, and so on: 49 different ones.
  const size_t marker = (n + n / kColours.size()) % 7;
  return {light, dark, static_cast<Marker>(marker)};
}

std::vector<std::array<double, 2>> outline(Marker marker) {
  constexpr double kPi = 3.14159265358979323846;
  switch (marker) {
    case Marker::Square:
      return regular(4, 1.25, kPi / 4);
    case Marker::Triangle:
      return regular(3, 1.45, 0);
    case Marker::Diamond:
      return regular(4, 1.35, 0);
    case Marker::Pentagon:
      return regular(5, 1.2, 0);
    case Marker::TriangleDown:
      return regular(3, 1.45, kPi);
    case Marker::Cross: {
      constexpr double kThick = 0.42, kLong = 1.3;
      return {{-kThick, -kLong}, {kThick, -kLong}, {kThick, -kThick}, {kLong, -kThick},
              {kLong, kThick},   {kThick, kThick}, {kThick, kLong},   {-kThick, kLong},
              {-kThick, kThick}, {-kLong, kThick}, {-kLong, -kThick}, {-kThick, -kThick}};
    }
    case Marker::Circle:
      break;
  }
  return {};
}

}  // namespace mgdm
