#include "core/compare/song_cells.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/checkpoints/safetensors.h"
#include "core/compare/peak_memory.h"
#include "core/compare/song_baselines.h"
#include "core/files/json_text.h"
#include "core/metrics/audio_metrics.h"
#include "core/priors/catalogue.h"
#include "core/runs/separation_state.h"
#include "core/samplers/description.h"
#include "core/threads/pause.h"
#ifdef MGDM_STUDIO
#include "core/media/sound_file.h"
#include "core/runs/song_session.h"
#include "core/runs/start_stems.h"
#endif

namespace mgdm {

using nlohmann::json;

namespace {

constexpr double kFullScale = 32768;

SeparationRequest separation_request_of(const json& request) {
  SeparationRequest r;
  r.sampler = request.at("sampler");
  r.preset = request.at("preset");
  r.sampler_settings = request.at("settings");
  r.samples = request.value("samples", r.samples);
  r.seed = request.value("seed", r.seed);
  r.noise = request.value("noise", r.noise);
  r.frames = request.value("frames", r.frames);
  r.overlap = request.value("overlap", r.overlap);
  r.random_polarities = request.value("random_polarities", r.random_polarities);
  r.keep_residual = request.value("keep_residual", r.keep_residual);
  r.start_sigma = request.value("start_sigma", r.start_sigma);
  r.other = request.value("other", 0.0);  // what is compared is the model's stems
  return r;
}

// What is measured and kept of a song: float32 [stems, channels, L], [channels, L], at one rate.
struct SongOutcome {
  at::Tensor estimate, sample, mean, truth, mix;  // sample, mean, truth may be undefined
  std::vector<std::string> stems;
  double rate = 0, seconds = 0;
  json record;
};

at::Tensor mono(const at::Tensor& x) { return x.mean(1); }

void add_ratios(Figures& figures, const std::string& before, const at::Tensor& found, const SongOutcome& o) {
  const at::Tensor truth = mono(o.truth), estimate = mono(found), mix = o.mix.mean(0).unsqueeze(0).expand_as(truth);
  at::Tensor audible = truth.square().mean(1).sqrt() > 1e-3;
  if (audible.sum().item<int64_t>() < 2) audible = at::zeros_like(audible);  // nothing to take apart
  const at::Tensor ratio = si_sdr(estimate, truth), gain = ratio - si_sdr(mix, truth), plain = sdr(estimate, truth),
                   median = median_sdr(found, o.truth, std::llround(o.rate));
  for (const auto& [name, values] :
       {std::pair{"si_sdr_improvement", gain}, {"si_sdr", ratio}, {"sdr", plain}, {"median_sdr", median}}) {
    double sum = 0;
    int64_t count = 0;
    for (int64_t k = 0; k < truth.size(0); ++k) {
      if (!audible[k].item<bool>()) continue;  // a silent stem counts in none
      const double value = values[k].item<double>();
      figures[before + name + "." + o.stems[static_cast<size_t>(k)]] = value;
      sum += value;
      ++count;
    }
    figures[before + name] = count > 0 ? sum / static_cast<double>(count) : std::nan("");
  }
}

CellResult measured_song(const SongOutcome& o) {
  CellResult result;
  result.record = o.record;
  result.record["stems"] = o.stems;
  result.record["rate"] = o.rate;
  if (o.truth.defined()) {
    add_ratios(result.figures, "", o.estimate, o);
    if (o.sample.defined()) add_ratios(result.figures, "sample_", o.sample, o);
    if (o.mean.defined()) add_ratios(result.figures, "mean_", o.mean, o);
  }
  result.figures["seconds"] = o.seconds;
  result.figures["peak_memory"] = static_cast<double>(peak_memory_since()) / 1e6;
  if (o.record.contains("evaluations")) {
    const json& e = o.record["evaluations"];
    result.figures["evaluations"] = e.at("forward").get<double>() + 2 * e.at("backward").get<double>();
  }
  result.tensors["stems"] = kept_sound(o.estimate);
  result.tensors["mix"] = kept_sound(o.mix);
  if (o.truth.defined()) result.tensors["reference"] = kept_sound(o.truth);
  return result;
}

struct SharedSong {
  std::string of;
  at::Tensor stems, mix;  ///< [stems, channels, L], [channels, L] float32, the excerpt; stems where they are known
  std::map<std::string, at::Tensor> start;  ///< [channels, L], the same of the stems to start from
  double rate = 0;                          ///< 0: the model's
  double offset = 0;                        ///< seconds of the files where the excerpt begins
};

// [stems, channels, L]; silence for a stem that is not among them.
at::Tensor stacked_start(const std::vector<std::string>& stems, const std::map<std::string, at::Tensor>& start) {
  std::vector<at::Tensor> all;
  for (const std::string& name : stems) {
    const auto found = start.find(name);
    all.push_back(found != start.end() ? found->second : at::zeros_like(start.begin()->second));
  }
  return at::stack(all);
}

class SongCells : public CellRunner {
 public:
  explicit SongCells(const ModelPlace& place) : pool_(load), place_(place) {}

