#include "core/runs/song_session.h"

#include <ATen/ATen.h>

#include "core/priors/catalogue.h"

namespace mgdm {

BandPrior load_song_model(const std::string& name, const ModelPlace& place) {
  return load_band_prior(find_prior(name), model_device(place.device), place.precision, place.recompute);
}

SongSession::SongSession(SongModelPool::Loader loader) : pool_(std::move(loader)) {}

SeparationResult SongSession::run(const SongInput& input, SeparationRequest request, const std::string& model,
                                  const std::filesystem::path& folder, const FallBackPolicy& policy,
                                  const SongObserver& observer, std::stop_token stop,
                                  const SeparationKeeping& keeping) {
  fall_backs_.clear();
  Attempt attempt{policy.place, request.samples, false};
  if (attempt.place.precision == "auto" && only_float32_.count(model) != 0) attempt.place.precision = "float32";
  for (;;) {
    try {
      if (!pool_.holds(model, attempt.place)) job_.reset();  // it holds the other model
      const auto band = pool_.get(model, attempt.place, observer.loading);
      if (band->prior->precision == "float32" && attempt.place.precision == "auto")
        attempt.place.precision = "float32";  // nothing to fall back to
      job_.reset();
      job_ = std::make_unique<SongJob>(band, input, request, folder);
      attempt.samples = job_->samples();
      SongJob& job = *job_;
      if (observer.begun) observer.begun(job);
      const auto watch = [&](const SongProgress& progress) { observer.iterate(job, progress); };
      const auto written = [&](int64_t at, const at::Tensor& stretch) { observer.written(job, at, stretch); };
      return job.run(observer.iterate ? watch : std::function<void(const SongProgress&)>(),
                     observer.written ? written : std::function<void(int64_t, const at::Tensor&)>(), stop, keeping);
    } catch (const std::exception& e) {
      const auto next = another_way(e, policy, attempt);
      if (!next) throw;
      request.samples = attempt.samples;
      if (next->kind == FallBack::Kind::Float32) only_float32_.insert(model);
      fall_backs_.push_back(*next);
      if (observer.notice) observer.notice(*next);
    }
  }
}

nlohmann::json SongSession::record(const SeparationResult& result) const {
  nlohmann::json record = job_->record(result);
  if (!fall_backs_.empty()) record["fall_backs"] = fall_backs_json(fall_backs_);
  return record;
}

}  // namespace mgdm
