#include "core/training/loss_curve.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>

namespace mgdm {

void write_loss_csv(const std::filesystem::path& file, const std::vector<TrainingRow>& rows,
                    const std::vector<double>& sigmas) {
  std::ostringstream out;
  out << "step,minutes,loss,learning_rate";
  for (const double s : sigmas) out << ",psnr_sigma_" << s;
  out << '\n';
  for (const auto& row : rows) {
    out << row.step << ',' << row.minutes << ',' << row.loss << ',' << row.learning_rate;
    for (size_t i = 0; i < sigmas.size(); ++i) {
      out << ',';
      if (i < row.psnr.size()) out << row.psnr[i];
    }
    out << '\n';
  }
  std::ofstream stream(file, std::ios::trunc);
  stream << out.str();
  stream.close();
  if (!stream) throw std::runtime_error(file.string() + ": cannot be written");
}

std::vector<TrainingRow> read_loss_csv(const std::filesystem::path& file) {
  std::vector<TrainingRow> rows;
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream cells(line);
    std::vector<double> values;
    for (std::string cell; std::getline(cells, cell, ',');) {
      if (!cell.empty()) values.push_back(std::strtod(cell.c_str(), nullptr));
    }
    if (values.size() < 4) break;  // a half-written last line
    rows.push_back(
        {static_cast<int64_t>(values[0]), values[1], values[2], values[3], {values.begin() + 4, values.end()}});
  }
  return rows;
}

at::Tensor draw_loss_curve(const std::vector<TrainingRow>& rows) {
  constexpr int64_t kHeight = 360, kWidth = 640, kMargin = 20;
  at::Tensor canvas = at::full({3, kHeight, kWidth}, 255, at::kByte);
  auto pixels = canvas.accessor<uint8_t, 3>();
  const auto dot = [&](int64_t x, int64_t y, std::array<uint8_t, 3> color) {
    for (int64_t dy = 0; dy < 2; ++dy) {
      for (int64_t dx = 0; dx < 2; ++dx) {
        const int64_t px = std::clamp<int64_t>(x + dx, 0, kWidth - 1);
        const int64_t py = std::clamp<int64_t>(y + dy, 0, kHeight - 1);
        for (int c = 0; c < 3; ++c) pixels[c][py][px] = color[c];
      }
    }
  };
  for (int64_t x = kMargin; x < kWidth - kMargin; ++x) dot(x, kHeight - kMargin, {60, 60, 60});
  for (int64_t y = kMargin; y < kHeight - kMargin; ++y) dot(kMargin, y, {60, 60, 60});
  if (rows.empty()) return canvas;
  const double last = std::max<double>(1, static_cast<double>(rows.back().step));
  using Points = std::vector<std::pair<double, double>>;
  const auto draw = [&](const Points& points, double low, double high, std::array<uint8_t, 3> color) {
    const double span = std::max(1e-9, high - low);
    for (size_t i = 1; i < points.size(); ++i) {
      for (int k = 0; k <= 200; ++k) {
        const double f = k / 200.0;
        const double x = points[i - 1].first + f * (points[i].first - points[i - 1].first);
        const double y = points[i - 1].second + f * (points[i].second - points[i - 1].second);
        dot(kMargin + std::llround(x / last * (kWidth - 2 * kMargin)),
            kHeight - kMargin - std::llround((y - low) / span * (kHeight - 2 * kMargin)), color);
      }
    }
  };
  Points loss, psnr;
  for (const auto& row : rows) {
    if (row.loss > 0) loss.emplace_back(row.step, std::log10(row.loss));
    if (!row.psnr.empty()) psnr.emplace_back(row.step, row.psnr.front());
  }
  const auto range = [](const Points& points) {
    std::pair<double, double> r{1e300, -1e300};
    for (const auto& [x, y] : points) r = {std::min(r.first, y), std::max(r.second, y)};
    return r;
  };
  const auto [low, high] = range(loss);
  draw(loss, low, high, {31, 97, 178});
  const auto [worst, best] = range(psnr);
  draw(psnr, worst, best, {196, 78, 40});
  return canvas;
}

}  // namespace mgdm
