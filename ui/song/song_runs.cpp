#include "ui/song/song_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QDir>
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
      shared_(std::make_shared<Shared>()) {
  qRegisterMetaType<OpenedSong>();
  qRegisterMetaType<SongTracks>();
  qRegisterMetaType<SongStretch>();
  qRegisterMetaType<SongFrame>();
  qRegisterMetaType<SongOutcome>();
  connect(this, &JobController::discarded, this, &SongRuns::runDiscarded);
}

SongRuns::~SongRuns() { end(); }

void SongRuns::setBand(std::shared_ptr<const BandPrior> band) {
  shared_->session = SongSession([band = std::move(band)](const std::string&, const ModelPlace&) { return *band; });
}

namespace {

/// The whole file into a track on disk, with its peaks; nothing where `stop` came first. `progress` gets the share.
std::optional<OpenedSong> read_song(const QString& path, const QString& folder,
                                    const std::function<void(double)>& progress, const std::stop_token& stop) {
  SoundReader reader(path.toStdString(), {.downmix = true});
  constexpr int64_t kBlock = kPeakFrames * 1024;
  const int channels = reader.channels();
  OpenedSong song;
  song.path = path;
  song.sample_rate = reader.sample_rate();
  song.channels = channels;
  QDir().mkpath(folder);
  const auto mix = std::make_shared<PcmFile>(folder.toStdString(), channels, reader.frames());
  std::vector<float> block(static_cast<size_t>(kBlock * channels));
  double level = 0, middle = 0, side = 0;
  for (int64_t filled = 0;;) {  // up to a whole block, whatever the decoder gives at once
    if (stop.stop_requested()) return std::nullopt;
    const int64_t got = reader.read(block.data() + filled * channels, kBlock - filled);
    filled += got;
    if (filled < kBlock && got > 0) continue;
    if (song.length + filled > mix->length()) mix->set_length(song.length + filled);
    mix->write(song.length, block.data(), filled);
    for (int64_t k = 0; channels == 2 && k < filled; ++k) {
      const double left = block[static_cast<size_t>(2 * k)], right = block[static_cast<size_t>(2 * k + 1)];
      middle += (left + right) * (left + right);
      side += (left - right) * (left - right);
    }
    for (const Peak& peak : peaks_of(block.data(), channels, filled)) {
      level = std::max({level, static_cast<double>(peak.high), -static_cast<double>(peak.low)});
      song.peaks.push_back(peak);
    }
    song.length += filled;
    if (got == 0) break;
    filled = 0;
    progress(reader.frames() > 0 ? static_cast<double>(song.length) / static_cast<double>(reader.frames()) : -1);
  }
  mix->set_length(song.length);
  QStringList remarks;
  if (reader.file_channels() > 2)
    remarks << SongRuns::tr("Its %n channels were mixed down to two.", nullptr, reader.file_channels());
  if (!reader.damage().empty())
    remarks << SongRuns::tr("The file is damaged: %1 cannot be read and is silent.")
                   .arg(text(damage_words(reader.damage(), reader.sample_rate())));
  if (channels == 2 && middle < 0.01 * side)
    remarks << SongRuns::tr("Its channels are out of phase; the right one is turned round for the model, and back.");
  song.remarks = remarks.join(' ');
  song.clipping = clipping_level(*mix, level);
  song.mix = mix;
  return song;
}

}  // namespace

