#include "core/runs/photo_run.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "core/errors.h"
#include "core/files/json_text.h"
#include "core/media/image_file.h"
#include "core/runs/photo_job.h"
#include "core/runs/run_cost.h"

namespace mgdm {

namespace {

NetworkSizes sizes_of(const Prior& prior) {
  return {static_cast<int>(prior.size_multiple), static_cast<int>(prior.min_size), static_cast<int>(prior.max_size)};
}

void check_side(const Prior& prior, int64_t side) {
  if (side >= prior.min_size && side <= prior.max_size && side % prior.size_multiple == 0) return;
  throw SettingError("size is " + std::to_string(side) + ", must be a multiple of " +
                     std::to_string(prior.size_multiple) + " from " + std::to_string(prior.min_size) + " to " +
                     std::to_string(prior.max_size));
}

PhotoPlan one_pass(const WorkingArea& area) { return {{area, area.rect, 0}}; }

// The photo's middle, `side` network pixels on each side.
PhotoPlan centre_crop(const PhotoSource& source, int64_t side, const Task& task, const Prior& prior) {
  const cv::Size photo = source.photo->pixels.size();
  const WorkingArea area = square_area(photo, {photo.width / 2.0, photo.height / 2.0},
                                       std::min(photo.width, photo.height), static_cast<int>(side), sizes_of(prior));
  if (task.needs_mask && source.mask.size() == photo && cv::countNonZero(source.mask(area.rect)) == 0)
    throw OperatorError("nothing is painted in the middle of the photo, which is all that a crop takes");
  return one_pass(area);
}

// The whole photo, scaled.
PhotoPlan scaled_whole(const cv::Size& photo, int64_t side, const Prior& prior) {
  const WorkingArea area = whole_photo_area(photo, static_cast<int>(side), sizes_of(prior));
  if (area.rect.size() == photo) return one_pass(area);
  throw SettingError("the photo is " + std::to_string(photo.width) + "x" + std::to_string(photo.height) +
                     ": with a short side of " + std::to_string(side) + " pixels its long one would have more than " +
                     std::to_string(prior.max_size) + ", the most that model '" + prior.name +
                     "' takes; take a part of it (--area) or only its middle (--crop)");
}

// Pixels of `x` [B, 3, h, w], seen at `from`, as they lie at `to`; what is outside of `from` is of no meaning.
at::Tensor carried_over(const at::Tensor& x, const WorkingArea& from, const WorkingArea& to) {
  const double fx = static_cast<double>(from.width) / from.rect.width,
               tx = static_cast<double>(to.rect.width) / to.width,
               fy = static_cast<double>(from.height) / from.rect.height,
               ty = static_cast<double>(to.rect.height) / to.height;
  // A pixel centre of `to` in photo pixels, then in pixels of `from`.
  const cv::Matx23d map(tx * fx, 0, (0.5 * tx + to.rect.x - from.rect.x) * fx - 0.5, 0, ty * fy,
                        (0.5 * ty + to.rect.y - from.rect.y) * fy - 0.5);
  at::Tensor out = at::empty({x.size(0), x.size(1), to.height, to.width}, at::kFloat);
  const at::Tensor in = x.to(at::kCPU, at::kFloat).contiguous();
  for (int64_t b = 0; b < x.size(0); ++b) {
    for (int64_t c = 0; c < x.size(1); ++c) {
      const at::Tensor source = in[b][c], target = out[b][c];
      const cv::Mat plane(from.height, from.width, CV_32FC1, source.data_ptr());
      cv::Mat moved(to.height, to.width, CV_32FC1, target.data_ptr());
      cv::warpAffine(plane, moved, map, moved.size(), cv::INTER_CUBIC | cv::WARP_INVERSE_MAP, cv::BORDER_REPLICATE);
    }
  }
  return out;
}

// The part of the pass's result that can change the photo.
PhotoPatch patch_of(const PhotoPass& pass, const at::Tensor& computed, bool painted) {
  const at::Tensor samples = computed.slice(2, 0, pass.area.height).slice(3, 0, pass.area.width).contiguous();
  PhotoPatch patch{pass.area, samples, painted};
  const cv::Rect& r = pass.area.rect;
  if (pass.kept == r || r.width != pass.area.width || r.height != pass.area.height) return patch;
  const cv::Rect inside = pass.kept - r.tl();
  patch.area = {pass.kept, pass.kept.width, pass.kept.height};
  patch.samples =
      samples.slice(2, inside.y, inside.y + inside.height).slice(3, inside.x, inside.x + inside.width).contiguous();
  return patch;
}

std::string in_words(double bytes) {
  const double gigabytes = bytes / (1 << 30);
  return std::to_string(std::max<int64_t>(1, std::llround(gigabytes))) + " GB";
}

void check_memory(const PhotoPlan& plan, int64_t samples, bool enlarges) {
  int64_t most = 0;
  const PhotoPass* largest = nullptr;
  for (const PhotoPass& pass : plan) {
    const int64_t bytes = run_bytes(3ll * pass.area.width * pass.area.height, samples);
    if (bytes > most) largest = &pass;
    most = std::max(most, bytes);
  }
  const int64_t there = available_bytes();
  if (most <= there) return;
  const std::string pixels = std::to_string(largest->area.width) + "x" + std::to_string(largest->area.height);
  throw Error(ErrorKind::Memory,
              (enlarges ? "the result would be " + pixels + " pixels" : "the photo is " + pixels + " pixels") +
                  ", which takes about " + in_words(static_cast<double>(most)) +
                  " of memory at once; this machine has " + in_words(static_cast<double>(there)) +
                  " free: take a part of the photo, " + (enlarges ? "a smaller factor" : "a smaller size") +
                  (samples > 1 ? " or fewer samples" : ""));
}

at::Tensor as_tensor(const cv::Mat& mask) {
  const cv::Mat packed = mask.isContinuous() ? mask : mask.clone();
  return at::from_blob(packed.data, {packed.rows, packed.cols}, at::TensorOptions().dtype(at::kByte)).clone();
}

// The mask of a record is the photo's, if it is of its size.
cv::Mat recorded_mask(const RunRequest& request, const cv::Size& photo) {
  if (request.mask.is_null()) return {};
  const at::Tensor mask = unpack_mask(request.mask);
  if (mask.size(0) != photo.height || mask.size(1) != photo.width) return {};
  return cv::Mat(photo.height, photo.width, CV_8UC1, mask.data_ptr()).clone();
}

PhotoPass scaled(PhotoPass pass, double by) {
  pass.area.width = static_cast<int>(std::lround(pass.area.width * by));
  pass.area.height = static_cast<int>(std::lround(pass.area.height * by));
  return pass;
}

}  // namespace

PhotoPlan plan_photo(const PhotoSource& source, const PhotoWish& wish, const Task& task, const RunRequest& request,
                     const Prior& prior) {
  const cv::Size photo = source.photo->pixels.size();
  const cv::Rect whole({0, 0}, photo);
  if (wish.plan) return *wish.plan;
  if (wish.area) return one_pass(*wish.area);
  const int64_t side = wish.short_side > 0                       ? wish.short_side
                       : task.simulated_only || wish.centre_crop ? (prior.native_size > 0 ? prior.native_size : 256)
                                                                 : 0;
  if (side > 0) {
    check_side(prior, side);
    return wish.centre_crop ? centre_crop(source, side, task, prior) : scaled_whole(photo, side, prior);
  }
  if (wish.part && ((*wish.part & whole) != *wish.part || wish.part->empty())) {
    throw SettingError("the area does not lie in the photo, which is " + std::to_string(photo.width) + "x" +
                       std::to_string(photo.height));
  }
  const double shrink = observation_shrink(task, request);
  if (task.needs_mask && shrink == 1 && !source.mask.empty()) {
    if (source.mask.size() != photo) {
      throw MediaError(source.origin.value("mask", "the mask") + ": the mask is " + std::to_string(source.mask.cols) +
                       "x" + std::to_string(source.mask.rows) + ", the photo " + std::to_string(photo.width) + "x" +
                       std::to_string(photo.height));
    }
    PhotoPlan plan = plan_filling(source.mask, prior, wish.part);
    if (plan.empty())
      throw OperatorError(wish.part ? "nothing is painted in that area"
                                    : "the mask is empty: nothing is to be filled" +
                                          (source.mask_seen.empty() ? "" : " (taken was " + source.mask_seen + ")"));
    return plan;
  }
  if (shrink == 1) {
    cv::Rect part = wish.part.value_or(whole);
    const auto unit = static_cast<int>(task.unit);
    const cv::Point begin(part.x / unit * unit, part.y / unit * unit);
    part = cv::Rect(begin, part.br());
    return plan_repair(part, prior);
  }
  PhotoPass pass{{wish.part.value_or(whole), 0, 0}, wish.part.value_or(whole), 0};
  pass.area.width = pass.area.rect.width;
  pass.area.height = pass.area.rect.height;
  return {scaled(pass, shrink)};
}

namespace {

// Megapixels times evaluations of each pass.
std::vector<double> work_of(const RunRequest& request, const PhotoPlan& plan, const Prior& prior) {
  double sigma = 0;
  for (const PhotoPass& pass : plan) sigma = std::max(sigma, pass.refines);
  const RunCost cost = count_evaluations(request, prior, sigma > 0 ? sigma : 1);
  std::vector<double> work;
  for (const PhotoPass& pass : plan)
    work.push_back(std::max(1.0, pass.refines > 0 ? cost.refining : cost.evaluations) * megapixels_seen(pass, prior));
  return work;
}

size_t region_of(const PhotoPlan& plan, size_t pass) {
  size_t region = 0;
  for (size_t k = 0; k < pass; ++k) region += finishes_region(plan, k) ? 1 : 0;
  return region;
}

// A run on its way through the plan.
class PhotoWalk {
 public:
  PhotoWalk(RunSession& session, RunRequest request, const PhotoSource& source, const PhotoObserver& observer,
            std::stop_token stop)
      : session_(session), request_(std::move(request)), source_(source), observer_(observer), stop_(std::move(stop)) {
    inner_.loading = observer.loading;
    inner_.notice = observer.notice;
  }

