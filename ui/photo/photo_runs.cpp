#include "ui/photo/photo_runs.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <chrono>
#include <functional>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <utility>

#include "core/files/json_text.h"
#include "core/runs/photo_input.h"
#include "core/runs/photo_run.h"
#include "core/runs/run_cost.h"
#include "core/runs/run_session.h"
#include "core/samplers/preview_budget.h"
#include "core/threads/pause.h"
#include "ui/jobs/processor_threads.h"
#include "ui/photo/document.h"
#include "ui/photo/pace.h"
#include "ui/widgets/words.h"

namespace mgdm::ui {

/// What the worker keeps between jobs. Touched by the worker only, but for the models before the first run.
struct PhotoRuns::Shared {
  ModelPool pool;
  RunSession session{pool};
  // Of the newest run, to go on with: its plan, and what of it was finished before its last pass.
  PhotoPlan plan;
  size_t pass = 0;
  size_t iterate_pass = 0;  // of the iterates that are kept: the one before until a new pass has shown one
  std::vector<PhotoPatch> patches;
  std::vector<SessionResult> finals;
  // What it had taken before that pass.
  double seconds = 0;
  int64_t evaluations = 0;
  // How fast a model is here.
  std::string paced_model;
  double seconds_per_megapixel = 0;
};

/// Everything a run needs, taken on the GUI thread.
struct PhotoRuns::Work {
  RunRequest request;
  std::shared_ptr<const Photo> photo;
  std::shared_ptr<const ColorTransform> color;
  WorkingArea area;
  bool own_pixels = true, whole = true;
  QImage mask;
  QString path;
  From from = From::Noise;
  BranchPoint point;
  QString state_file;
  int interval = 1;
  bool stops_to_choose = false;
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

void PhotoRuns::openResult(const cv::Mat& deep, const QString& name) {
  load([deep, name, sixteen_bit = document_->sixteenBit()] { return load_result(deep, sixteen_bit, name); });
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
      const cv::Size size = loaded.photo->pixels.size();
      // The noise of its own pixels, in the middle.
      const cv::Size part(std::min(size.width, 1024), std::min(size.height, 1024));
      const cv::Rect middle((size.width - part.width) / 2, (size.height - part.height) / 2, part.width, part.height);
      result.estimate.noise = estimate_noise(cut(*loaded.photo, *loaded.color, {middle, part.width, part.height}));
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

void PhotoRuns::goOnWith(const RunRequest& request, const std::set<int>& samples) {
  if (busy() && !samples.empty()) start(request, From::Chosen, {.samples = {samples.begin(), samples.end()}});
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

constexpr double kShownPixels = 2e6;  // of an iterate's picture at most: more is not seen in a window

/// Halved as often as it takes to be shown.
at::Tensor shown_size(const at::Tensor& signal) {
  at::Tensor x = signal.to(at::kCPU, at::kFloat);
  while (static_cast<double>(x.size(-1) * x.size(-2)) > kShownPixels) x = at::avg_pool2d(x, {2, 2});
  return x;
}

// `full`: decoded, and compared with what was observed.
Frame make_frame(const Run& run, const WorkingArea& area, const at::Tensor& hole, const Iterate& it, int watched,
                 bool full) {
  const Codec& codec = *run.prior().codec;
  Frame frame;
  const auto inside = [&](const at::Tensor& x) { return x.slice(-2, 0, area.height).slice(-1, 0, area.width); };
  const at::Tensor x0 = inside(full ? it.signal() : codec.preview(it.x0));
  const at::Tensor small = shown_size(x0);
  frame.linear = !full;
  frame.reduced = frame.linear || small.size(-1) != x0.size(-1);
  at::Tensor small_hole = hole;
  if (small_hole.defined() && small.size(-1) != x0.size(-1))
    small_hole =
        std::get<0>(at::adaptive_max_pool2d(hole.to(at::kFloat).unsqueeze(0), {small.size(-2), small.size(-1)}))[0].ne(
            0);
  for (int64_t k = 0; k < x0.size(0); ++k) frame.samples.push_back(signal_image(small[k], small_hole));
  frame.watched = std::clamp(watched, 0, static_cast<int>(x0.size(0)) - 1);
  frame.noisy = signal_image(shown_size(codec.preview(it.x_t.slice(0, frame.watched, frame.watched + 1)))[0], {});
  if (!full) {
    frame.residual = std::numeric_limits<double>::quiet_NaN();
  } else if (it.residual().defined()) {
    const at::Tensor map = inside(run.problem().residual_map(it.signal().slice(0, frame.watched, frame.watched + 1)));
    frame.residual_map = heat_image(shown_size(map.unsqueeze(0))[0], kResidualScale);
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

/// The patches' sample `index` on one picture around all of them, CV_16UC3.
cv::Mat deep_of(const std::vector<PhotoPatch>& patches, const cv::Rect& around,
                const at::Tensor& (*pick)(const PhotoPatch&), int64_t index) {
  cv::Mat all;
  for (const PhotoPatch& patch : patches) {
    const cv::Mat one = make_sample(pick(patch)[index], {}).deep;
    if (patches.size() == 1) return one;
    if (all.empty()) all = cv::Mat::zeros(around.size(), CV_16UC3);
    one.copyTo(all(patch.area.rect - around.tl()));
  }
  return all;
}

/// The result's share of each pixel of `area`, as it will be put into the photo.
cv::Mat weight_of(const std::vector<PhotoPatch>& patches, const WorkingArea& area, const QImage& mask, cv::Size photo) {
  cv::Mat all;
  for (const PhotoPatch& patch : patches) {
    PasteOptions options;
    if (patch.painted) options.mask = mask_view(mask);
    cv::Mat one;
    paste_weight(photo, patch.area, options).convertTo(one, CV_16U, 65535);
    if (patches.size() == 1) return one;
    if (all.empty()) all = cv::Mat::zeros(area.rect.size(), CV_16UC1);
    one.copyTo(all(patch.area.rect - area.rect.tl()));
  }
  return all;
}

RunOutcome make_outcome(const PhotoResult& result, const PhotoSource& source, const QImage& mask) {
  const SessionResult& last = result.finals.back();
  nlohmann::json record = photo_record(result, source);
  const auto figure = [&](const char* group, const char* name, size_t i) {
    return record.contains(group) ? record[group][name][i].get<double>() : 0.0;
  };
  RunOutcome outcome;
  outcome.masked = result.patches.front().painted;
  const cv::Size photo = source.photo->pixels.size();
  outcome.area = result.patches.front().area;
  if (result.patches.size() > 1) {
    cv::Rect around = outcome.area.rect;
    for (const PhotoPatch& patch : result.patches) around |= patch.area.rect;
    outcome.area = {around, around.width, around.height};
  }
  outcome.enlarged = outcome.area.width > outcome.area.rect.width && result.plan.front().area.scale() < 1 &&
                     observation_shrink(last.run->task(), last.run->request()) > 1;
  const bool own_pixels =
      outcome.area.width == outcome.area.rect.width && outcome.area.height == outcome.area.rect.height;
  if (!outcome.enlarged) outcome.weight = weight_of(result.patches, outcome.area, mask, photo);
  const at::Tensor hole = outcome.masked && !own_pixels ? last.input.hole : at::Tensor();
  const auto picture = [&](const at::Tensor& (*pick)(const PhotoPatch&), int64_t i) {
    Sample sample;
    sample.deep = deep_of(result.patches, outcome.area.rect, pick, i);
    // What is seen is what is put in: the same weights.
    sample.image = own_pixels && !outcome.weight.empty() && outcome.masked ? weighted_image(sample.deep, outcome.weight)
                   : hole.defined() ? signal_image(pick(result.patches.front())[i], hole)
                                    : shallow_image(sample.deep).convertToFormat(QImage::Format_RGB32);
    return sample;
  };
  const auto samples_of = [](const PhotoPatch& patch) -> const at::Tensor& { return patch.samples; };
  const int64_t count = result.patches.front().samples.size(0);
  for (int64_t i = 0; i < count; ++i) {
    Sample sample = picture(samples_of, i);
    sample.psnr = figure("metrics", "psnr", static_cast<size_t>(i));
    sample.ssim = figure("metrics", "ssim", static_cast<size_t>(i));
    if (record.contains("residual")) sample.residual = record["residual"][static_cast<size_t>(i)].get<double>();
    outcome.samples.push_back(std::move(sample));
  }
  if (count > 1) {
    PhotoResult mean;
    mean.patches = result.patches;
    for (PhotoPatch& patch : mean.patches) patch.samples = patch.samples.mean(0, true);
    outcome.mean.deep = deep_of(mean.patches, outcome.area.rect, samples_of, 0);
    outcome.mean.image = own_pixels && !outcome.weight.empty() && outcome.masked
                             ? weighted_image(outcome.mean.deep, outcome.weight)
                         : hole.defined() ? signal_image(mean.patches.front().samples[0], hole)
                                          : shallow_image(outcome.mean.deep).convertToFormat(QImage::Format_RGB32);
    outcome.mean.psnr = figure("metrics_of_mean", "psnr", 0);
    outcome.mean.ssim = figure("metrics_of_mean", "ssim", 0);
    // Per pixel over the samples, the colours' root mean square, as a share of black to white.
    at::Tensor deviation;
    for (const PhotoPatch& patch : result.patches) {
      const at::Tensor one = patch.samples.clamp(-1, 1).var(0, false).mean(0).sqrt() / 2;
      if (result.patches.size() == 1) {
        deviation = one;
        break;
      }
      if (!deviation.defined()) deviation = at::zeros({outcome.area.height, outcome.area.width});
      const cv::Rect at_ = patch.area.rect - outcome.area.rect.tl();
      deviation.slice(0, at_.y, at_.y + at_.height).slice(1, at_.x, at_.x + at_.width).copy_(one);
    }
    outcome.deviation_peak = std::max(0.01, deviation.max().item<double>());
    outcome.deviation = heat_image(deviation, outcome.deviation_peak);
  }
  outcome.observation = signal_image(shown_size(last.run->problem().observation_image())[0], {});
  const at::Tensor under = own_pixels ? cut(*source.photo, *source.color, outcome.area) : last.input.signal;
  outcome.input = signal_image(shown_size(under.unsqueeze(0))[0], {});
  record["files"]["result"] = area_json(outcome.area);  // for the history
  outcome.record = QString::fromStdString(json_text(record, 2) + "\n");
  outcome.task = last.run->request().task;
  outcome.seed = last.run->request().seed;
  outcome.seconds = result.seconds;
  outcome.stopped = result.stopped;
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

namespace {

/// What a person asked for on this document.
PhotoWish wish_of(const WorkingArea& area, bool own_pixels, bool whole) {
  if (!own_pixels) return {.area = area};
  if (whole) return {};
  return {.part = area.rect};
}

/// The plan of a run that is at pass `from`, with the mask as it is now: what is painted where it works is filled
/// there, what is painted elsewhere comes after all others. nullopt where nothing is painted there any more.
std::optional<PhotoPlan> replanned(PhotoPlan plan, size_t from, const cv::Mat& mask, const Prior& prior) {
  if (from >= plan.size()) return std::nullopt;
  size_t first = from, last = from;
  while (first > 0 && plan[first].refines > 0) --first;
  while (!finishes_region(plan, last)) ++last;
  const cv::Rect inside = plan[last].area.rect, painted = cv::boundingRect(mask(inside) > 0);
  if (painted.empty()) return std::nullopt;
  for (size_t k = first; k <= last; ++k) plan[k].kept = painted + inside.tl();
  cv::Mat rest = mask.clone();
  for (const PhotoPass& pass : plan) rest(pass.kept).setTo(0);
  const PhotoPlan more = plan_filling(rest, prior);
  plan.insert(plan.end(), more.begin(), more.end());
  return plan;
}

}  // namespace

namespace {

/// Of regions that are finished already the samples that go on, so that all have the same number.
void keep_chosen(PhotoContinuation& on, const std::vector<int>& samples) {
  const at::Tensor chosen = at::tensor(std::vector<int64_t>(samples.begin(), samples.end()));
  const auto keep = [&](at::Tensor& x) {
    if (x.defined() && x.size(0) > *std::max_element(samples.begin(), samples.end())) x = x.index_select(0, chosen);
  };
  for (PhotoPatch& patch : on.patches) keep(patch.samples);
  for (SessionResult& one : on.finals) {
    keep(one.result.samples);
    keep(one.result.residual);
  }
}

}  // namespace

PhotoSource PhotoRuns::sourceOf(const Work& work) {
  PhotoSource source;
  source.photo = work.photo;
  source.color = work.color;
  // The mask is the job's own copy, implicitly shared; it lives as long as the work does.
  source.mask = mask_view(work.mask);
  if (cv::countNonZero(source.mask) == 0) source.mask = cv::Mat();
  source.origin = nlohmann::json::object();
  if (work.own_pixels && !work.whole) source.origin["part"] = area_json(work.area);
  if (!work.path.isEmpty()) source.origin["photo"] = QFileInfo(work.path).absoluteFilePath().toStdString();
  source.identity = std::to_string(reinterpret_cast<uintptr_t>(work.photo.get()));
  return source;
}

PhotoRuns::Work PhotoRuns::workNow(const RunRequest& request) const {
  Work work;
  work.request = request;
  work.photo = document_->photo();
  work.color = document_->color();
  work.area = document_->area();
  work.own_pixels = document_->detail() == 0;
  work.whole = document_->areaIsWholePhoto();
  work.mask = document_->mask();
  work.path = document_->path();
  work.state_file = state_file_;
  work.interval = preview_interval_;
  work.stops_to_choose = stops_to_choose_ && request.samples > 1;
  return work;
}

void PhotoRuns::expect(const RunRequest& request) {
  if (state() != State::Ready) return;
  const auto work = std::make_shared<Work>(workNow(request));
  begin(
      State::Ready,
      [this, work, shared = shared_](const Reply& reply, const std::stop_token& stop) {
        try {
          at::set_num_threads(runThreads());
          if (stop.stop_requested()) return;
          const auto prior = shared->session.model(work->request.prior);
          if (shared->paced_model != prior->name) {
            if (stop.stop_requested()) return;
            shared->seconds_per_megapixel = seconds_per_megapixel(*prior);
            shared->paced_model = prior->name;
          }
          RunRequest checked = work->request;
          const Task& task = find_task(checked.task, checked.task_settings);
          const PhotoSource source = sourceOf(*work);
          if (task.needs_mask && source.mask.empty()) return;
          const PhotoPlan plan =
              plan_photo(source, wish_of(work->area, work->own_pixels, work->whole), task, checked, *prior);
          if (stop.stop_requested()) return;
          const double seconds = expected_seconds(work->request, plan, *prior, shared->seconds_per_megapixel);
          reply([this, seconds, work] {
            Q_EMIT expected(KnownTimes::corrected(text(work->request.prior), text(work->request.sampler), seconds));
          });
        } catch (const std::exception&) {
          // The run itself will say what is wrong.
        }
      },
      true);
}

void PhotoRuns::start(const RunRequest& request, From from, const BranchPoint& point) {
  Work work = workNow(request);
  work.from = from;
  work.point = point;
  if (from != From::Noise) work.stops_to_choose = false;  // a person has seen it already
  suspended_->store(false);
  // The answer of a run that is still on is not shown: this one is the newest.
  begin(
      State::Running,
      [this, work = std::make_shared<Work>(std::move(work))](const Reply& reply, const std::stop_token& stop) {
        this->work(reply, std::move(*work), stop);
      },
      true);
}

/// What is counted while a run is on.
struct PhotoRuns::Watch {
  double seconds = 0, last_seconds = 0;  // of the passes before, and up to the last iterate
  int64_t evaluations = 0, last_evaluations = 0;
  double preview_seconds = 0;
  int count = 0;
  bool chosen = false;  // a person was asked already
  at::Tensor hole;
  PreviewBudget budget;
  std::function<void()> in_full;  // the newest iterate once more, decoded: for a person who pauses at it
  std::shared_ptr<Mailbox<Frame>> slot = std::make_shared<Mailbox<Frame>>();
};

// Holds this thread until the window has taken note of the pause, so that no iterate comes after the one that is seen.
void PhotoRuns::waitForChoice(const Reply& reply, const std::stop_token& stop) {
  const auto noted = std::make_shared<Pause>();
  noted->set(true);
  reply([this, noted] {
    setPaused(true);
    noted->set(false);
    if (paused()) Q_EMIT choosing();
  });
  noted->wait(stop);
}

PhotoObserver PhotoRuns::watching(const Reply& reply, const Work& work, Watch& w, const std::stop_token& stop) {
  Shared& shared = *shared_;
  PhotoObserver observer;
  observer.loading = [&](const std::string& name) { reply([this, name = text(name)] { Q_EMIT loadingModel(name); }); };
  observer.notice = [&](const FallBack& f) { reply([this, words = words(f)] { Q_EMIT notice(words); }); };
  observer.planned = [&](const PhotoPlan& plan, const Prior&) { shared.plan = plan; };
  observer.begun = [&](const PhotoProgress& progress, const Run& run, const RunInput& input) {
    if (const std::string& cut = run.prior().unheard; progress.pass == 0 && !cut.empty())
      reply([this, words = tr("The prompt is longer than 75 tokens; this is not used: %1").arg(text(cut))] {
        Q_EMIT notice(words);
      });
    w.hole = input.hole;
    w.in_full = {};  // of another run
    w.seconds = std::max(w.seconds, w.last_seconds);
    w.evaluations = std::max(w.evaluations, w.last_evaluations);
    shared.pass = progress.pass;
    shared.seconds = w.seconds;
    shared.evaluations = w.evaluations;
  };
  observer.iterate = [&](const PhotoProgress& progress, const Run& run, const Iterate& it) {
    w.last_seconds = w.seconds + it.seconds;
    w.last_evaluations = w.evaluations + it.evaluations.forward + it.evaluations.backward;
    shared.iterate_pass = progress.pass;
    constexpr int kThird = 3;
    const bool choose =
        work.stops_to_choose && !w.chosen && it.step < it.steps && kThird * it.step >= it.steps && it.x_t.size(0) > 1;
    if (!choose && (work.interval == 0 || w.count++ % work.interval != 0)) return;
    const auto clock = std::chrono::steady_clock::now();
    const auto show = [this, &reply, &w, &run, progress](const Iterate& shown, bool full) {
      Frame frame = make_frame(run, progress.now.area, w.hole, shown, watched_->load(), full);
      frame.area = progress.now.area.rect;
      frame.pass = static_cast<int>(progress.pass);
      frame.passes = static_cast<int>(progress.passes);
      frame.share = progress.share;
      frame.seconds = w.last_seconds;
      frame.evaluations = w.last_evaluations;
      reply.latest<Frame>(w.slot, std::move(frame), [this](const Frame& frame) { Q_EMIT iterate(frame); });
    };
    const bool full = choose || w.budget.affords(it);
    show(it, full);
    if (full)
      w.in_full = {};
    else
      w.in_full = [show, it] { show(it, true); };
    w.preview_seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - clock).count();
    if (choose) {
      w.chosen = true;
      waitForChoice(reply, stop);
    }
  };
  observer.finished = [&](const PhotoPatch& patch, bool last) {
    w.in_full = {};
    if (last) return;
    const Sample sample = make_sample(patch.samples[0], {});
    const WorkingArea& area = patch.area;
    const QImage image = weighted_image(sample.deep, weight_of({patch}, area, work.mask, work.photo->pixels.size()));
    reply([this, image, rect = QRect(area.rect.x, area.rect.y, area.rect.width, area.rect.height)] {
      Q_EMIT partFinished(image, rect);
    });
  };
  return observer;
}

/// What a run works on, and from where in its plan.
struct PhotoRuns::Going {
  PhotoWish wish;
  std::optional<PhotoContinuation> on;  // nullopt: from the beginning
};

PhotoRuns::Going PhotoRuns::goingOn(const Work& work, const PhotoSource& source) {
  Shared& shared = *shared_;
  RunSession& session = shared.session;
  const PhotoWish wish = wish_of(work.area, work.own_pixels, work.whole);
  PhotoContinuation on{shared.pass, {}, shared.patches, shared.finals};
  switch (work.from) {
    case From::Noise:
      return {wish, {}};
    case From::Iterate:
      on.run = [&](const RunRequest& request, InputSource& input, const RunObserver& watch, std::stop_token end) {
        return session.branch(work.point, request, input, watch, std::move(end));
      };
      return {{.plan = shared.plan}, on};
    case From::Latest: {
      const auto plan = source.mask.empty()
                            ? std::nullopt
                            : replanned(shared.plan, shared.pass, source.mask, *session.model(work.request.prior));
      if (!plan || session.trajectory().kept().empty()) return {wish, {}};
      on.run = [&](const RunRequest& request, InputSource& input, const RunObserver& watch, std::stop_token end) {
        return session.go_on(request, input, watch, std::move(end));
      };
      return {{.plan = *plan}, on};
    }
    case From::Chosen: {
      // Noise below which no sampler can begin is that of a run that is all but done.
      const auto& kept = session.trajectory().kept();
      const auto newest = std::find_if(kept.rbegin(), kept.rend(), [](const KeptIterate& it) { return it.t >= 2; });
      if (newest == kept.rend()) throw SettingError(tr("that run has ended").toStdString());
      BranchPoint point = work.point;
      point.step = newest->step;
      point.gibbs = newest->gibbs;
      on.pass = shared.iterate_pass;
      keep_chosen(on, point.samples);
      on.run = [&session, point](const RunRequest& request, InputSource& input, const RunObserver& watch,
                                 std::stop_token end) {
        return session.branch(point, request, input, watch, std::move(end));
      };
      return {{.plan = shared.plan}, on};
    }
    case From::File:
      break;
  }
  const RunState state = interrupted_state(work.state_file.toStdString());
  RunRequest checked = work.request;
  const Task& task = find_task(checked.task, checked.task_settings);
  const PhotoPlan plan = plan_photo(source, wish, task, checked, *session.model(work.request.prior));
  return {{.plan = plan}, resumed_photo(session, state, plan, source.photo->pixels.size())};
}

void PhotoRuns::work(const Reply& reply, Work work, const std::stop_token& stop) {
  Shared& shared = *shared_;
  Watch watch;
  const WhileWaiting pausing([&watch] {
    if (watch.in_full) std::exchange(watch.in_full, {})();
  });
  if (work.from == From::Iterate || work.from == From::Latest || work.from == From::Chosen) {
    watch.seconds = shared.seconds;
    watch.evaluations = shared.evaluations;
  }
  try {
    at::set_num_threads(runThreads());
    PhotoSource source = sourceOf(work);
    RunSession& session = shared.session;
    RunPolicy policy;
    policy.state_file = work.state_file.toStdString();
    policy.suspended = [suspended = suspended_] { return suspended->load(); };
    session.set_policy(policy);
    const Going going = goingOn(work, source);
    PhotoResult result = run_photo(session, work.request, source, going.wish, watching(reply, work, watch, stop), stop,
                                   going.on ? &*going.on : nullptr);
    if (result.patches.empty()) {  // before there was anything to keep
      reply([this] {
        setState(State::Ready);
        Q_EMIT discarded();
      });
      return;
    }
    RunOutcome outcome = make_outcome(result, source, work.mask);
    outcome.preview_seconds = watch.preview_seconds;
    outcome.mask = work.mask;
    // What was foreseen of a whole run, without what is known of others, and what it took.
    double foreseen = 0, took = 0;
    if (work.from == From::Noise && !result.stopped) {
      const Prior& prior = result.finals.back().run->prior();
      took = result.seconds;
      if (shared.paced_model == prior.name)
        foreseen = expected_seconds(work.request, result.plan, prior, shared.seconds_per_megapixel);
    }
    // What a branch of the last pass leaves as it is.
    result.patches.pop_back();
    result.finals.pop_back();
    shared.patches = std::move(result.patches);
    shared.finals = std::move(result.finals);
    reply([this, outcome, foreseen, took, asked = work.request] {
      setState(State::Ready);
      KnownTimes::learn(text(asked.prior), text(asked.sampler), text(asked.task), foreseen, took);
      Q_EMIT finished(outcome);
    });
  } catch (const std::exception& e) {
    const auto* known = dynamic_cast<const Error*>(&e);
    const QString message = out_of_memory(e) && known == nullptr
                                ? tr("Out of memory: take fewer samples at once or a smaller working area.")
                                : one_line(e);
    reply([this, message] {
      setState(State::Ready);
      Q_EMIT failed(message);
    });
  }
}

}  // namespace mgdm::ui
