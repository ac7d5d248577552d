#include "core/media/beat_tracking.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

namespace mgdm {

namespace {

constexpr double kSlowestBeat = 40, kFastestBeat = 240;  // a minute
constexpr double kUsualBeat = 120, kOctaves = 0.7;       // centre and width of the prior on the tempo (Ellis)
constexpr double kWindow = 10, kStep = 2;                // seconds of one tempo; between two of them
constexpr double kDrift = 40;                            // how much a tempo that changes costs
constexpr double kTightness = 100;                       // alpha in Ellis' equation 5
constexpr double kChordChange = 0.1;                     // of the harmony, that tells as much as a strong low onset
constexpr double kShortest = 4;                          // seconds

/// Smoothed by a Gaussian of 20 ms, without what is constant over a second, of variance 1.
std::vector<double> prepared(const std::vector<float>& strength, double rate) {
  const auto n = static_cast<int64_t>(strength.size());
  const double sigma = 0.02 * rate;
  const auto reach = static_cast<int64_t>(std::ceil(3 * sigma));
  std::vector<double> smooth(strength.size());
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0, weights = 0;
    for (int64_t k = std::max<int64_t>(0, i - reach); k <= std::min(n - 1, i + reach); ++k) {
      const double z = static_cast<double>(k - i) / sigma, w = std::exp(-0.5 * z * z);
      sum += w * strength[static_cast<size_t>(k)];
      weights += w;
    }
    smooth[static_cast<size_t>(i)] = sum / weights;
  }
  std::vector<double> sums(smooth.size() + 1, 0);
  std::partial_sum(smooth.begin(), smooth.end(), sums.begin() + 1);
  std::vector<double> out(smooth.size());
  const auto half = static_cast<int64_t>(rate / 2);
  double squares = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t from = std::max<int64_t>(0, i - half), to = std::min(n, i + half + 1);
    const double mean =
        (sums[static_cast<size_t>(to)] - sums[static_cast<size_t>(from)]) / static_cast<double>(to - from);
    out[static_cast<size_t>(i)] = std::max(0.0, smooth[static_cast<size_t>(i)] - mean);
    squares += out[static_cast<size_t>(i)] * out[static_cast<size_t>(i)];
  }
  const double deviation = std::sqrt(squares / static_cast<double>(std::max<int64_t>(1, n)));
  for (double& x : out) x = deviation > 0 ? x / deviation : 0;
  return out;
}

/// Candidates for the period, in values of the onset strength: 1.5 % apart.
std::vector<double> periods(double rate) {
  std::vector<double> all;
  for (double p = 60 * rate / kFastestBeat; p <= 60 * rate / kSlowestBeat; p *= 1.015) all.push_back(p);
  return all;
}

/// Autocorrelation of x[from, to) at lags 0 .. most, divided by that at 0.
std::vector<double> autocorrelation(const std::vector<double>& x, int64_t from, int64_t to, int64_t most) {
  std::vector<double> r(static_cast<size_t>(most + 1), 0);
  for (int64_t lag = 0; lag <= most; ++lag) {
    double sum = 0;
    for (int64_t i = from; i + lag < to; ++i) sum += x[static_cast<size_t>(i)] * x[static_cast<size_t>(i + lag)];
    r[static_cast<size_t>(lag)] = sum;
  }
  const double whole = r[0];
  for (double& v : r) v = whole > 0 ? v / whole : 0;
  return r;
}

double at_lag(const std::vector<double>& r, double lag) {
  const auto below = static_cast<size_t>(lag);
  if (below + 1 >= r.size()) return 0;
  const double share = lag - static_cast<double>(below);
  return (1 - share) * r[below] + share * r[below + 1];
}

/// How well each candidate fits a window: it and twice it, weighted with the prior (Ellis' equations 6 and 7).
std::vector<double> scores(const std::vector<double>& x, int64_t from, int64_t to,
                           const std::vector<double>& candidates, double rate) {
  const std::vector<double> r = autocorrelation(x, from, to, static_cast<int64_t>(2 * candidates.back()) + 2);
  std::vector<double> score;
  for (const double p : candidates) {
    const double octaves = std::log2(60 * rate / p / kUsualBeat) / kOctaves;
    score.push_back(std::exp(-0.5 * octaves * octaves) * (at_lag(r, p) + 0.5 * at_lag(r, 2 * p)));
  }
  return score;
}

