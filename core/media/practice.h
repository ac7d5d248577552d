// What a musician sets to practise with a song: how fast and in which key it is played, what counts along, and what
// happens between two passes of a loop. Plain values; the player is given them whole, at any time, by any change.
#pragma once
#include <memory>

#include "core/media/beat_grid.h"

namespace mgdm {

inline constexpr double kSlowest = 0.5, kFastest = 1.5;  ///< tempo, of the song's own
inline constexpr int kWidestKey = 12;                    ///< semitones, up and down
inline constexpr double kLongestGap = 8;                 ///< seconds

/// Passes of a loop that become faster (or slower): from tempo `from` to `to` in steps of `step`, one each `passes`.
struct SpeedTrainer {
  bool on = false;
  double from = 0.6, to = 1, step = 0.05;  ///< step > 0, whichever way it goes
  int passes = 2;                          ///< at least 1
};

/// The tempo of pass 0, 1, 2, ... since the trainer was switched on.
double tempo_of(const SpeedTrainer& trainer, int pass);

struct Practice {
  double tempo = 1;  ///< kSlowest to kFastest, the key stays; the trainer's goes before it
  int key = 0;       ///< semitones, the tempo stays
  double gap = 0;    ///< seconds of silence between two passes of a loop, whatever the tempo
  int count_in = 0;  ///< bars of clicks before playing begins; none where there are no beats
  bool count_in_each_pass = false;
  bool metronome = false;                 ///< clicks on the beats while it plays
  double click_volume = 0.5;              ///< of metronome and count-in, 0 to 1
  std::shared_ptr<const BeatGrid> beats;  ///< nullptr: none are known
  SpeedTrainer trainer;                   ///< counts only while a loop is played
};

}  // namespace mgdm
