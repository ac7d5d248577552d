// Notes as a plain sound: a sawtooth of few harmonics that decays, noise bursts for drums. It is to say where in time
// and pitch an instrument plays, not to please.
#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/media/midi_file.h"

namespace mgdm {

/// Those of the notes that are of `stem` ("bass", "drums", "guitar", "piano") by General MIDI's families of
/// instruments; where none is, all that are no drums.
std::vector<MidiNote> notes_of_stem(const std::vector<MidiNote>& notes, const std::string& stem);

/// [1, n] float32 at `rate`, from `from` seconds on.
at::Tensor play_notes(const std::vector<MidiNote>& notes, double rate, double from, int64_t n);

}  // namespace mgdm
