#include "ui/song/song_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QDir>
#include <QElapsedTimer>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>
#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "core/runs/song_session.h"
#include "core/threads/pause.h"
#include "ui/jobs/processor_threads.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

namespace {

QString words_of(const std::exception& e) {
  return out_of_memory(e) ? SongRuns::tr("The song is too long for this computer's memory.") : one_line(e);
}

}  // namespace

/// What the worker keeps between jobs; touched by the worker only, but for `session` before the first run.
struct SongRuns::Shared {
  SongSession session;
  std::shared_ptr<const PcmFile> mix;
  int sample_rate = 0;
  /// The stems that are shown, whether just made or kept from another day.
  KeptStems stems;
  std::vector<std::shared_ptr<const PcmFile>> tracks;
};

SongRuns::SongRuns(QObject* parent)
    : JobController(parent),
      folder_(QStandardPaths::writableLocation(QStandardPaths::CacheLocation)),
      shared_(std::make_shared<Shared>()),
      iterates_(std::make_shared<SongIterates>()) {
  qRegisterMetaType<OpenedSong>();
  qRegisterMetaType<SongTracks>();
  qRegisterMetaType<SongStretch>();
  qRegisterMetaType<SongSpread>();
  qRegisterMetaType<SongFrame>();
  qRegisterMetaType<SongOutcome>();
  connect(this, &JobController::discarded, this, &SongRuns::runDiscarded);
}

SongRuns::~SongRuns() { end(); }

void SongRuns::setBand(std::shared_ptr<const BandPrior> band) {
  shared_->session = SongSession([band = std::move(band)](const std::string&, const ModelPlace&) { return *band; });
}

namespace {

/// To whom it is told how far a song is read.
struct SongReading {
  double shown_after = 0;                         ///< seconds until `begun`
  std::function<void(double share)> progress;     ///< below 0: nobody knows
  std::function<void(const OpenedSong&)> begun;   ///< what is there can be seen and heard
  std::function<void(const SongStretch&)> grown;  ///< more of it
};

/// Whether the right channel is the left one turned round: their sum is next to nothing beside their difference.
struct PhaseMeter {
  double middle = 0, side = 0;
  void add(const float* stereo, int64_t n) {
    for (int64_t k = 0; k < n; ++k) {
      const double left = stereo[2 * k], right = stereo[2 * k + 1];
      middle += (left + right) * (left + right);
      side += (left - right) * (left - right);
    }
  }
  bool opposed() const { return middle < 0.01 * side; }
};

QString remarks_of(const SoundReader& reader, bool opposed) {
  QStringList remarks;
  if (reader.file_channels() > 2)
    remarks << SongRuns::tr("Its %n channels were mixed down to two.", nullptr, reader.file_channels());
  if (!reader.damage().empty())
    remarks << SongRuns::tr("The file is damaged: %1 cannot be read and is silent.")
                   .arg(text(damage_words(reader.damage(), reader.sample_rate())));
  if (opposed)
    remarks << SongRuns::tr("Its channels are out of phase; the right one is turned round for the model, and back.");
  return remarks.join(' ');
}

/// The whole file into a track on disk, with its peaks; nothing where `stop` came first. What takes longer than a
/// moment is told of meanwhile.
std::optional<OpenedSong> read_song(const QString& path, const QString& folder, const SongReading& reading,
                                    const std::stop_token& stop) {
  SoundReader reader(path.toStdString(), {.downmix = true});
  constexpr int64_t kBlock = kPeakFrames * 1024;
  constexpr qint64 kTold = 200;  // ms between two tellings
  const int channels = reader.channels();
  OpenedSong song;
  song.path = path;
  song.sample_rate = reader.sample_rate();
  song.channels = channels;
  QDir().mkpath(folder);
  const auto mix = std::make_shared<PcmFile>(folder.toStdString(), channels, reader.frames());
  mix->set_filled(0);
  song.mix = mix;
  std::vector<float> block(static_cast<size_t>(kBlock * channels));
  double level = 0;
  PhaseMeter phase;
  QElapsedTimer clock, told;
  clock.start();
  size_t peaks_told = 0;
  int64_t length = 0;
  for (int64_t filled = 0;;) {  // up to a whole block, whatever the decoder gives at once
    if (stop.stop_requested()) return std::nullopt;
    const int64_t got = reader.read(block.data() + filled * channels, kBlock - filled);
    filled += got;
    if (filled < kBlock && got > 0) continue;
    if (length + filled > mix->length()) mix->set_length(length + filled);
    mix->write(length, block.data(), filled);
    if (channels == 2) phase.add(block.data(), filled);
    for (const Peak& peak : peaks_of(block.data(), channels, filled)) {
      level = std::max({level, static_cast<double>(peak.highest()), -static_cast<double>(peak.lowest())});
      song.peaks.push_back(peak);
    }
    length += filled;
    mix->set_filled(length);
    if (got == 0) break;
    filled = 0;
    reading.progress(reader.frames() > 0 ? static_cast<double>(length) / static_cast<double>(reader.frames()) : -1);
    song.length = mix->length();
    if (!told.isValid() && static_cast<double>(clock.elapsed()) >= 1000 * reading.shown_after) {
      reading.begun(song);
      told.start();
      peaks_told = song.peaks.size();
    } else if (told.isValid() && told.elapsed() >= kTold) {
      const auto from = song.peaks.begin() + static_cast<ptrdiff_t>(peaks_told);
      reading.grown({static_cast<int64_t>(peaks_told) * kPeakFrames, {{from, song.peaks.end()}}, length});
      told.start();
      peaks_told = song.peaks.size();
    }
  }
  mix->set_length(length);
  mix->set_complete();
  song.length = length;
  song.remarks = remarks_of(reader, channels == 2 && phase.opposed());
  song.clipping = clipping_level(*mix, level);
  return song;
}

}  // namespace

