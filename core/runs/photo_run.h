// A run on a photo of any size: the passes of a plan one after the other through `RunSession`, and what of the photo
// comes of them. The command line, the studio and the measurements all restore photos through here.
//
// Blocks the calling thread; throws `Error`s; knows no window.
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <vector>

#include "core/runs/photo_input.h"
#include "core/runs/photo_plan.h"
#include "core/runs/run_session.h"

namespace mgdm {

/// What of a photo is worked on. At most one is given; none: all that the task calls for, at the photo's own pixels.
struct PhotoWish {
  std::optional<cv::Rect> part = {};     ///< only this, at its own pixels
  int64_t short_side = 0;                ///< the whole photo with so many network pixels on its short side
  std::optional<WorkingArea> area = {};  ///< exactly this, at its scale
  std::optional<PhotoPlan> plan = {};    ///< exactly this, of a record
  /// Only the largest centred square, at `short_side` or the model's own size; for experiments. With `plan`: it came of
  /// that.
  bool centre_crop = false;
};

/// Nothing is cropped unless `centre_crop` asks for it. Throws OperatorError, SettingError, MediaError.
PhotoPlan plan_photo(const PhotoSource& source, const PhotoWish& wish, const Task& task, const RunRequest& request,
                     const Prior& prior);

/// What has become of one region.
struct PhotoPatch {
  WorkingArea area;      ///< where it belongs; more pixels than the photo has there where it was enlarged
  at::Tensor samples;    ///< [B, 3, area.height, area.width] float32, on the CPU
  bool painted = false;  ///< only the painted pixels of the mask change
};

struct PhotoResult {
  PhotoPlan plan;
  std::vector<PhotoPatch> patches;    ///< one for each finished region, and the newest estimate of one that was stopped
  std::vector<SessionResult> finals;  ///< of the pass that gave each patch
  NetworkEvaluations evaluations;     ///< of all passes
  double seconds = 0;
  bool stopped = false;
};

/// A run that goes on somewhere in its plan.
struct PhotoContinuation {
  size_t pass = 0;
  /// Runs that pass, instead of `RunSession::run` or `refine`.
  std::function<SessionResult(const RunRequest&, InputSource&, const RunObserver&, std::stop_token)> run;
  /// Of the regions before it, which are not run again; empty: they are. Earlier passes of its own region never are.
  std::vector<PhotoPatch> patches = {};
  std::vector<SessionResult> finals = {};
};

/// Goes on from the state that an interrupted run of this plan has left. Throws SettingError where it was on something
/// else.
PhotoContinuation resumed_photo(RunSession& session, const RunState& state, const PhotoPlan& plan, cv::Size photo);

/// Where a run stands.
struct PhotoProgress {
  size_t pass = 0, passes = 0;
  PhotoPass now;
  double share = 0;    ///< of the whole work that is done, 0 to 1
  double seconds = 0;  ///< since the run began
};

/// As in RunObserver, with the pass.
struct PhotoObserver {
  std::function<void(const std::string& model)> loading;
  std::function<void(const FallBack&)> notice;
  std::function<void(const PhotoPlan&, const Prior&)> planned;  ///< before the first pass
  std::function<void(const PhotoProgress&, const Run&, const RunInput&)> begun;
  std::function<void(const PhotoProgress&, const Run&, const Iterate&)> iterate;
  std::function<void(const PhotoPatch&, bool last)> finished;  ///< a region is done
};

/// Runs the plan that the wish means. Without a mask the source gets the request's, where that is of the photo's size
/// (as a record has it). The source's origin says where the wish was a crop. Throws what RunSession::run throws, and
/// Error(Memory) where the photo is more than this machine can hold.
PhotoResult run_photo(RunSession& session, RunRequest request, PhotoSource& source, const PhotoWish& wish,
                      const PhotoObserver& observer = {}, std::stop_token stop = {},
                      const PhotoContinuation* continuation = nullptr);

/// What a run by this request will take before it is begun: seconds, about, on this machine. The model is loaded.
double expected_seconds(const RunRequest& request, const PhotoPlan& plan, const Prior& prior,
                        double seconds_per_megapixel);

/// Chooses what suits a large photo where a person leaves it open: a repair of more than a megapixel by few evaluations
/// without a way back through the network, if the task allows it. True: `request` was changed.
bool choose_for_large_photo(RunRequest& request, const PhotoPlan& plan);

/// run.json of the whole: the request and the plan, so that it can be replayed; sums of what it took; metrics of each
/// sample where the clean photo is known, the mean over the regions' pixels.
nlohmann::json photo_record(const PhotoResult& result, const PhotoSource& source);

/// Sample `index` in the photo, at the photo's own pixels, colours and depth; where it was enlarged, alone.
Photo photo_with(const PhotoResult& result, const PhotoSource& source, int64_t index);

/// What `write_photo_results` writes beside run.json for so many samples: observation.png, sample_0.png ..., mean.png
/// (more than one sample).
std::vector<std::string> photo_result_names(int64_t samples);
/// These and run.json into `folder`, which is made if missing. `model_mark`: the samples say that a model made parts of
/// them. Throws MediaError.
void write_photo_results(const std::filesystem::path& folder, const PhotoResult& result, const PhotoSource& source,
                         const nlohmann::json& record, bool model_mark = true);

}  // namespace mgdm
