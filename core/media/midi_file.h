// Standard MIDI files (MIDI 1.0, RP-001) as notes: what is played when, how high and how loud. Formats 0 and 1 (format
// 2 holds songs side by side), tempo maps, running status; controllers and other events are passed over.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace mgdm {

struct MidiNote {
  double begin = 0, end = 0;  ///< seconds
  int pitch = 60;             ///< 0 to 127, 69 is 440 Hz
  double loud = 1;            ///< velocity, in (0, 1]
  int channel = 0;            ///< 0 to 15; drums have `kDrumChannel`
  int program = 0;            ///< General MIDI's instrument, 0 to 127
};
constexpr int kDrumChannel = 9;

/// By their beginning. A note that is never ended ends with its track. Throws MediaError naming the file: it cannot be
/// read, is no MIDI file, is damaged, holds no notes, is longer than four hours.
std::vector<MidiNote> read_midi(const std::filesystem::path& file);
/// The same of its bytes; `name` is for the error.
std::vector<MidiNote> parse_midi(const std::string& bytes, const std::string& name);

}  // namespace mgdm
