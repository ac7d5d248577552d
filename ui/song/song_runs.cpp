#include "ui/song/song_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>
#include <QStandardPaths>
#include <cmath>
#include <optional>

#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "core/runs/song_session.h"
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
  Sound song;
  QString record;
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
}

SongRuns::~SongRuns() { end(); }

void SongRuns::setBand(std::shared_ptr<const BandPrior> band) {
  shared_->session = SongSession([band = std::move(band)](const std::string&, const ModelPlace&) { return *band; });
}

void SongRuns::open(const QString& path) {
  begin(State::Loading, [this, path, folder = folder_, shared = shared_](const Reply& reply, const std::stop_token&) {
    try {
      Sound sound = read_sound(path.toStdString());
      OpenedSong song;
      song.path = path;
      song.sample_rate = sound.sample_rate;
      song.channels = static_cast<int>(sound.samples.size(0));
      song.length = sound.samples.size(1);
      song.clipping = clipping_level(sound.samples);
      QDir().mkpath(folder);
      const auto mix = std::make_shared<PcmFile>(folder.toStdString(), song.channels, song.length);
      mix->write(0, sound.samples);
      song.peaks = peaks_of(*mix, 0, song.length);
      song.mix = mix;
      shared->session.forget();
      shared->song = std::move(sound);
      reply([this, song] {
        setState(State::Ready);
        Q_EMIT opened(song);
      });
    } catch (const std::exception& e) {
      reply([this, message = words_of(e), had = shared->song.samples.defined()] {
        setState(had ? State::Ready : State::Empty);
        Q_EMIT failed(message);
      });
    }
  });
}

void SongRuns::run(const SongWish& wish) {
  if (state() != State::Ready) return;
  const auto job = [this, wish](const Reply& reply, const std::stop_token& stop) {
    try {
      separate(wish, reply, stop);
    } catch (const std::exception& e) {
      // What was finished before stays, and can be exported.
      std::optional<SongOutcome> kept;
      if (const SongJob* song = shared_->session.newest(); song != nullptr && song->finished() > song->begin()) {
        SeparationResult result;
        result.stopped = true;
        shared_->record = text(json_text(shared_->session.record(result), 2));
        kept = SongOutcome{true, song->begin(), song->finished(), 0, shared_->record};
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
  input.mix = shared.song;
  input.from = wish.from;
  input.to = wish.to;
  input.hiss = wish.hiss;
  input.clip = wish.clip;
  input.bandwidth = wish.bandwidth;
  QDir().mkpath(folder_);
  const SongOutcome outcome = watch(input, wish, reply, stop);
  shared.record = outcome.record;
  reply([this, outcome] {
    setState(State::Ready);
    Q_EMIT finished(outcome);
  });
}

namespace {

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
  frame.stretch = stretch_of(song.tracks(), from, p.end, song.finished());
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
  return stretch_of(song.tracks(), end, last, end);
}

}  // namespace

SongOutcome SongRuns::watch(const SongInput& input, const SongWish& wish, const Reply& reply,
                            const std::stop_token& stop) {
  SongSession& session = shared_->session;
  const auto began = std::chrono::steady_clock::now();
  const auto slot = std::make_shared<Mailbox<SongFrame>>();
  SongObserver observer;
  observer.notice = [&](const FallBack& f) { reply([this, words = words(f)] { Q_EMIT notice(words); }); };
  observer.begun = [&](const SongJob& song) {
    SongTracks tracks;
    for (const auto& name : song.names()) tracks.names << text(name);
    tracks.tracks.assign(song.tracks().begin(), song.tracks().end());
    reply([this, tracks] { Q_EMIT started(tracks); });
  };
  observer.iterate = [&](SongJob& song, const SongProgress& p) {
    if (slot->full()) return;  // the window has not shown the last one yet: no work for nobody
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    reply.latest<SongFrame>(slot, frame_of(song, p, song.band().codec.options().sample_rate, seconds),
                            [this](const SongFrame& frame) { Q_EMIT iterate(frame); });
  };
  observer.written = [&](SongJob& song, int64_t at, const at::Tensor& stretch) {
    const int64_t end = at + stretch.size(2);
    reply([this, done = stretch_of(song.tracks(), at, end, end)] { Q_EMIT this->stretch(done); });
  };
  const SeparationResult result =
      session.run(input, wish.request, wish.model.toStdString(), folder_.toStdString(), {}, observer, stop);
  SongJob& song = *session.newest();
  if (result.stopped) reply([this, rest = silence_after(song, song.finished())] { Q_EMIT stretch(rest); });
  return {result.stopped, song.begin(), song.finished(), result.seconds, text(json_text(session.record(result), 2))};
}

void SongRuns::exportTo(const QString& folder, const QStringList& names, const QString& suffix) {
  if (state() != State::Ready) return;
  post([this, folder, names, suffix, shared = shared_](const Reply& reply, const std::stop_token& stop) {
    QString error;
    try {
      if (shared->session.newest() == nullptr) throw MediaError(tr("There is nothing to export yet.").toStdString());
      const SongJob& song = *shared->session.newest();
      if (!QDir().mkpath(folder)) throw MediaError(folder.toStdString() + ": cannot be made");
      for (size_t k = 0; k < song.names().size(); ++k) {
        const QString name = QString::fromStdString(song.names()[k]);
        if (!names.contains(name) || stop.stop_requested()) continue;
        write_sound(QDir(folder).filePath(name + '.' + suffix).toStdString(), *song.tracks()[k], song.sample_rate(),
                    song.begin(), song.finished());
      }
      QSaveFile record(QDir(folder).filePath(QStringLiteral("run.json")));
      const QByteArray bytes = shared->record.toUtf8();
      if (!record.open(QIODevice::WriteOnly) || record.write(bytes) != bytes.size() || !record.commit())
        throw MediaError((record.fileName() + ": " + record.errorString()).toStdString());
    } catch (const std::exception& e) {
      error = words_of(e);
    }
    reply([this, folder, error] {
      if (error.isEmpty()) {
        Q_EMIT exported(folder);
      } else {
        Q_EMIT failed(error);
      }
    });
  });
}

}  // namespace mgdm::ui
