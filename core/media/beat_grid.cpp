#include "core/media/beat_grid.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mgdm {

namespace {

/// `a` modulo n, never negative.
int64_t wrapped(int64_t a, int64_t n) { return ((a % n) + n) % n; }

}  // namespace

bool begins_bar(const BeatGrid& grid, int64_t index) { return wrapped(index - grid.one, grid.per_bar) == 0; }

int64_t next_beat(const BeatGrid& grid, double frame) {
  return std::lower_bound(grid.beats.begin(), grid.beats.end(), frame,
                          [](int64_t beat, double at) { return static_cast<double>(beat) < at; }) -
         grid.beats.begin();
}

double beat_period(const BeatGrid& grid, double frame) {
  const auto n = static_cast<int64_t>(grid.beats.size());
  if (n < 2) return 0;
  // A frame that is a beat belongs to the distance that begins there.
  const int64_t after = std::clamp<int64_t>(next_beat(grid, std::floor(frame) + 1), 1, n - 1);
  return static_cast<double>(grid.beats[static_cast<size_t>(after)] - grid.beats[static_cast<size_t>(after - 1)]);
}

double beats_per_minute(const BeatGrid& grid, int sample_rate) {
  if (grid.beats.size() < 2) return 0;
  std::vector<double> distances;
  for (size_t i = 1; i < grid.beats.size(); ++i)
    distances.push_back(static_cast<double>(grid.beats[i] - grid.beats[i - 1]));
  const auto middle = distances.begin() + static_cast<ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  const double median = *middle;
  std::erase_if(distances, [&](double d) { return std::abs(d - median) > 0.15 * median; });
  return 60.0 * sample_rate * static_cast<double>(distances.size()) /
         std::accumulate(distances.begin(), distances.end(), 0.0);
}

int64_t snapped(const BeatGrid& grid, int64_t frame) {
  if (grid.beats.empty()) return frame;
  const int64_t after = next_beat(grid, static_cast<double>(frame));
  if (after == 0) return grid.beats.front();
  const int64_t before = grid.beats[static_cast<size_t>(after - 1)];
  if (after == static_cast<int64_t>(grid.beats.size())) return before;
  const int64_t next = grid.beats[static_cast<size_t>(after)];
  return frame - before <= next - frame ? before : next;
}

BeatGrid evened(const BeatGrid& grid, double per_minute, int64_t anchor, int64_t length, int sample_rate) {
  const double period = 60.0 * sample_rate / per_minute;
  const int64_t kept = snapped(grid, anchor);
  const auto before = static_cast<int64_t>(static_cast<double>(kept) / period);
  BeatGrid out{{}, grid.per_bar, 0};
  for (int64_t k = -before;; ++k) {
    const int64_t at = kept + std::llround(static_cast<double>(k) * period);
    if (at >= length) break;
    if (at >= 0) out.beats.push_back(at);
  }
  const int64_t place = grid.beats.empty() ? 0 : next_beat(grid, static_cast<double>(kept)) - grid.one;
  out.one = static_cast<int>(wrapped(next_beat(out, static_cast<double>(kept)) - place, grid.per_bar));
  return out;
}

BeatGrid doubled(const BeatGrid& grid) {
  BeatGrid out{{}, grid.per_bar, grid.one};
  for (size_t i = 0; i < grid.beats.size(); ++i) {
    if (i > 0) out.beats.push_back((grid.beats[i - 1] + grid.beats[i]) / 2);
    out.beats.push_back(grid.beats[i]);
  }
  out.one = 2 * grid.one;
  return out;
}

BeatGrid halved(const BeatGrid& grid) {
  BeatGrid out{{}, grid.per_bar, 0};
  const auto first = static_cast<size_t>(grid.one % 2);
  for (size_t i = first; i < grid.beats.size(); i += 2) out.beats.push_back(grid.beats[i]);
  out.one = grid.one / 2;
  return out;
}

BeatGrid moved(const BeatGrid& grid, int64_t frames) {
  BeatGrid out{{}, grid.per_bar, grid.one};
  for (const int64_t beat : grid.beats) {
    if (beat + frames >= 0) out.beats.push_back(beat + frames);
  }
  const auto lost = static_cast<int64_t>(grid.beats.size() - out.beats.size());
  out.one =
      grid.one >= lost ? static_cast<int>(grid.one - lost) : static_cast<int>(wrapped(grid.one - lost, grid.per_bar));
  return out;
}

BeatGrid with_one_at(const BeatGrid& grid, int64_t frame) {
  BeatGrid out = grid;
  if (!grid.beats.empty()) out.one = static_cast<int>(next_beat(grid, static_cast<double>(snapped(grid, frame))));
  return out;
}

}  // namespace mgdm
