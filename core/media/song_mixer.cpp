#include "core/media/song_mixer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "core/media/metronome.h"
#include "core/media/song_voice.h"

namespace mgdm {

namespace {

constexpr double kFadeSeconds = 0.01;  // from one voice to the next
constexpr double kOnTheBeat = 0.1;     // of a beat: so little behind one is on it, where a count-in leads

int64_t length_of(const MixOrders& orders) { return orders.tracks.empty() ? 0 : orders.tracks.front()->length(); }
bool loops(const MixOrders& orders) { return orders.loop_end > orders.loop_begin; }

/// Frame before which the playing stops or goes back.
double stop_of(const MixOrders& orders) {
  const int64_t length = length_of(orders);
  return static_cast<double>(loops(orders) ? std::min(orders.loop_end, length) : length);
}

}  // namespace

SongMixer::SongMixer() = default;
SongMixer::~SongMixer() = default;

void SongMixer::seek(int64_t frame, bool count_in) {
  start_ = static_cast<double>(frame);
  count_in_ = count_in;
  voice_.reset();
  before_.reset();
  lead_ = {};
  beat_ = -1;
  if (metronome_) metronome_->silence();
}

void SongMixer::take_up(const MixOrders& orders) {
  if (rate_ != orders.sample_rate) {
    if (voice_) start_ = voice_->position();
    seek(std::llround(start_), count_in_);
    rate_ = orders.sample_rate;
    metronome_ = std::make_unique<Metronome>(rate_);
  }
  const Practice& practice = orders.practice;
  const bool training = practice.trainer.on && loops(orders);
  if (training && !std::exchange(training_, training)) pass_ = 0;
  training_ = training;
  set_pace(std::clamp(training ? tempo_of(practice.trainer, pass_) : practice.tempo, kSlowest, kFastest),
           std::clamp(practice.key, -kWidestKey, kWidestKey));
}

// A tempo is changed in the voice; another key, and the way to and from the song as it is, are a new voice's.
void SongMixer::set_pace(double tempo, int key) {
  tempo_ = tempo;
  key_ = key;
  if (!voice_) return;
  if (voice_->plain() == (tempo == 1 && key == 0) && voice_->key() == key) {
    if (!voice_->plain()) voice_->set_tempo(tempo);
    return;
  }
  auto next = std::make_unique<SongVoice>(voice_->position(), rate_, tempo, key);
  if (lead_.left == 0) {
    before_ = std::move(voice_);
    faded_ = 0;
  }
  voice_ = std::move(next);
}

void SongMixer::begin(const MixOrders& orders) {
  if (loops(orders) && start_ >= stop_of(orders)) start_ = static_cast<double>(orders.loop_begin);
  voice_ = std::make_unique<SongVoice>(start_, rate_, tempo_, key_);
  plan_lead(orders.practice, 0, count_in_);
}

void SongMixer::begin_pass(const MixOrders& orders) {
  ++pass_;
  if (training_) tempo_ = std::clamp(tempo_of(orders.practice.trainer, pass_), kSlowest, kFastest);
  auto next = std::make_unique<SongVoice>(static_cast<double>(orders.loop_begin), rate_, tempo_, key_);
  std::unique_ptr<SongVoice> ended = std::exchange(voice_, std::move(next));
  plan_lead(orders.practice, std::clamp(orders.practice.gap, 0.0, kLongestGap), orders.practice.count_in_each_pass);
  beat_ = -1;
  before_.reset();
  if (lead_.left == 0 && ended->plain() && voice_->plain()) return;
  before_ = std::move(ended);
  faded_ = 0;
}

// Silence, then the count: its clicks come in the song's beat and go over into it, wherever in a beat the song begins.
void SongMixer::plan_lead(const Practice& practice, double silence, bool count) {
  lead_ = {};
  lead_.left = std::llround(silence * rate_);
  const int bars = practice.count_in;
  if (!count || bars <= 0 || !practice.beats || practice.beats->beats.size() < 2) return;
  const BeatGrid& grid = *practice.beats;
  const double frame = voice_->position(), period = beat_period(grid, frame);
  int64_t index = next_beat(grid, frame - kOnTheBeat * period);
  double until = 0;  // frames of the song from where it begins to that beat
  if (index < static_cast<int64_t>(grid.beats.size())) {
    until = static_cast<double>(grid.beats[static_cast<size_t>(index)]) - frame;
    const double whole = std::floor(std::max(0.0, until) / period);  // long before the first beat
    index -= static_cast<int64_t>(whole);
    until -= whole * period;
  }
  const int clicks = bars * grid.per_bar;
  for (int k = 0; k < clicks; ++k)
    lead_.clicks.emplace_back(lead_.left + std::llround(k * period / tempo_), begins_bar(grid, index - clicks + k));
  lead_.left += std::llround((clicks * period - until) / tempo_);
}

void SongMixer::mix_lead(float* out, int n) {
  std::fill_n(out, 2 * n, 0.0f);
  for (const auto& [at, accent] : lead_.clicks) {
    if (at >= lead_.done && at < lead_.done + n) metronome_->click(static_cast<int>(at - lead_.done), accent);
  }
  lead_.done += n;
  lead_.left -= n;
}

void SongMixer::fade_from_before(const MixOrders& orders, float* out, int n) {
  if (!before_ || n == 0) return;
  const int whole = static_cast<int>(kFadeSeconds * rate_), rest = std::min(n, whole - faded_);
  std::vector<float> old(static_cast<size_t>(2 * rest));
  const int got = before_->next(orders, old.data(), rest);
  for (int i = 0; i < rest; ++i) {
    const float share = static_cast<float>(faded_ + i + 1) / static_cast<float>(whole + 1);
    for (int c = 0; c < 2; ++c) {
      const float from = i < got ? old[static_cast<size_t>(2 * i + c)] : 0;
      out[2 * i + c] = share * out[2 * i + c] + (1 - share) * from;
    }
  }
  faded_ += rest;
  if (faded_ >= whole) before_.reset();
}

void SongMixer::click_beats(const Practice& practice, const MixedStretch& stretch) {
  if (!practice.metronome || !practice.beats) {
    beat_ = -1;
    return;
  }
  const BeatGrid& grid = *practice.beats;
  if (beat_ < 0 || grid_ != practice.beats) beat_ = next_beat(grid, stretch.begin);
  grid_ = practice.beats;
  const double begin = stretch.begin + voice_->lead(), end = begin + stretch.frames * stretch.step;
  for (; beat_ < static_cast<int64_t>(grid.beats.size()); ++beat_) {
    const auto beat = static_cast<double>(grid.beats[static_cast<size_t>(beat_)]);
    if (beat >= end) break;
    const auto offset = static_cast<int>((beat - begin) / stretch.step);
    metronome_->click(std::clamp(offset, 0, stretch.frames - 1), begins_bar(grid, beat_));
  }
}

// What comes over the song: the end of the voice before, and clicks.
void SongMixer::finish(const MixOrders& orders, const MixedStretch& stretch, float* out) {
  fade_from_before(orders, out, stretch.frames);
  metronome_->add_to(out, stretch.frames, static_cast<float>(std::clamp(orders.practice.click_volume, 0.0, 1.0)));
}

MixedStretch SongMixer::next(const MixOrders& orders, float* out, int n) {
  n = std::min(n, kVoiceFrames);
  take_up(orders);
  if (!voice_) begin(orders);
  const double stop = stop_of(orders);
  if (lead_.left == 0 && loops(orders) && voice_->position() >= stop) begin_pass(orders);
  MixedStretch stretch;
  stretch.begin = voice_->position();
  stretch.tempo = tempo_;
  stretch.pass = pass_;
  if (lead_.left > 0) {
    stretch.frames = static_cast<int>(std::min<int64_t>(n, lead_.left));
    stretch.step = 0;
    mix_lead(out, stretch.frames);
    finish(orders, stretch, out);
    return stretch;
  }
  stretch.step = tempo_;
  const double left = std::ceil((stop - stretch.begin) / tempo_ - 1e-6);
  const int wanted = static_cast<int>(std::clamp<double>(left, 0, n));
  stretch.frames = voice_->next(orders, out, wanted);
  if (stretch.frames > 0) stretch.step = (voice_->position() - stretch.begin) / stretch.frames;
  stretch.waits = stretch.frames < wanted;
  stretch.last = !stretch.waits && !loops(orders) && left <= n;
  if (!orders.tracks.empty() && !orders.tracks.front()->complete() && stretch.last) {
    stretch.last = false;  // it may become longer than its file said
    stretch.waits = true;
  }
  click_beats(orders.practice, stretch);
  finish(orders, stretch, out);
  return stretch;
}

}  // namespace mgdm
