#include "core/media/mended_mpeg.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <deque>
#include <optional>
#include <string_view>

namespace mgdm {

namespace {

constexpr int64_t kMostSamples = int64_t{1} << 31;  // of a song

// The four bytes before each frame (ISO 11172-3, 2.4.1.3; 13818-3 for the lower sample rates).
struct MpegHeader {
  int64_t bytes = 0;  // of the frame
  int samples = 0;
  int side = 0;      // bytes of layer III's side information
  int checksum = 0;  // bytes: 2 or 0
  bool first_kind = false;
  std::array<char, 4> text{};

  // Frames of one file have these in common: version, layer, sample rate.
  bool like(const MpegHeader& o) const {
    return ((text[1] ^ o.text[1]) & 0x1e) == 0 && ((text[2] ^ o.text[2]) & 0x0c) == 0;
  }
};

std::optional<MpegHeader> parse_header(std::string_view text) {
  static constexpr std::array<std::array<int, 15>, 5> kRates{
      {{0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448},  // kbit/s: MPEG-1 layer I
       {0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384},     // II
       {0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320},      // III
       {0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256},     // MPEG-2 and 2.5 layer I
       {0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160}}};        // II and III
  static constexpr std::array<int, 3> kHertz{44100, 48000, 32000};
  if (text.size() < 4) return {};
  const auto byte = [&](size_t k) { return static_cast<unsigned char>(text[k]); };
  const unsigned version = byte(1) >> 3 & 3, layer_bits = byte(1) >> 1 & 3, rate = byte(2) >> 4,
                 hertz = byte(2) >> 2 & 3;
  if (byte(0) != 0xff || byte(1) < 0xe0 || version == 1 || layer_bits == 0 || rate == 0 || rate == 15 || hertz == 3)
    return {};
  MpegHeader h;
  const int layer = 4 - static_cast<int>(layer_bits);
  h.first_kind = version == 3;
  const auto& rates = kRates[h.first_kind ? static_cast<size_t>(layer - 1) : layer == 1 ? 3 : 4];
  const int64_t bits = 1000 * rates[rate], per_second = kHertz[hertz] >> (version == 3 ? 0 : version == 2 ? 1 : 2);
  const int padding = byte(2) >> 1 & 1;
  h.samples = layer == 1 ? 384 : layer == 3 && !h.first_kind ? 576 : 1152;
  h.bytes = layer == 1 ? (12 * bits / per_second + padding) * 4 : h.samples / 8 * bits / per_second + padding;
  h.checksum = (byte(1) & 1) == 0 ? 2 : 0;
  const bool mono = byte(3) >> 6 == 3;
  if (layer == 3) h.side = h.first_kind ? (mono ? 17 : 32) : (mono ? 9 : 17);
  std::copy_n(text.begin(), 4, h.text.begin());
  if (h.bytes < 4 + h.checksum + h.side) return {};
  return h;
}

// A frame of the same kind without sound: nothing but zeros behind the header is silence in every layer.
std::string silent_frame(MpegHeader like) {
  like.text[1] = static_cast<char>(like.text[1] | 1);      // no checksum
  like.text[2] = static_cast<char>(like.text[2] & ~0x02);  // no padding
  const MpegHeader h = parse_header({like.text.data(), 4}).value();
  std::string frame(static_cast<size_t>(h.bytes), '\0');
  std::copy(h.text.begin(), h.text.end(), frame.begin());
  return frame;
}

// The file, as a place to look at from anywhere.
class MpegBytes {
 public:
  explicit MpegBytes(std::ifstream& in) : in_(in) {
    in_.seekg(0, std::ios::end);
    size_ = in_ ? static_cast<int64_t>(in_.tellg()) : 0;
  }
  int64_t size() const { return size_; }
  // n bytes from `at`, or as many as there are; they stay until the next call.
  std::string_view at(int64_t at, int64_t n) {
    n = std::clamp<int64_t>(size_ - at, 0, n);
    if (n == 0) return {};
    if (at < begin_ || at + n > begin_ + static_cast<int64_t>(window_.size())) {
      begin_ = std::max<int64_t>(0, at - kBehind);
      window_.resize(static_cast<size_t>(std::min(kWindow, size_ - begin_)));
      in_.clear();
      in_.seekg(begin_);
      in_.read(window_.data(), static_cast<std::streamsize>(window_.size()));
      if (!in_) {  // it became shorter
        size_ = begin_;
        window_.clear();
        return {};
      }
    }
    return std::string_view(window_).substr(static_cast<size_t>(at - begin_), static_cast<size_t>(n));
  }
  std::optional<MpegHeader> header(int64_t place) { return parse_header(at(place, 4)); }