void SongRuns::open(const QString& path) {
  begin(State::Loading, [this, path, folder = folder_, shown_after = shown_after_, shared = shared_](
                            const Reply& reply, const std::stop_token& stop) {
    const auto slot = std::make_shared<Mailbox<double>>();
    SongReading reading;
    reading.shown_after = shown_after;
    reading.progress = [&](double share) {
      reply.latest<double>(slot, share, [this](const double& newest) { Q_EMIT opening(newest); });
    };
    reading.begun = [&](const OpenedSong& song) { reply([this, song] { Q_EMIT begun(song); }); };
    reading.grown = [&](const SongStretch& more) { reply([this, more] { Q_EMIT grown(more); }); };
    try {
      const auto song = read_song(path, folder, reading, stop);
      if (!song) return;  // cancelled
      shared->session.forget();
      shared->mix = song->mix;
      shared->sample_rate = song->sample_rate;
      shared->tracks.clear();
      reply([this, song = *song] {
        song_ = song;
        setState(State::Ready);
        Q_EMIT opened(song);
      });
    } catch (const std::exception& e) {
      reply([this, message = words_of(e)] {
        setState(song_.mix != nullptr ? State::Ready : State::Empty);
        Q_EMIT failed(message);
      });
    }
  });
}

void SongRuns::cancelOpening() {
  if (state() != State::Loading) return;
  drop();
  if (song_.mix == nullptr) setState(State::Empty);
}

namespace {

SongSpread spread_of(const KeptStems& stems, std::vector<std::vector<float>> values) {
  return {std::move(values), static_cast<double>(stems.begin), SampleSpread::kSeconds * stems.sample_rate};
}

/// Of what a run that went on had finished before, nothing is known now but what was known then.
std::vector<std::vector<float>> spread_of(const SongJob& song, const std::vector<std::vector<float>>& before) {
  std::vector<std::vector<float>> values;
  for (size_t k = 0; k < static_cast<size_t>(song.spread().stems()); ++k) {
    values.push_back(song.spread().of(static_cast<int64_t>(k)));
    for (size_t i = 0; k < before.size() && i < std::min(before[k].size(), values[k].size()); ++i) {
      if (std::isnan(values[k][i])) values[k][i] = before[k][i];
    }
  }
  return values;
}

}  // namespace

void SongRuns::showKept(const KeptStems& stems) {
  if (state() != State::Ready) return;
  begin(State::Loading, [this, stems, shared = shared_](const Reply& reply, const std::stop_token&) {
    try {
      SongTracks tracks;
      tracks.names = stems.names;
      std::vector<std::shared_ptr<const PcmFile>> opened;
      for (const QString& name : stems.names) {
        opened.push_back(PcmFile::open((stems.folder + '/' + name + ".pcm").toStdString(), stems.channels));
        if (opened.back()->length() != shared->mix->length() || stems.sample_rate != shared->sample_rate)
          throw MediaError(tr("These stems are of another song of that name.").toStdString());
      }
      tracks.tracks = opened;
      const SongStretch all = stretch_of(opened, stems.begin, stems.end, stems.end);
      shared->session.forget();
      iterates_->clear();
      shared->stems = stems;
      shared->tracks = opened;
      const SongSpread lies_apart = spread_of(stems, read_spread(stems));
      reply([this, tracks, all, stems, lies_apart] {
        setState(State::Ready);
        Q_EMIT started(tracks);
        Q_EMIT stretch(all);
        Q_EMIT spread(lies_apart);
        Q_EMIT reopened(stems);
        addUp();
      });
    } catch (const std::exception& e) {
      reply([this, message = words_of(e)] {
        setState(State::Ready);
        Q_EMIT failed(message);
      });
    }
  });
}

