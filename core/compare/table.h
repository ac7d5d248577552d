// Tables of compared cells: a row a cell, or means over some of the axes with their spread, and differences to a
// reference cell paired over them.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/compare/cell_store.h"
#include "core/compare/spec.h"

namespace mgdm {

struct TableOptions {
  std::vector<std::string> over;  ///< axes whose values are put together; empty: none, a row a cell
  /// "AXIS=VALUE": the row that others are compared with, by the difference at the same place of all other axes.
  std::string against;
  std::vector<std::string> figures;  ///< empty: all that there are
};

struct Spread {
  double mean = 0, deviation = 0;  ///< standard deviation, n - 1; NaN with one
  int64_t count = 0;
};

struct TableRow {
  std::vector<std::string> names;  ///< of the axes that are left
  std::vector<size_t> cells;       ///< indices into the spec's cells
  std::vector<Spread> figures;
  std::vector<Spread> differences;  ///< to `against`, pair by pair; empty without
  std::string error;                ///< where none of them was finished: "failed: ...", "waiting"
};

struct CompareTable {
  std::vector<std::string> axes, figures;
  std::vector<TableRow> rows;
  std::vector<std::optional<size_t>> best;  ///< row, for each figure of quality
};

/// `results`: one for each cell, nullopt where it is not finished. Throws SettingError for an axis that there is not.
CompareTable make_table(const CompareSpec& spec, const std::vector<Cell>& cells,
                        const std::vector<std::optional<CellResult>>& results, const TableOptions& options = {});
std::string markdown(const CompareTable& table);
/// RFC 4180, with a header; full precision; NaN is empty.
std::string csv(const CompareTable& table);

/// Rows that no other beats in both: at most its effort, at least its quality. Ascending in effort.
std::vector<size_t> pareto_front(const CompareTable& table, const std::string& quality, const std::string& effort);

/// One HTML file with table, pictures (PNG, base64) and no script from elsewhere. `picture` gives a cell's PNG bytes;
/// empty: none.
std::string html_report(const CompareSpec& spec, const std::vector<Cell>& cells, const CompareTable& table,
                        const std::function<std::string(size_t cell)>& picture);

}  // namespace mgdm