  // Where the tags that begin here end.
  int64_t behind_tags(int64_t place) {
    for (;;) {
      const std::string_view text = at(place, 32);
      const auto byte = [&](size_t k) { return static_cast<int64_t>(static_cast<unsigned char>(text[k])); };
      if (text.size() >= 10 && text.starts_with("ID3") && ((byte(6) | byte(7) | byte(8) | byte(9)) & 0x80) == 0)
        place += 10 + (byte(6) << 21 | byte(7) << 14 | byte(8) << 7 | byte(9)) + ((byte(5) & 0x10) != 0 ? 10 : 0);
      else if (text.starts_with("TAG+"))
        place += 227;
      else if (text.starts_with("TAG"))
        place += 128;
      else if (text.size() == 32 && text.starts_with("APETAGEX"))  // a footer has no more behind it
        place += 32 + ((byte(23) & 0x20) != 0 ? byte(12) | byte(13) << 8 | byte(14) << 16 | byte(15) << 24 : 0);
      else
        return place;
    }
  }

  // Whether frames follow on one another here, too many for chance, or up to the end.
  bool runs_on(int64_t place, const MpegHeader* like) {
    constexpr int kInARow = 3;
    std::optional<MpegHeader> first;
    for (int k = 0; k < kInARow; ++k) {
      const std::optional<MpegHeader> h = header(place);
      if (!h || place + h->bytes > size_ || (like != nullptr && !h->like(*like)) || (first && !h->like(*first)))
        return false;
      if (!first) first = h;
      place = behind_tags(place + h->bytes);
      if (place >= size_) return true;
    }
    return true;
  }
  int64_t find_run(int64_t place, const MpegHeader* like) {
    for (; place + 4 <= size_; ++place)
      if (at(place, 1).starts_with('\xff') && runs_on(place, like)) return place;
    return -1;
  }

 private:
  static constexpr int64_t kWindow = 1 << 18, kBehind = 1 << 10;
  std::ifstream& in_;
  std::string window_;
  int64_t begin_ = 0, size_ = 0;
};

// What the first frame may say of the whole file, instead of sound; zeros: nothing.
struct MpegTotals {
  bool there = false;
  int64_t frames = 0, bytes = 0;
};

MpegTotals parse_totals(const MpegHeader& h, std::string_view frame) {
  const auto number = [&](size_t place) {
    int64_t n = 0;
    for (size_t k = place; k < place + 4; ++k)
      n = n << 8 | (k < frame.size() ? static_cast<unsigned char>(frame[k]) : 0);
    return n;
  };
  const auto tag = [&](size_t place, std::string_view name) {
    return place < frame.size() && frame.substr(place, 4) == name;
  };
  if (h.side == 0) return {};
  for (const size_t place : {static_cast<size_t>(4 + h.side), static_cast<size_t>(4 + h.side + h.checksum)})
    if (tag(place, "Xing") || tag(place, "Info")) {
      const int64_t flags = number(place + 4);
      const bool frames = (flags & 1) != 0, bytes = (flags & 2) != 0;
      return {true, frames ? number(place + 8) : 0, bytes ? number(place + (frames ? 12 : 8)) : 0};
    }
  if (tag(36, "VBRI")) return {true, number(36 + 14), number(36 + 10)};
  return {};
}

// Finds the frames of a file and what lies between them, and writes the pieces of the mended stream.
class MpegPlan {
 public:
  explicit MpegPlan(std::ifstream& in) : file_(in) {}

