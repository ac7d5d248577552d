#include "core/compare/photo_cells.h"

#include <ATen/ATen.h>

#include <cmath>

#include "core/checkpoints/safetensors.h"
#include "core/compare/peak_memory.h"
#include "core/metrics/image_metrics.h"
#include "core/metrics/seam.h"
#include "core/runs/run_cost.h"
#include "core/runs/run_record.h"
#include "core/threads/pause.h"
#ifdef MGDM_STUDIO
#include "core/compare/classical.h"
#include "core/compare/photo_view.h"
#endif

namespace mgdm {

using nlohmann::json;

namespace {

// [..., 3, H, W] float in [-1, 1] -> bytes.
at::Tensor bytes_of(const at::Tensor& signal) {
  return unit_range(signal.to(at::kCPU, at::kFloat)).mul(255).round().to(at::kByte).contiguous();
}

double mean_of(const at::Tensor& values) { return values.to(at::kDouble).mean().item<double>(); }

// The bounding rectangle of what is painted: y, x, height, width.
std::array<int64_t, 4> box_of(const at::Tensor& hole) {
  const at::Tensor rows = hole.any(1).nonzero(), columns = hole.any(0).nonzero();
  const int64_t y = rows.min().item<int64_t>(), x = columns.min().item<int64_t>();
  return {y, x, rows.max().item<int64_t>() - y + 1, columns.max().item<int64_t>() - x + 1};
}

void add_metrics(Figures& figures, const std::string& before, const at::Tensor& images, const PhotoOutcome& o) {
  const at::Tensor reference = o.reference.unsqueeze(0).expand_as(images);
  for (const ImageMetric& metric : image_metrics())
    figures[before + metric.name] = mean_of(metric.measure(images, reference));
  if (!o.hole.defined() || !o.hole.any().item<bool>()) return;
  if (!o.hole.all().item<bool>()) figures[before + "hole_seam"] = mean_of(seam(images, o.reference, o.hole));
  const auto [y, x, h, w] = box_of(o.hole);
  constexpr int64_t kSmallest = 16;  // of the metrics' windows
  if (h < kSmallest || w < kSmallest) return;
  const auto inside = [&, y = y, x = x, h = h, w = w](const at::Tensor& t) {
    return t.narrow(2, y, h).narrow(3, x, w);
  };
  for (const ImageMetric& metric : image_metrics()) {
    if (metric.name != "psnr")
      figures[before + "hole_" + metric.name] = mean_of(metric.measure(inside(images), inside(reference)));
  }
  const at::Tensor squares = (unit_range(images) - unit_range(reference)).square().mean(1);  // [B, H, W]
  const at::Tensor of_hole = squares.masked_select(o.hole).view({images.size(0), -1}).mean(1);
  figures[before + "hole_psnr"] = mean_of(of_hole.log10() * -10.0);
}

}  // namespace

void KeptIterates::add(const CellIterate& it) {
  if (wanted_ <= 0 || it.iterate == nullptr || it.share + 1e-9 < next_) return;
  next_ = wanted_ == 1 ? 2 : std::max(next_, it.share) + (1.0 - 1e-6) / static_cast<double>(wanted_ - 1);
  if (it.share < 1) next_ = std::min(next_, 1.0);
  const at::Tensor clean = it.iterate->signal()[0];
  clean_.push_back(bytes_of(clean));
  const at::Tensor& noisy = it.iterate->x_t;
  // The state of a latent model is no picture.
  if (noisy.dim() == 4 && noisy.size(1) == 3 && noisy.size(2) == clean.size(1)) noisy_.push_back(bytes_of(noisy[0]));
  json point = {{"step", it.step},
                {"seconds", it.seconds},
                {"evaluations", it.iterate->evaluations.forward + 2 * it.iterate->evaluations.backward}};
  if (it.iterate->residual().defined()) point["residual"] = mean_of(it.iterate->residual());
  if (reference_.defined() && reference_.sizes() == clean.sizes())
    point["psnr"] = mean_of(psnr(clean.to(at::kCPU, at::kFloat).unsqueeze(0), reference_.unsqueeze(0)));
  curve_.push_back(std::move(point));
}

void KeptIterates::put_into(CellResult& result) const {
  const auto put = [&](const char* name, const std::vector<at::Tensor>& list) {
    std::vector<at::Tensor> same;
    for (const at::Tensor& t : list) {
      if (t.sizes() == list.back().sizes()) same.push_back(t);  // of several passes the last
    }
    if (!same.empty()) result.tensors[name] = at::stack(same);
  };
  put("iterates", clean_);
  put("noisy", noisy_);
  if (!curve_.empty()) result.curve = curve_;
}

CellResult measured(const PhotoOutcome& o) {
  CellResult result;
  result.record = o.record;
  result.figures["seconds"] = o.seconds;
  result.figures["peak_memory"] = static_cast<double>(peak_memory_since()) / 1e6;
  if (o.record.contains("evaluations")) {
    const json& e = o.record["evaluations"];
    result.figures["evaluations"] = e.at("forward").get<double>() + 2 * e.at("backward").get<double>();
  }
  if (o.record.contains("residual")) {
    double sum = 0;
    for (const json& r : o.record["residual"]) sum += r.get<double>();
    result.figures["residual"] = sum / static_cast<double>(std::max<size_t>(1, o.record["residual"].size()));
  }
  if (o.reference.defined() && o.reference.sizes() == o.samples[0].sizes()) {
    add_metrics(result.figures, "", o.samples, o);
    if (o.samples.size(0) > 1) add_metrics(result.figures, "mean_", o.samples.mean(0, true), o);
  }
  result.tensors["samples"] = bytes_of(o.samples);
  if (o.observation.defined()) result.tensors["observation"] = bytes_of(o.observation);
  if (o.reference.defined()) result.tensors["reference"] = bytes_of(o.reference);
  if (o.residual.defined()) result.tensors["residual"] = o.residual.to(at::kHalf).contiguous();
  return result;
}

namespace {

// What the cells of one input share.
struct SharedInput {
  std::string of;  // the input as JSON
#ifdef MGDM_STUDIO
  PhotoSource source, reference;
  PhotoWish wish;
#endif
  RunInput packed;
  at::Tensor packed_reference;
};

#ifdef MGDM_STUDIO
cv::Rect rect_of(const std::string& text) {
  cv::Rect rect;
  if (std::sscanf(text.c_str(), "%d,%d,%d,%d", &rect.x, &rect.y, &rect.width, &rect.height) != 4)
    throw SettingError("'area' is '" + text + "', must be X,Y,WIDTH,HEIGHT");
  return rect;
}

// A part of the photo scaled to so many pixels on its short side.
WorkingArea scaled_part(const cv::Rect& part, int short_side, cv::Size photo) {
  if (part.empty() || (part & cv::Rect({0, 0}, photo)) != part)
    throw SettingError("the area does not lie in the photo, which is " + std::to_string(photo.width) + "x" +
                       std::to_string(photo.height));
  WorkingArea area = whole_photo_area(part.size(), short_side, {8, 64, 1 << 20});
  area.rect = part;
  return area;
}

void read_photos(const json& asked, SharedInput& shared) {
  const std::string photo = asked.at("photo"), reference = asked.value("reference", "");
  shared.source = photo_source(photo, asked.value("mask", ""));
  PhotoSource& source = shared.source;
  const cv::Size size = source.photo->pixels.size();
  if (!reference.empty()) shared.reference = reference == "photo" ? source : photo_source(reference, "");
  cv::Size seen = size;
  PhotoWish& wish = shared.wish;
  if (asked.contains("square")) {
    const int side = asked["square"];
    wish.area = centre_square(size, side);
    seen = {side, side};
  } else if (asked.contains("size") && asked.contains("area")) {
    wish.area = scaled_part(rect_of(asked["area"]), asked["size"], size);
    seen = {wish.area->width, wish.area->height};
  } else if (asked.contains("size")) {
    wish.short_side = asked["size"];
    const WorkingArea area = whole_photo_area(size, static_cast<int>(wish.short_side), {1, 1, 1 << 20});
    seen = {area.width, area.height};
  } else if (asked.contains("area")) {
    wish.part = rect_of(asked["area"]);
  }
  if (asked.contains("hole")) source.mask = square_hole(seen, asked["hole"]);
  if (asked.contains("strokes"))
    source.mask = random_strokes(seen, asked["strokes"], asked.value("mask_seed", uint64_t{0}));
  if (asked.contains("packed_mask")) {
    const at::Tensor mask = unpack_mask(asked["packed_mask"]);
    source.mask =
        cv::Mat(static_cast<int>(mask.size(0)), static_cast<int>(mask.size(1)), CV_8UC1, mask.data_ptr()).clone();
  }
  if (source.mask.empty()) fill_transparent_part(source);  // as restore does
}

// The clean picture in the area that is compared; undefined where it is not known.
at::Tensor reference_in(const SharedInput& input, const RunRequest& request, const WorkingArea& area) {
  if (!request.observed) return cut(*input.source.photo, *input.source.color, area);
  if (input.reference.photo == nullptr) return {};
  const cv::Size own = input.source.photo->pixels.size(), other = input.reference.photo->pixels.size();
  const double fx = static_cast<double>(other.width) / own.width, fy = static_cast<double>(other.height) / own.height;
  const cv::Rect rect(static_cast<int>(std::lround(area.rect.x * fx)), static_cast<int>(std::lround(area.rect.y * fy)),
                      static_cast<int>(std::lround(area.rect.width * fx)),
                      static_cast<int>(std::lround(area.rect.height * fy)));
  return cut(*input.reference.photo, *input.reference.color, {rect & cv::Rect({0, 0}, other), area.width, area.height});
}

#endif

class PhotoCells : public CellRunner {
 public:
  explicit PhotoCells(const ModelPlace& place) : session_(pool_) {
    policy_.fall_back.place = place;
    policy_.trajectory_bytes = 0;
    policy_.suspended = [] { return true; };
  }

