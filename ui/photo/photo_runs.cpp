#include "ui/photo/photo_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QFile>
#include <QFileInfo>
#include <chrono>

#include "core/files/json_text.h"
#include "core/runs/photo_input.h"
#include "core/runs/photo_job.h"
#include "core/runs/run_session.h"
#include "ui/jobs/processor_threads.h"
#include "ui/photo/document.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

/// What the worker keeps between jobs. Touched by the worker only, but for the models before the first run.
struct PhotoRuns::Shared {
  ModelPool pool;
  RunSession session{pool};
};

/// Everything a run needs, taken on the GUI thread.
struct PhotoRuns::Work {
  RunRequest request;
  std::shared_ptr<const Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  WorkingArea area;
  QImage mask;
  QString path;
  From from = From::Noise;
  BranchPoint point;
  QString state_file;
  int interval = 1;
};

PhotoRuns::PhotoRuns(Document* document, QObject* parent)
    : JobController(parent),
      document_(document),
      shared_(std::make_shared<Shared>()),
      reader_(std::make_unique<Worker>()) {
  qRegisterMetaType<ReadPhoto>();
  qRegisterMetaType<Frame>();
  qRegisterMetaType<RunOutcome>();
}

PhotoRuns::~PhotoRuns() {
  reader_.reset();
  end();
}

void PhotoRuns::setPrior(std::shared_ptr<const Prior> prior) {
  shared_->pool = ModelPool([prior = std::move(prior)](const std::string& name, const ModelPlace& place) {
    if (name == prior->name) return *prior;
    return load_model(name, place);
  });
}

void PhotoRuns::openPhoto(const QString& path) {
  load([path] { return load_photo(path); });
}

void PhotoRuns::openImage(const QImage& image) {
  if (image.isNull()) {
    Q_EMIT failed(tr("The clipboard holds no picture."));
    return;
  }
  load([image] { return load_photo(image); });
}

void PhotoRuns::load(std::function<LoadedPhoto()> read) {
  const auto job = [this, read = std::move(read), number = ++reading_](const std::stop_token&) {
    const auto answer = [this, number](std::function<void()> done) {
      QMetaObject::invokeMethod(
          this,
          [this, number, done = std::move(done)] {
            if (number == reading_) done();  // else another was asked for since
          },
          Qt::QueuedConnection);
    };
    try {
      ReadPhoto result{std::make_shared<LoadedPhoto>(read()), {}};
      const LoadedPhoto& loaded = *result.photo;
      result.estimate.jpeg_quality = loaded.photo->jpeg_quality;
      // The noise of the photo as the network will see it.
      result.estimate.noise =
          estimate_noise(cut(*loaded.photo, *loaded.color, whole_photo_area(loaded.photo->pixels.size(), 256)));
      answer([this, result] { Q_EMIT photoRead(result); });
    } catch (const std::bad_alloc&) {
      answer([this] { Q_EMIT failed(tr("The photo is too large for this computer's memory.")); });
    } catch (const std::exception& e) {
      answer([this, message = one_line(e)] { Q_EMIT failed(message); });
    }
  };
  reader_->post(job);
}

void PhotoRuns::take(const ReadPhoto& read) {
  discard();
  document_->open(std::move(*read.photo));
  begin(State::Ready, [shared = shared_](const Reply&, const std::stop_token&) {
    shared->session.forget();  // of another photo
  });
  Q_EMIT photoOpened();
  Q_EMIT estimated(read.estimate);
}

void PhotoRuns::suspend() {
  if (!busy()) return;
  suspended_->store(true);
  drop();
}

void PhotoRuns::run(const RunRequest& request) {
  if (state() == State::Ready) start(request, From::Noise, {});
}

void PhotoRuns::branch(const RunRequest& request, const BranchPoint& from) {
  if (state() != State::Empty) start(request, From::Iterate, from);
}

