#include "core/runs/song_frames.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/runs/other_sounds.h"

namespace mgdm {

namespace {

// Mid and, for two channels, side: [channels, ...] -> the same.
at::Tensor to_mid_side(const at::Tensor& x) {
  return x.size(0) == 1 ? x : at::stack({(x[0] + x[1]) / 2, (x[0] - x[1]) / 2});
}

at::Tensor padded(const at::Tensor& x, int64_t length) { return at::constant_pad_nd(x, {0, length - x.size(-1)}); }

int64_t number_of_stem(const std::vector<std::string>& stems, const std::string& name) {
  const auto found = std::find(stems.begin(), stems.end(), name);
  if (found != stems.end()) return found - stems.begin();
  std::string known;
  for (const auto& stem : stems) known += (known.empty() ? "" : ", ") + stem;
  throw OperatorError("'" + name + "' is no stem of this model; its stems are " + known);
}

void check_stem(const std::vector<std::string>& stems, const std::string& name, const at::Tensor& signal,
                const at::Tensor& rest) {
  number_of_stem(stems, name);
  if (rest.defined() && signal.sizes() != rest.sizes())
    throw OperatorError("the stem '" + name + "' differs from the rest in length or channels");
  if (!signal.isfinite().all().item<bool>())
    throw OperatorError("the stem '" + name + "' holds values that are not numbers");
}

// The mix or, without one, a given stem: of the song's length and channels. Throws what is wrong with the song.
at::Tensor checked_sound(const std::vector<std::string>& stems, const std::vector<std::string>& separated,
                         const Song& song) {
  at::Tensor any = song.mix;
  for (const auto& [name, signal] : song.given) {
    check_stem(stems, name, signal, any);
    any = signal;
  }
  if (!any.defined()) throw OperatorError("there is neither a mix nor a given stem");
  if (any.dim() != 2 || any.size(0) < 1 || any.size(0) > 2) throw OperatorError("a song must have one or two channels");
  if (any.size(1) == 0) throw OperatorError("the song is empty (0 samples)");
  if (!song.start.empty() && !song.mix.defined()) throw OperatorError("stems to start from need the song they are of");
  for (const auto& [name, signal] : song.start) check_stem(separated, name, signal, any);
  if (song.mix.defined() && !song.mix.isfinite().all().item<bool>())
    throw OperatorError("the song holds values that are not numbers");
  return any;
}

// What is to be repaired of it. Throws what cannot be.
void check_repairs(const BandPrior& band, const Song& song) {
  const double highest = band.codec.options().sample_rate / 2;
  if ((song.hiss > 0) + (song.clip > 0) + (song.bandwidth > 0) > 1)
    throw OperatorError("one repair at a time: noise, clipping or bandwidth");
  if (song.clip > 0 && !song.gaps.empty())
    throw OperatorError("gaps and clipping cannot be repaired at the same time; fill the gaps first");
  if (song.repaired() && !song.mix.defined()) throw OperatorError("without a mix there is nothing to repair");
  if (song.bandwidth > 0 && song.bandwidth >= highest) {
    throw OperatorError("the bandwidth must be below " + std::to_string(static_cast<int>(highest)) +
                        " Hz, all that this model knows of");
  }
}

}  // namespace

SongFrames::SongFrames(const BandPrior& band, const Song& song, const SeparationRequest& request)
    : band_(band), song_(song), most_other_(request.other) {
  check_repairs(band, song);
  const at::Tensor any = checked_sound(band.stems, separated_names(band, request), song);
  channels_ = any.size(0);
  length_ = any.size(1);
  cut_into_windows(request);
  const double rms =
      to_mid_side(song.mix.defined() ? song.mix : any)[0].to(at::kDouble).square().mean().sqrt().item<double>();
  gain_ = rms > 1e-7 && band.level > 0 ? band.level / rms : 1.0;
  weigh(request.noise);
  for (const auto& [name, signal] : song.given) given_[number_of_stem(band.stems, name)] = signal;
  for (const auto& [name, signal] : song.start)
    (name == kOther ? other_ : start_[number_of_stem(band.stems, name)]) = signal;
  damaged_.assign(static_cast<size_t>(frames_), 0);
  const double frame = seconds(1);
  for (const auto& [from, to] : song.gaps) {
    for (auto f = static_cast<int64_t>(from / frame) - 1; f <= static_cast<int64_t>(to / frame) + 1; ++f) {
      if (f >= 0 && f < frames_) damaged_[static_cast<size_t>(f)] = 1;
    }
  }
}

void SongFrames::cut_into_windows(const SeparationRequest& request) {
  const int64_t bins = band_.codec.options().bins, multiple = band_.frame_multiple;
  const int64_t total = std::max<int64_t>(multiple, (length_ + bins - 1) / bins);
  window_ = std::min(request.frames, (total + multiple - 1) / multiple * multiple);
  frames_ = std::max(total, window_);
  const int64_t stride = window_ - request.overlap;
  begins_ = {0};
  while (begins_.back() + window_ < frames_) begins_.push_back(std::min(begins_.back() + stride, frames_ - window_));
}

void SongFrames::weigh(double noise) {
  const MdctOptions& codec = band_.codec.options();
  noise_level_ = noise;
  if (song_.hiss > 0) {  // white in the sound, so in the weighted coefficients as the weights are
    weights_ = 1 / band_.codec.weights(at::kCPU).to(at::kDouble);
    noise_level_ = song_.hiss * gain_ / (channels_ == 2 ? std::sqrt(2.0) : 1.0);  // in the mid channel
  }
  if (song_.bandwidth > 0) {
    weights_ = at::ones({codec.bins}, at::kDouble);
    const double share = song_.bandwidth / (codec.sample_rate / 2);
    weights_.slice(0, std::max<int64_t>(1, static_cast<int64_t>(share * static_cast<double>(codec.bins)))).zero_();
  }
}

double SongFrames::seconds(int64_t frame) const {
  const MdctOptions& codec = band_.codec.options();
  return static_cast<double>(frame) * (static_cast<double>(codec.bins) / codec.sample_rate);
}

// [channels, L] of the whole song -> the sound of those frames, at the model's level, silence behind the end.
at::Tensor SongFrames::part(const at::Tensor& x, int64_t from, int64_t to) const {
  const int64_t bins = band_.codec.options().bins, end = std::min(x.size(1), to * bins);
  const at::Tensor sound = from * bins < end ? x.slice(1, from * bins, end) : x.slice(1, 0, 0);
  return padded(to_mid_side(sound.to(at::kFloat)) * gain_, (to - from) * bins);
}

// The same as of the whole song at once: a frame hangs on its two neighbours only.
at::Tensor SongFrames::encode(const at::Tensor& x, int64_t begin) const {
  const int64_t from = std::max<int64_t>(0, begin - 1), to = std::min(frames_, begin + window_ + 1);
  return band_.codec.encode(part(x, from, to)).narrow(1, begin - from, window_);
}

at::Tensor SongFrames::mix(int64_t begin) const {
  return song_.mix.defined() ? encode(song_.mix, begin) : at::Tensor();
}

std::map<int64_t, at::Tensor> SongFrames::given(int64_t begin) const {
  std::map<int64_t, at::Tensor> all;
  for (const auto& [stem, signal] : given_) all[stem] = encode(signal, begin);
  return all;
}

at::Tensor SongFrames::start(int64_t begin) const {
  if (start_.empty()) return {};
  std::vector<at::Tensor> all(band_.stems.size());
  at::Tensor rest = mix(begin)[0];
  if (other_.defined()) rest = rest - encode(other_, begin)[0];
  auto without = static_cast<int64_t>(all.size());
  for (const auto* known : {&start_, &given_}) {  // a given stem is what it is
    for (const auto& [stem, signal] : *known) {
      at::Tensor& own = all[static_cast<size_t>(stem)];
      if (own.defined())
        rest = rest + own;
      else
        --without;
      own = encode(signal, begin)[0];
      rest = rest - own;
    }
  }
  for (at::Tensor& own : all) {
    if (!own.defined()) own = rest / static_cast<double>(without);
  }
  return at::stack(all);
}

// What glides has been told from what does not, so it is as sure of itself as it can be; where both sound, amplitudes
// say too little of it: it counts twice. Drums glide as they fade, but their stem is better without a loss than without
// what leaks into it. Of another separator's voice amplitudes say enough, in any stem (models/band.md has the figures).
at::Tensor SongFrames::other(int64_t begin) const {
  const MdctOptions& codec = band_.codec.options();
  const auto power = [](const at::Tensor& z) {
    return at::avg_pool2d(z.square().unsqueeze(0), {3, 3}, {1, 1}, {1, 1}, false, false)[0];
  };
  const auto reach =
      static_cast<int64_t>(std::ceil(kGlidingReach * codec.sample_rate / static_cast<double>(codec.bins)));
  const int64_t from = std::max<int64_t>(0, begin - reach), to = std::min(frames_, begin + window_ + reach);
  at::Tensor rest = part(song_.mix, from, to)[0];
  for (const auto& [stem, signal] : given_) rest = rest - part(signal, from, to)[0];
  const bool told = other_.defined();
  const at::Tensor found = told ? part(other_, from, to)[0] : gliding_part(rest, codec.sample_rate);
  const at::Tensor coefficients =
      band_.codec.encode(at::stack({found, rest})).narrow(1, begin - from, window_);  // [2, F, M]
  const at::Tensor amplitude = (power(coefficients[0]) / power(coefficients[1]).clamp_min(1e-9)).sqrt();
  const at::Tensor share = ((told ? 1 : 2) * amplitude).clamp_max(most_other_);
  std::vector<at::Tensor> all;
  for (size_t c = 0; c < band_.stems.size(); ++c) {
    const bool keeps = given_.count(static_cast<int64_t>(c)) > 0 || (!told && band_.stems[c] == "drums");
    all.push_back(keeps ? at::zeros_like(share) : share);
  }
  return at::stack(all);
}

at::Tensor SongFrames::seen(int64_t begin) const {
  at::Tensor seen = at::zeros({window_}, at::kBool);
  if (!song_.mix.defined()) return seen;
  for (int64_t f = 0; f < window_; ++f) seen[f] = !damaged_[static_cast<size_t>(begin + f)];
  return seen;
}

at::Tensor SongFrames::sound(int64_t begin) const {
  const int64_t bins = band_.codec.options().bins;
  return padded(song_.mix.slice(1, begin * bins, std::min(length_, (begin + window_) * bins)).to(at::kFloat),
                window_ * bins);
}

}  // namespace mgdm
