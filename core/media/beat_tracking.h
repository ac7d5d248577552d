// The beats of a recording: where a foot would tap, and which of them begins a bar.
//
// D. P. W. Ellis, "Beat Tracking by Dynamic Programming", J. New Music Research 36(1), 2007: onset strength is the sum
// of what rises between two frames of a logarithmic mel spectrogram; the tempo is where its autocorrelation, weighted
// with a log-normal prior around 120 beats a minute, is largest; beats are the sequence of frames that lie on onsets
// and keep to that tempo. Here the tempo is found for every few seconds, as the smoothest way through the windows'
// autocorrelations, so that it may drift.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

#include "core/media/beat_grid.h"
#include "core/media/pcm_file.h"

namespace mgdm {

/// What of a recording the beats are found in.
struct OnsetStrength {
  double rate = 0;         ///< values a second
  std::vector<float> all;  ///< at time i / rate; >= 0
  std::vector<float> low;  ///< of what lies below 150 Hz: bass drum and bass
};

/// Of the sum of tracks of one length, block by block: an hour takes 2.5 MB. `progress` gets the share that is done;
/// where `stop` came first, what there is until then. Any thread.
OnsetStrength onset_strength(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate,
                             const std::function<void(double)>& progress = {}, const std::stop_token& stop = {});

/// Which notes sound, whatever their octave (chroma), ten times a second.
struct Harmony {
  double rate = 0;                            ///< values a second
  std::vector<std::array<float, 12>> chroma;  ///< at time (i + 1/2) / rate; of length 1, zeros where nothing sounds
};

/// Of the sum of tracks of one length, block by block: an hour takes 2 MB. Where `stop` came first, what there is until
/// then. Any thread.
Harmony harmony_of(const std::vector<std::shared_ptr<const PcmFile>>& tracks, int sample_rate,
                   const std::stop_token& stop = {});

/// What could be tapped at half or twice the tempo is mostly found between 70 and 150 beats a minute (`doubled`,
/// `halved`). No beats where there is nothing to be heard, or less than four seconds of it. Bars have four beats, or
/// three where it is clear; they begin where low onsets are strong and where the harmony changes (chords change at the
/// beginning of bars: Goto, "An Audio-based Real-time Beat Tracking System for Music With or Without Drum-sounds",
/// J. New Music Research 30(2), 2001).
BeatGrid find_beats(const OnsetStrength& onsets, const Harmony& harmony, int sample_rate);

}  // namespace mgdm
