// The engine of comparisons: runs the cells of a spec that a folder does not hold yet.
#pragma once
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/compare/cell_store.h"
#include "core/compare/medium.h"
#include "core/compare/spec.h"

namespace mgdm {

/// Part `index` of `count`, counted from 1.
struct Shard {
  int64_t index = 1, count = 1;
};
/// "2/8". Throws SettingError.
Shard parse_shard(const std::string& text);

struct SweepOptions {
  Shard shard = {};
  ModelPlace place = {};
  bool again = false;         ///< cells that failed before are tried again
  bool figures_only = false;  ///< pictures and sound are shown to the observer, but not kept
  /// Which of the waiting cells is wanted next (the visible one); empty: by model, then cheap ones first.
  std::function<size_t(const std::vector<Cell>& waiting)> next = {};
};

/// All called on the sweep's thread; any may be empty.
struct SweepObserver {
  std::function<void(const Cell&)> begun;
  std::function<void(const Cell&, const CellIterate&)> iterate;
  std::function<void(const Cell&, const CellResult&)> finished;  ///< done or failed
  std::function<void(const std::string& model)> loading;
  std::function<void(const Cell&, const FallBack&)> notice;
  /// After each cell: seconds that the rest of the shard takes, about; below 0 while nothing is known of it.
  std::function<void(size_t done, size_t of, double seconds_left)> progress;
};

struct SweepReport {
  size_t done = 0, failed = 0, were_there = 0, others = 0;  ///< `others`: another process is on them
  bool stopped = false;
};

/// What a folder was last asked for. The cells are those of then, so that a folder opens on a machine without the
/// inputs.
struct Comparison {
  CompareSpec spec;
  std::vector<Cell> cells;
};
/// Throws MediaError where the folder holds none.
Comparison read_comparison(const std::filesystem::path& folder);
/// `sweep` does it itself.
void write_comparison(const std::filesystem::path& folder, const CompareSpec& spec, const std::vector<Cell>& cells);

/// Blocks. A cell that fails has its message in the store, the others go on. Throws MediaError where the store cannot
/// be written; nothing that was finished is lost.
SweepReport sweep(const std::vector<Cell>& cells, const CompareSpec& spec, const CellStore& store,
                  const SweepOptions& options, const SweepObserver& observer = {}, std::stop_token stop = {});

}  // namespace mgdm
