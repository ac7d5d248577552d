#include "core/runs/separation.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "core/runs/separation_walk.h"
#include "core/samplers/description.h"

namespace mgdm {

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
      {"start_sigma",
       "Start level",
       "With stems to start from: noise level at which the chain begins, in coefficients of the model; the less, the "
       "more of them stays.",
       SettingKind::Real,
       SeparationRequest().start_sigma,
       0.01,
       100,
       {}},
      {"other",
       "Share of other sounds",
       "What is no stem gets a track of its own, other: what has a pitch and does not hold it, speech above all, or "
       "the "
       "voice among stems to start from; at most this share of what sounds at each time and frequency, which costs no "
       "time; 0: no such track, as in comparisons and separation-quality unless asked for.",
       SettingKind::Real,
       SeparationRequest().other,
       0,
       1,
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
          {"random_polarities", r.random_polarities},
          {"start_sigma", r.start_sigma},
          {"other", r.other}};
}

SeparationRequest complete_request(SeparationRequest request, const BandPrior& band, const Song& song) {
  if (request.noise < 0)
    request.noise = request.preset == "paper" && band.prior->traits.paper_config == "sound" ? 1e-4 : band.noise;
  if (request.preset == "paper" || !band.either_polarity) request.random_polarities = false;
  if (request.preset == "paper" || !song.mix.defined() || song.repaired()) request.other = 0;
  if (request.frames == 0) request.frames = band.frames;
  if (request.overlap < 0) request.overlap = std::min(band.overlap, request.frames / 2);
  if (request.samples == 0) {
    const bool several = request.sampler == "mgdm" && song.mix.defined() && song.gaps.empty() && !song.repaired();
    request.samples = !several ? 1 : request.preset == "balanced" ? 4 : request.preset == "best" ? 16 : 1;
  }
  return request;
}

std::vector<std::string> separated_names(const BandPrior& band, const SeparationRequest& request) {
  std::vector<std::string> names = band.stems;
  if (request.other > 0) names.emplace_back(kOther);
  return names;
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
                          const std::function<void(const SeparationProgress&)>& observer, std::stop_token stop,
                          const SeparationContinuation& continuation) {
  if (!out_of_phase(song.mix))
    return separate_in_phase(band, song, request, continuation, sink, observer, std::move(stop));
  Song in_phase = song;
  in_phase.mix = turned(song.mix);
  for (auto& [name, signal] : in_phase.given) signal = turned(signal);
  for (auto& [name, signal] : in_phase.start) signal = turned(signal);
  const auto back = [&](const SeparatedStretch& part) { sink({turned(part.estimate), turned(part.samples)}); };
  return separate_in_phase(band, in_phase, request, continuation, back, observer, std::move(stop));
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
