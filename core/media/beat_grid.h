// The beats of a song as a list of frames, and what a person corrects of them. Values; any thread.
#pragma once
#include <cstdint>
#include <vector>

namespace mgdm {

struct BeatGrid {
  std::vector<int64_t> beats;  ///< frames, rising; empty: none
  int per_bar = 4;             ///< 1 to 12
  int one = 0;                 ///< index of a beat that begins a bar

  bool operator==(const BeatGrid&) const = default;
};

/// Whether beat `index` begins a bar; beats before the first (negative) are counted back.
bool begins_bar(const BeatGrid& grid, int64_t index);
/// Frames from the beat at or before `frame` to the next one; outside the beats that of the nearest two. 0: fewer than
/// two beats.
double beat_period(const BeatGrid& grid, double frame);
/// Beats in a minute, of the mean distance between two of them, without those far from the median; 0: fewer than two.
double beats_per_minute(const BeatGrid& grid, int sample_rate);
/// Index of the first beat at or after `frame`; beats.size(): none.
int64_t next_beat(const BeatGrid& grid, double frame);
/// The beat that is nearest to `frame`; `frame` itself where there are none.
int64_t snapped(const BeatGrid& grid, int64_t frame);

/// Beats all as far apart as `per_minute` says, over frames [0, length); the beat nearest to `anchor` of the grid, or
/// `anchor` itself where there are none, stays, and which beats begin bars follows it.
BeatGrid evened(const BeatGrid& grid, double per_minute, int64_t anchor, int64_t length, int sample_rate);
/// One more beat in the middle of each two: what was found at half the tempo.
BeatGrid doubled(const BeatGrid& grid);
/// Every second beat, those that begin bars among them: what was found at twice the tempo.
BeatGrid halved(const BeatGrid& grid);
/// All of them later by `frames`, earlier if negative; what would come before the song's beginning is left out.
BeatGrid moved(const BeatGrid& grid, int64_t frames);
/// The beat nearest to `frame` begins a bar.
BeatGrid with_one_at(const BeatGrid& grid, int64_t frame);

}  // namespace mgdm
