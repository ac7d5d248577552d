// What is to be compared: a run and the axes along which it is varied, as one JSON file.
//
//   {"base": {"photo": "a.jpg", "task": "denoising", "prior": "photo", "samples": 2},
//    "axes": [{"key": "sampler", "values": ["mgdm", "dps", "ddrm"]},
//             {"key": "steps", "values": "25..100*2"},
//             {"key": "seed", "values": "1..8"},
//             {"name": "method", "values": [{"label": "MGDM, 4 repetitions", "sampler": "mgdm", "gibbs": 4},
//                                           {"label": "Non-local means", "classical": "nlm"}]}],
//    "skip": [{"sampler": "dps", "steps": 25}]}
//
// `base` and every value of an axis say keys of a cell: those of its medium (core/compare/medium.h: photo, mask, task,
// noise, sampler, seed...), "task.NAME" for a setting of the task, "prior.NAME" for one of the model, and any other
// name for a setting of the sampler. An axis has one `key` or, for values that are objects, a `name`. "A..B", "A..B+S"
// and "A..B*F" are ranges, ends included. `skip` is a list of rules; a cell that agrees with all keys of one is left
// out; "impossible": true leaves out what its sampler, task or model cannot do. "medium" (photo, song, toy) is told by
// the keys where it is not said. "keep": {"iterates": N} keeps so many iterates of each cell. Paths are relative to the
// file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/errors.h"

namespace mgdm {

struct AxisValue {
  std::string label;
  nlohmann::json keys;  ///< an object
  bool operator==(const AxisValue&) const = default;
};

struct Axis {
  std::string name;  ///< the key, or what the values have in common
  std::vector<AxisValue> values;
  bool operator==(const Axis&) const = default;
};

struct CompareSpec {
  std::string medium;
  nlohmann::json base = nlohmann::json::object();
  std::vector<Axis> axes;
  std::vector<nlohmann::json> skip;
  bool skip_impossible = false;
  int64_t iterates = 0;          ///< kept of each cell, evenly spread
  std::filesystem::path folder;  ///< that paths are relative to
};

/// Throws SettingError naming what is wrong with it.
CompareSpec parse_spec(const nlohmann::json& json, const std::filesystem::path& folder);
/// Throws MediaError, SettingError, each with the file's name.
CompareSpec read_spec(const std::filesystem::path& file);
/// The way back, with ranges written out and absolute paths.
nlohmann::json spec_json(const CompareSpec& spec);

/// The values that a text or a list means: ["a", 2], "1..8", "16..256*2", "a, b". Throws SettingError.
std::vector<nlohmann::json> axis_values(const nlohmann::json& json);

/// One combination of the axes' values.
struct Cell {
  size_t index = 0;        ///< in the order of the axes, the last one fastest, skipped ones not counted
  std::vector<size_t> at;  ///< the value of each axis
  std::string label;       ///< "dps, 50, 3"
  nlohmann::json keys;     ///< all of them, base and axes
  nlohmann::json run;      ///< complete and checked, as its medium makes it; null where `error`
  std::string key;         ///< `content_key` of `run`
  std::string error;       ///< why it cannot be run; empty: it can
  ErrorKind error_kind = ErrorKind::Usage;
};

/// The name of a cell's file: 20 hexadecimal digits, of what is run and of the bytes of the files that it reads.
std::string content_key(const std::string& medium, const nlohmann::json& run);

/// All cells that are not skipped, each checked as far as it can be without a model in memory. Throws SettingError
/// where there are none, or more than 100000.
std::vector<Cell> cells_of(const CompareSpec& spec);
/// Throws what is wrong with the first cell that cannot be run, if any.
void throw_first_error(const std::vector<Cell>& cells);

}  // namespace mgdm
