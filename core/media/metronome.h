// The clicks of a metronome, to be mixed into what is played: short, and higher on a bar's first beat. One thread.
#pragma once
#include <vector>

namespace mgdm {

class Metronome {
 public:
  explicit Metronome(int sample_rate);

  /// A click begins `offset` frames after the beginning of what is mixed next.
  void click(int offset, bool accent);
  /// Adds what sounds in the next n frames to `stereo` [2 * n], interleaved; `volume` 1: up to 0.8.
  void add_to(float* stereo, int n, float volume);
  /// Nothing sounds any more.
  void silence() { sounding_.clear(); }

 private:
  struct Click {
    int at;  ///< frame of its sound that is next; negative: so many frames until it begins
    bool accent;
  };
  std::vector<float> plain_, accented_;
  std::vector<Click> sounding_;
};

}  // namespace mgdm
