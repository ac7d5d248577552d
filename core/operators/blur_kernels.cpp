#include "core/operators/blur_kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <locale>
#include <sstream>

#include "core/errors.h"

namespace mgdm {

at::Tensor gaussian_kernel(int64_t size, double deviation) {
  const at::Tensor k = at::arange(size, at::kDouble) - static_cast<double>(size / 2);
  const auto radius = static_cast<double>(static_cast<int64_t>(4.0 * deviation + 0.5));
  at::Tensor line = at::exp(-0.5 * (k / deviation).square()) * (k.abs() <= radius);
  line = line / line.sum();
  return at::outer(line, line);
}

namespace {

// Spreads short strokes along x, y (each with the same weight) over their four nearest pixels.
at::Tensor splat(int64_t size, const std::vector<std::array<double, 2>>& points) {
  at::Tensor kernel = at::zeros({size, size}, at::kDouble);
  auto pixel = kernel.accessor<double, 2>();
  for (const auto& [x, y] : points) {
    const double fx = std::floor(x), fy = std::floor(y);
    for (int oy = 0; oy < 2; ++oy) {
      for (int ox = 0; ox < 2; ++ox) {
        const auto px = static_cast<int64_t>(fx) + ox, py = static_cast<int64_t>(fy) + oy;
        if (px < 0 || py < 0 || px >= size || py >= size) continue;
        pixel[py][px] += (ox ? x - fx : 1 - x + fx) * (oy ? y - fy : 1 - y + fy);
      }
    }
  }
  return kernel / kernel.sum();
}

constexpr int kStrokes = 2000;

// Whitespace and `separators` end a number.
std::vector<double> numbers_in(const std::string& text, const std::string& whole) {
  std::vector<double> numbers;
  std::istringstream in(text);
  in.imbue(std::locale::classic());
  for (double number = 0; in >> number;) numbers.push_back(number);
  if (!in.eof())
    throw OperatorError("the blur kernel '" + whole.substr(0, 60) +
                        "' is neither a path \"x,y x,y ...\" nor rows of numbers \"0 1 0; 1 2 1; 0 1 0\"");
  return numbers;
}

at::Tensor path_kernel(const std::string& text, int64_t size) {
  std::string spaced = text;
  std::replace(spaced.begin(), spaced.end(), ',', ' ');
  const std::vector<double> values = numbers_in(spaced, text);
  if (values.size() < 2 || values.size() % 2 != 0 || values.size() > 20000)
    throw OperatorError("the blur kernel's path needs points \"x,y x,y ...\"");
  std::vector<std::array<double, 2>> corners, points;
  for (size_t i = 0; i < values.size(); i += 2) corners.push_back({values[i], values[i + 1]});
  double length = 0;
  for (size_t i = 1; i < corners.size(); ++i)
    length += std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
  if (length == 0) {
    points.push_back(corners[0]);
  } else {
    double before = 0;  // length of the path up to corner i - 1
    size_t i = 1;
    for (int k = 0; k < kStrokes; ++k) {
      const double at = (k + 0.5) / kStrokes * length;
      double piece = std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
      while (at > before + piece && i + 1 < corners.size()) {
        before += piece;
        ++i;
        piece = std::hypot(corners[i][0] - corners[i - 1][0], corners[i][1] - corners[i - 1][1]);
      }
      const double share = piece > 0 ? std::clamp((at - before) / piece, 0.0, 1.0) : 0;
      points.push_back({corners[i - 1][0] + share * (corners[i][0] - corners[i - 1][0]),
                        corners[i - 1][1] + share * (corners[i][1] - corners[i - 1][1])});
    }
  }
  double mean_x = 0, mean_y = 0;  // centred, so that the blur does not move the picture
  for (const auto& [x, y] : points) {
    mean_x += x / static_cast<double>(points.size());
    mean_y += y / static_cast<double>(points.size());
  }
  const auto middle = static_cast<double>(size / 2);
  for (auto& [x, y] : points) {
    x += middle - mean_x;
    y += middle - mean_y;
    if (x < 0 || y < 0 || x > static_cast<double>(size - 1) || y > static_cast<double>(size - 1))
      throw OperatorError("the blur kernel's path does not fit into " + std::to_string(size) + " x " +
                          std::to_string(size) + " pixels");
  }
  return splat(size, points);
}

}  // namespace

at::Tensor motion_kernel(int64_t size, double length, double angle) {
  std::vector<std::array<double, 2>> points;
  const double dx = std::cos(angle * M_PI / 180), dy = -std::sin(angle * M_PI / 180);
  for (int i = 0; i < kStrokes; ++i) {
    const double along = ((i + 0.5) / kStrokes - 0.5) * length;
    points.push_back({static_cast<double>(size / 2) + along * dx, static_cast<double>(size / 2) + along * dy});
  }
  return splat(size, points);
}

at::Tensor parse_kernel(const std::string& text, int64_t size) {
  if (text.find(',') != std::string::npos) return path_kernel(text, size);
  std::vector<std::vector<double>> rows;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line, ';');) {
    if (line.find_first_not_of(" \t\n") != std::string::npos) rows.push_back(numbers_in(line, text));
  }
  const auto h = static_cast<int64_t>(rows.size()), w = rows.empty() ? 0 : static_cast<int64_t>(rows[0].size());
  if (h == 0 || w == 0) throw OperatorError("the blur kernel is empty");
  if (h > size || w > size)
    throw OperatorError("the blur kernel of " + std::to_string(w) + "x" + std::to_string(h) +
                        " pixels is larger than the " + std::to_string(size) + "x" + std::to_string(size) +
                        " that fit this picture");
  at::Tensor kernel = at::zeros({size, size}, at::kDouble);
  auto pixel = kernel.accessor<double, 2>();
  for (int64_t y = 0; y < h; ++y) {
    if (static_cast<int64_t>(rows[y].size()) != w) throw OperatorError("the rows of the blur kernel differ in length");
    for (int64_t x = 0; x < w; ++x) {
      const double value = rows[y][x];
      if (!(value >= 0) || !std::isfinite(value))
        throw OperatorError("the blur kernel holds a value that is negative or no number");
      pixel[size / 2 - h / 2 + y][size / 2 - w / 2 + x] = value;
    }
  }
  const double sum = kernel.sum().item<double>();
  if (!(sum > 0)) throw OperatorError("the blur kernel is zero everywhere");
  return kernel / sum;
}

int64_t kernel_size_for(const std::vector<int64_t>& shape) {
  return std::min<int64_t>(61, (std::min(shape[1], shape[2]) - 1) / 2 * 2 + 1);
}

}  // namespace mgdm