void SongRuns::run(const SongWish& asked) {
  if (state() != State::Ready) return;
  SongWish wish = asked;
  wish.song = song_.path;
  wish.kept = kept_;
  const auto job = [this, wish](const Reply& reply, const std::stop_token& stop) {
    try {
      separate(wish, reply, stop);
    } catch (const std::exception& e) {
      // What was finished before stays, and can be exported.
      std::optional<SongOutcome> kept;
      if (const SongJob* song = shared_->session.newest(); song != nullptr && song->finished() > song->begin()) {
        SeparationResult result;
        result.stopped = true;
        kept = ended(result);
      }
      reply([this, message = words_of(e), kept] {
        setState(State::Ready);
        if (kept) Q_EMIT finished(*kept);
        Q_EMIT failed(message);
      });
    }
  };
  begin(State::Running, job, false);
}

void SongRuns::separate(const SongWish& wish, const Reply& reply, const std::stop_token& stop) {
  at::set_num_threads(runThreads());
  Shared& shared = *shared_;
  SongInput input;
  input.track = shared.mix;
  input.mix.sample_rate = shared.sample_rate;
  input.from = wish.from;
  input.to = wish.to;
  input.hiss = wish.hiss;
  input.clip = wish.clip;
  input.bandwidth = wish.bandwidth;
  input.start = wish.start.toStdString();
  input.keep_tracks = !wish.kept.isEmpty();
  shared.tracks.clear();
  shared.stems = {};
  shared.stems.song = wish.song;
  shared.stems.when = QDateTime::currentDateTime();
  shared.stems.preset = text(wish.request.preset);
  shared.stems.form = wish.form;
  if (!wish.go_on.folder.isEmpty()) {
    shared.stems = wish.go_on;
  } else if (input.keep_tracks) {
    shared.stems.folder = make_stems_folder(wish.kept);
  }
  const SongOutcome outcome = watch(input, wish, reply, stop);
  reply([this, outcome] {
    setState(State::Ready);
    Q_EMIT finished(outcome);
    addUp();
  });
}

// What the newest run leaves, kept if it comes to anything.
SongOutcome SongRuns::ended(const SeparationResult& result) {
  Shared& shared = *shared_;
  const SongJob& song = *shared.session.newest();
  shared.stems.end = song.finished();
  shared.stems.record = text(json_text(shared.session.record(result), 2));
  SongOutcome outcome{result.stopped, song.begin(),        song.finished(),
                      result.seconds, shared.stems.record, shared.stems.folder};
  if (shared.stems.folder.isEmpty()) return outcome;
  if (song.finished() > song.begin()) {
    write_kept(shared.stems);
    prune_stems(QFileInfo(shared.stems.folder).path());
  } else {
    QDir(shared.stems.folder).removeRecursively();
    outcome.folder.clear();
  }
  return outcome;
}

void SongRuns::suspend() {
  if (busy()) drop();
}

// A person who discards a run wants nothing of it.
void SongRuns::runDiscarded() {
  post([shared = shared_](const Reply&, const std::stop_token&) {
    if (!shared->stems.folder.isEmpty()) QDir(shared->stems.folder).removeRecursively();
    shared->tracks.clear();
    shared->stems = {};
  });
}

