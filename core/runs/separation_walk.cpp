#include "core/runs/separation_walk.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>

#include "core/operators/stems.h"
#include "core/runs/sampling.h"
#include "core/runs/song_frames.h"
#include "core/seeds.h"
#include "core/threads/pause.h"

namespace mgdm {

namespace {

constexpr uint64_t kStartStream = uint64_t{1} << 32;  // of the noise on what a window starts from, behind the windows'

// Power of the stems around each coefficient: z [B, C, F, M] -> the same.
at::Tensor local_power(const at::Tensor& z) { return at::avg_pool2d(z.square(), {3, 3}, {1, 1}, {1, 1}) + 1e-9; }

// MDCT frames to sound, stretch after stretch: the samples of a frame are complete once the next frame is there.
class FrameWriter {
 public:
  FrameWriter(const MdctCodec& codec, double gain, int64_t length,
              const std::function<void(const SeparatedStretch&)>& sink)
      : codec_(codec), gain_(gain), length_(length), sink_(sink) {}

  /// [1 + B, C, channels, n, M], the estimate and the samples: the frames that follow those already put.
  void put(const at::Tensor& frames, bool last) {
    pending_ = pending_.defined() ? at::cat({pending_, frames}, 3) : frames;
    const int64_t n = pending_.size(3), first = handed_ > 0 ? 1 : 0, end = last ? n : n - 1;
    if (end <= first) return;
    at::Tensor sound = codec_.decode(pending_) / gain_;
    const int64_t bins = codec_.options().bins;
    sound = sound.narrow(-1, first * bins, std::min(length_ - handed_, (end - first) * bins));
    handed_ += sound.size(-1);
    sound = sound.to(at::kCPU, at::kFloat).contiguous();
    if (sound.size(-1) > 0) sink_({sound[0], sound.slice(0, 1)});
    pending_ = pending_.narrow(3, end - 1, n - end + 1).clone();
  }

  const at::Tensor& pending() const { return pending_; }
  int64_t handed() const { return handed_; }
  void go_on_from(const at::Tensor& pending, int64_t handed) { pending_ = pending, handed_ = handed; }

 private:
  const MdctCodec& codec_;
  double gain_;
  int64_t length_, handed_ = 0;
  const std::function<void(const SeparatedStretch&)>& sink_;
  at::Tensor pending_;
};

// Throws SettingError.
void check_request(const BandPrior& band, const Song& song, const SeparationRequest& request) {
  const auto check = [](const char* name, const nlohmann::json& value) {
    check_setting(find_setting(song_run_settings(), name, ""), value, "");
  };
  check("noise", request.noise);
  check("samples", request.samples);
  check("seed", request.seed);
  check("frames", request.frames);
  check("overlap", request.overlap);
  check("start_sigma", request.start_sigma);
  check("other", request.other);
  if (song.hiss > 0) check("denoise", song.hiss);
  if (song.clip > 0) check("declip", song.clip);
  if (song.bandwidth > 0) check("bandwidth", song.bandwidth);
  if (request.frames < band.frame_multiple || request.frames % band.frame_multiple != 0 || request.frames > 4096) {
    throw SettingError("frames is " + std::to_string(request.frames) + ", must be a multiple of " +
                       std::to_string(band.frame_multiple) + " up to 4096");
  }
  if (request.overlap < 0 || request.overlap > request.frames / 2)
    throw SettingError("overlap must be 0 to half of frames");
}

// A window and what is known of it.
struct SongWindow {
  size_t index = 0;
  int64_t begin = 0;                    // frame
  int64_t done = 0;                     // frames at its beginning that the window before has finished
  at::Tensor mix;                       // [channels, F, M] or undefined
  std::map<int64_t, at::Tensor> given;  // [channels, F, M] by stem
  at::Tensor seen;                      // bool [F]: where the mix is known
  at::Tensor known;                     // bool [C, F]: where a stem is known
  at::Tensor target;                    // [B, C, F, M]: what is known of the stems, and a share of the mix elsewhere
};

// Who gets what of something that belongs to all stems: [., C, F, M], sums over the stems are 1, given ones get
// nothing.
struct StemShares {
  at::Tensor of_samples;   // [B, C, F, M], by power
  at::Tensor of_estimate;  // [1, C, F, M], by mean amplitude
  at::Tensor held;         // [1, C, 1, 1]: 0 for the stems that are given
};

class SeparationWalk {
 public:
  SeparationWalk(const BandPrior& band, const Song& song, SeparationRequest request, Method method,
                 const std::function<void(const SeparatedStretch&)>& sink)
      : band_(band),
        song_(song),
        request_(std::move(request)),
        method_(std::move(method)),
        frames_(band, song, request_),
        writer_(band.codec, frames_.gain(), frames_.length(), sink),
        stems_(static_cast<int64_t>(band.stems.size())),
        tracks_(static_cast<int64_t>(separated_names(band, request_).size())),
        bins_(band.codec.options().bins) {
    result_.windows = static_cast<int64_t>(frames_.begins().size());
  }

