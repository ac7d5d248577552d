// Reading sound files: libsndfile, and libmpg123 for MP3, whose length libsndfile only estimates.
#include <ATen/ATen.h>
#include <mpg123.h>
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <functional>

#include "core/errors.h"
#include "core/media/mended_mpeg.h"
#include "core/media/sound_file.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kReadAtOnce = 1 << 18;             // frames read at once
constexpr int64_t kLongestSound = int64_t{1} << 31;  // frames
constexpr int kMostChannels = 64;

// What a file is that libsndfile does not know, by its first bytes; empty: not known either.
std::string known_format(const fs::path& file) {
  std::array<char, 16> bytes{};
  std::ifstream(file, std::ios::binary).read(bytes.data(), bytes.size());
  const std::string begin(bytes.data(), bytes.size());
  const auto at = [&](size_t place, std::string_view what) { return begin.compare(place, what.size(), what) == 0; };
  if (at(4, "ftyp")) return "an M4A or MP4 file (AAC or ALAC)";
  if (at(0, "\x30\x26\xB2\x75")) return "a WMA file";
  if (at(0, "wvpk")) return "a WavPack file";
  if (at(0, "MAC ")) return "a Monkey's Audio file";
  if (at(0, "\x1A\x45\xDF\xA3")) return "a Matroska or WebM file";
  if (at(0, "DSD ") || at(0, "FRM8")) return "a DSD file";
  if (at(0, "MThd")) return "a MIDI file, which holds notes and no sound";
  if (at(0, "#!AMR")) return "an AMR file";
  if (at(0, "<!DO") || at(0, "<htm")) return "a web page";
  return {};
}

// Whether MPEG audio frames begin here or behind an ID3v2 tag. libsndfile would know, too, but what its MP3 decoder has
// to say of a damaged file goes to standard error.
bool begins_as_mp3(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::array<unsigned char, 10> tag{};
  in.read(reinterpret_cast<char*>(tag.data()), tag.size());
  if (!in) return false;
  if (tag[0] == 'I' && tag[1] == 'D' && tag[2] == '3') {  // its length: four times seven bits
    const std::streamoff length = tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9];
    in.seekg(10 + length);
    in.read(reinterpret_cast<char*>(tag.data()), 4);
    if (!in) return false;
  }
  const bool sync = tag[0] == 0xff && (tag[1] & 0xe0) == 0xe0, version = (tag[1] & 0x18) != 0x08,
             layer = (tag[1] & 0x06) != 0, bit_rate = (tag[2] & 0xf0) != 0xf0, rate = (tag[2] & 0x0c) != 0x0c;
  return sync && version && layer && bit_rate && rate;
}

struct CloseSound {
  void operator()(SNDFILE* f) const { sf_close(f); }
};

}  // namespace

// What gives samples of all the file's channels.
struct SoundSource {
  virtual ~SoundSource() = default;
  virtual int64_t read(float* out, int64_t n) = 0;  // 0: the end
  int channels = 0, rate = 0;
  int64_t frames = 0;
  std::vector<std::pair<int64_t, int64_t>> damage;
  std::vector<float> left, right;  // weights of the channels
};