  double cost(const Cell& cell) override {
    if (cell.run.contains("classical")) return 0;
    const json& request = cell.run.at("request");
    const double samples = std::max(1.0, request.value("samples", 1.0));
    return samples * request.at("settings").value("steps", 50.0);
  }

  std::optional<CellResult> run(const Cell& cell, int64_t, const std::filesystem::path& state,
                                const CellObserver& observer, std::stop_token stop) override {
    forget_peak_memory();
    const json& request = cell.run.at("request");
    const auto band = pool_.get(request.at("prior"), place_, observer.loading);
    const SharedSong& song = shared(cell.run.at("input"), *band);
    SongOutcome o;
    o.stems = band->stems;
    o.truth = song.stems;
    o.mix = song.mix;
    o.rate = song.rate > 0 ? song.rate : band->codec.options().sample_rate;
    o.record = {{"request", request}, {"files", cell.run.at("input")}};
    if (cell.run.contains("classical")) {
      const WorkClock clock;
      std::vector<at::Tensor> channels;
      for (int64_t c = 0; c < o.mix.size(0); ++c) {
        const at::Tensor truth = o.truth.defined() ? o.truth.select(1, c) : at::Tensor();
        const at::Tensor start = song.start.empty() ? at::Tensor() : stacked_start(o.stems, song.start).select(1, c);
        channels.push_back(song_baseline(cell.run["classical"].at("name"), {o.mix[c], truth, start}, o.stems));
      }
      o.estimate = at::stack(channels, 1);
      o.seconds = clock.seconds();
      return measured_song(o);
    }
    const SeparationRequest asked = separation_request_of(request);
    const bool done = song.rate > 0 ? separate_file(cell, *band, asked, state, observer, stop, o)
                                    : separate_stems(cell, *band, asked, state, observer, stop, o);
    if (!done) return std::nullopt;
    return measured_song(o);
  }

 private:
  static BandPrior load(const std::string& name, const ModelPlace& place) {
    return load_band_prior(find_prior(name), model_device(place.device), place.precision, place.recompute);
  }

  // The excerpt, by default from the middle.
  static std::pair<int64_t, int64_t> part_of(const json& input, int64_t length, double rate) {
    if (!input.contains("seconds")) return {std::llround(input.value("from", 0.0) * rate), length};
    const int64_t n = std::min<int64_t>(length, std::llround(input["seconds"].get<double>() * rate));
    const int64_t from = input.contains("from") ? std::llround(input["from"].get<double>() * rate) : (length - n) / 2;
    return {from, std::min(length, from + n)};
  }

  // [stems, L] float32.
  static at::Tensor stems_of_song_file(const std::string& file, const BandPrior& band) {
    const Checkpoint checkpoint = read_safetensors(file);
    const auto found = checkpoint.tensors.find("stems");
    if (found == checkpoint.tensors.end() || found->second.dim() != 2 ||
        found->second.size(0) != static_cast<int64_t>(band.stems.size()))
      throw MediaError(file + ": is no song in the stems of model " + band.prior->name);
    return found->second.to(at::kFloat) / kFullScale;
  }

