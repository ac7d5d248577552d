// The songs of one thread, one after the other, with the fall-backs of core/runs/fall_back.h: a song is begun again in
// float32, with fewer samples or on the processor; each told and recorded. Songs have no branches.
//
// Blocks the calling thread; throws `Error`s; knows no window.
#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "core/runs/fall_back.h"
#include "core/runs/song_job.h"

namespace mgdm {

using SongModelPool = PoolOf<BandPrior>;
/// The catalogue's model for songs. Throws ModelError, SettingError.
BandPrior load_song_model(const std::string& name, const ModelPlace& place);

/// All called on the session's thread; any may be empty.
struct SongObserver {
  std::function<void(const std::string& model)> loading;
  std::function<void(const FallBack&)> notice;
  std::function<void(const SongJob&)> begun;  ///< before the first window of each attempt; its tracks are there
  std::function<void(SongJob&, const SongProgress&)> iterate;
  std::function<void(SongJob&, int64_t at, const at::Tensor& stretch)> written;  ///< see SongJob::run
};

class SongSession {
 public:
  explicit SongSession(SongModelPool::Loader loader = load_song_model);

  /// Tracks are made in `folder`, which must exist. What was finished before a failure that has no way out stays in
  /// `newest()`. An attempt goes on from what `keeping` holds of one like it, not of one before another fall-back.
  SeparationResult run(const SongInput& input, SeparationRequest request, const std::string& model,
                       const std::filesystem::path& folder, const FallBackPolicy& policy, const SongObserver& observer,
                       std::stop_token stop, const SeparationKeeping& keeping = {});

  /// Of the newest run, after any fall-back; nullptr before the first. Its tracks live as long as they are held.
  SongJob* newest() const { return job_.get(); }
  /// run.json of the newest run, with the fall-backs that were taken.
  nlohmann::json record(const SeparationResult& result) const;
  void forget() { job_.reset(); }

 private:
  SongModelPool pool_;
  std::unique_ptr<SongJob> job_;
  std::vector<FallBack> fall_backs_;    // of the newest run
  std::set<std::string> only_float32_;  // models that gave no numbers in the faster type
};

}  // namespace mgdm