namespace {

// Weights of the channels of a file with more than two, as ITU-R BS.775 mixes them down, by what each is for; where the
// file does not tell, by the usual orders. The low frequency channel is left out.
void downmix_weights(SNDFILE* file, int channels, std::vector<float>& left, std::vector<float>& right) {
  constexpr float kHalf = 0.70710678f;
  std::vector<int> map(static_cast<size_t>(channels));
  if (sf_command(file, SFC_GET_CHANNEL_MAP_INFO, map.data(), static_cast<int>(map.size() * sizeof(int))) != SF_TRUE) {
    const std::vector<int> usual{SF_CHANNEL_MAP_LEFT,      SF_CHANNEL_MAP_RIGHT,     SF_CHANNEL_MAP_CENTER,
                                 SF_CHANNEL_MAP_LFE,       SF_CHANNEL_MAP_REAR_LEFT, SF_CHANNEL_MAP_REAR_RIGHT,
                                 SF_CHANNEL_MAP_SIDE_LEFT, SF_CHANNEL_MAP_SIDE_RIGHT};
    const std::vector<int> four{SF_CHANNEL_MAP_LEFT, SF_CHANNEL_MAP_RIGHT, SF_CHANNEL_MAP_REAR_LEFT,
                                SF_CHANNEL_MAP_REAR_RIGHT};
    for (size_t c = 0; c < map.size(); ++c) {
      const std::vector<int>& order = channels == 4 ? four : usual;
      map[c] = c < order.size() ? order[c] : SF_CHANNEL_MAP_CENTER;
    }
  }
  left.assign(map.size(), 0);
  right.assign(map.size(), 0);
  for (size_t c = 0; c < map.size(); ++c) {
    switch (map[c]) {
      case SF_CHANNEL_MAP_LEFT:
      case SF_CHANNEL_MAP_FRONT_LEFT:
        left[c] = 1;
        break;
      case SF_CHANNEL_MAP_RIGHT:
      case SF_CHANNEL_MAP_FRONT_RIGHT:
        right[c] = 1;
        break;
      case SF_CHANNEL_MAP_REAR_LEFT:
      case SF_CHANNEL_MAP_SIDE_LEFT:
      case SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER:
        left[c] = kHalf;
        break;
      case SF_CHANNEL_MAP_REAR_RIGHT:
      case SF_CHANNEL_MAP_SIDE_RIGHT:
      case SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER:
        right[c] = kHalf;
        break;
      case SF_CHANNEL_MAP_LFE:
        break;
      default:
        left[c] = right[c] = kHalf;
    }
  }
}

class SndfileSource : public SoundSource {
 public:
  SndfileSource(fs::path file, const std::function<void(const std::string&)>& fail) : file_(std::move(file)) {
    opened_ = open();
    if (!opened_) {
      const std::string format = known_format(file_);
      fail(format.empty() ? std::string("is no sound file that can be read (") + sf_strerror(nullptr) + ")"
                          : "is " + format + ", which is not read; convert it to FLAC or WAV first");
    }
    channels = info_.channels;
    rate = info_.samplerate;
    frames = info_.frames;
    if (channels > 2) downmix_weights(opened_.get(), channels, left, right);
  }

  bool is_mp3() const { return (info_.format & SF_FORMAT_TYPEMASK) == kMpeg; }

  int64_t read(float* out, int64_t n) override {
    if (silence_ > 0) {  // of what could not be read
      const int64_t some = std::min(n, silence_);
      std::fill_n(out, some * channels, 0.0f);
      silence_ -= some;
      at_ += some;
      return some;
    }
    const int64_t got = std::max<sf_count_t>(0, sf_readf_float(opened_.get(), out, n));
    at_ += got;
    if (got > 0) return got;
    if (sf_error(opened_.get()) == SF_ERR_NO_ERROR && (frames <= 0 || at_ >= frames || !info_.seekable)) return 0;
    return skip_damage() ? read(out, n) : 0;
  }

 private:
  static constexpr int kMpeg = 0x230000;  // SF_FORMAT_MPEG, which older headers lack

  std::unique_ptr<SNDFILE, CloseSound> open() {
    return std::unique_ptr<SNDFILE, CloseSound>(sf_open(file_.c_str(), SFM_READ, &info_));
  }

  // Looks for the next place that can be read, with a decoder of its own for each, for a failed one may stay so.
  bool skip_damage() {
    constexpr int64_t kFirst = 1024;
    constexpr int kTries = 200;
    if (!info_.seekable || frames <= at_ || frames > kLongestSound) return false;
    std::vector<float> probe(static_cast<size_t>(kFirst * channels));
    int64_t step = kFirst;
    for (int attempt = 0; attempt < kTries; ++attempt) {
      const int64_t to = at_ + step;
      if (to >= frames) break;
      info_ = {};
      opened_ = open();
      if (!opened_) break;
      if (sf_seek(opened_.get(), to, SEEK_SET) == to && sf_readf_float(opened_.get(), probe.data(), kFirst) == kFirst &&
          sf_error(opened_.get()) == SF_ERR_NO_ERROR && sf_seek(opened_.get(), to, SEEK_SET) == to) {
        damage.emplace_back(at_, to);
        silence_ = to - at_;
        return true;
      }
      step += std::max(kFirst, step / 16);
    }
    // Nothing can be read behind it: it is silence to the end.
    damage.emplace_back(at_, frames);
    silence_ = frames - at_;
    opened_ = open();
    if (opened_) sf_seek(opened_.get(), 0, SEEK_END);
    return opened_ != nullptr && silence_ > 0;
  }