  double cost(const Cell& cell) override {
    if (cell.run.contains("classical")) return 0;
    RunRequest request = cell.run.at("request");
    session_.set_policy(policy_);
    const auto prior = session_.model(request.prior);
    last_ = prior;
    const double samples = static_cast<double>(request.samples);
    SharedInput& input = shared(cell);
    if (input.packed.signal.defined())
      return count_evaluations(request, *prior, 1).evaluations * samples * 1e-6 *
             static_cast<double>(input.packed.signal[0].numel());
#ifdef MGDM_STUDIO
    const Task& task = find_task(request.task, request.task_settings);
    const PhotoPlan plan = plan_photo(input.source, input.wish, task, request, *prior);
    return expected_seconds(request, plan, *prior, 1);
#else
    return 0;
#endif
  }

  double seconds_per_cost() override {
    const auto prior = last_.lock();
    return prior != nullptr ? seconds_per_megapixel(*prior) : 0;
  }

  std::optional<CellResult> run(const Cell& cell, int64_t iterates, const std::filesystem::path& state,
                                const CellObserver& observer, std::stop_token stop) override {
    forget_peak_memory();
    policy_.state_file = state;
    session_.set_policy(policy_);
    SharedInput& input = shared(cell);
    RunRequest request = cell.run.at("request");
    if (input.packed.signal.defined()) return run_packed(request, input, iterates, observer, std::move(stop));
#ifdef MGDM_STUDIO
    if (cell.run.contains("classical")) return run_classical(cell, request, input);
    return run_photos(request, input, iterates, state, observer, std::move(stop));
#else
    throw SettingError("this build reads no photos");
#endif
  }

