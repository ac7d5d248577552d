// mgdm separate: a song in, its stems out; or stems that go with given ones; or a song repaired.
#include <ATen/ATen.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <optional>

#include "app/command_line/command.h"
#include "app/command_line/exit_codes.h"
#include "app/command_line/interrupts.h"
#include "app/command_line/progress.h"
#include "app/command_line/song_options.h"
#include "core/files/atomic_file.h"
#include "core/files/json_text.h"
#include "core/files/output_folder.h"
#include "core/media/mixdown.h"
#include "core/media/sound_file.h"
#include "core/metrics/audio_metrics.h"
#include "core/runs/song_session.h"

namespace mgdm::app {

namespace {

namespace fs = std::filesystem;

struct SeparateOptions {
  CommonOptions common;
  fs::path song, out, reference, start;
  std::vector<std::string> given, hints, gaps, without;
  std::string part, declip;
  double denoise = 0, bandwidth = 0;
  bool flac = false, force = false, downmix = false;
  SeparationRequest request;
};

std::pair<double, double> seconds_range(const std::string& option, const std::string& text) {
  double from = 0, to = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%lf-%lf%c", &from, &to, &rest) != 2 || !(from >= 0 && to > from)) {
    throw SettingError(option + " " + text + ": expected FROM-TO in seconds, for example 12.5-13");
  }
  return {from, to};
}

std::pair<std::string, std::string> stem_and_file(const std::string& option, const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw SettingError(option + " " + text + ": expected STEM=FILE");
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::string seconds_text(double seconds) {
  char text[32];
  const int minutes = static_cast<int>(seconds) / 60;
  std::snprintf(text, sizeof text, "%d:%04.1f", minutes, seconds - 60 * minutes);
  return text;
}

double clip_level(const SeparateOptions& o, const at::Tensor& samples) {
  if (o.song.empty()) throw SettingError("--declip: needs a song");
  const double level = o.declip == "auto" ? clipping_level(samples) : std::atof(o.declip.c_str());
  if (level > 0) return level;
  throw SettingError(o.declip == "auto"
                         ? o.song.string() + ": nothing of it looks cut off; give the level, --declip 0.8"
                         : "--declip " + o.declip + ": expected a level above 0, or auto");
}

SongInput song_input(const SeparateOptions& o) {
  SongInput input;
  if (!o.song.empty()) input.mix = read_sound(o.song, {.downmix = o.downmix});
  if (const auto& damage = input.mix.damage; !damage.empty())
    std::cerr << "mgdm: " << o.song.string() << ": " << damage_words(damage, input.mix.sample_rate)
              << " cannot be read and is silent\n";
  if (out_of_phase(input.mix.samples))
    std::cerr << "mgdm: " << o.song.string()
              << ": its channels are out of phase; the right one is turned round for the model, and back\n";
  for (const auto& text : o.given) {
    const auto [stem, file] = stem_and_file("--given", text);
    input.given[stem] = read_sound(file, {.downmix = o.downmix});
  }
  if (o.song.empty() && !(o.start.empty() && o.hints.empty()))
    throw SettingError("--start and --hint need the song that they are of");
  input.start = o.start;
  for (const auto& text : o.hints) input.hints.insert(stem_and_file("--hint", text));
  for (const auto& text : o.gaps) input.gaps.push_back(seconds_range("--gap", text));
  if (!o.part.empty()) std::tie(input.from, input.to) = seconds_range("--part", o.part);
  input.hiss = o.denoise;
  input.bandwidth = o.bandwidth;
  if (!o.declip.empty()) input.clip = clip_level(o, input.mix.samples);
  return input;
}

// How close the stems are to the true ones: SI-SDR improvement over the mix at the model's rate, SDR at the song's.
void add_ratios(nlohmann::json& record, const SeparateOptions& o, const BandPrior& band, const SongJob& job) {
  const double rate = band.codec.options().sample_rate;
  const int64_t begin = job.begin(), end = job.finished();
  const auto mono = [&](const at::Tensor& samples) {
    return resample(samples.mean(0, true), job.sample_rate(), rate)[0];
  };
  std::vector<at::Tensor> truth, found, true_mono, found_mono;
  for (size_t k = 0; k < band.stems.size(); ++k) {
    const fs::path file = o.reference / (band.stems[k] + ".wav");
    const Sound sound = read_sound(file);
    if (sound.sample_rate != job.sample_rate() || sound.samples.size(1) < end) {
      throw MediaError(file.string() + ": differs from the song in sample rate or length");
    }
    found.push_back(job.tracks()[k]->read(begin, end - begin));
    truth.push_back(sound.samples.slice(1, begin, end));
    if (truth.back().size(0) != found.back().size(0)) truth.back() = truth.back().mean(0, true).expand_as(found.back());
    true_mono.push_back(mono(truth.back()));
    found_mono.push_back(mono(found.back()));
  }
  const at::Tensor reference = at::stack(true_mono);
  const at::Tensor gain =
      si_sdr_improvement(at::stack(found_mono), reference, reference.sum(0), static_cast<int64_t>(rate));
  const at::Tensor median = median_sdr(at::stack(found), at::stack(truth), job.sample_rate());
  for (size_t k = 0; k < band.stems.size(); ++k) {
    record["si_sdr_improvement"][band.stems[k]] = gain[static_cast<int64_t>(k)].item<double>();
    record["median_sdr"][band.stems[k]] = median[static_cast<int64_t>(k)].item<double>();
  }
}

void say_result(const SeparateOptions& o, const BandPrior& band, const nlohmann::json& record, double seconds) {
  if (o.common.print_json) {
    std::cout << json_text(record, 2) << '\n';
    return;
  }
  if (o.common.quiet) return;
  for (const auto& [key, label] :
       {std::pair{"si_sdr_improvement", "SI-SDR improvement"}, {"median_sdr", "SDR, median of seconds"}}) {
    if (!record.contains(key)) continue;
    std::cout << label << " (dB):" << std::fixed << std::setprecision(2);
    for (const auto& stem : band.stems) std::cout << "  " << stem << ' ' << record[key][stem].get<double>();
    std::cout << '\n';
  }
  std::cout << "written to " << o.out.string() << std::fixed << std::setprecision(1) << " in " << seconds << " s\n";
}

const char* ending_of(const SeparateOptions& o) { return o.flac ? ".flac" : ".wav"; }

std::vector<std::string> files_of(const SeparateOptions& o, const SongJob& job) {
  std::vector<std::string> files;
  for (const std::string& name : job.names()) files.push_back(name + ending_of(o));
  for (const std::string& stem : o.without) {
    std::string known;
    bool is_known = false;
    for (const std::string& name : job.names()) {
      if (name == "mix") continue;
      known += (known.empty() ? "" : ", ") + name;
      is_known = is_known || name == stem;
    }
    if (!is_known) throw SettingError("--without " + stem + ": expected " + known);
    files.push_back("without_" + stem + ending_of(o));
  }
  return files;
}

// What each of the files holds: one of the tracks, or all but one of them.
std::vector<Mix> mixes_of(const SeparateOptions& o, const SongJob& job) {
  std::vector<Mix> mixes;
  for (const auto& track : job.tracks()) mixes.push_back({{track, {}}});
  for (const std::string& stem : o.without) {
    Mix mix;
    for (size_t k = 0; k < job.names().size(); ++k) {
      if (job.names()[k] != stem && job.names()[k] != "mix") mix.push_back({job.tracks()[k], {}});
    }
    mixes.push_back(std::move(mix));
  }
  return mixes;
}

std::vector<fs::path> inputs_of(const SeparateOptions& o) {
  std::vector<fs::path> inputs{o.song};
  for (const auto* named : {&o.given, &o.hints}) {
    for (const auto& text : *named) inputs.emplace_back(text.substr(std::min(text.find('='), text.size() - 1) + 1));
  }
  for (const fs::path& folder : {o.reference, o.start}) {
    std::error_code error;
    if (folder.empty()) continue;
    for (const auto& entry : fs::directory_iterator(folder, error)) inputs.push_back(entry.path());
  }
  return inputs;
}

int separate(SeparateOptions o) {
  const std::stop_token stop = stop_on_signals();
  use_threads(o.common.threads);
  o.request = separation_request(o.common, o.request);
  if (o.song.empty() && o.given.empty()) throw SettingError("separate: needs a song, or --given STEM=FILE");
  const SongInput input = song_input(o);
  std::optional<OutputFolder> folder(std::in_place, o.out, std::vector<std::string>{}, inputs_of(o), o.force);
  FallBackPolicy policy;
  policy.place = o.common.place;
  SongSession session;
  SeparationResult result;
  {
    ProgressLine line(!o.common.quiet);
    SongObserver observer;
    // The model tells which files there will be.
    observer.begun = [&](const SongJob& job) {
      folder.emplace(o.out, files_of(o, job), inputs_of(o), o.force);
      for (const std::string& sentence : job.remarks()) std::cerr << "mgdm: " << sentence << '\n';
    };
    observer.notice = [](const FallBack& f) { std::cerr << "mgdm: " << words(f) << '\n'; };
    observer.iterate = [&](const SongJob&, const SongProgress& progress) {
      if (!line.shown()) return;
      const SeparationProgress& p = progress.separation;
      line.show(seconds_text(p.begin) + " to " + seconds_text(p.end) + ", part " + std::to_string(p.window) + " of " +
                std::to_string(p.windows) + ", step " + std::to_string(p.iterate->step) + " of " +
                std::to_string(p.iterate->steps));
    };
    result = session.run(input, o.request, o.common.prior, o.out, policy, observer, stop);
  }
  const SongJob& job = *session.newest();
  const BandPrior& band = job.band();
  const int64_t begin = job.begin(), end = job.finished();
  if (end == begin) {
    std::cerr << "mgdm: interrupted before the first part was done\n";
    return kInterrupted;
  }
  const std::vector<Mix> mixes = mixes_of(o, job);
  std::vector<std::string> files = files_of(o, job);
  for (size_t k = 0; k < files.size() && o.flac; ++k) {  // which would cut it off
    if (peak_of(mixes[k], begin, end) <= 1) continue;
    const std::string other = fs::path(files[k]).stem().string() + ".wav";
    std::cerr << "mgdm: " << files[k] << " would clip; it is written as " << other << '\n';
    folder->rename(files[k], other);
    files[k] = other;
  }
  nlohmann::json record = session.record(result);
  record["song"] = o.song.string();
  if (!o.reference.empty()) add_ratios(record, o, band, job);
  folder->list_in(record);
  const auto write = [&](const fs::path& to) {
    for (size_t k = 0; k < files.size(); ++k) {
      const std::string ending = fs::path(files[k]).extension().string().substr(1);
      const int bits = ending == "wav" && peak_of(mixes[k], begin, end) > 1 ? 32 : 24;
      std::string what = fs::path(files[k]).stem().string();
      std::replace(what.begin(), what.end(), '_', ' ');
      write_mix({to / files[k], mixes[k], job.sample_rate(), begin, end, {ending, bits}, 1, o.song, what});
    }
    write_file_bytes(to / "run.json", json_text(record, 2) + "\n");
  };
  o.out = folder->write(write, [](const std::string& sentence) { std::cerr << "mgdm: " << sentence << '\n'; });
  say_result(o, band, record, result.seconds);
  if (!result.stopped) return kDone;
  std::cerr << "mgdm: interrupted; what was finished is written\n";
  return kInterrupted;
}

}  // namespace

Command describe_separate() {
  return {
      4, "separate", "Separate a song into stems; or find stems that go with given ones, or fill a gap",
      [](CLI::App& app) {
        const auto o = std::make_shared<SeparateOptions>();
        app.add_option("song", o->song, "song (WAV, FLAC, OGG, MP3...), mono or stereo");
        app.add_option("--out", o->out, "folder for bass.wav, drums.wav, ..., run.json")->required();
        app.add_option("--reference", o->reference, "folder with the true stems as WAV, to measure against");
        app.add_option("--given", o->given,
                       "STEM=FILE: a stem that is known; without a song the others are made up to it")
            ->allow_extra_args(false);
        app.add_option("--start", o->start,
                       "folder with another program's stems of the song (bass.wav, drums.flac, other.mp3...) to start "
                       "from instead of noise");
        app.add_option("--hint", o->hints,
                       "STEM=FILE: somebody hums or plays along with a stem (a sound file, or notes as .mid), from the "
                       "song's beginning on; what sounds there and then starts as that stem's; a start level of 3 or "
                       "more suits it")
            ->allow_extra_args(false);
        app.add_option("--without", o->without,
                       "STEM: also write without_STEM.wav, the song but for this stem, to play along with")
            ->allow_extra_args(false);
        app.add_option("--gap", o->gaps, "FROM-TO in seconds: a damaged place to be filled")->allow_extra_args(false);
        app.add_option("--part", o->part, "FROM-TO in seconds: only this part of the song");
        add_described(app, song_run_settings(), "denoise", o->denoise);
        app.add_option("--declip", o->declip,
                       "level at which the song is cut off, full scale 1, or auto; mix.wav is the song with its "
                       "peaks made up");
        add_described(app, song_run_settings(), "bandwidth", o->bandwidth);
        app.add_flag("--downmix", o->downmix, "make two channels of more than two");
        app.add_flag("--flac", o->flac, "write FLAC instead of WAV (WAV still for a stem that would clip)");
        app.add_flag("--force", o->force, "write over files that are there and not of an earlier run");
        app.add_flag("--keep-residual", o->request.keep_residual,
                     "write what no stem explains as residual.wav instead of sharing it out");
        add_described(app, song_run_settings(), "frames", o->request.frames);
        add_described(app, song_run_settings(), "overlap", o->request.overlap);
        add_song_options(app, o->common, o->request);
        return [o] { return separate(*o); };
      }};
}

}  // namespace mgdm::app