void PhotoRuns::goOnWithMask(const RunRequest& request) {
  if (busy()) start(request, From::Latest, {});
}

std::optional<PhotoRuns::Interrupted> PhotoRuns::interrupted() const {
  if (state_file_.isEmpty() || !QFile::exists(state_file_)) return std::nullopt;
  try {
    const RunState state = read_run_state_summary(state_file_.toStdString());
    return Interrupted{QString::fromStdString(state.origin.value("photo", std::string())), state.iterate.step,
                       state.iterate.steps};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void PhotoRuns::resume(const RunRequest& request) {
  if (state() == State::Ready) start(request, From::File, {});
}

namespace {

Frame make_frame(const Run& run, const at::Tensor& hole, const Iterate& it, int watched) {
  const Prior& prior = run.prior();
  Frame frame;
  const at::Tensor& x0 = it.signal();
  for (int64_t k = 0; k < x0.size(0); ++k) frame.samples.push_back(signal_image(x0[k], hole));
  frame.watched = std::clamp(watched, 0, static_cast<int>(x0.size(0)) - 1);
  frame.noisy = signal_image(prior.codec->decode(it.x_t.slice(0, frame.watched, frame.watched + 1))[0], {});
  if (it.residual().defined()) {
    const at::Tensor map = run.problem().residual_map(x0.slice(0, frame.watched, frame.watched + 1));
    frame.residual_map = heat_image(map, kResidualScale);
    frame.residual = it.residual().mean().item<double>();
  }
  frame.step = it.step;
  frame.steps = it.steps;
  frame.gibbs = it.gibbs;
  frame.t = it.t;
  if (!it.tau.empty()) frame.tau = it.tau[std::min<size_t>(it.tau.size() - 1, static_cast<size_t>(frame.watched))];
  frame.update = it.update;
  frame.seconds = it.seconds;
  frame.evaluations = it.evaluations.forward + it.evaluations.backward;
  return frame;
}

RunOutcome make_outcome(const SessionResult& session) {
  const RunResult& result = session.result;
  const at::Tensor& hole = session.input.hole;
  const nlohmann::json record = complete_record(*session.run, result, session.context);
  const auto figure = [&](const char* group, const char* name, size_t i) {
    return record.contains(group) ? record[group][name][i].get<double>() : 0.0;
  };
  RunOutcome outcome;
  for (int64_t i = 0; i < result.samples.size(0); ++i) {
    Sample sample = make_sample(result.samples[i], hole);
    sample.psnr = figure("metrics", "psnr", static_cast<size_t>(i));
    sample.ssim = figure("metrics", "ssim", static_cast<size_t>(i));
    if (result.residual.defined()) sample.residual = result.residual[i].item<double>();
    outcome.samples.push_back(std::move(sample));
  }
  if (result.samples.size(0) > 1) {
    outcome.mean = make_sample(result.samples.mean(0), hole);
    outcome.mean.psnr = figure("metrics_of_mean", "psnr", 0);
    outcome.mean.ssim = figure("metrics_of_mean", "ssim", 0);
    // Per pixel over the samples, the colours' root mean square, as a share of black to white.
    const at::Tensor deviation = result.samples.clamp(-1, 1).var(0, false).mean(0).sqrt() / 2;
    outcome.deviation_peak = std::max(0.01, deviation.max().item<double>());
    outcome.deviation = heat_image(deviation, outcome.deviation_peak);
  }
  outcome.observation = signal_image(session.run->problem().observation_image()[0], {});
  outcome.input = signal_image(session.input.signal, {});
  outcome.record = QString::fromStdString(json_text(record, 2) + "\n");
  outcome.task = session.run->request().task;
  outcome.seed = session.run->request().seed;
  outcome.seconds = result.seconds;
  outcome.stopped = result.stopped;
  outcome.masked = hole.defined();
  return outcome;
}

/// Throws what `read_run_state` throws; a file that cannot be read is removed, so that it is not offered for ever.
RunState interrupted_state(const std::filesystem::path& file) {
  try {
    return read_run_state(file);
  } catch (...) {
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    throw;
  }
}

}  // namespace

void PhotoRuns::start(const RunRequest& request, From from, const BranchPoint& point) {
  Work work;
  work.request = request;
  work.photo = document_->photo();
  work.color = document_->color();
  work.area = document_->area();
  work.mask = document_->mask();
  work.path = document_->path();
  work.from = from;
  work.point = point;
  work.state_file = state_file_;
  work.interval = preview_interval_;
  suspended_->store(false);
  // The answer of a run that is still on is not shown: this one is the newest.
  begin(
      State::Running,
      [this, work = std::make_shared<Work>(std::move(work))](const Reply& reply, const std::stop_token& stop) {
        this->work(reply, std::move(*work), stop);
      },
      busy());
}

void PhotoRuns::work(const Reply& reply, Work work, const std::stop_token& stop) {
  double preview_seconds = 0;
  int count = 0;
  at::Tensor hole;
  RunObserver observer;
  observer.loading = [&](const std::string& name) { reply([this, name = text(name)] { Q_EMIT loadingModel(name); }); };
  observer.notice = [&](const FallBack& f) { reply([this, words = words(f)] { Q_EMIT notice(words); }); };
  observer.begun = [&](const Run&, const RunInput& input) {
    hole = input.hole;
    work.photo.reset();
  };
  const auto slot = std::make_shared<Mailbox<Frame>>();
  observer.iterate = [&](const Run& run, const Iterate& it) {
    if (work.interval == 0 || count++ % work.interval != 0) return;
    const auto clock = std::chrono::steady_clock::now();
    reply.latest<Frame>(slot, make_frame(run, hole, it, watched_->load()),
                        [this](const Frame& frame) { Q_EMIT iterate(frame); });
    preview_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  };
  try {
    at::set_num_threads(runThreads());
    nlohmann::json origin = nlohmann::json::object();
    if (!work.path.isEmpty()) origin["photo"] = QFileInfo(work.path).absoluteFilePath().toStdString();
    const std::string identity = std::to_string(reinterpret_cast<uintptr_t>(work.photo.get()));
    PhotoInput input({work.photo, work.color, mask_view(work.mask), origin, identity}, work.area);
    RunSession& session = shared_->session;
    RunPolicy policy;
    policy.state_file = work.state_file.toStdString();
    policy.suspended = [suspended = suspended_] { return suspended->load(); };
    session.set_policy(policy);
    SessionResult result;
    switch (work.from) {
      case From::Noise:
        result = session.run(work.request, input, observer, stop);
        break;
      case From::Iterate:
        result = session.branch(work.point, work.request, input, observer, stop);
        break;
      case From::Latest:
        result = session.go_on(work.request, input, observer, stop);
        break;
      case From::File:
        result = session.resume(interrupted_state(policy.state_file), work.request, input, observer, stop);
        break;
    }
    if (result.result.stopped && result.result.evaluations.forward == 0) {  // before there was anything to keep
      reply([this] {
        setState(State::Ready);
        Q_EMIT discarded();
      });
      return;
    }
    RunOutcome outcome = make_outcome(result);
    outcome.preview_seconds = preview_seconds;
    outcome.enlarged = observation_shrink(result.run->task(), work.request) > 1;
    outcome.area = work.area;
    outcome.mask = work.mask;
    reply([this, outcome] {
      setState(State::Ready);
      Q_EMIT finished(outcome);
    });
  } catch (const std::exception& e) {
    const QString message =
        out_of_memory(e) ? tr("Out of memory: take fewer samples at once or a smaller working area.") : one_line(e);
    reply([this, message] {
      setState(State::Ready);
      Q_EMIT failed(message);
    });
  }
}

}  // namespace mgdm::ui
