#include "ui/run_controller.h"

#include <ATen/Parallel.h>

#include <QFileInfo>
#include <QMetaObject>
#include <chrono>
#include <thread>

#include "core/priors/catalogue.h"
#include "core/runs/photo_job.h"

namespace mgdm::ui {

namespace {

at::Tensor tensor_of(const QImage& image) {  // any QImage -> uint8 [3, H, W]
  const QImage rgb = image.convertToFormat(QImage::Format_RGB888);
  return at::from_blob(const_cast<uchar*>(rgb.constBits()), {rgb.height(), rgb.width(), 3}, {rgb.bytesPerLine(), 3, 1},
                       at::TensorOptions().dtype(at::kByte))
      .permute({2, 0, 1})
      .contiguous();
}

at::Tensor mask_of(const QImage& image) {  // -> uint8 [H, W], 0 or 255
  const QImage grey = image.convertToFormat(QImage::Format_Grayscale8);
  return at::from_blob(const_cast<uchar*>(grey.constBits()), {grey.height(), grey.width()}, {grey.bytesPerLine(), 1},
                       at::TensorOptions().dtype(at::kByte))
      .gt(0)
      .to(at::kByte)
      .mul(255);
}

QImage image_of(const at::Tensor& pixels) {  // uint8 [3, H, W]
  const at::Tensor hwc = pixels.permute({1, 2, 0}).contiguous();
  return QImage(static_cast<const uchar*>(hwc.data_ptr()), static_cast<int>(hwc.size(1)), static_cast<int>(hwc.size(0)),
                static_cast<int>(hwc.size(1) * 3), QImage::Format_RGB888)
      .copy();
}

// Only sizes matter for fitting; the model itself may not be loaded yet.
Prior photo_sizes() {
  Prior p;
  p.size_multiple = 8;
  p.min_size = 64;
  p.max_size = 512;
  return p;
}

QString one_line(const std::exception& e) {
  return QString::fromUtf8(e.what()).section('\n', 0, 0);
}

}  // namespace

/// What the worker keeps between jobs. Touched by the worker only, but for `prior` before the first run.
struct RunController::Shared {
  std::shared_ptr<const Prior> prior;
  std::string prior_name;
};

RunController::RunController(QObject* parent) : QObject(parent), shared_(std::make_shared<Shared>()) {
  qRegisterMetaType<Frame>();
  qRegisterMetaType<RunOutcome>();
}

RunController::~RunController() = default;

void RunController::setPrior(std::shared_ptr<const Prior> prior) {
  shared_->prior_name = prior->name;
  shared_->prior = std::move(prior);
}

void RunController::setState(State state) {
  if (state == state_) return;
  state_ = state;
  Q_EMIT stateChanged(state);
}

void RunController::openPhoto(const QString& path, int size) {
  if (state_ == State::Running || state_ == State::Stopping) discard();
  const quint64 job = ++job_;
  worker_.post([this, job, path, size](std::stop_token) {
    try {
      const at::Tensor pixels = read_image(path.toStdString());
      const QImage image = image_of(fit_for_prior(pixels, size, photo_sizes()));
      QMetaObject::invokeMethod(this, [this, job, image, path] { if (job == job_) adoptPhoto(image, path); }, Qt::QueuedConnection);
    } catch (const std::exception& e) {
      const QString message = one_line(e);
      QMetaObject::invokeMethod(this, [this, job, message] { if (job == job_) Q_EMIT failed(message); }, Qt::QueuedConnection);
    }
  });
}

void RunController::openImage(const QImage& source, int size) {
  if (source.isNull()) {
    Q_EMIT failed(tr("The clipboard holds no picture."));
    return;
  }
  if (state_ == State::Running || state_ == State::Stopping) discard();
  const quint64 job = ++job_;
  worker_.post([this, job, source, size](std::stop_token) {
    const QImage image = image_of(fit_for_prior(tensor_of(source), size, photo_sizes()));
    QMetaObject::invokeMethod(this, [this, job, image] { if (job == job_) adoptPhoto(image, {}); }, Qt::QueuedConnection);
  });
}

void RunController::adoptPhoto(const QImage& image, const QString& path) {
  photo_ = image;
  photo_path_ = path;
  setState(State::Ready);
  Q_EMIT photoOpened(photo_);
}

void RunController::run(const RunRequest& request, const QImage& mask) {
  if (state_ != State::Ready) return;
  keep_ = true;
  const quint64 job = ++job_;
  mailbox_->take();
  setState(State::Running);
  const int threads = threads_ > 0 ? threads_ : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  worker_.post([this, job, request, mask, photo = photo_, path = photo_path_, shared = shared_, mailbox = mailbox_,
                interval = preview_interval_, threads](std::stop_token stop) {
    const auto answer = [this, job](auto reply) {
      QMetaObject::invokeMethod(this, [this, job, reply] { if (job == job_) reply(); }, Qt::QueuedConnection);
    };
    try {
      at::set_num_threads(threads);
      if (!shared->prior || shared->prior_name != request.prior) {
        shared->prior = std::make_shared<const Prior>(load_prior(find_prior(request.prior), at::kCPU, "auto"));
        shared->prior_name = request.prior;
      }
      RunRequest wanted = request;
      const Task& task = find_task(wanted.task, wanted.task_settings);
      at::Tensor pixels = tensor_of(photo);
      if (wanted.observed && task.shrink > 1) {
        Prior small = *shared->prior;
        small.max_size /= task.shrink;
        pixels = fit_for_prior(pixels, std::min(pixels.size(1), pixels.size(2)) / task.shrink, small);
      }
      const at::Tensor hole = task.needs_mask && !mask.isNull() ? mask_of(mask).gt(0) : at::Tensor();
      const Run run(shared->prior, wanted, to_signal(pixels), hole);
      int count = 0;
      double preview_seconds = 0;
      const RunResult result = run.execute(
          [&](const Iterate& it) {
            if (interval == 0 || count++ % interval != 0) return;
            const auto begin = std::chrono::steady_clock::now();
            Frame frame;
            frame.image = image_of(to_pixels(run.keep_known(shared->prior->codec->decode(it.x0.slice(0, 0, 1)).to(at::kCPU))[0]));
            frame.step = it.step;
            frame.steps = it.steps;
            frame.gibbs = it.gibbs;
            frame.t = it.t;
            frame.tau = it.tau.empty() ? 0 : it.tau.front();
            frame.residual = it.residual.defined() ? it.residual.mean().item<double>() : 0;
            frame.update = it.update;
            frame.seconds = it.seconds;
            frame.evaluations = it.evaluations.forward + it.evaluations.backward;
            if (mailbox->put(std::move(frame))) {
              QMetaObject::invokeMethod(this, [this] { deliverFrame(); }, Qt::QueuedConnection);
            }
            preview_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
          },
          stop);
      if (result.stopped && result.evaluations.forward == 0) {  // stopped before there was anything to keep
        answer([this] {
          setState(State::Ready);
          Q_EMIT discarded();
        });
        return;
      }
      RunOutcome outcome;
      for (int64_t i = 0; i < result.samples.size(0); ++i) outcome.samples.push_back(image_of(to_pixels(result.samples[i])));
      outcome.observation = image_of(to_pixels(run.observation_image()[0]));
      nlohmann::json record = complete_record(run, result);
      if (!path.isEmpty()) {
        record["files"] = {{"photo", QFileInfo(path).absoluteFilePath().toStdString()}, {"size", std::min(photo.width(), photo.height())}};
      }
      if (record.contains("metrics")) outcome.psnr = record["metrics"]["psnr"][0];
      outcome.record = QString::fromStdString(record.dump(2) + "\n");
      outcome.seconds = result.seconds;
      outcome.preview_seconds = preview_seconds;
      outcome.stopped = result.stopped;
      answer([this, outcome] {
        setState(State::Ready);
        Q_EMIT finished(outcome);
      });
    } catch (const std::bad_alloc&) {
      answer([this] {
        setState(State::Ready);
        Q_EMIT failed(tr("Out of memory: take fewer samples at once or a smaller photo."));
      });
    } catch (const std::exception& e) {
      const QString message = one_line(e);
      answer([this, message] {
        setState(State::Ready);
        Q_EMIT failed(message);
      });
    }
  });
}

void RunController::deliverFrame() {
  if (auto frame = mailbox_->take(); frame && (state_ == State::Running || state_ == State::Stopping)) Q_EMIT iterate(*frame);
}

void RunController::stopAndKeep() {
  if (state_ != State::Running) return;
  setState(State::Stopping);
  worker_.stop();
}

void RunController::discard() {
  if (state_ != State::Running && state_ != State::Stopping) return;
  ++job_;  // whatever the worker still sends is not shown
  worker_.stop();
  mailbox_->take();
  setState(State::Ready);
  Q_EMIT discarded();
}

}  // namespace mgdm::ui