  MendedMpeg::Plan make() {
    int64_t at = file_.behind_tags(0);
    std::optional<MpegHeader> first = file_.header(at);
    if (first && at + first->bytes <= file_.size()) totals_ = parse_totals(*first, file_.at(at, first->bytes));
    if (!totals_.there) {
      at = file_.find_run(at, nullptr);
      if (at < 0) return {};
      first = file_.header(at);
      totals_ = parse_totals(*first, file_.at(at, first->bytes));
    }
    last_ = *first;
    begin_ = at;
    if (totals_.there) {
      runs_.push_back({at, at + first->bytes, 0});
      at += first->bytes;
    }
    end_ = at;
    walk(at);
    count_lost();
    write();
    return std::move(plan_);
  }

 private:
  // Frames one after the other, and what is lost in front of them.
  struct Run {
    int64_t begin = 0, end = 0, frames = 0;
    double room = 0;        // for so many frames, before it
    int64_t lost = 0;       // so many are put there
    bool torn = false;      // bytes are gone there, not only overwritten
    MpegHeader like = {};   // one of those before it
    int64_t unfounded = 0;  // of its first frames begin in what is lost
    bool broken = false;    // its first frame is; `reach` bytes before it later frames may begin
    int64_t reach = 0;
  };

  void walk(int64_t at) {
    while ((at = file_.behind_tags(at)) < file_.size()) {
      const std::optional<MpegHeader> found = file_.header(at);
      const bool frame = found && found->like(last_);
      if (frame && at + found->bytes > file_.size()) {
        open_end_ = true;
        return;
      }
      const int64_t next = frame ? file_.behind_tags(at + found->bytes) : at;
      if (frame) {
        const std::optional<MpegHeader> after = file_.header(next);
        if (next >= file_.size() || (after && after->like(last_))) {
          add(at, *found);
          at = next;
          continue;
        }
      }
      const int64_t on = file_.find_run(at + 1, &last_);
      if (on < 0) {  // what is behind the last frame is no damage
        open_end_ = true;
        if (frame) add(at, *found);
        return;
      }
      const double size = mean_size(on);
      if (frame && on >= next && std::lround(static_cast<double>(on - next) / size) == 0) {
        add(at, *found);
      } else {
        const double room = static_cast<double>(on - at) / size;
        runs_.push_back({on, on, 0, frame ? std::max(room, 1.0) : room, 0, frame && on < at + found->bytes, last_});
        reservoir_ = 0;
        founded_ = false;
      }
      at = on;
    }
  }

  void add(int64_t at, const MpegHeader& h) {
    const int64_t before = h.side > 0 ? main_data_begin(at, h) : 0;
    const bool founded = before <= reservoir_;
    if (founded && broken(at, h, before)) {
      runs_.push_back({at, at});
      runs_.back().broken = true;
      runs_.back().reach = std::min(reservoir_, h.first_kind ? kReservoir : kReservoir / 2);
    } else if (runs_.empty() || runs_.back().end != at) {
      runs_.push_back({at, at});
    }
    Run& run = runs_.back();
    run.end = at + h.bytes;
    ++run.frames;
    ++found_;
    founded_ = founded_ || founded;
    if (!founded_) ++run.unfounded;
    reservoir_ = std::min(kReservoir, reservoir_ + h.bytes - 4 - h.checksum - h.side);
    sizes_ += h.bytes;
    recent_.push_back(h.bytes);
    if (recent_.size() > kNear) recent_.pop_front();
    smallest_ = std::min(smallest_, h.bytes);
    largest_ = std::max(largest_, h.bytes);
    last_ = h;
    end_ = run.end;
  }

  // How many bytes before a frame its sound begins.
  int64_t main_data_begin(int64_t at, const MpegHeader& h) {
    const std::string_view side = file_.at(at + 4 + h.checksum, 2);
    if (side.size() < 2) return 0;
    const int high = static_cast<unsigned char>(side[0]), low = static_cast<unsigned char>(side[1]);
    return h.first_kind ? high << 1 | low >> 7 : high;
  }