  SharedSong& shared(const json& input, const BandPrior& band) {
    if (shared_.of == input.dump()) return shared_;
    shared_ = {};
    const std::string file = input.at("song");
    if (std::filesystem::path(file).extension() == ".safetensors") {
      const at::Tensor stems = stems_of_song_file(file, band);
      const auto [from, to] = part_of(input, stems.size(1), band.codec.options().sample_rate);
      if (to <= from) throw SettingError("'from' lies behind the song's end");
      shared_.stems = stems.slice(1, from, to).unsqueeze(1);
      shared_.mix = shared_.stems.sum(0);
      read_start_in_stems(input, band, from, to);
    } else {
#ifdef MGDM_STUDIO
      read_sounds(input, band);
#endif
    }
    shared_.of = input.dump();
    return shared_;
  }

  void read_start_in_stems(const json& input, const BandPrior& band, int64_t from, int64_t to) {
    const std::string file = input.value("start", "");
    if (file.empty()) return;
    const at::Tensor stems = stems_of_song_file(file, band);
    if (stems.size(1) < to) throw MediaError(file + ": is shorter than the song");
    for (size_t k = 0; k < band.stems.size(); ++k)
      shared_.start[band.stems[k]] = stems[static_cast<int64_t>(k)].slice(0, from, to).unsqueeze(0);
  }

  bool separate_stems(const Cell& cell, const BandPrior& band, const SeparationRequest& asked,
                      const std::filesystem::path& state, const CellObserver& observer, const std::stop_token& stop,
                      SongOutcome& o) {
    const json& input = cell.run.at("input");
    Song song;
    song.mix = o.mix;
    song.hiss = input.value("denoise", 0.0);
    song.clip = input.value("declip", 0.0);
    song.bandwidth = input.value("bandwidth", 0.0);
    song.start = shared_.start;
    std::vector<at::Tensor> samples, estimates;
    const auto watch = [&](const SeparationProgress& p) { tell(p, observer); };
    const SeparationResult result = separate_keeping(
        band, song, asked, {.file = state, .origin = cell.key, .samples = true},
        [&](const SeparatedStretch& part) { samples.push_back(part.samples), estimates.push_back(part.estimate); },
        observer.iterate ? watch : std::function<void(const SeparationProgress&)>(), stop);
    if (result.stopped) return false;
    const auto stems = static_cast<int64_t>(band.stems.size());  // what is other is no stem's
    const at::Tensor found = at::cat(samples, 3).narrow(1, 0, stems);
    o.estimate = at::cat(estimates, 2).narrow(0, 0, stems);
    o.sample = found[0];
    o.mean = found.mean(0);
    o.seconds = result.seconds;
    o.record["evaluations"] = {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}};
    return true;
  }

  static void tell(const SeparationProgress& p, const CellObserver& observer) {
    const double share = (static_cast<double>(p.window - 1) + static_cast<double>(p.iterate->step) / p.iterate->steps) /
                         static_cast<double>(std::max<int64_t>(1, p.windows));
    observer.iterate({p.iterate->step, p.iterate->steps, share, p.iterate->seconds, p.iterate, nullptr});
  }

#ifdef MGDM_STUDIO
  void read_sounds(const json& input, const BandPrior& band) {
    const std::string file = input.at("song"), folder = input.value("stems", "");
    const Sound mix = read_sound(file);
    const auto [from, to] = part_of(input, mix.samples.size(1), mix.sample_rate);
    if (to <= from) throw SettingError("'from' lies behind the song's end");
    shared_.rate = mix.sample_rate;
    shared_.mix = mix.samples.slice(1, from, to).contiguous();
    if (const std::string start = input.value("start", ""); !start.empty()) {
      const double rate = mix.sample_rate;
      shared_.start = read_start_stems(start,
                                       {.mix = shared_.mix,
                                        .rate = rate,
                                        .from = static_cast<double>(from) / rate,
                                        .seconds = static_cast<double>(mix.samples.size(1)) / rate},
                                       band.stems)
                          .stems;
      shared_.offset = static_cast<double>(from) / rate;
    }
    if (folder.empty()) return;
    std::vector<at::Tensor> stems;
    for (const std::string& name : band.stems) {
      std::filesystem::path found;
      for (const char* ending : {".wav", ".flac", ".aiff", ".ogg", ".mp3"}) {
        if (const auto one = std::filesystem::path(folder) / (name + ending); found.empty() && exists(one)) found = one;
      }
      if (found.empty()) throw MediaError(folder + ": holds no " + name + ".wav (or .flac, .aiff, .ogg, .mp3)");
      const Sound stem = read_sound(found);
      if (stem.sample_rate != mix.sample_rate || stem.samples.size(1) < to)
        throw MediaError(found.string() + ": differs from the song in sample rate or length");
      const at::Tensor part = stem.samples.slice(1, from, to);
      stems.push_back(part.size(0) == shared_.mix.size(0) ? part : part.mean(0, true).expand_as(shared_.mix));
    }
    shared_.stems = at::stack(stems);
  }