/// The period in each window: the sequence whose scores are largest and which changes least (Viterbi).
std::vector<double> tempo_path(const std::vector<double>& x, double rate) {
  const auto n = static_cast<int64_t>(x.size());
  const auto window = static_cast<int64_t>(kWindow * rate), step = static_cast<int64_t>(kStep * rate);
  const int64_t windows = std::max<int64_t>(1, (n - window) / step + 1);
  const std::vector<double> candidates = periods(rate);
  const size_t count = candidates.size();
  std::vector<std::vector<uint16_t>> came_from;
  std::vector<double> best(count, 0);
  for (int64_t w = 0; w < windows; ++w) {
    const std::vector<double> here = scores(x, w * step, std::min(n, w * step + window), candidates, rate);
    std::vector<uint16_t> from(count);
    std::vector<double> next(count);
    for (size_t k = 0; k < count; ++k) {
      double most = -std::numeric_limits<double>::infinity();
      for (size_t j = 0; j < count; ++j) {
        const double change = std::log(candidates[k] / candidates[j]), value = best[j] - kDrift * change * change;
        if (value > most) {
          most = value;
          from[k] = static_cast<uint16_t>(j);
        }
      }
      next[k] = here[k] + (w > 0 ? most : 0);
    }
    best = next;
    came_from.push_back(from);
  }
  std::vector<double> path(static_cast<size_t>(windows));
  auto k = static_cast<size_t>(std::max_element(best.begin(), best.end()) - best.begin());
  for (auto w = static_cast<size_t>(windows); w-- > 0;) {
    path[w] = candidates[k];
    k = came_from[w][k];
  }
  return path;
}

/// Ellis' equation 8: the score of the best sequence of beats that ends at i is its onset and that of the best one that
/// ends about a period before it, less what the distance strays from the period.
std::vector<int64_t> beats_along(const std::vector<double>& x, const std::vector<double>& path, double rate) {
  const auto n = static_cast<int64_t>(x.size());
  std::vector<double> score(x.size());
  std::vector<int64_t> before(x.size(), -1);
  const double middle = kWindow / 2 * rate, step = std::floor(kStep * rate);
  const auto period_at = [&](int64_t i) {
    const double w = std::round((static_cast<double>(i) - middle) / step);
    return path[static_cast<size_t>(std::clamp(w, 0.0, static_cast<double>(path.size() - 1)))];
  };
  const double loudest = *std::max_element(x.begin(), x.end());
  bool begun = false;
  for (int64_t i = 0; i < n; ++i) {
    const double period = period_at(i);
    double most = -std::numeric_limits<double>::infinity();
    for (auto j = std::max<int64_t>(0, i - static_cast<int64_t>(2 * period)); j <= i - static_cast<int64_t>(period / 2);
         ++j) {
      const double stray = std::log(static_cast<double>(i - j) / period);
      const double value = score[static_cast<size_t>(j)] - kTightness * stray * stray;
      if (value > most) {
        most = value;
        before[static_cast<size_t>(i)] = j;
      }
    }
    if (before[static_cast<size_t>(i)] < 0) most = 0;
    score[static_cast<size_t>(i)] = x[static_cast<size_t>(i)] + most;
    // Until the first onset there is nothing that a beat could follow.
    if (!begun && x[static_cast<size_t>(i)] < 0.01 * loudest)
      before[static_cast<size_t>(i)] = -1;
    else
      begun = true;
  }
  // The last one: the best end within the last beat.
  const auto tail = std::min<int64_t>(n, static_cast<int64_t>(std::ceil(period_at(n - 1))));
  int64_t i = std::max_element(score.end() - tail, score.end()) - score.begin();
  std::vector<int64_t> beats;
  for (; i >= 0; i = before[static_cast<size_t>(i)]) beats.push_back(i);
  std::reverse(beats.begin(), beats.end());
  return beats;
}

/// The first and last beats that lie on no onset go: what is heard there has not begun, or has ended.
void trim(std::vector<int64_t>& beats, const std::vector<double>& x) {
  const auto strength = [&](int64_t beat) {
    double most = 0;
    for (int64_t i = std::max<int64_t>(0, beat - 3);
         i <= std::min<int64_t>(static_cast<int64_t>(x.size()) - 1, beat + 3); ++i)
      most = std::max(most, x[static_cast<size_t>(i)]);
    return most;
  };
  double sum = 0;
  for (const int64_t beat : beats) sum += strength(beat);
  const double least = beats.empty() ? 0 : 0.1 * sum / static_cast<double>(beats.size());
  while (!beats.empty() && strength(beats.front()) < least) beats.erase(beats.begin());
  while (!beats.empty() && strength(beats.back()) < least) beats.pop_back();
}