  fs::path file_;
  SF_INFO info_{};
  std::unique_ptr<SNDFILE, CloseSound> opened_;
  int64_t at_ = 0, silence_ = 0;
};

class Mp3Source : public SoundSource {
 public:
  Mp3Source(const fs::path& file, const std::function<void(const std::string&)>& fail) : mended_(file) {
    static const int ready = mpg123_init();
    int error = ready;
    handle_.reset(mpg123_new(nullptr, &error));
    if (!handle_) fail(std::string("cannot be read (") + mpg123_plain_strerror(error) + ")");
    mpg123_param(handle_.get(), MPG123_ADD_FLAGS, MPG123_FORCE_FLOAT | MPG123_QUIET | MPG123_SKIP_ID3V2, 0);
    mpg123_param(handle_.get(), MPG123_RESYNC_LIMIT, -1, 0);  // behind damage it goes on, wherever that is
    long sample_rate = 0;
    int encoding = 0;
    if (open(file) != MPG123_OK || mpg123_getformat(handle_.get(), &sample_rate, &channels, &encoding) != MPG123_OK)
      fail(std::string("cannot be read (") + mpg123_strerror(handle_.get()) + ")");
    rate = static_cast<int>(sample_rate);
    mpg123_format_none(handle_.get());
    mpg123_format(handle_.get(), sample_rate, channels, MPG123_ENC_FLOAT_32);
    mpg123_scan(handle_.get());  // the frames are counted: what a header estimates may be wrong
    frames = mpg123_length(handle_.get());
    name_damage();
  }

  int64_t read(float* out, int64_t n) override {
    const size_t wanted = static_cast<size_t>(n * channels) * sizeof(float);
    size_t got = 0;
    while (got < wanted) {
      size_t some = 0;
      const int result = mpg123_read(handle_.get(), reinterpret_cast<unsigned char*>(out) + got, wanted - got, &some);
      got += some;
      if (result == MPG123_NEW_FORMAT) continue;  // of the same rate, as was asked for
      if (result != MPG123_OK) break;
    }
    return static_cast<int64_t>(got / sizeof(float)) / channels;
  }

 private:
  struct Delete {
    void operator()(mpg123_handle* handle) const { mpg123_delete(handle); }
  };

  // A file that is whole is the decoder's own business.
  int open(const fs::path& file) {
    if (mended_.silent().empty()) return mpg123_open(handle_.get(), file.c_str());
    const auto read = [](void* self, void* out, size_t n) -> ssize_t {
      auto* source = static_cast<Mp3Source*>(self);
      const int64_t got = source->mended_.read(source->at_, static_cast<char*>(out), static_cast<int64_t>(n));
      source->at_ += got;
      return got;
    };
    const auto seek = [](void* self, off_t by, int from) -> off_t {
      auto* source = static_cast<Mp3Source*>(self);
      const int64_t to = by + (from == SEEK_SET ? 0 : from == SEEK_CUR ? source->at_ : source->mended_.size());
      return to < 0 ? -1 : source->at_ = to;
    };
    const int result = mpg123_replace_reader_handle(handle_.get(), read, seek, nullptr);
    return result == MPG123_OK ? mpg123_open_handle(handle_.get(), this) : result;
  }

  void name_damage() {
    const int64_t samples = mended_.frame_samples();
    // What the encoder put in front is left out, unless the decoder found that its header does not tell the truth.
    long encoder = -1, decoder = 0;
    mpg123_getstate(handle_.get(), MPG123_ENC_DELAY, &encoder, nullptr);
    mpg123_getstate(handle_.get(), MPG123_DEC_DELAY, &decoder, nullptr);
    const int64_t before = encoder >= 0 && frames < mended_.frames() * samples ? encoder + decoder : 0;
    for (const auto& [from, to] : mended_.silent()) {
      const int64_t begin = std::clamp<int64_t>(from * samples - before, 0, frames),
                    end = std::clamp<int64_t>(to * samples - before, 0, frames);
      if (begin < end) damage.emplace_back(begin, end);
    }
  }

  MendedMpeg mended_;
  int64_t at_ = 0;  // in the mended file
  std::unique_ptr<mpg123_handle, Delete> handle_;
};

}  // namespace

