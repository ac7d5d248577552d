#include "core/runs/start_stems.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <set>

#include "core/errors.h"
#include "core/media/sound_file.h"
#include "core/runs/separation.h"

namespace mgdm {

namespace fs = std::filesystem;

namespace {

constexpr const char* kVoice = "vocals";
constexpr double kLengthTolerance = 0.5;  // seconds: codecs pad, programs cut silence off

// Other programs' words for a stem.
const std::map<std::string, std::string>& instrument_words() {
  static const std::map<std::string, std::string> list{{"bass", "bass"},
                                                       {"drums", "drums"},
                                                       {"drum", "drums"},
                                                       {"percussion", "drums"},
                                                       {"guitar", "guitar"},
                                                       {"guitars", "guitar"},
                                                       {"piano", "piano"},
                                                       {"keys", "piano"},
                                                       {"keyboard", "piano"},
                                                       {"keyboards", "piano"},
                                                       {"vocals", "vocals"},
                                                       {"vocal", "vocals"},
                                                       {"voice", "vocals"},
                                                       {"singing", "vocals"},
                                                       {"other", "other"},
                                                       {"others", "other"},
                                                       {"mix", "mix"},
                                                       {"mixture", "mix"},
                                                       {"residual", "residual"},
                                                       {"instrumental", "instrumental"},
                                                       {"accompaniment", "instrumental"}};
  return list;
}

struct Word {
  std::string text;
  bool in_parentheses = false;
};

std::vector<Word> words_of_name(const std::string& name) {
  std::vector<Word> words;
  bool inside = false, joined = false;
  for (const char c : name) {
    if (c == '(') inside = true;
    if (c == ')') inside = false;
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = std::isalpha(byte) != 0 || byte >= 0x80;
    if (!letter) {
      joined = false;
      continue;
    }
    if (!joined) words.push_back({"", inside});
    words.back().text += static_cast<char>(std::tolower(byte));
    joined = true;
  }
  return words;
}

bool is_sound(const fs::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  static const std::set<std::string> endings{".wav", ".flac", ".aiff", ".aif", ".ogg", ".opus", ".mp3"};
  return endings.count(ending) > 0;
}

std::vector<fs::path> sounds_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file(error) && is_sound(entry.path())) files.push_back(entry.path());
  }
  if (error) throw MediaError(folder.string() + ": is no folder that can be read");
  std::sort(files.begin(), files.end());
  return files;
}

std::string seconds_of(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

// All of the file at the song's rate, in its channels.
at::Tensor read_like(const fs::path& file, const StartSong& song) {
  const Sound sound = read_sound(file, {.downmix = true});
  const double lasts = static_cast<double>(sound.samples.size(1)) / sound.sample_rate;
  const double end = song.from + static_cast<double>(song.mix.size(1)) / song.rate;
  const double wanted = song.seconds < 0 ? std::min(lasts, end) : song.seconds;
  if (std::abs(lasts - wanted) > kLengthTolerance || lasts < end - kLengthTolerance)
    throw MediaError(file.string() + ": lasts " + seconds_of(lasts) + ", the song " +
                     seconds_of(std::max(wanted, end)) + ": it is not a stem of it");
  const at::Tensor x = resample(sound.samples, sound.sample_rate, song.rate);
  return x.size(0) == song.mix.size(0) ? x : x.mean(0, true).expand({song.mix.size(0), x.size(1)});
}

// n samples of [channels, L] from `from`, silence where there are none.
at::Tensor part_of(const at::Tensor& x, int64_t from, int64_t n) {
  const int64_t before = std::max<int64_t>(0, -from), begin = std::max<int64_t>(0, from);
  const int64_t have = std::clamp<int64_t>(x.size(1) - begin, 0, n - before);
  return at::constant_pad_nd(x.slice(1, begin, begin + have), {before, n - before - have}).contiguous();
}

}  // namespace

std::string stem_of_file(const fs::path& file, const std::vector<std::string>& stems) {
  std::string found;
  bool in_parentheses = false, none = false;
  for (const Word& word : words_of_name(file.stem().string())) {
    std::string stem;
    if (std::find(stems.begin(), stems.end(), word.text) != stems.end()) {
      stem = word.text;
    } else if (const auto known = instrument_words().find(word.text); known != instrument_words().end()) {
      stem = known->second;
    }
    if (!stem.empty() && (word.in_parentheses || !in_parentheses)) {
      found = none ? "" : stem;  // "no_vocals" is everything else
      in_parentheses = word.in_parentheses;
    }
    none = word.text == "no" || word.text == "minus" || word.text == "without";
  }
  return found;
}