  PhotoResult run(const PhotoWish& wish, const PhotoContinuation* continuation) {
    const auto prior = session_.model(request_.prior, inner_);
    RunRequest checked = request_;
    task_ = &find_task(checked.task, checked.task_settings);
    result_.plan = plan_photo(source_, wish, *task_, checked, *prior);
    check_memory(result_.plan, request_.samples, observation_shrink(*task_, checked) > 1);
    if (observer_.planned) observer_.planned(result_.plan, *prior);
    if (observer_.begun || observer_.iterate)
      work_ = result_.plan.size() > 1 ? work_of(request_, result_.plan, *prior) : std::vector<double>{1};
    const size_t from = continuation != nullptr ? continuation->pass : 0, region = region_of(result_.plan, from);
    if (continuation != nullptr && from >= result_.plan.size())
      throw SettingError("that iterate is of an area that is not worked on any more: start a new run");
    if (continuation == nullptr && !request_.branch.is_null() && result_.plan.size() > 1)
      throw SettingError("this run went on from an iterate of one of several passes: it cannot be repeated");
    for (size_t k = 0; k < result_.plan.size() && !result_.stopped; ++k) {
      const size_t here = region_of(result_.plan, k);
      const bool before = k < from, done = before && (here == region || here < kept_regions(continuation));
      if (done) {
        if (here != region && finishes_region(result_.plan, k)) {
          result_.patches.push_back(continuation->patches[here]);
          result_.finals.push_back(continuation->finals[here]);
        }
        continue;
      }
      pass(k, *prior, continuation != nullptr && k == from ? continuation : nullptr);
    }
    return std::move(result_);
  }