 private:
  SharedInput& shared(const Cell& cell) {
    const json& asked = cell.run.at("input");
    if (shared_.of == asked.dump()) return shared_;
    shared_ = {};
    if (asked.contains("packed")) {
      Checkpoint file = read_safetensors(asked.at("packed").get<std::string>());
      if (file.tensors.count("signal") == 0 || file.tensors["signal"].dim() != 3)
        throw MediaError(asked.at("packed").get<std::string>() + ": holds no packed photo");
      shared_.packed.signal = file.tensors["signal"].to(at::kFloat);
      if (file.tensors.count("hole") > 0) shared_.packed.hole = file.tensors["hole"].to(at::kBool);
      if (file.tensors.count("reference") > 0) shared_.packed_reference = file.tensors["reference"].to(at::kFloat);
      shared_.packed.origin = {{"packed", asked.at("packed")}};
    } else {
#ifdef MGDM_STUDIO
      read_photos(asked, shared_);
#endif
    }
    shared_.of = asked.dump();
    return shared_;
  }

  static CellIterate where(double share, double seconds, const Run& run, const Iterate& it) {
    return {it.step, it.steps, share, seconds, &it, &run};
  }

  std::optional<CellResult> run_packed(const RunRequest& request, const SharedInput& input, int64_t iterates,
                                       const CellObserver& observer, std::stop_token stop) {
    GivenInput given(input.packed.signal, input.packed.hole, input.packed.origin);
    at::Tensor reference = input.packed_reference;
    KeptIterates kept(iterates, reference.defined() || request.observed ? reference : input.packed.signal);
    RunObserver inner = inner_of(observer);
    inner.iterate = [&](const Run& run, const Iterate& it) {
      const CellIterate now = where(static_cast<double>(it.step) / it.steps, it.seconds, run, it);
      kept.add(now);
      if (observer.iterate) observer.iterate(now);
    };
    const std::optional<RunState> before = state_in(policy_.state_file);
    const SessionResult done = before ? session_.resume(*before, request, given, inner, std::move(stop))
                                      : session_.run(request, given, inner, std::move(stop));
    if (done.result.stopped) return std::nullopt;
    PhotoOutcome o;
    o.samples = done.result.samples;
    o.observation = done.run->problem().observation_image()[0];
    o.reference = reference.defined()                       ? reference
                  : done.run->problem().reference.defined() ? done.run->problem().reference[0].cpu()
                                                            : at::Tensor();
    o.hole = done.run->problem().hole;
    o.residual = done.run->problem().residual_map(o.samples.slice(0, 0, 1).to(done.run->prior().device));
    o.record = run_record(*done.run, done.result, done.context);
    o.seconds = done.result.seconds;
    if (before) add_before(o, *before);
    CellResult result = measured(o);
    kept.put_into(result);
    return result;
  }