  // Whether a frame of layer III asks for more bytes than there are: no decoder makes sound of it.
  bool broken(int64_t at, const MpegHeader& h, int64_t before) {
    const std::string_view side = file_.at(at + 4 + h.checksum, h.side);
    if (h.side == 0 || static_cast<int64_t>(side.size()) < h.side) return false;
    const auto bit = [&](int k) {
      return static_cast<unsigned char>(side[static_cast<size_t>(k / 8)]) >> (7 - k % 8) & 1;
    };
    const bool mono = h.side == (h.first_kind ? 17 : 9);
    const int parts = (mono ? 1 : 2) * (h.first_kind ? 2 : 1), each = h.first_kind ? 59 : 63;
    int64_t wanted = 0;  // bits
    for (int part = 0; part < parts; ++part) {
      int length = 0;
      for (int k = 0; k < 12; ++k) length = length << 1 | bit(8 * h.side - each * (parts - part) + k);
      wanted += length;
    }
    return wanted > 8 * (before + h.bytes - 4 - h.checksum - h.side);
  }

  // Of the frames nearest to what is lost.
  double mean_size(int64_t on) {
    int64_t sum = 0, count = 0;
    for (const int64_t bytes : recent_) sum += bytes, ++count;
    for (size_t k = 0; k < kNear; ++k) {
      const std::optional<MpegHeader> h = file_.header(on);
      if (!h || !h->like(last_)) break;
      sum += h->bytes, ++count;
      on += h->bytes;
    }
    return static_cast<double>(sum) / static_cast<double>(std::max<int64_t>(1, count));
  }

  void count_lost() {
    double room = 0;
    int64_t gaps = 0;
    bool torn = false;
    for (const Run& run : runs_)
      if (run.room > 0) room += run.room, torn = torn || run.torn, ++gaps;
    const int64_t missing = totals_.frames - found_;
    const auto wanted = static_cast<double>(missing);
    const double mean = static_cast<double>(sizes_) / static_cast<double>(std::max<int64_t>(1, found_));
    const bool one_size = largest_ - smallest_ <= 4, any = totals_.bytes == 0,
               shorter = any || static_cast<double>(end_ - begin_) + mean / 2 < static_cast<double>(totals_.bytes);
    // Whether the number of frames tells how many are lost at these places: bytes were cut out of the only one, or the
    // frames are of many sizes and this is near to what the bytes tell; not if the end may be lost, too.
    const bool cut =
                   gaps == 1 && !open_end_ && (any ? torn : shorter) && believable(missing - std::llround(room), mean),
               near = !one_size && !(open_end_ && shorter) && wanted >= 0.5 * room && wanted <= 2 * room;
    const double scale = room > 0 && missing > 0 && (cut || near) ? wanted / room : 1.0;
    double reached = 0;
    int64_t lost = 0;
    for (Run& run : runs_) {
      reached += run.room;
      run.lost = std::llround(reached * scale) - lost;
      lost += run.lost;
    }
    // One frame more or less: some count the first one, which holds no sound.
    const int64_t left = missing - lost;
    if (left > 1 && shorter && believable(left, mean)) lost_at_end_ = left;
  }

  // Whether the bytes that are said to be missing are those of so many frames.
  bool believable(int64_t frames, double mean) const {
    const double bytes = static_cast<double>(totals_.bytes - (end_ - begin_)) / mean,
                 wanted = static_cast<double>(frames);
    return totals_.frames < kMostSamples / last_.samples &&
           (totals_.bytes == 0 || (bytes > wanted / 4 - 1 && bytes < wanted * 4 + 1));
  }

