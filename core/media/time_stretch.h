// Tempo and key of stereo sound that is fed in as it goes: SoundTouch, which changes tempo by overlapping and adding
// stretches of waveform that fit (WSOLA; Verhelst and Roelands, ICASSP 1993) and key by that and a change of rate.
//
// The first frame that comes out is the first that was put in, whatever the latency in between. Stretches are 50 ms
// long and not the 90 that SoundTouch takes for slow music by itself: a stretch runs at the song's own speed, so that
// what is heard strays from where it should be by as much as it is long, and drums should stay on their beats. One
// thread.
#pragma once
#include <memory>

namespace mgdm {

class TimeStretch {
 public:
  explicit TimeStretch(int sample_rate);
  ~TimeStretch();
  TimeStretch(const TimeStretch&) = delete;
  TimeStretch& operator=(const TimeStretch&) = delete;

  /// Of what is put in from now on and of what has not been made yet; without a gap. `tempo` > 0, 1: as it was.
  void set_tempo(double tempo);
  void set_key(int semitones);
  /// n frames, interleaved.
  void put(const float* frames, int n);
  /// Frames put in by which what comes out is ahead of what tempo and frames out so far say, on average over a stretch.
  double lead() const;
  /// Frames that `take` can have without more being put in.
  int ready() const;
  /// At most n frames of what is ready, into `out` [2 * n]: how many.
  int take(float* out, int n);

 private:
  struct Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace mgdm