  SeparationResult run(const SeparationContinuation& continuation,
                       const std::function<void(const SeparationProgress&)>& observer, const std::stop_token& stop);
  bool continues(const SeparationState& state) const;

 private:
  void go_on_from(const SeparationState& state);
  SeparationState state_after(const SongWindow& window, double seconds) const;
  SongWindow window_at(size_t index) const;
  std::shared_ptr<const Likelihood> likelihood_of(const SongWindow& window) const;
  std::shared_ptr<const Likelihood> clipped_likelihood_of(const SongWindow& window) const;
  std::optional<SamplerStart> start_of(const SongWindow& window) const;
  std::optional<at::Tensor> sampled(const SongWindow& window,
                                    const std::function<void(const SeparationProgress&)>& observer,
                                    const std::stop_token& stop);
  void join(const SongWindow& window, at::Tensor& x) const;
  StemShares shares_of(const SongWindow& window, const at::Tensor& x) const;
  at::Tensor with_rest(const SongWindow& window, const at::Tensor& x, const StemShares& shares) const;
  at::Tensor estimate_of(const SongWindow& window, const at::Tensor& x, const StemShares& shares) const;
  at::Tensor side_rest(const SongWindow& window) const;
  at::Tensor in_channels(const SongWindow& window, const at::Tensor& x, const at::Tensor& shares) const;
  at::Tensor with_other(const SongWindow& window, const at::Tensor& stems) const;
  void hand_out(const SongWindow& window, const at::Tensor& x);