 private:
  static size_t kept_regions(const PhotoContinuation* c) {
    return c == nullptr ? 0 : std::min(c->patches.size(), c->finals.size());
  }

  double share(size_t pass, double of_it) const {
    double all = 0, done = 0;
    for (size_t k = 0; k < work_.size(); ++k) {
      all += work_[k];
      if (k < pass) done += work_[k];
    }
    return all > 0 ? (done + of_it * work_[pass]) / all : 0;
  }

  void pass(size_t k, const Prior& prior, const PhotoContinuation* continuation) {
    const PhotoPass& pass = result_.plan[k];
    PhotoInput input(source_, pass.area);
    PhotoProgress progress{k, result_.plan.size(), pass, share(k, 0), result_.seconds};
    int first = 0;
    if (observer_.begun) {
      inner_.begun = [&](const Run& run, const RunInput& in) {
        first = 0;
        observer_.begun(progress, run, in);
      };
    }
    if (observer_.iterate) {
      inner_.iterate = [&](const Run& run, const Iterate& it) {
        if (first == 0) first = continuation != nullptr ? 1 : it.step;
        progress.share = share(k, static_cast<double>(it.step - first + 1) / (it.steps - first + 1));
        progress.seconds = result_.seconds + it.seconds;
        observer_.iterate(progress, run, it);
      };
    }
    SessionResult one;
    if (continuation != nullptr) {
      one = continuation->run(request_, input, inner_, stop_);
    } else if (pass.refines > 0 && coarse_.defined()) {
      Guess guess{carried_over(coarse_, result_.plan[k - 1].area, pass.area), pass.refines};
      const RunInput there = input.prepare(prior, *task_, request_);
      if (there.hole.defined())
        guess.signal = at::where(there.hole.to(at::kBool), guess.signal, there.signal.unsqueeze(0));
      one = session_.refine(guess, request_, input, inner_, stop_);
    } else {
      one = session_.run(request_, input, inner_, stop_);
    }
    keep(k, std::move(one));
  }