  void write() {
    for (const Run& run : runs_) {
      if (run.lost > 0) put_silence(run.like, run.lost);
      const int64_t unfounded = run.broken ? 1 : run.lost > 0 ? run.unfounded : 0;
      int64_t at = run.begin;
      for (int64_t k = 0; k < unfounded; ++k) at = put_soundless(at, run.broken ? run.reach : -1);
      if (run.lost + unfounded > 0) silent(run.lost + unfounded);
      put({0, run.end - at, at});
      plan_.frames += run.frames - unfounded;
    }
    if (lost_at_end_ > 0) {
      put_silence(last_, lost_at_end_);
      silent(lost_at_end_);
    } else {  // what is behind the last frame is the decoder's business
      put({0, file_.size() - end_, end_});
    }
    plan_.frame_samples = last_.samples;
  }

  void silent(int64_t frames) {
    auto& all = plan_.silent;
    if (!all.empty() && all.back().second == plan_.frames)
      all.back().second += frames;
    else
      all.emplace_back(plan_.frames, plan_.frames + frames);
    plan_.frames += frames;
  }

  void put(MendedMpeg::Piece piece) {
    if (piece.length == 0) return;
    piece.begin = plan_.size;
    plan_.size += piece.length;
    plan_.pieces.push_back(std::move(piece));
  }
  void put_silence(const MpegHeader& like, int64_t frames) {
    std::string frame = silent_frame(like);
    const int64_t length = frames * static_cast<int64_t>(frame.size());
    put({0, length, -1, std::move(frame)});
  }
  // A frame of which only the bytes count, for later frames, and those so many before it; below zero: as it says.
  int64_t put_soundless(int64_t at, int64_t before) {
    const MpegHeader h = file_.header(at).value_or(last_);
    if (before < 0) before = main_data_begin(at, h);
    std::string begin(file_.at(at, 4 + h.checksum + h.side));
    if (static_cast<int64_t>(begin.size()) < 4 + h.checksum + h.side) return at;
    const auto side = begin.begin() + 4 + h.checksum;
    std::fill(side, begin.end(), '\0');
    side[0] = static_cast<char>(h.first_kind ? before >> 1 : before);
    side[1] = static_cast<char>(h.first_kind ? before << 7 & 0x80 : 0);
    const auto length = static_cast<int64_t>(begin.size());
    put({0, length, -1, std::move(begin)});
    put({0, h.bytes - length, at + length});
    return at + h.bytes;
  }

  static constexpr size_t kNear = 32;
  static constexpr int64_t kReservoir = 511;
  MendedMpeg::Plan plan_;
  MpegBytes file_;
  MpegTotals totals_;
  MpegHeader last_;
  std::vector<Run> runs_;
  std::deque<int64_t> recent_;  // sizes of frames
  int64_t begin_ = 0, end_ = 0, found_ = 0, sizes_ = 0, lost_at_end_ = 0;
  int64_t smallest_ = kMostSamples, largest_ = 0;
  int64_t reservoir_ = 0;  // bytes for later frames since what is lost, if it is no more than can be used
  bool founded_ = true;
  bool open_end_ = false;  // no frame, and no tag, is the last thing in the file
};

}  // namespace

MendedMpeg::MendedMpeg(const std::filesystem::path& file) : in_(file, std::ios::binary) {
  if (in_) plan_ = MpegPlan(in_).make();
}

int64_t MendedMpeg::read(int64_t at, char* out, int64_t n) {
  n = std::clamp<int64_t>(plan_.size - at, 0, n);
  auto piece = std::upper_bound(plan_.pieces.begin(), plan_.pieces.end(), at,
                                [](int64_t place, const Piece& p) { return place < p.begin; });
  if (n == 0 || piece == plan_.pieces.begin()) return 0;
  --piece;
  const int64_t within = at - piece->begin;
  n = std::min(n, piece->length - within);
  if (piece->place >= 0) {
    in_.clear();
    if (in_.tellg() != piece->place + within) in_.seekg(piece->place + within);
    in_.read(out, n);
    return in_.gcount();
  }
  for (int64_t k = 0; k < n; ++k) out[k] = piece->bytes[static_cast<size_t>(within + k) % piece->bytes.size()];
  return n;
}

}  // namespace mgdm
