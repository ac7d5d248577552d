// One reading of a song from a frame on, all its tracks mixed, at a tempo and in a key. One thread.
#pragma once
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

namespace mgdm {

struct MixOrders;
class TimeStretch;

class SongVoice {
 public:
  /// At tempo 1 in key 0 samples are the tracks' own, bit for bit.
  SongVoice(double frame, int sample_rate, double tempo, int key);
  ~SongVoice();
  SongVoice(const SongVoice&) = delete;
  SongVoice& operator=(const SongVoice&) = delete;

  bool plain() const { return stretch_ == nullptr; }
  int key() const { return key_; }
  /// Of one that is not plain.
  void set_tempo(double tempo);
  /// Frame of the song that comes next; between two where it is stretched.
  double position() const { return position_; }
  /// By how much what is heard is ahead of that, on average.
  double lead() const;
  /// n frames (at most kVoiceFrames) into `out` [2 * n]: less where the song is not read that far yet. Beyond the song
  /// it is silent.
  int next(const MixOrders& orders, float* out, int n);

 private:
  int mix(const MixOrders& orders, float* out, int n);
  void advance(int frames);

  int64_t at_;       ///< what is read next
  double position_;  ///< what comes out next
  double tempo_;
  int key_;
  std::unique_ptr<TimeStretch> stretch_;
  std::deque<std::pair<int, double>> at_older_;  ///< frames that are ready since before a change, and their tempo
  std::vector<ChannelGains> gains_before_;
  std::vector<float> one_track_, mixed_;
};

inline constexpr int kVoiceFrames = 512;

}  // namespace mgdm
