// What a comparison compares: photos, songs, problems with a known posterior. One file in core/compare/media for each,
// which the build lists (core/registry.cmake).
#pragma once
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compare/cell_store.h"
#include "core/compare/spec.h"
#include "core/runs/run_session.h"
#include "core/settings/settings.h"

namespace mgdm {

/// What a cell that is on has to show.
struct CellIterate {
  int step = 0, steps = 0;
  double share = 0;  ///< of the cell that is done
  double seconds = 0;
  const Iterate* iterate = nullptr;
  const Run* run = nullptr;  ///< photos only
};

struct CellObserver {
  std::function<void(const std::string& model)> loading;
  std::function<void(const FallBack&)> notice;
  std::function<void(const CellIterate&)> iterate;
};

/// Runs the cells of one medium, one after the other, and keeps what they share: the model, the input, the observation.
/// Belongs to one thread.
class CellRunner {
 public:
  virtual ~CellRunner() = default;
  /// What a cell costs, evaluations times megapixels (or seconds of sound); the model is loaded. 0: next to nothing.
  virtual double cost(const Cell& cell) = 0;
  /// Seconds that a cost of 1 takes here, about, with the model that was asked for last; 0: not known.
  virtual double seconds_per_cost() { return 0; }
  /// Blocks. `state`: where an interrupted run of this cell is gone on from, and kept when `stop` comes. nullopt: it
  /// was stopped. Throws Error.
  virtual std::optional<CellResult> run(const Cell& cell, int64_t iterates, const std::filesystem::path& state,
                                        const CellObserver& observer, std::stop_token stop) = 0;
};

struct ComparedMedium {
  std::string name;
  int rank = 500;
  std::vector<std::string> inputs;  ///< keys that only this medium has: by them a spec's medium is told
  std::vector<std::string> paths;   ///< keys that are files or folders
  std::string itself = {};          ///< what "reference" is where the input is the clean one: "photo"
  std::vector<Setting> settings;    ///< keys beside those of task and sampler, for people
  /// Keys -> the complete run, checked. Paths are absolute already. Throws Error.
  std::function<nlohmann::json(const nlohmann::json& keys)> complete;
  /// Which of the keys of a complete run are files, for the content's key.
  std::function<std::vector<std::filesystem::path>(const nlohmann::json& run)> files;
  /// The model that the run needs; empty: none.
  std::function<std::string(const nlohmann::json& run)> model;
  std::function<std::unique_ptr<CellRunner>(const ModelPlace& place)> runner;
};

/// In the order of their ranks.
const std::vector<ComparedMedium>& compared_media();
/// What the build has listed, in the order of the files' names.
std::vector<ComparedMedium> listed_compared_media();
/// Throws SettingError naming those that there are.
const ComparedMedium& find_compared_medium(const std::string& name);

}  // namespace mgdm