namespace {

std::vector<std::shared_ptr<const PcmFile>> tracks_of(const SongJob& song) {
  return {song.tracks().begin(), song.tracks().end()};
}

/// What forms can be listened to: it goes into the tracks, after what is finished. Then how far it has come.
SongFrame frame_of(SongJob& song, const SongProgress& p, double rate, double seconds, SongIterates& iterates) {
  const Iterate& it = *p.separation.iterate;
  const int64_t from = std::max(p.begin, song.finished());
  const at::Tensor preview = p.separation.preview();
  iterates.add({static_cast<int>(p.separation.window), it.step, it.steps, it.t, p.begin, p.end, rate,
                preview.to(at::kCPU, at::kHalf)});
  for (int64_t k = 0; k < preview.size(0); ++k) {
    const at::Tensor sound = resample(preview.slice(0, k, k + 1), rate, song.sample_rate(), p.end - p.begin);
    if (from < p.end) song.tracks()[static_cast<size_t>(k)]->write(from, sound.slice(1, from - p.begin));
  }
  SongFrame frame;
  frame.stretch = stretch_of(tracks_of(song), from, p.end, song.finished());
  frame.window = static_cast<int>(p.separation.window);
  frame.windows = static_cast<int>(p.separation.windows);
  frame.step = it.step;
  frame.steps = it.steps;
  frame.t = it.t;
  frame.tau = it.tau.empty() ? 0 : it.tau.front();
  if (it.residual().defined()) frame.residual = it.residual().mean().item<double>();
  frame.share = (static_cast<double>(frame.window - 1) + static_cast<double>(it.step) / it.steps) / frame.windows;
  frame.seconds = seconds;
  frame.evaluations = it.evaluations.forward + it.evaluations.backward;
  return frame;
}

/// What had only begun to form goes away.
SongStretch silence_after(SongJob& song, int64_t end) {
  const int64_t last = std::min(song.length(), end + 30 * static_cast<int64_t>(song.sample_rate()));
  for (const auto& track : song.tracks()) {
    for (int64_t at = end; at < std::min(track->length(), last); at += 1 << 18)
      track->write(at, at::zeros({1, 1 << 18}));
  }
  return stretch_of(tracks_of(song), end, last, end);
}

}  // namespace

SongOutcome SongRuns::watch(const SongInput& input, const SongWish& wish, const Reply& reply,
                            const std::stop_token& stop) {
  SongSession& session = shared_->session;
  const WorkClock clock;
  const auto slot = std::make_shared<Mailbox<SongFrame>>();
  SongObserver observer;
  observer.notice = [&](const FallBack& f) { reply([this, words = words(f)] { Q_EMIT notice(words); }); };
  observer.begun = [&](const SongJob& song) {
    for (const std::string& sentence : song.remarks()) reply([this, words = text(sentence)] { Q_EMIT notice(words); });
    KeptStems& stems = shared_->stems;
    stems.names.clear();
    for (const auto& name : song.names()) stems.names << text(name);
    stems.channels = song.tracks().front()->channels();
    stems.sample_rate = song.sample_rate();
    stems.length = song.length();
    stems.samples = static_cast<int>(song.samples());
    stems.begin = stems.end = song.begin();
    if (!stems.folder.isEmpty()) write_kept(stems);
    shared_->tracks = tracks_of(song);
    iterates_->clear();
    SongTracks tracks;
    for (const auto& name : song.names()) tracks.names << text(name);
    tracks.tracks = shared_->tracks;
    reply([this, tracks] { Q_EMIT started(tracks); });
  };
  observer.iterate = [&](SongJob& song, const SongProgress& p) {
    if (slot->full()) return;  // the window has not shown the last one yet: no work for nobody
    reply.latest<SongFrame>(slot,
                            frame_of(song, p, song.band().codec.options().sample_rate, clock.seconds(), *iterates_),
                            [this](const SongFrame& frame) { Q_EMIT iterate(frame); });
  };
  const std::vector<std::vector<float>> before = read_spread(shared_->stems);
  observer.written = [&](SongJob& song, int64_t at, const at::Tensor& stretch) {
    const int64_t end = at + stretch.size(2);
    shared_->stems.end = end;
    if (song.samples() > 1) {
      auto values = spread_of(song, before);
      if (!shared_->stems.folder.isEmpty()) write_spread(shared_->stems, values);
      reply([this, now = spread_of(shared_->stems, std::move(values))] { Q_EMIT this->spread(now); });
    }
    if (!shared_->stems.folder.isEmpty()) write_kept(shared_->stems);  // a crash loses only what still forms
    reply([this, done = stretch_of(tracks_of(song), at, end, end)] { Q_EMIT this->stretch(done); });
  };
  const KeptStems& stems = shared_->stems;
  const QString tracks = stems.folder.isEmpty() ? folder_ : stems.folder;
  SeparationKeeping keeping;
  if (!stems.folder.isEmpty()) {
    const QFileInfo file(wish.song);
    keeping.file = stems.state().toStdString();
    keeping.origin = {{"song", wish.song.toStdString()},
                      {"bytes", file.size()},
                      {"modified", file.lastModified().toMSecsSinceEpoch()}};
  }
  const SeparationResult result =
      session.run(input, wish.request, wish.model.toStdString(), tracks.toStdString(), {}, observer, stop, keeping);
  SongJob& song = *session.newest();
  if (result.stopped) reply([this, rest = silence_after(song, song.finished())] { Q_EMIT stretch(rest); });
  return ended(result);
}