SoundReader::SoundReader(const fs::path& file, SoundWish wish) : name_(file.string()) {
  const auto fail = [this](const std::string& what) { throw MediaError(name_ + ": " + what); };
  std::error_code error;
  if (!fs::exists(file, error)) fail("there is no such file");
  if (fs::is_directory(file, error)) fail("is a folder, not a song");
  if (begins_as_mp3(file)) {
    try {
      source_ = std::make_unique<Mp3Source>(file, fail);
    } catch (const MediaError&) {  // it only looked like one
    }
  }
  if (source_ == nullptr) {
    auto found = std::make_unique<SndfileSource>(file, fail);
    if (found->is_mp3())
      source_ = std::make_unique<Mp3Source>(file, fail);
    else
      source_ = std::move(found);
  }
  const int channels = source_->channels;
  if (channels < 1 || channels > kMostChannels) fail("has " + std::to_string(channels) + " channels");
  if (channels > 2 && !wish.downmix)
    fail("has " + std::to_string(channels) + " channels; one or two can be used, or two are made of them (--downmix)");
  if (source_->rate < 1000 || source_->rate > 768000)
    fail("has a sample rate of " + std::to_string(source_->rate) + " Hz");
  left_ = source_->left;
  right_ = source_->right;
}

SoundReader::~SoundReader() = default;

int SoundReader::channels() const { return std::min(2, source_->channels); }
int SoundReader::file_channels() const { return source_->channels; }
int SoundReader::sample_rate() const { return source_->rate; }
int64_t SoundReader::frames() const {
  return source_->frames > 0 && source_->frames <= kLongestSound ? source_->frames : 0;
}
const std::vector<std::pair<int64_t, int64_t>>& SoundReader::damage() const { return source_->damage; }

int64_t SoundReader::read(float* out, int64_t n) {
  const int all = source_->channels;
  float* into = out;
  if (all > 2) {
    wide_.resize(static_cast<size_t>(n * all));
    into = wide_.data();
  }
  const int64_t got = source_->read(into, n);
  read_ += got;
  if (read_ > kLongestSound) throw MediaError(name_ + ": is longer than can be used");
  if (got == 0 && read_ == 0) throw MediaError(name_ + ": holds no sound (0 samples)");
  for (int64_t k = 0; k < got && all > 2; ++k) {
    float left = 0, right = 0;
    for (int c = 0; c < all; ++c) {
      const float sample = wide_[static_cast<size_t>(k * all + c)];
      left += left_[static_cast<size_t>(c)] * sample;
      right += right_[static_cast<size_t>(c)] * sample;
    }
    out[2 * k] = left;
    out[2 * k + 1] = right;
  }
  if (!std::all_of(out, out + got * channels(), [](float v) { return std::isfinite(v); }))
    throw MediaError(name_ + ": holds samples that are not numbers");
  return got;
}

Sound read_sound(const fs::path& file, SoundWish wish) {
  SoundReader reader(file, wish);
  // The header's length may lie (truncated or streamed files): what is there is read, block by block.
  std::vector<at::Tensor> blocks;
  for (;;) {
    at::Tensor block = at::empty({kReadAtOnce, reader.channels()}, at::kFloat);
    const int64_t got = reader.read(block.data_ptr<float>(), kReadAtOnce);
    if (got == 0) break;
    blocks.push_back(block.narrow(0, 0, got));
  }
  return {at::cat(blocks).t().contiguous(), reader.sample_rate(), reader.damage()};
}

std::string damage_words(const std::vector<std::pair<int64_t, int64_t>>& damage, int sample_rate) {
  constexpr size_t kNamed = 10;
  std::string words;
  for (size_t k = 0; k < std::min(damage.size(), kNamed); ++k) {
    const auto [from, to] = damage[k];
    std::array<char, 64> text{};
    const auto at = [sample_rate](int64_t frame) { return static_cast<double>(frame) / sample_rate; };
    std::snprintf(text.data(), text.size(), "%s%d:%04.1f to %d:%04.1f", words.empty() ? "" : ", ",
                  static_cast<int>(at(from)) / 60, std::fmod(at(from), 60), static_cast<int>(at(to)) / 60,
                  std::fmod(at(to), 60));
    words += text.data();
  }
  if (damage.size() > kNamed) words += " and " + std::to_string(damage.size() - kNamed) + " more";
  return words;
}

}  // namespace mgdm