  const BandPrior& band_;
  const Song& song_;
  const SeparationRequest request_;
  const Method method_;
  const SongFrames frames_;
  FrameWriter writer_;
  const int64_t stems_, tracks_, bins_;  // tracks: with "other"
  SeparationResult result_;
  at::Tensor finished_;  // [B, C, n, M]: what the newest window leaves to the next
};

SeparationResult SeparationWalk::run(const SeparationContinuation& continuation,
                                     const std::function<void(const SeparationProgress&)>& observer,
                                     const std::stop_token& stop) {
  const WorkClock clock;
  size_t w = 0;
  double before = 0;
  if (continuation.from != nullptr) {
    go_on_from(*continuation.from);
    w = static_cast<size_t>(continuation.from->windows);
    before = continuation.from->seconds;
  }
  for (; w < frames_.begins().size(); ++w) {
    const SongWindow window = window_at(w);
    std::optional<at::Tensor> x = sampled(window, observer, stop);
    if (!x) {
      result_.stopped = true;
      break;
    }
    join(window, *x);
    hand_out(window, *x);
    if (continuation.kept && w + 1 < frames_.begins().size())
      continuation.kept(state_after(window, before + clock.seconds()));
  }
  result_.seconds = before + clock.seconds();
  return result_;
}

bool SeparationWalk::continues(const SeparationState& state) const {
  const auto is = [](const at::Tensor& x, at::IntArrayRef sizes) {
    return x.defined() && x.scalar_type() == at::kFloat && x.sizes() == sizes;
  };
  if (state.windows < 1 || state.windows >= result_.windows) return false;
  const auto w = static_cast<size_t>(state.windows);
  const int64_t begin = frames_.begins()[w], left = frames_.begins()[w - 1] + frames_.window() - begin;
  return state.handed == std::min(frames_.length(), (begin - 1) * bins_) &&
         is(state.finished, {request_.samples, stems_, left, bins_}) &&
         is(state.pending, {1 + request_.samples, tracks_, frames_.channels(), std::min<int64_t>(2, begin), bins_});
}

void SeparationWalk::go_on_from(const SeparationState& state) {
  if (!continues(state)) throw SettingError("that state is of another song or another separation: begin anew");
  finished_ = state.finished;
  writer_.go_on_from(state.pending, state.handed);
  result_.evaluations = state.evaluations;
}

SeparationState SeparationWalk::state_after(const SongWindow& window, double seconds) const {
  return {.windows = static_cast<int64_t>(window.index) + 1,
          .handed = writer_.handed(),
          .finished = finished_,
          .pending = writer_.pending(),
          .evaluations = result_.evaluations,
          .seconds = seconds};
}

SongWindow SeparationWalk::window_at(size_t index) const {
  const int64_t n = frames_.window();
  SongWindow w;
  w.index = index;
  w.begin = frames_.begins()[index];
  w.done = finished_.defined() ? finished_.size(2) : 0;
  w.mix = frames_.mix(w.begin);
  w.given = frames_.given(w.begin);
  w.seen = frames_.seen(w.begin);
  w.known = at::zeros({stems_, n}, at::kBool);
  w.target = at::zeros({request_.samples, stems_, n, bins_});
  if (w.done > 0) {
    w.known.narrow(1, 0, w.done).fill_(true);
    w.target.narrow(2, 0, w.done).copy_(finished_);
  }
  for (const auto& [c, signal] : w.given) {
    w.known[c].fill_(true);
    w.target.select(1, c).copy_(signal[0].unsqueeze(0).expand({request_.samples, n, bins_}));
  }
  if (w.mix.defined()) {
    const at::Tensor free = w.known.logical_not().to(at::kFloat);  // [C, F]
    const at::Tensor count = free.sum(0).clamp_min(1);
    const at::Tensor known = w.target * w.known.to(at::kFloat).unsqueeze(2);
    const at::Tensor rest = w.mix[0] - known.sum(1);  // [B, F, M]
    w.target = known + free.unsqueeze(2) * (rest / count.unsqueeze(1)).unsqueeze(1);
  }
  return w;
}

std::shared_ptr<const Likelihood> SeparationWalk::likelihood_of(const SongWindow& window) const {
  if (song_.clip > 0) return clipped_likelihood_of(window);
  const std::shared_ptr<const Operator> op =
      make_stems({stems_, frames_.window(), bins_}, window.known, window.seen, frames_.weights());
  return std::make_shared<GaussianLikelihood>(op, op->apply(window.target).to(band_.prior->device),
                                              frames_.noise_level());
}

// Of two channels, the mid is cut off where both are, and not known where one is.
std::shared_ptr<const Likelihood> SeparationWalk::clipped_likelihood_of(const SongWindow& window) const {
  const double level = song_.clip * frames_.gain();
  const double sound_gain = band_.codec.options().gain * 2;  // brings its samples to the size of coefficients
  const at::Tensor sound = frames_.sound(window.begin);
  const at::Tensor over =
      (sound >= song_.clip * 0.999).to(at::kInt) - (sound <= -song_.clip * 0.999).to(at::kInt);  // [channels, L]
  const at::Tensor seen = (over == over.slice(0, 0, 1)).all(0);
  const auto decode = [decoder = std::make_shared<const MdctCodec>(band_.codec.options())](const at::Tensor& z) {
    return decoder->decode(z);
  };
  const std::shared_ptr<const Operator> op =
      make_clipped_mix({stems_, frames_.window(), bins_}, decode, level, sound_gain, window.known, seen);
  const at::Tensor samples = sound_gain * band_.codec.decode(window.mix.slice(0, 0, 1)).clamp(-level, level);
  const at::Tensor chosen = samples.index_select(1, seen.nonzero().squeeze(1)), rest = op->apply(window.target);
  const at::Tensor y = at::cat({chosen.expand({request_.samples, chosen.size(1)}), rest.slice(1, chosen.size(1))}, 1);
  return std::make_shared<GaussianLikelihood>(op, y.to(band_.prior->device), frames_.noise_level());
}

// The level at which the chain begins, nullopt: from noise. What is known takes its place in the stems to start from.
std::optional<SamplerStart> SeparationWalk::start_of(const SongWindow& window) const {
  const at::Tensor stems = frames_.start(window.begin);
  const NoiseSchedule& schedule = band_.prior->schedule;
  const double top = schedule.sigma(schedule.steps());
  const bool annealed = method_.settings.value("guidance", "") == "annealed";
  const double first = annealed ? std::min(top, method_.settings.at("first_sigma").get<double>()) : top;
  if (!stems.defined() || request_.start_sigma >= first) return std::nullopt;
  SamplerStart start;
  start.t = std::max(2, schedule.nearest_level(request_.start_sigma));
  start.x0 = at::where(window.known.unsqueeze(0).unsqueeze(3), window.target, stems.unsqueeze(0));
  SeededNoise noise(stream_seed(request_.seed, kStartStream + window.index));
  start.x_t =
      std::sqrt(schedule.alpha_bar(start.t)) * (start.x0 + schedule.sigma(start.t) * noise.normal_like(start.x0));
  return start;
}

// [B, C, F, M], all stems that are not given; nullopt: it was stopped. Each window's randomness is its own, so that it
// is the same whatever was computed before it in this process.
std::optional<at::Tensor> SeparationWalk::sampled(const SongWindow& window,
                                                  const std::function<void(const SeparationProgress&)>& observer,
                                                  const std::stop_token& stop) {
  const bool silent = window.mix.defined() && song_.gaps.empty() && window.mix[0].abs().max().item<float>() < 1e-4;
  if (silent) return at::zeros_like(window.target);
  Problem problem;
  problem.signal = {stems_, frames_.window(), bins_};
  problem.likelihood = likelihood_of(window);
  const auto watch = [&](const Iterate& iterate) {
    if (!observer) return;
    observer({.window = static_cast<int64_t>(window.index) + 1,
              .windows = result_.windows,
              .begin = frames_.seconds(window.begin),
              .end = frames_.seconds(window.begin + frames_.window()),
              .iterate = &iterate,
              .preview = [&] { return (band_.codec.decode(iterate.x0[0]) / frames_.gain()).to(at::kCPU); }});
  };
  Prior prior = *band_.prior;
  if (request_.random_polarities)
    prior.denoiser = with_random_polarities(prior.denoiser, request_.seed * 0xBF58476D1CE4E5B9ull + window.index + 1);
  const std::optional<SamplerStart> start = start_of(window);
  const SamplerResult sampled = sample(prior, problem, method_,
                                       {.samples = request_.samples,
                                        .noise_seed = stream_seed(request_.seed, window.index + 1),
                                        .observer = watch,
                                        .stop = stop,
                                        .start = start ? &*start : nullptr});
  result_.evaluations.forward += sampled.evaluations.forward;
  result_.evaluations.backward += sampled.evaluations.backward;
  result_.evaluations.seconds += sampled.evaluations.seconds;
  if (sampled.stopped) return std::nullopt;
  return sampled.x0.to(at::kCPU, at::kFloat);
}

// What is given into x [B, C, F, M], and a cross-fade from what was finished to the new samples.
void SeparationWalk::join(const SongWindow& window, at::Tensor& x) const {
  for (const auto& [c, signal] : window.given) x.select(1, c).copy_(window.target.select(1, c));
  const int64_t done = window.done;
  if (done == 0) return;
  const at::Tensor fade = ((at::arange(done, at::kFloat) + 0.5) / static_cast<double>(done)).reshape({1, 1, done, 1});
  x.narrow(2, 0, done).copy_(finished_ * (1 - fade) + x.narrow(2, 0, done) * fade);
}

StemShares SeparationWalk::shares_of(const SongWindow& window, const at::Tensor& x) const {
  StemShares shares;
  shares.held = at::ones({stems_}, at::kFloat);
  for (const auto& [c, signal] : window.given) shares.held[c] = 0;
  shares.held = shares.held.reshape({1, stems_, 1, 1});
  const auto normed = [&](const at::Tensor& weight) {
    return weight * shares.held / (weight * shares.held).sum(1, true).clamp_min(1e-9);
  };
  const at::Tensor power = local_power(x);
  shares.of_samples = normed(power);
  shares.of_estimate = normed(power.sqrt().mean(0, true));
  return shares;
}

// What no stem explains of the mix, shared out.
at::Tensor SeparationWalk::with_rest(const SongWindow& window, const at::Tensor& x, const StemShares& shares) const {
  if (!window.mix.defined() || request_.keep_residual || song_.hiss > 0 || song_.clip > 0) return x;
  at::Tensor rest = (window.mix[0] - x.sum(1)) * window.seen.to(at::kFloat).unsqueeze(1);
  if (frames_.weights().defined()) rest = rest * frames_.weights().to(at::kFloat);
  return x + rest.unsqueeze(1) * shares.of_samples;
}

// [1, C, F, M], see SeparatedStretch::estimate.
at::Tensor SeparationWalk::estimate_of(const SongWindow& window, const at::Tensor& x, const StemShares& shares) const {
  const at::Tensor first = x.slice(0, 0, 1);
  if (!window.mix.defined()) return first;
  const at::Tensor shared =
      shares.of_estimate * (x * shares.held).sum(1, true).mean(0, true) + first * (1 - shares.held);
  return at::where(window.seen.unsqueeze(1), shared, first);
}

// [F, M]: what the stems that are not given share of the side channel.
at::Tensor SeparationWalk::side_rest(const SongWindow& window) const {
  at::Tensor rest = window.mix.defined() ? window.mix[1] : at::zeros({frames_.window(), bins_});
  if (song_.bandwidth > 0) rest = rest * frames_.weights().to(at::kFloat);
  if (song_.hiss > 0) {  // the side channel is not the prior's: Wiener's filter
    const at::Tensor noise =
        (song_.hiss * song_.hiss / 2 * frames_.gain() * frames_.gain()) * band_.codec.weights(at::kCPU).square();
    const at::Tensor power =
        at::avg_pool2d(rest.square().unsqueeze(0).unsqueeze(0), {5, 5}, {1, 1}, {2, 2}, false, false)[0][0];
    rest = rest * ((power - noise).clamp_min(0) / power.clamp_min(1e-12));
  }
  if (!window.mix.defined()) return rest;
  for (const auto& [c, signal] : window.given) rest = rest - signal[1];
  return rest;
}

// The mid channel [N, C, F, M] -> [N, C, channels, F, M]: itself, or left and right.
at::Tensor SeparationWalk::in_channels(const SongWindow& window, const at::Tensor& x, const at::Tensor& shares) const {
  if (frames_.channels() == 1) return x.unsqueeze(2);
  at::Tensor side = at::zeros_like(x);
  for (const auto& [c, signal] : window.given)
    side.select(1, c).copy_(signal[1].unsqueeze(0).expand({x.size(0), frames_.window(), bins_}));
  side = side + side_rest(window).unsqueeze(0).unsqueeze(0) * shares;
  return at::stack({x + side, x - side}, 2);
}

// The stems [N, C, channels, F, M] without, and behind them what is taken from each: their sum stays what it was.
at::Tensor SeparationWalk::with_other(const SongWindow& window, const at::Tensor& stems) const {
  if (request_.other <= 0) return stems;
  const at::Tensor share = frames_.other(window.begin) * window.seen.to(at::kFloat).unsqueeze(1);  // [C, F, M]
  const at::Tensor taken = stems * share.unsqueeze(1);
  return at::cat({stems - taken, taken.sum(1, true)}, 1);
}

// Frames that no later window touches are written, the others left to the next one.
void SeparationWalk::hand_out(const SongWindow& window, const at::Tensor& sampled) {
  const StemShares shares = shares_of(window, sampled);
  const at::Tensor x = with_rest(window, sampled, shares);
  const at::Tensor stems = in_channels(window, at::cat({estimate_of(window, x, shares), x}),
                                       at::cat({shares.of_estimate, shares.of_samples}));
  const at::Tensor all = with_other(window, stems);
  const int64_t own = frames_.next(window.index) - window.begin;
  const bool last = window.index + 1 == frames_.begins().size();
  writer_.put(all.narrow(3, 0, own), last);
  if (!last) finished_ = x.narrow(2, own, frames_.window() - own).clone();
}

SeparationWalk walk_of(const BandPrior& band, const Song& song, const SeparationRequest& asked,
                       const std::function<void(const SeparatedStretch&)>& sink) {
  const SeparationRequest request = complete_request(asked, band, song);
  check_request(band, song, request);
  Method method{&find_sampler(request.sampler), separation_settings(request, band, song), {}};
  method.sampler = method.description->make(method.settings);
  return {band, song, request, method, sink};
}

}  // namespace

SeparationResult separate_in_phase(const BandPrior& band, const Song& song, const SeparationRequest& request,
                                   const SeparationContinuation& continuation,
                                   const std::function<void(const SeparatedStretch&)>& sink,
                                   const std::function<void(const SeparationProgress&)>& observer,
                                   std::stop_token stop) {
  at::NoGradGuard no_grad;
  return walk_of(band, song, request, sink).run(continuation, observer, stop);
}

bool continues(const SeparationState& state, const BandPrior& band, const Song& song,
               const SeparationRequest& request) {
  at::NoGradGuard no_grad;
  const std::function<void(const SeparatedStretch&)> nobody;
  return walk_of(band, song, request, nobody).continues(state);
}

}  // namespace mgdm