int64_t lag_of(const at::Tensor& x, const at::Tensor& song, int64_t most) {
  constexpr double kClear = 1.5, kStandsOut = 8;  // times what it is as they lie, and its rms
  int64_t padded = 1;
  while (padded < song.size(0) + most + 1) padded *= 2;
  const at::Tensor cross = at::fft_rfft(x.to(at::kFloat), padded) * at::fft_rfft(song.to(at::kFloat), padded).conj();
  const at::Tensor size = cross.abs();
  const at::Tensor correlation = at::fft_irfft(cross / (size + 1e-3 * size.mean() + 1e-30), padded);
  const at::Tensor near = at::cat({correlation.slice(0, padded - most), correlation.slice(0, 0, most + 1)});
  const auto best = near.argmax().item<int64_t>();
  const double there = near[best].item<double>(), here = near[most].item<double>();
  const double usual = near.square().mean().sqrt().item<double>();
  return there > kStandsOut * usual && there > kClear * here ? best - most : 0;
}

StartFiles find_start_stems(const fs::path& folder, const std::vector<std::string>& stems) {
  const auto separated = [&](const std::string& name) {
    return std::find(stems.begin(), stems.end(), name) != stems.end();
  };
  StartFiles files;
  std::map<std::string, fs::path> of_word;
  for (const fs::path& file : sounds_in(folder)) {
    const std::string word = stem_of_file(file, stems);
    const std::string stem = word == kVoice && separated(kOther) ? kOther : word == kOther ? "" : word;
    if (word != kOther && !separated(stem)) {
      files.ignored.push_back(file);
      continue;
    }
    const auto [known, is_new] = of_word.emplace(word, file);
    if (!is_new)
      throw MediaError(folder.string() + ": both " + known->second.filename().string() + " and " +
                       file.filename().string() + " are " + word);
    (word == kOther ? files.shared : files.of_stem[stem]) = file;
  }
  const bool all =
      std::all_of(stems.begin(), stems.end(), [&](const auto& s) { return s == kOther || files.of_stem.count(s) > 0; });
  if (all && !files.shared.empty()) {  // every stem has a file of its own
    files.ignored.push_back(files.shared);
    files.shared.clear();
  }
  if (!files.of_stem.empty() || !files.shared.empty()) return files;
  std::string names;
  for (const std::string& stem : stems) names += stem == kOther ? "" : stem + ", ";
  throw MediaError(folder.string() + ": holds no sound file of a stem (" + names + "other)");
}

StartStems read_start_stems(const fs::path& folder, const StartSong& song, const std::vector<std::string>& stems) {
  const StartFiles files = find_start_stems(folder, stems);
  StartStems start;
  for (const fs::path& file : files.ignored) {
    const bool voice = stem_of_file(file, stems) == kVoice;
    start.remarks.push_back(file.filename().string() + " is of none of the model's stems; it is not used" +
                            (voice ? " (a share of other sounds would give it a track)" : ""));
  }
  const int64_t from = std::llround(song.from * song.rate), n = song.mix.size(1);
  std::map<std::string, at::Tensor> whole;
  for (const auto& [stem, file] : files.of_stem) whole[stem] = read_like(file, song);
  if (!files.shared.empty()) {
    std::vector<std::string> without;
    for (const std::string& stem : stems) {
      if (stem != kOther && files.of_stem.count(stem) == 0) without.push_back(stem);
    }
    const at::Tensor share = read_like(files.shared, song) / static_cast<double>(without.size());
    for (const std::string& stem : without) whole[stem] = share;
  }
  at::Tensor sum = at::zeros({n});
  for (const auto& [stem, sound] : whole) sum += part_of(sound, from, n).mean(0);
  const int64_t lag = lag_of(sum, song.mix.mean(0), std::llround(kLongestLag * song.rate));
  if (lag != 0)
    start.remarks.push_back("the stems to start from lie " +
                            std::to_string(std::lround(1000 * std::abs(lag) / song.rate)) + " ms " +
                            (lag > 0 ? "behind" : "before") + " the song; they are moved");
  for (const auto& [stem, sound] : whole) start.stems[stem] = part_of(sound, from + lag, n);
  return start;
}

}  // namespace mgdm