  void keep(size_t k, SessionResult one) {
    const NetworkEvaluations& took = one.result.evaluations;
    result_.evaluations.forward += took.forward;
    result_.evaluations.backward += took.backward;
    result_.evaluations.seconds += took.seconds;
    result_.seconds += one.result.seconds;
    result_.stopped = one.result.stopped;
    if (one.run == nullptr || (one.result.stopped && took.forward == 0)) return;
    request_.samples = one.run->request().samples;  // a fall-back may have taken some away
    coarse_ = one.result.samples;
    if (!finishes_region(result_.plan, k) && !result_.stopped) return;
    const bool painted = task_->needs_mask && one.input.hole.defined();
    // What was stopped at a coarser scale is kept at the region's own, so that all patches fit together.
    size_t last = k;
    while (!finishes_region(result_.plan, last)) ++last;
    const at::Tensor samples = last == k
                                   ? one.result.samples
                                   : carried_over(one.result.samples, result_.plan[k].area, result_.plan[last].area);
    result_.patches.push_back(patch_of(result_.plan[last], samples, painted));
    result_.finals.push_back(std::move(one));
    if (observer_.finished) observer_.finished(result_.patches.back(), result_.stopped || k + 1 == result_.plan.size());
  }

  RunSession& session_;
  RunRequest request_;
  const PhotoSource& source_;
  const PhotoObserver& observer_;
  std::stop_token stop_;
  RunObserver inner_;
  const Task* task_ = nullptr;
  std::vector<double> work_;
  at::Tensor coarse_;
  PhotoResult result_;
};

}  // namespace

PhotoContinuation resumed_photo(RunSession& session, const RunState& state, const PhotoPlan& plan, cv::Size photo) {
  const auto its_own = [&](const PhotoPass& pass) {
    return state.origin.contains("area") && area_from_json(state.origin.at("area"), photo) == pass.area;
  };
  const auto found = std::find_if(plan.begin(), plan.end(), its_own);
  if (found == plan.end()) throw SettingError("the interrupted run was on another photo or working area");
  const auto resume = [&session, state](const RunRequest& request, InputSource& input, const RunObserver& watch,
                                        std::stop_token end) {
    return session.resume(state, request, input, watch, std::move(end));
  };
  return {static_cast<size_t>(found - plan.begin()), resume};
}

PhotoResult run_photo(RunSession& session, RunRequest request, PhotoSource& source, const PhotoWish& wish,
                      const PhotoObserver& observer, std::stop_token stop, const PhotoContinuation* continuation) {
  if (source.mask.empty()) source.mask = recorded_mask(request, source.photo->pixels.size());
  if (!source.mask.empty()) request.mask = nullptr;
  if (wish.centre_crop) source.origin["crop"] = "centre";
  return PhotoWalk(session, std::move(request), source, observer, std::move(stop)).run(wish, continuation);
}

double expected_seconds(const RunRequest& request, const PhotoPlan& plan, const Prior& prior,
                        double seconds_per_megapixel) {
  double work = 0;
  for (const double one : work_of(request, plan, prior)) work += one;
  return work * seconds_per_megapixel * static_cast<double>(request.samples);
}

bool choose_for_large_photo(RunRequest& request, const PhotoPlan& plan) {
  constexpr double kLarge = 1e6;  // pixels
  const WorkingArea& area = plan.front().area;
  RunRequest checked = request;
  const Task& task = find_task(checked.task, checked.task_settings);
  if (plan.size() > 1 || task.needs_mask || task.simulated_only ||
      static_cast<double>(area.width) * area.height < kLarge)
    return false;
  const auto degradation = example_operator(task);
  if (degradation == nullptr || request.noise_law != "gaussian" || !why_not(find_sampler("ddrm"), *degradation).empty())
    return false;
  request.sampler = "ddrm";
  request.preset = "large";
  request.sampler_settings = Settings::object();
  return true;
}

nlohmann::json photo_record(const PhotoResult& result, const PhotoSource& source) {
  if (result.finals.empty()) return nullptr;
  nlohmann::json record;
  std::vector<double> weights;
  double sum = 0;
  for (const SessionResult& one : result.finals) {
    const auto& shape = one.run->problem().signal;
    weights.push_back(static_cast<double>(shape[1] * shape[2]));
    sum += weights.back();
  }
  // Numbers of each sample, the mean over the regions by their pixels.
  const auto add = [&](nlohmann::json& to, const nlohmann::json& from, double share) {
    if (to.is_null()) to = std::vector<double>(from.size(), 0.0);
    for (size_t i = 0; i < std::min(to.size(), from.size()); ++i)
      to[i] = to[i].get<double>() + share * from[i].get<double>();
  };
  nlohmann::json means = nlohmann::json::object(), fall_backs = nlohmann::json::array();
  for (size_t k = 0; k < result.finals.size(); ++k) {
    const SessionResult& one = result.finals[k];
    record = complete_record(*one.run, one.result, one.context);
    const double share = weights[k] / sum;
    if (record.contains("residual")) add(means["residual"], record["residual"], share);
    for (const char* group : {"metrics", "metrics_of_mean"}) {
      if (!record.contains(group)) continue;
      for (const auto& [name, values] : record[group].items()) add(means[group][name], values, share);
    }
    if (record.contains("fall_backs")) {
      for (const auto& f : record["fall_backs"]) fall_backs.push_back(f);
    }
  }
  if (result.finals.size() > 1) record.update(means);
  if (!fall_backs.empty()) record["fall_backs"] = fall_backs;
  record["seconds"] = result.seconds;
  record["seconds_outside_network"] = result.seconds - result.evaluations.seconds;
  record["evaluations"] = {{"forward", result.evaluations.forward}, {"backward", result.evaluations.backward}};
  record["stopped"] = result.stopped;
  record["files"]["plan"] = plan_json(result.plan);
  if (result.plan.size() > 1) record["files"].erase("area");
  if (!record["request"]["mask"].is_null() && source.mask.size() == source.photo->pixels.size())
    record["request"]["mask"] = pack_mask(as_tensor(source.mask));
  return record;
}

namespace {

// Whether paint was filled region by region, which goes back into the photo whatever the network saw it at: a photo
// narrower than the network takes is seen larger.
bool filled_by_regions(const PhotoResult& result) {
  const PhotoPass& first = result.plan.front();
  return result.patches.front().painted && first.kept != first.area.rect;
}

}  // namespace

Photo photo_with(const PhotoResult& result, const PhotoSource& source, int64_t index) {
  const PhotoPatch& first = result.patches.front();
  const bool enlarged = first.area.width > first.area.rect.width;
  Photo photo = *source.photo;
  if (!filled_by_regions(result) && (enlarged || first.area.width < first.area.rect.width)) {  // another size: alone
    photo.pixels = cv::Mat(first.area.height, first.area.width, source.photo->pixels.type(), cv::Scalar::all(0));
    if (photo.has_alpha())
      cv::resize(source.photo->pixels(first.area.rect), photo.pixels, photo.pixels.size(), 0, 0, cv::INTER_AREA);
    paste(photo, *source.color, {{{0, 0}, photo.pixels.size()}, first.area.width, first.area.height},
          first.samples[index], {.mask = {}, .feather = 0});
    return photo;
  }
  photo.pixels = source.photo->pixels.clone();
  for (const PhotoPatch& patch : result.patches) {
    PasteOptions options;
    if (patch.painted && source.mask.size() == photo.pixels.size()) options.mask = source.mask;
    options.fills = patch.painted;
    paste(photo, *source.color, patch.area, patch.samples[index], options);
  }
  return photo;
}

namespace {

// What was given: the photo with what is to be filled in grey, or what the run has seen where that is no photo pixels.
Photo observation_photo(const PhotoResult& result, const PhotoSource& source) {
  Photo photo = *source.photo;
  const PhotoPatch& first = result.patches.front();
  if (first.painted && (first.area.scale() == 1 || filled_by_regions(result))) {
    photo.pixels = source.photo->pixels.clone();
    photo.pixels.setTo(cv::Scalar::all(photo.sixteen_bit() ? 32768 : 128), source.mask);
    if (photo.has_alpha())
      cv::mixChannels(std::vector<cv::Mat>{source.photo->pixels}, std::vector<cv::Mat>{photo.pixels}, {3, 3});
    return photo;
  }
  const at::Tensor seen = to_pixels(result.finals.front().run->problem().observation_image()[0]);
  photo.color_profile.clear();
  photo.pixels = cv::Mat(static_cast<int>(seen.size(1)), static_cast<int>(seen.size(2)), CV_8UC3);
  const at::Tensor interleaved = seen.permute({1, 2, 0}).contiguous();
  std::copy_n(interleaved.data_ptr<uint8_t>(), interleaved.numel(), photo.pixels.data);
  return photo;
}

PhotoResult mean_of(const PhotoResult& result) {
  PhotoResult mean = result;
  for (PhotoPatch& patch : mean.patches) patch.samples = patch.samples.mean(0, true);
  return mean;
}

}  // namespace

std::vector<std::string> photo_result_names(int64_t samples) {
  std::vector<std::string> names{"observation.png"};
  for (int64_t i = 0; i < samples; ++i) names.push_back("sample_" + std::to_string(i) + ".png");
  if (samples > 1) names.emplace_back("mean.png");
  return names;
}

void write_photo_results(const std::filesystem::path& folder, const PhotoResult& result, const PhotoSource& source,
                         const nlohmann::json& record, bool model_mark) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw MediaError(folder.string() + ": the folder cannot be made: " + error.message());
  write_photo(folder / "observation.png", observation_photo(result, source));
  const int64_t samples = result.patches.front().samples.size(0);
  for (int64_t i = 0; i < samples; ++i)
    write_photo(folder / ("sample_" + std::to_string(i) + ".png"), photo_with(result, source, i), {}, model_mark);
  if (samples > 1) write_photo(folder / "mean.png", photo_with(mean_of(result), source, 0), {}, model_mark);
  write_text(folder / "run.json", json_text(record, 2) + "\n");
}

}  // namespace mgdm