  // Through the same job as the studio's page, so that a cell sounds as it does there.
  bool separate_file(const Cell& cell, const BandPrior& band, const SeparationRequest& asked,
                     const std::filesystem::path& state, const CellObserver& observer, const std::stop_token& stop,
                     SongOutcome& o) {
    const json& input = cell.run.at("input");
    SongInput song;
    song.mix = {o.mix, static_cast<int>(o.rate)};
    song.hiss = input.value("denoise", 0.0);
    song.clip = input.value("declip", 0.0);
    song.bandwidth = input.value("bandwidth", 0.0);
    song.start = input.value("start", "");
    song.start_offset = shared_.offset;
    const std::string model = cell.run.at("request").at("prior");
    SongSession session([&](const std::string&, const ModelPlace& place) {  // another place: it falls back
      return place == place_ ? band : load(model, place);
    });
    FallBackPolicy policy;
    policy.place = place_;
    SongObserver watch;
    watch.notice = observer.notice;
    if (observer.iterate) watch.iterate = [&](SongJob&, const SongProgress& p) { tell(p.separation, observer); };
    const SeparationResult result = session.run(song, asked, band.prior->name, state.parent_path(), policy, watch, stop,
                                                {.file = state, .origin = cell.key});
    if (result.stopped) return false;
    const SongJob& job = *session.newest();
    std::vector<at::Tensor> stems;
    for (size_t k = 0; k < band.stems.size(); ++k) stems.push_back(job.tracks()[k]->read(0, job.length()));
    o.estimate = at::stack(stems);
    o.seconds = result.seconds;
    o.record = session.record(result);
    o.record["files"] = input;
    return true;
  }
#else
  static bool separate_file(const Cell&, const BandPrior&, const SeparationRequest&, const std::filesystem::path&,
                            const CellObserver&, const std::stop_token&, SongOutcome&) {
    return false;
  }
#endif

  PoolOf<BandPrior> pool_;
  ModelPlace place_;
  SharedSong shared_;
};

}  // namespace

at::Tensor kept_sound(const at::Tensor& sound) {
  if (sound.numel() > 0 && sound.abs().max().item<float>() > 1) return sound.to(at::kFloat).contiguous();
  return (sound * kFullScale).round().clamp(-kFullScale, kFullScale - 1).to(at::kShort).contiguous();
}

at::Tensor sound_of(const at::Tensor& kept) {
  return kept.scalar_type() == at::kShort ? kept.to(at::kFloat) / kFullScale : kept.to(at::kFloat);
}

std::unique_ptr<CellRunner> make_song_cells(const ModelPlace& place) { return std::make_unique<SongCells>(place); }

bool sound_files_can_be_read() {
#ifdef MGDM_STUDIO
  return true;
#else
  return false;
#endif
}

void check_song_method(const json& request) {
  const SeparationRequest asked = separation_request_of(request);
  const PriorCard card = find_prior(request.at("prior"));
  BandPrior any;  // the presets ask for its traits alone
  Prior prior;
  prior.traits = traits_of(card);
  any.prior = std::make_shared<const Prior>(prior);
  separation_settings(asked, any, Song{.mix = at::zeros({1, 1}), .given = {}, .gaps = {}});
}

}  // namespace mgdm
