#include "core/media/midi_file.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "core/errors.h"
#include "core/files/atomic_file.h"

namespace mgdm {

namespace {

constexpr double kLongest = 4 * 3600.0;  // seconds

// Bytes of a chunk; reading past its end throws.
class MidiBytes {
 public:
  MidiBytes(std::string_view bytes, const std::string& name) : bytes_(bytes), name_(name) {}
  bool done() const { return at_ == bytes_.size(); }
  uint8_t peek() const { return static_cast<uint8_t>(at_ < bytes_.size() ? bytes_[at_] : throw damaged()); }
  uint8_t byte() {
    const uint8_t value = peek();
    ++at_;
    return value;
  }
  uint32_t number(int size) {  // big endian
    uint32_t value = 0;
    for (int k = 0; k < size; ++k) value = value << 8 | byte();
    return value;
  }
  uint32_t variable() {  // seven bits a byte, at most four bytes
    uint32_t value = 0;
    for (int k = 0; k < 4; ++k) {
      const uint8_t next = byte();
      value = value << 7 | (next & 0x7F);
      if (next < 0x80) return value;
    }
    throw damaged();
  }
  std::string_view take(size_t n) {
    if (n > bytes_.size() - at_) throw damaged();
    at_ += n;
    return bytes_.substr(at_ - n, n);
  }
  MediaError damaged() const { return MediaError(name_ + ": is a damaged MIDI file"); }

 private:
  std::string_view bytes_;
  const std::string& name_;
  size_t at_ = 0;
};

struct TickNote {
  uint64_t begin, end;
  int pitch, velocity, channel, program;
};

struct MidiEvents {
  std::vector<TickNote> notes;
  std::map<uint64_t, uint32_t> tempo;  // from this tick on, microseconds for a quarter
  std::array<int, 16> programs{};      // of the channels, as far as the tracks are read
};

// The notes of one track that sound.
class OpenNotes {
 public:
  explicit OpenNotes(std::vector<TickNote>& notes) : notes_(notes) {}
  void begin(uint64_t tick, int channel, int pitch, int velocity, int program) {
    end(tick, channel, pitch);
    open_[{channel, pitch}] = {tick, 0, pitch, velocity, channel, program};
  }
  void end(uint64_t tick, int channel, int pitch) {
    const auto found = open_.find({channel, pitch});
    if (found == open_.end()) return;
    TickNote note = found->second;
    note.end = tick;
    if (note.end > note.begin) notes_.push_back(note);
    open_.erase(found);
  }
  void end_all(uint64_t tick) {
    while (!open_.empty()) end(tick, open_.begin()->first.first, open_.begin()->first.second);
  }

 private:
  std::vector<TickNote>& notes_;
  std::map<std::pair<int, int>, TickNote> open_;  // by channel and pitch
};

void read_meta(MidiBytes& in, uint64_t tick, MidiEvents& events) {
  const uint8_t kind = in.byte();
  const std::string_view data = in.take(in.variable());
  if (kind != 0x51 || data.size() != 3) return;
  const auto at = [&](size_t k) { return static_cast<uint32_t>(static_cast<uint8_t>(data[k])); };
  if (const uint32_t quarter = at(0) << 16 | at(1) << 8 | at(2); quarter > 0) events.tempo[tick] = quarter;
}

void read_track(MidiBytes in, MidiEvents& events) {
  OpenNotes open(events.notes);
  uint64_t tick = 0;
  int status = 0;  // the running one; 0: none yet
  while (!in.done()) {
    tick += in.variable();
    if (in.peek() >= 0x80) status = in.byte();
    if (status == 0xFF) {
      read_meta(in, tick, events);
      status = 0;
      continue;
    }
    if (status == 0xF0 || status == 0xF7) {
      in.take(in.variable());
      status = 0;
      continue;
    }
    if (status < 0x80 || status > 0xEF) throw in.damaged();
    const int kind = status >> 4, channel = status & 15, first = in.byte();
    const int second = kind == 0xC || kind == 0xD ? 0 : in.byte();
    if (first > 127 || second > 127) throw in.damaged();
    if (kind == 9 && second > 0)
      open.begin(tick, channel, first, second, events.programs[static_cast<size_t>(channel)]);
    else if (kind == 8 || kind == 9)
      open.end(tick, channel, first);
    else if (kind == 0xC)
      events.programs[static_cast<size_t>(channel)] = first;
  }
  open.end_all(tick);
}

// Seconds of ticks.
class TempoClock {
 public:
  TempoClock(const std::map<uint64_t, uint32_t>& tempo, uint32_t division) {
    constexpr double kQuarter = 0.5;  // seconds, until a file says otherwise
    if ((division & 0x8000) != 0) {   // frames of film and ticks of a frame, whatever the tempo
      const int frames = 256 - static_cast<int>(division >> 8);
      pieces_[0] = {0, 1 / ((frames == 29 ? 30000.0 / 1001 : frames) * (division & 0xFF))};
      return;
    }
    pieces_[0] = {0, kQuarter / division};
    for (const auto& [from, quarter] : tempo) {
      const double begin = seconds(from);
      pieces_[from] = {begin, quarter / (1e6 * division)};
    }
  }
  double seconds(uint64_t tick) const {
    const auto piece = std::prev(pieces_.upper_bound(tick));
    return piece->second.begin + static_cast<double>(tick - piece->first) * piece->second.of_tick;
  }

 private:
  struct Piece {
    double begin, of_tick;  // seconds
  };
  std::map<uint64_t, Piece> pieces_;  // by their first tick
};

}  // namespace

std::vector<MidiNote> parse_midi(const std::string& bytes, const std::string& name) {
  MidiBytes in(bytes, name);
  if (bytes.size() < 14 || in.take(4) != "MThd") throw MediaError(name + ": is no MIDI file");
  MidiBytes header(in.take(in.number(4)), name);
  const uint32_t format = header.number(2);
  header.number(2);  // how many tracks it says there are
  const uint32_t division = header.number(2);
  if (format == 2) throw MediaError(name + ": holds MIDI songs side by side (format 2); save it as format 1");
  if (format > 2 || (division & 0x7FFF) == 0 || ((division & 0x8000) != 0 && (division & 0xFF) == 0))
    throw in.damaged();
  MidiEvents events;
  while (!in.done()) {
    const std::string_view kind = in.take(4);
    const std::string_view chunk = in.take(in.number(4));
    if (kind == "MTrk") read_track({chunk, name}, events);
  }
  const TempoClock clock(events.tempo, division);
  std::vector<MidiNote> notes;
  for (const TickNote& n : events.notes)
    notes.push_back({clock.seconds(n.begin), clock.seconds(n.end), n.pitch, n.velocity / 127.0, n.channel, n.program});
  if (notes.empty()) throw MediaError(name + ": holds no notes");
  for (const MidiNote& note : notes) {
    if (note.end > kLongest) throw MediaError(name + ": lasts longer than four hours");
  }
  std::stable_sort(notes.begin(), notes.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return notes;
}

std::vector<MidiNote> read_midi(const std::filesystem::path& file) {
  return parse_midi(read_file_bytes(file), file.string());
}

}  // namespace mgdm