namespace {

Mix mix_of(const SoundExport::File& file, const KeptStems& stems,
           const std::vector<std::shared_ptr<const PcmFile>>& tracks) {
  Mix mix;
  for (const auto& [name, gains] : file.tracks) {
    const qsizetype k = stems.names.indexOf(name);
    if (k >= 0) mix.push_back({tracks[static_cast<size_t>(k)], gains});
  }
  return mix;
}

}  // namespace

void SongRuns::exportTo(const SoundExport& wish) {
  if (state() != State::Ready) return;
  post([this, wish, shared = shared_](const Reply& reply, const std::stop_token& stop) {
    QString error;
    QStringList files;
    double softer = 0;  // dB
    try {
      const KeptStems& stems = shared->stems;
      if (shared->tracks.empty()) throw MediaError(tr("There is nothing to export yet.").toStdString());
      const int64_t begin = std::max<int64_t>(stems.begin, wish.begin),
                    end = wish.end < 0 ? stems.end : std::min<int64_t>(stems.end, wish.end);
      if (end <= begin) throw MediaError(tr("Nothing of this part is finished").toStdString());
      std::vector<MixFile> made;
      float peak = 1;
      for (const auto& file : wish.files) {
        if (stop.stop_requested()) return;
        made.push_back({file.path.toStdString(), mix_of(file, stems, shared->tracks), stems.sample_rate, begin, end,
                        wish.format, 1, stems.song.toStdString(), file.what.toStdString()});
        if (!wish.format.beyond_full_scale()) peak = std::max(peak, peak_of(made.back().mix, begin, end));
      }
      softer = 20 * std::log10(peak);
      for (MixFile& file : made) {
        if (stop.stop_requested()) return;
        const QString folder = QFileInfo(text(file.file.string())).path();
        if (!QDir().mkpath(folder)) throw MediaError(folder.toStdString() + ": cannot be made");
        file.gain = 1 / peak;
        write_mix(file);
        files << text(file.file.string());
      }
      if (!wish.record.isEmpty() && !stems.record.isEmpty()) {  // none: the program ended in that run
        QSaveFile record(wish.record);
        const QByteArray bytes = stems.record.toUtf8();
        if (!record.open(QIODevice::WriteOnly) || record.write(bytes) != bytes.size() || !record.commit())
          throw MediaError((record.fileName() + ": " + record.errorString()).toStdString());
      }
    } catch (const std::exception& e) {
      error = words_of(e);
    }
    reply([this, files, error, softer] {
      if (!error.isEmpty()) {
        Q_EMIT notExported(error);
        return;
      }
      Q_EMIT exported(files);
      if (softer > 0)
        Q_EMIT notice(tr("Written %1 dB softer, so that nothing is cut off; WAV of 32 bits holds it as it is.")
                          .arg(softer, 0, 'f', 1));
    });
  });
}

// How well the stems add up, after they were shown: a song of an hour takes a while to read.
void SongRuns::addUp() {
  post([this, shared = shared_](const Reply& reply, const std::stop_token& stop) {
    const KeptStems& stems = shared->stems;
    if (shared->mix == nullptr || shared->tracks.empty() || stems.end <= stems.begin) return;
    if (stems.names.contains(QStringLiteral("mix"))) return;  // of a repaired song: another one
    Mix all;
    for (const auto& track : shared->tracks) all.push_back({track, {}});
    double rest = 0, whole = 0;
    constexpr int64_t kPart = int64_t{1} << 21;
    for (int64_t at = stems.begin; at < stems.end; at += kPart) {
      if (stop.stop_requested()) return;
      const SumEnergy energy = sum_energy(*shared->mix, all, at, std::min<int64_t>(stems.end, at + kPart));
      rest += energy.difference;
      whole += energy.song;
    }
    reply([this, decibels = decibels_of(rest, whole)] { Q_EMIT summed(decibels); });
  });
}

}  // namespace mgdm::ui
