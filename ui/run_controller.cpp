#include "ui/run_controller.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QFile>
#include <QFileInfo>
#include <QMetaObject>
#include <chrono>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/runs/photo_input.h"
#include "core/runs/photo_job.h"

namespace mgdm::ui {

namespace {

QImage rgb_image(const at::Tensor& pixels) {  // uint8 [3, H, W]
  const at::Tensor hwc = pixels.permute({1, 2, 0}).contiguous();
  return QImage(static_cast<const uchar*>(hwc.data_ptr()), static_cast<int>(hwc.size(1)), static_cast<int>(hwc.size(0)),
                static_cast<int>(hwc.size(1) * 3), QImage::Format_RGB888)
      .copy();
}

/// float [3, H, W] in [-1, 1] as an opaque picture, or with a hole [H, W] (bool) transparent outside it.
QImage signal_image(const at::Tensor& signal, const at::Tensor& hole) {
  const at::Tensor pixels = to_pixels(signal.to(at::kCPU));
  if (!hole.defined()) return rgb_image(pixels).convertToFormat(QImage::Format_RGB32);
  const at::Tensor alpha = hole.to(at::kByte).mul(255).unsqueeze(0);
  const at::Tensor hwc = at::cat({pixels, alpha}).permute({1, 2, 0}).contiguous();
  return QImage(static_cast<const uchar*>(hwc.data_ptr()), static_cast<int>(hwc.size(1)), static_cast<int>(hwc.size(0)),
                static_cast<int>(hwc.size(1) * 4), QImage::Format_RGBA8888)
      .convertToFormat(QImage::Format_ARGB32_Premultiplied);
}

/// Values [H, W] in [0, peak] through the colour scale.
QImage heat_image(const at::Tensor& values, double peak) {
  const at::Tensor level = values.mul(255 / std::max(peak, 1e-12)).clamp(0, 255).round().to(at::kByte).contiguous();
  const cv::Mat grey(static_cast<int>(level.size(0)), static_cast<int>(level.size(1)), CV_8UC1, level.data_ptr());
  cv::Mat colour;
  cv::applyColorMap(grey, colour, cv::COLORMAP_INFERNO);
  return QImage(colour.data, colour.cols, colour.rows, static_cast<qsizetype>(colour.step), QImage::Format_BGR888)
      .convertToFormat(QImage::Format_RGB32);
}

Sample make_sample(const at::Tensor& signal, const at::Tensor& hole) {
  Sample sample;
  sample.image = signal_image(signal, hole);
  const at::Tensor levels =
      signal.to(at::kCPU, at::kFloat).add(1).mul(0.5 * 65535).clamp(0, 65535).permute({1, 2, 0}).contiguous();
  cv::Mat(static_cast<int>(levels.size(0)), static_cast<int>(levels.size(1)), CV_32FC3, levels.data_ptr())
      .convertTo(sample.deep, CV_16U);
  return sample;
}

cv::Mat mask_view(const QImage& mask) {
  return cv::Mat(mask.height(), mask.width(), CV_8UC1, const_cast<uchar*>(mask.constBits()),
                 static_cast<size_t>(mask.bytesPerLine()));
}

QString one_line(const std::exception& e) { return QString::fromUtf8(e.what()).section('\n', 0, 0); }

}  // namespace

qint64 Frame::bytes() const {
  qint64 sum = noisy.sizeInBytes() + residual_map.sizeInBytes();
  for (const QImage& image : samples) sum += image.sizeInBytes();
  return sum;
}

/// What the worker keeps between jobs. Touched by the worker only, but for the models before the first run.
struct RunController::Shared {
  ModelPool pool;
  RunSession session{pool};
};

/// Everything a run needs, taken on the GUI thread.
struct RunController::Job {
  RunRequest request;
  std::shared_ptr<const Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  WorkingArea area;
  QImage mask;
  QString path;
  From from = From::Noise;
  BranchPoint point;
  QString state_file;
  int interval = 1, threads = 1;
};

RunController::RunController(Document* document, QObject* parent)
    : QObject(parent), document_(document), shared_(std::make_shared<Shared>()) {
  qRegisterMetaType<Frame>();
  qRegisterMetaType<RunOutcome>();
}

RunController::~RunController() = default;

void RunController::setPrior(std::shared_ptr<const Prior> prior) {
  shared_->pool = ModelPool([prior = std::move(prior)](const std::string& name, const ModelPlace& place) {
    if (name == prior->name) return *prior;
    return load_model(name, place);
  });
}

void RunController::setState(State state) {
  if (state == state_) return;
  state_ = state;
  Q_EMIT stateChanged(state);
}

void RunController::openPhoto(const QString& path) {
  load([path] { return load_photo(path); });
}

void RunController::openImage(const QImage& image) {
  if (image.isNull()) {
    Q_EMIT failed(tr("The clipboard holds no picture."));
    return;
  }
  load([image] { return load_photo(image); });
}

void RunController::load(std::function<LoadedPhoto()> read) {
  discard();
  const quint64 job = ++job_;
  worker_.post([this, job, read = std::move(read), shared = shared_](std::stop_token) {
    try {
      const auto loaded = std::make_shared<LoadedPhoto>(read());
      shared->session.forget();  // of another photo
      Estimate estimate;
      estimate.jpeg_quality = loaded->photo->jpeg_quality;
      const cv::Size size = loaded->photo->pixels.size();
      // The noise of the photo as the network will see it.
      estimate.noise = estimate_noise(cut(*loaded->photo, *loaded->color, whole_photo_area(size, 256)));
      QMetaObject::invokeMethod(
          this,
          [this, job, loaded, estimate] {
            if (job != job_) return;
            document_->open(std::move(*loaded));
            setState(State::Ready);
            Q_EMIT photoOpened();
            Q_EMIT estimated(estimate);
          },
          Qt::QueuedConnection);
    } catch (const std::bad_alloc&) {
      QMetaObject::invokeMethod(
          this,
          [this, job] {
            if (job == job_) Q_EMIT failed(tr("The photo is too large for this computer's memory."));
          },
          Qt::QueuedConnection);
    } catch (const std::exception& e) {
      const QString message = one_line(e);
      QMetaObject::invokeMethod(
          this,
          [this, job, message] {
            if (job == job_) Q_EMIT failed(message);
          },
          Qt::QueuedConnection);
    }
  });
}

void RunController::run(const RunRequest& request) {
  if (state_ == State::Ready) start(request, From::Noise);
}

void RunController::branch(const RunRequest& request, const BranchPoint& from) {
  if (state_ != State::Empty) start(request, From::Iterate, from);
}

void RunController::goOnWithMask(const RunRequest& request) {
  if (busy()) start(request, From::Latest);
}

std::optional<RunController::Interrupted> RunController::interrupted() const {
  if (state_file_.isEmpty() || !QFile::exists(state_file_)) return std::nullopt;
  try {
    const RunState state = read_run_state_summary(state_file_.toStdString());
    return Interrupted{QString::fromStdString(state.origin.value("photo", std::string())), state.iterate.step,
                       state.iterate.steps};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void RunController::resume(const RunRequest& request) {
  if (state_ == State::Ready) start(request, From::File);
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
  outcome.seconds = result.seconds;
  outcome.stopped = result.stopped;
  outcome.masked = hole.defined();
  return outcome;
}

}  // namespace

QString RunController::words(const FallBack& f) {
  const QString reason = QString::fromStdString(f.reason);
  switch (f.kind) {
    case FallBack::Kind::Float32:
      return tr("%1; trying again in float32.").arg(reason);
    case FallBack::Kind::FewerSamples:
      return tr("Out of memory: going on with %n sample(s).", nullptr, static_cast<int>(f.samples));
    default:
      return tr("The graphics card cannot do it (%1); going on with the processor.").arg(reason);
  }
}

void RunController::start(const RunRequest& request, From from, const BranchPoint& point) {
  if (busy()) worker_.stop();  // its answer is not shown: this job is the newest
  const quint64 number = ++job_;
  mailbox_->take();
  setState(State::Running);
  Job job;
  job.request = request;
  job.photo = document_->photo();
  job.color = document_->color();
  job.area = document_->area();
  job.mask = document_->mask();
  job.path = document_->path();
  job.from = from;
  job.point = point;
  job.state_file = state_file_;
  job.interval = preview_interval_;
  job.threads = threads_ > 0 ? threads_ : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  worker_.post(
      [this, number, job = std::move(job)](std::stop_token stop) mutable { work(number, std::move(job), stop); });
}

void RunController::work(quint64 number, Job job, const std::stop_token& stop) {
  const auto tell = [this, number](auto reply) {
    QMetaObject::invokeMethod(
        this,
        [this, number, reply] {
          if (number == job_) reply();
        },
        Qt::QueuedConnection);
  };
  double preview_seconds = 0;
  int count = 0;
  RunObserver observer;
  observer.loading = [&](const std::string& name) {
    tell([this, name = QString::fromStdString(name)] { Q_EMIT loadingModel(name); });
  };
  observer.notice = [&](const FallBack& f) { tell([this, text = words(f)] { Q_EMIT notice(text); }); };
  at::Tensor hole;
  observer.begun = [&](const Run&, const RunInput& input) {
    hole = input.hole;
    job.photo.reset();
  };
  observer.iterate = [&](const Run& run, const Iterate& it) {
    if (job.interval == 0 || count++ % job.interval != 0) return;
    const auto clock = std::chrono::steady_clock::now();
    if (mailbox_->put({number, make_frame(run, hole, it, watched_->load())})) {
      QMetaObject::invokeMethod(
          this, [this] { deliverFrame(); }, Qt::QueuedConnection);
    }
    preview_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
  };
  try {
    at::set_num_threads(job.threads);
    nlohmann::json origin = nlohmann::json::object();
    if (!job.path.isEmpty()) origin["photo"] = QFileInfo(job.path).absoluteFilePath().toStdString();
    const std::string identity = std::to_string(reinterpret_cast<uintptr_t>(job.photo.get()));
    PhotoInput input(job.photo, job.color, mask_view(job.mask), {.area = job.area}, origin, identity);
    RunSession& session = shared_->session;
    RunPolicy policy;
    policy.state_file = job.state_file.toStdString();
    session.set_policy(policy);
    SessionResult result;
    switch (job.from) {
      case From::Noise:
        result = session.run(job.request, input, observer, stop);
        break;
      case From::Iterate:
        result = session.branch(job.point, job.request, input, observer, stop);
        break;
      case From::Latest:
        result = session.go_on(job.request, input, observer, stop);
        break;
      case From::File:
        result = session.resume(read_run_state(policy.state_file), job.request, input, observer, stop);
        break;
    }
    if (result.result.stopped && result.result.evaluations.forward == 0) {  // before there was anything to keep
      tell([this] {
        setState(State::Ready);
        Q_EMIT discarded();
      });
      return;
    }
    RunOutcome outcome = make_outcome(result);
    outcome.preview_seconds = preview_seconds;
    outcome.enlarged = input.enlarged_by() > 1;
    outcome.area = job.area;
    outcome.mask = job.mask;
    tell([this, outcome] {
      setState(State::Ready);
      Q_EMIT finished(outcome);
    });
  } catch (const std::exception& e) {
    const QString message =
        out_of_memory(e) ? tr("Out of memory: take fewer samples at once or a smaller working area.") : one_line(e);
    tell([this, message] {
      setState(State::Ready);
      Q_EMIT failed(message);
    });
  }
}

void RunController::deliverFrame() {
  // One of a run before this one may still have lain there.
  if (auto sent = mailbox_->take(); sent && sent->first == job_ && busy()) Q_EMIT iterate(sent->second);
}

void RunController::stopAndKeep() {
  if (state_ != State::Running) return;
  setState(State::Stopping);
  worker_.stop();
}

void RunController::discard() {
  if (!busy()) return;
  ++job_;  // whatever the worker still sends is not shown
  worker_.stop();
  mailbox_->take();
  setState(State::Ready);
  Q_EMIT discarded();
}

void RunController::makeThumbnails(const QString& photo) {
  worker_.post([this, photo](std::stop_token stop) {
    constexpr int kSide = 64;
    try {
      const Photo source = read_photo(photo.toStdString());
      const cv::Size size = source.pixels.size();
      const at::Tensor clean =
          cut(source, ColorTransform(source.color_profile),
              square_area(size, {size.width * 0.62, size.height * 0.45}, size.height * 0.6, kSide));
      at::NoGradGuard no_grad;
      at::Tensor stroke = at::zeros({kSide, kSide}, at::kBool);
      stroke.slice(0, 24, 36).slice(1, 10, 54).fill_(true);
      for (const Task& task : tasks()) {
        if (stop.stop_requested()) return;
        const auto op = make_operator(task, complete_settings(task.settings, {}, task.name), {3, kSide, kSide},
                                      task.needs_mask ? stroke : at::Tensor());
        at::Tensor seen = op->apply(clean.unsqueeze(0));
        if (task.example_noise > 0) seen = seen + task.example_noise * at::randn_like(seen);
        const QImage image =
            signal_image(op->display(seen)[0], {}).scaled(kSide, kSide, Qt::IgnoreAspectRatio, Qt::FastTransformation);
        QMetaObject::invokeMethod(
            this, [this, name = QString::fromStdString(task.name), image] { Q_EMIT thumbnail(name, image); },
            Qt::QueuedConnection);
      }
    } catch (const std::exception&) {
      // Decoration only: without it the list shows names.
    }
  });
}

}  // namespace mgdm::ui
