#include "core/runs/separation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/operators/stems.h"
#include "core/runs/sampling.h"
#include "core/seeds.h"
#include "core/threads/pause.h"

namespace mgdm {

namespace {

// Power of the stems around each coefficient: z [B, C, F, M] -> the same.
at::Tensor local_power(const at::Tensor& z) { return at::avg_pool2d(z.square(), {3, 3}, {1, 1}, {1, 1}) + 1e-9; }

// MDCT frames to sound, stretch after stretch: the samples of a frame are complete once the next frame is there.
class Writer {
 public:
  Writer(const MdctCodec& codec, double gain, int64_t length, const std::function<void(const SeparatedStretch&)>& sink)
      : codec_(codec), gain_(gain), left_(length), sink_(sink) {}

  /// [1 + B, C, channels, n, M], the estimate and the samples: the frames that follow those already put.
  void put(const at::Tensor& frames, bool last) {
    pending_ = pending_.defined() ? at::cat({pending_, frames}, 3) : frames;
    const int64_t n = pending_.size(3), first = started_ ? 1 : 0, end = last ? n : n - 1;
    if (end <= first) return;
    at::Tensor sound = codec_.decode(pending_) / gain_;
    const int64_t bins = codec_.options().bins;
    sound = sound.narrow(-1, first * bins, std::min(left_, (end - first) * bins));
    left_ -= sound.size(-1);
    sound = sound.to(at::kCPU, at::kFloat).contiguous();
    if (sound.size(-1) > 0) sink_({sound[0], sound.slice(0, 1)});
    pending_ = pending_.narrow(3, end - 1, n - end + 1).clone();
    started_ = true;
  }

