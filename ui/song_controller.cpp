#include "ui/song_controller.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QDir>
#include <QFileInfo>
#include <QMetaObject>
#include <QSaveFile>
#include <QStandardPaths>
#include <cmath>
#include <optional>
#include <thread>

#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/media/sound_file.h"
#include "core/priors/catalogue.h"
#include "core/runs/song_job.h"

namespace mgdm::ui {

namespace {

/// Frames [begin, end) of a track, in whole stretches of kPeakFrames.
std::vector<Peak> peaks_of(const PcmFile& track, int64_t begin, int64_t end) {
  std::vector<Peak> peaks;
  constexpr int64_t kBlock = kPeakFrames * 256;
  std::vector<float> block(static_cast<size_t>(kBlock * track.channels()));
  for (int64_t at = begin; at < end; at += kBlock) {
    const int64_t n = std::min(kBlock, end - at);
    track.read(at, n, block.data());
    for (int64_t from = 0; from < n; from += kPeakFrames) {
      const auto* p = block.data() + from * track.channels();
      const auto [low, high] = std::minmax_element(p, p + std::min(kPeakFrames, n - from) * track.channels());
      peaks.push_back({*low, *high});
    }
  }
  return peaks;
}

SongStretch stretch_of(const std::vector<std::shared_ptr<PcmFile>>& tracks, int64_t begin, int64_t end,
                       int64_t finished) {
  SongStretch stretch;
  stretch.begin = begin / kPeakFrames * kPeakFrames;
  stretch.finished = finished;
  for (const auto& track : tracks)
    stretch.peaks.push_back(peaks_of(*track, stretch.begin,
                                     std::min(track->length(), (end + kPeakFrames - 1) / kPeakFrames * kPeakFrames)));
  return stretch;
}

QString one_line(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr ||
      std::string(e.what()).find("can't allocate memory") != std::string::npos) {
    return SongController::tr("The song is too long for this computer's memory.");
  }
  return QString::fromUtf8(e.what()).section('\n', 0, 0);
}

}  // namespace

/// What the worker keeps between jobs; touched by the worker only, but for `band` before the first run.
struct SongController::Shared {
  std::shared_ptr<const BandPrior> band;
  QString model;       ///< of `band`
  bool fixed = false;  ///< `band` was set from outside
  Sound song;
  std::unique_ptr<SongJob> job;  ///< the newest
  QString record;
};

SongController::SongController(QObject* parent)
    : QObject(parent),
      folder_(QStandardPaths::writableLocation(QStandardPaths::CacheLocation)),
      shared_(std::make_shared<Shared>()) {
  qRegisterMetaType<OpenedSong>();
  qRegisterMetaType<SongTracks>();
  qRegisterMetaType<SongStretch>();
  qRegisterMetaType<SongFrame>();
  qRegisterMetaType<SongOutcome>();
}

SongController::~SongController() = default;

void SongController::setBand(std::shared_ptr<const BandPrior> band) {
  shared_->band = std::move(band);
  shared_->fixed = true;
}

void SongController::setState(State state) {
  if (state == state_) return;
  state_ = state;
  Q_EMIT stateChanged(state);
}

void SongController::open(const QString& path) {
  worker_.stop();
  const quint64 job = ++job_;
  setState(State::Loading);
  worker_.post([this, job, path, folder = folder_, shared = shared_](std::stop_token) {
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
      shared->job.reset();
      shared->song = std::move(sound);
      QMetaObject::invokeMethod(
          this,
          [this, job, song] {
            if (job != job_) return;
            setState(State::Ready);
            Q_EMIT opened(song);
          },
          Qt::QueuedConnection);
    } catch (const std::exception& e) {
      QMetaObject::invokeMethod(
          this,
          [this, job, message = one_line(e), had = shared->song.samples.defined()] {
            if (job != job_) return;
            setState(had ? State::Ready : State::Empty);
            Q_EMIT failed(message);
          },
          Qt::QueuedConnection);
    }
  });
}