  // Where an interrupted run has stopped; what cannot be read of it is no reason not to begin anew.
  static std::optional<RunState> state_in(const std::filesystem::path& file) {
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return std::nullopt;
    try {
      return read_run_state(file);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  // What the interrupted part took counts, too.
  static void add_before(PhotoOutcome& o, const RunState& before) {
    o.seconds += before.iterate.seconds;
    o.record["seconds"] = o.seconds;
    nlohmann::json& evaluations = o.record["evaluations"];
    evaluations["forward"] = evaluations.at("forward").get<int64_t>() + before.iterate.forward;
    evaluations["backward"] = evaluations.at("backward").get<int64_t>() + before.iterate.backward;
  }

  RunObserver inner_of(const CellObserver& observer) const {
    RunObserver inner;
    inner.loading = observer.loading;
    inner.notice = observer.notice;
    return inner;
  }

#ifdef MGDM_STUDIO
  std::optional<CellResult> run_photos(RunRequest request, SharedInput& input, int64_t iterates,
                                       const std::filesystem::path& state, const CellObserver& observer,
                                       std::stop_token stop) {
    const auto prior = session_.model(request.prior, inner_of(observer));
    RunRequest checked = request;
    const Task& task = find_task(checked.task, checked.task_settings);
    const PhotoPlan plan = plan_photo(input.source, input.wish, task, checked, *prior);
    const bool single = plan.size() == 1;
    KeptIterates kept(iterates, single ? reference_in(input, request, plan.front().area) : at::Tensor());
    PhotoObserver inner;
    inner.loading = observer.loading;
    inner.notice = observer.notice;
    inner.iterate = [&](const PhotoProgress& progress, const Run& run, const Iterate& it) {
      const CellIterate now = where(progress.share, progress.seconds, run, it);
      kept.add(now);
      if (observer.iterate) observer.iterate(now);
    };
    std::optional<PhotoContinuation> continuation;
    const std::optional<RunState> before = state_in(state);
    if (before) continuation = resumed_photo(session_, *before, plan, input.source.photo->pixels.size());
    const PhotoResult done = run_photo(session_, request, input.source, {.plan = plan}, inner, std::move(stop),
                                       continuation ? &*continuation : nullptr);
    if (done.stopped || done.patches.empty()) return std::nullopt;
    const WorkingArea area = compared_area(input.source, done);
    PhotoOutcome o;
    o.samples = compared_samples(input.source, done, area);
    o.reference = reference_in(input, request, area);
    o.hole = task.needs_mask ? compared_hole(input.source, area) : at::Tensor();
    o.record = photo_record(done, input.source);
    o.seconds = done.seconds;
    if (before) add_before(o, *before);
    if (single) {
      const Run& run = *done.finals.front().run;
      o.observation = run.problem().observation_image()[0];
      if (run.problem().signal == o.samples[0].sizes().vec())
        o.residual = run.problem().residual_map(o.samples.slice(0, 0, 1).to(run.prior().device));
    }
    CellResult result = measured(o);
    double seen = 0;
    for (const PhotoPass& pass : done.plan) seen += megapixels_seen(pass, *prior);
    result.record["network_megapixels"] = seen;  // overlaps of windows and coarser passes included
    kept.put_into(result);
    return result;
  }

  std::optional<CellResult> run_classical(const Cell& cell, RunRequest request, SharedInput& input) {
    const Task& task = find_task(request.task, request.task_settings);
    const cv::Size size = input.source.photo->pixels.size();
    WorkingArea area{{{0, 0}, size}, size.width, size.height};
    if (input.wish.area)
      area = *input.wish.area;
    else if (input.wish.short_side > 0)
      area = whole_photo_area(size, static_cast<int>(input.wish.short_side), {8, 64, 1 << 20});
    else if (input.wish.part)
      area = {*input.wish.part, input.wish.part->width, input.wish.part->height};
    else if (task.needs_mask && input.source.mask.size() == size)
      area = {painted_surroundings(input.source.mask), 0, 0}, area.width = area.rect.width,
      area.height = area.rect.height;
    PhotoOutcome o;
    o.hole = task.needs_mask ? compared_hole(input.source, area) : at::Tensor();
    const at::Tensor given = cut(*input.source.photo, *input.source.color, area);
    const Problem problem = photo_problem(request, given, o.hole, nullptr);
    const json& classical = cell.run.at("classical");
    const WorkClock clock;
    o.observation = problem.observation_image()[0];
    o.samples = classical_result(find_classical_method(classical.at("name")), classical.at("settings"),
                                 o.observation.unsqueeze(0), o.hole, problem.signal);
    o.seconds = clock.seconds();
    o.reference = problem.reference.defined() ? problem.reference[0] : reference_in(input, request, area);
    o.record = {{"request", cell.run.at("request")}, {"classical", classical}, { "files", input.source.origin }};
    return measured(o);
  }
#endif

  ModelPool pool_;
  RunSession session_;
  RunPolicy policy_;
  SharedInput shared_;
  std::weak_ptr<const Prior> last_;  // of which a cost was asked
};

}  // namespace

std::unique_ptr<CellRunner> make_photo_cells(const ModelPlace& place) { return std::make_unique<PhotoCells>(place); }

bool photo_files_can_be_read() {
#ifdef MGDM_STUDIO
  return true;
#else
  return false;
#endif
}

#ifdef MGDM_STUDIO
std::map<std::string, at::Tensor> packed_input(const Cell& cell, const Prior& prior) {
  SharedInput input;
  read_photos(cell.run.at("input"), input);
  RunRequest request = cell.run.at("request");
  const Task& task = find_task(request.task, request.task_settings);
  const PhotoPlan plan = plan_photo(input.source, input.wish, task, request, prior);
  if (plan.size() != 1)
    throw SettingError("cell " + cell.label + ": it is worked on in " + std::to_string(plan.size()) +
                       " passes, which needs OpenCV; 'size', 'square' or a smaller hole makes it one");
  PhotoInput source(input.source, plan.front().area);
  const RunInput made = source.prepare(prior, task, request);
  std::map<std::string, at::Tensor> tensors{{"signal", made.signal.contiguous()}};
  if (made.hole.defined()) tensors["hole"] = made.hole.contiguous();
  if (const at::Tensor reference = reference_in(input, request, plan.front().area); reference.defined())
    tensors["reference"] = reference.contiguous();
  return tensors;
}
#endif

json complete_classical(const std::string& name, const json& settings, bool fills) {
#ifdef MGDM_STUDIO
  const ClassicalMethod& method = find_classical_method(name);
  if (fills != method.fills) throw SettingError(method.label + (fills ? " does not fill holes" : " only fills holes"));
  return {{"name", name}, {"settings", complete_settings(method.settings, settings, "classical " + name)}};
#else
  (void)settings, (void)fills;
  throw SettingError("classical method " + name + ": this build has no OpenCV");
#endif
}

}  // namespace mgdm
