#include "core/runs/hint_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "core/errors.h"
#include "core/media/midi_file.h"
#include "core/media/midi_sound.h"
#include "core/media/sound_file.h"

namespace mgdm {

namespace {

bool is_midi(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending == ".mid" || ending == ".midi";
}

at::Tensor part_of_sound(const std::filesystem::path& file, double rate, double from, int64_t n) {
  const Sound sound = read_sound(file, {.downmix = true});
  const at::Tensor mono = resample(sound.samples.mean(0, true), sound.sample_rate, rate);
  const int64_t begin = std::min<int64_t>(std::llround(from * rate), mono.size(1));
  const at::Tensor part = mono.slice(1, begin, std::min(begin + n, mono.size(1)));
  return at::constant_pad_nd(part, {0, n - part.size(1)}).contiguous();
}

}  // namespace

at::Tensor read_hint(const std::filesystem::path& file, const std::string& stem, double rate, double from, int64_t n) {
  const at::Tensor hint = is_midi(file) ? play_notes(notes_of_stem(read_midi(file), stem), rate, from, n)
                                        : part_of_sound(file, rate, from, n);
  if (hint.abs().max().item<float>() > 0) return hint;
  throw MediaError(file.string() + ": is silent where the song is worked on; it is no hint for the " + stem);
}

}  // namespace mgdm
