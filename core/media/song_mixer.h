// What of a song is given to the device next: its tracks mixed, in a loop or to the end, at another tempo or in another
// key, with silence and counted bars before it and clicks on its beats.
//
// At tempo 1 in the song's own key samples are those of the tracks, bit for bit. A change of tempo or key, and a jump
// while either is changed, is a fade of a hundredth of a second. What counts and clicks is mixed in behind the stretch
// and so is crisp and on the beat at any tempo. One thread; knows no device.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "core/media/mixdown.h"
#include "core/media/pcm_file.h"
#include "core/media/practice.h"

namespace mgdm {

class Metronome;
class SongVoice;

/// What is to be heard, as it is now.
struct MixOrders {
  std::vector<std::shared_ptr<const PcmFile>> tracks;  ///< of one length, one or two channels
  std::vector<ChannelGains> gains;                     ///< of each
  int sample_rate = 44100;
  int64_t loop_begin = 0, loop_end = 0;  ///< frames; empty: to the end
  Practice practice;
};

/// A stretch of what is given to the device.
struct MixedStretch {
  int frames = 0;      ///< less than asked for at a jump, 0 where nothing is to be had now
  double begin = 0;    ///< frame of the song where it begins
  double step = 1;     ///< frames of the song for one of these; 0 while it counts or is silent
  double tempo = 1;    ///< at which it is played
  int pass = 0;        ///< of the loop, from 0, since the speed trainer was switched on
  bool last = false;   ///< the song ends here
  bool waits = false;  ///< the song is not read that far yet
};

class SongMixer {
 public:
  SongMixer();
  ~SongMixer();
  SongMixer(const SongMixer&) = delete;
  SongMixer& operator=(const SongMixer&) = delete;

  /// The next stretch begins at this frame; `count_in`: where that is wished, counted.
  void seek(int64_t frame, bool count_in);
  /// At most n frames into `out` [2 * n], two channels interleaved.
  MixedStretch next(const MixOrders& orders, float* out, int n);

 private:
  /// Output frames before the song goes on: silence, then clicks.
  struct Lead {
    int64_t left = 0, done = 0;
    std::vector<std::pair<int64_t, bool>> clicks;  ///< at which of its frames; whether accented
  };

  void take_up(const MixOrders& orders);
  void set_pace(double tempo, int key);
  void begin(const MixOrders& orders);
  void begin_pass(const MixOrders& orders);
  void plan_lead(const Practice& practice, double silence, bool count);
  void mix_lead(float* out, int n);
  void finish(const MixOrders& orders, const MixedStretch& stretch, float* out);
  void click_beats(const Practice& practice, const MixedStretch& stretch);
  void fade_from_before(const MixOrders& orders, float* out, int n);

  int rate_ = 0;
  double tempo_ = 1;
  int key_ = 0;
  double start_ = 0;  ///< where the next voice begins, if there is none
  bool count_in_ = false;
  std::unique_ptr<SongVoice> voice_;
  std::unique_ptr<SongVoice> before_;  ///< fades out under `voice_`
  int faded_ = 0;                      ///< frames of that fade that are done
  Lead lead_;
  std::unique_ptr<Metronome> metronome_;
  std::shared_ptr<const BeatGrid> grid_;  ///< whose beat `beat_` is
  int64_t beat_ = -1;                     ///< the next one to be clicked; negative: to be looked for
  int pass_ = 0;
  bool training_ = false;
};

}  // namespace mgdm
