// Plays several tracks at once through PortAudio: each with a gain of its own, from any place, in a loop.
//
// A thread of the player's reads and mixes the tracks (PcmFile) ahead (`SongMixer`) into a queue of a tenth of a
// second; PortAudio's callback only copies from that queue: no lock, no allocation, no file, no Qt. All methods are for
// one thread (the window's), return at once, and never wait for a device. Gains are heard after a tenth of a second, at
// another tempo than the song's a fifth, and change without a click.
//
// A song that is still being read (`PcmFile::complete`) plays as far as it is there, then waits.
//
// Without a sound device, or when it goes away, `problem` says so in one sentence and everything else goes on; `play`
// tries again.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/media/mixdown.h"
#include "core/media/pcm_file.h"
#include "core/media/practice.h"

namespace mgdm {

class Player {
 public:
  Player();
  ~Player();
  Player(const Player&) = delete;
  Player& operator=(const Player&) = delete;

  /// Tracks of one length at `sample_rate` Hz, one or two channels; stops what is playing and goes to the beginning.
  /// All gains are 1.
  void load(std::vector<std::shared_ptr<const PcmFile>> tracks, int sample_rate);
  void set_gain(size_t track, ChannelGains gains);
  void set_gain(size_t track, float gain) { set_gain(track, ChannelGains{gain, gain}); }  ///< 0: not heard
  /// By the name in `devices`; empty: the system's own choice. Takes effect with the next `play`.
  void set_device(const std::string& name);
  /// Frames; an empty range plays to the end.
  void set_loop(int64_t begin, int64_t end);
  /// Heard after a tenth of a second; stays for the songs that are loaded later.
  void set_practice(const Practice& practice);

  void play();
  void pause();
  void seek(int64_t frame);

  bool playing() const;         ///< false again at the end of the song, or where the device fails
  int64_t position() const;     ///< the frame that is given to the device now; at any tempo one of the song
  double tempo() const;         ///< at which that is played
  int pass() const;             ///< of the loop, from 0, since the speed trainer was switched on
  bool waiting() const;         ///< it would play, but the song is not read that far
  std::string problem() const;  ///< empty: none
  std::vector<std::string> devices()
      const;            ///< outputs found; empty until the first look, which begins with the first `load`
  bool looked() const;  ///< whether that first look is done
  /// Times that the device asked for more than was there.
  int64_t underruns() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mgdm