 private:
  const MdctCodec& codec_;
  double gain_;
  int64_t left_;
  const std::function<void(const SeparatedStretch&)>& sink_;
  at::Tensor pending_;
  bool started_ = false;
};

// Mid and, for two channels, side: [channels, ...] -> the same.
at::Tensor to_mid_side(const at::Tensor& x) {
  return x.size(0) == 1 ? x : at::stack({(x[0] + x[1]) / 2, (x[0] - x[1]) / 2});
}

at::Tensor padded(const at::Tensor& x, int64_t length) { return at::constant_pad_nd(x, {0, length - x.size(-1)}); }

}  // namespace

const std::vector<Setting>& song_run_settings() {
  static const std::vector<Setting> list{
      {"noise",
       "Noise of the mix",
       "Standard deviation of the mix's error, in coefficients of the model; by default the model's own.",
       SettingKind::Real,
       nullptr,
       1e-6,
       1,
       {}},
      {"samples",
       "Samples",
       "Posterior samples, which are combined; by default as the preset says (quick 1, balanced 4, best 16; 1 for "
       "repairs).",
       SettingKind::Integer,
       nullptr,
       1,
       64,
       {}},
      {"seed",
       "Seed",
       "Seed of all randomness; the same seed gives the same bytes.",
       SettingKind::Integer,
       0,
       0,
       9007199254740991,
       {}},
      {"frames",
       "Frames of a part",
       "Length of a part in MDCT frames of the model (23 ms each where it has 512 bins at 22,050 Hz); by default the "
       "model's own.",
       SettingKind::Integer,
       nullptr,
       16,
       65536,
       {}},
      {"overlap",
       "Overlap of parts",
       "Overlap of two parts in frames; by default the model's own.",
       SettingKind::Integer,
       nullptr,
       0,
       32768,
       {}},
      {"random_polarities",
       "Polarity drawn anew",
       "Ask the network for the stems in a polarity drawn anew for every step, not as they are.",
       SettingKind::Boolean,
       true,
       0,
       0,
       {}},
      {"keep_residual",
       "Keep the residual",
       "Keep what no stem explains apart instead of sharing it out.",
       SettingKind::Boolean,
       false,
       0,
       0,
       {}},
      {"denoise",
       "Noise in the song",
       "Standard deviation of white noise in the song, full scale 1; it stays out of the stems and of the mix.",
       SettingKind::Real,
       0,
       1e-5,
       1,
       {}},
      {"declip", "Clipped at", "Level at which the song is cut off, full scale 1.", SettingKind::Real, 0, 0.001, 1, {}},
      {"bandwidth",
       "Bandwidth",
       "Hz above which the song has lost everything.",
       SettingKind::Real,
       0,
       100,
       100000,
       {}}};
  return list;
}

void to_json(nlohmann::json& json, const SeparationRequest& r) {
  json = {{"sampler", r.sampler},
          {"preset", r.preset},
          {"settings", r.sampler_settings},
          {"samples", r.samples},
          {"seed", r.seed},
          {"noise", r.noise},
          {"frames", r.frames},
          {"overlap", r.overlap},
          {"keep_residual", r.keep_residual},
          {"random_polarities", r.random_polarities}};
}

SeparationRequest complete_request(SeparationRequest request, const BandPrior& band, const Song& song) {
  if (request.noise < 0)
    request.noise = request.preset == "paper" && band.prior->traits.paper_config == "sound" ? 1e-4 : band.noise;
  if (request.preset == "paper" || !band.either_polarity) request.random_polarities = false;
  if (request.frames == 0) request.frames = band.frames;
  if (request.overlap < 0) request.overlap = std::min(band.overlap, request.frames / 2);
  if (request.samples == 0) {
    const bool several = request.sampler == "mgdm" && song.mix.defined() && song.gaps.empty() && !song.repaired();
    request.samples = !several ? 1 : request.preset == "balanced" ? 4 : request.preset == "best" ? 16 : 1;
  }
  return request;
}

Settings separation_settings(const SeparationRequest& request, const BandPrior& band, const Song& song) {
  const SamplerDescription& sampler = find_sampler(request.sampler);
  if (request.sampler != "mgdm") return sampler_settings(sampler, "", request.sampler_settings);
  // Annealed guidance: the sum of the stems has a closed form, so no step goes back through the network. One denoising
  // step each: more of them, or noisier ones, separate worse, see models/band.md.
  const auto audio = [&](int steps, int denoising_steps, double first) {
    return Settings{{"guidance", "annealed"},
                    {"steps", steps},
                    {"denoising_steps", denoising_steps},
                    {"first_sigma", first * band.sigma_data},
                    {"last_sigma", 1.0},
                    {"resample", false},
                    {"denoising", "dpm_solver"},
                    {"second_order", false}};
  };
  std::map<std::string, Settings> presets{
      {"quick", audio(20, 1, 20)}, {"balanced", audio(40, 1, 20)}, {"best", audio(40, 1, 20)}};
  if (song.repaired() || !song.mix.defined())
    presets = {{"quick", audio(12, 1, 6)}, {"balanced", audio(20, 1, 6)}, {"best", audio(40, 2, 6)}};
  const auto preset = presets.find(request.preset);
  Settings settings = preset != presets.end() ? preset->second : Settings::object();
  // Where the mix itself is not known, one denoising step is not enough: it gives x_0's mean, which shrinks from step
  // to step. The samples of a clipped mix and the coefficients have no decomposition in common.
  if (song.clip > 0) settings.update({{"conjugate_steps", 12}, {"denoising_steps", 3}});
  if (song.hiss > 0) settings.update({{"denoising", "moment_matching"}, {"denoising_steps", 4}});
  settings.update(request.sampler_settings);
  return sampler_settings(sampler, preset == presets.end() ? request.preset : "", settings, nullptr,
                          band.prior->traits);
}

namespace {

SeparationResult separate_in_phase(const BandPrior& band, const Song& song, const SeparationRequest& asked,
                                   const std::function<void(const SeparatedStretch&)>& sink,
                                   const std::function<void(const SeparationProgress&)>& observer,
                                   std::stop_token stop) {
  const WorkClock clock;
  const SeparationRequest request = complete_request(asked, band, song);
  at::NoGradGuard no_grad;
  const MdctOptions& codec = band.codec.options();
  const auto stems = static_cast<int64_t>(band.stems.size());
  const auto check = [](const char* name, const nlohmann::json& value) {
    check_setting(find_setting(song_run_settings(), name, ""), value, "");
  };
  check("noise", request.noise);
  check("samples", request.samples);
  check("seed", request.seed);
  check("frames", request.frames);
  check("overlap", request.overlap);
  if (song.hiss > 0) check("denoise", song.hiss);
  if (song.clip > 0) check("declip", song.clip);
  if (song.bandwidth > 0) check("bandwidth", song.bandwidth);
  if (request.frames < band.frame_multiple || request.frames % band.frame_multiple != 0 || request.frames > 4096) {
    throw SettingError("frames is " + std::to_string(request.frames) + ", must be a multiple of " +
                       std::to_string(band.frame_multiple) + " up to 4096");
  }
  if (request.overlap < 0 || request.overlap > request.frames / 2)
    throw SettingError("overlap must be 0 to half of frames");
  if ((song.hiss > 0) + (song.clip > 0) + (song.bandwidth > 0) > 1)
    throw OperatorError("one repair at a time: noise, clipping or bandwidth");
  if (song.clip > 0 && !song.gaps.empty())
    throw OperatorError("gaps and clipping cannot be repaired at the same time; fill the gaps first");
  if (song.repaired() && !song.mix.defined()) throw OperatorError("without a mix there is nothing to repair");
  if (song.bandwidth > 0 && song.bandwidth >= codec.sample_rate / 2) {
    throw OperatorError("the bandwidth must be below " + std::to_string(static_cast<int>(codec.sample_rate / 2)) +
                        " Hz, all that this model knows of");
  }
  Method method{&find_sampler(request.sampler), separation_settings(request, band, song), {}};
  method.sampler = method.description->make(method.settings);

  at::Tensor any = song.mix;
  for (const auto& [name, signal] : song.given) {
    if (std::find(band.stems.begin(), band.stems.end(), name) == band.stems.end()) {
      std::string known;
      for (const auto& stem : band.stems) known += (known.empty() ? "" : ", ") + stem;
      throw OperatorError("'" + name + "' is no stem of this model; its stems are " + known);
    }
    if (any.defined() && signal.sizes() != any.sizes())
      throw OperatorError("the stem '" + name + "' differs from the rest in length or channels");
    if (!signal.isfinite().all().item<bool>())
      throw OperatorError("the stem '" + name + "' holds values that are not numbers");
    any = signal;
  }
  if (!any.defined()) throw OperatorError("there is neither a mix nor a given stem");
  if (any.dim() != 2 || any.size(0) < 1 || any.size(0) > 2) throw OperatorError("a song must have one or two channels");
  if (any.size(1) == 0) throw OperatorError("the song is empty (0 samples)");
  if (song.mix.defined() && !song.mix.isfinite().all().item<bool>())
    throw OperatorError("the song holds values that are not numbers");

  const int64_t channels = any.size(0), length = any.size(1), bins = codec.bins;
  const int64_t total = std::max<int64_t>(band.frame_multiple, (length + bins - 1) / bins);
  const int64_t window =
      std::min(request.frames, (total + band.frame_multiple - 1) / band.frame_multiple * band.frame_multiple);
  const int64_t frames = std::max(total, window);
  const at::Tensor loudness_of = song.mix.defined() ? song.mix : any;
  const double rms = to_mid_side(loudness_of)[0].to(at::kDouble).square().mean().sqrt().item<double>();
  const double gain = rms > 1e-7 && band.level > 0 ? band.level / rms : 1.0;
  // A stretch of sound as coefficients [channels (mid, side), n, bins] of frames from `begin`, the same as of the whole
  // at once: a frame hangs on its two neighbours only.
  const auto encode = [&](const at::Tensor& x, int64_t begin, int64_t n) {
    const int64_t from = std::max<int64_t>(0, begin - 1), to = std::min(frames, begin + n + 1);
    const int64_t end = std::min(x.size(1), to * bins);
    const at::Tensor part = from * bins < end ? x.slice(1, from * bins, end) : x.slice(1, 0, 0);
    return band.codec.encode(padded(to_mid_side(part.to(at::kFloat)) * gain, (to - from) * bins))
        .narrow(1, begin - from, n);
  };
  std::map<int64_t, const at::Tensor*> given_sound;
  for (const auto& [name, signal] : song.given)
    given_sound[std::find(band.stems.begin(), band.stems.end(), name) - band.stems.begin()] = &signal;
  std::vector<char> damaged(static_cast<size_t>(frames), 0);
  for (const auto& [from, to] : song.gaps) {
    const double frame = static_cast<double>(bins) / codec.sample_rate;
    for (auto f = static_cast<int64_t>(from / frame) - 1; f <= static_cast<int64_t>(to / frame) + 1; ++f) {
      if (f >= 0 && f < frames) damaged[static_cast<size_t>(f)] = 1;
    }
  }

  at::Tensor weights;  // of the sum's bins
  double noise_level = request.noise;
  if (song.hiss > 0) {  // white in the sound, so in the weighted coefficients as the weights are
    weights = 1 / band.codec.weights(at::kCPU).to(at::kDouble);
    noise_level = song.hiss * gain / (channels == 2 ? std::sqrt(2.0) : 1.0);  // in the mid channel
  }
  if (song.bandwidth > 0) {
    weights = at::ones({bins}, at::kDouble);
    weights
        .slice(0, std::max<int64_t>(
                      1, static_cast<int64_t>(song.bandwidth / (codec.sample_rate / 2) * static_cast<double>(bins))))
        .zero_();
  }
  const double sound_gain = codec.gain * 2;  // brings the samples of a clipped mix to the size of coefficients

  const at::Device device = band.prior->device;
  const int64_t stride = window - request.overlap;
  std::vector<int64_t> begins{0};
  while (begins.back() + window < frames) begins.push_back(std::min(begins.back() + stride, frames - window));

  SeparationResult result;
  result.windows = static_cast<int64_t>(begins.size());
  Writer writer(band.codec, gain, length, sink);
  at::Tensor finished;  // [B, C, channels, n, M]: frames from `finished_begin` that the last window left
  int64_t finished_begin = 0;
  for (size_t w = 0; w < begins.size(); ++w) {
    const int64_t begin = begins[w], done = finished.defined() ? finished_begin + finished.size(3) - begin : 0;
    const at::Tensor mix = song.mix.defined() ? encode(song.mix, begin, window) : at::Tensor();
    std::map<int64_t, at::Tensor> given;
    for (const auto& [c, signal] : given_sound) given[c] = encode(*signal, begin, window);
    at::Tensor known = at::zeros({stems, window}, at::kBool), seen_mix = at::zeros({window}, at::kBool);
    at::Tensor target = at::zeros({request.samples, stems, window, bins});  // what is known of the stems (mid)
    if (done > 0) {
      known.narrow(1, 0, done).fill_(true);
      target.narrow(2, 0, done).copy_(finished.select(2, 0).narrow(2, begin - finished_begin, done));
    }
    for (const auto& [c, signal] : given) {
      known[c].fill_(true);
      target.select(1, c).copy_(signal[0].unsqueeze(0).expand({request.samples, window, bins}));
    }
    if (mix.defined()) {
      for (int64_t f = 0; f < window; ++f) seen_mix[f] = !damaged[static_cast<size_t>(begin + f)];
      const at::Tensor free = known.logical_not().to(at::kFloat);  // [C, F]
      const at::Tensor count = free.sum(0).clamp_min(1);
      const at::Tensor rest = mix[0] - (target * known.to(at::kFloat).unsqueeze(2)).sum(1);  // [B, F, M]
      target =
          target * known.to(at::kFloat).unsqueeze(2) + free.unsqueeze(2) * (rest / count.unsqueeze(1)).unsqueeze(1);
    }

    at::Tensor x;  // [B, C, F, M]
    const bool silent = mix.defined() && song.gaps.empty() && mix[0].abs().max().item<float>() < 1e-4;
    if (silent) {
      x = at::zeros_like(target);
    } else {
      std::shared_ptr<const Operator> op;
      at::Tensor y;
      if (song.clip > 0) {
        // Of two channels, the mid is cut off where both are, and not known where one is.
        const at::Tensor sound = padded(
            song.mix.slice(1, begin * bins, std::min(length, (begin + window) * bins)).to(at::kFloat), window * bins);
        const at::Tensor over =
            (sound >= song.clip * 0.999).to(at::kInt) - (sound <= -song.clip * 0.999).to(at::kInt);  // [channels, L]
        const at::Tensor seen = (over == over.slice(0, 0, 1)).all(0);
        const auto decode = [decoder = std::make_shared<const MdctCodec>(codec)](const at::Tensor& z) {
          return decoder->decode(z);
        };
        op = make_clipped_mix({stems, window, bins}, decode, song.clip * gain, sound_gain, known, seen);
        const at::Tensor samples =
            sound_gain * band.codec.decode(mix.slice(0, 0, 1)).clamp(-song.clip * gain, song.clip * gain);
        const at::Tensor chosen = samples.index_select(1, seen.nonzero().squeeze(1)), rest = op->apply(target);
        y = at::cat({chosen.expand({request.samples, chosen.size(1)}), rest.slice(1, chosen.size(1))}, 1);
      } else {
        op = make_stems({stems, window, bins}, known, seen_mix, weights);
        y = op->apply(target);
      }
      Problem problem;
      problem.signal = {stems, window, bins};
      problem.likelihood = std::make_shared<GaussianLikelihood>(op, y.to(device), noise_level);
      const auto watch = [&](const Iterate& iterate) {
        if (!observer) return;
        const double frame = static_cast<double>(bins) / codec.sample_rate;
        observer({.window = static_cast<int64_t>(w) + 1,
                  .windows = result.windows,
                  .begin = static_cast<double>(begin) * frame,
                  .end = static_cast<double>(begin + window) * frame,
                  .iterate = &iterate,
                  .preview = [&] { return (band.codec.decode(iterate.x0[0]) / gain).to(at::kCPU); }});
      };
      Prior prior = *band.prior;
      if (request.random_polarities)
        prior.denoiser = with_random_polarities(prior.denoiser, request.seed * 0xBF58476D1CE4E5B9ull + w + 1);
      const SamplerResult sampled = sample(prior, problem, method,
                                           {.samples = request.samples,
                                            .noise_seed = stream_seed(request.seed, w + 1),
                                            .observer = watch,
                                            .stop = stop});
      x = sampled.x0.to(at::kCPU, at::kFloat);
      result.evaluations.forward += sampled.evaluations.forward;
      result.evaluations.backward += sampled.evaluations.backward;
      result.evaluations.seconds += sampled.evaluations.seconds;
      if (sampled.stopped) {
        result.stopped = true;
        break;
      }
    }
    for (const auto& [c, signal] : given) x.select(1, c).copy_(target.select(1, c));
    if (done > 0) {  // from what was finished to the new sample
      const at::Tensor fade =
          ((at::arange(done, at::kFloat) + 0.5) / static_cast<double>(done)).reshape({1, 1, done, 1});
      const at::Tensor before = finished.select(2, 0).narrow(2, begin - finished_begin, done);
      x.narrow(2, 0, done).copy_(before * (1 - fade) + x.narrow(2, 0, done) * fade);
    }
    at::Tensor held = at::ones({stems}, at::kFloat);  // 0 for the stems that are given
    for (const auto& [c, signal] : given) held[c] = 0;
    held = held.reshape({1, stems, 1, 1});
    const at::Tensor power = local_power(x);
    const auto shares_of = [&](const at::Tensor& weight) {
      return weight * held / (weight * held).sum(1, true).clamp_min(1e-9);
    };
    at::Tensor free = shares_of(power);
    if (mix.defined() && !request.keep_residual && song.hiss == 0 && song.clip == 0) {
      at::Tensor rest = (mix[0] - x.sum(1)) * seen_mix.to(at::kFloat).unsqueeze(1);
      if (weights.defined()) rest = rest * weights.to(at::kFloat);
      x = x + rest.unsqueeze(1) * free;
    }
    // The estimate, before the samples.
    const at::Tensor amplitude = shares_of(power.sqrt().mean(0, true));
    at::Tensor estimate = x.slice(0, 0, 1);
    if (mix.defined()) {
      const at::Tensor shared = amplitude * (x * held).sum(1, true).mean(0, true) + estimate * (1 - held);
      estimate = at::where(seen_mix.unsqueeze(1), shared, estimate);
    }
    const at::Tensor samples = x;
    x = at::cat({estimate, x});
    free = at::cat({amplitude, free});
    at::Tensor both = x.unsqueeze(2);
    if (channels == 2) {
      at::Tensor side = at::zeros_like(x);
      at::Tensor rest = mix.defined() ? mix[1] : at::zeros({window, bins});
      if (song.bandwidth > 0) rest = rest * weights.to(at::kFloat);
      if (song.hiss > 0) {  // the side channel is not the prior's: Wiener's filter
        const at::Tensor noise = (song.hiss * song.hiss / 2 * gain * gain) * band.codec.weights(at::kCPU).square();
        const at::Tensor power =
            at::avg_pool2d(rest.square().unsqueeze(0).unsqueeze(0), {5, 5}, {1, 1}, {2, 2}, false, false)[0][0];
        rest = rest * ((power - noise).clamp_min(0) / power.clamp_min(1e-12));
      }
      for (const auto& [c, signal] : given) {
        side.select(1, c).copy_(signal[1].unsqueeze(0).expand({x.size(0), window, bins}));
        rest = rest - (mix.defined() ? signal[1] : at::zeros({window, bins}));
      }
      side = side + rest.unsqueeze(0).unsqueeze(0) * free;
      both = at::stack({x + side, x - side}, 2);  // left, right
    }
    // Frames that no later window touches are written.
    const int64_t next = w + 1 < begins.size() ? begins[w + 1] : frames;
    writer.put(both.narrow(3, 0, next - begin), w + 1 == begins.size());
    if (w + 1 < begins.size()) {
      finished = samples.unsqueeze(2).narrow(3, next - begin, window - (next - begin)).clone();
      finished_begin = next;
    }
  }
  result.seconds = clock.seconds();
  return result;
}

// The right channel of [..., 2, L] turned round.
at::Tensor turned(const at::Tensor& x) {
  if (!x.defined() || x.size(-2) != 2) return x;
  return at::stack({x.select(-2, 0), -x.select(-2, 1)}, -2);
}

}  // namespace

bool out_of_phase(const at::Tensor& mix) {
  constexpr double kFar = 0.1;  // the mean's level against the difference's
  if (!mix.defined() || mix.dim() != 2 || mix.size(0) != 2) return false;
  const auto rms = [](const at::Tensor& x) { return x.to(at::kDouble).square().mean().sqrt().item<double>(); };
  return rms(mix[0] + mix[1]) < kFar * rms(mix[0] - mix[1]);
}

SeparationResult separate(const BandPrior& band, const Song& song, const SeparationRequest& request,
                          const std::function<void(const SeparatedStretch&)>& sink,
                          const std::function<void(const SeparationProgress&)>& observer, std::stop_token stop) {
  if (!out_of_phase(song.mix)) return separate_in_phase(band, song, request, sink, observer, std::move(stop));
  Song in_phase = song;
  in_phase.mix = turned(song.mix);
  for (auto& [name, signal] : in_phase.given) signal = turned(signal);
  const auto back = [&](const SeparatedStretch& part) { sink({turned(part.estimate), turned(part.samples)}); };
  return separate_in_phase(band, in_phase, request, back, observer, std::move(stop));
}

void share_treble(at::Tensor& stems, const at::Tensor& rest, double sample_rate) {
  const int64_t length = stems.size(2);
  if (length < 2) return;
  int64_t width = static_cast<int64_t>(0.04 * sample_rate) | 1;
  width = std::min(width, (length - 1) | 1);
  if (width > length) width -= 2;
  // The difference of neighbouring samples stands for the treble.
  const at::Tensor treble = at::constant_pad_nd(stems.slice(2, 1) - stems.slice(2, 0, length - 1), {1, 0}).square();
  const at::Tensor energy = at::avg_pool1d(treble, {width}, {1}, {width / 2}) + 1e-12;
  stems += rest.unsqueeze(0) * (energy / energy.sum(0, true));
}

}  // namespace mgdm
