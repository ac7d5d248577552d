#include "core/runs/stem_stream.h"

#include <ATen/ATen.h>

#include <soxr.h>

#include <algorithm>
#include <cmath>

#include "core/media/image_file.h"
#include "core/runs/separation.h"

namespace mgdm {

struct StemStream::Resampler {
  soxr_t soxr = nullptr;
  int64_t channels;
  double ratio;
  Resampler(double from, double to, int64_t channels_) : channels(channels_), ratio(to / from) {
    if (from == to) return;
    soxr_error_t error = nullptr;
    const soxr_quality_spec_t quality = soxr_quality_spec(SOXR_VHQ, 0);
    soxr = soxr_create(from, to, static_cast<unsigned>(channels), &error, nullptr, &quality, nullptr);
    if (error != nullptr) throw MediaError(std::string("the sample rate cannot be changed: ") + error);
  }
  ~Resampler() { soxr_delete(soxr); }
  Resampler(const Resampler&) = delete;
  Resampler& operator=(const Resampler&) = delete;

  /// [channels, n] -> what comes out for it; an undefined tensor ends the sound.
  at::Tensor pass(const at::Tensor& samples) {
    if (soxr == nullptr) return samples.defined() ? samples : at::empty({channels, 0}, at::kFloat);
    const at::Tensor in = samples.defined() ? samples.t().contiguous() : at::Tensor();
    const size_t frames = in.defined() ? static_cast<size_t>(in.size(0)) : 0;
    std::vector<at::Tensor> made;
    for (size_t used_all = 0;;) {
      at::Tensor out =
          at::empty({static_cast<int64_t>(static_cast<double>(frames) * ratio) + 4096, channels}, at::kFloat);
      size_t used = 0, got = 0;
      const float* from = in.defined() ? in.data_ptr<float>() + static_cast<int64_t>(used_all) * channels : nullptr;
      const soxr_error_t error = soxr_process(soxr, from, frames - used_all, &used, out.data_ptr<float>(),
                                              static_cast<size_t>(out.size(0)), &got);
      if (error != nullptr) throw MediaError(std::string("the sample rate cannot be changed: ") + error);
      used_all += used;
      made.push_back(out.narrow(0, 0, static_cast<int64_t>(got)));
      if (used_all >= frames && got < static_cast<size_t>(out.size(0))) break;
    }
    return at::cat(made).t().contiguous();
  }
};

StemStream::StemStream(int64_t stems, int64_t channels, double model_rate, double song_rate, int64_t length, Rest rest,
                       Read song, Write write)
    : song_rate_(song_rate),
      ratio_(song_rate / model_rate),
      length_(length),
      rest_(rest),
      song_(std::move(song)),
      write_(std::move(write)) {
  for (int64_t k = 0; k < stems; ++k)
    resamplers_.push_back(std::make_unique<Resampler>(model_rate, song_rate, channels));
}

StemStream::~StemStream() = default;

void StemStream::put(const at::Tensor& stems) {
  std::vector<at::Tensor> passed;
  for (size_t k = 0; k < resamplers_.size(); ++k)
    passed.push_back(resamplers_[k]->pass(stems[static_cast<int64_t>(k)].to(at::kCPU, at::kFloat)));
  put_ += stems.size(2);
  const at::Tensor more = at::stack(passed);
  pending_ = pending_.defined() ? at::cat({pending_, more}, 2) : more;
  flush(false);
}

bool StemStream::finish() {
  if (!pending_.defined()) return false;
  std::vector<at::Tensor> passed;
  for (const auto& resampler : resamplers_) passed.push_back(resampler->pass({}));
  pending_ = at::cat({pending_, at::stack(passed)}, 2);
  // A resampler may end one frame early; the song's last frame is then the song's rest.
  const auto there = static_cast<int64_t>(std::llround(static_cast<double>(put_) * ratio_));
  const int64_t end =
      std::abs(there - length_) <= static_cast<int64_t>(std::ceil(ratio_)) + 1 ? length_ : std::min(there, length_);
  const int64_t have = pending_begin_ + pending_.size(2);
  pending_ = have < end ? at::constant_pad_nd(pending_, {0, end - have})
                        : pending_.narrow(2, 0, std::max<int64_t>(0, end - pending_begin_));
  flush(true);
  return written_ == length_;
}

void StemStream::flush(bool all) {
  // The treble's energy at a frame is taken over 20 ms to both sides.
  const int64_t margin = rest_ == Rest::Shared ? static_cast<int64_t>(0.02 * song_rate_) + 2 : 0;
  const int64_t have = std::min(length_, pending_begin_ + pending_.size(2)), end = all ? have : have - margin;
  if (end <= written_) return;
  at::Tensor stems = pending_.narrow(2, 0, have - pending_begin_);
  if (rest_ != Rest::Dropped) {
    const at::Tensor rest = song_(pending_begin_, have - pending_begin_) - stems.sum(0);
    if (rest_ == Rest::Shared) {
      stems = stems.clone();
      share_treble(stems, rest, song_rate_);
    } else {
      stems = at::cat({stems, rest.unsqueeze(0)});
    }
  }
  write_(written_, stems.narrow(2, written_ - pending_begin_, end - written_));
  written_ = end;
  const int64_t keep_from = std::max(pending_begin_, end - margin);
  pending_ = pending_.narrow(2, keep_from - pending_begin_, pending_.size(2) - (keep_from - pending_begin_)).clone();
  pending_begin_ = keep_from;
}

}  // namespace mgdm
