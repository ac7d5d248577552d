// run.json: what was asked, what really ran, what came of it. The only place that writes and reads it.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/runs/fall_back.h"
#include "core/runs/run.h"

namespace mgdm {

/// What a record says, of those that a program asks it for.
struct RunRecord {
  RunRequest request;  ///< complete: `--replay` does exactly this
  std::string preset;  ///< that the settings came from; "" = none
  std::string device, precision;
  int threads = 0;
  bool recompute = false;
  nlohmann::json files = nlohmann::json::object();  ///< "photo", "mask", "area", "size"
  /// Records from before version 0.2 hold the area in pixels of the observation.
  bool area_is_of_observation = false;
  nlohmann::json all;  ///< everything
};

/// `context` of a record beside the run itself.
struct RecordContext {
  nlohmann::json files = nlohmann::json::object();
  std::vector<FallBack> fall_backs;
  bool recompute = false;
};

/// The record of a finished run, without metrics.
nlohmann::json run_record(const Run& run, const RunResult& result, const RecordContext& context = {});

/// Throws MediaError naming `name` where it is no run file or a damaged one.
RunRecord parse_run_record(const nlohmann::json& json, const std::string& name);
RunRecord read_run_record(const std::filesystem::path& file);

/// Largest resident memory of this process so far, in bytes; 0 where unknown.
int64_t peak_memory_bytes();

}  // namespace mgdm
