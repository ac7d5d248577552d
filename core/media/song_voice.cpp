#include "core/media/song_voice.h"

#include <algorithm>
#include <cmath>

#include "core/media/song_mixer.h"
#include "core/media/time_stretch.h"

namespace mgdm {

SongVoice::SongVoice(double frame, int sample_rate, double tempo, int key)
    : at_(std::llround(frame)), position_(static_cast<double>(at_)), tempo_(tempo), key_(key) {
  if (tempo == 1 && key == 0) return;
  stretch_ = std::make_unique<TimeStretch>(sample_rate);
  stretch_->set_tempo(tempo);
  stretch_->set_key(key);
}

SongVoice::~SongVoice() = default;

void SongVoice::set_tempo(double tempo) {
  if (tempo == tempo_) return;
  int counted = 0;
  for (const auto& [frames, old] : at_older_) counted += frames;
  at_older_.emplace_back(stretch_->ready() - counted, tempo_);  // made already
  tempo_ = tempo;
  stretch_->set_tempo(tempo);
}

double SongVoice::lead() const { return plain() ? 0 : stretch_->lead(); }

// The next frames of the song itself, as many as are there.
int SongVoice::mix(const MixOrders& orders, float* out, int n) {
  for (const auto& track : orders.tracks) {
    if (!track->complete()) n = static_cast<int>(std::clamp<int64_t>(track->filled() - at_, 0, n));
  }
  std::fill_n(out, 2 * n, 0.0f);
  const std::vector<ChannelGains>& gains = orders.gains;
  if (gains_before_.size() != gains.size()) gains_before_ = gains;
  for (size_t k = 0; k < orders.tracks.size(); ++k) {
    const ChannelGains now = gains[k], was = gains_before_[k];
    if (now.silent() && was.silent()) continue;
    const int channels = orders.tracks[k]->channels();
    one_track_.resize(static_cast<size_t>(n * channels));
    orders.tracks[k]->read(at_, n, one_track_.data());
    for (int i = 0; i < n; ++i) {
      const float share = now == was ? 1 : static_cast<float>(i + 1) / static_cast<float>(n);
      const float* frame = one_track_.data() + static_cast<size_t>(i * channels);
      out[2 * i] += (was.left + (now.left - was.left) * share) * frame[0];
      out[2 * i + 1] += (was.right + (now.right - was.right) * share) * frame[channels - 1];
    }
  }
  if (n > 0) gains_before_ = gains;
  at_ += n;
  return n;
}

int SongVoice::next(const MixOrders& orders, float* out, int n) {
  int done = 0;
  if (plain()) {
    done = mix(orders, out, n);
  } else {
    mixed_.resize(static_cast<size_t>(2 * kVoiceFrames));
    for (;;) {
      done += stretch_->take(out + static_cast<ptrdiff_t>(2 * done), n - done);
      if (done == n) break;
      const int got = mix(orders, mixed_.data(), kVoiceFrames);
      if (got == 0) break;
      stretch_->put(mixed_.data(), got);
    }
  }
  advance(done);
  return done;
}

void SongVoice::advance(int frames) {
  while (frames > 0 && !at_older_.empty()) {
    auto& [left, tempo] = at_older_.front();
    const int n = std::min(frames, left);
    position_ += n * tempo;
    frames -= n;
    left -= n;
    if (left == 0) at_older_.pop_front();
  }
  position_ += frames * tempo_;
}

}  // namespace mgdm
