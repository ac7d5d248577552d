#include "ui/run_controller.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QFile>
#include <QFileInfo>
#include <QMetaObject>
#include <chrono>
#include <opencv2/imgproc.hpp>
#include <thread>

#include "core/checkpoints/safetensors.h"
#include "core/files/json_text.h"
#include "core/priors/catalogue.h"
#include "core/runs/photo_job.h"
#include "core/runs/trajectory.h"

namespace mgdm::ui {

namespace {

constexpr int64_t kTrajectoryCap = 512ll << 20;
constexpr double kStateInterval = 2;  // seconds between two writings of a run's state

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

bool out_of_memory(const std::exception& e) {
  if (dynamic_cast<const std::bad_alloc*>(&e) != nullptr) return true;
  const std::string what = e.what();  // LibTorch says it in words
  return what.find("out of memory") != std::string::npos || what.find("can't allocate memory") != std::string::npos;
}

std::string photo_name(const QString& path) {
  return path.isEmpty() ? std::string() : QFileInfo(path).absoluteFilePath().toStdString();
}

void write_state(const QString& file, const Iterate& it, const nlohmann::json& request, const WorkingArea& area,
                 const QString& photo) {
  try {
    const nlohmann::json run = {{"request", request},        {"step", it.step}, {"steps", it.steps},
                                {"gibbs", it.gibbs},         {"t", it.t},       {"area", area_json(area)},
                                {"photo", photo_name(photo)}};
    write_safetensors(file.toStdString(), {{{"x_t", it.x_t.cpu().contiguous()}, {"x0", it.x0.cpu().contiguous()}},
                                           {{"run", json_text(run)}}});
  } catch (const std::exception&) {
    // A safety net only: the run itself does not need it.
  }
}

}  // namespace

qint64 Frame::bytes() const {
  qint64 sum = noisy.sizeInBytes() + residual_map.sizeInBytes();
  for (const QImage& image : samples) sum += image.sizeInBytes();
  return sum;
}

/// What the worker keeps between jobs. Touched by the worker only, but for `prior` before the first run.
struct RunController::Shared {
  std::shared_ptr<const Prior> prior;
  std::string prior_name;
  Trajectory trajectory{kTrajectoryCap};  ///< of the newest run
  nlohmann::json request;                 ///< its complete request
  const Photo* photo = nullptr;           ///< what it ran on
  WorkingArea area;
};

/// Everything a run needs, taken on the GUI thread.
struct RunController::Job {
  RunRequest request;
  std::shared_ptr<const Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  WorkingArea area;
  QImage mask;
  QString path;
  std::optional<BranchPoint> from;
  bool from_latest = false, from_file = false;
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
  shared_->prior_name = prior->name;
  shared_->prior = std::move(prior);
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
      shared->trajectory.clear();  // of another photo
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
  if (state_ == State::Ready) start(request, std::nullopt, false);
}

void RunController::branch(const RunRequest& request, const BranchPoint& from) {
  if (state_ != State::Empty) start(request, from, false);
}

void RunController::goOnWithMask(const RunRequest& request) {
  if (busy()) start(request, std::nullopt, true);
}

std::optional<RunController::Interrupted> RunController::interrupted() const {
  if (state_file_.isEmpty() || !QFile::exists(state_file_)) return std::nullopt;
  try {
    const auto run = parse_json(read_safetensors_metadata(state_file_.toStdString()).at("run"));
    return Interrupted{QString::fromStdString(run.at("photo")), run.at("step"), run.at("steps")};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

void RunController::resume(const RunRequest& request) {
  if (state_ == State::Ready) start(request, std::nullopt, true, true);
}

void RunController::start(const RunRequest& request, std::optional<BranchPoint> from, bool from_latest,
                          bool from_file) {
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
  job.from_latest = from_latest;
  job.from_file = from_file;
  job.state_file = state_file_;
  job.interval = preview_interval_;
  job.threads = threads_ > 0 ? threads_ : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  worker_.post([this, number, job = std::move(job), shared = shared_, mailbox = mailbox_,
                watched = watched_](std::stop_token stop) mutable {
    const auto tell = [this, number](auto reply) {
      QMetaObject::invokeMethod(
          this,
          [this, number, reply] {
            if (number == job_) reply();
          },
          Qt::QueuedConnection);
    };
    const auto fail = [&](const QString& message) {
      if (!job.state_file.isEmpty()) QFile::remove(job.state_file);
      tell([this, message] {
        setState(State::Ready);
        Q_EMIT failed(message);
      });
    };
    std::string precision = "auto";
    at::Device device = at::hasCUDA() ? at::kCUDA : at::kCPU;
    const Photo* const identity = job.photo.get();
    at::Tensor signal, hole;
    for (;;) {
      try {
        at::set_num_threads(job.threads);
        RunRequest& wanted = job.request;
        if (!shared->prior || shared->prior_name != wanted.prior ||
            (precision == "float32" && shared->prior->precision != precision) ||
            (device.is_cpu() && !shared->prior->device.is_cpu())) {
          shared->prior.reset();  // never two models at once
          tell([this, name = QString::fromStdString(wanted.prior)] { Q_EMIT loadingModel(name); });
          shared->prior = std::make_shared<const Prior>(load_prior(find_prior(wanted.prior), device, precision));
          shared->prior_name = wanted.prior;
        }
        const Task& task = find_task(wanted.task, wanted.task_settings);
        SamplerStart begin;
        if (job.from_file) {
          const Checkpoint state = read_safetensors(job.state_file.toStdString());
          const auto saved = parse_json(state.metadata.at("run"));
          const cv::Size size = job.photo ? job.photo->pixels.size() : cv::Size();
          if (saved.at("photo") != photo_name(job.path) || !(area_from_json(saved.at("area"), size) == job.area)) {
            throw SettingError("the interrupted run was on another photo or working area");
          }
          Iterate it;
          it.step = saved.at("step");
          it.gibbs = saved.at("gibbs");
          it.t = saved.at("t");
          it.x_t = state.tensors.at("x_t").to(shared->prior->device);
          it.x0 = state.tensors.at("x0").to(shared->prior->device);
          shared->trajectory.clear();
          shared->trajectory.add(it);
          shared->photo = identity;
          shared->area = job.area;
          shared->request = saved.at("request");
          job.from_file = false;  // a second attempt finds it in memory
        }
        if (job.from || job.from_latest) {
          if (shared->photo != identity || !(shared->area == job.area)) {
            throw SettingError("the photo or the working area has changed since that run: start a new one");
          }
          const Iterate* it = job.from ? shared->trajectory.find(job.from->step, job.from->gibbs)
                              : shared->trajectory.kept().empty() ? nullptr
                                                                  : &shared->trajectory.kept().back();
          if (it != nullptr) {
            begin = {it->t, it->x_t, it->x0};
            wanted.branch = {{"request", shared->request},
                             {"step", it->step},
                             {"gibbs", it->gibbs},
                             {"chain", job.from ? job.from->sample : -1}};
            if (!job.from || job.from->sample < 0) wanted.samples = it->x_t.size(0);
          } else if (job.from) {
            throw SettingError("that iterate is no longer kept");
          }
        }
        WorkingArea seen = job.area;
        const double shrink =
            shrink_factor(task, complete_settings(task.settings, wanted.task_settings, "task " + task.name));
        if (wanted.observed && shrink > 1) {
          const auto multiple = static_cast<int>(shared->prior->size_multiple);
          const auto seen_side = [&](int side) {
            return std::max(1, static_cast<int>(std::lround(std::max(multiple, side / multiple * multiple) / shrink)));
          };
          seen.width = seen_side(job.area.width);
          seen.height = seen_side(job.area.height);
        }
        if (!signal.defined()) {
          signal = cut(*job.photo, *job.color, seen);
          if (task.needs_mask) hole = cut_mask(mask_view(job.mask), job.area);
          job.photo.reset();  // the document may change its pixels again without copying them
        }
        const Run run(shared->prior, wanted, signal, hole);
        shared->trajectory.clear();
        shared->photo = identity;
        shared->area = job.area;
        shared->request = run.record({}).at("request");

        int count = 0;
        double preview_seconds = 0, state_written = 0;
        const auto observe = [&](const Iterate& it) {
          shared->trajectory.add(it);
          if (!job.state_file.isEmpty() && it.t >= 2 && it.seconds - state_written > kStateInterval) {
            write_state(job.state_file, it, shared->request, job.area, job.path);
            state_written = it.seconds;
          }
          if (job.interval == 0 || count++ % job.interval != 0) return;
          const auto clock = std::chrono::steady_clock::now();
          Frame frame;
          const at::Tensor x0 = it.signal.defined() ? it.signal : shared->prior->codec->decode(it.x0);
          for (int64_t k = 0; k < x0.size(0); ++k) frame.samples.push_back(signal_image(x0[k], hole));
          frame.watched = std::clamp(watched->load(), 0, static_cast<int>(x0.size(0)) - 1);
          frame.noisy =
              signal_image(shared->prior->codec->decode(it.x_t.slice(0, frame.watched, frame.watched + 1))[0], {});
          if (it.residual.defined())
            frame.residual_map =
                heat_image(run.problem().residual_map(x0.slice(0, frame.watched, frame.watched + 1)), kResidualScale);
          frame.step = it.step;
          frame.steps = it.steps;
          frame.gibbs = it.gibbs;
          frame.t = it.t;
          frame.tau =
              it.tau.empty() ? 0 : it.tau[std::min<size_t>(it.tau.size() - 1, static_cast<size_t>(frame.watched))];
          frame.residual = it.residual.defined() ? it.residual.mean().item<double>() : 0;
          frame.update = it.update;
          frame.seconds = it.seconds;
          frame.evaluations = it.evaluations.forward + it.evaluations.backward;
          if (mailbox->put(std::move(frame))) {
            QMetaObject::invokeMethod(
                this, [this] { deliverFrame(); }, Qt::QueuedConnection);
          }
          preview_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
        };
        const RunResult result = run.execute(observe, stop, begin.x_t.defined() ? &begin : nullptr);
        if (result.stopped && result.evaluations.forward == 0) {  // stopped before there was anything to keep
          if (!job.state_file.isEmpty()) QFile::remove(job.state_file);
          tell([this] {
            setState(State::Ready);
            Q_EMIT discarded();
          });
          return;
        }
        if (!job.state_file.isEmpty()) QFile::remove(job.state_file);
        RunOutcome outcome;
        nlohmann::json record = complete_record(run, result);
        record["files"] = {{"area", area_json(seen)}};
        if (!job.path.isEmpty()) record["files"]["photo"] = QFileInfo(job.path).absoluteFilePath().toStdString();
        const auto figure = [&](const char* group, const char* name, size_t i) {
          return record.contains(group) ? record[group][name][i].get<double>() : 0.0;
        };
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
        outcome.observation = signal_image(run.problem().observation_image()[0], {});
        outcome.input = signal_image(signal, {});
        outcome.record = QString::fromStdString(json_text(record, 2) + "\n");
        outcome.seconds = result.seconds;
        outcome.preview_seconds = preview_seconds;
        outcome.stopped = result.stopped;
        outcome.masked = hole.defined();
        outcome.enlarged = wanted.observed && shrink > 1;
        outcome.area = job.area;
        outcome.mask = job.mask;
        tell([this, outcome] {
          setState(State::Ready);
          Q_EMIT finished(outcome);
        });
        return;
      } catch (const NumericalError& e) {
        if (precision == "float32" || shared->prior->precision == "float32") {
          fail(one_line(e));
          return;
        }
        precision = "float32";
        tell([this, what = one_line(e)] { Q_EMIT notice(tr("%1; trying again in float32.").arg(what)); });
      } catch (const std::exception& e) {
        if (out_of_memory(e) && job.request.samples > 1 && job.request.branch.is_null()) {
          job.request.samples = job.request.samples / 2;
          const auto fewer = static_cast<int>(job.request.samples);
          tell([this, fewer] { Q_EMIT notice(tr("Out of memory: going on with %n sample(s).", nullptr, fewer)); });
          continue;
        }
        const auto* known = dynamic_cast<const Error*>(&e);
        const bool a_mistake = dynamic_cast<const std::invalid_argument*>(&e) != nullptr || known != nullptr;
        if (device.is_cuda() &&
            !a_mistake) {  // too little memory there, or a device that this LibTorch was not built for
          device = at::kCPU;
          tell([this, what = one_line(e)] {
            Q_EMIT notice(tr("The graphics card cannot do it (%1); going on with the processor.").arg(what));
          });
          continue;
        }
        fail(out_of_memory(e) ? tr("Out of memory: take fewer samples at once or a smaller working area.")
                              : one_line(e));
        return;
      }
    }
  });
}

void RunController::deliverFrame() {
  if (auto frame = mailbox_->take(); frame && busy()) Q_EMIT iterate(*frame);
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
        if (task.name == "denoising") seen = seen + 0.3 * at::randn_like(seen);
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