void SongRuns::open(const QString& path) {
  begin(State::Loading,
        [this, path, folder = folder_, shared = shared_](const Reply& reply, const std::stop_token& stop) {
          const auto slot = std::make_shared<Mailbox<double>>();
          const auto progress = [&](double share) {
            reply.latest<double>(slot, share, [this](const double& newest) { Q_EMIT opening(newest); });
          };
          try {
            const auto song = read_song(path, folder, progress, stop);
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
      shared->stems = stems;
      shared->tracks = opened;
      reply([this, tracks, all, stems] {
        setState(State::Ready);
        Q_EMIT started(tracks);
        Q_EMIT stretch(all);
        Q_EMIT reopened(stems);
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
  if (input.keep_tracks) shared.stems.folder = make_stems_folder(wish.kept);
  const SongOutcome outcome = watch(input, wish, reply, stop);
  reply([this, outcome] {
    setState(State::Ready);
    Q_EMIT finished(outcome);
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
SongFrame frame_of(SongJob& song, const SongProgress& p, double rate, double seconds) {
  const Iterate& it = *p.separation.iterate;
  const int64_t from = std::max(p.begin, song.finished());
  const at::Tensor preview = p.separation.preview();
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
    stems.begin = stems.end = song.begin();
    if (!stems.folder.isEmpty()) write_kept(stems);
    shared_->tracks = tracks_of(song);
    SongTracks tracks;
    for (const auto& name : song.names()) tracks.names << text(name);
    tracks.tracks = shared_->tracks;
    reply([this, tracks] { Q_EMIT started(tracks); });
  };
  observer.iterate = [&](SongJob& song, const SongProgress& p) {
    if (slot->full()) return;  // the window has not shown the last one yet: no work for nobody
    reply.latest<SongFrame>(slot, frame_of(song, p, song.band().codec.options().sample_rate, clock.seconds()),
                            [this](const SongFrame& frame) { Q_EMIT iterate(frame); });
  };
  observer.written = [&](SongJob& song, int64_t at, const at::Tensor& stretch) {
    const int64_t end = at + stretch.size(2);
    shared_->stems.end = end;
    if (!shared_->stems.folder.isEmpty()) write_kept(shared_->stems);  // a crash loses only what still forms
    reply([this, done = stretch_of(tracks_of(song), at, end, end)] { Q_EMIT this->stretch(done); });
  };
  const QString tracks = shared_->stems.folder.isEmpty() ? folder_ : shared_->stems.folder;
  const SeparationResult result =
      session.run(input, wish.request, wish.model.toStdString(), tracks.toStdString(), {}, observer, stop);
  SongJob& song = *session.newest();
  if (result.stopped) reply([this, rest = silence_after(song, song.finished())] { Q_EMIT stretch(rest); });
  return ended(result);
}

void SongRuns::exportTo(const QString& folder, const QStringList& names, const QString& suffix) {
  if (state() != State::Ready) return;
  post([this, folder, names, suffix, shared = shared_](const Reply& reply, const std::stop_token& stop) {
    QString error;
    QStringList too_loud;
    try {
      const KeptStems& stems = shared->stems;
      if (shared->tracks.empty()) throw MediaError(tr("There is nothing to export yet.").toStdString());
      if (!QDir().mkpath(folder)) throw MediaError(folder.toStdString() + ": cannot be made");
      for (size_t k = 0; k < shared->tracks.size(); ++k) {
        const QString name = stems.names[static_cast<qsizetype>(k)];
        if (!names.contains(name) || stop.stop_requested()) continue;
        // FLAC has no room beyond full scale; as the command line does.
        const bool loud = suffix == "flac" && beyond_full_scale(*shared->tracks[k], stems.begin, stems.end);
        if (loud) too_loud << name;
        write_sound(QDir(folder).filePath(name + '.' + (loud ? "wav" : suffix)).toStdString(), *shared->tracks[k],
                    stems.sample_rate, stems.begin, stems.end);
      }
      if (!stems.record.isEmpty()) {  // else the program ended in that run
        QSaveFile record(QDir(folder).filePath(QStringLiteral("run.json")));
        const QByteArray bytes = stems.record.toUtf8();
        if (!record.open(QIODevice::WriteOnly) || record.write(bytes) != bytes.size() || !record.commit())
          throw MediaError((record.fileName() + ": " + record.errorString()).toStdString());
      }
    } catch (const std::exception& e) {
      error = words_of(e);
    }
    reply([this, folder, error, too_loud] {
      if (error.isEmpty()) {
        Q_EMIT exported(folder);
        if (!too_loud.isEmpty())
          Q_EMIT notice(tr("Louder than FLAC can hold, so written as WAV: %1.").arg(too_loud.join(", ")));
      } else {
        Q_EMIT notExported(error);
      }
    });
  });
}

}  // namespace mgdm::ui