void SongController::run(const SongWish& wish) {
  if (state_ != State::Ready) return;
  const quint64 job = ++job_;
  mailbox_->take();
  setState(State::Running);
  worker_.post([this, job, wish, folder = folder_, shared = shared_, mailbox = mailbox_](std::stop_token stop) {
    const auto say = [this, job](auto what) {
      QMetaObject::invokeMethod(
          this,
          [this, job, what] {
            if (job == job_) what();
          },
          Qt::QueuedConnection);
    };
    try {
      at::set_num_threads(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
      if (!shared->band || (shared->model != wish.model && !shared->fixed)) {
        shared->job.reset();
        shared->band.reset();  // never two models at once
        shared->band =
            std::make_shared<const BandPrior>(load_band_prior(find_prior(wish.model.toStdString()), at::kCPU, "auto"));
        shared->model = wish.model;
      }
      const BandPrior& band = *shared->band;
      SongInput input;
      input.mix = shared->song;
      input.from = wish.from;
      input.to = wish.to;
      input.hiss = wish.hiss;
      input.clip = wish.clip;
      input.bandwidth = wish.bandwidth;
      QDir().mkpath(folder);
      shared->job.reset();
      shared->job = std::make_unique<SongJob>(band, input, wish.request, folder.toStdString());
      SongJob& song = *shared->job;
      SongTracks tracks;
      for (const auto& name : song.names()) tracks.names << QString::fromStdString(name);
      tracks.tracks.assign(song.tracks().begin(), song.tracks().end());
      say([this, tracks] { Q_EMIT started(tracks); });
      const double rate = band.codec.options().sample_rate;
      const auto began = std::chrono::steady_clock::now();
      const auto observe = [&](const SongProgress& p) {
        if (mailbox->full()) return;  // the window has not shown the last one yet: no work for nobody
        const Iterate& it = *p.separation.iterate;
        // What forms can be listened to: it goes into the tracks, after what is finished.
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
        frame.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
        frame.evaluations = it.evaluations.forward + it.evaluations.backward;
        if (mailbox->put(std::move(frame)))
          QMetaObject::invokeMethod(
              this, [this, job] { deliverFrame(job); }, Qt::QueuedConnection);
      };
      const auto written = [&](int64_t at, const at::Tensor& stretch) {
        SongStretch done = stretch_of(song.tracks(), at, at + stretch.size(2), at + stretch.size(2));
        say([this, done = std::move(done)] { Q_EMIT this->stretch(done); });
      };
      const SeparationResult result = song.run(observe, written, stop);
      if (result.stopped) {  // what had only begun to form goes away
        const int64_t end = song.finished();
        for (const auto& track : song.tracks()) {
          for (int64_t at = end; at < std::min(track->length(), end + 30 * song.sample_rate()); at += 1 << 18)
            track->write(at, at::zeros({1, 1 << 18}));
        }
        SongStretch rest = stretch_of(
            song.tracks(), end, std::min(song.length(), end + 30 * static_cast<int64_t>(song.sample_rate())), end);
        say([this, rest = std::move(rest)] { Q_EMIT this->stretch(rest); });
      }
      nlohmann::json record = song.record(result);
      SongOutcome outcome{result.stopped, song.begin(), song.finished(), result.seconds,
                          QString::fromStdString(json_text(record, 2))};
      shared->record = outcome.record;
      say([this, outcome] {
        mailbox_->take();
        setState(State::Ready);
        Q_EMIT finished(outcome);
      });
    } catch (const std::exception& e) {
      // What was finished before stays, and can be exported.
      std::optional<SongOutcome> kept;
      if (shared->job != nullptr && shared->job->finished() > shared->job->begin()) {
        SeparationResult result;
        result.stopped = true;
        shared->record = QString::fromStdString(json_text(shared->job->record(result), 2));
        kept = SongOutcome{true, shared->job->begin(), shared->job->finished(), 0, shared->record};
      }
      say([this, message = one_line(e), kept] {
        setState(State::Ready);
        if (kept) Q_EMIT finished(*kept);
        Q_EMIT failed(message);
      });
    }
  });
}

void SongController::deliverFrame(quint64 job) {
  const auto frame = mailbox_->take();
  if (frame && job == job_ && busy()) Q_EMIT iterate(*frame);
}

void SongController::stopAndKeep() {
  if (state_ != State::Running) return;
  setState(State::Stopping);
  worker_.stop();
}

void SongController::discard() {
  if (!busy()) return;
  ++job_;
  worker_.stop();
  setState(State::Ready);
  Q_EMIT discarded();
}

void SongController::exportTo(const QString& folder, const QStringList& names, const QString& suffix) {
  if (state_ != State::Ready) return;
  const quint64 job = job_;
  worker_.post([this, job, folder, names, suffix, shared = shared_](std::stop_token stop) {
    QString error;
    try {
      if (shared->job == nullptr) throw MediaError(tr("There is nothing to export yet.").toStdString());
      const SongJob& song = *shared->job;
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
      error = one_line(e);
    }
    QMetaObject::invokeMethod(
        this,
        [this, job, folder, error] {
          if (job != job_) return;
          if (error.isEmpty()) {
            Q_EMIT exported(folder);
          } else {
            Q_EMIT failed(error);
          }
        },
        Qt::QueuedConnection);
  });
}

}  // namespace mgdm::ui