/// How far the harmony from a beat to the next is from that before it: 1 - the cosine between them, 0 to 1.
std::vector<double> harmony_changes(const Harmony& harmony, const std::vector<int64_t>& beats, double rate) {
  std::vector<std::array<double, 12>> notes(beats.size());  // from each beat to the next
  for (size_t i = 0; i < beats.size(); ++i) {
    const int64_t last = i + 1 < beats.size() ? beats[i + 1] : beats[i] + (i > 0 ? beats[i] - beats[i - 1] : 0);
    const auto from = static_cast<int64_t>(static_cast<double>(beats[i]) / rate * harmony.rate),
               to = static_cast<int64_t>(static_cast<double>(last) / rate * harmony.rate);
    for (int64_t k = std::max<int64_t>(0, from); k < std::min<int64_t>(to, static_cast<int64_t>(harmony.chroma.size()));
         ++k)
      for (size_t note = 0; note < 12; ++note) notes[i][note] += harmony.chroma[static_cast<size_t>(k)][note];
  }
  std::vector<double> changes(beats.size(), 0);
  const auto product = [](const auto& a, const auto& b) {
    return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
  };
  for (size_t i = 1; i < beats.size(); ++i) {
    const double sizes = std::sqrt(product(notes[i], notes[i]) * product(notes[i - 1], notes[i - 1]));
    if (sizes > 0) changes[i] = 1 - product(notes[i], notes[i - 1]) / sizes;
  }
  return changes;
}

/// Of variance 1 around 0, where it varies.
void standardise(std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / n);
  for (double& v : values) v = deviation > 0 ? (v - mean) / deviation : 0;
}

/// Of a bar of so many beats: how much stronger the beats of the strongest place are than the others (in standard
/// deviations), and which place it is.
std::pair<double, int> best_place(const std::vector<double>& low, int per_bar) {
  const auto n = static_cast<double>(low.size());
  const double mean = std::accumulate(low.begin(), low.end(), 0.0) / n;
  double squares = 0;
  for (const double v : low) squares += (v - mean) * (v - mean);
  const double deviation = std::sqrt(squares / n);
  std::pair<double, int> best{-std::numeric_limits<double>::infinity(), 0};
  for (int place = 0; place < per_bar; ++place) {
    double sum = 0;
    int count = 0;
    for (auto i = static_cast<size_t>(place); i < low.size(); i += static_cast<size_t>(per_bar)) {
      sum += low[i];
      ++count;
    }
    const double stands_out = count > 0 && deviation > 0 ? (sum / count - mean) / deviation : 0;
    if (stands_out > best.first) best = {stands_out, place};
  }
  return best;
}

}  // namespace

BeatGrid find_beats(const OnsetStrength& onsets, const Harmony& harmony, int sample_rate) {
  BeatGrid grid;
  if (onsets.rate <= 0 || static_cast<double>(onsets.all.size()) < kShortest * onsets.rate) return grid;
  const std::vector<double> strength = prepared(onsets.all, onsets.rate);
  if (*std::max_element(strength.begin(), strength.end()) <= 0) return grid;
  std::vector<int64_t> beats = beats_along(strength, tempo_path(strength, onsets.rate), onsets.rate);
  trim(beats, strength);
  if (beats.size() < 2) return grid;
  const std::vector<double> low_strength = prepared(onsets.low, onsets.rate);
  std::vector<double> low;
  for (const int64_t beat : beats) {
    grid.beats.push_back(std::llround(static_cast<double>(beat) * sample_rate / onsets.rate));
    const auto from = static_cast<size_t>(std::max<int64_t>(0, beat - 3));
    const auto to = std::min(low_strength.size(), static_cast<size_t>(beat + 4));
    low.push_back(*std::max_element(low_strength.begin() + static_cast<ptrdiff_t>(from),
                                    low_strength.begin() + static_cast<ptrdiff_t>(to)));
  }
  standardise(low);
  const std::vector<double> changes = harmony_changes(harmony, beats, onsets.rate);
  for (size_t i = 0; i < low.size(); ++i) low[i] += changes[i] / kChordChange;
  const auto [four, place_of_four] = best_place(low, 4);
  const auto [three, place_of_three] = best_place(low, 3);
  const bool waltz = low.size() >= 12 && three > 0.8 && three > 1.5 * four;
  grid.per_bar = waltz ? 3 : 4;
  grid.one = waltz ? place_of_three : place_of_four;
  return grid;
}

}  // namespace mgdm
